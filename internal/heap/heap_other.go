//go:build !linux

// Package heap has Go's heap lie in large pages on Linux, and does nothing
// elsewhere: they cannot be asked for by address.
package heap

// Grow does nothing.
func Grow() {}
