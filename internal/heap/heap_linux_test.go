package heap_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	_ "github.com/yuin/goldmark/extension" // what this package must come before

	"portico/internal/heap"
)

// again runs this program with one test of it, since a heap begins but once.
func again(t *testing.T, test, variable string) string {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^"+test+"$", "-test.count=1")
	cmd.Env = append(os.Environ(), variable)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

func TestBeginsBeforeLibraries(t *testing.T) {
	trace := again(t, "", "GODEBUG=inittrace=1")
	ours := strings.Index(trace, "init portico/internal/heap ")
	for _, other := range []string{"os", "regexp", "github.com/yuin/goldmark/util", "github.com/yuin/goldmark/extension"} {
		if at := strings.Index(trace, "init "+other+" "); at < 0 || ours < 0 || at < ours {
			t.Errorf("%s is initialised at byte %d of the trace, this package at %d", other, at, ours)
		}
	}
}

func TestAsksForLargePages(t *testing.T) {
	if _, err := os.Stat("/sys/kernel/mm/transparent_hugepage"); err != nil {
		t.Skipf("this system has no large pages: %v", err)
	}
	if os.Getenv("PORTICO_TEST_HEAP") == "" {
		again(t, t.Name(), "PORTICO_TEST_HEAP=1")
		return
	}
	if some := make([]byte, 1<<20); !advised(t, uintptr(unsafe.Pointer(&some[0]))) {
		t.Error("the first megabytes do not lie where large pages were asked for")
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	heap.Grow()
	runtime.ReadMemStats(&after)
	if more := int64(after.HeapAlloc) - int64(before.HeapAlloc); more > 1<<20 || after.NumGC != before.NumGC {
		t.Errorf("growing took %d bytes and %d collections, want none", more, after.NumGC-before.NumGC)
	}
	large := make([]byte, 40<<20)
	for _, at := range []int{0, 20 << 20, len(large) - 1} {
		if !advised(t, uintptr(unsafe.Pointer(&large[at]))) {
			t.Errorf("byte %d of 40 MiB does not lie where large pages were asked for", at)
		}
	}
}

// advised tells whether the mapping that holds an address is marked "hg"
// (proc_pid_smaps(5), VmFlags).
func advised(t *testing.T, at uintptr) bool {
	t.Helper()
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	inside := false
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var from, to uintptr
		if n, _ := fmt.Sscanf(lines.Text(), "%x-%x ", &from, &to); n == 2 {
			inside = from <= at && at < to
		} else if flags, ok := strings.CutPrefix(lines.Text(), "VmFlags:"); ok && inside {
			return strings.Contains(flags+" ", " hg ")
		}
	}
	t.Fatalf("no mapping holds %x", at)
	return false
}
