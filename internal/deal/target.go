package deal

import (
	"net/url"
	"path"
	"strings"
)

// Target is where a link or an embed in Markdown leads.
type Target struct {
	Kind TargetKind
	// URL of a ToAddress.
	URL string
	// Name of the page or milestone, or the note's day as written.
	Name string
	// File of a ToFile.
	File File
	// Fragment is what stood behind "#", without it.
	Fragment string
}

// TargetKind says what a Target is.
type TargetKind uint8

const (
	ToAddress   TargetKind = iota // http, https, mailto, tel
	ToAnchor                      // within the same text, or a milestone, event or section
	ToPlan                        // the deal's first page
	ToPage                        // pages/<name>.md
	ToMilestone                   // milestones/<id>.md
	ToNote                        // notes/<date>.md
	ToFile
)

// ParseTarget reads the destination of a link or an embed. A path is read from
// the file's own folder (scope.Dir), or, where it starts with one of a deal's
// folders, from the deal.
func ParseTarget(text string, scope Scope) (Target, *PathError) {
	if strings.HasPrefix(text, "#") {
		return Target{Kind: ToAnchor, Fragment: unescape(text[1:])}, nil
	}
	if scheme := schemeOf(text); scheme != "" && scheme+":" != LibraryPrefix {
		return address(text, scheme)
	}
	if strings.HasPrefix(text, "//") || strings.HasPrefix(text, `\\`) || strings.HasPrefix(text, `/\`) {
		return Target{}, &PathError{"unsafe-address", "the address has no scheme", "write https:// before it"}
	}
	p, fragment, _ := strings.Cut(text, "#")
	fragment = unescape(fragment)
	decoded, err := url.PathUnescape(p)
	if err != nil {
		decoded = p // a "%" that escapes nothing stands for itself
	}
	if scope.Root == InDeal && !strings.HasPrefix(p, LibraryPrefix) && !strings.HasPrefix(decoded, "/") {
		if t, ok := written(decoded, scope.Dir); ok {
			t.Fragment = fragment
			return t, nil
		}
		if fromDeal(decoded) {
			scope.Dir = "."
		}
	}
	file, bad := ParsePath(decoded, scope)
	return Target{Kind: ToFile, File: file, Fragment: fragment}, bad
}

// fromDeal says whether a path begins at the deal's folder wherever it stands:
// "collateral/deck.pdf" in pages/security.md.
func fromDeal(p string) bool { return strings.HasPrefix(p, "collateral/") }

// written recognises a link to what the plan is written in, which leads to the
// part of the site that is made from it.
func written(p, dir string) (Target, bool) {
	for _, clean := range []string{path.Join(dir, p), path.Clean(p)} {
		folder, name := path.Split(clean)
		base, isText := strings.CutSuffix(name, ".md")
		switch {
		case clean == "index.md" || clean == "deal.toml":
			return Target{Kind: ToPlan}, true
		case !isText || strings.HasPrefix(name, "."): // "...md" names no page ".."
		case folder == "pages/":
			return Target{Kind: ToPage, Name: base}, true
		case folder == "milestones/":
			return Target{Kind: ToMilestone, Name: base}, true
		case folder == "notes/":
			return Target{Kind: ToNote, Name: base}, true
		}
	}
	return Target{}, false
}

// schemeOf is what stands before the first colon of an address, in lower case,
// as a browser would see it: it drops control characters and leading blanks
// first.
func schemeOf(text string) string {
	if strings.HasPrefix(text, "https://") {
		return "https"
	}
	text = strings.Map(func(r rune) rune {
		if r <= 0x20 || r == 0x7f {
			return -1
		}
		return r
	}, text)
	scheme, _, found := strings.Cut(text, ":")
	if !found || scheme == "" || strings.ContainsAny(scheme, `/?#\`) {
		return ""
	}
	return strings.ToLower(scheme)
}

// SafeAddress says whether a browser may be sent to an address: one of http,
// https, mailto or tel. ParseTarget says more of those that it refuses.
func SafeAddress(text string) bool {
	switch schemeOf(text) {
	case "http", "https", "mailto", "tel":
		return !strings.ContainsFunc(text, func(r rune) bool { return r <= 0x20 || r == 0x7f })
	}
	return false
}

func address(text, scheme string) (Target, *PathError) {
	bad := func(says, hint string) (Target, *PathError) {
		return Target{}, &PathError{"unsafe-address", says, hint}
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r <= 0x20 || r == 0x7f }) {
		return bad("the address has a blank or a control character", "write %20 for a blank")
	}
	switch scheme {
	case "http", "https":
		if err := WebAddress(text); err != nil {
			return Target{}, err
		}
	case "mailto", "tel":
	default:
		return bad("addresses that begin with "+scheme+": are not let through", "link to https, http, mailto or tel, or name a file")
	}
	return Target{Kind: ToAddress, URL: text}, nil
}

// WebAddress says what is wrong with an http or https address, or nil.
func WebAddress(text string) *PathError {
	bad := func(says, hint string) *PathError { return &PathError{"bad-address", says, hint} }
	u, err := url.Parse(text)
	switch {
	case err != nil || strings.ContainsFunc(text, func(r rune) bool { return r <= 0x20 || r == 0x7f }):
		return bad("this is no web address", "write it in full, as a browser shows it: https://example.com/page")
	case u.Scheme != "http" && u.Scheme != "https":
		return bad("this is no web address", "write it in full, with https://")
	case u.Host == "" || strings.Contains(u.Host, `\`):
		return bad("the address names no host", "write it in full, as a browser shows it: https://example.com/page")
	case u.User != nil:
		return bad("the address holds a user name", "leave out what stands before the @")
	}
	return nil
}

func unescape(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}
