//go:build linux

package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// recorder stands between SQLite and its way to the disk, passes everything on,
// and writes down what was written to files and when they were synced. From
// that follows what a disk may hold after a power cut at any moment.
type recorder struct {
	name string
	// pause of every sync, as a slow disk makes.
	pause time.Duration

	mu   sync.Mutex
	ops  []op
	file map[uintptr]string // by SQLite's own pointer

	// C memory refers to what follows, which Go must therefore keep.
	real    uintptr
	methods map[uintptr]*shim
	keep    []any
}

// op is one thing done to a file.
type op struct {
	file string
	kind opKind
	at   int64
	data []byte
}

type opKind uint8

const (
	wrote opKind = iota
	truncated
	synced
	deleted
)

// shim has the methods that files of one kind really have.
type shim struct {
	real lib.Tsqlite3_io_methods
	own  uintptr
}

type (
	openFunc     func(tls *libc.TLS, vfs uintptr, name uintptr, file uintptr, flags int32, out uintptr) int32
	deleteFunc   func(tls *libc.TLS, vfs uintptr, name uintptr, sync int32) int32
	writeFunc    func(tls *libc.TLS, file uintptr, data uintptr, n int32, at int64) int32
	truncateFunc func(tls *libc.TLS, file uintptr, size int64) int32
	syncFunc     func(tls *libc.TLS, file uintptr, flags int32) int32
)

// memory of SQLite's, which Go neither moves nor frees.
func memory[T any](at uintptr) *T { return *(**T)(unsafe.Pointer(&at)) }

// call makes a function of one that C memory refers to.
func call[F any](pointer uintptr) F { return *(*F)(unsafe.Pointer(&struct{ uintptr }{pointer})) }

// put a function where C memory refers to one.
func put[F any](r *recorder, at *uintptr, f F) {
	r.keep = append(r.keep, &f)
	*(*F)(unsafe.Pointer(at)) = f
}

func newRecorder(name string) (*recorder, error) {
	tls := libc.NewTLS()
	r := &recorder{name: name, file: map[uintptr]string{}, methods: map[uintptr]*shim{}, real: lib.Xsqlite3_vfs_find(tls, 0)}
	own := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(lib.Tsqlite3_vfs{})))
	text, err := libc.CString(name)
	if r.real == 0 || own == 0 || err != nil {
		return nil, fmt.Errorf("there is no memory for a VFS: %w", err)
	}
	v := memory[lib.Tsqlite3_vfs](own)
	*v = *memory[lib.Tsqlite3_vfs](r.real)
	v.FzName = text
	put(r, &v.FxOpen, openFunc(r.open))
	put(r, &v.FxDelete, deleteFunc(r.delete))
	if rc := lib.Xsqlite3_vfs_register(tls, own, 0); rc != lib.SQLITE_OK {
		return nil, fmt.Errorf("registering a VFS: %d", rc)
	}
	return r, nil
}

func (r *recorder) realVFS() *lib.Tsqlite3_vfs { return memory[lib.Tsqlite3_vfs](r.real) }

func (r *recorder) open(tls *libc.TLS, _ uintptr, name, file uintptr, flags int32, out uintptr) int32 {
	rc := call[openFunc](r.realVFS().FxOpen)(tls, r.real, name, file, flags, out)
	if rc != lib.SQLITE_OK || name == 0 {
		return rc
	}
	f := memory[lib.Tsqlite3_file](file)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.file[file] = filepath.Base(libc.GoString(name))
	s := r.methods[f.FpMethods]
	if s == nil {
		if s = r.shim(tls, f.FpMethods); s == nil {
			return lib.SQLITE_NOMEM
		}
		r.methods[f.FpMethods] = s
	}
	f.FpMethods = s.own
	return rc
}

// shim for the methods that a file has.
func (r *recorder) shim(tls *libc.TLS, methods uintptr) *shim {
	s := &shim{real: *memory[lib.Tsqlite3_io_methods](methods), own: libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(lib.Tsqlite3_io_methods{})))}
	if s.own == 0 {
		return nil
	}
	own := memory[lib.Tsqlite3_io_methods](s.own)
	*own = s.real
	put(r, &own.FxWrite, writeFunc(func(tls *libc.TLS, file, data uintptr, n int32, at int64) int32 {
		rc := call[writeFunc](s.real.FxWrite)(tls, file, data, n, at)
		if rc == lib.SQLITE_OK {
			r.note(file, op{kind: wrote, at: at, data: slices.Clone(unsafe.Slice(memory[byte](data), n))})
		}
		return rc
	}))
	put(r, &own.FxTruncate, truncateFunc(func(tls *libc.TLS, file uintptr, size int64) int32 {
		rc := call[truncateFunc](s.real.FxTruncate)(tls, file, size)
		if rc == lib.SQLITE_OK {
			r.note(file, op{kind: truncated, at: size})
		}
		return rc
	}))
	put(r, &own.FxSync, syncFunc(func(tls *libc.TLS, file uintptr, flags int32) int32 {
		time.Sleep(r.pause)
		rc := call[syncFunc](s.real.FxSync)(tls, file, flags)
		if rc == lib.SQLITE_OK {
			r.note(file, op{kind: synced})
		}
		return rc
	}))
	return s
}

func (r *recorder) delete(tls *libc.TLS, _ uintptr, name uintptr, sync int32) int32 {
	rc := call[deleteFunc](r.realVFS().FxDelete)(tls, r.real, name, sync)
	if rc == lib.SQLITE_OK {
		r.mu.Lock()
		r.ops = append(r.ops, op{file: filepath.Base(libc.GoString(name)), kind: deleted})
		r.mu.Unlock()
	}
	return rc
}

func (r *recorder) note(file uintptr, o op) {
	r.mu.Lock()
	defer r.mu.Unlock()
	o.file = r.file[file]
	r.ops = append(r.ops, o)
}

// now is the place in what was done so far.
func (r *recorder) now() int { r.mu.Lock(); defer r.mu.Unlock(); return len(r.ops) }
