package main

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// A second command in the same process must not take for usual what the first
// one set for as long as nothing was collected.
func TestHeapIsPreparedOnce(t *testing.T) {
	usual := debug.SetGCPercent(100)
	debug.SetGCPercent(usual)
	floor := prepareHeap()
	if prepareHeap() != floor {
		t.Fatal("the heap has two floors")
	}
	for range 200 {
		runtime.GC()
		now := debug.SetGCPercent(100)
		if debug.SetGCPercent(now); now == usual {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("after collections it still waits for more than %d %%", usual)
}
