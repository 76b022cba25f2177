package sqlite

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"portico/internal/beacon"
	"portico/internal/beacon/collect"
)

// Horizon implements collect.Store.
func (s *Store) Horizon(ctx context.Context) (day int, err error) {
	if err := s.readers.QueryRowContext(ctx, "SELECT horizon FROM state").Scan(&day); err != nil {
		return 0, fmt.Errorf("reading how far events became sums: %w", err)
	}
	return day, nil
}

const (
	// sweptTogether is about how many events one transaction makes sums of, so
	// that pages do not wait long for it.
	sweptTogether = 2000

	// A session counts once, with the most that it came to: so it is always
	// swept whole.
	lastSession = `SELECT session FROM (SELECT session FROM events WHERE session < ? ORDER BY session, seq LIMIT ?) ORDER BY session DESC LIMIT 1`

	addSums = `INSERT INTO sums (day, deal, viewer, kind, target, ms, sessions, progress, automated)
SELECT day, deal, viewer, kind, target, sum(ms), count(*), max(progress), automated FROM (
  SELECT day, deal, viewer, kind, target, max(ms) AS ms, max(progress) AS progress, max(automated) AS automated
  FROM events WHERE session <= ? GROUP BY session, deal, viewer, kind, target
) WHERE true GROUP BY day, deal, viewer, kind, target, automated
ON CONFLICT (day, deal, viewer, kind, target, automated) DO UPDATE
SET ms = ms + excluded.ms, sessions = sessions + excluded.sessions, progress = max(progress, excluded.progress)`
)

// Sweep implements collect.Store.
func (s *Store) Sweep(ctx context.Context, before int) (more bool, err error) {
	var bound [6]byte // sessions of that day begin with at least this
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(time.Duration(before)*24*time.Hour/time.Millisecond))
	copy(bound[:], ms[2:])
	err = s.change(ctx, func(w *writer) error {
		var upTo []byte
		err := w.row(ctx, lastSession, []any{bound[:], sweptTogether}, &upTo)
		if errors.Is(err, sql.ErrNoRows) {
			_, err = w.exec(ctx, "UPDATE state SET horizon = max(horizon, ?)", before)
			return err
		}
		if err != nil {
			return err
		}
		more = true
		clear(w.sessions)
		if _, err := w.exec(ctx, addSums, upTo); err != nil {
			return err
		}
		if _, err := w.exec(ctx, "UPDATE state SET swept = max(swept, (SELECT max(id) FROM events WHERE session <= ?))", upTo); err != nil {
			return err
		}
		_, err = w.exec(ctx, "DELETE FROM events WHERE session <= ?", upTo)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("making sums of old events: %w", err)
	}
	return more, nil
}

// change runs f in a transaction.
func (s *Store) change(ctx context.Context, f func(w *writer) error) error {
	s.writer.mu.Lock()
	defer s.writer.mu.Unlock()
	defer s.log.grew()
	return s.writer.transaction(ctx, func() error { return f(s.writer) })
}

const newEpoch = "UPDATE state SET epoch = abs(random() % 9007199254740991) + 1"

// Erase implements collect.Store. The log is put in its place, so that what was
// erased is in no file any more.
func (s *Store) Erase(ctx context.Context, who beacon.Pair) (int, error) {
	total := 0
	err := s.change(ctx, func(w *writer) error {
		delete(w.viewers, who)
		clear(w.sessions)
		for _, table := range []string{"outbox", "viewers", "sums", "events"} {
			res, err := w.exec(ctx, "DELETE FROM "+table+" WHERE deal = ? AND viewer = ?", who.Deal[:], who.Viewer[:])
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			if err != nil {
				return err
			}
			if table == "sums" || table == "events" {
				total += int(n)
			}
		}
		_, err := w.exec(ctx, newEpoch)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("erasing a viewer: %w", err)
	}
	return total, s.settle(ctx)
}

// settle puts the whole log in its place.
func (s *Store) settle(ctx context.Context) error {
	s.log.moving.Lock()
	defer s.log.moving.Unlock()
	s.writer.mu.Lock()
	defer s.writer.mu.Unlock()
	at, err := s.log.checkpoint(ctx, s.writer.conn, "TRUNCATE")
	if err != nil {
		return fmt.Errorf("putting the log in its place: %w", err)
	}
	if at.busy {
		return errors.New("everything is erased, but another program is reading: what was erased stays in the log until it is done")
	}
	return nil
}

// Quiet implements collect.Store.
func (s *Store) Quiet(ctx context.Context, from, to int64) ([]collect.Quiet, error) {
	rows, err := s.readers.QueryContext(ctx, "SELECT deal, max(last) AS seen FROM viewers GROUP BY deal HAVING seen > ? AND seen <= ?", from, to)
	if err != nil {
		return nil, fmt.Errorf("looking for deals that nobody opens: %w", err)
	}
	defer rows.Close()
	var quiet []collect.Quiet
	for rows.Next() {
		var q collect.Quiet
		var deal []byte
		if err := rows.Scan(&deal, &q.Last); err != nil {
			return nil, fmt.Errorf("looking for deals that nobody opens: %w", err)
		}
		copy(q.Deal[:], deal)
		quiet = append(quiet, q)
	}
	return quiet, rows.Err()
}
