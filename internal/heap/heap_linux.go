// Package heap has Go's heap lie in large pages, where the system leaves that
// to programs: a command touches its memory once and ends, and would spend much
// of its time on faults of pages of 4 KiB.
//
// It begins when the program is initialised, and imports so little that it comes
// before what fills tables and compiles patterns then: packages are initialised
// in the order of their import paths, once all that they import is.
//
// Go grows its heap once something does not fit, and can only be advised of what
// it has. So a stack grows first and returns: its memory is the heap's, but does
// not count as its use, nothing of it is touched, and nothing is collected for
// it. The heap keeps its addresses, so that the advice holds for what comes to
// lie there.
package heap

import (
	"iter"
	"syscall"
	"unsafe"
)

const (
	largePage = 2 << 20
	// grown is what the heap grows by, in whole multiples, and is aligned to
	// (pallocChunkBytes of Go's runtime).
	grown = 4 << 20
	// more is nearly all that a build of a thousand deals takes.
	more = 64 << 20
	// Stacks double, so theirs are just below.
	someStack = grown - grown/64
	moreStack = more - more/64

	// collapse has the system move what lies in small pages to a large one, and
	// is refused before Linux 6.1 (MADV_COLLAPSE of madvise(2)).
	collapse = 25
)

var _ = begin()

// begin asks for large pages for the first megabytes, which every command takes
// before its first line, and moves what lies in small ones already.
func begin() struct{} {
	grow(someStack)
	at := here()
	advise(at&^(grown-1), 2*grown)
	_, _, _ = syscall.RawSyscall(syscall.SYS_MADVISE, at&^(largePage-1), largePage, collapse)
	return struct{}{}
}

// Grow asks for large pages for 64 MiB more, for a command that does more than
// print. What cannot be had stays as it is.
func Grow() {
	grow(moreStack)
	advise(here()&^(grown-1), 2*grown+more)
}

// grow returns once the heap has had room for a stack of n bytes.
func grow(n int) {
	next, _ := iter.Pull(func(func(struct{}) bool) {
		if n > someStack {
			useMore()
			return
		}
		useSome()
	})
	next() // what ran on it is done, and its stack free, when it returns
}

// here is where the heap puts what is made now. What was not used before mostly
// lies behind it, since the heap fills its gaps from below.
func here() uintptr { return uintptr(unsafe.Pointer(new([64]byte))) }

func advise(at, size uintptr) {
	_, _, _ = syscall.RawSyscall(syscall.SYS_MADVISE, at, size, syscall.MADV_HUGEPAGE)
}

// useSome and useMore need stacks of someStack and moreStack bytes, and write to
// none of it.
func useSome()
func useMore()
