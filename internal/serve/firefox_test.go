package serve_test

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"testing"

	"portico/internal/need"
)

// Another browser shows the same pages, in either theme: nothing sticks out or
// is cut off, nothing is complained of.
func TestFirefox(t *testing.T) {
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
	firefox := need.Program(t, "firefox-esr", "firefox")
	node := need.Program(t, "node", "nodejs")
	modules := filepath.Dir(need.Tool(t, "puppeteer-core"))
	cmd := exec.CommandContext(t.Context(), node, append([]string{filepath.Join("testdata", script), modules, firefox}, args...)...)
	cmd.Env = append(cmd.Environ(), "HOME="+t.TempDir(), "MOZ_HEADLESS=1")
	out, err := cmd.Output()
	if err != nil {
		stderr := ""
		if e, ok := err.(*exec.ExitError); ok {
			stderr = string(e.Stderr)
		}
		t.Fatalf("%v\n%s", err, stderr)
	}
	var found []string
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return found
}
