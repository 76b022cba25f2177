package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"portico/internal/beacon/collect"
)

// Rest is what Export leaves out, for a store that takes this one over.
func (s *Store) Rest(ctx context.Context) (collect.Rest, error) {
	tx, err := s.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return collect.Rest{}, fmt.Errorf("reading what is to be moved: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // it has read, and changed nothing
	var r collect.Rest
	err = tx.QueryRowContext(ctx, "SELECT horizon, (SELECT count(*) FROM events), (SELECT count(*) FROM sums) FROM state").Scan(&r.Horizon, &r.Events, &r.Sums)
	if err == nil {
		r.Viewers, err = known(ctx, tx)
	}
	if err == nil {
		r.Notices, err = kept(ctx, tx)
	}
	if err != nil {
		return collect.Rest{}, fmt.Errorf("reading what is to be moved: %w", err)
	}
	return r, nil
}

func known(ctx context.Context, tx *sql.Tx) (all []collect.Known, err error) {
	rows, err := tx.QueryContext(ctx, "SELECT deal, viewer, first, last, priced, day, events, sessions FROM viewers")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var k collect.Known
		var deal, viewer, priced []byte
		if err := rows.Scan(&deal, &viewer, &k.First, &k.Last, &priced, &k.Day, &k.Events, &k.Sessions); err != nil {
			return nil, err
		}
		copy(k.Deal[:], deal)
		copy(k.Pair.Viewer[:], viewer)
		copy(k.Priced[:], priced)
		all = append(all, k)
	}
	return all, rows.Err()
}

func kept(ctx context.Context, tx *sql.Tx) (all []collect.Kept, err error) {
	for _, fate := range []collect.Fate{collect.Waits, collect.Delivered, collect.GivenUp} {
		rows, err := tx.QueryContext(ctx, selectNotices+"WHERE state = ? ORDER BY id", fate)
		if err != nil {
			return nil, err
		}
		notices, err := readNotices(rows)
		if err != nil {
			return nil, err
		}
		for _, n := range notices {
			all = append(all, collect.Kept{Outgoing: n, Fate: fate})
		}
	}
	return all, nil
}
