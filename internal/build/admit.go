package build

import (
	"fmt"
	"io"
	"io/fs"
	"strings"

	"portico/internal/deal"
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
)

// File is a file of the output. Only admit makes one.
type File struct {
	name  string // on the site
	state State
	data  []byte
	// open streams a file that is not kept in memory; size is its length.
	open func() (io.ReadCloser, error)
	size int64
}

// admit is the one door through which anything gets into the output. d is the
// deal that it comes from, nil for what belongs to the site. It refuses what
// may not be in the clear.
func (o *Output) admit(d *deal.Deal, name string, f File) (*File, error) {
	folder, whose := sharedDir, "the site"
	switch {
	case d == nil:
		f.state = Site
	case d.Access.Public:
		f.state = Public
	case o.project.opts.Clear:
		f.state = Clear
	default:
		return nil, fmt.Errorf("%s belongs to the deal %s, which is not public: it may not be written in the clear", name, d.ID)
	}
	if d != nil {
		folder, whose = d.ID, "the deal "+d.ID
	}
	first, _, inside := strings.Cut(name, "/")
	beside := d == nil && !inside && name != "." // of the deals
	if !fs.ValidPath(name) || !beside && (!inside || first != folder) {
		return nil, fmt.Errorf("%s is no place for a file of %s", name, whose)
	}
	f.name = name
	return &f, nil
}
