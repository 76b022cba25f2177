package serve_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orisano/pixelmatch"

	"portico/internal/browser"
	"portico/internal/need"
)

var update = flag.Bool("update", false, "take the screenshots in docs/screenshots anew")

// view is what a screenshot shows.
type view struct {
	name          string
	page          string
	width, height int
	dark          bool
	do            string // before it is taken
}

// The views that are kept of each theme.
var views = []view{
	{"desk", "meridian-bank/", 1440, 900, false, ""},
	{"dark", "kestrel-motion/", 1440, 900, true, ""},
	{"tablet", "alder-insurance/", 834, 1112, false, ""},
	{"phone", "meridian-bank/", 390, 844, false, ""},
	{"plan", "meridian-bank/", 1280, 960, false, `document.querySelector("#m-pilot-result > details").open = true; document.querySelector("#timeline").scrollIntoView()`},
	{"page", "meridian-bank/pages/security.html", 1024, 800, false, ""},
}

// tolerance is the share of pixels that may differ: the edges of letters do,
// from one version of a browser to the next.
const tolerance = .005

// What a reader sees of each theme is as it is kept in docs/screenshots.
// `make screenshots` takes them anew, and says which changed and by how much.
func TestScreenshots(t *testing.T) {
	t.Parallel()
	need.Font(t, "Inter")
	need.Font(t, "Liberation Serif")
	b := chromium.Browser(t)
	folder := filepath.Join(need.Root(t), "docs", "screenshots")
	for _, theme := range builtin {
		site := themed(t, theme)
		for _, v := range views {
			t.Run(theme+"/"+v.name, func(t *testing.T) {
				p := b.Page(t, v.width, v.height)
				scheme := "light"
				if v.dark {
					scheme = "dark"
				}
				p.Media("", "prefers-color-scheme", scheme, "prefers-reduced-motion", "reduce")
				p.Script(clock("2026-11-21"))
				p.Goto(site.URL + "/" + v.page)
				if v.do != "" {
					browser.Eval[bool](p, "(() => { "+v.do+"; return true })()")
				}
				compare(t, p.View(), filepath.Join(folder, theme+"-"+v.name+".png"))
			})
		}
	}
}

// compare a screenshot with the one that is kept.
func compare(t *testing.T, shot []byte, kept string) {
	t.Helper()
	now, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(kept)
	share := 1.0
	var marked image.Image
	if err == nil {
		old, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		share, marked = difference(t, old, now)
	}
	switch {
	case share <= tolerance:
	case *update:
		if err := os.MkdirAll(filepath.Dir(kept), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(kept, shot, 0o644); err != nil {
			t.Fatal(err)
		}
		fmt.Printf("%s changed: %.2f %% of it\n", filepath.Base(kept), share*100)
	case marked == nil:
		t.Errorf("%s is not there, or of another size: `make screenshots` takes it", kept)
	default:
		t.Errorf("%.2f %% of %s differs: see %s; `make screenshots` takes it anew", share*100, kept, keep(t, kept, shot, marked))
	}
}

// difference is the share of pixels that a reader sees to differ, and where.
// Pictures of two sizes differ altogether.
func difference(t *testing.T, old, now image.Image) (float64, image.Image) {
	t.Helper()
	if old.Bounds() != now.Bounds() {
		return 1, nil
	}
	var marked image.Image
	n, err := pixelmatch.MatchPixel(old, now, pixelmatch.Threshold(.15), pixelmatch.WriteTo(&marked), pixelmatch.DiffColor(color.RGBA{R: 255, A: 255}))
	if err != nil {
		t.Fatal(err)
	}
	return float64(n) / float64(now.Bounds().Dx()*now.Bounds().Dy()), marked
}

// keep puts a screenshot that differs, and what differs, where someone can look
// at them after the test.
func keep(t *testing.T, kept string, shot []byte, marked image.Image) string {
	t.Helper()
	folder := filepath.Join(os.TempDir(), "portico-screenshots")
	name := filepath.Join(folder, strings.TrimSuffix(filepath.Base(kept), ".png"))
	var b bytes.Buffer
	err := errors.Join(os.MkdirAll(folder, 0o755), png.Encode(&b, marked))
	if err == nil {
		err = errors.Join(os.WriteFile(name+".png", shot, 0o644), os.WriteFile(name+"-differs.png", b.Bytes(), 0o644))
	}
	if err != nil {
		t.Error(err)
	}
	return name + "-differs.png"
}
