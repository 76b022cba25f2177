package build

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"io/fs"
	"os"
	"path"
	"slices"
	"time"
)

// sum tells what something was made of from anything else that it could have
// been made of.
type sum [sha256.Size]byte

// summer adds up parts. Each goes in with its length, so that no two rows of
// parts come to one sum.
type summer struct{ hash hash.Hash }

func newSum(what string) summer {
	s := summer{sha256.New()}
	s.text(what)
	return s
}

func (s summer) bytes(data []byte) {
	var n [8]byte
	binary.LittleEndian.PutUint64(n[:], uint64(len(data)))
	_, _ = s.hash.Write(n[:]) // a hash never fails
	_, _ = s.hash.Write(data)
}

func (s summer) text(parts ...string) {
	for _, p := range parts {
		s.bytes([]byte(p))
	}
}

func (s summer) number(values ...int64) {
	var data []byte
	for _, v := range values {
		data = binary.LittleEndian.AppendUint64(data, uint64(v))
	}
	s.bytes(data)
}

func (s summer) sum() (out sum) {
	s.hash.Sum(out[:0])
	return out
}

// scan is what the stats of everything in a folder say. Hidden files count: git
// takes a deal with one for changed.
type scan struct {
	sum sum
	// settled is when the last change of a file in it could no longer be
	// followed by another that leaves the same stats; moved is the same for
	// what was put into a folder or taken out of it, which shows in the names.
	settled, moved time.Time
	// whole says that the stats tell every change: not so where the system
	// keeps no time of change that nobody can set, nor in too large a folder.
	whole bool
}

// A file that changes twice within one step of its file system's clock may
// show the same stats. Clocks step by up to 16 ms; one that only ever shows
// whole seconds may step by two of them.
const (
	clockStep  = 30 * time.Millisecond
	coarseStep = 2 * time.Second
)

// steady says whether a scan tells every change made since a moment of the
// same file system's clock, at or before which it began.
func (s scan) steady(began time.Time) bool { return s.whole && s.settled.Before(began) }

// still says whether nothing in the folder changed since a moment.
func (s scan) still(since time.Time) bool { return s.steady(since) && s.moved.Before(since) }

// maxScanned and maxScanDepth bound a folder that is worth scanning. They go
// beyond those of a deal that can be read.
const (
	maxScanned   = 50_000
	maxScanDepth = 16
)

// scanner goes through a folder.
type scanner struct {
	summer
	scan
	left int
	// seen is nil where nobody wants to know what lies there.
	seen contents
}

// scanFolder looks at the stats of what lies in a folder that is open, and in no
// other: not by its path, under which another may come to lie. It opens no file
// and follows no link: where a link of a deal leads is in the deal itself, or
// counts as nothing. The folder is closed.
func scanFolder(folder *os.File, err error) scan {
	s := scanner{}
	s.scanFolder(folder, err)
	return s.scan
}

// lookInto scans a folder, and tells what lies in it if that could all be seen.
func lookInto(folder *os.File, err error) (scan, contents) {
	s := scanner{seen: contents{}}
	if s.scanFolder(folder, err); !s.whole {
		return s.scan, nil
	}
	return s.scan, s.seen
}

func (s *scanner) scanFolder(folder *os.File, err error) {
	if err != nil {
		return
	}
	s.summer, s.left, s.whole = newSum("folder 1"), maxScanned, canScan
	if canScan {
		s.folder(folder, "", 0)
	}
	_ = folder.Close() // opened for reading
	s.scan.sum = s.summer.sum()
}

// stats of a file that tell whether it changed. Unlike its time of modification
// nobody can set its time of change.
type stats struct {
	inode, size, mode int64
	modified, changed time.Time
	kind              fs.FileMode
}

func (s *scanner) folder(folder *os.File, name string, depth int) {
	names, err := folder.Readdirnames(-1)
	s.left -= len(names)
	own, ok := statOf(folder)
	if err != nil || !ok || depth > maxScanDepth || s.left < 0 {
		s.whole = false
		return
	}
	s.moved = later(s.moved, own.settled())
	slices.Sort(names)
	var entries []fs.DirEntry
	for _, n := range names {
		st, ok := statIn(folder, n)
		if s.seen != nil {
			entries = append(entries, seenFile{n, st})
		}
		switch {
		case !ok:
			s.whole = false
		case st.kind.IsDir():
			s.text("folder", name+n)
			sub, err := openIn(folder, n)
			if err != nil {
				s.whole = false
				continue
			}
			s.folder(sub, name+n+"/", depth+1)
			_ = sub.Close() // opened for reading
		default:
			s.settled = later(s.settled, st.settled())
			s.text("file", name+n)
			s.number(st.mode, st.size, st.inode, st.modified.UnixNano(), st.changed.UnixNano())
		}
	}
	if s.seen != nil {
		s.seen[path.Clean(name)] = entries
	}
}

// settled is when no later change can leave the same stats any more.
func (s stats) settled() time.Time { return later(settledAt(s.modified), settledAt(s.changed)) }

func settledAt(t time.Time) time.Time {
	if t.Nanosecond() == 0 {
		return t.Add(coarseStep)
	}
	return t.Add(clockStep)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// clockIn is the time by the clock of the file system that a folder lies on,
// which need not be this machine's; the zero time where it cannot be had.
func clockIn(dir string) time.Time {
	f, err := os.CreateTemp(dir, "clock-*")
	if err != nil {
		return time.Time{}
	}
	defer func() { _ = os.Remove(f.Name()) }() // nothing reads it
	defer f.Close()                            // nothing was written
	s, ok := statOf(f)
	if !ok {
		return time.Time{}
	}
	return s.changed
}

// files takes in the names and contents of a file system.
func (s summer) files(files fs.FS) error {
	return fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		s.text(name)
		s.bytes(data)
		return nil
	})
}
