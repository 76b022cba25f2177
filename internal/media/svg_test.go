package media

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"portico/internal/need"
)

// drawing around a part of one.
func drawing(part string) string {
	return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">` + part + `</svg>`
}

const pixel = "data:image/png;base64,iVBORw0KGgo="

func TestSafeSVG(t *testing.T) {
	tests := map[string]string{
		"shapes":             drawing(`<g transform="rotate(3)"><path d="M0 0L1 1" fill="url(#g)"/><circle r="1"/></g>`),
		"an outline":         `<?xml version="1.0" encoding="UTF-8"?><!-- made by hand --><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">` + drawing(""),
		"a byte order mark":  "\ufeff" + drawing(""),
		"nested drawings":    drawing(`<svg><svg viewBox="0 0 1 1"/></svg>`),
		"words about styles": drawing(`<text>@import url(https://x.example) is \a way (javascript: too) of expression(1)</text><title>url(x)</title>`),
		"use of a part":      drawing(`<defs><g id="a"/></defs><use href="#a"/><use xlink:href=" #a "/>`),
		"a pixel picture":    drawing(`<image href="` + pixel + `"/><image xlink:href="data:image/jpeg;base64,` + "\n" + `/9j/"/>`),
		"links":              drawing(`<a href="https://fern.example/x?a=1#b"><text>x</text></a><a xlink:href="#top"/>`),
		"animation":          drawing(`<circle><animate attributeName="r" from="1" to="2"/><set attributeName="fill" to="red"/><animateTransform attributeName="transform" type="rotate"/><animateMotion path="M0 0"/></circle>`),
		"a style":            drawing(`<style>.a{fill:url(#g);mask:url("#m");background:url('` + pixel + `')} .b\:c::after{content:"\2014";transform:scale(2)}</style><g style="fill: url( #g )"/>`),
		"a style in CDATA":   drawing(`<style><![CDATA[ .a > .b { fill: red } ]]></style>`),
		"an editor's notes":  drawing(`<metadata xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:cc="http://creativecommons.org/ns#"><rdf:RDF><cc:Work rdf:about=""><cc:license rdf:resource="https://x.example"/></cc:Work></rdf:RDF></metadata><g xmlns:i="urn:i" i:export="C:\Users\me (2)\x.png"/>`),
		"characters":         drawing(`<text>&lt;script&gt; &#106; &amp; größe 日本</text>`),
	}
	for name, data := range tests {
		t.Run(name, func(t *testing.T) {
			if err := SafeSVG([]byte(data)); err != nil {
				t.Errorf("it is refused: %v", err)
			}
		})
	}
}

