package render

import (
	"fmt"
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
		return template.URL(m.siteRoot + escapePath(m.look.Files[f.Path].Path)) // a path of our own
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

// picture is an image with its size, so that a page keeps room for it.
func (m *pageMaker) picture(f deal.File, alt string) *Picture {
	if media.TypeOf(f.Path).Kind != media.Image {
		return nil
	}
	img := m.image(f)
	return &Picture{Src: m.fileURL(f), Alt: alt, Width: img.Width, Height: img.Height}
}

func (m *pageMaker) image(f deal.File) Image {
	if f.Root == deal.InAssets {
		return m.look.Files[f.Path]
	}
	return m.in.Image(f)
}

// small is a picture of at least so many pixels across, for where it is shown
// no larger than that.
func (m *pageMaker) small(f deal.File, width int) *Picture {
	p := m.picture(f, "")
	if p == nil {
		return nil
	}
	for _, s := range m.image(f).Scaled {
		if s.Width >= width {
			p.Src, p.Width, p.Height = m.imageURL(f, s), s.Width, s.Height
			break
		}
	}
	return p
}

// imageURL is where one of a file's smaller pictures lies.
func (m *pageMaker) imageURL(f deal.File, img Image) template.URL {
	root := m.root
	if f.Root == deal.InAssets {
		root = m.siteRoot
	}
	return template.URL(root + escapePath(img.Path)) // a path of our own
}

// srcset lists a picture's smaller ones and itself for a browser to choose.
func (m *pageMaker) srcset(f deal.File) template.Srcset {
	img := m.image(f)
	if len(img.Scaled) == 0 {
		return ""
	}
	var b strings.Builder
	for _, s := range img.Scaled {
		fmt.Fprintf(&b, "%s %dw, ", m.imageURL(f, s), s.Width)
	}
	fmt.Fprintf(&b, "%s %dw", m.fileURL(f), img.Width)
	return template.Srcset(b.String()) // paths of our own, escaped
}
