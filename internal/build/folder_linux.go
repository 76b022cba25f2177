package build

import (
	"bytes"
	"encoding/binary"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// dirHandle is one that is open, as the system numbers it: a scan goes through
// thousands, and an os.File would be asked of the system for more than that.
type dirHandle int

// openFolder opens a folder, and no link to one.
func openFolder(path string) (dirHandle, error) {
	fd, err := openIn(unix.AT_FDCWD, path)
	return dirHandle(fd), err
}

// asFolder is what an open file is, as a folder of its own.
func asFolder(file *os.File) (dirHandle, error) { return dirHandle(file.Fd()).open(".") }

func (f dirHandle) open(name string) (dirHandle, error) {
	fd, err := openIn(int(f), name)
	return dirHandle(fd), err
}

func (f dirHandle) close() { _ = unix.Close(int(f)) } // opened for reading

func (f dirHandle) stat(name string) (stats, bool) { return statIn(int(f), name) }

func (f dirHandle) own() (stats, bool) {
	var s unix.Stat_t
	err := unix.Fstat(int(f), &s)
	return made(&s), err == nil
}

// tells says whether the folder lies on a file system whose folders' times
// change with what is put into them, at once and by a clock of its own.
func (f dirHandle) tells() bool {
	var s unix.Statfs_t
	if unix.Fstatfs(int(f), &s) != nil {
		return false
	}
	switch int64(s.Type) {
	case unix.EXT4_SUPER_MAGIC, unix.XFS_SUPER_MAGIC, unix.BTRFS_SUPER_MAGIC, unix.F2FS_SUPER_MAGIC, unix.TMPFS_MAGIC, unix.OVERLAYFS_SUPER_MAGIC:
		return true
	}
	return false
}

// list what lies in a folder. What the system says of an entry's kind is taken
// for folders alone, since they are opened as such.
func (f dirHandle) list() ([]item, error) {
	var entries []item
	var buffer [4096]byte
	for {
		n, err := unix.Getdents(int(f), buffer[:])
		if err != nil || n <= 0 {
			return entries, err
		}
		for rest := buffer[:n]; len(rest) > 0; {
			length := binary.NativeEndian.Uint16(rest[unsafe.Offsetof(unix.Dirent{}.Reclen):])
			kind := rest[unsafe.Offsetof(unix.Dirent{}.Type)]
			name := rest[unsafe.Offsetof(unix.Dirent{}.Name):length]
			if name := string(name[:bytes.IndexByte(name, 0)]); name != "." && name != ".." {
				entries = append(entries, item{name, kind == unix.DT_DIR})
			}
			rest = rest[length:]
		}
	}
}
