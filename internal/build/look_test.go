package build

import (
	"errors"
	"io/fs"
	"maps"
	"path"
	"portico/internal/render"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func ofTheme(name string) string {
	return strings.Replace(sellerTOML, "[seller]", "theme = \""+name+"\"\n[seller]", 1)
}

// A mistake in a layout is told with the file and line that its author knows,
// whatever was left out of it before it was run.
func TestLayoutMistakes(t *testing.T) {
	tests := []struct{ name, file, text, want string }{
		{"syntax", "layouts/page.html", "<p>\n<!-- a comment -->\n\n{{if .Title}}\n</p>\n", "page.html:6"},
		{"a field that is not there", "layouts/deal.html", "<p>\n<!-- a comment -->\n\n{{.Nothing}}</p>\n", "deal.html:4"},
		{"a part that is not there", "layouts/plain.html", "<p>\n\n{{template \"parts/nothing.html\" .}}</p>\n", "parts/nothing.html"},
		{"on a page of no deal", "layouts/plain.html", "<p>\n<!-- a comment -->\n\n{{.Nothing}}</p>\n", "plain.html:4"},
		{"in a theme", "themes/own/layouts/deal.html", "<p>\n\n\n\n{{.Nothing}}</p>\n", "deal.html:5"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newSite(t, map[string]string{"portico.toml": ofTheme("own"), "themes/own/theme.toml": "[theme]\n", test.file: test.text, "content/ash/deal.toml": planOf("Ash", "")})
			_, err := s.try("")
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v; it does not say %q", err, test.want)
			}
		})
	}
}

