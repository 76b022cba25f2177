//go:build linux

package main

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"time"

	"portico/internal/beacon/sqlite"
)

// slowSync is how long a disk takes that has no cache of its own.
const slowSync = 10 * time.Millisecond

// slowDisk is the latency on such a disk. The collector is part of this process
// for once: what is slow lies below SQLite, where another process cannot be
// reached.
func (r *run) slowDisk() error {
	below, err := newRecorder("slow-disk")
	if err != nil {
		return err
	}
	defer runtime.KeepAlive(below) // SQLite alone refers to it from here on
	below.pause = slowSync
	s, err := sqlite.Open(context.Background(), filepath.Join(r.dir, "slow.db"), sqlite.Options{VFS: below.name})
	if err != nil {
		return err
	}
	_, p, stop, err := here(s, time.Now)
	if err != nil {
		return errors.Join(err, s.Close())
	}
	return errors.Join(r.wait("500/s where a sync takes 10 ms", p.public, 500, 60*time.Millisecond), stop())
}
