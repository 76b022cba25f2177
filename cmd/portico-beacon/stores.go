package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"portico/internal/beacon/collect"
	"portico/internal/beacon/sqlite"
)

// store is a kind of database: what its addresses begin with, and how one is
// opened.
type store struct {
	schemes []string
	open    func(ctx context.Context, address string) (collect.Store, error)
}

// stores that are not a file.
func stores() []store {
	return []store{}
}

// openStore opens the database that was asked for.
func (a *app) openStore(ctx context.Context) (collect.Store, error) {
	address := a.database()
	for _, s := range stores() {
		for _, scheme := range s.schemes {
			if strings.HasPrefix(address, scheme+"://") {
				return s.open(ctx, address)
			}
		}
	}
	file, err := a.file()
	if err != nil {
		return nil, err
	}
	s, err := sqlite.Open(ctx, file, sqlite.Options{})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// file of the database, for what is done to files alone.
func (a *app) file() (string, error) {
	address := a.database()
	if scheme, _, is := strings.Cut(address, "://"); is {
		return "", usage{fmt.Errorf("%s:// is no file\nhint: --db takes the path of a file", scheme)}
	}
	return address, nil
}

// openOld opens a database that is there, and makes none.
func (a *app) openOld(ctx context.Context) (collect.Store, error) {
	if file, err := a.file(); err == nil {
		if _, err := os.Stat(file); err != nil {
			return nil, fmt.Errorf("there is no database: %w\nhint: --db says where it is", err)
		}
	}
	return a.openStore(ctx)
}
