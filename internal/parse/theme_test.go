package parse

import (
	"testing"
	"testing/fstest"

	"portico/internal/diag"
)

// readTheme reads a theme.toml that may name the fonts of the tests.
func readTheme(t testing.TB, toml string) diag.List {
	t.Helper()
	m := fstest.MapFS{"theme.toml": {Data: []byte(toml)}}
	for _, name := range []string{"fonts/inter.woff2", "a.woff", "b.ttf", "c.OTF"} {
		m[name] = &fstest.MapFile{Data: []byte("font")}
	}
	_, list, err := reader().Theme(m, "themes/plan/theme.toml")
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// A colour that serves badly is told of where it is written.
func TestThemeColour(t *testing.T) {
	list := readTheme(t, "[theme]\ncolor = \"#d92d20\"\n")
	if len(list) != 1 || list[0].Code != "brand-like-danger" || list[0].Severity != diag.Warning || list[0].Start.Line != 2 || list[0].Start.Column != 9 {
		t.Errorf("the messages are %+v", list)
	}
	if list := readTheme(t, "[theme]\ncolor = \"#2540c8\"\n"); len(list) != 0 {
		t.Errorf("the messages are %+v", list)
	}
}
