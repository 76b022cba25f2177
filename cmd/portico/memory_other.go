//go:build !linux

package main

// prepareHeap returns the heap's floor; large pages cannot be asked for by
// address here.
func prepareHeap() []byte { return heapFloor() }
