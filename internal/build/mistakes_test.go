package build

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var updateMistakes = flag.Bool("update-mistakes", false, "rewrite testdata/mistakes/site.txtar")

// A site with 40 mistakes of 30 kinds across 10 deals yields all of them, each
// at its line, in order, and none besides.
func TestAllMistakesInOneRun(t *testing.T) {
	const archive = "testdata/mistakes/site.txtar"
	a, err := txtar.ParseFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	site, want := t.TempDir(), ""
	var files []txtar.File
	for _, f := range a.Files {
		if f.Name == "expected" {
			want = string(f.Data)
			continue
		}
		files = append(files, f)
		name := filepath.Join(site, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p, err := Load(Options{Source: site, Look: builtinLook(), Now: time.Now, LockDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	messages, err := p.Check(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	deals, kinds := map[string]bool{}, map[string]bool{}
	for _, m := range messages {
		fmt.Fprintf(&b, "%s:%d:%d: %s: %s [%s]\n", m.File, m.Start.Line, m.Start.Column, m.Severity, m.Text, m.Code)
		deals[strings.Join(strings.Split(m.File, "/")[:min(2, strings.Count(m.File, "/")+1)], "/")] = true
		kinds[m.Code] = true
	}
	if *updateMistakes {
		a.Files = append(files, txtar.File{Name: "expected", Data: []byte(b.String())})
		if err := os.WriteFile(archive, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
	if len(messages) < 40 || len(kinds) < 30 || len(deals) < 11 {
		t.Errorf("%d mistakes of %d kinds in %d places; this test is about 40 of 30 in portico.toml and 10 deals", len(messages), len(kinds), len(deals))
	}
}
