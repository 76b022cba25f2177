package main

import (
	"bufio"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// giveBack what starting took of the program's own file. What it comes to use
// again comes into memory again; the rest, which can only be read, the system
// would find in the file, and need not count as in use.
func giveBack() {
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return // it stays a little larger
	}
	defer maps.Close() // opened for reading
	own, err := os.Executable()
	if err != nil {
		return // likewise
	}
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		from, size, ok := readOnlyPart(lines.Text(), own)
		if ok {
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, from, size, unix.MADV_DONTNEED) // likewise
		}
	}
}

// readOnlyPart of a file in memory, by a line of /proc/self/maps (proc(5)): its
// address and size in bytes. What can be written to is none of it: that would be
// as it was at the start.
func readOnlyPart(line, file string) (from, size uintptr, ok bool) {
	fields := strings.Fields(line)
	if len(fields) != 6 || fields[5] != file || len(fields[1]) != 4 || fields[1][1] != '-' {
		return 0, 0, false
	}
	begin, end, _ := strings.Cut(fields[0], "-")
	a, err1 := strconv.ParseUint(begin, 16, 64)
	b, err2 := strconv.ParseUint(end, 16, 64)
	return uintptr(a), uintptr(b - a), err1 == nil && err2 == nil && a < b
}
