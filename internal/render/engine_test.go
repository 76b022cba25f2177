package render

import (
	"bytes"
	"html/template"
	"io"
	"reflect"
	"strings"
	"testing"
	"text/template/parse"

	"portico/internal/bundle"
	"portico/layouts"
)

// thing is data of every type that layouts are given.
type thing struct {
	Text   string
	Named  state2
	HTML   template.HTML
	URL    template.URL
	Srcset template.Srcset
	N      int
	Yes    bool
	Inner  inner
	Ptr    *inner
	Nil    *inner
	List   []inner
	Ptrs   []*inner
	Words  []string
	HTMLs  []template.HTML
	Nested [][]inner
}

type state2 string

type inner struct {
	Name string
	Href template.URL
	N    int
	More []string
}

// T is what pages call for their words.
func (t *thing) T(key string) string { return "[" + key + t.Text + "]" }

// Upper is a method on a value.
func (i inner) Upper() string { return strings.ToUpper(i.Name) }

// Plus is a method with an argument, on a pointer.
func (i *inner) Plus(s string) string { return i.Name + s }

// layoutsUnderTest are templates that the compiled engine has to run itself.
func layoutsUnderTest() map[string]string {
	return map[string]string{
		"text":         `<p>{{.Text}} {{.Named}} {{.HTML}} {{.N}}</p>`,
		"attribute":    `<p title="{{.Text}}" data-x="{{.Named}}" class="a {{.Text}} b" data-n="{{.N}}">x</p>`,
		"single quote": `<p title='{{.Text}}'>x</p>`,
		"url":          `<a href="{{.Text}}">x</a><a href="{{.URL}}">y</a><img src="{{.Text}}" alt="{{.Text}}">`,
		"url part":     `<a href="/a/{{.Text}}/b">x</a><a href="/a/{{.URL}}">y</a>`,
		"url fragment": `<svg><use href="#s-{{.Text}}"/></svg><a href="?q={{.Named}}">x</a>`,
		"srcset":       `<img src="{{.URL}}" srcset="{{.Srcset}}" alt="">`,
		"rcdata":       `<title>{{.Text}}</title><textarea>{{.Text}}</textarea>`,
		"if":           `{{if .Text}}a{{else}}b{{end}}{{if .Yes}}c{{end}}{{if .N}}d{{else}}e{{end}}{{if .Ptr}}f{{end}}{{if .Nil}}g{{else}}h{{end}}{{if .List}}i{{end}}{{if .Inner}}j{{end}}{{if .HTML}}k{{end}}`,
		"else if":      `{{if .Nil}}a{{else if .Text}}b{{else}}c{{end}}`,
		"logic":        `{{if and .Yes .Text}}a{{end}}{{if or .Nil .Text}}b{{end}}{{if not .Yes}}c{{end}}{{if and (not .Yes) (or .Text .N)}}d{{end}}{{if eq .Named "done"}}e{{end}}{{if ne .Text "x"}}f{{end}}{{if eq .N 3}}g{{end}}{{if lt .N 3}}h{{end}}{{if ge .N 3}}i{{end}}{{if eq .Yes true}}j{{end}}{{if gt (len .List) 1}}k{{end}}`,
		"with":         `{{with .Ptr}}{{.Name}}{{$.Text}}{{else}}none{{end}}{{with .Nil}}x{{else}}{{.Text}}{{end}}{{with $p := .Ptr}}{{$p.Name}}{{.N}}{{end}}`,
		"range":        `{{range .List}}<i>{{.Name}} {{$.Text}}</i>{{else}}empty{{end}}{{range $i, $e := .List}}{{$i}}:{{$e.Name}} {{end}}{{range $e := .Words}}{{$e}}{{.}}{{end}}{{range .Ptrs}}{{.Name}}{{end}}{{range .HTMLs}}{{.}}{{end}}{{range .Nested}}{{range .}}{{.Name}}{{end}};{{end}}`,
		"break":        `{{range .List}}{{if eq .Name "b"}}{{continue}}{{end}}{{if eq .Name "d"}}{{break}}{{end}}{{.Name}}{{end}}`,
		"variables":    `{{$x := .Text}}{{$x}}{{if .Yes}}{{$x = .Inner.Name}}{{$y := .N}}{{$y}}{{end}}{{$x}}{{range .List}}{{$x}}{{$x = .Name}}{{end}}{{$x}}`,
		"template":     `{{template "part" .Inner}}{{template "part" .Ptr}}{{range .List}}{{template "part" .}}{{end}}{{template "deep" .}}`,
		"part":         `<b>{{.Name}}</b> <a href="{{.Href}}">{{.N}}</a>{{$n := .Name}}{{range .More}}{{$n}}{{.}}{{end}}`,
		"deep":         `{{with .Ptr}}{{template "part" .}}{{end}}{{$t := .Text}}{{template "part" .Inner}}{{$t}}`,
		"methods":      `{{.T "word"}} {{$.T "x"}} {{range .List}}{{$.T "in"}}{{.Upper}}{{.Plus "!"}}{{end}}{{.Ptr.Plus "?"}}{{.Inner.Upper}}`,
		"chain":        `{{.Inner.Name}}{{.Ptr.Name}}{{(.Ptr).Name}}{{len .Words}}{{len .Text}}`,
		"comment":      `a{{/* nothing */}}b<!-- gone -->c`,
		"block":        `{{block "inside" .Inner}}<u>{{.Name}}</u>{{end}}`,
	}
}

