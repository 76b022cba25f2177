//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"portico/internal/sample"
)

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
	// Packed, as a clone has it.
	if err := errors.Join(git("add", "-A"), git("commit", "-q", "-m", "The rest"), git("repack", "-a", "-d", "-q")); err != nil {
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
