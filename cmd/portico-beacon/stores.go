package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"portico/internal/beacon/collect"
	"portico/internal/beacon/postgres"
	"portico/internal/beacon/sqlite"
)

// openStore opens the database that was asked for. One that has to exist is not
// made.
func (a *app) openStore(ctx context.Context, exist bool) (collect.Store, error) {
	if address, is := a.server(); is {
		return postgres.Open(ctx, address, postgres.Options{Existing: exist})
	}
	file, err := a.file()
	if err != nil {
		return nil, err
	}
	if exist {
		if _, err := os.Stat(file); err != nil {
			return nil, fmt.Errorf("there is no database: %w\nhint: --db says where it is", err)
		}
	}
	return sqlite.Open(ctx, file, sqlite.Options{})
}

// server's address, if the database is on one.
func (a *app) server() (address string, is bool) {
	address = a.database()
	return address, strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://")
}

// file of the database, for what is done to files alone.
func (a *app) file() (string, error) {
	if _, is := a.server(); is {
		return "", usage{errors.New("this is for a database that is a file\nhint: pg_dump copies a database of PostgreSQL, and pg_restore makes one out of it; docs/operations.md shows how")}
	}
	address := a.database()
	if scheme, _, is := strings.Cut(address, "://"); is {
		return "", usage{fmt.Errorf("%s:// is no file\nhint: --db takes the path of a file, or postgres://…", scheme)}
	}
	return address, nil
}
