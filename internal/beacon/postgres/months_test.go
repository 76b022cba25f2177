//go:build linux

package postgres

import (
	"context"
	"slices"
	"testing"
	"time"

	"portico/internal/beacon/collect"
	"portico/internal/beacon/collect/storetest"
)

func TestMonths(t *testing.T) {
	for _, c := range []struct {
		day    time.Time
		table  string
		length int
	}{
		{time.Date(2026, 11, 30, 23, 59, 59, 0, time.UTC), "portico_beacon.events_2026_11", 30},
		{time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), "portico_beacon.events_2026_12", 31},
		{time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC), "portico_beacon.events_2028_02", 29},
	} {
		day := int(c.day.Unix() / (24 * 60 * 60))
		m := monthOf(day)
		if first, next := m.first(), (m + 1).first(); m.table() != c.table || first > day || next <= day || next-first != c.length {
			t.Errorf("%v: %s, %d to %d", c.day, m.table(), first, next)
		}
	}
}

func monthsOf(t *testing.T, s *Store) (names []string) {
	t.Helper()
	err := s.run(context.Background(), step{
		sql:  "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'portico_beacon.events'::regclass ORDER BY 1",
		each: func(r row) { names = append(names, r.text(0)) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func sweep(t *testing.T, s *Store, before time.Time) {
	t.Helper()
	for more := true; more; {
		var err error
		if more, err = s.Sweep(context.Background(), int(before.Unix()/(24*60*60))); err != nil {
			t.Fatal(err)
		}
	}
}

func monthly(t *testing.T, s server) {
	address := s.database(t)
	store, other := s.open(t, address), s.open(t, address)
	at := func(month, day int) time.Time { return time.Date(2026, time.Month(month), day, 12, 0, 0, 0, time.UTC) }
	for i, began := range []time.Time{at(9, 30), at(10, 1), at(10, 31), at(11, 1)} {
		fill(t, store, byte(i), began, 1)
	}
	want := []string{"portico_beacon.events_2026_09", "portico_beacon.events_2026_10", "portico_beacon.events_2026_11"}
	if got := monthsOf(t, store); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	fill(t, other, 9, at(9, 29), 1) // which knows the table from then on
	sweep(t, store, at(10, 31))
	if got := monthsOf(t, store); !slices.Equal(got, want[1:]) {
		t.Errorf("after a sweep of September and more: %v", got)
	}
	fill(t, other, 10, at(9, 28), 1)
	if got := ask(t, store, "SELECT count(*), (SELECT count(*) FROM portico_beacon.sums) FROM portico_beacon.events"); !slices.Equal(got, []int{3, 3}) {
		t.Errorf("%v", got)
	}
}

// pg_dump reads every table for as long as it takes.
func backup(t *testing.T, s server) {
	address := s.database(t)
	store, dump := s.open(t, address), s.open(t, address)
	old := storetest.Now().AddDate(0, -3, 0)
	fill(t, store, 1, old, 1)
	err := dump.within(context.Background(), snapshot, func(c *conn) error {
		if err := c.script(context.Background(), "LOCK TABLE portico_beacon.events IN ACCESS SHARE MODE"); err != nil {
			return err
		}
		fill(t, store, 2, storetest.Now(), 1) // in a month that has no table
		sweep(t, store, storetest.Now())
		if got := monthsOf(t, store); len(got) != 2 {
			t.Errorf("a table is dropped under a backup: %v", got)
		}
		fill(t, store, 3, storetest.Now(), 1)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	sweep(t, store, storetest.Now())
	if got := monthsOf(t, store); len(got) != 1 {
		t.Errorf("the table of an old month stays: %v", got)
	}
	if _, err := store.Write(context.Background(), []collect.Batch{storetest.Batch(storetest.Pair(1, 1), storetest.Session(old, 1), 0, 1, old)}, keepAll); err != nil {
		t.Errorf("an event of an old month: %v", err)
	}
}
