package build

import (
	"os"

	"golang.org/x/sys/unix"
)

// folder is one that is open.
type folder struct{ file *os.File }

// openFolder opens a folder, and no link to one.
func openFolder(path string) (folder, error) { return openAt(unix.AT_FDCWD, path) }

func openAt(parent int, name string) (folder, error) {
	fd, err := openIn(parent, name)
	if err != nil {
		return folder{}, err
	}
	return folder{os.NewFile(uintptr(fd), name)}, nil
}

// asFolder is what an open file is, as a folder of its own.
func asFolder(file *os.File) (folder, error) { return openAt(int(file.Fd()), ".") }

func (f folder) open(name string) (folder, error) { return openAt(int(f.file.Fd()), name) }

func (f folder) close() { _ = f.file.Close() } // opened for reading

func (f folder) stat(name string) (stats, bool) { return statIn(int(f.file.Fd()), name) }

func (f folder) own() (stats, bool) { return statOf(f.file) }

// list what lies in a folder.
func (f folder) list() ([]item, error) {
	names, err := f.file.Readdirnames(-1)
	entries := make([]item, len(names))
	for i, name := range names {
		entries[i].name = name
	}
	return entries, err
}
