package sample

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"portico/layouts"
)

// The site that the peer makes the same pages with.
//
//go:embed all:hugo
var hugo embed.FS

// Hugo writes the same n deals as a site for Hugo (gohugo.io), the peer that
// the budgets of docs/performance.md are measured against: deal.toml becomes
// the front matter of a section's page, pages and collateral lie beside it, and
// the layouts write what ours write: dates that are counted from others, states
// and what becomes of them, the filters, the timeline, sums, a deal's own
// stylesheet.
func Hugo(dir string, n int) error {
	site, err := fs.Sub(hugo, "hugo")
	if err != nil {
		return err
	}
	if err := os.CopyFS(dir, site); err != nil {
		return err
	}
	icons, err := fs.ReadFile(layouts.FS(), "parts/icons.html")
	if err != nil {
		return err
	}
	for name, data := range map[string][]byte{"layouts/_partials/icons.html": icons, "static/logo.svg": []byte(logo)} {
		if err := write(filepath.Join(dir, name), data); err != nil {
			return err
		}
	}
	for i := range n {
		g := newGenerator(i)
		files := map[string][]byte{
			"_index.md":                []byte("+++\n" + g.toml() + "+++\n"),
			"collateral/report.pdf":    g.bytes(200_000),
			"collateral/pricing.pdf":   g.bytes(60_000),
			"collateral/checklist.pdf": g.bytes(30_000),
		}
		for p := range 3 {
			files[fmt.Sprintf("page-%d.md", p+1)] = []byte(g.page(p))
		}
		for name, data := range files {
			if err := write(filepath.Join(dir, "content", ID(i), name), data); err != nil {
				return err
			}
		}
	}
	return nil
}
