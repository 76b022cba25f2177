package build

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"golang.org/x/net/html"

	"portico/internal/deal"
	"portico/internal/parse"
	"portico/internal/render"
)

// tricks are ways in which people have got markup, scripts and addresses
// through filters: after the OWASP and PortSwigger lists and the HTML
// standard's own corners.
var tricks = []string{
	`<script>alert(1)</script>`, `<ScRiPt src=//evil.example/x.js></sCrIpT>`, `<script/src=data:,alert(1)>`, `<script>alert(1)`, `<<script>alert(1)//<</script>`,
	`<img src=x onerror=alert(1)>`, `<img/src="x"/onerror=alert(1)>`, `<img src=x:x onerror&#61;alert(1)>`, `"><img src=x onerror=alert(1)>`, `'><svg/onload=alert(1)>`,
	`<svg><script>alert(1)</script></svg>`, `<svg><animate onbegin=alert(1) attributeName=x>`, `<math><mi//xlink:href="data:x,<script>alert(4)</script>">`, `<body onload=alert(1)>`, `<iframe src=javascript:alert(1)>`,
	`<iframe srcdoc="<script>alert(1)</script>">`, `<object data=javascript:alert(1)>`, `<embed src=javascript:alert(1)>`, `<base href=//evil.example>`, `<meta http-equiv=refresh content="0;url=javascript:alert(1)">`,
	`<link rel=stylesheet href=data:,*{x:expression(alert(1))}>`, `<style>@import'//evil.example';</style>`, `<div style="background:url(javascript:alert(1))">`, `<form action=javascript:alert(1)><button>`, `<input autofocus onfocus=alert(1)>`,
	`<details open ontoggle=alert(1)>`, `<video><source onerror=alert(1)>`, `<marquee onstart=alert(1)>`, `<template><script>alert(1)</script></template>`, `<noscript><p title="</noscript><img src=x onerror=alert(1)>">`,
	`</title><script>alert(1)</script>`, `</textarea><script>alert(1)</script>`, `</style><script>alert(1)</script>`, `--><script>alert(1)</script>`, `<!--><script>alert(1)</script>-->`, `<![CDATA[<script>alert(1)</script>]]>`,
	`<?xml version="1.0"?><script>alert(1)</script>`, `<a href="javascript:alert(1)">x</a>`, `<a href="java&#10;script:alert(1)">x</a>`, `" onmouseover="alert(1)`, `' onmouseover='alert(1)`, "` onmouseover=alert(1)",
	`javascript:alert(1)`, `JaVaScRiPt:alert(1)`, ` javascript:alert(1)`, "java\tscript:alert(1)", `javascript&colon;alert(1)`, `javascript&#58;alert(1)`, `javascript&#x3a;alert(1)`, `&#106;avascript:alert(1)`, `\x6aavascript:alert(1)`,
	`data:text/html,<script>alert(1)</script>`, `data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==`, `data:image/svg+xml,<svg onload=alert(1)>`, `vbscript:msgbox(1)`, `livescript:x`, `file:///etc/passwd`, `blob:https://x/1`, `view-source:x`, `feed:javascript:alert(1)`,
	`//evil.example/x`, `\\evil.example\x`, `/\evil.example`, `https:evil.example`, `http://evil.example@good.example`, `https://evil.example\@good.example`, `jar:https://x!/y`, `about:blank`, `filesystem:x`, `intent://x`,
	`[x](javascript:alert(1))`, `[x](<javascript:alert(1)>)`, `[x](javascript&colon;alert(1))`, `[x](&#106;avascript:alert(1))`, `[x]( javascript:alert(1))`, `[x](data:text/html,x)`, `[x](vbscript:x)`, `![x](javascript:alert(1))`, `![x](data:image/svg+xml,x)`, `<javascript:alert(1)>`, `<data:text/html,x>`,
	`[x](https://a.example/"onmouseover="alert(1))`, `[x](https://a.example 'title" onmouseover="alert(1)')`, `![" onerror="alert(1)](x.png)`, "`</code><script>alert(1)</script>`", `[x]: javascript:alert(1)`, `[a][x]`,
	`{{.Title}}`, `{{template "deal.html"}}`, `{{printf "%s" "<script>"}}`, `${alert(1)}`, `#{7*7}`, `<%= 7*7 %>`, `}</style><script>`, `;}body{background:url(//evil.example)}`, `expression(alert(1))`, `url(javascript:alert(1))`, `red;--x:</style>`,
	"+ADw-script+AD4-alert(1)+ADw-/script+AD4-", "\u2028<script>alert(1)</script>", "\u202e<script>", "＜script＞alert(1)＜/script＞", "<scr\u0000ipt>", "%3Cscript%3Ealert(1)%3C/script%3E", "&lt;script&gt;alert(1)&lt;/script&gt;", "&amp;lt;script&amp;gt;", `@p1"><script>`, `@<script>`,
}

