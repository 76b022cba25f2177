package postgres

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"portico/internal/beacon"
	"portico/internal/beacon/collect"
)

const (
	// lockViewers makes those that were never here, and changes no other: a row
	// whose condition fails is locked all the same. So every transaction takes
	// all of its viewers in one go and in one order.
	lockViewers = `INSERT INTO portico_beacon.viewers (deal, viewer) SELECT * FROM unnest($1::bytea[], $2::bytea[])
ON CONFLICT (deal, viewer) DO UPDATE SET day = 0 WHERE false`

	selectViewers = `SELECT deal, viewer, first, last, priced, day, events, sessions
FROM portico_beacon.viewers JOIN unnest($1::bytea[], $2::bytea[]) AS asked (deal, viewer) USING (deal, viewer)`

	// knownSessions are looked up one by one, by the key: LIMIT keeps the server
	// from reading all events instead.
	knownSessions = `SELECT asked.session FROM unnest($1::integer[], $2::uuid[]) AS asked (day, session),
LATERAL (SELECT FROM portico_beacon.events WHERE events.day = asked.day AND events.session = asked.session LIMIT 1) AS known`

	updateViewers = `UPDATE portico_beacon.viewers AS v SET first = n.first, last = n.last, priced = n.priced, day = n.day, events = n.events, sessions = n.sessions
FROM unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::bigint[], $5::uuid[], $6::integer[], $7::integer[], $8::integer[])
AS n (deal, viewer, first, last, priced, day, events, sessions) WHERE v.deal = n.deal AND v.viewer = n.viewer`

	// dropViewers who were made for the lock alone.
	dropViewers = `DELETE FROM portico_beacon.viewers AS v USING unnest($1::bytea[], $2::bytea[]) AS n (deal, viewer) WHERE v.deal = n.deal AND v.viewer = n.viewer`

	// noPartition is the server's word for a row that no table is for.
	noPartition = "23514"
)

// Write implements collect.Store.
func (s *Store) Write(ctx context.Context, batches []collect.Batch, decide collect.Decide) ([]error, error) {
	refused, err := s.try(ctx, batches, decide)
	if code(err) == noPartition { // another collector has dropped the table of an old month
		s.forget()
		refused, err = s.try(ctx, batches, decide)
	}
	if err != nil {
		return nil, fmt.Errorf("keeping events: %w", err)
	}
	return refused, nil
}

func (s *Store) try(ctx context.Context, batches []collect.Batch, decide collect.Decide) (refused []error, err error) {
	w := newWrite(batches)
	if err := s.ensure(ctx, w.days()); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err = s.borrow(ctx, func(c *conn) error {
		return c.twice(ctx, w.read(), func() ([]step, error) {
			refused = w.decide(batches, decide)
			return w.keep()
		})
	})
	return refused, err
}

// write is one transaction of batches.
type write struct {
	// pairs in their order.
	pairs    []beacon.Pair
	sessions map[beacon.Session]bool // those that were there before, or are now
	viewers  map[beacon.Pair]collect.Viewer
	changed  map[beacon.Pair]bool
	events   []beacon.Event
	tell     []collect.Notice
}

func newWrite(batches []collect.Batch) *write {
	w := &write{sessions: map[beacon.Session]bool{}, viewers: map[beacon.Pair]collect.Viewer{}, changed: map[beacon.Pair]bool{}}
	for _, b := range batches {
		w.pairs = append(w.pairs, b.Pair)
		w.sessions[b.Session] = false
	}
	slices.SortFunc(w.pairs, func(a, b beacon.Pair) int {
		return cmp.Or(bytes.Compare(a.Deal[:], b.Deal[:]), bytes.Compare(a.Viewer[:], b.Viewer[:]))
	})
	w.pairs = slices.Compact(w.pairs)
	return w
}

func (w *write) days() map[int]bool {
	days := map[int]bool{}
	for s := range w.sessions {
		days[s.Day()] = true
	}
	return days
}

// split pairs into what an array each is made of.
func split(pairs []beacon.Pair) (deals, viewers [][]byte) {
	for _, p := range pairs {
		deals, viewers = append(deals, p.Deal[:]), append(viewers, p.Viewer[:])
	}
	return deals, viewers
}

// read what is known of the viewers, whom nobody else changes from then on, and
// which of their sessions there are.
func (w *write) read() []step {
	deals, viewers := split(w.pairs)
	var days []int32
	var sessions []beacon.Session
	for s := range w.sessions {
		days, sessions = append(days, int32(s.Day())), append(sessions, s)
	}
	return []step{
		{sql: lockViewers, args: []any{deals, viewers}},
		{sql: selectViewers, args: []any{deals, viewers}, each: func(r row) { w.viewers[r.pair(0)] = viewerOf(r) }},
		{sql: knownSessions, args: []any{days, sessions}, each: func(r row) { w.sessions[r.session(0)] = true }},
	}
}

