//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"portico/internal/beacon"
	"portico/internal/beacon/collect"
	"portico/internal/beacon/sqlite"
	"portico/internal/seal"
)

// mark is a batch that was acknowledged once so much was done.
type mark struct {
	ops  int
	keys []event
}

// power cuts: a store works on a disk that is written down, and is opened again
// on what that disk may hold after a cut at any moment. Without syncing with
// every commit the same cuts must lose something, or they would prove nothing.
func (r *run) power(dir string) (string, error) {
	lost, err := r.powered(filepath.Join(dir, "full"), false)
	if err != nil {
		return "", err
	}
	unsafeLost, err := r.powered(filepath.Join(dir, "normal"), true)
	if err != nil {
		return "", err
	}
	said := fmt.Sprintf("%d cuts: %d acknowledged events lost; with synchronous=NORMAL, which must be noticed, %d", r.cuts, lost, unsafeLost)
	switch {
	case lost > 0:
		err = errors.New("acknowledged events were lost")
	case unsafeLost == 0:
		err = errors.New("the cuts would not notice a loss")
	}
	return said, err
}

func (r *run) powered(dir string, unsafe bool) (lost int, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return 0, err
	}
	name := fmt.Sprintf("recorder-%s-%d", filepath.Base(dir), time.Now().UnixNano())
	rec, err := newRecorder(name)
	if err != nil {
		return 0, err
	}
	marks, err := work(filepath.Join(dir, "beacon.db"), rec, sqlite.Options{VFS: name, Unsafe: unsafe, LogPages: 300})
	if err != nil {
		return 0, err
	}
	first := marks[0].ops // before that the file is still being made
	for cut := range r.cuts {
		at := first + rand.IntN(len(rec.ops)-first+1)
		n, err := survive(filepath.Join(dir, fmt.Sprintf("cut-%d", cut)), rec.ops[:at], marks)
		if err != nil {
			return 0, fmt.Errorf("a cut after %d of %d steps: %w", at, len(rec.ops), err)
		}
		lost += n
	}
	return lost, nil
}

// work writes enough that the log is put in its place several times.
func work(file string, rec *recorder, o sqlite.Options) ([]mark, error) {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, file, o)
	if err != nil {
		return nil, err
	}
	var marks []mark
	for n := range 600 {
		who := beacon.Pair{Deal: seal.DealID{1}, Viewer: seal.ViewerID{byte(n)}}
		b := collect.Batch{Pair: who, Session: newSession()}
		m := mark{}
		for seq := range uint32(1 + rand.IntN(30)) {
			b.Events = append(b.Events, beacon.Event{Session: b.Session, Seq: seq, Deal: who.Deal, Viewer: who.Viewer, Kind: beacon.Open})
			m.keys = append(m.keys, event{b.Session, seq})
		}
		_, err := s.Write(ctx, []collect.Batch{b}, func(v collect.Viewer, _ collect.Batch, _ bool) (collect.Viewer, []collect.Notice, error) {
			return v, nil, nil
		})
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		m.ops = rec.now()
		marks = append(marks, m)
	}
	return marks, s.Close()
}

// survive opens what a disk may hold after some steps, and counts the
// acknowledged events that are not there.
func survive(dir string, ops []op, marks []mark) (lost int, err error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	for name, data := range disk(ops) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return 0, err
		}
	}
	ctx := context.Background()
	s, err := sqlite.Open(ctx, filepath.Join(dir, "beacon.db"), sqlite.Options{})
	if err != nil {
		return 0, err
	}
	held := map[event]bool{}
	for at, more := (beacon.Cursor{}), true; more; {
		page, err := s.Export(ctx, at, 10_000)
		if err != nil {
			return 0, errors.Join(err, s.Close())
		}
		for _, l := range page.Lines {
			held[event{l.Event.Session, l.Event.Seq}] = true
		}
		at, more = page.End, page.More
	}
	for _, m := range marks {
		if m.ops > len(ops) {
			break
		}
		for _, k := range m.keys {
			if !held[k] {
				lost++
			}
		}
	}
	return lost, s.Close()
}

// sector is what a disk writes whole.
const sector = 512

// disk is what files may hold after a cut: what was synced is there; of what was
// written since, each sector may be or not, in any order. Names are: SQLite
// syncs the folder of a log that it makes.
func disk(ops []op) map[string][]byte {
	last := map[string]int{}
	for i, o := range ops {
		if o.kind == synced {
			last[o.file] = i
		}
	}
	files := map[string][]byte{}
	for i, o := range ops {
		durable := i <= last[o.file]
		data := files[o.file]
		switch {
		case o.kind == deleted:
			delete(files, o.file)
			continue
		case o.kind == truncated && (durable || rand.IntN(2) == 0):
			data = resize(data, o.at)
		case o.kind == wrote && durable:
			data = resize(data, max(int64(len(data)), o.at+int64(len(o.data))))
			copy(data[o.at:], o.data)
		case o.kind == wrote:
			data = torn(data, o)
		}
		files[o.file] = data
	}
	for name := range files {
		if filepath.Ext(name) == ".db-shm" {
			delete(files, name)
		}
	}
	return files
}

// torn writes some sectors of what was not synced.
func torn(data []byte, o op) []byte {
	for from := 0; from < len(o.data); {
		to := min(len(o.data), from+sector-int((o.at+int64(from))%sector))
		if rand.IntN(2) == 0 {
			data = resize(data, max(int64(len(data)), o.at+int64(to)))
			copy(data[o.at+int64(from):], o.data[from:to])
		}
		from = to
	}
	return data
}

func resize(data []byte, n int64) []byte {
	if n <= int64(len(data)) {
		return data[:n]
	}
	return append(data, make([]byte, n-int64(len(data)))...)
}
