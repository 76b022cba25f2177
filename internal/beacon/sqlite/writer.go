package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
	"time"

	"portico/internal/beacon"
	"portico/internal/beacon/collect"
)

const (
	// maxKnown is how many viewers and how many sessions are remembered between
	// transactions.
	maxKnown = 16 << 10

	// lagTime and lagEvents are how far the file may be behind in when a viewer was
	// last here and in how much came of them that day. A kill loses so much of these
	// two, and of nothing else; with each request they would cost a page each time.
	lagTime   = time.Minute
	lagEvents = 64
)

// remembered is a viewer now, and as the file has them.
type remembered struct{ now, kept collect.Viewer }

// due says whether the file must have the viewer anew.
func (r remembered) due() bool {
	late := r.now
	late.Last, late.Events = r.kept.Last, r.kept.Events
	return r.kept == (collect.Viewer{}) || late != r.kept || r.now.Last-r.kept.Last >= lagTime.Milliseconds() || r.now.Events-r.kept.Events >= lagEvents
}

// writer is the one connection that writes.
type writer struct {
	mu   sync.Mutex
	db   *sql.DB
	conn *sql.Conn
	stmt map[string]*sql.Stmt

	// Viewers and sessions of late, true as long as nobody else writes: version is
	// SQLite's count of what others did.
	viewers  map[beacon.Pair]remembered
	sessions map[beacon.Session]bool
	version  int64
}

func newWriter(db *sql.DB) *writer {
	w := &writer{db: db}
	w.forget()
	return w
}

func (w *writer) forget() {
	w.viewers, w.sessions = map[beacon.Pair]remembered{}, map[beacon.Session]bool{}
}

// connect opens the connection anew where there is none.
func (w *writer) connect(ctx context.Context) error {
	if w.conn != nil {
		return nil
	}
	conn, err := w.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connecting to the database: %w", err)
	}
	w.conn, w.stmt = conn, map[string]*sql.Stmt{}
	w.forget()
	return nil
}

// drop a connection of which nobody knows in what state it is.
func (w *writer) drop() error {
	if w.conn == nil {
		return nil
	}
	var errs []error
	for _, s := range w.stmt {
		errs = append(errs, s.Close())
	}
	// A bad connection is closed rather than put back into the pool.
	if err := w.conn.Raw(func(any) error { return driver.ErrBadConn }); !errors.Is(err, driver.ErrBadConn) {
		errs = append(errs, err)
	}
	w.conn, w.stmt = nil, nil
	return errors.Join(errs...)
}

// behind says whether the file lacks anything of what is remembered.
func (w *writer) behind() bool {
	for _, r := range w.viewers {
		if r.now != r.kept {
			return true
		}
	}
	return false
}

func (w *writer) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var late error
	if w.behind() {
		late = w.transaction(context.Background(), func() error { return w.shed(context.Background(), 0) })
	}
	for _, s := range w.stmt {
		_ = s.Close() // the connection goes with it
	}
	if w.conn != nil {
		_ = w.conn.Close() // back into the pool, which is closed next
	}
	w.conn, w.stmt = nil, nil
	return errors.Join(late, w.db.Close())
}

// prepared statement of the connection.
func (w *writer) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := w.stmt[query]; ok {
		return s, nil
	}
	s, err := w.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	w.stmt[query] = s
	return s, nil
}

func (w *writer) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	s, err := w.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}

// row reads one row; its error is sql.ErrNoRows where there is none.
func (w *writer) row(ctx context.Context, query string, args []any, into ...any) error {
	s, err := w.prepared(ctx, query)
	if err != nil {
		return err
	}
	return s.QueryRowContext(ctx, args...).Scan(into...)
}

// transaction runs f in one, and returns once it is durable. The caller holds
// the lock.
func (w *writer) transaction(ctx context.Context, f func() error) error {
	if err := w.connect(ctx); err != nil {
		return err
	}
	if _, err := w.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("beginning a transaction: %w", errors.Join(err, w.drop()))
	}
	err := w.fresh(ctx)
	if err == nil {
		err = f()
	}
	if err == nil {
		if _, err = w.exec(ctx, "COMMIT"); err == nil {
			return nil
		}
		err = fmt.Errorf("committing: %w", err)
	}
	w.forget()
	if _, undo := w.exec(context.WithoutCancel(ctx), "ROLLBACK"); undo != nil {
		return errors.Join(err, w.drop())
	}
	return err
}

// fresh forgets what was remembered if another process wrote meanwhile: it may
// have erased a viewer of whom the file is behind.
func (w *writer) fresh(ctx context.Context) error {
	var version int64
	if err := w.row(ctx, "PRAGMA data_version", nil, &version); err != nil {
		return fmt.Errorf("asking who else wrote: %w", err)
	}
	if version != w.version {
		w.forget()
	}
	w.version = version
	return nil
}
