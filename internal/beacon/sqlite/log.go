package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"portico/internal/beacon/collect"
)

const (
	// enoughPages of 4 KiB in the log are put in their places: of fewer the same
	// would be written over and over, and everybody would wait more often for the
	// two syncs of it; many make for a long start after a crash.
	enoughPages = 4000
	// tooManyPages are put in their places by the commit that reaches them.
	tooManyPages = 10_000
	// lookTime is how often it is looked how many there are, while there are others.
	lookTime = 100 * time.Millisecond

	// restLog is what of the log's file is kept for the next transactions.
	restLog = 16 << 20
	// maxLog is how long the log may get where a reader keeps it from being put
	// in its place. One transaction may come on top of it.
	maxLog = 48 << 20
	// patience is how often it is tried whether that reader is gone.
	patience = time.Second
)

// log is the write-ahead log, which is put in its place while the writer goes
// on: a commit that did so itself would keep everybody waiting for the disk. A
// program that reads for long pins it: nothing behind that reader's place can
// be written anew, so it grows with every commit.
type log struct {
	file string
	// enough pages are put in their places.
	enough int
	tried  time.Time

	// moving is held by whoever puts it in its place, and taken before the writer.
	moving sync.Mutex
	more   chan struct{}
	stop   context.CancelFunc
	ended  chan struct{}
}

func newLog(file string, enough int) *log {
	return &log{file: file, enough: enough, more: make(chan struct{}, 1), stop: func() {}, ended: make(chan struct{})}
}

// grew is told of every commit.
func (l *log) grew() {
	select {
	case l.more <- struct{}{}:
	default:
	}
}

// follow puts the log in its place whenever there is enough in it, until it is
// closed.
func (l *log) follow(ctx context.Context, readers *sql.DB, w *writer) {
	defer close(l.ended)
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.more:
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(lookTime):
		}
		_ = l.move(ctx, readers, w) // tried again, and in the end by a commit, which tells of it
	}
}

// move what is in the log to its place, and the little that came meanwhile while
// the writer waits, so that the next commit begins the log anew.
func (l *log) move(ctx context.Context, readers *sql.DB, w *writer) error {
	l.moving.Lock()
	defer l.moving.Unlock()
	at, err := l.checkpoint(ctx, readers, "NOOP")
	if err != nil || at.left() < l.enough {
		return err
	}
	at, err = l.checkpoint(ctx, readers, "PASSIVE")
	if err != nil || at.left() > l.enough/2 { // somebody reads
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err = l.checkpoint(ctx, readers, "PASSIVE")
	return err
}

// place is how far a log is in its place, by pages.
type place struct {
	busy         bool
	pages, moved int
}

func (p place) left() int { return p.pages - p.moved }

// asker is a connection, or a pool of them.
type asker interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func (l *log) checkpoint(ctx context.Context, on asker, how string) (at place, err error) {
	err = on.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+how+")").Scan(&at.busy, &at.pages, &at.moved)
	return at, err
}

// close ends follow.
func (l *log) close() {
	l.stop()
	<-l.ended
}

// size of the log's file, which is never shorter than what is in it.
func (l *log) size() (int64, error) {
	info, err := os.Stat(l.file)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("looking at the log: %w", err)
	}
	return info.Size(), nil
}

// room refuses while the log is too long, and tries to shorten it.
func (l *log) room(ctx context.Context, w *writer) error {
	size, err := l.size()
	if err != nil || size < maxLog {
		return err
	}
	full := fmt.Errorf("%w: another program has been reading for long, and the log has %d MiB", collect.ErrFull, size>>20)
	if time.Since(l.tried) < patience {
		return full
	}
	if !l.moving.TryLock() {
		return full
	}
	defer l.moving.Unlock()
	defer func() { l.tried = time.Now() }()
	at, err := l.checkpoint(ctx, w.conn, "TRUNCATE")
	if err != nil {
		return errors.Join(full, err)
	}
	if at.busy {
		return full
	}
	return nil
}
