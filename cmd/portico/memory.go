package main

import (
	"os"
	"runtime/debug"
)

// tune trades memory for time: a build makes much that is soon forgotten.
func tune() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200)
	}
}
