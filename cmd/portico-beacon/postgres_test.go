//go:build linux

package main

import (
	"context"
	"path/filepath"
	"testing"

	"portico/internal/beacon/cluster"
	"portico/internal/beacon/collect"
	"portico/internal/beacon/collect/storetest"
	"portico/internal/beacon/sqlite"
	"portico/internal/need"
)

// What is done to a database from the command line, on PostgreSQL.
func TestOnPostgreSQL(t *testing.T) {
	need.Files(t, "postgresql", cluster.Programs)
	ctx, p := context.Background(), newProgram(t)
	c, err := cluster.Start(ctx, "", cluster.Options{Sync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	address, err := c.Create(ctx)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "beacon.db")
	s, err := sqlite.Open(ctx, file, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	who := storetest.Pair(1, 1)
	keep := func(v collect.Viewer, _ collect.Batch, _ bool) (collect.Viewer, []collect.Notice, error) {
		return v, nil, nil
	}
	if _, err := s.Write(ctx, []collect.Batch{storetest.Batch(who, storetest.Session(storetest.Now(), 1), 0, 7, storetest.Now())}, keep); err != nil {
		t.Fatal(err)
	}
	p.want(1, "no collector has ever used it", "dead", "--db", address)
	p.want(1, "stop that first", "migrate", file, "--db", address)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	p.want(0, "moved 7 events, 0 sums, 1 viewers and 0 alerts", "migrate", file, "--db", address)
	p.want(1, "moved into this database already", "migrate", file, "--db", address)
	p.want(0, "", "dead", "--db", address)
	p.want(0, "0 are tried again", "dead", "--db", address, "--retry")
	p.want(0, "erased 7 ", "erase", "--db", address, "--viewer", who.Deal.Path()+"/"+who.Viewer.Text())
}
