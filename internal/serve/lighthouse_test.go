//go:build nightly

package serve_test

import (
	"encoding/json"
	"os/exec"
	"testing"

	"portico/internal/need"
)

// Lighthouse finds the page fast, accessible and well behaved, on a phone and
// at a desk. SEO is left out: a plan is not to be found.
func TestLighthouse(t *testing.T) {
	chromium := need.Chromium(t)
	node := need.Program(t, "node", "nodejs")
	lighthouse := need.Tool(t, "lighthouse/cli/index.js")
	s, _ := demonstration(t, november21)
	for _, device := range []string{"mobile", "desktop"} {
		for _, id := range []string{"meridian-bank", "kestrel-motion", "alder-insurance"} {
			t.Run(device+"/"+id, func(t *testing.T) {
				args := []string{lighthouse, s.URL + "/" + id + "/", "--quiet", "--output=json", "--only-categories=performance,accessibility,best-practices",
					"--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync"}
				if device == "desktop" {
					args = append(args, "--preset=desktop")
				}
				cmd := exec.CommandContext(t.Context(), node, args...)
				cmd.Env = append(cmd.Environ(), "CHROME_PATH="+chromium, "HOME="+t.TempDir())
				out, err := cmd.Output()
				if err != nil {
					t.Fatalf("%v: %s", err, out)
				}
				var report struct {
					RuntimeError struct{ Message string }
					Categories   map[string]struct{ Score float64 }
					Audits       map[string]struct {
						Title            string
						Score            *float64
						ScoreDisplayMode string
						DisplayValue     string
						NumericValue     float64
					}
				}
				if err := json.Unmarshal(out, &report); err != nil {
					t.Fatal(err)
				}
				if report.RuntimeError.Message != "" {
					t.Fatal(report.RuntimeError.Message)
				}
				for category, least := range map[string]float64{"performance": .98, "accessibility": 1, "best-practices": 1} {
					if got := report.Categories[category].Score; got < least {
						t.Errorf("%s is %.2f, not %.2f", category, got, least)
					}
				}
				if shift := report.Audits["cumulative-layout-shift"].NumericValue; shift > .01 {
					t.Errorf("the layout shifts by %.3f", shift)
				}
				if blocked := report.Audits["total-blocking-time"].NumericValue; blocked > 100 {
					t.Errorf("the page is blocked for %.0f ms", blocked)
				}
				for name, a := range report.Audits {
					if a.ScoreDisplayMode == "binary" && a.Score != nil && *a.Score < 1 {
						t.Logf("%s: %s %s", name, a.Title, a.DisplayValue)
					}
				}
			})
		}
	}
}
