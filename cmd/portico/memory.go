package main

import (
	"runtime"
	"runtime/debug"
	"strings"

	"portico/internal/heap"
)

const (
	// floorBytes are counted as part of the heap and never touched.
	floorBytes = 20 << 20
	// firstPercent lets the heap grow to 40 MiB, the floor included, before the
	// first collection, which looks at the floor for the first time: until then
	// Go waits for as many hundredths of 4 MiB.
	firstPercent = 1000
)

// prepareHeap returns the heap's floor. It has the collector of garbage wait
// until a run has made that much, for as long as it is held: most of what is
// made is soon forgotten, and of the few megabytes that are in use at a time a
// run of a thousand deals would collect a hundred times.
func prepareHeap() *strings.Builder {
	heap.Grow()
	floor := new(strings.Builder)
	if percent := debug.SetGCPercent(firstPercent); percent < 0 {
		debug.SetGCPercent(percent) // whoever runs this wants no collection at all
	} else {
		runtime.AddCleanup(new([64]byte), func(usual int) { debug.SetGCPercent(usual) }, percent)
	}
	floor.Grow(floorBytes) // a slice would be of zeros, and so touched
	return floor
}
