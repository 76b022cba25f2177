package seal

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"time"
)

// FS shows an opened deal as files by their paths. A fragment stands beside
// its page, under the page's path, # and its place. What is opened is checked
// whole before its first byte can be read.
func (o *Opened) FS() (fs.FS, error) {
	v := &view{o: o, files: map[string]Entry{}, dirs: map[string][]string{".": nil}}
	for _, e := range o.Entries {
		name := e.Path
		if e.At != "" {
			name += "#" + e.At
		}
		if _, taken := v.files[name]; taken || !fs.ValidPath(name) {
			return nil, damaged("two files would be called %q", name)
		}
		v.files[name] = e
		v.place(name)
	}
	for dir := range v.dirs {
		if _, taken := v.files[dir]; taken {
			return nil, damaged("%q is both a file and a folder", dir)
		}
		slices.Sort(v.dirs[dir])
		v.dirs[dir] = slices.Compact(v.dirs[dir])
	}
	return v, nil
}

// view is an opened deal by names.
type view struct {
	o     *Opened
	files map[string]Entry
	dirs  map[string][]string // what each holds
}

func (v *view) place(name string) {
	for name != "." {
		dir := path.Dir(name)
		v.dirs[dir] = append(v.dirs[dir], path.Base(name))
		name = dir
	}
}

func (v *view) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	if e, ok := v.files[name]; ok {
		f, err := v.openEntry(e, v.info(name))
		if err != nil {
			return nil, &fs.PathError{Op: "open", Path: name, Err: err}
		}
		return f, nil
	}
	if _, ok := v.dirs[name]; ok {
		return &openDir{info: v.info(name), list: v.list(name)}, nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// openEntry holds a small one in memory; a large one is read again as it is
// asked for.
func (v *view) openEntry(e Entry, info fileInfo) (fs.File, error) {
	if e.Size <= wholeSize {
		data, err := v.o.ReadFile(e)
		if err != nil {
			return nil, err
		}
		return &openEntry{info: info, Reader: bytes.NewReader(data), close: func() error { return nil }}, nil
	}
	if err := v.o.stream(e, io.Discard); err != nil {
		return nil, err
	}
	r, w := io.Pipe()
	go func() { _ = w.CloseWithError(v.o.stream(e, w)) }() // ends with the reader, which hears of any error
	return &openEntry{info: info, Reader: r, close: r.Close}, nil
}

func (v *view) list(dir string) []fs.DirEntry {
	var out []fs.DirEntry
	for _, base := range v.dirs[dir] {
		out = append(out, fs.FileInfoToDirEntry(v.info(path.Join(dir, base))))
	}
	return out
}

func (v *view) info(name string) fileInfo {
	e, isFile := v.files[name]
	return fileInfo{path.Base(name), e, !isFile}
}

type fileInfo struct {
	name string
	e    Entry
	dir  bool
}

func (i fileInfo) Name() string { return i.name }
func (i fileInfo) Size() int64  { return i.e.Size }
func (i fileInfo) IsDir() bool  { return i.dir }
func (i fileInfo) Sys() any     { return nil }
func (i fileInfo) Mode() fs.FileMode {
	if i.dir {
		return fs.ModeDir | 0o555
	}
	return 0o444
}

func (i fileInfo) ModTime() time.Time {
	if i.e.Changed == 0 {
		return time.Time{}
	}
	return time.Unix(i.e.Changed, 0).UTC()
}

type openEntry struct {
	info fileInfo
	io.Reader
	close func() error
}

func (f *openEntry) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *openEntry) Close() error               { return f.close() }

type openDir struct {
	info fileInfo
	list []fs.DirEntry
}

func (d *openDir) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *openDir) Close() error               { return nil }

func (d *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.info.name, Err: errors.New("is a folder")}
}

func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		n = len(d.list)
	} else if len(d.list) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(d.list))
	out := d.list[:n]
	d.list = d.list[n:]
	return out, nil
}
