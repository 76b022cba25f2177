//go:build linux

package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"runtime"
	"time"

	"portico/internal/beacon/collect"
	"portico/internal/beacon/sqlite"
	"portico/internal/capability"
)

// slowSync is how long a disk takes that has no cache of its own.
const slowSync = 10 * time.Millisecond

// slowDisk is the latency on such a disk. The collector is part of this process
// for once: what is slow lies below SQLite, where another process cannot be
// reached.
func (r *run) slowDisk() (err error) {
	below, err := newRecorder("slow-disk")
	if err != nil {
		return err
	}
	defer runtime.KeepAlive(below) // SQLite alone refers to it from here on
	below.pause = slowSync
	ctx, end := context.WithCancel(context.Background())
	defer end()
	s, err := sqlite.Open(ctx, filepath.Join(r.dir, "slow.db"), sqlite.Options{VFS: below.name})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	address, ended, err := serve(ctx, s)
	if err != nil {
		return err
	}
	err = r.wait("500/s where a sync takes 10 ms", address, 500, 60*time.Millisecond)
	end()
	return errors.Join(err, <-ended)
}

// serve a collector within this process.
func serve(ctx context.Context, s collect.Store) (address string, ended <-chan error, err error) {
	key, err := testKey()
	if err != nil {
		return "", nil, err
	}
	routes, err := collect.OpenRoutes("")
	if err != nil {
		return "", nil, err
	}
	var listeners [2]net.Listener
	for i := range listeners {
		if listeners[i], err = (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
			return "", nil, err
		}
	}
	c := collect.New(collect.Options{
		Store: s, Keys: capability.Keys{key.ID: key}, Routes: routes, Keep: 180 * 24 * time.Hour, Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx, listeners[0], listeners[1]) }()
	return listeners[0].Addr().String(), done, nil
}
