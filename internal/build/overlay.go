package build

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"slices"
)

// Layer is one of several folders that stand over each other.
type Layer struct {
	// Name says whose files they are: "site", "theme ledger", "built in".
	Name string
	// Prefix is where they lie in the site, for messages; empty for what is
	// built in.
	Prefix string
	FS     fs.FS
}

// Overlay is a folder made of layers: a file of an earlier one stands over
// that of the same path in a later one.
type Overlay []Layer

// Open a file of the first layer that has it.
func (o Overlay) Open(name string) (fs.File, error) {
	for _, l := range o {
		f, err := l.FS.Open(name)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return f, err
		}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// ReadDir lists a folder of all layers.
func (o Overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	entries := map[string]fs.DirEntry{}
	found := false
	for _, l := range slices.Backward(o) {
		list, err := fs.ReadDir(l.FS, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found = true
		for _, e := range list {
			entries[e.Name()] = e
		}
	}
	if !found {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	var list []fs.DirEntry
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		list = append(list, entries[name])
	}
	return list, nil
}

// Stat a file of the first layer that has it.
func (o Overlay) Stat(name string) (fs.FileInfo, error) {
	for _, l := range o {
		info, err := fs.Stat(l.FS, name)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return info, err
		}
	}
	return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
}

// Owner is the layer that a file comes from. A site's copy of a built-in file
// that differs in nothing counts as built in.
func (o Overlay) Owner(name string) Layer {
	for i, l := range o {
		data, err := fs.ReadFile(l.FS, name)
		if err != nil {
			continue
		}
		for _, below := range o[i+1:] {
			other, err := fs.ReadFile(below.FS, name)
			if err == nil && bytes.Equal(data, other) {
				return below
			}
		}
		return l
	}
	return Layer{}
}

// Where a file lies in the site, for messages.
func (o Overlay) Where(name string) string {
	l := o.Owner(name)
	if l.Prefix == "" {
		return name
	}
	return l.Prefix + "/" + name
}
