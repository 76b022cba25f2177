package main

import (
	"runtime"
	"runtime/debug"

	"golang.org/x/sys/unix"
)

// largeBytes is what of the heap may lie in large pages: nearly all that a build
// of a thousand deals takes.
const largeBytes = 64 << 20

// prepareHeap returns the heap's floor. It has the system back the rest by pages
// of 2 MiB, where it leaves that to programs: a build touches its memory once
// and ends, and would spend much of its time on faults of pages of 4 KiB. The
// advice holds for addresses, whatever the heap puts there later. Nothing is
// written here, so that nothing is taken before it is needed.
func prepareHeap() []byte {
	percent := debug.SetGCPercent(-1)
	floor := heapFloor()
	_ = unix.Madvise(floor, unix.MADV_HUGEPAGE)                    // its last page may be the next one's first
	_ = unix.Madvise(make([]byte, largeBytes), unix.MADV_HUGEPAGE) // pages are small, then
	runtime.GC()                                                   // or all of it would count as in use
	debug.SetGCPercent(percent)
	return floor
}
