package render

import (
	"html/template"
	"net/url"
	"strings"

	"portico/internal/deal"
	"portico/internal/media"
)

// safeLink is an address as a link, or "" for one of a scheme that is not let
// through. The check before a build has reported it; this is the second lock.
func safeLink(address string) template.URL {
	if !deal.SafeAddress(address) {
		return ""
	}
	return template.URL(address) // just checked
}

// FilePath is where a file lies within its deal's folder.
func FilePath(f deal.File) string {
	p := media.PublishedName(f.Path)
	if f.Root == deal.InLibrary {
		return "library/" + p
	}
	return p
}

// TextPath is where the page of a Markdown file lies in its deal's folder.
func TextPath(f deal.File) string {
	return strings.TrimSuffix(FilePath(f), f.Ext()) + ".html"
}

// PagePath is where a further page lies in its deal's folder.
func PagePath(name string) string { return "pages/" + name + ".html" }

func (m *pageMaker) fileURL(f deal.File) template.URL { return m.fileURLAt(f, "") }

func (m *pageMaker) fileURLAt(f deal.File, name string) template.URL {
	if f.Root == deal.InAssets {
		return template.URL(m.siteRoot + escapePath(m.look.Files[f.Path])) // a path of our own
	}
	if onDisk := m.onDisk[f]; onDisk != "" {
		f.Path = onDisk
	}
	if media.TypeOf(f.Path).Kind == media.Text {
		return template.URL(m.root + escapePath(TextPath(f)) + fragment("h.", name)) // escaped
	}
	frag := ""
	if name != "" {
		frag = "#" + escapeFragment(name)
	}
	return template.URL(m.root + escapePath(FilePath(f)) + frag) // escaped
}

// escapePath encodes each name of a path. A colon in the first would make a
// scheme of it; paths have none.
func escapePath(p string) string {
	parts := strings.Split(p, "/")
	for i, part := range parts {
		parts[i] = url.PathEscape(part)
	}
	return strings.Join(parts, "/")
}

// escapeFragment encodes a fragment; letters of any script stay readable.
func escapeFragment(s string) string {
	return strings.NewReplacer("%", "%25", " ", "%20", `"`, "%22", "<", "%3C", ">", "%3E", "`", "%60", "'", "%27").Replace(s)
}

func (m *pageMaker) picture(f deal.File, alt string) *Picture {
	if media.TypeOf(f.Path).Kind != media.Image {
		return nil
	}
	return &Picture{Src: m.fileURL(f), Alt: alt}
}
