package postgres

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"portico/internal/beacon"
	"portico/internal/beacon/collect"
)

const insertNotice = `INSERT INTO portico_beacon.outbox (key, deal, viewer, about, at, due, route)
SELECT * FROM unnest($1::text[], $2::bytea[], $3::bytea[], $4::text[], $5::bigint[], $6::bigint[], $7::text[]) ON CONFLICT (key) DO NOTHING`

// insertNotices in the order of their keys, as everybody does.
func insertNotices(notices []collect.Notice) ([]step, error) {
	if len(notices) == 0 {
		return nil, nil
	}
	sorted := slices.SortedStableFunc(slices.Values(notices), func(a, b collect.Notice) int { return cmp.Compare(a.Key, b.Key) })
	var (
		key, about, route []string
		deal, viewer      [][]byte
		at, due           []int64
	)
	for i := range sorted {
		n := &sorted[i]
		text, err := json.Marshal(n.Route)
		if err != nil {
			return nil, err
		}
		key, deal, viewer, about = append(key, n.Key), append(deal, n.Deal[:]), append(viewer, n.Viewer[:]), append(about, string(n.On))
		at, due, route = append(at, n.At), append(due, n.Due), append(route, string(text))
	}
	return []step{{sql: insertNotice, args: []any{key, deal, viewer, about, at, due, route}}}, nil
}

// Tell implements collect.Store.
func (s *Store) Tell(ctx context.Context, notices []collect.Notice) error {
	steps, err := insertNotices(notices)
	if err == nil {
		err = s.atOnce(ctx, steps...)
	}
	if err != nil {
		return fmt.Errorf("keeping notices: %w", err)
	}
	return nil
}

// lease gives out what nobody else is just giving out.
const lease = `WITH taken AS (
  SELECT id, due FROM portico_beacon.outbox WHERE state = $1 AND (due <= $2 OR due > $5) ORDER BY due, id LIMIT $3 FOR UPDATE SKIP LOCKED
), leased AS (
  UPDATE portico_beacon.outbox AS o SET due = $4 FROM taken WHERE o.id = taken.id
  RETURNING o.id, o.key, o.deal, o.viewer, o.about, o.at, taken.due, o.route, o.attempts, o.why
) SELECT * FROM leased ORDER BY due, id`

// Lease implements collect.Store. What is given out is due again at until,
// should nobody say what became of it.
func (s *Store) Lease(ctx context.Context, now, until int64, limit int) (out []collect.Outgoing, err error) {
	out, err = s.notices(ctx, lease, int(collect.Waits), now, limit, until, now+collect.Farthest.Milliseconds())
	if err != nil {
		return nil, fmt.Errorf("looking for notices that are due: %w", err)
	}
	return out, nil
}

// notices that a query finds.
func (s *Store) notices(ctx context.Context, query string, args ...any) (out []collect.Outgoing, err error) {
	var bad error
	err = s.atOnce(ctx, step{sql: query, args: args, each: func(r row) {
		o := collect.Outgoing{ID: r.whole(0), Attempts: int(r.whole(8)), Why: r.text(9)}
		o.Key, o.Pair, o.On, o.At, o.Due = r.text(1), r.pair(2), beacon.Trigger(r.text(4)), r.whole(5), r.whole(6)
		if err := json.Unmarshal(r[7], &o.Route); err != nil {
			bad = fmt.Errorf("reading where notice %d goes: %w", o.ID, err)
		}
		out = append(out, o)
	}})
	return out, errors.Join(err, bad)
}

// among are notices by their numbers, in the order in which everybody locks
// several.
const among = ` WHERE id IN (SELECT id FROM portico_beacon.outbox WHERE %s ORDER BY id FOR UPDATE)`

// settle what became of notices, and return how many.
func (s *Store) settle(ctx context.Context, doing, change, which string, args ...any) (int, error) {
	n := 0
	err := s.atOnce(ctx, step{sql: change + fmt.Sprintf(among, which), args: args, count: &n})
	if err != nil {
		return 0, fmt.Errorf("%s: %w", doing, err)
	}
	return n, nil
}

const updateOutbox = "UPDATE portico_beacon.outbox SET "

// Done implements collect.Store.
func (s *Store) Done(ctx context.Context, now int64, ids ...int64) error {
	_, err := s.settle(ctx, "noting what was delivered", updateOutbox+"state = $1, due = $2", "id = ANY ($3)", int(collect.Delivered), now, ids)
	return err
}

// Fail implements collect.Store.
func (s *Store) Fail(ctx context.Context, id, due int64, why string) error {
	fate := collect.Waits
	if due == 0 {
		fate = collect.GivenUp
	}
	_, err := s.settle(ctx, "noting what was not delivered", updateOutbox+"attempts = attempts + 1, why = $1, state = $2, due = $3", "id = $4", why, int(fate), due, id)
	return err
}

// Dead implements collect.Store.
func (s *Store) Dead(ctx context.Context) (out []collect.Outgoing, err error) {
	out, err = s.notices(ctx, "SELECT id, key, deal, viewer, about, at, due, route, attempts, why FROM portico_beacon.outbox WHERE state = $1 ORDER BY id", int(collect.GivenUp))
	if err != nil {
		return nil, fmt.Errorf("listing notices that were given up: %w", err)
	}
	return out, nil
}

// Retry implements collect.Store.
func (s *Store) Retry(ctx context.Context, now int64, ids ...int64) (int, error) {
	return s.settle(ctx, "trying notices again", updateOutbox+"state = $1, due = $2, attempts = 0", "state = $3 AND ($4::bigint[] IS NULL OR id = ANY ($4))", int(collect.Waits), now, int(collect.GivenUp), ids)
}

// Forget implements collect.Store.
func (s *Store) Forget(ctx context.Context, before int64) error {
	_, err := s.settle(ctx, "forgetting what was delivered", "DELETE FROM portico_beacon.outbox", "state = $1 AND due < $2", int(collect.Delivered), before)
	return err
}
