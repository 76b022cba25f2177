package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"portico/internal/beacon/collect"
)

// What becomes of a notice.
const (
	waits     = collect.Waits
	delivered = collect.Delivered
	givenUp   = collect.GivenUp
)

// Tell implements collect.Store.
func (s *Store) Tell(ctx context.Context, notices []collect.Notice) error {
	if err := s.change(ctx, func(w *writer) error { return w.tell(ctx, notices) }); err != nil {
		return fmt.Errorf("keeping notices: %w", err)
	}
	return nil
}

const selectNotices = "SELECT id, key, deal, viewer, about, at, due, route, attempts, why FROM outbox "

// Lease implements collect.Store. What is given out is due again at until,
// should nobody say what became of it.
func (s *Store) Lease(ctx context.Context, now, until int64, limit int) ([]collect.Outgoing, error) {
	var out []collect.Outgoing
	const isDue = "state = ? AND (due <= ? OR due > ?)"
	farthest := now + collect.Farthest.Milliseconds()
	var due bool
	// It is asked every second: where nothing is due, writing waits for nothing.
	err := s.readers.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM outbox WHERE "+isDue+")", waits, now, farthest).Scan(&due)
	if err == nil && !due {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking for notices that are due: %w", err)
	}
	err = s.change(ctx, func(w *writer) (err error) {
		if out, err = w.notices(ctx, selectNotices+"WHERE "+isDue+" ORDER BY due, id LIMIT ?", waits, now, farthest, limit); err != nil {
			return err
		}
		for _, o := range out {
			if _, err := w.exec(ctx, "UPDATE outbox SET due = ? WHERE id = ?", until, o.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("looking for notices that are due: %w", err)
	}
	return out, nil
}

func (w *writer) notices(ctx context.Context, query string, args ...any) ([]collect.Outgoing, error) {
	s, err := w.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		return nil, err
	}
	return readNotices(rows)
}

// readNotices of selectNotices.
func readNotices(rows *sql.Rows) ([]collect.Outgoing, error) {
	defer rows.Close()
	var out []collect.Outgoing
	for rows.Next() {
		var (
			o            collect.Outgoing
			deal, viewer []byte
			route        string
		)
		if err := rows.Scan(&o.ID, &o.Key, &deal, &viewer, &o.On, &o.At, &o.Due, &route, &o.Attempts, &o.Why); err != nil {
			return nil, err
		}
		copy(o.Deal[:], deal)
		copy(o.Viewer[:], viewer)
		if err := json.Unmarshal([]byte(route), &o.Route); err != nil {
			return nil, fmt.Errorf("reading where notice %d goes: %w", o.ID, err)
		}
		out = append(out, o)
	}
	return out, rows.Err()
}

// Done implements collect.Store.
func (s *Store) Done(ctx context.Context, now int64, ids ...int64) error {
	return s.settleNotices(ctx, "UPDATE outbox SET state = ?, due = ? WHERE id = ?", ids, delivered, now)
}

// settleNotices says what became of some.
func (s *Store) settleNotices(ctx context.Context, update string, ids []int64, args ...any) error {
	err := s.change(ctx, func(w *writer) error {
		for _, id := range ids {
			if _, err := w.exec(ctx, update, append(args[:len(args):len(args)], id)...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("noting what became of notices: %w", err)
	}
	return nil
}

// Fail implements collect.Store.
func (s *Store) Fail(ctx context.Context, id, due int64, why string) error {
	state := waits
	if due == 0 {
		state = givenUp
	}
	return s.settleNotices(ctx, "UPDATE outbox SET attempts = attempts + 1, why = ?, state = ?, due = ? WHERE id = ?", []int64{id}, why, state, due)
}

// Dead implements collect.Store.
func (s *Store) Dead(ctx context.Context) ([]collect.Outgoing, error) {
	var out []collect.Outgoing
	err := s.change(ctx, func(w *writer) (err error) {
		out, err = w.notices(ctx, selectNotices+"WHERE state = ? ORDER BY id", givenUp)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listing notices that were given up: %w", err)
	}
	return out, nil
}

// Retry implements collect.Store.
func (s *Store) Retry(ctx context.Context, now int64, ids ...int64) (int, error) {
	query, args := "UPDATE outbox SET state = ?, due = ?, attempts = 0 WHERE state = ?", []any{waits, now, givenUp}
	if len(ids) > 0 {
		query += " AND id IN (?" + strings.Repeat(", ?", len(ids)-1) + ")"
		for _, id := range ids {
			args = append(args, id)
		}
	}
	return s.count(ctx, "trying notices again", query, args...)
}

// Forget implements collect.Store.
func (s *Store) Forget(ctx context.Context, before int64) error {
	_, err := s.count(ctx, "forgetting what was delivered", "DELETE FROM outbox WHERE state = ? AND due < ?", delivered, before)
	return err
}

// count of rows that a change was about.
func (s *Store) count(ctx context.Context, doing, query string, args ...any) (int, error) {
	var n int64
	err := s.change(ctx, func(w *writer) error {
		res, err := w.conn.ExecContext(ctx, query, args...)
		if err == nil {
			n, err = res.RowsAffected()
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("%s: %w", doing, err)
	}
	return int(n), nil
}
