package build

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// sum tells what something was made of from anything else that it could have
// been made of.
type sum [sha256.Size]byte

// summer adds up parts. Each goes in with its length, so that no two rows of
// parts come to one sum.
type summer struct {
	// held are those that the hash has not had yet: most parts are a few bytes.
	held []byte
	// hash is nil until it has had any.
	hash hash.Hash
}

// heldBytes bound what is held: more than most sums come to.
const heldBytes = 4 << 10

// heldBuffers are used again by later sums.
var heldBuffers = sync.Pool{New: func() any { return new([heldBytes]byte) }}

func newSum(what string) summer {
	s := summer{held: heldBuffers.Get().(*[heldBytes]byte)[:0]}
	s.text(what)
	return s
}

func (s *summer) bytes(data []byte) {
	if s.begin(len(data)); len(data) > cap(s.held)-len(s.held) {
		s.release()
		_, _ = s.hash.Write(data) // a hash never fails
		return
	}
	s.held = append(s.held, data...)
}

func (s *summer) text(parts ...string) {
	for _, p := range parts {
		if len(p) > heldBytes/2 {
			s.bytes([]byte(p))
			continue
		}
		s.begin(len(p))
		s.held = append(s.held, p...)
	}
}

func (s *summer) number(values ...int64) {
	s.begin(8 * len(values))
	for _, v := range values {
		s.held = binary.LittleEndian.AppendUint64(s.held, uint64(v))
	}
}

// begin a part of so many bytes.
func (s *summer) begin(n int) {
	if len(s.held)+8+n > heldBytes {
		s.release()
	}
	s.held = binary.LittleEndian.AppendUint64(s.held, uint64(n))
}

// release what is held to the hash.
func (s *summer) release() {
	if s.hash == nil {
		s.hash = sha256.New()
	}
	_, _ = s.hash.Write(s.held) // likewise
	s.held = s.held[:0]
}

// sum of all parts, after which there can be no more.
func (s *summer) sum() (out sum) {
	if s.hash == nil {
		out = sha256.Sum256(s.held)
	} else {
		s.release()
		s.hash.Sum(out[:0])
	}
	heldBuffers.Put((*[heldBytes]byte)(s.held[:heldBytes]))
	s.held = nil
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
	// nested says that a git repository of its own lies in the folder: what the
	// outer one says of it depends on files that are elsewhere.
	nested bool
	// shape is what a later scan may go by, if the folder is still by then.
	shape shape
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
	shaper shaper
	left   int
	// seen is nil where nobody wants to know what lies there.
	seen contents
}

// scanFolder looks at the stats of what lies in a folder that is open, and in no
// other: not by its path, under which another may come to lie. It opens no file
// and follows no link: where a link of a deal leads is in the deal itself, or
// counts as nothing. The folder is closed.
func scanFolder(f dirHandle, err error) scan {
	s := scanner{}
	s.scanFolder(f, err)
	return s.scan
}

// lookInto scans a folder that somebody else has opened, and tells what lies in
// it if that could all be seen. The folder is closed.
func lookInto(file *os.File, err error) (scan, contents) {
	if err != nil {
		return scan{}, nil
	}
	defer file.Close() // opened for reading
	s := scanner{seen: contents{}}
	if s.scanFolder(asFolder(file)); !s.whole {
		return s.scan, nil
	}
	return s.scan, s.seen
}

func (s *scanner) scanFolder(f dirHandle, err error) {
	if err != nil {
		return
	}
	s.summer, s.left, s.whole = newScan(), maxScanned, canScan
	if canScan {
		s.shaper = newShaper(f)
		s.folder(f, "", 0)
		s.scan.shape = s.shaper.shape(s.scan)
	}
	f.close()
	s.scan.sum = s.summer.sum()
}

func newScan() summer { return newSum("folder 1") }

// scanOpen is that of a folder that somebody else has opened, and closes.
func scanOpen(file *os.File, err error) scan {
	if err != nil {
		return scan{}
	}
	defer file.Close() // opened for reading
	return scanFolder(asFolder(file))
}

// item of a folder; folder says that it is one itself, where listing tells.
type item struct {
	name   string
	folder bool
}

// stats of a file that tell whether it changed. Unlike its time of modification
// nobody can set its time of change.
type stats struct {
	device, inode, size, mode int64
	modified, changed         time.Time
	kind                      fs.FileMode
}

func (s *scanner) folder(f dirHandle, name string, depth int) {
	items, err := f.list()
	s.left -= len(items)
	own, ok := f.own()
	if err != nil || !ok || depth > maxScanDepth || s.left < 0 {
		s.whole = false
		return
	}
	s.moved = later(s.moved, own.settled())
	s.shaper.folder(own)
	slices.SortFunc(items, func(a, b item) int { return strings.Compare(a.name, b.name) })
	var entries []fs.DirEntry
	for _, e := range items {
		s.nested = s.nested || strings.EqualFold(e.name, ".git")
		if e.folder {
			entries = append(entries, seenFile{e.name, stats{kind: fs.ModeDir}})
			s.sub(f, name, e.name, depth)
			continue
		}
		st, ok := f.stat(e.name)
		if s.seen != nil {
			entries = append(entries, seenFile{e.name, st})
		}
		switch {
		case !ok:
			s.whole = false
		case st.kind.IsDir():
			s.sub(f, name, e.name, depth)
		default:
			s.shaper.entry(shapeFile, name+e.name)
			s.file(name+e.name, st)
		}
	}
	if s.seen != nil {
		s.seen[path.Clean(name)] = entries
	}
}

// file takes in one that lies at a path in the folder.
func (s *scanner) file(name string, st stats) {
	s.settled = later(s.settled, st.settled())
	s.text("file", name)
	s.number(st.mode, st.size, st.inode, st.modified.UnixNano(), st.changed.UnixNano())
}

// sub goes through a folder that lies in another.
func (s *scanner) sub(f dirHandle, name, its string, depth int) {
	s.shaper.entry(shapeFolder, name+its)
	s.text("folder", name+its)
	sub, err := f.open(its)
	if err != nil {
		s.whole = false
		return
	}
	s.folder(sub, name+its+"/", depth+1)
	sub.close()
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
func (s *summer) files(files fs.FS) error {
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
