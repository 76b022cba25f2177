//go:build unix

// Command measure prints how the program stands against its budgets, beside
// Hugo where there is one: whole processes on a sample site, in alternating
// pairs, since what else a machine does moves every figure and leaves most
// ratios. docs/performance.md says how to read it.
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"portico/internal/sample"
)

func main() {
	var b bench
	flag.StringVar(&b.portico, "portico", "./portico", "the program")
	flag.StringVar(&b.hugo, "hugo", "hugo", "the peer; it is left out if it is not there")
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
	portico, hugo, dir string
	deals, pairs       int
	env                []string
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
	b.env = append(os.Environ(), "HOME="+b.at("home"), "XDG_CONFIG_HOME=", "XDG_CACHE_HOME=", "CI=")
	if err := b.sites(); err != nil {
		return err
	}
	fmt.Printf("%d deals, %d commits of each, medians of %d\n", b.deals, commits, b.pairs)
	fmt.Printf("%-34s %9s %9s %9s\n", "", "wall s", "CPU s", "peak MiB")
	return errors.Join(b.cold(), b.warm(), b.check(), b.repeat("version", nil, b.portico, "version"))
}

func (b *bench) at(name string) string { return filepath.Join(b.dir, name) }

// commits of each deal, which are made for a twentieth of the deals at a time.
const commits = 5

func (b *bench) sites() error {
	if err := sample.Site(b.at("site"), b.deals); err != nil {
		return err
	}
	err := b.history(b.at("site"), "pages/page-1.md")
	if err != nil || b.hugo == "" {
		return err
	}
	if err := sample.Hugo(b.at("peer"), b.deals); err != nil {
		return err
	}
	return b.history(b.at("peer"), "page-1.md")
}

func (b *bench) history(dir, page string) error {
	git := func(args ...string) error {
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=A", "-c", "user.email=a@lumen.example", "-c", "gc.auto=0"}, args...)...)
		cmd.Env = b.env
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("git %s: %w: %s", args[0], err, out)
		}
		return nil
	}
	if err := git("init", "-q"); err != nil {
		return err
	}
	size := max(1, b.deals/20)
	for range commits {
		for from := 0; from < b.deals; from += size {
			args := []string{"add", "--"}
			for i := from; i < min(from+size, b.deals); i++ {
				if err := appendTo(filepath.Join(dir, "content", sample.ID(i), page), "\nMore.\n"); err != nil {
					return err
				}
				args = append(args, "content/"+sample.ID(i))
			}
			if err := errors.Join(git(args...), git("commit", "-q", "-m", "A change")); err != nil {
				return err
			}
		}
	}
	if err := errors.Join(git("add", "-A"), git("commit", "-q", "-m", "The rest")); err != nil {
		return err
	}
	time.Sleep(2 * time.Second) // or git would read again what it took in within its index's second
	return git("status", "--porcelain")
}

func appendTo(name, text string) error {
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// build is the program's line, in the clear as the peer's is.
func (b *bench) build() []string {
	return []string{b.portico, "build", "--source", b.at("site"), "--unsealed", "--quiet", "--output", b.at("out")}
}

// cold builds, with nothing kept and nothing there, in turn with the peer.
func (b *bench) cold() error {
	var own, peer []figures
	for range b.pairs {
		f, err := b.one(func() error {
			return errors.Join(os.RemoveAll(b.at("out")), os.RemoveAll(b.at("site/.portico")))
		}, b.build()...)
		if err != nil {
			return err
		}
		own = append(own, f)
		if b.hugo == "" {
			continue
		}
		f, err = b.one(func() error { return os.RemoveAll(b.at("peerout")) },
			b.hugo, "--source", b.at("peer"), "--minify", "--quiet", "--destination", b.at("peerout"), "--cacheDir", b.at("peercache"))
		if err != nil {
			return err
		}
		peer = append(peer, f)
	}
	show("build, cold", own)
	if len(peer) == 0 {
		fmt.Println("(no Hugo to compare with; see docs/performance.md)")
		return nil
	}
	show("Hugo --minify, cold", peer)
	ratio := make([]figures, len(own))
	for i := range own {
		ratio[i] = figures{own[i].wall / peer[i].wall, own[i].cpu / peer[i].cpu, own[i].peak / peer[i].peak}
	}
	fmt.Printf("%-34s %9.2f %9.2f %9.2f\n", "ratio, pair by pair", median(ratio, wall), median(ratio, cpu), median(ratio, peak))
	return nil
}

// warm builds: what a first one left is let settle before.
func (b *bench) warm() error {
	settle := func() error { time.Sleep(200 * time.Millisecond); return nil }
	if _, err := b.one(nil, b.build()...); err != nil {
		return err
	}
	page := filepath.Join(b.at("site"), "content", sample.ID(b.deals/2), "pages", "page-1.md")
	change := func() error { return errors.Join(appendTo(page, "\nAnother.\n"), settle()) }
	return errors.Join(b.repeat("build, nothing changed", settle, b.build()...), b.repeat("build, one deal changed", change, b.build()...))
}

func (b *bench) check() error {
	line := []string{b.portico, "check", "--source", b.at("site"), "--quiet"}
	forget := func() error { return os.RemoveAll(b.at("site/.portico")) }
	return errors.Join(b.repeat("check, cold", forget, line...), b.repeat("check, with cache", nil, line...))
}

func (b *bench) repeat(name string, before func() error, line ...string) error {
	var all []figures
	for range b.pairs {
		f, err := b.one(before, line...)
		if err != nil {
			return err
		}
		all = append(all, f)
	}
	show(name, all)
	return nil
}

// one run of a program.
func (b *bench) one(before func() error, line ...string) (figures, error) {
	if before != nil {
		if err := before(); err != nil {
			return figures{}, err
		}
	}
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Env = b.env
	began := time.Now()
	out, err := cmd.CombinedOutput()
	f := figures{wall: time.Since(began).Seconds()}
	if err != nil {
		return f, fmt.Errorf("%s: %w: %s", strings.Join(line[:2], " "), err, out)
	}
	s := cmd.ProcessState
	f.cpu, f.peak = (s.UserTime() + s.SystemTime()).Seconds(), peakOf(s)
	return f, nil
}

// figures of one run: seconds, seconds of CPU, MiB.
type figures struct{ wall, cpu, peak float64 }

func wall(f figures) float64 { return f.wall }
func cpu(f figures) float64  { return f.cpu }
func peak(f figures) float64 { return f.peak }

func show(name string, all []figures) {
	fmt.Printf("%-34s %9.3f %9.3f %9.1f\n", name, median(all, wall), median(all, cpu), median(all, peak))
}

func median(all []figures, of func(figures) float64) float64 {
	sorted := slices.SortedFunc(slices.Values(all), func(a, b figures) int { return cmp.Compare(of(a), of(b)) })
	return of(sorted[len(sorted)/2])
}
