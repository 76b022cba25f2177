// Package postgres keeps events in a PostgreSQL database, for any number of
// collectors at the same time: none of them remembers anything that another
// could change. What it acknowledged is on the server's disk.
//
// Everybody takes locks in one order, so that nobody waits in a circle: the
// state, viewers, events, sums, notices, and within each by key. It knows
// neither who may send nor who is told, nor what a target is called.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"
)

// Store is a database on a server.
type Store struct {
	pool   *puddle.Pool[*conn]
	months months
}

// Options of a store.
type Options struct {
	// Existing wants the tables to be there already, rather than make them.
	Existing bool
	// Unfinished lets a store be opened that was not taken over to the end.
	Unfinished bool
	// Unsafe lets a server be that does not sync: tests of other things than
	// durability take less time on such.
	Unsafe bool
}

const (
	// patience is how long a transaction may take before its pages are told to
	// come again, and the server lets go of one whose collector is gone.
	patience = 10 * time.Second
	// connections are enough for the writer, two who export, housekeeping,
	// alerts and a probe.
	connections = 6
)

// Open a database by its address, a URL as PostgreSQL's own programs take it.
// What it leaves out they take from the environment, and so does this: PGHOST,
// PGPASSWORD, PGPASSFILE and others. Tables are made and brought up to date.
func Open(ctx context.Context, address string, o Options) (*Store, error) {
	fail := func(err error) (*Store, error) { return nil, fmt.Errorf("opening the PostgreSQL database: %w", err) }
	config, err := pgconn.ParseConfig(address)
	if err != nil {
		return fail(err)
	}
	if config.ValidateConnect == nil { // a standby, or one of several hosts that is one
		config.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	if err := o.migrate(ctx, config); err != nil {
		return fail(err)
	}
	pool, err := puddle.NewPool(&puddle.Config[*conn]{
		Constructor: func(ctx context.Context) (*conn, error) { return o.connect(ctx, config) },
		Destructor:  disconnect,
		MaxSize:     connections,
	})
	if err != nil {
		return fail(err)
	}
	s := &Store{pool: pool}
	if err := s.ready(ctx, o); err != nil {
		pool.Close()
		return fail(err)
	}
	return s, nil
}

func open(ctx context.Context, config *pgconn.Config) (*conn, error) {
	c, err := pgconn.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	return &conn{c, map[string]*pgconn.StatementDescription{}}, nil
}

// connect for whatever a store does.
func (o Options) connect(ctx context.Context, config *pgconn.Config) (*conn, error) {
	c, err := open(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := o.arrive(ctx, c); err != nil {
		disconnect(c)
		return nil, err
	}
	return c, nil
}

func disconnect(c *conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = c.Close(ctx) // nothing was under way
}

// ready says whether the store is whole.
func (s *Store) ready(ctx context.Context, o Options) error {
	moving := false
	err := s.run(ctx, step{sql: "SELECT EXISTS (SELECT FROM portico_beacon.moving WHERE NOT finished)", each: func(r row) { moving = r.truth(0) }})
	if err == nil && moving && !o.Unfinished {
		err = errors.New("a file was not moved into it to the end\nhint: `portico-beacon migrate` goes on where it stopped")
	}
	return err
}

// Close ends every connection.
func (s *Store) Close() error {
	s.pool.Close()
	return nil
}