// allowed are the elements that a page may hold, with their attributes.
// Whatever else appears came from somebody's text.
var allowed = map[string]string{
	"svg": "class aria-hidden focusable", "symbol": "id viewBox", "circle": "cx cy r fill class", "path": "d fill class", "use": "href",
	"dialog": "class aria-labelledby", "fieldset": "class", "legend": "class", "input": "type name id checked disabled data-do", "label": "class for hidden",
	"select": "class data-do", "option": "value", "button": "class type title data-do data-fold aria-pressed hidden", "i": "class",
	"html": "lang dir data-day", "head": "", "body": "class data-density data-hero data-ahead data-overdue data-ago data-paper", "title": "",
	"meta": "charset http-equiv content name", "link": "rel href", "script": "type src",
	"a": "href class title rel download id aria-current data-view role aria-label target tabindex aria-hidden", "abbr": "title", "address": "class", "article": "class id aria-labelledby", "audio": "controls preload src",
	"b": "data-days", "blockquote": "", "br": "", "caption": "class", "code": "class", "dd": "", "del": "", "details": "open data-states data-state class id hidden data-note data-new data-due data-paper", "div": "class tabindex id data-to-day data-states data-state data-from aria-hidden", "dl": "class", "dt": "", "em": "",
	"figcaption": "", "figure": "class data-frame data-load", "footer": "class", "h1": "id", "h2": "id class", "h3": "id class", "h4": "id", "h5": "id", "h6": "id", "header": "class", "hr": "",
	"img": "src alt class loading title decoding width height srcset sizes", "li": "id class data-state data-states data-impact data-who data-sides data-level data-paper", "main": "id class", "nav": "class aria-label", "ol": "class start", "p": "class hidden id", "pre": "", "progress": "aria-label max value",
	"section": "class id aria-labelledby aria-label data-state data-states role hidden", "source": "src type", "span": "class data-days aria-hidden data-state data-states data-to data-past id", "strong": "", "summary": "class", "sup": "id",
	"table": "class data-sort", "tbody": "", "td": "class data-n data-is", "tfoot": "", "th": "scope class colspan", "thead": "", "time": "datetime class", "tr": "", "track": "kind src srclang label default",
	"ul": "class aria-labelledby aria-hidden", "video": "controls preload poster width height",
}

// inspect refuses anything on a page that is not the layouts' own.
func inspect(t *testing.T, where string, page []byte) {
	t.Helper()
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	for n := range doc.Descendants() {
		switch n.Type {
		case html.CommentNode:
			t.Errorf("%s: a comment: %q", where, n.Data)
		case html.ElementNode:
			attrs, ok := allowed[n.Data]
			if !ok || n.Namespace != "" && (n.Namespace != "svg" || !slices.Contains(signs, n.Data)) {
				t.Errorf("%s: an element <%s>", where, n.Data)
				continue
			}
			for _, a := range n.Attr {
				if !slices.Contains(strings.Fields(attrs), a.Key) {
					t.Errorf("%s: <%s> has an attribute %s=%q", where, n.Data, a.Key, a.Val)
				}
				inspectAddress(t, where, n, a)
			}
		}
	}
}

var ownSign = regexp.MustCompile(`^#[is]-[a-z_]+$`)

// signs are the elements of the layouts' own drawings.
var signs = []string{"svg", "symbol", "circle", "path", "use"}

var ownScript = regexp.MustCompile(`^(\.\./)+_/(script|today)-[A-Z0-9]{8}\.js$`)

