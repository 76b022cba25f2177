package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// conn is a connection and the statements that it has prepared. It is pgx's
// lower half: the upper one knows every type of PostgreSQL, and would make the
// program larger than it may be.
type conn struct {
	*pgconn.PgConn
	prepared map[string]*pgconn.StatementDescription
}

// step is a statement of a transaction.
type step struct {
	sql  string
	args []any
	// each is called with every row, if there is to be any.
	each func(row)
	// count becomes how many rows were changed or read.
	count *int
}

// run steps in one exchange with the server. Those behind one that fails are
// not done.
func (c *conn) run(ctx context.Context, steps ...step) error {
	var batch pgconn.Batch
	for _, s := range steps {
		statement, err := c.prepare(ctx, s.sql)
		if err != nil {
			return err
		}
		values, formats := encode(s.args)
		batch.ExecStatement(statement, values, formats, []int16{binaryForm})
	}
	results := c.ExecBatch(ctx, &batch)
	for _, s := range steps {
		if !results.NextResult() {
			break
		}
		if err := s.take(results.ResultReader()); err != nil {
			return errors.Join(err, results.Close())
		}
	}
	return results.Close()
}

// take the rows of a step.
func (s step) take(result *pgconn.ResultReader) error {
	for result.NextRow() {
		if s.each != nil {
			s.each(result.Values())
		}
	}
	tag, err := result.Close()
	if s.count != nil {
		*s.count = int(tag.RowsAffected())
	}
	return err
}

// statementThere is the server's word for a statement whose name is taken: by
// somebody else, for nobody here takes one twice.
const statementThere = "42P05"

func (c *conn) prepare(ctx context.Context, sql string) (*pgconn.StatementDescription, error) {
	if s, ok := c.prepared[sql]; ok {
		return s, nil
	}
	s, err := c.Prepare(ctx, fmt.Sprintf("s%d", len(c.prepared)), sql, nil)
	if code(err) == statementThere {
		err = fmt.Errorf("%w\nhint: a connection is shared with others; PgBouncer has to be in session mode (pool_mode = session)", err)
	}
	if err != nil {
		return nil, fmt.Errorf("preparing a statement: %w", err)
	}
	c.prepared[sql] = s
	return s, nil
}

// script runs several statements without arguments.
func (c *conn) script(ctx context.Context, sql string) error {
	_, err := c.Exec(ctx, sql).ReadAll()
	return err
}

// transaction runs f in one.
func (c *conn) transaction(ctx context.Context, begin string, f func() error) error {
	if err := c.script(ctx, begin); err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	err := f()
	if err == nil {
		if err = c.script(ctx, "COMMIT"); err == nil {
			return nil
		}
		err = fmt.Errorf("committing: %w", err)
	}
	return c.undo(ctx, err)
}

// twice asks the server twice within one transaction, to read and with what
// follows from that: its begin and its end ride along.
func (c *conn) twice(ctx context.Context, read []step, then func() ([]step, error)) error {
	err := c.run(ctx, slices.Concat([]step{{sql: readWrite}}, read)...)
	var steps []step
	if err == nil {
		steps, err = then()
	}
	if err == nil {
		err = c.run(ctx, append(steps, step{sql: "COMMIT"})...)
	}
	return c.undo(ctx, err)
}

// undo a transaction that failed, if it is still open.
func (c *conn) undo(ctx context.Context, err error) error {
	if err == nil || c.IsClosed() || c.TxStatus() == 'I' {
		return err
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	return errors.Join(err, c.script(end, "ROLLBACK"))
}

const (
	readWrite = "BEGIN"
	snapshot  = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
)

// change runs f in a transaction, and returns once it is durable.
func (s *Store) change(ctx context.Context, f func(c *conn) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return s.within(ctx, readWrite, f)
}

// atOnce runs steps like change, and asks the server only once.
func (s *Store) atOnce(ctx context.Context, steps ...step) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return s.run(ctx, steps...)
}

// within a transaction of any length.
func (s *Store) within(ctx context.Context, begin string, f func(c *conn) error) error {
	return s.borrow(ctx, func(c *conn) error {
		return c.transaction(ctx, begin, func() error { return f(c) })
	})
}

// run steps, which the server takes for one transaction: they are one exchange.
func (s *Store) run(ctx context.Context, steps ...step) error {
	return s.borrow(ctx, func(c *conn) error { return c.run(ctx, steps...) })
}

// restTime is how long a connection may have rested before it is asked whether
// its server is still there.
const restTime = time.Second

// borrow a connection of the pool. One that failed goes: nobody knows in what
// state it is.
func (s *Store) borrow(ctx context.Context, f func(c *conn) error) error {
	for {
		r, err := s.pool.Acquire(ctx)
		if err != nil {
			return err
		}
		c := r.Value()
		if r.IdleDuration() > restTime && c.Ping(ctx) != nil {
			r.Destroy()
			continue
		}
		err = f(c)
		if c.IsClosed() || c.TxStatus() != 'I' {
			r.Destroy()
		} else {
			r.Release()
		}
		return err
	}
}

// code of the server's error, or nothing.
func code(err error) string {
	if e := (*pgconn.PgError)(nil); errors.As(err, &e) {
		return e.Code
	}
	return ""
}
