package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Backup writes a file as it is at this moment into a new one, which has no log
// beside it. Whoever writes the file meanwhile may go on.
func Backup(ctx context.Context, file, to string) error {
	fail := func(err error) error { return fmt.Errorf("backing up %s: %w", file, err) }
	if _, err := os.Stat(file); err != nil {
		return fail(err)
	}
	return makeWhole(to, fail, func(part string) error {
		db, err := Options{}.pool(file, true)
		if err != nil {
			return err
		}
		defer db.Close()
		conn, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		defer conn.Close()
		at, err := version(ctx, conn)
		if err == nil && at == 0 {
			err = errors.New("it is empty")
		}
		if err != nil {
			return err
		}
		// SQLite takes the new file for a write, which a reader may not do.
		_, err = conn.ExecContext(ctx, "PRAGMA query_only(0); VACUUM INTO ?", part)
		return err
	})
}

// Restore makes a database of a backup, where none is. Whoever has cursors of
// the one that was lost begins anew.
func Restore(ctx context.Context, backup, to string) error {
	fail := func(err error) error { return fmt.Errorf("restoring %s: %w", backup, err) }
	return makeWhole(to, fail, func(part string) error {
		if err := copyFile(backup, part); err != nil {
			return err
		}
		db, err := Options{}.pool(part, false)
		if err != nil {
			return err
		}
		db.SetMaxOpenConns(1)
		return errors.Join(sound(ctx, db), db.Close())
	})
}

// sound says whether a database is whole, and begins a new epoch in it.
func sound(ctx context.Context, db *sql.DB) error {
	var found string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		return fmt.Errorf("it is damaged: %s", found)
	}
	if err := migrate(ctx, db); err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, newEpoch); err != nil {
		return err
	}
	_, err := db.ExecContext(ctx, "PRAGMA journal_mode = DELETE") // no log beside it
	return err
}

// makeWhole makes a file that is there whole and durable, or not at all.
func makeWhole(to string, fail func(error) error, write func(part string) error) error {
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return fail(fmt.Errorf("%s is there already; move it away, with the files %s-wal and %s-shm if there are such", to, to, to))
	}
	part := to + ".part"
	for _, f := range []string{part, part + "-wal", part + "-shm", part + "-journal"} {
		if err := os.Remove(f); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fail(err)
		}
	}
	f, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return fail(err)
	}
	err = write(part)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(part, to)
	}
	if err != nil {
		return fail(errors.Join(err, os.Remove(part)))
	}
	if err := syncFolder(filepath.Dir(to)); err != nil {
		return fail(err)
	}
	return nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// syncFolder makes a new name durable, where folders can be synced.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, fs.ErrInvalid) && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}