func inspectAddress(t *testing.T, where string, n *html.Node, a html.Attribute) {
	t.Helper()
	switch a.Key {
	case "href", "src", "poster", "data-frame":
	default:
		return
	}
	value := strings.ToLower(strings.Map(func(r rune) rune {
		if r <= ' ' {
			return -1 // as browsers do before they look for a scheme
		}
		return r
	}, a.Val))
	if n.Data == "use" && !ownSign.MatchString(a.Val) {
		t.Errorf("%s: a sign from %q", where, a.Val)
	}
	if n.Data == "script" && !ownScript.MatchString(a.Val) {
		t.Errorf("%s: a script from %q", where, a.Val)
	}
	if strings.HasPrefix(value, "//") || strings.HasPrefix(value, `\`) || strings.HasPrefix(value, `/\`) {
		t.Errorf("%s: <%s %s=%q> leads to another host", where, n.Data, a.Key, a.Val)
	}
	scheme, _, found := strings.Cut(value, ":")
	if !found || strings.ContainsAny(scheme, "/?#") {
		return
	}
	ok := []string{"https", "http", "mailto", "tel"}
	if n.Data != "a" {
		ok = []string{"https"} // only a frame's address, which is loaded on a click
	}
	if !slices.Contains(ok, scheme) {
		t.Errorf("%s: <%s %s=%q>", where, n.Data, a.Key, a.Val)
	}
}

// filled makes a TOML file from its own JSON Schema in which every text that a
// person may write is the trick. Fields of a fixed form get it as well where
// fixed is false: they have to be refused.
type filler struct {
	trick string
	fixed bool
	// marks makes every text another one: the trick and the way to it.
	marks *[]string
	path  string
}

func (f filler) table(s map[string]any) map[string]any {
	out := map[string]any{}
	props, _ := s["properties"].(map[string]any)
	for name, p := range props {
		below := f
		below.path += "." + name
		if v := below.value(name, p.(map[string]any)); v != nil {
			out[name] = v
		}
	}
	return out
}

func (f filler) value(name string, s map[string]any) any {
	if options, ok := s["anyOf"].([]any); ok {
		return f.value(name, options[0].(map[string]any))
	}
	switch s["type"] {
	case "boolean":
		return name != "internal" && name != "off" && name != "former"
	case "integer":
		return 1
	case "number":
		return 5
	case "array":
		return []any{f.value(name, s["items"].(map[string]any))}
	case "object":
		if each, ok := s["additionalProperties"].(map[string]any); ok {
			if each["type"] == "string" {
				return map[string]any{"p1": f.trick}
			}
			return map[string]any{"p1": f.value(name, each)}
		}
		return f.table(s)
	}
	return f.text(name, s)
}

func (f filler) text(name string, s map[string]any) any {
	if values, ok := s["enum"].([]any); ok && f.fixed {
		return values[0]
	}
	pattern, _ := s["pattern"].(string)
	if f.fixed {
		switch {
		case strings.Contains(pattern, `\d{4}`):
			return "2026-11-20"
		case strings.HasPrefix(pattern, "^[a-z0-9]"):
			return "p1"
		case strings.HasPrefix(pattern, "^https?"), strings.HasPrefix(pattern, "^(https?"):
			return "https://good.example/x"
		case strings.HasPrefix(pattern, "^#"):
			return "#123456"
		case strings.Contains(pattern, "@"):
			return "a@b.example"
		case strings.Contains(pattern, "[A-Z]{3}"):
			return "EUR"
		case strings.Contains(pattern, ":[0-5]"):
			return "15:00"
		case strings.HasPrefix(pattern, "^-?"):
			return "5"
		case pattern != "":
			return nil
		}
		switch name { // forms that no pattern tells
		case "locale":
			return "en-GB"
		case "timezone":
			return "Europe/London"
		case "theme", "profile", "collateral", "check", "holidays":
			return nil
		case "logo", "logo_dark", "photo", "poster", "file":
			return nil
		case "phone":
			return "+44 20 7946 0011"
		case "baseline", "target", "actual":
			return "-20%"
		}
	}
	if f.marks != nil {
		*f.marks = append(*f.marks, f.trick+strings.ReplaceAll(f.path, "_", "-")+"!")
		return (*f.marks)[len(*f.marks)-1]
	}
	return f.trick
}

func schemaOf(t *testing.T, file string) map[string]any {
	t.Helper()
	data, err := parse.Schema(file)
	if err != nil {
		t.Fatal(err)
	}
	var s map[string]any
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// hostileDeal is a folder in which every text is the trick, in TOML and in
// every corner of Markdown.
func hostileDeal(t *testing.T, dir, trick string, fixed bool) {
	t.Helper()
	f := filler{trick: trick, fixed: fixed}
	writeFilled(t, dir, f)
}

func writeFilled(t *testing.T, dir string, f filler) {
	t.Helper()
	trick := f.trick
	tree := f.table(schemaOf(t, "deal.toml"))
	delete(tree, "check")
	if f.fixed {
		tree["deal"].(map[string]any)["status"] = "active"
		tree["deal"].(map[string]any)["expires"] = "2099-01-01"
		tree["event"] = map[string]any{"e1": map[string]any{"title": trick, "date": "2026-12-01"}}
		tree["collateral"] = map[string]any{
			"p1": map[string]any{"title": trick, "url": "https://www.loom.com/share/abc", "description": trick},
			"p2": map[string]any{"title": trick, "file": "collateral/table.csv", "description": trick},
			"p3": map[string]any{"title": trick, "file": "collateral/text.md"},
			"p4": map[string]any{"title": trick, "url": "https://good.example/", "kind": "deck"},
		}
		milestone := tree["milestone"].(map[string]any)["p1"].(map[string]any)
		milestone["collateral"] = []any{"p1", "p2", "p3"}
		delete(milestone, "status")
		delete(milestone, "done")
	}
	var b bytes.Buffer
	if err := toml.NewEncoder(&b).Encode(tree); err != nil {
		t.Fatal(err)
	}
	line := strings.NewReplacer("\n", " ", "\r", " ").Replace(trick)
	markdown := strings.Join([]string{
		trick, "", "# " + line, "", "- " + line, "", "> " + line, "", "| " + line + " | b |\n|---|:-:|\n| " + line + " | " + line + " |", "",
		"[" + line + "](" + line + ")", "", "[x](" + line + ` "` + line + `")`, "", "![" + line + "](" + line + ")", "", "a ![" + line + "](" + line + ") b", "", "<" + line + ">", "",
		"[r]: " + line + ` "` + line + `"`, "", "[a][r] ![b][r]", "", "``` " + line + "\n" + line + "\n```", "", "```html\n" + line + "\n```", "", "    " + line, "", "`" + line + "`", "", "**" + line + "**", "",
		"t[^1]", "", "[^1]: " + line, "", line + "\n: " + line, "", "https://good.example/" + line, "", "![x](../collateral/table.csv)", "", "![x](collateral/text.md)", "",
	}, "\n")
	front, err := tomlText(map[string]string{"title": trick})
	if err != nil {
		t.Fatal(err)
	}
	cells := `"` + strings.ReplaceAll(line, `"`, `""`) + `"`
	for name, text := range map[string]string{
		"deal.toml": b.String(), "index.md": markdown, "milestones/p1.md": markdown, "collateral/text.md": markdown,
		"pages/p1.md":           "+++\n" + front + "+++\n" + markdown,
		"pages/p2.md":           markdown,
		"notes/2026-11-20.md":   "+++\nauthor = \"p1\"\n[moved]\np1 = " + strings.TrimPrefix(front, "title = ") + "+++\n## Decisions\n- " + line + " 2026-12-01\n\n## Next\n- @p1 " + line + "\n\n" + markdown,
		"collateral/table.csv":  cells + "," + cells + "\n" + cells + "," + cells + "\n",
		"collateral/unused.txt": "x",
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func tomlText(m map[string]string) (string, error) {
	var b bytes.Buffer
	err := toml.NewEncoder(&b).Encode(m)
	return b.String(), err
}

const plainSite = `[site]
base_url = "https://plans.example"
locale = "en-GB"
[seller]
name = "Lumen"
color = "#2540c8"
[person.mara]
title = "AE"
name = "Mara"
`

var safeTokens = regexp.MustCompile(`^(:root\{(--[a-z-]+:(#[0-9a-f]{6}|light-dark\(#[0-9a-f]{6},#[0-9a-f]{6}\));?)+\}\n)?(#([A-Za-z0-9-]|\\[0-9a-f]+ )+\{(--[a-z]+:-?[0-9.]+;?)+\}\n)*$`)

// Nothing that a person writes becomes markup, a script, a style or an address
// of a scheme that is not let through: in no field, in no corner of Markdown,
// whether it was reported as a mistake or not. Pages are made here in spite of
// mistakes: the check before a build is the first lock, this is the second.
func TestNothingHostileGetsThrough(t *testing.T) {
	memory := NewMemory() // of the look, which is the same for all
	for _, fixed := range []bool{true, false} {
		for i, trick := range tricks {
			site := t.TempDir()
			if err := os.WriteFile(filepath.Join(site, "portico.toml"), []byte(plainSite), 0o644); err != nil {
				t.Fatal(err)
			}
			hostileDeal(t, filepath.Join(site, "content", "p1"), trick, fixed)
			t.Run(fmt.Sprintf("%v/%d", fixed, i), func(t *testing.T) {
				for name, page := range pagesInSpiteOfMistakes(t, site, memory) {
					inspect(t, fmt.Sprintf("%q in %s", trick, name), page)
				}
			})
		}
	}
}

// pagesInSpiteOfMistakes makes a site's pages without asking whether the check
// found anything.
func pagesInSpiteOfMistakes(t *testing.T, site string, memory *Memory) map[string][]byte {
	t.Helper()
	p, err := Load(Options{Source: site, Clear: true, Look: builtinLook(), Now: time.Now, LockDir: t.TempDir(), Memory: memory})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	l, err := p.load("p1")
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	look, messages, err := p.makeLook("", true)
	if err != nil || messages.Failed() {
		t.Fatal(err, messages)
	}
	if l.Timezone == nil {
		t.Fatal("the deal was not read at all")
	}
	var pages []render.Output
	err = p.render(look, func(r *render.Renderer) (err error) {
		pages, err = r.Deal(render.Input{
			Deal: l.Deal.Deal, Site: l.site, AsOf: deal.DayOf(2026, 11, 21), Updated: time.Now(), Read: l.read, Size: l.size, Image: l.image,
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, page := range pages {
		out[page.Path] = page.Data
	}
	if style := out["tokens.css"]; !safeTokens.Match(style) {
		t.Errorf("the deal's stylesheet is %q", style)
	}
	delete(out, "tokens.css")
	if len(out) < 3 { // an unclosed <script> swallows the rest of a text, and its embeds
		t.Fatalf("only %d pages were made", len(out))
	}
	return out
}

// Every text of deal.toml that a buyer may see is on the plan's page, and none
// that is for the seller alone.
func TestEveryFieldShows(t *testing.T) {
	site := t.TempDir()
	if err := os.WriteFile(filepath.Join(site, "portico.toml"), []byte(plainSite), 0o644); err != nil {
		t.Fatal(err)
	}
	var marks []string
	writeFilled(t, filepath.Join(site, "content", "p1"), filler{trick: "Mark", fixed: true, marks: &marks})
	page := string(pagesInSpiteOfMistakes(t, site, nil)["index.html"])
	// A lost deal's outcome, notes to oneself, and settings of the program.
	private := regexp.MustCompile(`^Mark\.(internal|check|access|beacon)\.|internal-note!$|env!$`)
	// Those that the test's own entries stand for.
	replaced := regexp.MustCompile(`^Mark\.(event|collateral)\.`)
	shown := 0
	for _, mark := range marks {
		switch there := strings.Contains(page, html.EscapeString(mark)); {
		case private.MatchString(mark):
			if there {
				t.Errorf("%s is on the page", mark)
			}
		case replaced.MatchString(mark):
		case !there:
			t.Errorf("%s is not on the page", mark)
		default:
			shown++
		}
	}
	if shown < 35 {
		t.Errorf("only %d texts were looked for", shown)
	}
}
