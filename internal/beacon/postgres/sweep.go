package postgres

import (
	"context"
	"fmt"

	"portico/internal/beacon"
	"portico/internal/beacon/collect"
	"portico/internal/seal"
)

// Horizon implements collect.Store.
func (s *Store) Horizon(ctx context.Context) (day int, err error) {
	if err := s.run(ctx, step{sql: "SELECT horizon FROM portico_beacon.state", each: func(r row) { day = int(r.whole(0)) }}); err != nil {
		return 0, fmt.Errorf("reading how far events became sums: %w", err)
	}
	return day, nil
}

const (
	// sweptTogether is about how many events one transaction makes sums of.
	sweptTogether = 10_000

	// lockState keeps all apart who sweep or erase.
	lockState = `SELECT FROM portico_beacon.state FOR UPDATE`

	// A session counts once, with the most that it came to: so it is always
	// swept whole.
	lastSession = `SELECT day, session FROM (SELECT day, session FROM portico_beacon.events WHERE day < $1 ORDER BY day, session, seq LIMIT $2) AS first ORDER BY day DESC, session DESC LIMIT 1`

	// addSums is one statement, and so sees one state of things: an event that
	// comes meanwhile is neither deleted nor counted.
	addSums = `WITH gone AS (
  DELETE FROM portico_beacon.events WHERE day <= $1 AND (day, session) <= ($1, $2::uuid) RETURNING *
), visits AS (
  SELECT day, deal, viewer, kind, target, max(ms) AS ms, max(progress) AS progress, bool_or(automated) AS automated
  FROM gone GROUP BY day, session, deal, viewer, kind, target
), added AS (
  INSERT INTO portico_beacon.sums AS s (day, deal, viewer, kind, target, ms, sessions, progress, automated)
  SELECT day, deal, viewer, kind, target, sum(ms)::bigint, count(*), max(progress), automated
  FROM visits GROUP BY day, deal, viewer, kind, target, automated
  ON CONFLICT (day, deal, viewer, kind, target, automated) DO UPDATE
  SET ms = s.ms + excluded.ms, sessions = s.sessions + excluded.sessions, progress = greatest(s.progress, excluded.progress)
)
UPDATE portico_beacon.state SET swept = greatest(swept, (SELECT max(id) FROM gone))`
)

// Sweep implements collect.Store.
func (s *Store) Sweep(ctx context.Context, before int) (more bool, err error) {
	err = s.change(ctx, func(c *conn) error {
		var day int
		var session beacon.Session
		err := c.run(ctx, step{sql: lockState}, step{sql: lastSession, args: []any{before, sweptTogether}, each: func(r row) { day, session, more = int(r.whole(0)), r.session(1), true }})
		if err != nil {
			return err
		}
		if !more {
			return c.run(ctx, step{sql: "UPDATE portico_beacon.state SET horizon = greatest(horizon, $1)", args: []any{before}})
		}
		return c.run(ctx, step{sql: addSums, args: []any{day, session}})
	})
	if err == nil && !more {
		err = s.drop(ctx, before)
	}
	if err != nil {
		return false, fmt.Errorf("making sums of old events: %w", err)
	}
	return more, nil
}

// Erase implements collect.Store. It may have to look through all events, and
// holds the viewer only when that is done: who writes waits for viewers. Rows
// are gone at once; the server overwrites what they were when it tidies up, and
// its log and backups later still.
func (s *Store) Erase(ctx context.Context, who beacon.Pair) (int, error) {
	var events, sums int
	args := []any{who.Deal[:], who.Viewer[:]}
	const theirs = "deal = $1 AND viewer = $2"
	err := s.within(ctx, readWrite, func(c *conn) error {
		return c.run(ctx,
			step{sql: lockState},
			step{sql: "DELETE FROM portico_beacon.events WHERE " + theirs, args: args, count: &events},
			step{sql: "DELETE FROM portico_beacon.sums WHERE " + theirs, args: args, count: &sums},
			step{sql: "DELETE FROM portico_beacon.outbox" + fmt.Sprintf(among, theirs), args: args},
			step{sql: "UPDATE portico_beacon.state SET " + newEpoch})
	})
	if err == nil {
		err = s.run(ctx, step{sql: "DELETE FROM portico_beacon.viewers WHERE " + theirs, args: args})
	}
	if err != nil {
		return 0, fmt.Errorf("erasing a viewer: %w", err)
	}
	return events + sums, nil
}

// Quiet implements collect.Store.
func (s *Store) Quiet(ctx context.Context, from, to int64) (quiet []collect.Quiet, err error) {
	err = s.run(ctx, step{
		sql:  "SELECT deal, max(last) FROM portico_beacon.viewers GROUP BY deal HAVING max(last) > $1 AND max(last) <= $2",
		args: []any{from, to},
		each: func(r row) { quiet = append(quiet, collect.Quiet{Deal: seal.DealID(r[0]), Last: r.whole(1)}) },
	})
	if err != nil {
		return nil, fmt.Errorf("looking for deals that nobody opens: %w", err)
	}
	return quiet, nil
}
