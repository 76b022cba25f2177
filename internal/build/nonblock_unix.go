//go:build unix

package build

import "syscall"

// nonblock keeps the opening of a pipe from waiting for its other end. Where
// there is no pipe it saves calls of the system: without it package os puts every
// file that it opens into that state and, the file being no pipe, back again.
const nonblock = syscall.O_NONBLOCK
