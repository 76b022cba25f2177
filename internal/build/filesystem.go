package build

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"portico/internal/media"
	"portico/internal/seal"
)

// Open a file, which is made for it.
func (o *Output) Open(name string) (fs.File, error) {
	missing := &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	if name == "." {
		return o.openDir(name)
	}
	folder, rest, _ := strings.Cut(name, "/")
	id, err := o.whose(folder)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	if id == "" {
		o.mu.Lock()
		f := o.site[name]
		o.mu.Unlock()
		if f != nil {
			return f.handle()
		}
		if name == sharedDir {
			return o.openDir(name)
		}
		return nil, missing
	}
	d := o.deal(id)
	if d.err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: d.err}
	}
	if d.files != nil && d.folder != folder { // a sealed deal is not found by its name
		return nil, missing
	}
	if f := d.files[name]; f != nil {
		return f.handle()
	}
	if rest == "" && d.files != nil {
		return o.openDir(name)
	}
	for other := range d.files {
		if strings.HasPrefix(other, name+"/") {
			return o.openDir(name)
		}
	}
	return nil, missing
}

// whose deal's files lie in a folder of the output, if any's: a deal's own name,
// or the name that it has sealed.
func (o *Output) whose(folder string) (id string, err error) {
	if slices.Contains(o.project.IDs, folder) {
		return folder, nil
	}
	// Who builds nothing but public deals is not asked for a key.
	if o.project.opts.Clear || o.project.opts.Key == nil || !seal.IsPath(folder) {
		return "", nil
	}
	return o.project.dealIn(folder)
}

// ReadDir lists a folder of the output.
func (o *Output) ReadDir(name string) ([]fs.DirEntry, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrInvalid}
	}
	entries := map[string]fs.DirEntry{}
	add := func(f *File) {
		rest := f.name
		if name != "." {
			var ok bool
			if rest, ok = strings.CutPrefix(f.name, name+"/"); !ok {
				return
			}
		}
		first, _, deeper := strings.Cut(rest, "/")
		entries[first] = entry{first, f, deeper}
	}
	o.mu.Lock()
	for _, f := range o.site {
		add(f)
	}
	o.mu.Unlock()
	folder, _, _ := strings.Cut(name, "/")
	id, err := o.whose(folder)
	if err != nil {
		return nil, err
	}
	for _, d := range o.project.selected() {
		if name != "." && d != id {
			continue
		}
		made := o.deal(d)
		if made.err != nil {
			return nil, made.err
		}
		for _, f := range made.files {
			add(f)
		}
	}
	if len(entries) == 0 && name != "." {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	var list []fs.DirEntry
	for _, k := range slices.Sorted(maps.Keys(entries)) {
		list = append(list, entries[k])
	}
	return list, nil
}

func (o *Output) openDir(name string) (fs.File, error) {
	return &dir{output: o, name: name}, nil
}

// entry of a folder; it is its own FileInfo. Times are left out: a file's time
// says nothing that its content doesn't.
type entry struct {
	name   string
	file   *File
	folder bool
}

func (e entry) Name() string               { return e.name }
func (e entry) IsDir() bool                { return e.folder }
func (e entry) Type() fs.FileMode          { return e.Mode().Type() }
func (e entry) Info() (fs.FileInfo, error) { return e, nil }
func (e entry) ModTime() time.Time         { return time.Time{} }
func (e entry) Sys() any                   { return nil }

func (e entry) Mode() fs.FileMode {
	if e.folder {
		return fs.ModeDir | 0o755
	}
	return 0o644
}

func (e entry) Size() int64 {
	if e.folder || e.file == nil {
		return 0
	}
	return e.file.size
}

// reader gives the content of a file.
func (f *File) reader() (io.ReadCloser, error) {
	if f.open != nil {
		return f.open()
	}
	return io.NopCloser(bytes.NewReader(f.data)), nil
}

// handle opens a file for reading and seeking.
func (f *File) handle() (fs.File, error) {
	h := &handle{entry: entry{path.Base(f.name), f, false}}
	if f.open == nil {
		h.ReadSeeker = bytes.NewReader(f.data)
		return h, nil
	}
	r, err := f.open()
	if err != nil {
		return nil, err
	}
	seeker, ok := r.(io.ReadSeeker)
	if !ok {
		_ = r.Close() // nothing was read
		return nil, errors.New("the file cannot be read in any order")
	}
	h.ReadSeeker, h.closer = seeker, r
	return h, nil
}

type handle struct {
	io.ReadSeeker
	entry  entry
	closer io.Closer
}

func (h *handle) Stat() (fs.FileInfo, error) { return h.entry, nil }

func (h *handle) Close() error {
	if h.closer == nil {
		return nil
	}
	return h.closer.Close()
}

type dir struct {
	output *Output
	name   string
	list   []fs.DirEntry
	listed bool
}

func (d *dir) Stat() (fs.FileInfo, error) { return entry{path.Base(d.name), nil, true}, nil }
func (d *dir) Close() error               { return nil }
func (d *dir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.name, Err: errors.New("is a folder")}
}

// ReadDir as fs.ReadDirFile has it.
func (d *dir) ReadDir(n int) ([]fs.DirEntry, error) {
	if !d.listed {
		list, err := d.output.ReadDir(d.name)
		if err != nil {
			return nil, err
		}
		d.list, d.listed = list, true
	}
	if n <= 0 {
		list := d.list
		d.list = nil
		return list, nil
	}
	if len(d.list) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(d.list))
	list := d.list[:n]
	d.list = d.list[n:]
	return list, nil
}

// ContentType of a file of the output, by its name.
func ContentType(name string) string {
	switch ext := strings.ToLower(path.Ext(name)); ext {
	case ".html":
		return "text/html; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".woff2", ".woff", ".ttf", ".otf":
		return "font/" + ext[1:]
	case ".vtt":
		return "text/vtt; charset=utf-8"
	case ".txt", ".csv":
		return media.TypeOf(name).MIME + "; charset=utf-8"
	}
	return media.TypeOf(name).MIME
}
