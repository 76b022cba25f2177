package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/pgconn"
)

//go:embed migrations
var migrations embed.FS

// lock is held by whoever changes tables, until the transaction ends. Its
// number means nothing but "PtcB".
const lock = "SELECT pg_advisory_xact_lock(x'50746342'::bigint)"

// migrate brings a database up to date, all steps in one transaction. Of several
// collectors that start at the same time one does it and the others wait.
func (o Options) migrate(ctx context.Context, config *pgconn.Config) error {
	c, err := open(ctx, config)
	if err != nil {
		return err
	}
	defer disconnect(c)
	return c.transaction(ctx, readWrite, func() error {
		if err := c.run(ctx, step{sql: lock}); err != nil {
			return err
		}
		return o.steps(ctx, c)
	})
}

func (o Options) steps(ctx context.Context, c *conn) error {
	steps, err := fs.ReadDir(migrations, "migrations")
	if err != nil {
		return err
	}
	at, err := version(ctx, c)
	switch {
	case err != nil:
		return fmt.Errorf("reading its version: %w", err)
	case at > len(steps):
		return fmt.Errorf("it was made by a newer portico-beacon (schema %d, this program knows %d)", at, len(steps))
	case at == 0 && o.Existing:
		return errors.New("no collector has ever used it\nhint: --db says which database it is")
	case at == 0:
		if err := found(ctx, c); err != nil {
			return err
		}
	}
	for ; at < len(steps); at++ {
		text, err := migrations.ReadFile("migrations/" + steps[at].Name())
		if err != nil {
			return err
		}
		if err := c.script(ctx, string(text)); err != nil {
			return fmt.Errorf("migrating it (%s): %w", steps[at].Name(), err)
		}
	}
	return c.run(ctx, step{sql: "UPDATE portico_beacon.version SET at = $1 WHERE at <> $1", args: []any{len(steps)}})
}

// version of a database's tables, 0 where there are none.
func version(ctx context.Context, c *conn) (at int, err error) {
	there := false
	err = c.run(ctx, step{sql: "SELECT to_regclass('portico_beacon.version') IS NOT NULL", each: func(r row) { there = r.truth(0) }})
	if err != nil || !there {
		return 0, err
	}
	err = c.run(ctx, step{sql: "SELECT at FROM portico_beacon.version", each: func(r row) { at = int(r.whole(0)) }})
	return at, err
}

// found a schema, unless whoever runs the server has made one for the purpose.
func found(ctx context.Context, c *conn) error {
	there := false
	err := c.run(ctx, step{sql: "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'portico_beacon')", each: func(r row) { there = r.truth(0) }})
	if err != nil {
		return err
	}
	create := "CREATE TABLE portico_beacon.version (at integer NOT NULL); INSERT INTO portico_beacon.version VALUES (0)"
	if !there {
		create = "CREATE SCHEMA portico_beacon; " + create
	}
	if err := c.script(ctx, create); err != nil {
		return fmt.Errorf("making its tables: %w\nhint: the collector's role is to own the database, or a schema portico_beacon in it", err)
	}
	return nil
}
