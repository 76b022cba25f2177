package render

import (
	"net/url"
	"strings"

	"portico/internal/deal"
	"portico/internal/media"
)

// Policy is the content security policy of every page of a site, without
// frame-ancestors, which a page's own meta element cannot set. It is the same
// for every deal, so that it does not tell what a deal uses.
func Policy(site *deal.Site) string {
	frames := []string{"'self'", "blob:"}
	for _, host := range media.FrameHosts(site.EmbedHosts) {
		frames = append(frames, "https://"+host)
	}
	connect := "'self'"
	if u, err := url.Parse(site.Beacon.URL); err == nil && u.Host != "" && u.Host != hostOf(site.BaseURL) {
		connect += " " + u.Scheme + "://" + u.Host
	}
	return strings.Join([]string{
		"default-src 'none'",
		"script-src 'self'",
		"style-src 'self'",
		"font-src 'self'",
		"img-src 'self' blob:",
		"media-src 'self' blob:",
		"frame-src " + strings.Join(frames, " "),
		"connect-src " + connect,
		"worker-src 'self'",
		"base-uri 'none'",
		"form-action 'none'",
		"require-trusted-types-for 'script'",
		"trusted-types portico",
	}, "; ")
}

// Headers are what a host should send with every page; the policy's
// frame-ancestors works only there.
func Headers(site *deal.Site) map[string]string { return headers(Policy(site)) }

// unframed is the part of a policy that lets nobody show a page in a frame.
const unframed = "; frame-ancestors 'none'"

func headers(policy string) map[string]string {
	return map[string]string{
		"Content-Security-Policy":    policy + unframed,
		"Referrer-Policy":            "no-referrer",
		"X-Robots-Tag":               "noindex, nofollow",
		"Cross-Origin-Opener-Policy": "same-origin",
		"X-Content-Type-Options":     "nosniff",
	}
}

// reportTo is the collector's address for a page: its path alone where it has
// the portal's host, so that it holds wherever the site is tried out.
func reportTo(site *deal.Site, address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host != hostOf(site.BaseURL) {
		return address
	}
	return u.EscapedPath()
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
