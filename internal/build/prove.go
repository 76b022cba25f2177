package build

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"portico/internal/seal"
)

// claim the folder that a deal is staged in, and give the header of the lock
// page that lies there from an earlier build; the zero one where there is none.
// No two deals get one folder: that a deal is called as another's opaque folder
// is no chance.
func (w *writer) claim(d *dealOutput) (before seal.Header, err error) {
	w.mu.Lock()
	taken := w.current[d.folder]
	w.current[d.folder] = true
	w.mu.Unlock()
	if taken {
		return before, fmt.Errorf("the deal %s and another one would lie in the folder %s of the output: rename it", d.loaded.ID, d.folder)
	}
	if d.sealed == nil {
		return before, nil
	}
	page, err := os.ReadFile(w.target.path(d.folder + "/" + lockPage))
	if err != nil {
		return before, nil // it was not there
	}
	if before, err = seal.FindHeader(page); err != nil {
		return seal.Header{}, nil // nor was it this
	}
	return before, nil
}

// prove looks at a deal's folder as it was staged, before any of it is put in
// place: it holds the files that came through the door, and nothing else; and if
// the deal is sealed they open again, as a stranger's reader would open them.
func (w *writer) prove(d *dealOutput) error {
	found := 0
	root := filepath.Join(w.stage, "new")
	err := fs.WalkDir(staged(root), d.folder, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		f := d.files[name]
		if f == nil || f.state == 0 || !e.Type().IsRegular() || (f.state == Sealed) != (d.sealed != nil) {
			return fmt.Errorf("internal error: %s was staged and came through no door", name)
		}
		found++
		return nil
	})
	if err == nil && found != len(d.files) {
		err = fmt.Errorf("internal error: %d of %d files were staged", found, len(d.files))
	}
	if err == nil && d.sealed != nil {
		err = w.proveSealed(d, staged(filepath.Join(root, d.folder)))
	}
	return err
}

// staged is a folder of the stage as a file system: as os.DirFS, for less of the
// system's time.
type staged string

// Open as fs.FS has it.
func (s staged) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	f, err := os.OpenFile(filepath.Join(string(s), filepath.FromSlash(name)), os.O_RDONLY|nonblock, 0)
	if err != nil {
		return nil, err // a nil *os.File would be no nil fs.File
	}
	return f, nil
}

// proveSealed opens a sealed deal from its files alone.
func (w *writer) proveSealed(d *dealOutput, files fs.FS) error {
	page, err := fs.ReadFile(files, lockPage)
	if err != nil {
		return err
	}
	if h, is := w.output.lock.is(page); !is || h.Deal.Path() != d.folder {
		return fmt.Errorf("internal error: the page of %s is not the lock page", d.folder)
	}
	key, err := w.output.project.key.get()
	if err != nil {
		return err
	}
	opened, err := seal.UnlockWithKey(files, key, d.sealed.audiences...)
	if err != nil {
		return fmt.Errorf("internal error: what was sealed does not open: %w", err)
	}
	worker, err := fs.ReadFile(files, workerFile)
	if err != nil || !bytes.Equal(worker, w.output.lock.worker) {
		return fmt.Errorf("internal error: %s of %s is not the program's", workerFile, d.folder)
	}
	names := append(opened.Names(), workerFile)
	for i, name := range names {
		names[i] = d.folder + "/" + name
	}
	slices.Sort(names)
	if !slices.Equal(names, sortedKeys(d.files)) || len(opened.Entries) != d.sealed.pieces {
		return fmt.Errorf("internal error: %s holds other files than what was sealed: %s", d.folder, strings.Join(names, " "))
	}
	if err := opened.Verify(); err != nil {
		return fmt.Errorf("internal error: what was sealed does not open: %w", err)
	}
	return nil
}
