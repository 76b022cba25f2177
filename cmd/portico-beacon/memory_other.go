//go:build !linux

package main

// giveBack what starting took of the program's own file, where the system tells.
func giveBack() {}
