// Package unseal opens what was sealed away from any browser: a deal's folder, a
// packed file or a whole site, for recovery, archiving and audit. It knows files and ways in; it
// does not know the source that they were built from.
package unseal

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"portico/internal/seal"
)

// lockPage is the file that makes a folder a sealed deal's.
const lockPage = "index.html"

// Sealed is a deal that was found.
type Sealed struct {
	// Folder is its name on the host, which tells nothing.
	Folder string
	Header seal.Header
	files  fs.FS
}

// Find the sealed deals of a site, or the one whose folder it is. shared is what
// lies beside all deals, nil for a deal's folder alone.
func Find(files fs.FS) (list []Sealed, shared fs.FS, err error) {
	if s, ok, err := one(files); err != nil || ok {
		return []Sealed{s}, nil, err
	}
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, nil, fmt.Errorf("looking for sealed deals: %w", err)
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		sub, err := fs.Sub(files, e.Name())
		if err != nil {
			return nil, nil, fmt.Errorf("looking for sealed deals: %w", err)
		}
		if e.Name() == sharedDir {
			shared = sub
			continue
		}
		s, ok, err := one(sub)
		switch {
		case err != nil:
			return nil, nil, fmt.Errorf("%s: %w", e.Name(), err)
		case ok && s.Folder != e.Name():
			return nil, nil, fmt.Errorf("%s holds the deal of the folder %s: somebody has moved it", e.Name(), s.Folder)
		case ok:
			list = append(list, s)
		}
	}
	return list, shared, nil
}

// sharedDir holds what all deals share.
const sharedDir = "_"

// maxPage is more than any lock page has.
const maxPage = MaxFile

// one looks whether a folder is a sealed deal's. It is none without a header; a
// header that is damaged is an error.
func one(files fs.FS) (Sealed, bool, error) {
	info, err := fs.Stat(files, lockPage)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Sealed{}, false, nil
	case err != nil:
		return Sealed{}, false, fmt.Errorf("reading %s: %w", lockPage, err)
	case !info.Mode().IsRegular() || info.Size() > maxPage:
		return Sealed{}, false, nil
	}
	page, err := fs.ReadFile(files, lockPage)
	if err != nil {
		return Sealed{}, false, fmt.Errorf("reading %s: %w", lockPage, err)
	}
	h, err := seal.FindHeader(page)
	if errors.Is(err, seal.Version) {
		return Sealed{}, false, nil
	}
	return Sealed{h.Deal.Path(), h, files}, err == nil, err
}

// Way in: the team's key, with the audiences whose parts it shall open, or what
// a reader would type.
type Way struct {
	Key       *seal.TeamKey
	Audiences [][]string
	Typed     []string
}

// Deal is one that was opened.
type Deal struct {
	Folder string
	*seal.Opened
	// Closed is how many files of it this way in does not lead to: parts for
	// others.
	Closed int
}

// Open a deal. Its error is seal.Wrong where the way in is none of its.
func (s Sealed) Open(w Way) (*Deal, error) {
	opened, err := s.unlock(w)
	if err != nil {
		return nil, err
	}
	d := &Deal{Folder: s.Folder, Opened: opened}
	known := opened.Names()
	there, err := fs.ReadDir(s.files, objects)
	if err != nil {
		return nil, fmt.Errorf("reading the deal's files: %w", err)
	}
	for _, e := range there {
		if !slices.Contains(known, objects+"/"+e.Name()) {
			d.Closed++
		}
	}
	return d, nil
}

// unlock opens the parts for those audiences that the deal has.
func (s Sealed) unlock(w Way) (*seal.Opened, error) {
	if w.Key == nil {
		return seal.Unlock(s.files, w.Typed...)
	}
	var has [][]string
	for _, members := range w.Audiences {
		_, err := seal.UnlockWithKey(s.files, *w.Key, members)
		switch {
		case err == nil:
			has = append(has, members)
		case !errors.Is(err, seal.Missing):
			return nil, err
		}
	}
	return seal.UnlockWithKey(s.files, *w.Key, has...)
}

// When the deal was last changed; the zero time where that is not known.
func (d *Deal) When() time.Time {
	if d.Changed == 0 {
		return time.Time{}
	}
	return time.Unix(d.Changed, 0).UTC()
}

// check the names of all files once more before any is written: the reader did,
// and a mistake there would write anywhere.
func (d *Deal) check() error {
	taken := map[string]string{}
	for _, e := range d.Entries {
		if !fs.ValidPath(e.Path) || strings.ContainsAny(e.Path, "\\:\x00") {
			return fmt.Errorf("the deal %s has a file of the path %q, which is none", d.Folder, e.Path)
		}
		lower := strings.ToLower(e.Path) // not every disk tells capitals apart
		if other, is := taken[lower]; is && other != e.Path {
			return fmt.Errorf("the deal %s has %s and %s, which are one file on some disks", d.Folder, other, e.Path)
		}
		taken[lower] = e.Path
	}
	return nil
}
