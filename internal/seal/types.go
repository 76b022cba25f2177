package seal

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	pageType = "text/html"
	// download is the type of every file that no browser shall show.
	download = "application/octet-stream"
	svgType  = "image/svg+xml"
)

// fileType is the type under which a page gets a file: its own where showing it
// can run nothing in the portal's origin.
func fileType(mime string) string {
	switch mime {
	case "application/pdf",
		"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", svgType,
		"audio/mpeg", "audio/mp4", "audio/ogg", "video/mp4", "video/webm",
		"text/csv", "text/plain":
		return mime
	}
	return download
}

// deflates says whether content of a type is compressed before it is sealed.
func deflates(mime string) bool { return strings.HasPrefix(mime, "text/") || mime == svgType }

// validPath keeps a manifest's names from meaning anything to a disk, an
// address or a reader but a file of the deal.
func validPath(p string) bool {
	if !plainText(p) || strings.ContainsAny(p, `\:`) {
		return false
	}
	return !slices.ContainsFunc(strings.Split(p, "/"), func(s string) bool { return s == "" || s == "." || s == ".." })
}

// validPlace is the id of an element.
func validPlace(at string) bool {
	return at != "" && plainText(at) && !strings.ContainsFunc(at, unicode.IsSpace)
}

func plainText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
	})
}

// passive refuses a drawing that could run something.
func passive(content io.Reader) error {
	for d := xml.NewDecoder(content); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the drawing cannot be read: %w", err)
		}
		switch t := token.(type) {
		case xml.Directive:
			if bytes.ContainsRune(t, '[') {
				return errors.New("the drawing defines entities")
			}
		case xml.StartElement:
			if err := passiveElement(t); err != nil {
				return err
			}
		}
	}
}

func passiveElement(e xml.StartElement) error {
	if name := strings.ToLower(e.Name.Local); name == "script" || name == "foreignobject" {
		return fmt.Errorf("the drawing holds <%s>", name)
	}
	for _, a := range e.Attr {
		if strings.HasPrefix(strings.ToLower(a.Name.Local), "on") {
			return fmt.Errorf("the drawing has the event handler %q", a.Name.Local)
		}
	}
	return nil
}
