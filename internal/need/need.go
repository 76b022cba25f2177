// Package need says what a test needs of a machine: a browser, Node, Java. On
// a bare machine such a test skips and says so; where PORTICO_TEST_ALL is 1, as
// `make test` sets it after installing everything, it fails instead.
package need

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// All says whether nothing may be skipped.
func All() bool { return os.Getenv("PORTICO_TEST_ALL") == "1" }

// Program finds one of some programs, or ends the test.
func Program(t testing.TB, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	missing(t, names[0]+" is not installed")
	return ""
}

// Chromium finds the browser, or ends the test. The one without a window of its
// own comes first: it is the same engine, and takes a third of the time to start.
func Chromium(t testing.TB) string {
	t.Helper()
	return Program(t, "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
}

// Tool finds a file of the npm test tools, which `make tools` installs below
// .ci/, or ends the test.
func Tool(t testing.TB, path string) string {
	t.Helper()
	file := filepath.Join(Root(t), ".ci", "node_modules", filepath.FromSlash(path))
	if _, err := os.Stat(file); err != nil {
		missing(t, path+" is not installed: run `make tools`")
	}
	return file
}

// Files finds those of a system's package by a pattern, or ends the test.
func Files(t testing.TB, pkg, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		missing(t, "nothing of the package "+pkg+" is installed: run `make tools`")
	}
	return files
}

// Font ends the test where a font is not installed.
func Font(t testing.TB, family string) {
	t.Helper()
	out, err := exec.Command(Program(t, "fc-list"), ":family="+family, "family").Output()
	if err != nil || len(out) == 0 {
		missing(t, "the font "+family+" is not installed")
	}
}

// Root is the repository's folder.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("there is no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}

func missing(t testing.TB, why string) {
	t.Helper()
	if All() {
		t.Fatalf("%s, and PORTICO_TEST_ALL=1 lets nothing be skipped", why)
	}
	skip(t, why)
}

// skip a test and say so. `go test` keeps what a passing package prints to
// itself, so the line goes to the standard error of the go command, where that
// can be had.
func skip(t testing.TB, why string) {
	t.Helper()
	if runtime.GOOS == "linux" && !testing.Verbose() {
		if f, err := os.OpenFile(fmt.Sprintf("/proc/%d/fd/2", os.Getppid()), os.O_WRONLY|os.O_APPEND, 0); err == nil {
			_, _ = fmt.Fprintf(f, "skipped %s: %s\n", t.Name(), why) // nobody may be listening
			_ = f.Close()
		}
	}
	t.Skip(why)
}

// Long says whether the long runs of `make nightly` are wanted.
func Long() bool { return os.Getenv("PORTICO_TEST_LONG") == "1" }

// Turn says whether one of many variations takes part in this run: all of them
// in `make nightly`, otherwise each n-th. A test that varies several things
// adds up their numbers, so that each of them meets some of all the others.
func Turn(variation, n int) bool { return Long() || variation%n == 0 }
