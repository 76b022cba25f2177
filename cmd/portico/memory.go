package main

import (
	"runtime"
	"runtime/debug"
	"strings"
	"sync"

	"portico/internal/heap"
)

const (
	// floorBytes are counted as part of the heap and never touched.
	floorBytes = 28 << 20
	// firstPercent lets the heap grow to 52 MiB, the floor included, before the
	// first collection, which looks at the floor for the first time: until then
	// Go waits for as many hundredths of 4 MiB.
	firstPercent = 1200
)

// prepareHeap makes the heap ready for a command that opens a site, once however
// often it is called, and returns its floor. That has the collector of garbage
// wait until a run has made that much: most of what is made is soon forgotten,
// and of the few megabytes that are in use at a time a run of a thousand deals
// would collect a hundred times.
var prepareHeap = sync.OnceValue(func() *strings.Builder {
	heap.Grow()
	if usual := debug.SetGCPercent(firstPercent); usual < 0 {
		debug.SetGCPercent(usual) // whoever runs this wants no collection at all
	} else {
		// What nothing holds is gone after the first collection.
		runtime.AddCleanup(new([64]byte), func(usual int) { debug.SetGCPercent(usual) }, usual)
	}
	floor := new(strings.Builder)
	floor.Grow(floorBytes) // a slice would be of zeros, and so touched
	return floor
})