func hostile(s string) *thing {
	in := func(n string) inner {
		return inner{Name: n + s, Href: template.URL(s), N: len(s), More: []string{s, n}}
	}
	p := in("p")
	return &thing{
		Text: s, Named: state2(s), HTML: template.HTML("<em>" + template.HTMLEscapeString(s) + "</em>"), URL: template.URL(s), Srcset: template.Srcset(s), N: len(s) % 7, Yes: len(s)%2 == 0,
		Inner: in("i"), Ptr: &p, List: []inner{{Name: "a"}, {Name: "b"}, in("c"), {Name: "d"}, {Name: "e"}},
		Ptrs: []*inner{&p, &p}, Words: []string{s, "w"}, HTMLs: []template.HTML{"<i>x</i>"}, Nested: [][]inner{{in("n")}, nil},
	}
}

func newTestEngine(t testing.TB, sources map[string]string) *engine {
	t.Helper()
	types := map[string]reflect.Type{}
	for name := range sources {
		if name != "part" {
			types[name] = reflect.TypeFor[*thing]()
		}
	}
	e, err := newEngine(sources, types)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// reference is what html/template makes of the same.
func reference(t testing.TB, sources map[string]string, name string, data any) (string, error) {
	t.Helper()
	set := template.New("").Option("missingkey=error")
	for n, text := range sources {
		template.Must(set.New(n).Parse(text))
	}
	var b bytes.Buffer
	err := set.ExecuteTemplate(&b, name, data)
	return b.String(), err
}

var hostileValues = []string{
	"", "plain", "a b", "<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, `' onmouseover='x`, "javascript:alert(1)", "JaVaScRiPt:alert(1)",
	" javascript:alert(1)", "data:text/html,<b>", "vbscript:x", "tel:+44 20", "mailto:a@b.example?subject=a&b", "https://example.com/?a=1&b=<2>#x", "//evil.example", `\\evil`,
	"a&amp;b", "&lt;", "&#60;script&#62;", "\x00", "a\x00b", "\xff\xfe", "\u2028\u2029", "é 漢字 🎉", "+ADw-script+AD4-", "{{.Text}}", "`", "=", "%", "%41", "%zz", "100%",
	"\t\n\r", "</title><script>", "<!--", "-->", "]]>", "a:b/c", "/a:b", "?x:y", "#javascript:x", "\u202Eabc", "ﬁ", strings.Repeat("<", 300),
}

func TestCompiledGivesTheBytesOfHTMLTemplate(t *testing.T) {
	sources := layoutsUnderTest()
	e := newTestEngine(t, sources)
	if slow := e.interpreted(); len(slow) > 0 {
		t.Errorf("these are not compiled: %v", slow)
	}
	for name := range sources {
		if name == "part" {
			continue
		}
		for _, value := range hostileValues {
			data := hostile(value)
			want, err := reference(t, sources, name, data)
			if err != nil {
				t.Fatalf("%s: html/template: %v", name, err)
			}
			got, err := e.execute(nil, name, data)
			if err != nil {
				t.Errorf("%s with %q: %v", name, value, err)
			} else if string(got) != want {
				t.Errorf("%s with %q:\n got %q\nwant %q", name, value, got, want)
			}
		}
	}
}

// What the compiler does not know is run by html/template, with the same
// result.
func TestUnknownFallsBack(t *testing.T) {
	sources := map[string]string{
		"printf":   `<p>{{printf "%05d" .N}}</p>`,
		"script":   `<script>var x = {{.Text}};</script>`,
		"style":    `<style>a{color:{{.Text}}}</style>`,
		"handler":  `<p onclick="f({{.Text}})">x</p>`,
		"unquoted": `<p title={{.Text}}>x</p>`,
		"query":    `<a href="/?q={{.Text}}">x</a>`,
		"srcset":   `<img srcset="{{.Text}} 2x">`,
		"html":     `<p title="{{.HTML}}">{{.Text | html}}</p>`,
		"name":     `<p data-{{.Text}}="x">x</p>`,
		"index":    `{{index .Words 0}}`,
		"calls":    `<p>{{template "printf" .}}</p>`,
		"inattr":   `<p title="{{template "word" .}}">x</p>`,
		"word":     `{{.Text}}`,
		"value":    `{{or .Text "x"}}`,
	}
	e := newTestEngine(t, sources)
	for name := range sources {
		for _, value := range []string{"plain", `"><script>`, "javascript:x"} {
			data := hostile(value)
			want, wantErr := reference(t, sources, name, data)
			got, err := e.execute(nil, name, data)
			if (err == nil) != (wantErr == nil) || err == nil && string(got) != want {
				t.Errorf("%s with %q:\n got %q, %v\nwant %q, %v", name, value, got, err, want, wantErr)
			}
		}
	}
	if got := e.interpreted(); len(got) < 10 {
		t.Errorf("only %v are interpreted; this test is about those that are", got)
	}
}

func TestMissingValueIsAnError(t *testing.T) {
	e := newTestEngine(t, map[string]string{"nil": `{{.Nil.Name}}`, "method": `{{.Nil.Plus "x"}}`})
	for _, name := range []string{"nil", "method"} {
		if _, err := e.execute(nil, name, hostile("x")); err == nil && name == "nil" {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestBadLayoutsAreNamed(t *testing.T) {
	for name, source := range map[string]string{
		"unclosed":  "<p>\n{{if .Text}}",
		"ambiguous": "<p {{if .Text}}title=\"{{end}}>",
		"function":  "{{nosuch .Text}}",
	} {
		_, err := newEngine(map[string]string{"parts/x.html": source}, map[string]reflect.Type{"parts/x.html": reflect.TypeFor[*thing]()})
		if err == nil || !strings.Contains(err.Error(), "parts/x.html") {
			t.Errorf("%s: %v names no layout", name, err)
		}
	}
}

// Every built-in layout is compiled: a page made by html/template takes ten
// times as long.
func TestBuiltInLayoutsAreCompiled(t *testing.T) {
	r := newTestRenderer(t)
	if slow := r.Interpreted(); len(slow) > 0 {
		t.Errorf("html/template has to run %v", slow)
	}
}

// FuzzEscapers holds the compiled engine against html/template on any value,
// in every place that a built-in layout puts one.
func FuzzEscapers(f *testing.F) {
	sources := layoutsUnderTest()
	e := newTestEngine(f, sources)
	set := template.New("").Option("missingkey=error")
	for n, text := range sources {
		template.Must(set.New(n).Parse(text))
	}
	_ = set.ExecuteTemplate(io.Discard, "text", hostile("")) // escapes the set
	for _, v := range hostileValues {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, value string) {
		data := hostile(value)
		for name := range sources {
			if name == "part" {
				continue
			}
			var want bytes.Buffer
			if err := set.ExecuteTemplate(&want, name, data); err != nil {
				t.Fatal(err)
			}
			got, err := e.execute(nil, name, data)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if !bytes.Equal(got, want.Bytes()) {
				t.Fatalf("%s with %q:\n got %q\nwant %q", name, value, got, want.Bytes())
			}
		}
	})
}

// The escaped tree is html/template's own business; this test fails if a new
// version of Go writes it in another way.
func TestEscapersAreNamedAsExpected(t *testing.T) {
	set := template.Must(template.New("x").Parse(`<p title="{{.}}">{{.}}</p><a href="{{.}}">`))
	if err := set.Execute(io.Discard, ""); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, n := range set.Tree.Root.Nodes {
		if a, ok := n.(*parse.ActionNode); ok {
			_, escapers := splitEscapers(a.Pipe.Cmds)
			names = append(names, strings.Join(escapers, " "))
		}
	}
	for _, chain := range names {
		if _, err := escaperFor(reflect.TypeFor[string](), chain); err != nil {
			t.Errorf("the escapers %q are not known", chain)
		}
	}
	if len(names) != 3 {
		t.Errorf("found %d actions, not 3", len(names))
	}
}

func builtinLook(t testing.TB) *Look {
	t.Helper()
	files, err := bundle.Layouts(layouts.FS())
	if err != nil {
		t.Fatal(err)
	}
	return &Look{Layouts: files, Style: "_/style.css", Script: "_/script.js", Icon: "_/icon.svg", Density: "normal", Hero: "split", Files: map[string]Image{}}
}
