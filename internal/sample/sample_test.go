package sample

import (
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
