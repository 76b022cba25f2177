package media

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// SafeSVG refuses a drawing that could do something: run a script, load from
// elsewhere, hold HTML. A picture of a plan needs none of it, and one that is
// opened by itself would run in the portal's own origin. The error says what
// was found.
func SafeSVG(data []byte) error {
	d := xml.NewDecoder(bytes.NewReader(data))
	root := true
	var style []byte // what a <style> holds, which comments may cut into pieces
	inStyle := false
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
			// Entities hide what they stand for, and attributes can have values
			// that no element shows.
			if bytes.IndexByte(t, '[') >= 0 {
				return errors.New("its DOCTYPE defines entities or attributes")
			}
		case xml.ProcInst:
			if t.Target != "xml" {
				return fmt.Errorf("it holds the instruction %q", cut(t.Target))
			}
		case xml.StartElement:
			if root && !strings.EqualFold(t.Name.Local, "svg") {
				return fmt.Errorf("it begins with <%s>, not <svg>", cut(t.Name.Local))
			}
			if inStyle {
				return fmt.Errorf("its style holds <%s>", cut(t.Name.Local))
			}
			root = false
			if err := safeElement(t); err != nil {
				return err
			}
			style, inStyle = style[:0], strings.EqualFold(t.Name.Local, "style")
		case xml.CharData:
			if inStyle {
				style = append(style, t...)
			}
		case xml.EndElement:
			if inStyle && unsafeCSS(string(style)) {
				return errors.New("its style loads from elsewhere")
			}
			inStyle = false
		}
	}
}

func safeElement(e xml.StartElement) error {
	name := strings.ToLower(e.Name.Local)
	switch e.Name.Space {
	case "http://www.w3.org/1999/xhtml", "http://www.w3.org/1998/Math/MathML":
		return fmt.Errorf("it holds <%s>", cut(e.Name.Local))
	}
	switch name {
	case "script", "foreignobject", "iframe", "embed", "object", "handler", "listener", "audio", "video":
		return fmt.Errorf("it holds <%s>", cut(e.Name.Local))
	}
	// Animations can change an address after it was looked at.
	if (strings.HasPrefix(name, "animate") || name == "set") && animatesAddress(e) {
		return fmt.Errorf("it holds <%s>", cut(e.Name.Local))
	}
	for _, a := range e.Attr {
		key := strings.ToLower(a.Name.Local)
		value := squeeze(a.Value)
		switch {
		case strings.HasPrefix(key, "on"):
			return fmt.Errorf("it has the event handler %q", cut(a.Name.Local))
		case key == "base" || key == "ping":
			return fmt.Errorf("it has the attribute %q", cut(a.Name.Local))
		case (key == "href" || key == "src") && name == "a":
			if !strings.HasPrefix(value, "http://") && !strings.HasPrefix(value, "https://") && !strings.HasPrefix(value, "#") {
				return fmt.Errorf("it links to %q", cut(a.Value))
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
			v := squeeze(a.Value)
			if strings.Contains(v, "href") || strings.HasPrefix(v, "on") {
				return true
			}
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
	s = squeeze(unescapeCSS(s))
	for _, part := range []string{"@import", "javascript:", "expression(", "image(", "image-set(", "cross-fade(", "src("} {
		if strings.Contains(s, part) {
			return true
		}
	}
	for {
		_, rest, found := strings.Cut(s, "url(")
		if !found {
			return false
		}
		target := rest
		if target != "" && (target[0] == '"' || target[0] == '\'') {
			target = target[1:]
		}
		if !strings.HasPrefix(target, "#") && !isPictureData(target) {
			return true
		}
		s = rest
	}
}

// unescapeCSS puts the characters that a style means for its escapes, with
// which "url" can be written as "\75rl".
func unescapeCSS(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		n := 0
		for n < 6 && i+1+n < len(s) && strings.IndexByte("0123456789abcdefABCDEF", s[i+1+n]) >= 0 {
			n++
		}
		if code, err := strconv.ParseUint(s[i+1:i+1+n], 16, 32); err == nil {
			b.WriteRune(rune(code))
		}
		i += n // a character that is no digit stands for itself
	}
	return b.String()
}

// squeeze takes out what XML and CSS hold to be space, and capitals.
func squeeze(s string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\n\r\f", r) {
			return -1
		}
		return r
	}, s))
}

func cut(s string) string {
	if len(s) > 60 {
		return strings.ToValidUTF8(s[:60], "") + "…"
	}
	return s
}
