package build

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"portico/internal/brand"
)

func layers() Overlay {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	return Overlay{
		{"site", "layouts", fstest.MapFS{"a.html": file("site"), "parts/c.html": file("site"), "same.html": file("built in")}},
		{"theme x", "themes/x/layouts", fstest.MapFS{"a.html": file("theme"), "b.html": file("theme"), "parts/d.html": file("theme")}},
		{"built in", "", fstest.MapFS{"a.html": file("built in"), "b.html": file("built in"), "same.html": file("built in"), "parts/c.html": file("built in"), "e.html": file("built in")}},
	}
}

func TestOverlay(t *testing.T) {
	o := layers()
	var names []string
	err := fs.WalkDir(o, ".", func(name string, d fs.DirEntry, err error) error {
		if !d.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a.html", "b.html", "e.html", "parts/c.html", "parts/d.html", "same.html"}, names); diff != "" {
		t.Error(diff)
	}
	tests := []struct{ name, want, owner, where string }{
		{"a.html", "site", "site", "layouts/a.html"},
		{"b.html", "theme", "theme x", "themes/x/layouts/b.html"},
		{"e.html", "built in", "built in", "e.html"},
		{"parts/c.html", "site", "site", "layouts/parts/c.html"},
		{"parts/d.html", "theme", "theme x", "themes/x/layouts/parts/d.html"},
		{"same.html", "built in", "built in", "same.html"}, // a copy that differs in nothing
	}
	for _, test := range tests {
		data, err := fs.ReadFile(o, test.name)
		if err != nil || string(data) != test.want {
			t.Errorf("%s is %q, %v", test.name, data, err)
		}
		if got := o.Owner(test.name).Name; got != test.owner {
			t.Errorf("%s comes from %q, not %q", test.name, got, test.owner)
		}
		if got := o.Where(test.name); got != test.where {
			t.Errorf("%s lies at %q, not %q", test.name, got, test.where)
		}
	}
}

func TestOverlayHasNoOther(t *testing.T) {
	o := layers()
	for _, name := range []string{"x.html", "parts/a.html", "nowhere"} {
		if _, err := o.Open(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("opening %s: %v", name, err)
		}
		if _, err := o.Stat(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("looking at %s: %v", name, err)
		}
		if _, err := o.ReadDir(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("listing %s: %v", name, err)
		}
		if got := o.Owner(name); got.FS != nil {
			t.Errorf("%s comes from %s", name, got.Name)
		}
	}
}

// An error that is not "there is none" is told, rather than passed over for
// the layer below.
func TestOverlayTellsErrors(t *testing.T) {
	broken := Overlay{{"site", "layouts", brokenFS{}}, layers()[2]}
	if _, err := broken.Open("a.html"); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("opening: %v", err)
	}
	if _, err := broken.Stat("a.html"); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("looking: %v", err)
	}
	if _, err := broken.ReadDir("."); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("listing: %v", err)
	}
}

type brokenFS struct{}

func (brokenFS) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
}

func TestThemes(t *testing.T) {
	s := newSite(t, map[string]string{
		"portico.toml":           strings.Replace(sellerTOML, "[seller]", "theme = \"own\"\n[theme.own]\ncolor = \"#abcdef\"\ntitle = \"Mine\"\n[seller]", 1),
		"themes/own/theme.toml":  "[theme]\ntitle = \"Own\"\nradius = \"1px\"\n",
		"themes/ledger/x.txt":    "no theme: it has no theme.toml",
		"themes/notes/readme.md": "no theme",
		"themes/plan/theme.toml": "[theme]\ntitle = \"Over the built-in\"\n",
	})
	p := s.load()
	if diff := cmp.Diff([]string{"ledger", "own", "plan"}, p.Themes()); diff != "" {
		t.Error(diff)
	}
	own, messages, err := p.Theme("own")
	if err != nil || len(messages) > 0 {
		t.Fatal(err, said(messages))
	}
	if own.Title != "Mine" {
		t.Errorf("its title is %q", own.Title)
	}
	want := []Token{
		{"color", "#abcdef", "portico.toml"}, {"radius", "1px", "theme own"}, {"density", "normal", "built in"}, {"hero", "split", "built in"},
		{"font.display", "system-ui", "built in"}, {"font.text", "system-ui", "built in"},
	}
	c, err := brand.Parse("#abcdef")
	if err != nil {
		t.Fatal(err)
	}
	palette := brand.New(c, nil)
	for _, p := range palette.Tokens() {
		want = append(want, Token{"--" + p.Name, p.Light.String() + " " + p.Dark.String(), "made from color"})
	}
	if diff := cmp.Diff(want, own.Tokens); diff != "" {
		t.Error(diff)
	}
	over, _, err := p.Theme("")
	if err != nil || over.Title != "Over the built-in" {
		t.Errorf("the theme of a site that names none is %+v, %v", over, err)
	}
}

func TestUnknownThemes(t *testing.T) {
	s := newSite(t, map[string]string{
		"portico.toml":          strings.Replace(sellerTOML, "[seller]", "theme = \"legder\"\n[profile.smb]\ntheme = \"nope\"\n[seller]", 1),
		"content/ash/deal.toml": strings.Replace(planOf("Ash", ""), "profile", "theme = \"leger\"\nprofile", 1),
	})
	p := s.load()
	list, err := p.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"content/ash/deal.toml:3:9 error unknown-theme", "portico.toml:6:9 error unknown-theme", "portico.toml:8:9 error unknown-theme"}
	if diff := cmp.Diff(want, codes(list)); diff != "" {
		t.Error(diff)
	}
	if list[0].Label != `did you mean "ledger"?` {
		t.Errorf("the label is %q", list[0].Label)
	}
	for _, name := range []string{"nope", "../own", "/", "ledger/..", ""} {
		_, _, err := p.Theme(name)
		var unknown *UnknownTheme
		if known := name == ""; known != (err == nil) || !known && !errors.As(err, &unknown) {
			t.Errorf("theme %q: %v", name, err)
		}
	}
}
