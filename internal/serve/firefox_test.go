package serve_test

import (
	"path/filepath"
	"testing"

	"portico/internal/browser"
)

// Another browser shows the same pages, in either theme: nothing sticks out or
// is cut off, nothing is complained of.
func TestFirefox(t *testing.T) {
	t.Parallel()
	args := []string{"320,390,834,1440", unfold, cut}
	for _, at := range everyDeal(t) {
		args = append(args, at.url())
		if at.id == "meridian-bank" {
			args = append(args, at.url()+"pages/security.html")
		}
	}
	for _, f := range inFirefox(t, "firefox.mjs", args...) {
		t.Error(f)
	}
}

// inFirefox runs a script of testdata, and gives what it has found.
func inFirefox(t *testing.T, script string, args ...string) []string {
	t.Helper()
	return browser.Firefox(t, filepath.Join("testdata", script), args...)
}
