package media

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// SafeSVG refuses a drawing that could do something: run a script, load from
// elsewhere, hold HTML. A picture of a plan needs none of it, and one that is
// opened by itself would run in the portal's own origin. The error says what
// was found.
func SafeSVG(data []byte) error {
	d := xml.NewDecoder(bytes.NewReader(data))
	d.Strict = true
	d.Entity = xml.HTMLEntity
	root := true
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			if root {
				return errors.New("the file holds no drawing")
			}
			return nil
		}
		if err != nil {
			return fmt.Errorf("the file is no SVG: %w", err)
		}
		switch t := token.(type) {
		case xml.Directive:
			if bytes.Contains(bytes.ToUpper(t), []byte("ENTITY")) {
				return errors.New("it defines entities")
			}
		case xml.ProcInst:
			if t.Target != "xml" {
				return fmt.Errorf("it holds the instruction %q", t.Target)
			}
		case xml.StartElement:
			if root && !strings.EqualFold(t.Name.Local, "svg") {
				return fmt.Errorf("it begins with <%s>, not <svg>", t.Name.Local)
			}
			root = false
			if err := safeElement(t); err != nil {
				return err
			}
		case xml.CharData:
			if unsafeCSS(string(t)) {
				return errors.New("its style loads from elsewhere")
			}
		}
	}
}

func safeElement(e xml.StartElement) error {
	name := strings.ToLower(e.Name.Local)
	switch name {
	case "script", "foreignobject", "iframe", "embed", "object", "handler", "listener", "audio", "video", "animate", "set", "animatetransform", "animatemotion":
		// Animations can change an address after it was looked at.
		if !strings.HasPrefix(name, "animate") && name != "set" || animatesAddress(e) {
			return fmt.Errorf("it holds <%s>", e.Name.Local)
		}
	}
	for _, a := range e.Attr {
		key := strings.ToLower(a.Name.Local)
		value := strings.ToLower(strings.Join(strings.Fields(a.Value), ""))
		switch {
		case strings.HasPrefix(key, "on"):
			return fmt.Errorf("it has the event handler %q", a.Name.Local)
		case (key == "href" || key == "src") && name == "a":
			if !strings.HasPrefix(value, "http://") && !strings.HasPrefix(value, "https://") && !strings.HasPrefix(value, "#") {
				return fmt.Errorf("it links to %q", a.Value)
			}
		case key == "href" || key == "src":
			if !strings.HasPrefix(value, "#") && !isPictureData(value) {
				return fmt.Errorf("it loads %q", cut(a.Value))
			}
		case unsafeCSS(a.Value):
			return errors.New("its style loads from elsewhere")
		}
	}
	return nil
}

func animatesAddress(e xml.StartElement) bool {
	for _, a := range e.Attr {
		if strings.EqualFold(a.Name.Local, "attributeName") {
			v := strings.ToLower(a.Value)
			return strings.Contains(v, "href") || strings.HasPrefix(v, "on")
		}
	}
	return false
}

// isPictureData allows a pixel picture within a drawing.
func isPictureData(value string) bool {
	for _, kind := range []string{"png", "jpeg", "jpg", "gif", "webp"} {
		if strings.HasPrefix(value, "data:image/"+kind+";base64,") {
			return true
		}
	}
	return false
}

// unsafeCSS says whether a style names anything but the drawing's own parts.
func unsafeCSS(s string) bool {
	s = strings.ToLower(strings.Join(strings.Fields(s), ""))
	if strings.Contains(s, "@import") || strings.Contains(s, `\`) && strings.Contains(s, "(") || strings.Contains(s, "javascript:") || strings.Contains(s, "expression(") {
		return true
	}
	for {
		_, rest, found := strings.Cut(s, "url(")
		if !found {
			return false
		}
		if target := strings.TrimLeft(rest, `"'`); !strings.HasPrefix(target, "#") && !isPictureData(target) {
			return true
		}
		s = rest
	}
}

func cut(s string) string {
	if len(s) > 60 {
		return s[:60] + "…"
	}
	return s
}
