// Package sqlite keeps events in one file of SQLite, which it makes if it is
// not there. What it acknowledged survives a power cut: the log is synced with
// every commit. There is one writer; readers are short, and the log stays
// within bounds however long another program reads.
package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	driver "modernc.org/sqlite"
)

//go:embed migrations
var migrations embed.FS

// Store is one file.
type Store struct {
	file    string
	writer  *writer
	readers *sql.DB
	log     *log
}

// Options of a store.
type Options struct {
	// VFS is the name of SQLite's way to the disk; empty for its own. A test of
	// power cuts brings another.
	VFS string
	// Unsafe leaves out syncing with every commit: a test of power cuts shows
	// that it would notice.
	Unsafe bool
	// LogPages are how many pages of the log are put in their places at once, 0 for
	// as many as are good: a test of power cuts wants it to happen often.
	LogPages int
	// Alone keeps every other program out, and fails if one is in: for a file
	// that is moved elsewhere. There is one connection then, for reading.
	Alone bool
}

// Open a file, make it where it is not there, and bring it up to date.
func Open(ctx context.Context, file string, o Options) (*Store, error) {
	fail := func(err error) (*Store, error) { return nil, fmt.Errorf("opening %s: %w", file, err) }
	if err := create(file); err != nil {
		return fail(err)
	}
	writing, err := o.pool(file, false)
	if err != nil {
		return fail(err)
	}
	writing.SetMaxOpenConns(1)
	if err := migrate(ctx, writing); err != nil {
		return fail(errors.Join(err, writing.Close()))
	}
	reading := writing
	if o.Alone {
		// Only a write takes the file for oneself.
		if _, err := writing.ExecContext(ctx, "BEGIN IMMEDIATE; COMMIT"); err != nil {
			return fail(errors.Join(err, writing.Close()))
		}
	} else {
		if reading, err = o.pool(file, true); err != nil {
			return fail(errors.Join(err, writing.Close()))
		}
		reading.SetMaxOpenConns(3) // two who export, and whoever puts the log in its place
		reading.SetMaxIdleConns(1)
	}
	s := &Store{file: file, writer: newWriter(writing), readers: reading, log: newLog(file+"-wal", cmp.Or(o.LogPages, enoughPages))}
	following, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.log.stop = stop
	go s.log.follow(following, reading, s.writer)
	return s, nil
}

// create makes the file for its owner alone; SQLite gives its log the same mode.
func create(file string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no folder %s", filepath.Dir(file))
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// pool of connections to a file. Erased content is overwritten, not merely
// unlinked.
func (o Options) pool(file string, readOnly bool) (*sql.DB, error) {
	full, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	q := url.Values{"_pragma": {
		"busy_timeout(1000)", "journal_mode(WAL)", "synchronous(" + o.synchronous() + ")", "secure_delete(1)", "temp_store(MEMORY)",
		fmt.Sprintf("wal_autocheckpoint(%d)", tooManyPages), fmt.Sprintf("journal_size_limit(%d)", restLog),
	}}
	if o.Alone {
		q["_pragma"] = append([]string{"locking_mode(EXCLUSIVE)"}, q["_pragma"]...)
	}
	if readOnly {
		q = url.Values{"_pragma": {"busy_timeout(1000)", "query_only(1)", "cache_size(-256)"}}
	}
	if o.VFS != "" {
		q.Set("vfs", o.VFS)
	}
	connector, err := driver.NewConnector("file:" + (&url.URL{Path: filepath.ToSlash(full)}).EscapedPath() + "?" + q.Encode())
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

func (o Options) synchronous() string {
	if o.Unsafe {
		return "NORMAL"
	}
	return "FULL"
}

// application is how a file says that it is a collector's: "PtcB".
const application = 0x50746342

// migrate brings a file up to date, each step in a transaction of its own.
func migrate(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	steps, err := fs.ReadDir(migrations, "migrations")
	if err != nil {
		return err
	}
	at, err := version(ctx, conn)
	if err != nil {
		return err
	}
	if at > len(steps) {
		return fmt.Errorf("it was made by a newer portico-beacon (schema %d, this program knows %d)", at, len(steps))
	}
	for ; at < len(steps); at++ {
		text, err := migrations.ReadFile("migrations/" + steps[at].Name())
		if err != nil {
			return err
		}
		if err := step(ctx, conn, string(text), at+1); err != nil {
			return fmt.Errorf("migrating it (%s): %w", steps[at].Name(), err)
		}
	}
	return nil
}

// version of a file's schema, 0 for a new one.
func version(ctx context.Context, conn *sql.Conn) (int, error) {
	var id, at, tables int
	err := errors.Join(
		conn.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id),
		conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&at),
		conn.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables),
	)
	if err == nil && id != application && tables > 0 {
		err = errors.New("it is a database of another program")
	}
	return at, err
}

// step makes one migration, unless another process has made it meanwhile.
func step(ctx context.Context, conn *sql.Conn, text string, to int) error {
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	at, err := version(ctx, conn)
	if err == nil && at < to {
		_, err = conn.ExecContext(ctx, fmt.Sprintf("%s;\nPRAGMA application_id = %d; PRAGMA user_version = %d", text, application, to))
	}
	if err != nil {
		_, undo := conn.ExecContext(ctx, "ROLLBACK")
		return errors.Join(err, undo)
	}
	_, err = conn.ExecContext(ctx, "COMMIT")
	return err
}

// Close ends every transaction and puts the log in its place.
func (s *Store) Close() error {
	s.log.close()
	return errors.Join(s.readers.Close(), s.writer.close())
}