func TestAssetMistakesHavePlaces(t *testing.T) {
	tests := []struct{ name, file, text, want string }{
		{"a site's stylesheet", "assets/theme.css", "a {}\nb { background: url(nowhere.png) }\n", "assets/theme.css:2:17 error bad-asset"},
		{"a theme's stylesheet", "themes/own/assets/theme.css", "a { background: url(nowhere.png) }\n", "themes/own/assets/theme.css:1:17 error bad-asset"},
		{"a theme's script", "themes/own/assets/main.ts", "\nconst x: number = ;\n", "themes/own/assets/main.ts:2:19 error bad-asset"},
		{"a script that a site's script imports", "assets/lib/x.ts", "export const = 1;\n", "assets/lib/x.ts:1:14 error bad-asset"},
		{"a theme's font", "themes/own/theme.toml", "[theme]\n[font.text]\nfile = \"nowhere.woff2\"\n", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			files := map[string]string{"portico.toml": ofTheme("own"), "themes/own/theme.toml": "[theme]\n", "content/ash/deal.toml": planOf("Ash", ""), "assets/main.ts": "import \"./lib/x\";\n", "assets/lib/x.ts": "export {};\n"}
			if test.file == "themes/own/assets/main.ts" {
				delete(files, "assets/main.ts")
			}
			files[test.file] = test.text
			s := newSite(t, files)
			r, err := s.try("")
			if !errors.Is(err, ErrContent) {
				t.Fatal(err)
			}
			got := codes(r.Messages)
			if test.want == "" {
				if len(got) != 1 || !strings.HasPrefix(got[0], "themes/own/theme.toml:3:8 error ") {
					t.Errorf("messages are %q", got)
				}
				return
			}
			if diff := cmp.Diff([]string{test.want}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Fonts of a theme are named by its stylesheet and lie beside it.
func TestFonts(t *testing.T) {
	s := newSite(t, map[string]string{
		"portico.toml":                ofTheme("own"),
		"themes/own/theme.toml":       "[theme]\n[font.text]\nfile = \"fonts/text.woff2\"\n[font.display]\nfile = \"fonts/display.woff2\"\n",
		"themes/own/fonts/text.woff2": "a font", "themes/own/fonts/display.woff2": "another font",
		"content/ash/deal.toml": planOf("Ash", ""),
	})
	s.build()
	var style string
	fonts := map[string]string{}
	for name, data := range s.public().content() {
		switch path.Ext(name) {
		case ".css":
			if strings.HasPrefix(name, "_/style-") {
				style = data
			}
		case ".woff2":
			fonts[path.Base(name)] = data
		}
	}
	if len(fonts) != 2 {
		t.Fatalf("the fonts are %q", fonts)
	}
	for name := range fonts {
		if !strings.Contains(style, name) {
			t.Errorf("the stylesheet does not name %s", name)
		}
	}
	for _, want := range []string{`font-family:portico text`, `font-family:portico display`, `--font-text: "portico text"`, `--font-display: "portico display"`} {
		if !strings.Contains(strings.ReplaceAll(style, `font-family:"`, "font-family:"), want) && !strings.Contains(style, strings.ReplaceAll(want, ": ", ":")) {
			t.Errorf("the stylesheet does not hold %s", want)
		}
	}
}

// The seller's drawings are looked at before they are published.
func TestActiveLogo(t *testing.T) {
	const active = `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`
	toml := strings.Replace(sellerTOML, "color =", "logo = \"assets/logo.svg\"\ncolor =", 1)
	s := newSite(t, map[string]string{"portico.toml": toml, "assets/logo.svg": active, "content/ash/deal.toml": planOf("Ash", "")})
	list, err := s.load().Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"portico.toml:8:8 error active-svg"}
	if diff := cmp.Diff(want, codes(list)); diff != "" {
		t.Error(diff)
	}
	r, err := s.try("")
	if !errors.Is(err, ErrContent) {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, codes(r.Messages)); diff != "" {
		t.Error(diff)
	}
	// A preview that shows mistakes shows the rest.
	o, _, err := s.load().Output(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = fs.WalkDir(o, "_", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(o, name)
		if strings.Contains(string(data), "alert(1)") {
			t.Errorf("%s holds it", name)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// Logos of the site lie in the shared folder, under names that follow what
// they hold.
func TestLogos(t *testing.T) {
	toml := strings.Replace(sellerTOML, "color =", "logo = \"assets/brand/logo.svg\"\nlogo_dark = \"assets/brand/logo.png\"\ncolor =", 1) + "photo = \"assets/mara.jpg\"\n"
	s := newSite(t, map[string]string{
		"portico.toml": toml, "assets/brand/logo.svg": `<svg xmlns="http://www.w3.org/2000/svg"><path d="M1 1h2"/></svg>`,
		"assets/brand/logo.png": "png", "assets/mara.jpg": "jpg", "assets/unnamed.png": "unnamed",
		"content/ash/deal.toml": planOf("Ash", ""),
	})
	s.build()
	shared := func() []string {
		var names []string
		for _, name := range s.public().under("_").names() {
			kind, _, _ := strings.Cut(name, "-")
			if slices.Contains([]string{"icon", "logo", "mara"}, kind) {
				names = append(names, name)
			}
		}
		return names
	}
	before := shared()
	if len(before) != 4 {
		t.Fatalf("the shared files are %q", before)
	}
	page := s.read("public/ash/index.html")
	for _, name := range before {
		if !strings.Contains(page, "../_/"+name) {
			t.Errorf("the page does not name %s", name)
		}
	}
	s.write("assets/mara.jpg", "another jpg")
	s.build()
	after := shared()
	changed := 0
	for i := range before {
		if before[i] != after[i] {
			changed++
			if !strings.HasPrefix(after[i], "mara-") {
				t.Errorf("%s became %s", before[i], after[i])
			}
		}
	}
	if changed != 1 {
		t.Errorf("%d names changed", changed)
	}
}

// A deal's colours are in its own stylesheet: an inline style may not be. It
// holds what the theme's does not say already.
func TestColoursOfADeal(t *testing.T) {
	declarations := func(css string) map[string]string {
		all := map[string]string{}
		for d := range strings.SplitSeq(strings.TrimSuffix(strings.TrimPrefix(css, ":root{"), "}"), ";") {
			if name, value, ok := strings.Cut(d, ":"); ok {
				all[name] = value
			}
		}
		return all
	}
	theme := declarations(render.ThemePalette("#2540c8"))
	tests := []struct{ name, toml, want string }{
		{"none", planOf("Ash", ""), render.Palette("#2540c8", "")},
		{"the buyer's", strings.Replace(planOf("Ash", ""), "[value]", "color = \"#7a1f3d\"\n[value]", 1), render.Palette("#2540c8", "#7a1f3d")},
		{"the seller's, for this deal", planOf("Ash", "[seller]\ncolor = \"#010203\"\n"), render.Palette("#010203", "")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newSite(t, map[string]string{"content/ash/deal.toml": test.toml})
			s.build()
			first, _, _ := strings.Cut(s.read("public/ash/tokens.css"), "\n")
			own := declarations(first)
			for name, value := range own {
				if theme[name] == value {
					t.Errorf("%s is the theme's already", name)
				}
			}
			got := maps.Clone(theme)
			maps.Copy(got, own)
			if diff := cmp.Diff(declarations(test.want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Another style makes another look, whose pages name it, out of layouts that
// are prepared already; another layout is prepared.
func TestLayoutsArePreparedOnce(t *testing.T) {
	s := newSite(t, nil)
	s.opts.Clear, s.opts.Memory = true, NewMemory()
	rendered := func() (*look, *render.Renderer) {
		t.Helper()
		p, err := Load(s.opts)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		l, messages, err := p.makeLook("", false)
		if err != nil || messages.Failed() {
			t.Fatal(err, messages)
		}
		r, err := p.renderer(l)
		if err != nil {
			t.Fatal(err)
		}
		return l, r
	}
	first, _ := rendered()
	s.write("assets/theme.css", ".hero { outline: 1px solid }\n")
	if s.opts.Memory.renderer(&first.Out, nil) == nil {
		t.Error("a look that is kept lends its layouts to none")
	}
	second, _ := rendered()
	if page := string(second.Plain["404.html"]); first.Out.Style == second.Out.Style || !strings.Contains(page, second.Out.Style) || strings.Contains(page, first.Out.Style) {
		t.Errorf("after a change of style from %s to %s the page is\n%s", first.Out.Style, second.Out.Style, page)
	}
	s.write("layouts/plain.html", "<!doctype html>\n<title>Other</title>\n")
	third, prepared := rendered()
	if prepared.With(&first.Out, nil) != nil || prepared.With(&second.Out, nil) != nil {
		t.Error("looks with other layouts share them")
	}
	if page := string(third.Plain["404.html"]); !strings.Contains(page, "Other") {
		t.Errorf("after a change of a layout the page is\n%s", page)
	}
	if n := len(s.opts.Memory.looks); n != 3 {
		t.Errorf("%d looks are kept, not 3", n)
	}
}
