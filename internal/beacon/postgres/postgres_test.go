//go:build linux

package postgres

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"portico/internal/beacon"
	"portico/internal/beacon/cluster"
	"portico/internal/beacon/collect"
	"portico/internal/beacon/collect/storetest"
	"portico/internal/need"
)

// server is one for all of these tests, which have a database each.
type server struct{ *cluster.Cluster }

func TestStore(t *testing.T) {
	need.Files(t, "postgresql", cluster.Programs)
	c, err := cluster.Start(context.Background(), "", cluster.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	s := server{c}
	t.Run("every store", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) collect.Store { return s.open(t, s.database(t)) })
	})
	for name, test := range map[string]func(t *testing.T, s server){
		"is opened by those who may":          opens,
		"is made once":                        madeOnce,
		"wants connections of its own":        sharedConnection,
		"refuses a server that does not sync": unsynced,
		"makes and drops months":              monthly,
		"waits for no backup":                 backup,
		"hands out what is complete":          complete,
		"goes on under another server":        origins,
		"locks in one order":                  orders,
		"gives each notice to one":            leases,
		"is restored from a dump":             restored,
		"takes over a store":                  moves,
	} {
		t.Run(name, func(t *testing.T) { test(t, s) })
	}
	t.Run("comes back", s.restarts) // the last: others would see it
}

func (s server) database(t *testing.T) string {
	t.Helper()
	address, err := s.Create(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return address
}

func (s server) open(t *testing.T, address string) *Store {
	t.Helper()
	store, err := Open(context.Background(), address, Options{Unsafe: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

func keepAll(v collect.Viewer, _ collect.Batch, _ bool) (collect.Viewer, []collect.Notice, error) {
	return v, nil, nil
}

// fill a store with one session of a viewer.
func fill(t *testing.T, s *Store, viewer byte, began time.Time, events int) collect.Batch {
	t.Helper()
	b := storetest.Batch(storetest.Pair(1, viewer), storetest.Session(began, int(viewer)), 0, events, storetest.Now())
	if _, err := s.Write(context.Background(), []collect.Batch{b}, keepAll); err != nil {
		t.Fatal(err)
	}
	return b
}

// ask for numbers.
func ask(t *testing.T, s *Store, sql string) (answer []int) {
	t.Helper()
	err := s.run(context.Background(), step{sql: sql, each: func(r row) {
		for i := range r {
			answer = append(answer, int(r.whole(i)))
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func do(t *testing.T, s *Store, sql string) {
	t.Helper()
	if err := s.borrow(context.Background(), func(c *conn) error { return c.script(context.Background(), sql) }); err != nil {
		t.Fatal(err)
	}
}

func opens(t *testing.T, s server) {
	ctx := context.Background()
	fails := func(what, address string, o Options, want string) {
		t.Helper()
		o.Unsafe = true
		store, err := Open(ctx, address, o)
		if err == nil {
			store.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "loopback") {
			t.Errorf("%s: %v", what, err)
		}
	}
	address := s.database(t)
	fails("one that is not there", address, Options{Existing: true}, "no collector has ever used it")
	fails("a wrong password", strings.Replace(address, "loopback", "other", 1), Options{}, "password authentication failed")
	fails("a wrong port", "postgres://beacon:loopback@127.0.0.1:1/x", Options{}, "connect")
	fails("no address", "postgres://beacon:loopback@127.0.0.1:port/x", Options{}, "parse")
	store := s.open(t, address)
	if again, err := Open(ctx, address, Options{Existing: true, Unsafe: true}); err != nil || again.Close() != nil {
		t.Error(err)
	}
	do(t, store, "UPDATE portico_beacon.version SET at = 99")
	fails("a newer one", address, Options{}, "newer portico-beacon (schema 99")
}

// A connection that was handed on by somebody who had prepared statements on it.
func sharedConnection(t *testing.T, s server) {
	store := s.open(t, s.database(t))
	err := store.borrow(context.Background(), func(c *conn) error {
		defer disconnect(c)
		if err := c.script(context.Background(), fmt.Sprintf("PREPARE s%d AS SELECT 1", len(c.prepared))); err != nil {
			return err
		}
		_, err := c.prepare(context.Background(), "SELECT 2")
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "pool_mode = session") {
		t.Error(err)
	}
}

// Several collectors start at the same time.
func madeOnce(t *testing.T, s server) {
	address := s.database(t)
	var starting sync.WaitGroup
	for range 4 {
		starting.Go(func() {
			store, err := Open(context.Background(), address, Options{Unsafe: true})
			if err != nil {
				t.Error(err)
				return
			}
			if err := store.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	starting.Wait()
	if got := ask(t, s.open(t, address), "SELECT count(*), max(at) FROM portico_beacon.version"); !slices.Equal(got, []int{1, 1}) {
		t.Errorf("%v", got)
	}
}

func unsynced(t *testing.T, s server) {
	if _, err := Open(context.Background(), s.database(t), Options{}); err == nil || !strings.Contains(err.Error(), "fsync") {
		t.Errorf("%v", err)
	}
}

// pg_dump copies a database, and pg_restore makes another out of it.
func restored(t *testing.T, s server) {
	ctx, address, other := context.Background(), s.database(t), s.database(t)
	store := s.open(t, address)
	first := fill(t, store, 1, storetest.Now(), 3)
	_, at := read(t, store, beacon.Cursor{})
	bin, dump := filepath.Dir(need.Files(t, "postgresql", cluster.Programs)[0]), filepath.Join(t.TempDir(), "beacon.dump")
	for _, args := range [][]string{
		{"pg_dump", "--format=custom", "--file=" + dump, address},
		{"pg_restore", "--no-owner", "--exit-on-error", "--dbname=" + other, dump},
	} {
		if out, err := exec.Command(filepath.Join(bin, args[0]), args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v: %s", args, err, out)
		}
	}
	again := s.open(t, other)
	if _, err := again.Export(ctx, at, 10); !errors.Is(err, collect.ErrGone) {
		t.Errorf("a cursor of the lost one: %v", err)
	}
	second := fill(t, again, 2, storetest.Now(), 2)
	if got, _ := read(t, again, beacon.Cursor{}); !slices.Equal(got, slices.Concat(first.Events, second.Events)) {
		t.Errorf("%+v", got)
	}
}

// A server that was started anew is found again.
func (s server) restarts(t *testing.T) {
	ctx := context.Background()
	store := s.open(t, s.database(t))
	fill(t, store, 1, storetest.Now(), 3)
	if err := s.Stop(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	b := storetest.Batch(storetest.Pair(1, 2), storetest.Session(storetest.Now(), 2), 0, 3, storetest.Now())
	if _, err := store.Write(ctx, []collect.Batch{b}, keepAll); err == nil {
		t.Error("a server that is down keeps events")
	}
	if _, err := store.Probe(ctx); err == nil {
		t.Error("a server that is down is well")
	}
	if err := s.Run(ctx); err != nil {
		t.Fatal(err)
	}
	fill(t, store, 2, storetest.Now(), 3)
	if got := ask(t, store, "SELECT count(*) FROM portico_beacon.events"); got[0] != 6 {
		t.Errorf("%v", got)
	}
}
