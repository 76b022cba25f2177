//go:build !linux && !darwin && !freebsd

package sqlite

// free would be the room on the disk of a folder; here it cannot be told.
func free(string) int64 { return -1 }