// The drawings of this repository are all safe.
func TestSafeSVGOfOurs(t *testing.T) {
	n := 0
	for _, dir := range []string{"assets", "content", "docs"} {
		err := filepath.WalkDir(filepath.Join(need.Root(t), dir), func(name string, _ os.DirEntry, err error) error {
			if err != nil || filepath.Ext(name) != ".svg" {
				return err
			}
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			n++
			if err := SafeSVG(data); err != nil {
				t.Errorf("%s is refused: %v", name, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n < 5 {
		t.Errorf("there are %d drawings only", n)
	}
}

func utf16le(s string) string {
	out := "\xff\xfe"
	for _, r := range s {
		out += string([]byte{byte(r), byte(r >> 8)})
	}
	return out
}

// Each trick is refused, with what it is.
func TestSafeSVGRefuses(t *testing.T) {
	const loads, style = "it loads", "its style loads from elsewhere"
	tests := []struct{ name, data, says string }{
		{"nothing", "", "no drawing"},
		{"a comment", "<!-- -->", "no drawing"},
		{"text", "hello", "no drawing"},
		{"a page", "<html><body/></html>", "begins with <html>"},
		{"a page in capitals", "<HTML/>", "begins with <HTML>"},
		{"no XML", "<svg><g></svg>", "is no SVG"},
		{"cut off", "<svg><g>", "is no SVG"},
		{"a picture", "\x89PNG\r\n\x1a\n\x00", "is no SVG"},
		{"UTF-16", utf16le(drawing("")), "is no SVG"},
		{"UTF-7", `<?xml version="1.0" encoding="UTF-7"?>` + drawing("+ADw-script+AD4-"), "is no SVG"},
		{"Latin 1", `<?xml version="1.0" encoding="ISO-8859-1"?>` + drawing("\xe9"), "is no SVG"},
		{"bytes that are no text", drawing("\xff"), "is no SVG"},
		{"HTML's entities", drawing("&nbsp;"), "is no SVG"},

		{"a script", drawing(`<script>alert(1)</script>`), "holds <script>"},
		{"a script in capitals", drawing(`<SCRIPT/>`), "holds <SCRIPT>"},
		{"a script with a prefix", drawing(`<x:script xmlns:x="http://www.w3.org/2000/svg">1</x:script>`), "holds <script>"},
		{"a script of nobody's", drawing(`<x:script>1</x:script>`), "holds <script>"},
		{"a script after the drawing", drawing("") + `<script xmlns="http://www.w3.org/2000/svg"/>`, "holds <script>"},
		{"a script in a drawing in a drawing", drawing(`<svg><svg><script/></svg></svg>`), "holds <script>"},
		{"a script by address", drawing(`<script href="#x"/>`), "holds <script>"},
		{"a script of HTML", drawing(`<h:script xmlns:h="http://www.w3.org/1999/xhtml"/>`), "holds <script>"},
		{"foreign content", drawing(`<foreignObject><p/></foreignObject>`), "holds <foreignObject>"},
		{"a frame", drawing(`<iframe/>`), "holds <iframe>"},
		{"a form of HTML", drawing(`<h:form xmlns:h="http://www.w3.org/1999/xhtml" action="https://x.example"/>`), "holds <form>"},
		{"a refresh of HTML", drawing(`<meta xmlns="http://www.w3.org/1999/xhtml" http-equiv="refresh" content="0;https://x.example"/>`), "holds <meta>"},
		{"formulas", drawing(`<math xmlns="http://www.w3.org/1998/Math/MathML"><mtext/></math>`), "holds <math>"},
		{"a handler", drawing(`<handler/>`), "holds <handler>"},

		{"an event", drawing(`<g onclick="x"/>`), `event handler "onclick"`},
		{"an event of the root", `<svg onload="x"/>`, `event handler "onload"`},
		{"an event in capitals", drawing(`<g ONLOAD="x"/>`), `event handler "ONLOAD"`},
		{"an event on any element", drawing(`<animate onbegin="x"/>`), `event handler "onbegin"`},

		{"a script behind a link", drawing(`<a href="javascript:alert(1)"/>`), "links to"},
		{"with an entity", drawing(`<a href="&#106;avascript&#x3a;alert(1)"/>`), "links to"},
		{"with a tab", drawing(`<a xlink:href="java&#9;script:alert(1)"/>`), "links to"},
		{"data behind a link", drawing(`<a href="data:text/html,x"/>`), "links to"},
		{"a file behind a link", drawing(`<a href="x.html"/>`), "links to"},
		{"any host behind a link", drawing(`<a href="//x.example"/>`), "links to"},
		{"a link that tells", drawing(`<a href="#a" ping="https://x.example"/>`), `attribute "ping"`},
		{"another base", drawing(`<g xml:base="https://x.example/"/>`), `attribute "base"`},
		{"use of another file", drawing(`<use href="x.svg#a"/>`), loads},
		{"use of another host", drawing(`<use xlink:href="https://x.example/x.svg#a"/>`), loads},
		{"use of data", drawing(`<use href="data:image/svg+xml;base64,PHN2Zz4=#a"/>`), loads},
		{"a picture elsewhere", drawing(`<image href="https://x.example/x.png"/>`), loads},
		{"a drawing as a picture", drawing(`<image href="data:image/svg+xml,x"/>`), loads},
		{"a filter's picture", drawing(`<feImage href="//x.example/x.png"/>`), loads},
		{"any prefix", drawing(`<use xmlns:q="http://www.w3.org/1999/xlink" q:href="https://x.example"/>`), loads},

		{"an animated address", drawing(`<a><animate attributeName="href" to="javascript:x"/></a>`), "holds <animate>"},
		{"an animated address with a prefix", drawing(`<a><animate attributeName=" xlink:HREF"/></a>`), "holds <animate>"},
		{"a set address", drawing(`<a><set attributeName="href" to="#x"/></a>`), "holds <set>"},
		{"a set event", drawing(`<g><set attributeName="onload" to="x"/></g>`), "holds <set>"},
		{"two names", drawing(`<a><set attributeName="x" attributeName="href"/></a>`), "holds <set>"},
		{"old animation", drawing(`<a><animateColor attributeName="href"/></a>`), "holds <animateColor>"},
		{"an animated fill", drawing(`<g><animate attributeName="fill" values="red;url(//x.example#a)"/></g>`), style},

		{"an imported style", drawing(`<style>@import "https://x.example";</style>`), style},
		{"in CDATA", drawing(`<style><![CDATA[@import "//x.example"]]></style>`), style},
		{"in pieces", drawing(`<style>@im<!-- x -->port "//x.example"</style>`), style},
		{"in pieces of CDATA", drawing(`<style>@im<![CDATA[port]]> "//x.example"</style>`), style},
		{"around an element", drawing(`<style>@im<g/>port "//x.example"</style>`), "its style holds <g>"},
		{"with an escape", drawing(`<style>@\69mport "//x.example"</style>`), style},
		{"with a long escape", drawing(`<style>@\000069 mport "//x.example"</style>`), style},
		{"with an escaped letter", drawing(`<style>@imp\ort "//x.example"</style>`), style},
		{"with a character", drawing(`<style>&#64;import "//x.example"</style>`), style},
		{"in capitals", drawing(`<STYLE>@IMPORT "//x.example"</STYLE>`), style},
		{"a font elsewhere", drawing(`<style>@font-face{src:url(https://x.example/x.woff2)}</style>`), style},
		{"a file in a style", drawing(`<style>*{fill:url(x.svg#a)}</style>`), style},
		{"the second address", drawing(`<style>*{fill:url(#a);mask:url('//x.example')}</style>`), style},
		{"an escaped function", drawing(`<style>*{fill:\75 rl(//x.example)}</style>`), style},
		{"a set of pictures", drawing(`<style>*{background:image-set("//x.example" 1x)}</style>`), style},
		{"a set with a prefix", drawing(`<style>*{background:-webkit-image-set("//x.example" 1x)}</style>`), style},
		{"a drawing in a style", drawing(`<style>*{background:url(data:image/svg+xml,x)}</style>`), style},
		{"an attribute", drawing(`<g fill="url(https://x.example#a)"/>`), style},
		{"an attribute with an escape", drawing(`<g mask="u\52l(//x.example)"/>`), style},
		{"a style attribute", drawing(`<g style="background: URL( '//x.example' )"/>`), style},
		{"a cursor", drawing(`<g cursor="url(//x.example),auto"/>`), style},
		{"an old script in a style", drawing(`<g style="behavior:url(x.htc)"/>`), style},

		{"a style sheet", `<?xml-stylesheet href="x.css"?>` + drawing(""), `instruction "xml-stylesheet"`},
		{"an entity", `<!DOCTYPE svg [<!ENTITY x "y">]>` + drawing("&x;"), "DOCTYPE"},
		{"an entity from elsewhere", `<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + drawing(""), "DOCTYPE"},
		{"laughter", `<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>` + drawing("&b;"), "DOCTYPE"},
		{"an attribute that no element shows", `<!DOCTYPE svg [<!ATTLIST svg onload CDATA "alert(1)">]>` + drawing(""), "DOCTYPE"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := SafeSVG([]byte(tt.data))
			if err == nil {
				t.Fatal("it passes")
			}
			if !strings.Contains(err.Error(), tt.says) {
				t.Errorf("it says %q, not %q", err, tt.says)
			}
		})
	}
}

// A message stays short, whatever it quotes.
func TestSafeSVGSaysLittle(t *testing.T) {
	long := strings.Repeat("ö", 10_000)
	for _, data := range []string{
		drawing(`<a href="` + long + `"/>`), drawing(`<use href="` + long + `"/>`), drawing(`<g on` + long + `=""/>`),
		`<` + long + `/>`, drawing(`<` + long + ` xmlns="http://www.w3.org/1999/xhtml"/>`), `<?` + long + ` ?>`,
	} {
		if err := SafeSVG([]byte(data)); err == nil || len(err.Error()) > 150 {
			t.Errorf("it says %.200q", err)
		}
	}
}

// What passes has nothing active in it, by a second and simpler reading.
func FuzzSafeSVG(f *testing.F) {
	for _, part := range []string{
		`<script>1</script>`, `<g onload="x"/>`, `<use href="#a"/>`, `<image href="` + pixel + `"/>`, `<style>@im<!-- -->port "x";a{fill:\75 rl(#a)}</style>`,
		`<a xlink:href="https://x.example"><text>x</text></a>`, `<set attributeName="href" to="x"/>`, `<h:p xmlns:h="http://www.w3.org/1999/xhtml"/>`, `<![CDATA[x]]>&#106;`,
	} {
		f.Add([]byte(drawing(part)))
	}
	f.Add([]byte(`<?xml version="1.0"?><!DOCTYPE svg [<!ATTLIST svg onload CDATA "x">]><svg/>`))
	f.Add([]byte(utf16le(drawing(""))))
	f.Fuzz(func(t *testing.T, data []byte) {
		if SafeSVG(data) != nil {
			return
		}
		d := xml.NewDecoder(bytes.NewReader(data))
		within := ""
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatalf("it passes and cannot be read: %v", err)
			}
			switch e := token.(type) {
			case xml.StartElement:
				within = strings.ToLower(e.Name.Local)
				switch within {
				case "script", "foreignobject", "iframe", "object", "embed", "handler":
					t.Fatalf("it passes with <%s>", within)
				}
				for _, a := range e.Attr {
					key, value := strings.ToLower(a.Name.Local), strings.ToLower(strings.TrimSpace(a.Value))
					if strings.HasPrefix(key, "on") || strings.HasPrefix(value, "javascript:") {
						t.Fatalf("it passes with %s=%q", key, value)
					}
					if key == "href" && value != "" && value[0] != '#' && !strings.HasPrefix(value, "http") && !strings.HasPrefix(strings.Join(strings.Fields(value), ""), "data:image/") {
						t.Fatalf("it passes with %s=%q", key, value)
					}
				}
			case xml.EndElement:
				within = ""
			case xml.CharData:
				if within == "style" && strings.Contains(strings.ToLower(string(e)), "@import") {
					t.Fatalf("it passes with %q", e)
				}
			case xml.ProcInst:
				if e.Target != "xml" {
					t.Fatalf("it passes with <?%s", e.Target)
				}
			case xml.Directive:
				if bytes.Contains(e, []byte("[")) {
					t.Fatalf("it passes with <!%s>", e)
				}
			}
		}
	})
}
