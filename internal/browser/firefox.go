package browser

import (
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"testing"

	"portico/internal/need"
)

// Firefox runs a script that drives it, and gives what the script has found. The
// script is handed the folder of Node's modules, the browser and what else it
// needs, and prints a list as JSON.
func Firefox(t testing.TB, script string, args ...string) []string {
	t.Helper()
	firefox := need.Program(t, "firefox-esr", "firefox")
	node := need.Program(t, "node", "nodejs")
	modules := filepath.Dir(need.Tool(t, "puppeteer-core"))
	cmd := exec.CommandContext(t.Context(), node, append([]string{script, modules, firefox}, args...)...)
	cmd.Env = append(cmd.Environ(), "HOME="+t.TempDir(), "MOZ_HEADLESS=1")
	out, err := cmd.Output()
	if err != nil {
		stderr := ""
		if e := (*exec.ExitError)(nil); errors.As(err, &e) {
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
