package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"portico/internal/beacon"
	"portico/internal/beacon/collect"
)

const (
	insertEvent = `INSERT INTO events (day, session, seq, deal, viewer, kind, target, ms, progress, at, received, device, automated)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (session, seq) DO NOTHING`

	selectViewer = `SELECT first, last, priced, day, events, sessions FROM viewers WHERE deal = ? AND viewer = ?`

	upsertViewer = `INSERT INTO viewers (deal, viewer, first, last, priced, day, events, sessions) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (deal, viewer) DO UPDATE SET first = excluded.first, last = excluded.last, priced = excluded.priced, day = excluded.day, events = excluded.events, sessions = excluded.sessions`

	insertNotice = `INSERT INTO outbox (key, deal, viewer, about, at, due, route) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING`
)

// Write implements collect.Store.
func (s *Store) Write(ctx context.Context, batches []collect.Batch, decide collect.Decide) ([]error, error) {
	w := s.writer
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.connect(ctx); err != nil {
		return nil, err
	}
	if err := s.log.room(ctx, w); err != nil {
		return nil, err
	}
	refused := make([]error, len(batches))
	changed := map[beacon.Pair]bool{}
	err := w.transaction(ctx, func() error {
		for i, b := range batches {
			var err error
			if refused[i], err = w.batch(ctx, b, decide); err != nil {
				return err
			}
			if refused[i] == nil {
				changed[b.Pair] = true
			}
		}
		for who := range changed {
			if err := w.keepViewer(ctx, who); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("keeping events: %w", err)
	}
	return refused, nil
}

func (w *writer) batch(ctx context.Context, b collect.Batch, decide collect.Decide) (refused, err error) {
	before, err := w.viewer(ctx, b.Pair)
	if err != nil {
		return nil, err
	}
	known, err := w.session(ctx, b.Session)
	if err != nil {
		return nil, err
	}
	after, tell, refused := decide(before, b, !known)
	if refused != nil {
		return refused, nil
	}
	for _, e := range b.Events {
		_, err := w.exec(ctx, insertEvent, e.Session.Day(), e.Session[:], int64(e.Seq), e.Deal[:], e.Viewer[:], int64(e.Kind), e.Target[:],
			int64(e.Ms), int64(e.Progress), e.At, e.Received, int64(e.Device), e.Automated)
		if err != nil {
			return nil, err
		}
	}
	w.viewers[b.Pair], w.sessions[b.Session] = after, true
	return nil, w.tell(ctx, tell)
}

// viewer as the file has it, or as this transaction has made it.
func (w *writer) viewer(ctx context.Context, who beacon.Pair) (collect.Viewer, error) {
	if v, ok := w.viewers[who]; ok {
		return v, nil
	}
	var v collect.Viewer
	var priced []byte
	err := w.row(ctx, selectViewer, []any{who.Deal[:], who.Viewer[:]}, &v.First, &v.Last, &priced, &v.Day, &v.Events, &v.Sessions)
	if errors.Is(err, sql.ErrNoRows) {
		return collect.Viewer{}, nil
	}
	copy(v.Priced[:], priced)
	return v, err
}

func (w *writer) session(ctx context.Context, s beacon.Session) (known bool, err error) {
	if w.sessions[s] {
		return true, nil
	}
	err = w.row(ctx, "SELECT EXISTS (SELECT 1 FROM events WHERE session = ?)", []any{s[:]}, &known)
	return known, err
}

func (w *writer) keepViewer(ctx context.Context, who beacon.Pair) error {
	v := w.viewers[who]
	_, err := w.exec(ctx, upsertViewer, who.Deal[:], who.Viewer[:], v.First, v.Last, v.Priced[:], v.Day, v.Events, v.Sessions)
	return err
}

func (w *writer) tell(ctx context.Context, notices []collect.Notice) error {
	for _, n := range notices {
		route, err := json.Marshal(n.Route)
		if err != nil {
			return err
		}
		if _, err := w.exec(ctx, insertNotice, n.Key, n.Deal[:], n.Viewer[:], string(n.On), n.At, n.Due, string(route)); err != nil {
			return err
		}
	}
	return nil
}
