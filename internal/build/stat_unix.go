//go:build linux || darwin

package build

import (
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// canScan says whether stats tell every change of a file.
const canScan = true

func statOf(f *os.File) (stats, bool) {
	var s unix.Stat_t
	err := unix.Fstat(int(f.Fd()), &s)
	return made(&s), err == nil
}

// statIn is that of what lies in a folder, links not followed.
func statIn(folder int, name string) (stats, bool) {
	var s unix.Stat_t
	err := unix.Fstatat(folder, name, &s, unix.AT_SYMLINK_NOFOLLOW)
	return made(&s), err == nil
}

// statAt is that of what lies at a path.
func statAt(path string) (stats, bool) { return statIn(unix.AT_FDCWD, path) }

func made(s *unix.Stat_t) stats {
	var kind fs.FileMode
	switch s.Mode & unix.S_IFMT {
	case unix.S_IFREG:
	case unix.S_IFDIR:
		kind = fs.ModeDir
	case unix.S_IFLNK:
		kind = fs.ModeSymlink
	default:
		kind = fs.ModeIrregular
	}
	return stats{int64(s.Dev), int64(s.Ino), s.Size, int64(s.Mode), time.Unix(s.Mtim.Unix()), time.Unix(s.Ctim.Unix()), kind}
}

// openIn opens a folder that lies in another, or by its path, and no link to
// one.
func openIn(folder int, name string) (int, error) {
	fd, err := unix.Openat(folder, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, &os.PathError{Op: "openat", Path: name, Err: err}
	}
	return fd, nil
}
