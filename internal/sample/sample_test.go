package sample

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestSize(t *testing.T) {
	dir := t.TempDir()
	if err := Site(dir, 1); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, "content", ID(0), "deal.toml"))
	if err != nil {
		t.Fatal(err)
	}
	if n := info.Size(); n < 11_000 || n > 14_000 {
		t.Errorf("deal.toml has %d bytes; the budgets are for some 12 KB", n)
	}
}

// The peer gets what ours gets.
func TestHugoHasTheSameDeal(t *testing.T) {
	ours, peer := t.TempDir(), t.TempDir()
	if err := errors.Join(Site(ours, 1), Hugo(peer, 1)); err != nil {
		t.Fatal(err)
	}
	pairs := map[string]string{"deal.toml": "_index.md", "collateral/report.pdf": "collateral/report.pdf"}
	for _, page := range []string{"page-1.md", "page-2.md", "page-3.md"} {
		pairs["pages/"+page] = page
	}
	for from, to := range pairs {
		a, err := os.ReadFile(filepath.Join(ours, "content", ID(0), from))
		b, err2 := os.ReadFile(filepath.Join(peer, "content", ID(0), to))
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(b, a) {
			t.Errorf("%s does not hold what %s does", to, from)
		}
	}
	for _, name := range []string{"layouts/section.html", "layouts/_markup/render-table.html", "layouts/_partials/icons.html", "plain/baseof.html", "static/logo.svg"} {
		if _, err := os.Stat(filepath.Join(peer, name)); err != nil {
			t.Error(err)
		}
	}
}
