package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"portico/internal/beacon"
	"portico/internal/beacon/collect"
	"portico/internal/beacon/collect/storetest"
)

func open(t testing.TB, file string) *Store {
	t.Helper()
	s, err := Open(context.Background(), file, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) collect.Store { return open(t, filepath.Join(t.TempDir(), "beacon.db")) })
}

func keepAll(v collect.Viewer, _ collect.Batch, _ bool) (collect.Viewer, []collect.Notice, error) {
	return v, nil, nil
}

// fill a store with one session of a viewer.
func fill(s *Store, viewer byte, events int) error {
	b := storetest.Batch(storetest.Pair(1, viewer), storetest.Session(storetest.Now(), int(viewer)), 0, events, storetest.Now())
	_, err := s.Write(context.Background(), []collect.Batch{b}, keepAll)
	return err
}

func count(t *testing.T, s *Store) (n int) {
	t.Helper()
	if err := s.readers.QueryRow("SELECT count(*) FROM events").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestDurable(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "a b?c#d%20.db"))
	if err := fill(s, 1, 1); err != nil {
		t.Fatal(err)
	}
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "secure_delete": "1"} {
		var got string
		if err := s.writer.conn.QueryRowContext(context.Background(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %s, %v", pragma, got, err)
		}
	}
	info, err := os.Stat(s.file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

func TestOpenedAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "beacon.db")
	s, err := Open(context.Background(), file, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(fill(s, 1, 5), s.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the log is left: %v", err)
	}
	if n := count(t, open(t, file)); n != 5 {
		t.Errorf("%d", n)
	}
}

func TestForeignFiles(t *testing.T) {
	dir := t.TempDir()
	foreign, newer := filepath.Join(dir, "foreign.db"), filepath.Join(dir, "newer.db")
	for file, text := range map[string]string{foreign: "CREATE TABLE t (a)", newer: "CREATE TABLE t (a); PRAGMA application_id = 1349804866; PRAGMA user_version = 99"} {
		db, err := sql.Open("sqlite", file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(text); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, bytes.Repeat([]byte("not a database\n"), 300), 0o600); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{foreign: "another program", newer: "newer portico-beacon", text: "not a database", filepath.Join(dir, "no", "x.db"): "no folder"} {
		if _, err := Open(context.Background(), file, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// Another process erases while this one remembers the viewer.
func TestTwoProcesses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "beacon.db")
	one, two := open(t, file), open(t, file)
	who := storetest.Pair(1, 1)
	seen := 0
	decide := func(v collect.Viewer, _ collect.Batch, _ bool) (collect.Viewer, []collect.Notice, error) {
		seen = v.Events
		v.Events++
		return v, nil, nil
	}
	send := func(s *Store, want int) {
		t.Helper()
		b := storetest.Batch(who, storetest.Session(storetest.Now(), 1), 0, 1, storetest.Now())
		if _, err := s.Write(context.Background(), []collect.Batch{b}, decide); err != nil || seen != want {
			t.Errorf("%d, want %d: %v", seen, want, err)
		}
	}
	send(one, 0)
	send(one, 1)
	if _, err := two.Erase(context.Background(), who); err != nil {
		t.Fatal(err)
	}
	send(one, 0)
}

// The file lags behind in how much came of a viewer, a little, and in nothing
// else; once it is closed it has all.
func TestLag(t *testing.T) {
	file := filepath.Join(t.TempDir(), "beacon.db")
	s := open(t, file)
	who, now := storetest.Pair(1, 1), storetest.Now()
	decide := func(v collect.Viewer, b collect.Batch, begins bool) (collect.Viewer, []collect.Notice, error) {
		if begins {
			v.Sessions++
		}
		v.First, v.Last, v.Events = 1, b.Events[0].Received, v.Events+len(b.Events)
		return v, nil, nil
	}
	send := func(session, seq, events int, at time.Time) {
		t.Helper()
		b := storetest.Batch(who, storetest.Session(now, session), seq, seq+events, at)
		if _, err := s.Write(context.Background(), []collect.Batch{b}, decide); err != nil {
			t.Fatal(err)
		}
	}
	has := func(s *Store, want collect.Viewer) {
		t.Helper()
		r, err := s.Rest(context.Background())
		if err != nil || len(r.Viewers) != 1 || r.Viewers[0].Viewer != want {
			t.Errorf("%+v, want %+v: %v", r.Viewers, want, err)
		}
	}
	ms := now.UnixMilli()
	send(1, 0, 1, now)
	has(s, collect.Viewer{First: 1, Last: ms, Events: 1, Sessions: 1})
	send(1, 1, lagEvents-1, now.Add(lagTime-time.Millisecond))
	has(s, collect.Viewer{First: 1, Last: ms, Events: 1, Sessions: 1})
	send(1, 100, 1, now.Add(time.Second))
	has(s, collect.Viewer{First: 1, Last: ms + 1000, Events: 1 + lagEvents, Sessions: 1})
	send(2, 0, 1, now.Add(time.Second))
	has(s, collect.Viewer{First: 1, Last: ms + 1000, Events: 2 + lagEvents, Sessions: 2})
	send(2, 1, 1, now.Add(time.Second+lagTime))
	has(s, collect.Viewer{First: 1, Last: ms + 61_000, Events: 3 + lagEvents, Sessions: 2})
	send(2, 2, 1, now.Add(time.Second+lagTime))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	has(open(t, file), collect.Viewer{First: 1, Last: ms + 61_000, Events: 4 + lagEvents, Sessions: 2})
}

func TestLocked(t *testing.T) {
	file := filepath.Join(t.TempDir(), "beacon.db")
	s, other := open(t, file), open(t, file)
	if err := errors.Join(fill(s, 1, 1), fill(other, 2, 1)); err != nil {
		t.Fatal(err)
	}
	if _, err := other.writer.conn.ExecContext(context.Background(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	if err := fill(s, 3, 1); err == nil {
		t.Error("a locked database is written")
	}
	if _, err := other.writer.conn.ExecContext(context.Background(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := fill(s, 3, 1); err != nil || count(t, s) != 3 {
		t.Errorf("%v, and %d events", err, count(t, s))
	}
}

// A file that is moved elsewhere must be nobody else's meanwhile.
func TestAlone(t *testing.T) {
	ctx, file := context.Background(), filepath.Join(t.TempDir(), "beacon.db")
	s, err := Open(ctx, file, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := fill(s, 1, 3); err != nil {
		t.Fatal(err)
	}
	if alone, err := Open(ctx, file, Options{Alone: true}); err == nil {
		t.Error("it is opened alone while a collector has it", alone.Close())
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	alone, err := Open(ctx, file, Options{Alone: true})
	if err != nil {
		t.Fatal(err)
	}
	page, err := alone.Export(ctx, beacon.Cursor{}, 10)
	rest, restErr := alone.Rest(ctx)
	if err := errors.Join(err, restErr); err != nil || len(page.Lines) != 3 || rest.Events != 3 || len(rest.Viewers) != 1 {
		t.Errorf("%+v, %+v, %v", page, rest, err)
	}
	if other, err := Open(ctx, file, Options{}); err == nil {
		t.Error("another opens it", other.Close())
	}
	if err := alone.Close(); err != nil {
		t.Error(err)
	}
}

// A reader that never ends keeps the log from being put in its place.
func TestPinnedReader(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "beacon.db"))
	if err := fill(s, 1, 1); err != nil {
		t.Fatal(err)
	}
	tx, err := s.readers.Begin()
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := tx.QueryRow("SELECT count(*) FROM events").Scan(&n); err != nil {
		t.Fatal(err)
	}
	kept, full := 1, false
	for i := 0; i < 2000 && !full; i++ {
		var batches []collect.Batch
		for v := range 64 {
			session := storetest.Session(storetest.Now().Add(time.Duration(v*7919+i)*time.Second), i*64+v)
			batches = append(batches, storetest.Batch(storetest.Pair(1, byte(v)), session, 0, 64, storetest.Now()))
		}
		_, err := s.Write(context.Background(), batches, keepAll)
		switch {
		case errors.Is(err, collect.ErrFull):
			full = true
		case err != nil:
			t.Fatal(err)
		default:
			kept += 64 * 64
		}
		if size, err := s.log.size(); err != nil || size > 64<<20 {
			t.Fatalf("the log has %d MiB, %v", size>>20, err)
		}
	}
	if !full {
		t.Error("the log had room for everything")
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	// While the log is put in its place there is still no room.
	for range 1000 {
		s.log.tried = time.Time{}
		if err = fill(s, 200, 1); !errors.Is(err, collect.ErrFull) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err != nil || count(t, s) != kept+1 {
		t.Errorf("%v: %d of %d", err, count(t, s), kept+1)
	}
	if size, err := s.log.size(); err != nil || size > restLog {
		t.Errorf("the log has %d bytes, %v", size, err)
	}
}

func TestErasedIsInNoFile(t *testing.T) {
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "beacon.db"))
	who := storetest.Pair(1, 77)
	for viewer := byte(70); viewer < 80; viewer++ {
		if err := fill(s, viewer, 200); err != nil {
			t.Fatal(err)
		}
	}
	found := func() (n int) {
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		for _, f := range files {
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			n += bytes.Count(data, who.Viewer[:])
		}
		return n
	}
	if found() == 0 {
		t.Fatal("the viewer is not found before")
	}
	if n, err := s.Erase(context.Background(), who); n != 200 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if n := found(); n != 0 {
		t.Errorf("the viewer is left %d times", n)
	}
}

func TestBackup(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	s := open(t, at("beacon.db"))
	if err := fill(s, 1, 10); err != nil {
		t.Fatal(err)
	}
	before, err := s.Export(ctx, beacon.Cursor{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	if err := Backup(ctx, at("beacon.db"), at("backup.db")); err != nil { // while it is open, with a log
		t.Fatal(err)
	}
	if err := fill(s, 2, 10); err != nil {
		t.Fatal(err)
	}
	if err := Restore(ctx, at("backup.db"), at("restored.db")); err != nil {
		t.Fatal(err)
	}
	restored := open(t, at("restored.db"))
	after, err := restored.Export(ctx, beacon.Cursor{}, 100)
	if err != nil || len(after.Lines) != 10 || *after.Lines[9].Event != *before.Lines[9].Event {
		t.Errorf("%+v, %v", after, err)
	}
	if _, err := restored.Export(ctx, before.End, 100); !errors.Is(err, collect.ErrGone) {
		t.Errorf("a cursor of the lost one: %v", err)
	}
	for _, f := range []string{"backup.db", "restored.db"} {
		if info, err := os.Stat(at(f)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info, err)
		}
	}
}

func TestBackupsThatAreNone(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	s := open(t, at("beacon.db"))
	if err := fill(s, 1, 1000); err != nil {
		t.Fatal(err)
	}
	if err := Backup(ctx, at("beacon.db"), at("backup.db")); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(at("backup.db"))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"cut.db": data[:len(data)/2], "text.db": []byte("not a database"), "altered.db": append(bytes.Clone(data[:8192]), append(bytes.Repeat([]byte{0xff}, 8192), data[16384:]...)...)} {
		if err := os.WriteFile(at(name), content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Restore(ctx, at(name), at("to-"+name)); err == nil {
			t.Errorf("%s is restored", name)
		}
	}
	if err := Restore(ctx, at("backup.db"), at("beacon.db")); err == nil || !strings.Contains(err.Error(), "there already") {
		t.Errorf("over a file: %v", err)
	}
	if err := Backup(ctx, at("none.db"), at("x.db")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("of nothing: %v", err)
	}
	left, err := filepath.Glob(at("*.part*"))
	if err != nil || len(left) != 0 {
		t.Errorf("%v, %v", left, err)
	}
}
