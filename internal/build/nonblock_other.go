//go:build !unix

package build

// nonblock is not needed where pipes are no files.
const nonblock = 0
