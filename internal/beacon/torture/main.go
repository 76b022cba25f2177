//go:build linux

// Command torture breaks what the collector stands on and counts what it said
// it had kept and had not: the program is killed, the disk fills up, the power
// fails, others lock or read the file, the server of PostgreSQL crashes. With
// -bench it prints how the program stands against its bars instead. Whole
// processes over HTTP wherever that can be; a power cut is simulated, under
// SQLite.
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	var r run
	flag.StringVar(&r.program, "program", "./portico-beacon", "the program")
	flag.StringVar(&r.dir, "dir", "", "where the databases lie, on the kind of disk that counts (default a new temporary folder)")
	flag.BoolVar(&r.bench, "bench", false, "print the table of bars")
	flag.IntVar(&r.rounds, "rounds", 1000, "how many times it is killed")
	flag.IntVar(&r.cuts, "cuts", 500, "how many power cuts")
	flag.DurationVar(&r.time, "time", 5*time.Second, "how long each row of the table takes")
	flag.StringVar(&r.other, "beside", "", "with -bench, the address of another program to measure beside it: http://127.0.0.1:8080/count?p=/plan")
	flag.StringVar(&r.only, "only", "", "the one torture, or with -bench the one measure, to run")
	flag.Parse()
	if err := r.all(); err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		os.Exit(1)
	}
}

// torture is one way to break something.
type torture struct {
	name string
	// run returns what to print of it; an error if anything was lost.
	run func(r *run, dir string) (string, error)
}

func tortures() []torture {
	return []torture{
		{"kill", (*run).kill},
		{"power", (*run).power},
		{"full", (*run).full},
		{"locked", (*run).locked},
		{"pinned", (*run).pinned},
		{"postgres", (*run).postgres},
		{"slow", (*run).slow},
		{"twice", (*run).twice},
		{"clock", (*run).clock},
		{"tell", (*run).tell},
	}
}

// reachable lets in PostgreSQL, which runs as somebody else where this is run by root.
const reachable = 0o755

func (r *run) all() error {
	dir, err := os.MkdirTemp(r.dir, "portico-torture-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // nothing of it is needed
	r.dir = dir
	if err := os.Chmod(dir, reachable); err != nil {
		return err
	}
	if r.program, err = filepath.Abs(r.program); err != nil {
		return err
	}
	if r.bench {
		return r.table()
	}
	var failed []error
	ran := 0
	for _, t := range tortures() {
		if r.only != "" && r.only != t.name {
			continue
		}
		ran++
		at := filepath.Join(dir, t.name)
		if err := os.Mkdir(at, reachable); err != nil {
			return err
		}
		said, err := t.run(r, at)
		fmt.Printf("%-8s %s\n", t.name, cmp.Or(said, "failed"))
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", t.name, err))
		}
	}
	if ran == 0 {
		return errors.New("there is no torture " + strings.TrimSpace(r.only))
	}
	return errors.Join(failed...)
}
