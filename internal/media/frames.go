package media

import (
	"net/url"
	"path"
	"slices"
	"strings"
)

// Frame is somebody else's player or document, shown after a click.
type Frame struct {
	// URL to load into the frame.
	URL string
	// Provider is whom the browser will contact, for the button.
	Provider string
	// Host of the URL.
	Host string
}

// provider of frames that every site may use.
type provider struct {
	name  string
	hosts []string // of addresses that people copy
	host  string   // that the frame loads from
	embed func(u *url.URL) string
}

func providers() []provider {
	return []provider{
		{"YouTube", []string{"www.youtube.com", "youtube.com", "m.youtube.com", "youtu.be", "www.youtube-nocookie.com"}, "www.youtube-nocookie.com", youtube},
		{"Vimeo", []string{"vimeo.com", "www.vimeo.com", "player.vimeo.com"}, "player.vimeo.com", vimeo},
		{"Loom", []string{"www.loom.com", "loom.com"}, "www.loom.com", loom},
		{"Wistia", []string{"wistia.com", "*.wistia.com", "fast.wistia.net"}, "fast.wistia.net", wistia},
		{"Google Slides", []string{"docs.google.com"}, "docs.google.com", slides},
		{"Figma", []string{"www.figma.com", "figma.com", "embed.figma.com"}, "embed.figma.com", figma},
		{"Calendly", []string{"calendly.com", "www.calendly.com"}, "calendly.com", calendly},
	}
}

// FrameHosts are the hosts that a page may frame: the built-in ones and the
// site's own. The list is the same for every deal of a site, so that it does
// not tell what a deal uses.
func FrameHosts(more []string) []string {
	var hosts []string
	for _, p := range providers() {
		hosts = append(hosts, p.host)
	}
	for _, h := range more {
		if !slices.Contains(hosts, h) {
			hosts = append(hosts, h)
		}
	}
	slices.Sort(hosts)
	return hosts
}

// FrameOf an address that a person copied out of a browser, where it can be
// framed: one with a name and password or a port is not such an address. more
// are the site's own hosts.
func FrameOf(address string, more []string) (Frame, bool) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return Frame{}, false
	}
	host := strings.ToLower(u.Hostname())
	if u.User != nil || host != strings.ToLower(u.Host) {
		return Frame{}, false
	}
	u.Scheme, u.Host = "https", host
	for _, p := range providers() {
		if !matches(host, p.hosts) {
			continue
		}
		if to := p.embed(u); to != "" {
			return Frame{URL: to, Provider: p.name, Host: p.host}, true
		}
		return Frame{}, false
	}
	if matches(host, more) {
		return Frame{URL: u.String(), Provider: host, Host: host}, true
	}
	return Frame{}, false
}

func matches(host string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		suffix, wild := strings.CutPrefix(p, "*")
		return host == p || wild && strings.HasSuffix(host, suffix) && len(host) > len(suffix)
	})
}

// id keeps an identifier only if it is made of what identifiers are made of.
func id(s string) string {
	if s == "" || strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != "" {
		return ""
	}
	return s
}

// after is the part of a path behind one of the given folders.
func after(p string, folders ...string) string {
	parts := strings.Split(strings.Trim(path.Clean(p), "/"), "/")
	for i := 0; i+1 < len(parts); i++ {
		if slices.Contains(folders, parts[i]) {
			return id(parts[i+1])
		}
	}
	return ""
}

func join(base, id, rest string) string {
	if id == "" {
		return ""
	}
	return base + id + rest
}

func youtube(u *url.URL) string {
	v := id(u.Query().Get("v"))
	switch {
	case v != "":
	case strings.EqualFold(u.Hostname(), "youtu.be"):
		v = id(strings.Trim(u.Path, "/"))
	default:
		v = after(u.Path, "embed", "shorts", "live")
	}
	return join("https://www.youtube-nocookie.com/embed/", v, "?rel=0")
}

func vimeo(u *url.URL) string {
	parts := strings.Split(strings.Trim(strings.TrimPrefix(u.Path, "/video"), "/"), "/")
	number := id(parts[0])
	if strings.Trim(number, "0123456789") != "" {
		return ""
	}
	secret := id(u.Query().Get("h"))
	if secret == "" && len(parts) > 1 {
		secret = id(parts[1])
	}
	if secret != "" {
		return join("https://player.vimeo.com/video/", number, "?dnt=1&h="+secret)
	}
	return join("https://player.vimeo.com/video/", number, "?dnt=1")
}

func loom(u *url.URL) string {
	return join("https://www.loom.com/embed/", after(u.Path, "share", "embed"), "")
}

func wistia(u *url.URL) string {
	return join("https://fast.wistia.net/embed/iframe/", after(u.Path, "medias", "iframe"), "?doNotTrack=true")
}

func slides(u *url.URL) string {
	if !strings.HasPrefix(u.Path, "/presentation/") {
		return ""
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	for i := 1; i+1 < len(parts); i++ {
		if parts[i] != "d" {
			continue
		}
		if parts[i+1] == "e" && i+2 < len(parts) { // published to the web
			return join("https://docs.google.com/presentation/d/e/", id(parts[i+2]), "/embed")
		}
		return join("https://docs.google.com/presentation/d/", id(parts[i+1]), "/embed")
	}
	return ""
}

func figma(u *url.URL) string {
	for _, kind := range []string{"design", "file", "proto", "board", "slides", "deck"} {
		if file := after(u.Path, kind); file != "" {
			node := ""
			if n := id(u.Query().Get("node-id")); n != "" {
				node = "&node-id=" + n
			}
			return "https://embed.figma.com/" + kind + "/" + file + "?embed-host=portico" + node
		}
	}
	return ""
}

func calendly(u *url.URL) string {
	p := path.Clean("/" + u.Path)
	if p == "/" || strings.Trim(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-/.") != "" {
		return ""
	}
	return "https://calendly.com" + p + "?hide_gdpr_banner=1"
}
