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
	defer s.log.grew()
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
			if k := w.viewers[who]; k.due() {
				if err := w.keepViewer(ctx, who, k.now); err != nil {
					return err
				}
				w.viewers[who] = remembered{k.now, k.now}
			}
		}
		return w.shed(ctx, maxKnown)
	})
	if err != nil {
		return nil, fmt.Errorf("keeping events: %w", err)
	}
	return refused, nil
}

func (w *writer) batch(ctx context.Context, b collect.Batch, decide collect.Decide) (refused, err error) {
	who, err := w.viewer(ctx, b.Pair)
	if err != nil {
		return nil, err
	}
	begun, err := w.begun(ctx, b.Session)
	if err != nil {
		return nil, err
	}
	after, tell, refused := decide(who.now, b, !begun)
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
	w.viewers[b.Pair], w.sessions[b.Session] = remembered{after, who.kept}, true
	return nil, w.tell(ctx, tell)
}

// viewer as this writer knows them, or else the file.
func (w *writer) viewer(ctx context.Context, who beacon.Pair) (remembered, error) {
	if k, ok := w.viewers[who]; ok {
		return k, nil
	}
	var v collect.Viewer
	var priced []byte
	err := w.row(ctx, selectViewer, []any{who.Deal[:], who.Viewer[:]}, &v.First, &v.Last, &priced, &v.Day, &v.Events, &v.Sessions)
	if errors.Is(err, sql.ErrNoRows) {
		return remembered{}, nil
	}
	copy(v.Priced[:], priced)
	return remembered{v, v}, err
}

// begun says whether anything of a session was kept.
func (w *writer) begun(ctx context.Context, s beacon.Session) (is bool, err error) {
	if w.sessions[s] {
		return true, nil
	}
	err = w.row(ctx, "SELECT EXISTS (SELECT 1 FROM events WHERE session = ?)", []any{s[:]}, &is)
	return is, err
}

func (w *writer) keepViewer(ctx context.Context, who beacon.Pair, v collect.Viewer) error {
	_, err := w.exec(ctx, upsertViewer, who.Deal[:], who.Viewer[:], v.First, v.Last, v.Priced[:], v.Day, v.Events, v.Sessions)
	return err
}

// shed what is remembered beyond some, whichever it is; of a viewer the file
// has all before.
func (w *writer) shed(ctx context.Context, most int) error {
	for who, k := range w.viewers {
		if len(w.viewers) <= most {
			break
		}
		if k.now != k.kept {
			if err := w.keepViewer(ctx, who, k.now); err != nil {
				return err
			}
		}
		delete(w.viewers, who)
	}
	for s := range w.sessions {
		if len(w.sessions) <= most {
			break
		}
		delete(w.sessions, s)
	}
	return nil
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
