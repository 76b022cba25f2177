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
