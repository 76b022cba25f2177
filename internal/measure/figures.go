//go:build unix

package main

import (
	"cmp"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"
)

func (b *bench) repeat(name string, before func() error, line ...string) error {
	var all []figures
	for range b.pairs {
		if err := b.add(&all, before, line...); err != nil {
			return err
		}
	}
	show(name, all)
	return nil
}

// add one run of a program to some.
func (b *bench) add(all *[]figures, before func() error, line ...string) error {
	f, err := b.one(before, line...)
	*all = append(*all, f)
	return err
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
	fmt.Printf("%-36s %9.3f %9.3f %9.1f\n", name, median(all, wall), median(all, cpu), median(all, peak))
}

// ratios of two programs that ran in turn, pair by pair.
func ratios(name string, of, to []figures) {
	all := make([]figures, len(of))
	for i := range of {
		all[i] = figures{of[i].wall / to[i].wall, of[i].cpu / to[i].cpu, of[i].peak / to[i].peak}
	}
	fmt.Printf("%-36s %9.2f %9.2f %9.2f\n", name, median(all, wall), median(all, cpu), median(all, peak))
}

func median(all []figures, of func(figures) float64) float64 {
	sorted := slices.SortedFunc(slices.Values(all), func(a, b figures) int { return cmp.Compare(of(a), of(b)) })
	return of(sorted[len(sorted)/2])
}
