//go:build !linux

package main

import "runtime/debug"

// giveBack what starting took: it may be long until somebody comes.
func giveBack() { debug.FreeOSMemory() }
