package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"portico/internal/beacon/collect"
)

const (
	// checkpointPages of 4 KiB in the log are put in their places by the commit
	// that reaches them.
	checkpointPages = 1000
	// restLog is what of the log's file is kept for the next transactions.
	restLog = 8 << 20
	// maxLog is how long the log may get where a reader keeps it from being put
	// in its place. One transaction may come on top of it.
	maxLog = 48 << 20
	// patience is how often it is tried whether that reader is gone.
	patience = time.Second
)

// log is the write-ahead log. A program that reads for long pins it: nothing
// behind that reader's place can be written anew, so it grows with every commit.
type log struct {
	file  string
	tried time.Time
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
	defer func() { l.tried = time.Now() }()
	var busy, frames, moved int
	row := w.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	if err := row.Scan(&busy, &frames, &moved); err != nil {
		return errors.Join(full, err)
	}
	if busy != 0 {
		return full
	}
	return nil
}
