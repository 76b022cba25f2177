package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
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

// program tells this build of the program from any other: two of one version
// may differ while it is being worked on. It is empty where that cannot be told,
// as when the file was replaced since the program was started.
func program() string {
	file, err := os.Executable()
	if err != nil {
		return ""
	}
	info, err := os.Stat(file)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s %s %d %d", version(), file, info.Size(), info.ModTime().UnixNano())
}

// programByContent does the same where each machine compiles the program anew,
// and the same source makes the same bytes with another time.
func programByContent() string {
	name, err := os.Executable()
	if err != nil {
		return ""
	}
	f, err := os.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close() // opened for reading
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return ""
	}
	return fmt.Sprintf("%s %x", version(), h.Sum(nil))
}
