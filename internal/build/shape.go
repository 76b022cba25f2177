package build

import (
	"slices"
	"strings"
)

// shape is what a scan found to lie where. As long as the folders themselves are
// as they were, nothing was put into them or taken out, so that a later scan
// looks at what it knows to be there and lists nothing.
type shape struct {
	// Names of all entries in the order of a scan, by their paths, each with its
	// kind before it and a NUL behind it. None where a scan has to list.
	Names string
	// Folders is the sum of the folders' own stats, the outermost included.
	Folders sum
}

func (s *shape) code(c *coding) {
	c.text(&s.Names)
	c.sum(&s.Folders)
}

// Kinds of entries in a shape.
const (
	shapeFolder = 'd'
	shapeFile   = 'f'
)

// shaper gathers a shape while a folder is scanned.
type shaper struct {
	names   []byte
	folders summer
	// device is that of the outermost folder: of what lies on another one its
	// times say nothing.
	device int64
	lost   bool
}

// newShaper of a folder, unless its file system is none whose folders' times
// tell what was put into them.
func newShaper(f dirHandle) shaper {
	return shaper{folders: newSum("shape 1"), device: -1, lost: !f.tells()}
}

func (s *shaper) entry(kind byte, name string) {
	if !s.lost {
		s.names = append(append(append(s.names, kind), name...), 0)
	}
}

func (s *shaper) folder(own stats) {
	if s.device == -1 {
		s.device = own.device
	}
	s.lost = s.lost || own.device != s.device
	s.folders.folder(own)
}

// folder takes in those stats that change with what lies in one.
func (s *summer) folder(own stats) {
	s.number(own.device, own.inode, own.modified.UnixNano(), own.changed.UnixNano())
}

// shape of a folder that could be seen whole. A repository in it is looked for
// among the names, so that a scan has to list them.
func (s *shaper) shape(of scan) shape {
	if s.lost || of.nested || !of.whole {
		return shape{}
	}
	return shape{string(s.names), s.folders.sum()}
}

// scanKnown scans a folder that lies in another and has a shape. It is false
// where the folder has another one now, or a stat is refused: then it takes a
// scan that lists to tell.
//
// Its files are looked at by their paths. Should a link lie on one of them by
// now, then the folder that held what it took the place of is not as it was.
func scanKnown(parent dirHandle, name string, known shape) (scan, bool) {
	if known.Names == "" {
		return scan{}, false
	}
	s := scanner{summer: newScan(), scan: scan{whole: true, shape: known}}
	own, ok := parent.stat(name)
	if !ok || !own.kind.IsDir() {
		return scan{}, false
	}
	folders := newSum("shape 1")
	folders.folder(own)
	s.moved = own.settled()
	path := slices.Concat([]byte(name), []byte{'/'})
	for rest := known.Names; rest != ""; {
		var entry string
		entry, rest, _ = strings.Cut(rest, "\x00")
		kind, its := entry[0], entry[1:]
		st, ok := parent.stat(string(append(path[:len(name)+1], its...)))
		if !ok || st.kind.IsDir() != (kind == shapeFolder) {
			return scan{}, false
		}
		if kind == shapeFile {
			s.file(its, st)
			continue
		}
		s.text("folder", its)
		folders.folder(st)
		s.moved = later(s.moved, st.settled())
	}
	s.scan.sum = s.summer.sum()
	return s.scan, folders.sum() == known.Folders
}

// rescan scans a folder that lies in another, by its shape if that still holds.
func rescan(parent dirHandle, name string, known shape) scan {
	if s, ok := scanKnown(parent, name, known); ok {
		return s
	}
	return scanFolder(parent.open(name))
}
