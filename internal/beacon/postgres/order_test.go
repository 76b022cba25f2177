//go:build linux

package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"portico/internal/beacon"
	"portico/internal/beacon/collect"
	"portico/internal/beacon/collect/storetest"
)

func read(t *testing.T, s *Store, at beacon.Cursor) ([]beacon.Event, beacon.Cursor) {
	t.Helper()
	page, err := s.Export(context.Background(), at, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	var events []beacon.Event
	for _, l := range page.Lines {
		events = append(events, *l.Event)
	}
	return events, page.End
}

// A transaction that began first ends last. Who reads meanwhile must not pass
// by what it writes.
func complete(t *testing.T, s server) {
	address := s.database(t)
	slow, fast := s.open(t, address), s.open(t, address)
	early := storetest.Batch(storetest.Pair(1, 1), storetest.Session(storetest.Now(), 1), 0, 2, storetest.Now())
	deciding, decided := make(chan struct{}), make(chan struct{})
	var writing sync.WaitGroup
	writing.Go(func() {
		_, err := slow.Write(context.Background(), []collect.Batch{early}, func(v collect.Viewer, _ collect.Batch, _ bool) (collect.Viewer, []collect.Notice, error) {
			close(deciding)
			<-decided
			return v, nil, nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-deciding
	late := fill(t, fast, 2, storetest.Now(), 2)
	got, at := read(t, fast, beacon.Cursor{})
	if len(got) != 0 {
		t.Errorf("handed out before it is complete: %+v", got)
	}
	close(decided)
	writing.Wait()
	if got, _ := read(t, fast, at); !slices.Equal(got, slices.Concat(early.Events, late.Events)) {
		t.Errorf("%+v", got)
	}
}

// A database that was restored elsewhere has greater places than the server has
// transactions, and less than what the lost one handed out.
func origins(t *testing.T, s server) {
	address := s.database(t)
	store := s.open(t, address)
	first := fill(t, store, 1, storetest.Now(), 2)
	_, at := read(t, store, beacon.Cursor{})
	do(t, store, "UPDATE portico_beacon.events SET id = id + (1::bigint << 50); UPDATE portico_beacon.state SET origin = 'another server'")
	moved := s.open(t, address)
	if _, err := moved.Export(context.Background(), at, 10); !errors.Is(err, collect.ErrGone) {
		t.Errorf("a cursor of the other server: %v", err)
	}
	second := fill(t, moved, 2, storetest.Now(), 2)
	if got, _ := read(t, moved, beacon.Cursor{}); !slices.Equal(got, slices.Concat(first.Events, second.Events)) {
		t.Errorf("%+v", got)
	}
	again := s.open(t, address)
	_, at = read(t, moved, beacon.Cursor{})
	if _, err := again.Export(context.Background(), at, 10); err != nil {
		t.Errorf("a second connection to the same server: %v", err)
	}
}

// Two collectors write the same viewers, events and notices in any order, while
// others lease, settle, sweep and erase them.
func orders(t *testing.T, s server) {
	ctx, address := context.Background(), s.database(t)
	stores := []*Store{s.open(t, address), s.open(t, address)}
	decide := func(v collect.Viewer, b collect.Batch, _ bool) (collect.Viewer, []collect.Notice, error) {
		v.Events += len(b.Events)
		return v, []collect.Notice{notice(fmt.Sprint(b.Viewer[0])), notice(fmt.Sprint("all", rand.IntN(20)))}, nil
	}
	batches := func() (all []collect.Batch) {
		for _, n := range rand.Perm(30) {
			// A session that two viewers claim as theirs, as none of them should.
			session := storetest.Session(storetest.Now().Add(-time.Duration(n%3)*24*time.Hour), n/2)
			all = append(all, storetest.Batch(storetest.Pair(1, byte(n)), session, rand.IntN(3), 5, storetest.Now()))
		}
		return all
	}
	work := func(store *Store, n int) error {
		now := storetest.Now().UnixMilli()
		_, err := store.Write(ctx, batches(), decide)
		out, leased := store.Lease(ctx, now, now, 10)
		var ids []int64
		for _, o := range out {
			ids = append(ids, o.ID)
		}
		slices.Reverse(ids)
		err = errors.Join(err, leased, store.Done(ctx, now, ids...))
		switch n % 4 {
		case 0:
			_, swept := store.Sweep(ctx, storetest.Session(storetest.Now(), 0).Day())
			err = errors.Join(err, swept)
		case 1:
			_, erased := store.Erase(ctx, storetest.Pair(1, byte(rand.IntN(30))))
			err = errors.Join(err, erased)
		case 2:
			err = errors.Join(err, store.Forget(ctx, now+1))
		}
		return err
	}
	var working sync.WaitGroup
	for w := range 6 {
		working.Go(func() {
			for n := range 25 {
				if err := work(stores[w%2], n+w); err != nil {
					t.Error(err)
				}
			}
		})
	}
	working.Wait()
	if n, err := s.Deadlocks(); n != 0 || err != nil {
		t.Errorf("%d deadlocks, %v", n, err)
	}
}

func notice(key string) collect.Notice {
	return collect.Notice{Key: key, Pair: storetest.Pair(1, 1), On: beacon.FirstView, At: 5, Due: storetest.Now().UnixMilli(), Route: beacon.Alert{Via: beacon.Slack, Env: "HOOK"}}
}

func leases(t *testing.T, s server) {
	ctx, address := context.Background(), s.database(t)
	stores := []*Store{s.open(t, address), s.open(t, address)}
	const all = 200
	var tell []collect.Notice
	for n := range all {
		tell = append(tell, notice(fmt.Sprint(n)))
	}
	if err := stores[0].Tell(ctx, tell); err != nil {
		t.Fatal(err)
	}
	now := storetest.Now().UnixMilli()
	var mu sync.Mutex
	seen := map[int64]int{}
	var leasing sync.WaitGroup
	for w := range 4 {
		leasing.Go(func() {
			for {
				out, err := stores[w%2].Lease(ctx, now, now+1000, 7)
				if err != nil {
					t.Error(err)
				}
				if len(out) == 0 {
					return
				}
				mu.Lock()
				for _, o := range out {
					seen[o.ID]++
				}
				mu.Unlock()
			}
		})
	}
	leasing.Wait()
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%d was given out %d times", id, n)
		}
	}
	if len(seen) != all {
		t.Errorf("%d of %d", len(seen), all)
	}
}