// viewerOf a row of selectViewers.
func viewerOf(r row) collect.Viewer {
	return collect.Viewer{First: r.whole(2), Last: r.whole(3), Priced: r.session(4), Day: int(r.whole(5)), Events: int(r.whole(6)), Sessions: int(r.whole(7))}
}

// decide what is kept, in the order in which it came.
func (w *write) decide(batches []collect.Batch, decide collect.Decide) (refused []error) {
	refused = make([]error, len(batches))
	for i, b := range batches {
		after, tell, err := decide(w.viewers[b.Pair], b, !w.sessions[b.Session])
		if err != nil {
			refused[i] = err
			continue
		}
		w.viewers[b.Pair], w.sessions[b.Session], w.changed[b.Pair] = after, true, true
		w.events, w.tell = append(w.events, b.Events...), append(w.tell, tell...)
	}
	return refused
}

// keep what was decided.
func (w *write) keep() (steps []step, err error) {
	var keep, drop []beacon.Pair
	for _, p := range w.pairs {
		switch {
		case w.changed[p]:
			keep = append(keep, p)
		case w.viewers[p] == collect.Viewer{}:
			drop = append(drop, p)
		}
	}
	if len(drop) > 0 {
		deals, viewers := split(drop)
		steps = append(steps, step{sql: dropViewers, args: []any{deals, viewers}})
	}
	if len(keep) > 0 {
		steps = append(steps, viewersStep(updateViewers, keep, w.viewers))
	}
	events, err := insertEvents(w.events)
	if err != nil {
		return nil, err
	}
	notices, err := insertNotices(w.tell)
	return slices.Concat(steps, events, notices), err
}

// viewersStep hands what is known of some to a statement.
func viewersStep(sql string, pairs []beacon.Pair, known map[beacon.Pair]collect.Viewer) step {
	var (
		first, last           []int64
		priced                []beacon.Session
		day, events, sessions []int32
	)
	for _, p := range pairs {
		v := known[p]
		first, last, priced = append(first, v.First), append(last, v.Last), append(priced, v.Priced)
		day, events, sessions = append(day, int32(v.Day)), append(events, int32(v.Events)), append(sessions, int32(v.Sessions))
	}
	deals, viewers := split(pairs)
	return step{sql: sql, args: []any{deals, viewers, first, last, priced, day, events, sessions}}
}

const insertEvent = `WITH place AS (SELECT ` + firstPlace + ` AS first FROM portico_beacon.state)
INSERT INTO portico_beacon.events (id, day, session, seq, deal, viewer, kind, target, ms, progress, at, received, device, automated)
SELECT place.first + e.n, e.day, e.session, e.seq, e.deal, e.viewer, e.kind, e.target, e.ms, e.progress, e.at, e.received, e.device, e.automated
FROM place, unnest($1::bigint[], $2::integer[], $3::uuid[], $4::bigint[], $5::bytea[], $6::bytea[], $7::smallint[], $8::bytea[], $9::bigint[], $10::integer[], $11::bigint[], $12::bigint[], $13::smallint[], $14::boolean[])
AS e (n, day, session, seq, deal, viewer, kind, target, ms, progress, at, received, device, automated)
ON CONFLICT (day, session, seq) DO NOTHING`

// placed is an event with its number in the transaction.
type placed struct {
	n int64
	beacon.Event
}

// insertEvents in the order of their keys, as everybody does; their places are
// in the order in which they came. The first of one key is kept.
func insertEvents(events []beacon.Event) ([]step, error) {
	if len(events) >= 1<<placeBits {
		return nil, errors.New("there are too many events for one transaction")
	}
	if len(events) == 0 {
		return nil, nil
	}
	sorted := make([]placed, len(events))
	for i, e := range events {
		sorted[i] = placed{int64(i), e}
	}
	slices.SortStableFunc(sorted, func(a, b placed) int {
		return cmp.Or(bytes.Compare(a.Session[:], b.Session[:]), cmp.Compare(a.Seq, b.Seq))
	})
	var c struct {
		n, seq, ms, at, received []int64
		day, progress            []int32
		kind, device             []int16
		session                  []beacon.Session
		deal, viewer, target     [][]byte
		automated                []bool
	}
	for i := range sorted {
		e := &sorted[i]
		c.n, c.day, c.session, c.seq = append(c.n, e.n), append(c.day, int32(e.Session.Day())), append(c.session, e.Session), append(c.seq, int64(e.Seq))
		c.deal, c.viewer, c.kind, c.target = append(c.deal, e.Deal[:]), append(c.viewer, e.Viewer[:]), append(c.kind, int16(e.Kind)), append(c.target, e.Target[:])
		c.ms, c.progress, c.at, c.received = append(c.ms, int64(e.Ms)), append(c.progress, int32(e.Progress)), append(c.at, e.At), append(c.received, e.Received)
		c.device, c.automated = append(c.device, int16(e.Device)), append(c.automated, e.Automated)
	}
	return []step{{sql: insertEvent, args: []any{c.n, c.day, c.session, c.seq, c.deal, c.viewer, c.kind, c.target, c.ms, c.progress, c.at, c.received, c.device, c.automated}}}, nil
}
