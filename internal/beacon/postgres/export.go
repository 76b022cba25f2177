package postgres

import (
	"context"
	"fmt"

	"portico/internal/beacon"
	"portico/internal/beacon/collect"
)

// Export implements collect.Store. It reads one snapshot, and of events only
// what no transaction can add to any more.
func (s *Store) Export(ctx context.Context, after beacon.Cursor, limit int) (page collect.Page, err error) {
	err = s.within(ctx, snapshot, func(c *conn) error {
		p := pager{c: c, left: limit}
		if err := p.read(ctx, after); err != nil {
			return err
		}
		page = collect.Page{Lines: p.lines, End: p.at, More: p.more}
		return nil
	})
	if err != nil {
		return collect.Page{}, fmt.Errorf("reading what is kept: %w", err)
	}
	return page, nil
}

type pager struct {
	c     *conn
	at    beacon.Cursor
	left  int
	lines []beacon.Line
	more  bool
}

func (p *pager) read(ctx context.Context, after beacon.Cursor) (err error) {
	var epoch, swept, open int64
	err = p.c.run(ctx, step{sql: "SELECT epoch, swept, " + openPlace + " FROM portico_beacon.state", each: func(r row) { epoch, swept, open = r.whole(0), r.whole(1), r.whole(2) }})
	if err != nil {
		return err
	}
	if p.at, err = collect.Resume(after, epoch, swept); err != nil {
		return err
	}
	if !p.at.Events {
		if err := p.sums(ctx); err != nil {
			return err
		}
	}
	if p.at.Events {
		return p.events(ctx, open)
	}
	return nil
}

const selectSums = `SELECT id, day, deal, viewer, kind, target, ms, sessions, progress, automated FROM portico_beacon.sums WHERE id > $1 ORDER BY id LIMIT $2`

// sums go on until there are no others; then events begin.
func (p *pager) sums(ctx context.Context) error {
	err := p.c.run(ctx, step{sql: selectSums, args: []any{p.at.At, p.left + 1}, each: func(r row) {
		who := r.pair(2)
		e := beacon.Sum{
			Day: int(r.whole(1)), Deal: who.Deal, Viewer: who.Viewer, Kind: beacon.Kind(r.whole(4)), Target: r.target(5),
			Ms: uint64(r.whole(6)), Sessions: uint32(r.whole(7)), Progress: uint16(r.whole(8)), Automated: r.truth(9),
		}
		p.add(r.whole(0), beacon.Line{Sum: &e})
	}})
	if err == nil && !p.more {
		p.at.Events, p.at.At = true, 0
	}
	return err
}

const selectEvents = `SELECT id, session, seq, deal, viewer, kind, target, ms, progress, at, received, device, automated FROM portico_beacon.events WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3`

func (p *pager) events(ctx context.Context, open int64) error {
	return p.c.run(ctx, step{sql: selectEvents, args: []any{p.at.At, open, p.left + 1}, each: func(r row) {
		who := r.pair(3)
		e := beacon.Event{
			Session: r.session(1), Seq: uint32(r.whole(2)), Deal: who.Deal, Viewer: who.Viewer, Kind: beacon.Kind(r.whole(5)), Target: r.target(6),
			Ms: uint32(r.whole(7)), Progress: uint16(r.whole(8)), At: r.whole(9), Received: r.whole(10), Device: beacon.Device(r.whole(11)), Automated: r.truth(12),
		}
		p.add(r.whole(0), beacon.Line{Event: &e})
	}})
}

// add a line, or find that there is one too many.
func (p *pager) add(id int64, l beacon.Line) {
	if p.left == 0 {
		p.more = true
		return
	}
	p.at.At = id
	l.Cursor = p.at.Text()
	p.lines = append(p.lines, l)
	p.left--
}
