package main

import (
	"runtime"
	"runtime/debug"
)

// version of the program, from what the Go tool noted when it was built.
func version() string {
	v := "(development)"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v + " " + runtime.Version()
	}
	if info.Main.Version != "" && info.Main.Version != "(devel)" {
		v = info.Main.Version
	}
	return v + " " + info.GoVersion
}
