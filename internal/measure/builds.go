//go:build unix

package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"portico/internal/sample"
)

// clear is the program's line, in the clear as the peer's is.
func (b *bench) clear() []string { return append(b.sealed(), "--unsealed") }

// sealed is the program's line as it is used: with the key that the site has.
func (b *bench) sealed() []string {
	return []string{b.portico, "build", "--source", b.at("site"), "--quiet", "--output", b.at("out")}
}

// forget all that an earlier run left: its output, and what it kept.
func (b *bench) forget() error {
	return errors.Join(os.RemoveAll(b.at("out")), os.RemoveAll(b.at("site/.portico/cache")))
}

// cold builds, with nothing kept and nothing there: in the clear, sealed, and
// by the peer, in turn. The peer makes the same pages, and plain ones. The same
// pages are then encrypted by StatiCrypt, all of them under one password, and
// once with one for each deal.
func (b *bench) cold() error {
	var clear, sealed, peer, plainer, crypt []figures
	for range b.pairs {
		err := errors.Join(
			b.add(&clear, b.forget, b.clear()...), b.weigh(&b.compressed, "out", gzipped), b.weigh(&b.pages, "out", html),
			b.add(&sealed, b.forget, b.sealed()...), b.weigh(&b.written, "out", whole))
		if err == nil && b.hugo != "" {
			err = errors.Join(b.addPeer(&plainer, "plain"), b.weigh(&b.plainPages, "peerout", html),
				b.addPeer(&peer, "layouts"), b.weigh(&b.peerPages, "peerout", html))
		}
		if err == nil && b.hugo != "" && b.staticrypt != "" {
			err = b.add(&crypt, func() error { return os.RemoveAll(b.at("encrypted")) },
				b.staticrypt, b.at("peerout"), "--recursive", "--short", "--config", "false", "--password", "a long password of several words", "--directory", b.at("encrypted"))
		}
		if err != nil {
			return err
		}
	}
	show("build, cold, in the clear", clear)
	show("build, cold, sealed", sealed)
	ratios("  sealed to clear", sealed, clear)
	fmt.Printf("%-36s %9.2f\n", "  sealed size to compressed input", float64(b.written)/float64(b.compressed))
	if len(peer) == 0 {
		fmt.Println("(no Hugo to compare with; see docs/performance.md)")
		return nil
	}
	show("Hugo --minify, cold, the same pages", peer)
	ratios("  clear to Hugo", clear, peer)
	show("Hugo --minify, cold, plain pages", plainer)
	ratios("  clear to Hugo", clear, plainer)
	fmt.Printf("%-36s %9.1f  the peer's %.1f, plain %.1f\n", "  KB of HTML for each deal", b.perDeal(b.pages), b.perDeal(b.peerPages), b.perDeal(b.plainPages))
	if len(crypt) == 0 {
		fmt.Println("(no StatiCrypt to compare with; see docs/performance.md)")
		return nil
	}
	for i := range crypt { // one after the other
		crypt[i] = figures{peer[i].wall + crypt[i].wall, peer[i].cpu + crypt[i].cpu, max(peer[i].peak, crypt[i].peak)}
	}
	show("Hugo, then StatiCrypt", crypt)
	ratios("  sealed to both", sealed, crypt)
	apart, err := b.apart()
	if err != nil {
		return err
	}
	for i := range crypt {
		crypt[i] = figures{peer[i].wall + apart.wall, peer[i].cpu + apart.cpu, max(peer[i].peak, apart.peak)}
	}
	show("Hugo, StatiCrypt deal by deal", crypt)
	ratios("  sealed to both", sealed, crypt)
	return nil
}

// addPeer adds a run of the peer with one of its two folders of layouts.
func (b *bench) addPeer(all *[]figures, layouts string) error {
	return b.add(all, func() error { return os.RemoveAll(b.at("peerout")) },
		"env", "HUGO_LAYOUTDIR="+layouts, b.hugo, "--source", b.at("peer"), "--minify", "--quiet", "--destination", b.at("peerout"), "--cacheDir", b.at("peercache"))
}

// perDeal is a sum of bytes as KB of each deal.
func (b *bench) perDeal(sum int64) float64 { return float64(sum) / 1000 / float64(b.deals) }

// apartDeals are how many deals tell what all would take.
const apartDeals = 20

// apart is what StatiCrypt would take if no deal's password opened another, as
// it is with ours: a run for each. A few are run and their time is multiplied.
func (b *bench) apart() (all figures, err error) {
	n := min(apartDeals, b.deals)
	for i := range n {
		f, err := b.one(nil, b.staticrypt, filepath.Join(b.at("peerout"), sample.ID(i)), "--recursive", "--short", "--config", "false",
			"--password", fmt.Sprintf("a long password of several words %d", i), "--directory", b.at("encrypted"))
		if err != nil {
			return figures{}, err
		}
		all.wall += f.wall
		all.cpu += f.cpu
		all.peak = max(all.peak, f.peak)
	}
	times := float64(b.deals) / float64(n)
	all.wall *= times
	all.cpu *= times
	return all, nil
}

// weigh adds up the files of a folder, unless that was done.
func (b *bench) weigh(sum *int64, dir string, size func(name string, data []byte) (int64, error)) error {
	if *sum != 0 {
		return nil
	}
	return filepath.WalkDir(b.at(dir), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		n, err := size(name, data)
		*sum += n
		return err
	})
}

// whole is what a file takes.
func whole(_ string, data []byte) (int64, error) { return int64(len(data)), nil }

// html is what a page takes.
func html(name string, data []byte) (int64, error) {
	if filepath.Ext(name) != ".html" {
		return 0, nil
	}
	return int64(len(data)), nil
}

// gzipped is what a file takes compressed, or as it is if that is less.
func gzipped(_ string, data []byte) (int64, error) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(data); err != nil {
		return 0, err
	}
	if err := w.Close(); err != nil {
		return 0, err
	}
	return int64(min(out.Len(), len(data))), nil
}

// warm builds: what a first one left is let settle before.
func (b *bench) warm(kind string, line []string) error {
	settle := func() error { time.Sleep(200 * time.Millisecond); return nil }
	if _, err := b.one(b.forget, line...); err != nil {
		return err
	}
	page := filepath.Join(b.at("site"), "content", sample.ID(b.deals/2), "pages", "page-1.md")
	change := func() error { return errors.Join(appendTo(page, "\nAnother.\n"), settle()) }
	return errors.Join(b.repeat("build, nothing changed, "+kind, settle, line...), b.repeat("build, one deal changed, "+kind, change, line...))
}

func (b *bench) check() error {
	line := []string{b.portico, "check", "--source", b.at("site"), "--quiet"}
	return errors.Join(b.repeat("check, cold", b.forget, line...), b.repeat("check, with cache", nil, line...))
}
