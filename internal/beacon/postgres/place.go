package postgres

import (
	"context"
	"errors"
	"fmt"
)

// An event's id is its place in what is handed out, and a reader goes on behind
// the last that it saw. Numbers out of a sequence would not do: a transaction
// may take one, and commit after another that took a greater one was read. So
// the id begins with the number of its transaction. All transactions below the
// least that still goes on have ended, so whatever lies below that is complete;
// readers get no further, and nobody waits for them.
const (
	// placeBits are left for the events of one transaction.
	placeBits = 20

	// firstPlace of this transaction.
	firstPlace = `((pg_current_xact_id()::text::bigint + base) << 20)`
	// openPlace is the first that may still be taken.
	openPlace = `((pg_snapshot_xmin(pg_current_snapshot())::text::bigint + base) << 20)`
)

const (
	// origin is a server's history: another server, one that was restored or that
	// took another's place, and a table that was made anew have another. Numbers
	// of transactions go on in one origin only.
	origin = `(SELECT system_identifier::text FROM pg_control_system()) || '/' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) || '/' || 'portico_beacon.events'::regclass::oid`

	// settings of a connection: an acknowledged commit is on the disk, and a
	// collector that is gone holds no locks.
	settings = `SELECT set_config('idle_in_transaction_session_timeout', $1, false), set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)`

	arrived = `SELECT current_setting('fsync') = 'on', origin = ` + origin + ` FROM portico_beacon.state`

	newEpoch = `epoch = (random() * 9007199254740990)::bigint + 1`

	// settle under a new origin: ids go on above all that there are, and cursors
	// of the old one end, since it may have handed out what is not here.
	settle = `UPDATE portico_beacon.state SET ` + newEpoch + `, origin = ` + origin + `,
base = greatest(0, (greatest(swept, (SELECT coalesce(max(id), 0) FROM portico_beacon.events)) >> 20) + 1 - pg_current_xact_id()::text::bigint)
WHERE origin <> ` + origin
)

// arrive prepares a new connection, perhaps to a server that took the place of
// another.
func (o Options) arrive(ctx context.Context, c *conn) error {
	var syncs, known bool
	err := c.run(ctx, step{sql: settings, args: []any{fmt.Sprint(patience.Milliseconds())}},
		step{sql: arrived, each: func(r row) { syncs, known = r.truth(0), r.truth(1) }})
	if err != nil {
		return fmt.Errorf("preparing a connection: %w", err)
	}
	if !syncs && !o.Unsafe {
		return errors.New("the server has fsync off, and would lose with a power cut what it said it keeps\nhint: set fsync = on in its postgresql.conf")
	}
	if known {
		return nil
	}
	err = c.transaction(ctx, readWrite, func() error { return c.run(ctx, step{sql: lock}, step{sql: settle}) })
	if err != nil {
		return fmt.Errorf("going on with what another server wrote: %w", err)
	}
	return nil
}
