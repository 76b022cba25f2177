// Package media knows the files that go with a deal: what type each is, which
// may be shown from the portal's own origin, whose players may be framed, and
// how a table is read. It opens nothing itself.
package media

import (
	"path"
	"strings"
)

// Kind is how a page shows a file.
type Kind string

const (
	Image    Kind = "image"
	Document Kind = "document" // PDF: the browser's own viewer
	Video    Kind = "video"
	Audio    Kind = "audio"
	Table    Kind = "table" // CSV
	Text     Kind = "text"  // Markdown, shown as a page
	Other    Kind = "other" // a download
)

// Type of a file by its ending.
type Type struct {
	Kind Kind
	// MIME is the media type under which a host serves it.
	MIME string
	// Label is what a reader calls it: "PDF".
	Label string
	// Passive files can run nothing in the portal's origin. Others are
	// published under a name that every host serves as a plain download.
	Passive bool
}

// TypeOf a file's name.
func TypeOf(name string) Type {
	ext := strings.ToLower(path.Ext(name))
	label := strings.ToUpper(strings.TrimPrefix(ext, "."))
	passive := func(kind Kind, mime string) Type { return Type{kind, mime, label, true} }
	switch ext {
	case ".pdf":
		return passive(Document, "application/pdf")
	case ".png":
		return passive(Image, "image/png")
	case ".jpg", ".jpeg":
		return passive(Image, "image/jpeg")
	case ".gif":
		return passive(Image, "image/gif")
	case ".webp":
		return passive(Image, "image/webp")
	case ".avif":
		return passive(Image, "image/avif")
	case ".svg":
		return passive(Image, "image/svg+xml") // SafeSVG refuses active ones
	case ".mp4", ".m4v":
		return passive(Video, "video/mp4")
	case ".webm":
		return passive(Video, "video/webm")
	case ".mp3":
		return passive(Audio, "audio/mpeg")
	case ".m4a":
		return passive(Audio, "audio/mp4")
	case ".ogg", ".oga":
		return passive(Audio, "audio/ogg")
	case ".csv":
		return passive(Table, "text/csv")
	case ".md", ".markdown":
		return passive(Text, "text/markdown")
	case ".txt":
		return passive(Other, "text/plain")
	case ".vtt":
		return passive(Other, "text/vtt")
	case ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".doc", ".xls", ".ppt", ".zip", ".ics", ".vcf", ".key", ".pages", ".numbers", ".eps", ".rtf":
		return passive(Other, "application/octet-stream")
	}
	return Type{Kind: Other, MIME: "application/octet-stream", Label: label}
}

// PublishedName of a file. One that a browser might run (HTML, XML, scripts)
// gets an ending that every host serves as a download; the page gives it back
// its own name when it is saved. So does one with such an ending further in, which
// some servers go by: where they don't know the last, or if they run it.
func PublishedName(name string) string {
	t := TypeOf(name)
	passive := t.Passive
	parts := strings.Split(strings.ToLower(path.Base(name)), ".")
	for i := 1; i < len(parts)-1; i++ {
		if runs(parts[i]) || t.Kind == Other && shows(parts[i]) {
			passive = false
		}
	}
	if passive {
		return name
	}
	return name + ".bin"
}

// runs says whether some server runs a file of this ending.
func runs(ending string) bool {
	switch ending {
	case "php", "php3", "php4", "php5", "php7", "phtml", "phar", "asp", "aspx", "jsp", "cgi", "pl", "py", "rb", "sh", "shtml", "shtm":
		return true
	}
	return false
}

// shows says whether a browser obeys what a file of this ending holds.
func shows(ending string) bool {
	switch ending {
	case "html", "htm", "xhtml", "xht", "mht", "mhtml", "xml", "xsl", "xslt", "svg", "svgz", "js", "mjs", "cjs":
		return true
	}
	return false
}
