//go:build unix

// Command measure prints how the program stands against its budgets, beside
// Hugo where there is one: whole processes on a sample site, in alternating
// pairs, since what else a machine does moves every figure and leaves most
// ratios. docs/performance.md says how to read it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

func main() {
	var b bench
	flag.StringVar(&b.portico, "portico", "./portico", "the program")
	flag.StringVar(&b.hugo, "hugo", "hugo", "the peer; it is left out if it is not there")
	flag.StringVar(&b.staticrypt, "staticrypt", "staticrypt", "what encrypts the peer's pages; it is left out if it is not there")
	flag.IntVar(&b.deals, "deals", 1000, "how many deals")
	flag.IntVar(&b.pairs, "pairs", 5, "how many times each row is run")
	flag.StringVar(&b.dir, "dir", "", "where to put the sites, a folder in memory at best (default a new temporary one)")
	flag.Parse()
	if err := b.run(); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

type bench struct {
	portico, hugo, staticrypt, dir string
	deals, pairs                   int
	env                            []string
	// compressed is what the output in the clear would take compressed, written
	// what the sealed one takes, pages what the pages in the clear take, ours and
	// the peer's two kinds, in bytes.
	compressed, written, pages, peerPages, plainPages int64
}

func (b *bench) run() error {
	dir, err := os.MkdirTemp(b.dir, "portico-measure-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // nothing of it is needed
	b.dir = dir
	if b.portico, err = filepath.Abs(b.portico); err != nil {
		return err
	}
	if b.hugo, err = exec.LookPath(b.hugo); err != nil {
		b.hugo = ""
	}
	if b.staticrypt, err = exec.LookPath(b.staticrypt); err != nil {
		b.staticrypt = ""
	}
	b.env = append(os.Environ(), "HOME="+b.at("home"), "XDG_CONFIG_HOME=", "XDG_CACHE_HOME=", "CI=")
	if err := b.sites(); err != nil {
		return err
	}
	fmt.Printf("%d deals, %d commits of each, medians of %d\n", b.deals, commits, b.pairs)
	fmt.Printf("%-36s %9s %9s %9s\n", "", "wall s", "CPU s", "peak MiB")
	return errors.Join(b.machine(), b.cold(), b.machine(), b.warm("in the clear", b.clear()), b.warm("sealed", b.sealed()), b.machine(), b.check(),
		b.repeat("version", nil, b.portico, "version"), b.preview(), b.machine())
}

func (b *bench) at(name string) string { return filepath.Join(b.dir, name) }
