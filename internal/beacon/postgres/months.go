package postgres

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// months have a table each: what is old goes with its table, and leaves no
// holes in others.
type months struct {
	mu    sync.Mutex
	known map[month]bool
}

// month is counted from the year 0.
type month int

func monthOf(day int) month {
	t := time.Unix(int64(day)*24*60*60, 0).UTC()
	return month(12*t.Year() + int(t.Month()) - 1)
}

// first day of a month, counted from 1970.
func (m month) first() int {
	return int(time.Date(int(m)/12, time.Month(int(m)%12+1), 1, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60))
}

// table of a month, a name that holds digits alone besides its beginning.
func (m month) table() string {
	return fmt.Sprintf("portico_beacon.events_%04d_%02d", int(m)/12, int(m)%12+1)
}

// forget which tables there are.
func (s *Store) forget() {
	s.months.mu.Lock()
	defer s.months.mu.Unlock()
	s.months.known = nil
}

// ensure that there are tables for days. Nothing may be locked yet.
func (s *Store) ensure(ctx context.Context, days map[int]bool) error {
	s.months.mu.Lock()
	defer s.months.mu.Unlock()
	for day := range days {
		m := monthOf(day)
		if s.months.known[m] {
			continue
		}
		if err := s.change(ctx, func(c *conn) error { return m.create(ctx, c) }); err != nil {
			return fmt.Errorf("making the table of a month: %w", err)
		}
		if s.months.known == nil {
			s.months.known = map[month]bool{}
		}
		s.months.known[m] = true
	}
	return nil
}

// create a month's table beside the others, and attach it then: a table that was
// created as a part at once would wait for everybody who reads, a backup too,
// and everybody else for it.
func (m month) create(ctx context.Context, c *conn) error {
	there := false
	err := c.run(ctx, step{sql: lock}, step{sql: "SELECT to_regclass($1) IS NOT NULL", args: []any{m.table()}, each: func(r row) { there = r.truth(0) }})
	if err != nil || there {
		return err
	}
	return c.script(ctx, fmt.Sprintf("CREATE TABLE %s (LIKE portico_beacon.events); ALTER TABLE portico_beacon.events ATTACH PARTITION %[1]s FOR VALUES FROM (%d) TO (%d)",
		m.table(), m.first(), (m+1).first()))
}

// lockNotAvailable is the server's word for who waited too long.
const lockNotAvailable = "55P03"

// drop tables of months that ended before a day and hold nothing any more.
// Where somebody reads for long, a backup say, it is left for the next time:
// whoever writes would have to wait as well.
func (s *Store) drop(ctx context.Context, before int) error {
	var tables []string
	err := s.run(ctx, step{sql: "SELECT relname::text FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = 'portico_beacon.events'::regclass",
		each: func(r row) { tables = append(tables, r.text(0)) }})
	if err != nil {
		return err
	}
	for _, table := range tables {
		var year, number int
		if _, err := fmt.Sscanf(table, "events_%d_%d", &year, &number); err != nil {
			return fmt.Errorf("%s is no month: %w", table, err)
		}
		if m := month(12*year + number - 1); (m + 1).first() <= before {
			if err := s.change(ctx, func(c *conn) error { return m.drop(ctx, c) }); err != nil && code(err) != lockNotAvailable {
				return fmt.Errorf("dropping %s: %w", table, err)
			}
		}
	}
	return nil
}

func (m month) drop(ctx context.Context, c *conn) error {
	there := false
	// The whole is locked first, as who writes locks it.
	err := c.run(ctx, step{sql: lock}, step{sql: "SET LOCAL lock_timeout = '200ms'"}, step{sql: "LOCK TABLE ONLY portico_beacon.events IN ACCESS EXCLUSIVE MODE"},
		step{sql: "SELECT to_regclass($1) IS NOT NULL", args: []any{m.table()}, each: func(r row) { there = r.truth(0) }})
	if err != nil || !there {
		return err
	}
	return c.script(ctx, fmt.Sprintf("DO $$ BEGIN IF NOT EXISTS (SELECT FROM %s) THEN DROP TABLE %[1]s; END IF; END $$", m.table()))
}
