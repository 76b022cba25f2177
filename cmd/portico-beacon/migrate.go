package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"portico/internal/beacon/postgres"
	"portico/internal/beacon/sqlite"
)

func (a *app) migrateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "migrate FILE --db postgres://…",
		Short: "Move a database that is a file to PostgreSQL",
		Long: `Moves everything out of a database that is a file into an empty one of PostgreSQL:
events, sums, what is known of viewers, and alerts with what became of them. Stop
the collector first. What was interrupted goes on where it stopped when it is run
again, and until it is done no collector opens the new database. The file stays
as it was. Reports then fetch everything again.`,
		Example: `  portico-beacon migrate beacon.db --db postgres://beacon@db.internal/beacon`,
		Args:    exactly(1, "the file to move"),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.migrate(cmd.Context(), args[0]) },
	}
}

func (a *app) migrate(ctx context.Context, file string) (err error) {
	address, is := a.server()
	if !is {
		return usage{errors.New("--db takes the address of a PostgreSQL database, postgres://…")}
	}
	if _, err := os.Stat(file); err != nil {
		return usage{fmt.Errorf("there is no such database: %w", err)}
	}
	from, err := sqlite.Open(ctx, file, sqlite.Options{Alone: true})
	if err != nil {
		return fmt.Errorf("%w\nhint: if a collector runs with it, stop that first", err)
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	rest, err := from.Rest(ctx)
	if err != nil {
		return err
	}
	to, err := postgres.Open(ctx, address, postgres.Options{Unfinished: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	if err := to.TakeOver(ctx, from, rest); err != nil {
		return err
	}
	a.say(a.out, "moved %d events, %d sums, %d viewers and %d alerts; start the collector with the new --db, and put %s away", rest.Events, rest.Sums, len(rest.Viewers), len(rest.Notices), file)
	return nil
}
