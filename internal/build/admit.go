package build

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"portico/internal/deal"
	"portico/internal/seal"
)

// State says in which of three ways a file may be on a host.
type State uint8

const (
	// Clear is a file of a run in the clear, which somebody asked for by
	// --unsealed, or that `serve` shows on this machine alone.
	Clear State = iota + 1
	// Public is a file of a deal that says public = true.
	Public
	// Site is a file that is the same for every deal: style, script, logo.
	Site
	// Sealed is a file of a deal that none can read without a way in: an
	// encrypted object, the lock page, or the worker that all deals share.
	Sealed
)

// File is a file of the output. Only admit makes one.
type File struct {
	name  string // on the site
	state State
	data  []byte
	// open streams a file that is not kept in memory; size is its length.
	open func() (io.ReadCloser, error)
	size int64
	// object is what of an encrypted file only package seal can make.
	object *seal.File
}

// admit is the one door through which anything gets into the output. d is the
// deal that it comes from, nil for what belongs to the site. It refuses what
// may not be in the clear, and what lies in a folder that is not the deal's.
func (o *Output) admit(d *deal.Deal, name string, f File) (*File, error) {
	folder, whose := sharedDir, "the site"
	if d != nil {
		whose = "the deal " + d.ID
		var err error
		if folder, err = o.project.folderOf(d.ID, d.Access.Public); err != nil {
			return nil, err
		}
	}
	first, rest, inside := strings.Cut(name, "/")
	switch {
	case d == nil:
		f.state = Site
	case d.Access.Public:
		f.state = Public
	case o.project.opts.Clear:
		f.state = Clear
	case o.isSealed(folder, rest, f):
		f.state = Sealed
	default:
		return nil, fmt.Errorf("%s belongs to the deal %s, which is not public: it may not be written in the clear", name, d.ID)
	}
	beside := d == nil && !inside && name != "." // of the deals
	if !fs.ValidPath(name) || !beside && (!inside || first != folder) {
		return nil, fmt.Errorf("%s is no place for a file of %s", name, whose)
	}
	f.name = name
	return &f, nil
}

// isSealed says whether a file tells nothing to who has no way in: it lies where
// package seal put it, or it is what every sealed deal has, the same in each.
func (o *Output) isSealed(folder, name string, f File) bool {
	switch {
	case f.object != nil:
		return f.object.Name == name && f.object.Size == f.size
	case f.open != nil || o.lock.before == nil:
		return false
	case name == lockPage:
		h, is := o.lock.is(f.data)
		return is && h.Deal.Path() == folder
	}
	return name == workerFile && bytes.Equal(f.data, o.lock.worker)
}
