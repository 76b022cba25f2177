//go:build linux

package postgres

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"portico/internal/beacon"
	"portico/internal/beacon/collect"
	"portico/internal/beacon/collect/storetest"
	"portico/internal/beacon/sqlite"
)

// breaks is a store that can be read a few times only.
type breaks struct {
	collect.Store
	left int
}

func (b *breaks) Export(ctx context.Context, after beacon.Cursor, limit int) (collect.Page, error) {
	if b.left--; b.left < 0 {
		return collect.Page{}, errors.New("broken")
	}
	return b.Store.Export(ctx, after, limit)
}

// old is a file with something of everything: sums, events in two months,
// viewers, and alerts that wait, were delivered and were given up.
func old(t *testing.T) *sqlite.Store {
	t.Helper()
	ctx, now := context.Background(), storetest.Now()
	s, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "beacon.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	count := func(v collect.Viewer, b collect.Batch, begins bool) (collect.Viewer, []collect.Notice, error) {
		return collect.Viewer{First: 1, Last: 2, Priced: b.Session, Day: 3, Events: v.Events + len(b.Events), Sessions: 5}, nil, nil
	}
	for n := range 130 { // more than is moved together
		began := now.AddDate(0, 0, -n%40)
		b := storetest.Batch(storetest.Pair(1, byte(n)), storetest.Session(began, n), 0, 60, now)
		if _, err := s.Write(ctx, []collect.Batch{b}, count); err != nil {
			t.Fatal(err)
		}
	}
	err = s.Tell(ctx, []collect.Notice{notice("waits"), notice("delivered"), notice("dead"), notice("failed once")})
	out, leased := s.Lease(ctx, now.UnixMilli(), now.UnixMilli(), 10)
	if err := errors.Join(err, leased); err != nil || len(out) != 4 {
		t.Fatal(err, out)
	}
	if err := errors.Join(s.Done(ctx, now.UnixMilli(), out[1].ID), s.Fail(ctx, out[2].ID, 0, "gave up"), s.Fail(ctx, out[3].ID, 77, "no route")); err != nil {
		t.Fatal(err)
	}
	return s
}

// lines that a store hands out, without their cursors.
func lines(t *testing.T, s collect.Store) (all []string) {
	t.Helper()
	for at, more := (beacon.Cursor{}), true; more; {
		page, err := s.Export(context.Background(), at, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range page.Lines {
			l.Cursor = ""
			all = append(all, string(l.Append(nil)))
		}
		at, more = page.End, page.More
	}
	return all
}

func restOf(t *testing.T, s *sqlite.Store) collect.Rest {
	t.Helper()
	r, err := s.Rest(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func moves(t *testing.T, s server) {
	ctx, address := context.Background(), s.database(t)
	from := old(t)
	begin := func() *Store {
		t.Helper()
		store, err := Open(ctx, address, Options{Unsafe: true, Unfinished: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		return store
	}
	move := func(from collect.Store, r collect.Rest, want string) {
		t.Helper()
		err := begin().TakeOver(ctx, from, r)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	move(&breaks{from, 1}, restOf(t, from), "goes on where it stopped")
	if _, err := Open(ctx, address, Options{Unsafe: true}); err == nil || !strings.Contains(err.Error(), "not moved into it to the end") {
		t.Errorf("half of a store is opened: %v", err)
	}
	sweepFile(t, from) // in the meantime somebody let the collector run again
	move(&breaks{from, 2}, restOf(t, from), "broken")
	lacking := restOf(t, from)
	lacking.Events++
	move(from, lacking, "nothing of it counts")
	move(from, restOf(t, from), "")
	move(from, restOf(t, from), "was moved into this database already")

	store := s.open(t, address)
	if got, want := lines(t, store), lines(t, from); !reflect.DeepEqual(got, want) || len(want) < movedTogether {
		t.Errorf("%d lines of %d", len(got), len(want))
	}
	sameRest(t, store, from)
	move2 := s.open(t, s.database(t))
	fill(t, move2, 1, storetest.Now(), 1)
	if err := move2.TakeOver(ctx, from, restOf(t, from)); err == nil || !strings.Contains(err.Error(), "is in use") {
		t.Errorf("into one that is in use: %v", err)
	}
}

func sweepFile(t *testing.T, s *sqlite.Store) {
	t.Helper()
	for more := true; more; {
		var err error
		if more, err = s.Sweep(context.Background(), storetest.Session(storetest.Now().AddDate(0, 0, -30), 0).Day()); err != nil {
			t.Fatal(err)
		}
	}
}

// sameRest wants viewers and alerts to be as they were.
func sameRest(t *testing.T, store *Store, from *sqlite.Store) {
	t.Helper()
	ctx, now := context.Background(), storetest.Now().Add(time.Hour).UnixMilli()
	day, err := from.Horizon(ctx)
	got, err2 := store.Horizon(ctx)
	if err != nil || err2 != nil || got != day || day == 0 {
		t.Errorf("horizon %d, %d, %v, %v", day, got, err, err2)
	}
	known := map[beacon.Pair]collect.Viewer{}
	for _, k := range restOf(t, from).Viewers {
		known[k.Pair] = k.Viewer
	}
	for n := range 130 {
		b := storetest.Batch(storetest.Pair(1, byte(n)), storetest.Session(storetest.Now(), n), 0, 1, storetest.Now())
		_, err := store.Write(ctx, []collect.Batch{b}, func(v collect.Viewer, b collect.Batch, _ bool) (collect.Viewer, []collect.Notice, error) {
			if v != known[b.Pair] || v.Events == 0 {
				t.Errorf("%+v, want %+v", v, known[b.Pair])
			}
			return v, []collect.Notice{notice("delivered")}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	out, err := store.Lease(ctx, now, now, 10)
	if err != nil || len(out) != 2 || out[0].Key != "failed once" || out[0].Attempts != 1 || out[0].Why != "no route" || out[1].Key != "waits" || out[1].Attempts != 0 {
		t.Errorf("%+v, %v", out, err)
	}
	dead, err := store.Dead(ctx)
	if err != nil || len(dead) != 1 || dead[0].Key != "dead" || dead[0].Why != "gave up" {
		t.Errorf("%+v, %v", dead, err)
	}
}
