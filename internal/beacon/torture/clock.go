//go:build linux

package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"sync/atomic"
	"time"

	"portico/internal/beacon/collect"
	"portico/internal/beacon/sqlite"
	"portico/internal/capability"
)

// clock of the collector's machine jumps a year ahead and back. What pages send
// meanwhile is refused, since their clocks are then too far off; what was
// acknowledged before and after is there. It runs in this process, whose clock
// can be set.
func (r *run) clock(dir string) (string, error) {
	s, err := sqlite.Open(context.Background(), filepath.Join(dir, "beacon.db"), sqlite.Options{})
	if err != nil {
		return "", err
	}
	var jump atomic.Int64
	c, p, stop, err := here(s, func() time.Time { return time.Now().Add(time.Duration(jump.Load())) })
	if err != nil {
		return "", errors.Join(err, s.Close())
	}
	said, err := jumping(c, &jump, p)
	return said, errors.Join(err, stop())
}

// here runs a collector in this process, until it is told to stop.
func here(s collect.Store, now func() time.Time) (c *collect.Collector, p *process, stop func() error, err error) {
	key, keyErr := testKey()
	routes, routesErr := collect.OpenRoutes("")
	public, publicErr := net.Listen("tcp", "127.0.0.1:0")
	admin, adminErr := net.Listen("tcp", "127.0.0.1:0")
	if err := errors.Join(keyErr, routesErr, publicErr, adminErr); err != nil {
		return nil, nil, nil, err
	}
	c = collect.New(collect.Options{
		Store: s, Keys: capability.Keys{key.ID: key}, Tokens: [][32]byte{sha256.Sum256([]byte(token))}, Routes: routes, Keep: 180 * 24 * time.Hour,
		Now: now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx, public, admin) }()
	stop = func() error { cancel(); return errors.Join(<-done, s.Close()) }
	return c, &process{public: public.Addr().String()}, stop, nil
}

func jumping(c *collect.Collector, jump *atomic.Int64, p *process) (string, error) {
	const year = 365 * 24 * time.Hour
	l := newLedger()
	for _, by := range []time.Duration{0, year, 0, -year, 0} {
		jump.Store(int64(by))
		for range 5 { // hours
			if err := c.Tidy(context.Background()); err != nil {
				return "", err
			}
		}
		before := l.acknowledged()
		if err := l.burst(p, 300); err != nil {
			return "", err
		}
		if took := l.acknowledged() > before; took != (by == 0) {
			return "", fmt.Errorf("with a clock that is off by %v events are taken: %v", by, took)
		}
	}
	return l.settle(p)
}

// burst sends some requests of new viewers over one connection.
func (l *ledger) burst(p *process, n int) error {
	c, err := newCrowd(n)
	if err != nil {
		return err
	}
	conn, err := dial(p.public)
	if err != nil {
		return err
	}
	defer conn.Close()
	for range n {
		raw, kept := c.request(3)
		status, err := conn.send(raw)
		if err != nil {
			return err
		}
		l.note(status, nil, kept)
	}
	return nil
}
