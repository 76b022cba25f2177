package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"portico/internal/beacon"
	"portico/internal/beacon/collect"
)

// Export implements collect.Store. A page is read at once and kept, so that
// nobody's slow connection holds a transaction open.
func (s *Store) Export(ctx context.Context, after beacon.Cursor, limit int) (collect.Page, error) {
	tx, err := s.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return collect.Page{}, fmt.Errorf("reading events: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // it has read, and changed nothing
	p := pager{tx: tx, left: limit}
	if err := p.begin(ctx, after); err != nil {
		return collect.Page{}, err
	}
	if !p.at.Events {
		if err := p.sums(ctx); err != nil {
			return collect.Page{}, fmt.Errorf("reading sums: %w", err)
		}
	}
	if p.at.Events {
		if err := p.events(ctx); err != nil {
			return collect.Page{}, fmt.Errorf("reading events: %w", err)
		}
	}
	return collect.Page{Lines: p.lines, End: p.at, More: p.more}, nil
}

type pager struct {
	tx    *sql.Tx
	at    beacon.Cursor
	left  int
	lines []beacon.Line
	more  bool
}

// begin at a cursor, if all that came before it is as it was.
func (p *pager) begin(ctx context.Context, after beacon.Cursor) (err error) {
	var epoch, swept int64
	if err := p.tx.QueryRowContext(ctx, "SELECT epoch, swept FROM state").Scan(&epoch, &swept); err != nil {
		return fmt.Errorf("reading the state: %w", err)
	}
	p.at, err = collect.Resume(after, epoch, swept)
	return err
}

// rows that a query has behind the cursor, as many as are left.
func (p *pager) rows(ctx context.Context, query string, one func(scan func(...any) error) (beacon.Line, error)) error {
	rows, err := p.tx.QueryContext(ctx, query, p.at.At, p.left+1)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if p.left == 0 {
			p.more = true
			return nil
		}
		l, err := one(rows.Scan)
		if err != nil {
			return err
		}
		p.add(l)
	}
	return rows.Err()
}

const selectSums = `SELECT id, day, deal, viewer, kind, target, ms, sessions, progress, automated FROM sums WHERE id > ? ORDER BY id LIMIT ?`

// sums go on until there are no others; then events begin.
func (p *pager) sums(ctx context.Context) error {
	err := p.rows(ctx, selectSums, func(scan func(...any) error) (beacon.Line, error) {
		var s beacon.Sum
		var deal, viewer, target []byte
		err := scan(&p.at.At, &s.Day, &deal, &viewer, &s.Kind, &target, &s.Ms, &s.Sessions, &s.Progress, &s.Automated)
		copy(s.Deal[:], deal)
		copy(s.Viewer[:], viewer)
		copy(s.Target[:], target)
		return beacon.Line{Sum: &s}, err
	})
	if err == nil && !p.more {
		p.at.Events, p.at.At = true, 0
	}
	return err
}

const selectEvents = `SELECT id, session, seq, deal, viewer, kind, target, ms, progress, at, received, device, automated FROM events WHERE id > ? ORDER BY id LIMIT ?`

func (p *pager) events(ctx context.Context) error {
	return p.rows(ctx, selectEvents, func(scan func(...any) error) (beacon.Line, error) {
		var e beacon.Event
		var session, deal, viewer, target []byte
		err := scan(&p.at.At, &session, &e.Seq, &deal, &viewer, &e.Kind, &target, &e.Ms, &e.Progress, &e.At, &e.Received, &e.Device, &e.Automated)
		copy(e.Session[:], session)
		copy(e.Deal[:], deal)
		copy(e.Viewer[:], viewer)
		copy(e.Target[:], target)
		return beacon.Line{Event: &e}, err
	})
}

func (p *pager) add(l beacon.Line) {
	l.Cursor = p.at.Text()
	p.lines = append(p.lines, l)
	p.left--
}
