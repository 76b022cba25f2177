package postgres

import (
	"context"
	"errors"
	"fmt"

	"portico/internal/beacon"
	"portico/internal/beacon/collect"
)

// movedTogether is how many lines one transaction takes over.
const movedTogether = 5000

// TakeOver everything that another store has, which nobody else may use
// meanwhile. Each transaction notes how far it came, in the other's own cursor:
// so it goes on where it was interrupted, and begins anew if the other has made
// sums of events since, or erased some. Until it is finished nobody can open
// this store for anything else.
func (s *Store) TakeOver(ctx context.Context, from collect.Store, rest collect.Rest) error {
	at, err := s.beginMove(ctx)
	if err != nil {
		return fmt.Errorf("beginning to move: %w", err)
	}
	for more := true; more; {
		page, err := from.Export(ctx, at, movedTogether)
		if errors.Is(err, collect.ErrGone) {
			if at, err = (beacon.Cursor{}), s.restartMove(ctx); err != nil {
				return fmt.Errorf("beginning to move anew: %w", err)
			}
			continue
		}
		if err == nil {
			err = s.takeLines(ctx, page, at)
		}
		if err != nil {
			return fmt.Errorf("moving events and sums: %w\nhint: run it again; it goes on where it stopped", err)
		}
		at, more = page.End, page.More
	}
	if err := s.finishMove(ctx, rest); err != nil {
		return fmt.Errorf("moving viewers and alerts: %w", err)
	}
	return nil
}

// beginMove into an empty store, or go on.
func (s *Store) beginMove(ctx context.Context) (at beacon.Cursor, err error) {
	err = s.change(ctx, func(c *conn) error {
		var text string
		begun, finished := false, false
		err := c.run(ctx, step{sql: lockState}, step{sql: "SELECT cursor, finished FROM portico_beacon.moving", each: func(r row) { text, finished, begun = r.text(0), r.truth(1), true }})
		switch {
		case err != nil:
			return err
		case finished:
			return errors.New("a file was moved into this database already")
		case begun:
			at, err = beacon.ParseCursor(text)
			return err
		}
		have, err := count(ctx, c)
		if err == nil && have != (contents{}) {
			err = errors.New("the database is in use\nhint: move into one that is empty")
		}
		if err != nil {
			return err
		}
		return c.run(ctx, step{sql: "INSERT INTO portico_beacon.moving VALUES (1, '', false)"})
	})
	return at, err
}

func (s *Store) restartMove(ctx context.Context) error {
	return s.change(ctx, func(c *conn) error {
		return c.script(ctx, "TRUNCATE portico_beacon.events, portico_beacon.sums; UPDATE portico_beacon.moving SET cursor = ''")
	})
}

// takeLines from a cursor on, unless somebody else has.
func (s *Store) takeLines(ctx context.Context, page collect.Page, from beacon.Cursor) error {
	var events []beacon.Event
	days := map[int]bool{}
	taken := 0
	steps := []step{{sql: "UPDATE portico_beacon.moving SET cursor = $1 WHERE cursor = $2 AND NOT finished", args: []any{page.End.Text(), from.Text()}, count: &taken}}
	for _, l := range page.Lines {
		switch {
		case l.Event != nil:
			events = append(events, *l.Event)
			days[l.Event.Session.Day()] = true
		case l.Sum != nil:
			e := l.Sum
			steps = append(steps, step{
				sql:  "INSERT INTO portico_beacon.sums (day, deal, viewer, kind, target, ms, sessions, progress, automated) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
				args: []any{e.Day, e.Deal[:], e.Viewer[:], int(e.Kind), e.Target[:], int64(e.Ms), int(e.Sessions), int(e.Progress), e.Automated},
			})
		}
	}
	insert, err := insertEvents(events)
	if err == nil {
		err = s.ensure(ctx, days)
	}
	if err != nil {
		return err
	}
	return s.change(ctx, func(c *conn) error {
		err := c.run(ctx, append(steps, insert...)...)
		if err == nil && taken != 1 {
			err = errors.New("another process moves into it at the same time")
		}
		return err
	})
}

// contents are how many rows of each kind there are.
type contents struct{ events, sums, viewers, waiting, delivered, dead int }

func count(ctx context.Context, c *conn) (have contents, err error) {
	err = c.run(ctx, step{
		sql: `SELECT (SELECT count(*) FROM portico_beacon.events), (SELECT count(*) FROM portico_beacon.sums), (SELECT count(*) FROM portico_beacon.viewers),
count(*) FILTER (WHERE state = $1), count(*) FILTER (WHERE state = $2), count(*) FILTER (WHERE state = $3) FROM portico_beacon.outbox`,
		args: []any{int(collect.Waits), int(collect.Delivered), int(collect.GivenUp)},
		each: func(r row) {
			n := func(i int) int { return int(r.whole(i)) }
			have = contents{events: n(0), sums: n(1), viewers: n(2), waiting: n(3), delivered: n(4), dead: n(5)}
		},
	})
	return have, err
}

// contentsOf another store.
func contentsOf(r collect.Rest) contents {
	c := contents{events: r.Events, sums: r.Sums, viewers: len(r.Viewers)}
	for _, n := range r.Notices {
		switch n.Fate {
		case collect.Waits:
			c.waiting++
		case collect.Delivered:
			c.delivered++
		case collect.GivenUp:
			c.dead++
		}
	}
	return c
}

func (c contents) String() string {
	return fmt.Sprintf("%d events, %d sums, %d viewers and %d, %d and %d alerts that wait, were delivered and were given up", c.events, c.sums, c.viewers, c.waiting, c.delivered, c.dead)
}

const insertViewers = `INSERT INTO portico_beacon.viewers (deal, viewer, first, last, priced, day, events, sessions)
SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::bigint[], $5::uuid[], $6::integer[], $7::integer[], $8::integer[])`

// finishMove takes over what is not handed out, and is done if there is then as
// much as there was.
func (s *Store) finishMove(ctx context.Context, rest collect.Rest) error {
	known := map[beacon.Pair]collect.Viewer{}
	var pairs []beacon.Pair
	for _, k := range rest.Viewers {
		pairs, known[k.Pair] = append(pairs, k.Pair), k.Viewer
	}
	var notices []collect.Notice
	for _, n := range rest.Notices {
		notices = append(notices, n.Notice)
	}
	steps, err := insertNotices(notices)
	if err != nil {
		return err
	}
	for _, n := range rest.Notices {
		steps = append(steps, step{sql: "UPDATE portico_beacon.outbox SET attempts = $1, why = $2, state = $3 WHERE key = $4", args: []any{n.Attempts, n.Why, int(n.Fate), n.Key}})
	}
	steps = append(steps, viewersStep(insertViewers, pairs, known),
		step{sql: "UPDATE portico_beacon.state SET horizon = $1", args: []any{rest.Horizon}},
		step{sql: "UPDATE portico_beacon.moving SET finished = true"})
	return s.within(ctx, readWrite, func(c *conn) error {
		if err := c.run(ctx, steps...); err != nil {
			return err
		}
		have, err := count(ctx, c)
		if want := contentsOf(rest); err == nil && have != want {
			err = fmt.Errorf("there are %v here, where there were %v: nothing of it counts", have, want)
		}
		return err
	})
}
