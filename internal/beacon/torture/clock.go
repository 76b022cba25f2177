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
	key, err := testKey()
	if err != nil {
		return "", err
	}
	routes, err := collect.OpenRoutes("")
	if err != nil {
		return "", err
	}
	var jump atomic.Int64
	c := collect.New(collect.Options{
		Store: s, Keys: capability.Keys{key.ID: key}, Tokens: [][32]byte{sha256.Sum256([]byte(token))}, Routes: routes, Keep: 180 * 24 * time.Hour,
		Now: func() time.Time { return time.Now().Add(time.Duration(jump.Load())) }, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	public, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	admin, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx, public, admin) }()
	said, err := jumping(c, &jump, &process{public: public.Addr().String()})
	stop()
	return said, errors.Join(err, <-done, s.Close())
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
