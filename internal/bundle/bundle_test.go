package bundle

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"portico/internal/diag"
)

func folder(files map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

// where tells files of a site from those of a theme and the built-in ones by
// their names.
func where(name string) string {
	switch {
	case strings.HasPrefix(path.Base(name), "site"):
		return "assets/" + name
	case strings.HasPrefix(path.Base(name), "theme"):
		return "themes/own/assets/" + name
	}
	return name
}

// build what must have no mistakes.
func build(t *testing.T, tokens string, files map[string]string) (Assets, map[string]string) {
	t.Helper()
	a, messages, err := Build(folder(files), where, tokens)
	if err != nil || len(messages) > 0 {
		t.Fatal(err, places(messages))
	}
	out := map[string]string{}
	for _, f := range a.Files {
		if _, twice := out[f.Name]; twice {
			t.Errorf("%s is there twice", f.Name)
		}
		out[f.Name] = strings.TrimSuffix(string(f.Data), "\n")
	}
	return a, out
}

func places(l diag.List) []string {
	var list []string
	for _, m := range l {
		list = append(list, fmt.Sprintf("%s:%d:%d %s %s", m.File, m.Start.Line, m.Start.Column, m.Severity, m.Code))
	}
	return list
}

func TestStyleIsGatheredInOrder(t *testing.T) {
	a, files := build(t, ":root{--brand:#123456}\n", map[string]string{
		"style.css": "@import \"parts/base.css\";\na { margin: 2px }\n", "parts/base.css": "b { margin: 1px }\n", "theme.css": "i { margin: 3px }\n",
	})
	if got, want := files[a.Style], "b{margin:1px}a{margin:2px}i{margin:3px}:root{--brand:#123456}"; got != want {
		t.Errorf("the stylesheet is %q, not %q", got, want)
	}
	if a.Script != "" || len(files) != 1 {
		t.Errorf("without main.ts there are %q", files)
	}
}

func TestScriptIsGathered(t *testing.T) {
	a, files := build(t, "", map[string]string{
		"style.css":    "a { margin: 2px }\n",
		"main.ts":      "import { twice } from \"./lib/twice\";\nimport words from \"./words.json\";\nimport { thrice } from \"./lib/thrice.js\";\nconst n: number = twice(21);\nconsole.log(n, thrice(1), words.hello);\n",
		"lib/twice.ts": "// A comment.\nexport const twice = (n: number): number => n * 2;\nexport const unused = () => \"unused\";\n", "lib/thrice.js": "export const thrice = (n) => n * 3;\n", "words.json": "{\"hello\": \"Hallo\"}",
	})
	got := files[a.Script]
	for _, want := range []string{"*2", "*3", "Hallo", "21"} {
		if !strings.Contains(got, want) {
			t.Errorf("the script holds no %q: %s", want, got)
		}
	}
	for _, not := range []string{"comment", "unused", "number", "sourceMappingURL", "import"} {
		if strings.Contains(got, not) {
			t.Errorf("the script holds %q: %s", not, got)
		}
	}
}

// What runs before the page is a script by itself that leaves no names behind.
func TestTodayIsAScriptOfItsOwn(t *testing.T) {
	a, files := build(t, "", map[string]string{
		"style.css": "", "today.ts": "import { twice } from \"./twice\";\nconst day: number = twice(21);\nconsole.log(day);\n",
		"main.ts": "console.log(\"main\");\n", "twice.ts": "export const twice = (n: number): number => n * 2;\n",
	})
	if got := files[a.Today]; !strings.HasPrefix(got, "(()=>{") || !strings.Contains(got, "*2") || strings.Contains(got, "import") {
		t.Errorf("what runs first is %q", got)
	}
	if strings.Contains(files[a.Script], "*2") || a.Script == a.Today {
		t.Errorf("the page's script is %q", files[a.Script])
	}
}

// Modern CSS stays as it is: the browsers that pages are for know it.
func TestModernCSSStays(t *testing.T) {
	a, files := build(t, "", map[string]string{"style.css": "@layer a, b;\n@layer a { p { color: light-dark(#fff, oklch(from var(--x) 90% .1 h)); & b { margin: 1px } } }\n@container (width > 40rem) { p { color: red } }\n"})
	for _, want := range []string{"@layer a", "light-dark(", "oklch(from", "@container"} {
		if !strings.Contains(files[a.Style], want) {
			t.Errorf("the stylesheet holds no %q: %s", want, files[a.Style])
		}
	}
}

func TestFilesThatAStyleNames(t *testing.T) {
	a, files := build(t, "@font-face{font-family:x;src:url(\"./fonts/x.woff2\")}\n", map[string]string{
		"style.css": "@import \"parts/a.css\";\na { background: url(img/dot.png) }\n", "parts/a.css": "b { background: url(\"../img/line.svg\") }\ni { background: url(data:image/png;base64,AAAA) }\nu { fill: url(#gradient) }\n",
		"img/dot.png": "a dot", "img/line.svg": "<svg/>", "fonts/x.woff2": "a font", "img/unnamed.png": "unnamed",
	})
	style := files[a.Style]
	var names []string
	for name, data := range files {
		if name == a.Style {
			continue
		}
		names = append(names, strings.Split(name, "-")[0]+path.Ext(name)+" "+data)
		if !strings.Contains(style, name) {
			t.Errorf("the stylesheet does not name %s: %s", name, style)
		}
		if strings.Contains(name, "/") {
			t.Errorf("%s lies in a folder", name)
		}
	}
	slices.Sort(names)
	if diff := cmp.Diff([]string{"dot.png a dot", "line.svg <svg/>", "x.woff2 a font"}, names); diff != "" {
		t.Error(diff)
	}
	for _, want := range []string{"data:image/png;base64,AAAA", "#gradient"} {
		if !strings.Contains(style, want) {
			t.Errorf("the stylesheet holds no %s: %s", want, style)
		}
	}
}

// A file's name changes with what it holds, and only then.
func TestFingerprints(t *testing.T) {
	base := map[string]string{
		"style.css": "@import \"parts/a.css\";\na { background: url(dot.png) }\n", "parts/a.css": "b { margin: 1px }\n", "dot.png": "a dot",
		"main.ts": "import { x } from \"./x\";\nconsole.log(x);\n", "x.ts": "export const x = 1;\n", "unnamed.css": "u {}\n",
	}
	tokens := ":root{--brand:#123456}\n"
	kinds := func(tokens string, files map[string]string) map[string]string {
		t.Helper()
		a, out := build(t, tokens, files)
		names := map[string]string{"style": a.Style, "script": a.Script}
		for name := range out {
			if path.Ext(name) == ".png" {
				names["dot"] = name
			}
		}
		return names
	}
	before := kinds(tokens, base)
	tests := []struct {
		name, file, text string
		tokens           string
		want             []string // whose names change
	}{
		{"nothing", "", "", tokens, nil},
		{"the stylesheet", "style.css", "@import \"parts/a.css\";\na { background: url(dot.png); margin: 1px }\n", tokens, []string{"style"}},
		{"what it imports", "parts/a.css", "b { margin: 2px }\n", tokens, []string{"style"}},
		{"a picture that it names", "dot.png", "another dot", tokens, []string{"dot", "style"}},
		{"the tokens", "", "", ":root{--brand:#654321}\n", []string{"style"}},
		{"the script", "main.ts", "import { x } from \"./x\";\nconsole.log(x, 2);\n", tokens, []string{"script"}},
		{"what that imports", "x.ts", "export const x = 3;\n", tokens, []string{"script"}},
		{"blanks and comments", "parts/a.css", "/* A comment. */\nb {\n\tmargin: 1px;\n}\n", tokens, nil},
		{"types and comments", "x.ts", "// A comment.\nexport const x: number = 1;\n", tokens, nil},
		{"a file that nothing names", "unnamed.css", "u { margin: 9px }\n", tokens, nil},
		{"a layer of the theme that comes", "theme.css", "i { margin: 3px }\n", tokens, []string{"style"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			files := map[string]string{}
			for name, text := range base {
				files[name] = text
			}
			if test.file != "" {
				files[test.file] = test.text
			}
			after := kinds(test.tokens, files)
			var changed []string
			for kind, name := range before {
				if after[kind] != name {
					changed = append(changed, kind)
				}
			}
			slices.Sort(changed)
			if diff := cmp.Diff(test.want, changed); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMistakesHavePlaces(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"a stylesheet of the site", map[string]string{"style.css": "@import \"site.css\";\n", "site.css": "a {\n  background: url(nowhere.png);\n}\n"}, []string{"assets/site.css:2:15 error bad-asset"}},
		{"a stylesheet of a theme", map[string]string{"style.css": "", "theme.css": "@import \"nowhere.css\";\n"}, []string{"themes/own/assets/theme.css:1:9 error bad-asset"}},
		{"a built-in stylesheet", map[string]string{"style.css": "a { background: url(x.png) }\n"}, []string{"style.css:1:17 error bad-asset"}},
		{"a script of the site", map[string]string{"style.css": "", "main.ts": "import \"./site\";\n", "site.ts": "\n\n  const = 1;\n"}, []string{"assets/site.ts:3:9 error bad-asset"}},
		{"a script of a theme that imports what is not there", map[string]string{"style.css": "", "main.ts": "import \"./theme\";\n", "theme.ts": "import { x } from \"./nothing\";\nconsole.log(x);\n"}, []string{"themes/own/assets/theme.ts:1:19 error bad-asset"}},
		{"an export that is not there", map[string]string{"style.css": "", "main.ts": "import { y } from \"./site\";\nconsole.log(y);\n", "site.ts": "export const x = 1;\n"}, []string{"main.ts:1:10 error bad-asset"}},
		{"two at once", map[string]string{"style.css": "@import \"site.css\";\n@import \"theme.css\";\n", "site.css": "@import \"a.css\";\n", "theme.css": "@import \"b.css\";\n"},
			[]string{"assets/site.css:1:9 error bad-asset", "themes/own/assets/theme.css:1:9 error bad-asset"}},
		{"a warning", map[string]string{"style.css": "a { margin: 1px\n"}, []string{"style.css:2:1 warning bad-asset"}},
		{"behind letters of more than a byte", map[string]string{"style.css": "/* Größe */ a { background: url(x.png) }\n"}, []string{"style.css:1:29 error bad-asset"}},
		{"in the order of the lines", map[string]string{"style.css": "a { background: url(x.png) }\nb { background: url(a.png) }\n"}, []string{"style.css:1:17 error bad-asset", "style.css:2:17 error bad-asset"}},
		{"no stylesheet at all", map[string]string{"main.ts": ""}, []string{"assets:1:1 error bad-asset"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, messages, err := Build(folder(test.files), where, "")
			if err != nil {
				t.Fatal(err)
			}
			messages.Sort()
			if diff := cmp.Diff(test.want, places(messages)); diff != "" {
				t.Errorf("%s\n%+v", diff, messages)
			}
			for _, m := range messages {
				if m.Text == "" || strings.HasSuffix(m.Text, ".") || m.File != "assets" && m.Excerpt == "" && m.Severity == diag.Error {
					t.Errorf("the message is %+v", m)
				}
			}
		})
	}
}

// Pages load nothing from elsewhere, and assets nothing from beside them.
func TestImportsFromOutside(t *testing.T) {
	tests := []struct{ name, file, text string }{
		{"up", "style.css", `@import "../portico.toml";`},
		{"up and down", "style.css", `a { background: url(../assets/../content/x.png) }`},
		{"by an absolute path", "style.css", `a { background: url(/etc/hostname) }`},
		{"from a host", "style.css", `@import "https://fonts.example/x.css";`},
		{"from a host, by url", "style.css", `@import url(https://fonts.example/x.css);`},
		{"from a host, without a scheme", "style.css", `@import url(//fonts.example/x.css);`},
		{"a picture of a host", "style.css", `a { background: url("https://x.example/x.png") }`},
		{"a font of a host", "style.css", `@font-face { font-family: x; src: url(https://x.example/x.woff2) }`},
		{"a file's address", "style.css", `@import "file:///etc/hostname";`},
		{"a drive", "style.css", `@import "C:/x.css";`},
		{"a script from a host", "main.ts", `import "https://x.example/x.js";`},
		{"a script from a package", "main.ts", `import x from "lodash"; console.log(x);`},
		{"a script from above", "main.ts", `import x from "../../package.json"; console.log(x);`},
		{"a script from the system", "main.ts", `import "/etc/hostname";`},
		{"a script when it runs", "main.ts", `import("https://x.example/x.js");`},
		{"a part of the program", "main.ts", `import "node:fs";`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			files := map[string]string{"style.css": "", "main.ts": ""}
			files[test.file] = test.text + "\n"
			_, messages, err := Build(folder(files), where, "")
			if err != nil {
				t.Fatal(err)
			}
			if len(messages) != 1 || !messages.Failed() || messages[0].File != test.file || messages[0].Start.Line != 1 {
				t.Errorf("messages are %+v", messages)
			}
		})
	}
}

// What the machine did is no mistake of the theme's author.
func TestFileThatCannotBeRead(t *testing.T) {
	files := unreadable{folder(map[string]string{"style.css": "@import \"x.css\";\n", "x.css": ""}), "x.css"}
	_, messages, err := Build(files, where, "")
	if !errors.Is(err, fs.ErrPermission) || messages != nil {
		t.Errorf("the error is %v, the messages %v", err, messages)
	}
}

// unreadable shows a file that cannot be opened.
type unreadable struct {
	fstest.MapFS
	name string
}

func (u unreadable) Open(name string) (fs.File, error) {
	if name == u.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return u.MapFS.Open(name)
}

func (u unreadable) ReadFile(name string) ([]byte, error) {
	if name == u.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return u.MapFS.ReadFile(name)
}

func TestLayouts(t *testing.T) {
	got, err := Layouts(folder(map[string]string{
		"deal.html":            "<!doctype html>\n<html>\n<head>\n<!-- A comment. -->\n<title>{{ .Title }}</title>\n</head>\n<body>\n{{template \"parts/nav.html\" .}}\n</body>\n</html>\n",
		"parts/nav.html":       "<ul>\n  {{- range .Pages}}\n  <li{{if .Current}} class=\"here\"{{end}}><a href=\"{{.Href}}\">{{.Text}}</a></li>\n  {{end -}}\n</ul>\n",
		"blocks/x.html":        "<p {{if .A}}id=\"{{.A}}\"{{else}}class='b'{{end}} hidden=\"hidden\">{{/* a comment */}}{{with $x := .Items}}{{index $x 0 | printf \"%s > %d\" 1}}{{end}}</p>",
		"blocks/quoted.html":   "<p title=\"{{printf \"a\\\"b\" }}\" data-x=\"\">{{\"<b>\"}}</p>",
		"blocks/unclosed.html": "{{if .A}}<div>{{end}}text{{if .A}}</div>{{end}}",
		"notes.txt":            "no layout", "parts/readme.md": "no layout",
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"deal.html":            "<!doctype html><html><head><title>{{ .Title }}</title></head><body>{{template \"parts/nav.html\" .}}</body></html>",
		"parts/nav.html":       "<ul>{{- range .Pages}}<li{{if .Current}} class=\"here\"{{end}}><a href=\"{{.Href}}\">{{.Text}}</a></li>{{end -}}</ul>",
		"blocks/x.html":        "<p {{if .A}}id=\"{{.A}}\"{{else}}class='b'{{end}} hidden=\"hidden\">{{/* a comment */}}{{with $x := .Items}}{{index $x 0 | printf \"%s > %d\" 1}}{{end}}</p>",
		"blocks/quoted.html":   "<p title=\"{{printf \"a\\\"b\" }}\" data-x>{{\"<b>\"}}</p>",
		"blocks/unclosed.html": "{{if .A}}<div>{{end}}text{{if .A}}</div>{{end}}",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLayoutsThatCannotBeRead(t *testing.T) {
	if _, err := Layouts(unreadable{folder(map[string]string{"x.html": ""}), "x.html"}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("the error is %v", err)
	}
}

func TestSVG(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"a drawing", "<?xml version=\"1.0\"?>\n<!-- A comment. -->\n<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 8\">\n  <path d=\"M 1 1 L 3 1 L 3 3 z\"/>\n</svg>\n", `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M1 1H3V3z"/></svg>`},
		{"nothing", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := string(SVG([]byte(test.in))); got != test.want {
				t.Errorf("it is %q, not %q", got, test.want)
			}
		})
	}
}

// Whatever a built-in layout does it still does when it was minified.
func TestBuiltInLayoutsKeepTheirActions(t *testing.T) {
	files := os.DirFS("../../layouts")
	got, err := Layouts(files)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) < 20 {
		t.Fatalf("there are %d layouts; some are missing", len(got))
	}
	actions := regexp.MustCompile(`{{.*?}}`)
	for name, small := range got {
		whole, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		if len(small) > len(whole) {
			t.Errorf("%s became longer", name)
		}
		if diff := cmp.Diff(actions.FindAllString(string(whole), -1), actions.FindAllString(small, -1)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
