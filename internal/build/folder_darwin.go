package build

import (
	"os"

	"golang.org/x/sys/unix"
)

// dirHandle is one that is open.
type dirHandle struct{ file *os.File }

// openFolder opens a folder, and no link to one.
func openFolder(path string) (dirHandle, error) { return openAt(unix.AT_FDCWD, path) }

func openAt(parent int, name string) (dirHandle, error) {
	fd, err := openIn(parent, name)
	if err != nil {
		return dirHandle{}, err
	}
	return dirHandle{os.NewFile(uintptr(fd), name)}, nil
}

// asFolder is what an open file is, as a folder of its own.
func asFolder(file *os.File) (dirHandle, error) { return openAt(int(file.Fd()), ".") }

func (f dirHandle) open(name string) (dirHandle, error) { return openAt(int(f.file.Fd()), name) }

func (f dirHandle) close() { _ = f.file.Close() } // opened for reading

func (f dirHandle) stat(name string) (stats, bool) { return statIn(int(f.file.Fd()), name) }

func (f dirHandle) own() (stats, bool) { return statOf(f.file) }

// tells is false: whether folders' times tell of what lies in them was not tried
// here.
func (dirHandle) tells() bool { return false }

// list what lies in a folder.
func (f dirHandle) list() ([]item, error) {
	names, err := f.file.Readdirnames(-1)
	entries := make([]item, len(names))
	for i, name := range names {
		entries[i].name = name
	}
	return entries, err
}
