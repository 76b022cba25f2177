package serve_test

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"testing"

	"portico/internal/need"
)

// Another browser shows the same pages: nothing sticks out, nothing is
// complained of.
func TestFirefox(t *testing.T) {
	firefox := need.Program(t, "firefox-esr", "firefox")
	node := need.Program(t, "node", "nodejs")
	modules := filepath.Dir(need.Tool(t, "puppeteer-core"))
	s, _ := demonstration(t, november21)
	args := []string{"testdata/firefox.mjs", modules, firefox, "390,834,1440"}
	for _, page := range []string{"meridian-bank/", "kestrel-motion/", "alder-insurance/", "meridian-bank/pages/security.html"} {
		args = append(args, s.URL+"/"+page)
	}
	cmd := exec.CommandContext(t.Context(), node, args...)
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
	for _, f := range found {
		t.Error(f)
	}
}
