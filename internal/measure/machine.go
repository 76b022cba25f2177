//go:build unix

package main

import (
	"bytes"
	"crypto/pbkdf2"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"portico/internal/sample"
)

// work is what one core does in a call, with what it took on the machine on
// which the budgets were set.
type work struct {
	name string
	set  time.Duration
	do   func() error
}

// machine tells how fast this machine is now, beside the one on which the
// budgets in seconds were set: what the decoder and goldmark take for one deal
// and one page, and what a key takes that is derived from a phrase.
func (b *bench) machine() error {
	dir := filepath.Join(b.at("site"), "content", sample.ID(b.deals/2))
	plan, err := os.ReadFile(filepath.Join(dir, "deal.toml"))
	if err != nil {
		return err
	}
	page, err := os.ReadFile(filepath.Join(dir, "pages", "page-2.md"))
	if err != nil {
		return err
	}
	md := goldmark.New(goldmark.WithExtensions(extension.GFM))
	fmt.Printf("%-36s", "this machine to that of the budgets")
	for _, w := range []work{
		{"TOML", 800 * time.Microsecond, func() error {
			var tree map[string]any
			_, err := toml.Decode(string(plan), &tree)
			return err
		}},
		{"Markdown", 200 * time.Microsecond, func() error { return md.Convert(page, &bytes.Buffer{}) }},
		{"PBKDF2", 113 * time.Millisecond, func() error {
			_, err := pbkdf2.Key(sha256.New, "a phrase", page[:16], 600_000, 32)
			return err
		}},
	} {
		took, err := usual(w.do)
		if err != nil {
			return err
		}
		fmt.Printf("  %s %.2f", w.name, float64(took)/float64(w.set))
	}
	fmt.Println()
	return nil
}

// usual is the median of what calls take, of which it makes some for half a
// second, and five at least.
func usual(do func() error) (time.Duration, error) {
	var all []time.Duration
	for began := time.Now(); len(all) < 5 || time.Since(began) < 500*time.Millisecond; {
		call := time.Now()
		if err := do(); err != nil {
			return 0, err
		}
		all = append(all, time.Since(call))
	}
	slices.Sort(all)
	return all[len(all)/2], nil
}
