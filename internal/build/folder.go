package build

import (
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"
)

// folder is a deal's, opened as a root of its own, with what was seen in it when
// its stats were taken. A deal is read from it as from any file system, but the
// system is not asked again for what it has just said.
type folder struct {
	root *os.Root
	seen contents
}

// contents are what lies in a folder and those below it, by their names and in
// order; nil where not everything could be seen.
type contents map[string][]fs.DirEntry

// Open as fs.FS has it.
func (f *folder) Open(name string) (fs.File, error) { return f.root.FS().Open(name) }

// ReadDir as fs.ReadDirFS has it.
func (f *folder) ReadDir(name string) ([]fs.DirEntry, error) {
	if entries, ok := f.seen[name]; ok {
		return entries, nil
	}
	return fs.ReadDir(f.root.FS(), name)
}

// Stat as fs.StatFS has it.
func (f *folder) Stat(name string) (fs.FileInfo, error) {
	entries, base := f.seen[path.Dir(name)], path.Base(name)
	i, found := slices.BinarySearchFunc(entries, base, func(e fs.DirEntry, name string) int { return strings.Compare(e.Name(), name) })
	if found && entries[i].Type().IsRegular() { // a link is followed by the root
		return entries[i].Info()
	}
	return f.root.Stat(name)
}

// ReadFile as fs.ReadFileFS has it.
func (f *folder) ReadFile(name string) ([]byte, error) {
	file, err := openRegular(f.root, name)
	if err != nil {
		return nil, err
	}
	defer file.Close() // opened for reading
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	return readOpen(file, info)
}

// readOpen reads a file up to where it ended when it was opened. Only one that
// says nothing of its length is read until there is no more.
func readOpen(file io.Reader, info fs.FileInfo) ([]byte, error) {
	if !info.Mode().IsRegular() || info.Size() == 0 {
		return io.ReadAll(file)
	}
	data := make([]byte, info.Size())
	n, err := io.ReadFull(file, data)
	if err == io.EOF || err == io.ErrUnexpectedEOF { // it was cut short
		err = nil
	}
	return data[:n], err
}

// entriesOf a folder, in order. What listing shows to be a folder is not looked
// at by itself.
func entriesOf(f dirHandle) ([]fs.DirEntry, error) {
	items, err := f.list()
	if err != nil {
		return nil, err
	}
	slices.SortFunc(items, func(a, b item) int { return strings.Compare(a.name, b.name) })
	entries := make([]fs.DirEntry, 0, len(items))
	for _, e := range items {
		st, there := stats{kind: fs.ModeDir}, true
		if !e.folder {
			st, there = f.stat(e.name)
		}
		if there { // else it went in the meantime
			entries = append(entries, seenFile{e.name, st})
		}
	}
	return entries, nil
}

// seenFile is a file or folder as its stats told of it.
type seenFile struct {
	name string
	stats
}

func (f seenFile) Name() string               { return f.name }
func (f seenFile) IsDir() bool                { return f.kind.IsDir() }
func (f seenFile) Type() fs.FileMode          { return f.kind }
func (f seenFile) Info() (fs.FileInfo, error) { return f, nil }
func (f seenFile) Size() int64                { return f.size }
func (f seenFile) Mode() fs.FileMode          { return f.kind | fs.FileMode(f.mode)&fs.ModePerm }
func (f seenFile) ModTime() time.Time         { return f.modified }
func (f seenFile) Sys() any                   { return nil }
