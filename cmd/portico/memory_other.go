//go:build !linux

package main

// largePages does nothing where they cannot be asked for by address.
func largePages() {}
