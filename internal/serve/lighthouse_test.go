//go:build nightly

package serve_test

import (
	"compress/gzip"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path"
	"slices"
	"testing"

	"portico/internal/need"
)

// compressing does to text what every host does.
type compressing struct {
	http.ResponseWriter
	to *gzip.Writer
}

func (c compressing) Write(data []byte) (int, error) { return c.to.Write(data) }

func compressed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path.Ext(r.URL.Path) {
		case "", ".css", ".js", ".svg":
		default:
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		to := gzip.NewWriter(w)
		defer to.Close() // the browser may have gone
		next.ServeHTTP(compressing{w, to}, r)
	})
}

// report is what Lighthouse says of one run.
type report struct {
	RuntimeError struct{ Message string }
	Categories   map[string]struct{ Score float64 }
	Audits       map[string]struct{ NumericValue float64 }
}

// runs of which the middle one counts, as Lighthouse's authors advise: what
// else a machine does shows in any one of them.
const runs = 5

// Lighthouse finds the page fast, accessible and well behaved, on a phone and
// at a desk. SEO is left out: a plan is not to be found.
func TestLighthouse(t *testing.T) {
	shown, _ := demonstration(t, november21)
	s := httptest.NewServer(compressed(shown.Config.Handler))
	t.Cleanup(s.Close)
	for _, device := range []string{"mobile", "desktop"} {
		for _, id := range []string{"meridian-bank", "kestrel-motion", "alder-insurance"} {
			t.Run(device+"/"+id, func(t *testing.T) {
				var all []report
				for range runs {
					all = append(all, lighthouse(t, s.URL+"/"+id+"/", device))
				}
				for category, least := range map[string]float64{"performance": .98, "accessibility": 1, "best-practices": 1} {
					if got := middle(all, func(r report) float64 { return r.Categories[category].Score }); got < least {
						t.Errorf("%s is %.2f, not %.2f", category, got, least)
					}
				}
				for audit, most := range map[string]float64{"cumulative-layout-shift": .01, "total-blocking-time": 100} {
					got := middle(all, func(r report) float64 { return r.Audits[audit].NumericValue })
					if t.Logf("%s: %.3f", audit, got); got > most {
						t.Errorf("%s is %.3f, more than %.3f", audit, got, most)
					}
				}
			})
		}
	}
}

// middle of what some runs came to.
func middle(all []report, of func(report) float64) float64 {
	var values []float64
	for _, r := range all {
		values = append(values, of(r))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// lighthouse looks at a page once.
func lighthouse(t *testing.T, url, device string) report {
	t.Helper()
	args := []string{need.Tool(t, "lighthouse/cli/index.js"), url, "--quiet", "--output=json", "--only-categories=performance,accessibility,best-practices",
		"--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync"}
	if device == "desktop" {
		args = append(args, "--preset=desktop")
	}
	cmd := exec.CommandContext(t.Context(), need.Program(t, "node", "nodejs"), args...)
	cmd.Env = append(cmd.Environ(), "CHROME_PATH="+need.Chromium(t), "HOME="+t.TempDir())
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var r report
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatal(err)
	}
	if r.RuntimeError.Message != "" {
		t.Fatal(r.RuntimeError.Message)
	}
	return r
}
