//go:build linux || darwin || freebsd

package sqlite

import "golang.org/x/sys/unix"

// free is the room on the disk of a folder, -1 if it cannot be told.
func free(dir string) int64 {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return -1
	}
	return int64(s.Bavail) * int64(s.Bsize)
}
