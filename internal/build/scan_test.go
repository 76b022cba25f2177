package build

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"math"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// seen is a scan of a folder by its path.
func seen(t *testing.T, dir string) scan {
	t.Helper()
	s := scanOpen(os.Open(dir))
	if canScan && !s.whole {
		t.Fatalf("%s cannot be scanned", dir)
	}
	return s
}

// Whatever is done to a folder shows in its scan, the time of a file set back
// to what it was included.
func TestScanTellsEveryChange(t *testing.T) {
	if !canScan {
		t.Skip("this system keeps no time of change")
	}
	old := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	tests := map[string]func(dir string) error{
		"another content of the same size and time": func(dir string) error {
			name := filepath.Join(dir, "a", "x")
			if err := os.WriteFile(name, []byte("two"), 0o644); err != nil {
				return err
			}
			return os.Chtimes(name, old, old)
		},
		"another file of the same size and time in its place": func(dir string) error {
			name := filepath.Join(dir, "new")
			if err := os.WriteFile(name, []byte("two"), 0o644); err != nil {
				return err
			}
			if err := os.Chtimes(name, old, old); err != nil {
				return err
			}
			return os.Rename(name, filepath.Join(dir, "a", "x"))
		},
		"a file gone":                func(dir string) error { return os.Remove(filepath.Join(dir, "a", "x")) },
		"a file in another folder":   func(dir string) error { return os.Rename(filepath.Join(dir, "a", "x"), filepath.Join(dir, "x")) },
		"a folder by another name":   func(dir string) error { return os.Rename(filepath.Join(dir, "a"), filepath.Join(dir, "b")) },
		"an empty folder":            func(dir string) error { return os.Mkdir(filepath.Join(dir, "b"), 0o755) },
		"a hidden file":              func(dir string) error { return os.WriteFile(filepath.Join(dir, ".x"), nil, 0o644) },
		"a link":                     func(dir string) error { return os.Symlink("a/x", filepath.Join(dir, "y")) },
		"a file that cannot be read": func(dir string) error { return os.Chmod(filepath.Join(dir, "a", "x"), 0o000) },
	}
	for name, do := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "a", "x")
			if err := os.Mkdir(filepath.Join(dir, "a"), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte("one"), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(file, old, old); err != nil {
				t.Fatal(err)
			}
			before := seen(t, dir)
			if again := seen(t, dir); again.sum != before.sum {
				t.Fatal("two scans of one folder differ")
			}
			for !before.still(clockIn(t.TempDir())) { // a later change must be able to show
				time.Sleep(clockStep)
			}
			if err := do(dir); err != nil {
				t.Fatal(err)
			}
			after := seen(t, dir)
			if after.sum == before.sum {
				t.Error("it does not show")
			}
			if s := rescan(above(t, dir), filepath.Base(dir), before.shape); s.sum != after.sum || s.whole != after.whole {
				t.Error("it does not show to whoever knows what lay there")
			}
		})
	}
}

// above is the folder that another lies in.
func above(t *testing.T, dir string) dirHandle {
	t.Helper()
	f, err := openFolder(filepath.Dir(dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.close)
	return f
}

// A folder whose shape is known is scanned without a list of it, to the same
// end.
func TestScanByShape(t *testing.T) {
	if !canScan {
		t.Skip("this system keeps no time of change")
	}
	dir := t.TempDir()
	for _, name := range []string{"a/x", "a/b/c/y", "z"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	s, f := seen(t, dir), above(t, dir)
	if f.tells() != (s.shape.Names != "") {
		t.Fatalf("the file system tells: %v, the shape is %q", f.tells(), s.shape.Names)
	}
	if !f.tells() {
		return
	}
	if want := "da\x00da/b\x00da/b/c\x00fa/b/c/y\x00fa/x\x00dempty\x00fz\x00"; s.shape.Names != want {
		t.Errorf("the shape is %q, not %q", s.shape.Names, want)
	}
	again, ok := scanKnown(f, filepath.Base(dir), s.shape)
	if !ok || again != s {
		t.Errorf("by its shape (%v) it is %+v, not %+v", ok, again, s)
	}
	if err := os.Mkdir(filepath.Join(dir, "a", ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	if s := seen(t, dir); s.shape != (shape{}) || !s.nested {
		t.Error("a folder with a repository in it was given a shape")
	}
	if _, ok := scanKnown(f, filepath.Base(dir), shape{}); ok {
		t.Error("a folder was scanned by no shape")
	}
}

// What was changed a moment ago could change again without a trace, so that
// nothing is kept of it.
func TestScanThatIsNotSettled(t *testing.T) {
	if !canScan {
		t.Skip("this system keeps no time of change")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s := seen(t, dir)
	for _, test := range []struct {
		after time.Duration
		want  bool
	}{{-time.Hour, false}, {0, false}, {time.Millisecond, true}} {
		if got := s.steady(s.settled.Add(test.after)); got != test.want {
			t.Errorf("%s after it was settled it is %v", test.after, got)
		}
	}
	if s.steady(time.Time{}) {
		t.Error("it is steady where there is no clock")
	}
	whole := stats{modified: time.Unix(100, 0), changed: time.Unix(100, 5)}
	if got := whole.settled(); !got.Equal(time.Unix(102, 0)) {
		t.Errorf("a time of whole seconds is settled at %s", got)
	}
}

func TestScanOfNoFolder(t *testing.T) {
	if s := scanFolder(openFolder(filepath.Join(t.TempDir(), "gone"))); s.whole || s.steady(time.Now()) {
		t.Error("a folder that is not there was scanned")
	}
	dir := t.TempDir()
	if err := os.Symlink(t.TempDir(), filepath.Join(dir, "link")); err != nil {
		t.Skip(err)
	}
	if s := scanFolder(openFolder(filepath.Join(dir, "link"))); s.whole {
		t.Error("a link was followed")
	}
}

// Entries are looked at once a day, and after a run that kept much.
func TestTidy(t *testing.T) {
	c, err := openCache(t.TempDir(), filepath.Join(t.TempDir(), "key"), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for _, step := range []struct {
		name  string
		after time.Duration
		grown int64
		kept  bool
	}{
		{"the first time", 0, 0, false},
		{"soon after", time.Hour, 0, true},
		{"after a run that kept much", time.Hour, maxCacheBytes, false},
		{"a day later", usedEvery + time.Minute, 0, false},
	} {
		c.grown.Store(0)
		c.put("old", nil)
		if err := os.Chtimes(c.path("old"), now.Add(-2*maxCacheAge), now.Add(-2*maxCacheAge)); err != nil {
			t.Fatal(err)
		}
		c.grown.Add(step.grown)
		c.tidy(now.Add(step.after))
		if _, err := os.Stat(c.path("old")); (err == nil) != step.kept {
			t.Errorf("%s: %v", step.name, err)
		}
	}
}

func TestPrune(t *testing.T) {
	c, err := openCache(t.TempDir(), filepath.Join(t.TempDir(), "key"), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for name, age := range map[string]time.Duration{"used": time.Hour, "old": maxCacheAge + time.Hour, "read again": maxCacheAge - time.Hour} {
		c.put(name, []byte(name))
		if err := os.Chtimes(c.path(name), now.Add(-age), now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	torn := filepath.Join(c.dir, newPrefix+"1")
	if err := os.WriteFile(torn, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(torn, now.Add(-2*usedEvery), now.Add(-2*usedEvery)); err != nil {
		t.Fatal(err)
	}
	if string(c.get("read again")) != "read again" {
		t.Fatal("it cannot be read")
	}
	c.prune(now)
	c.prune(now.Add(2 * time.Hour))
	for name, want := range map[string]bool{"used": true, "old": false, "read again": true} {
		if got := c.get(name) != nil; got != want {
			t.Errorf("%s is kept: %v", name, got)
		}
	}
	if _, err := os.Stat(torn); err == nil {
		t.Error("what an interrupted run left is still there")
	}
}

// TestSummer: a sum is that of all parts, each behind its length, however many
// of them are held at a time.
func TestSummer(t *testing.T) {
	r := mathrand.New(mathrand.NewPCG(1, 2))
	for range 300 {
		var all []byte
		take := func(n int) { all = binary.LittleEndian.AppendUint64(all, uint64(n)) }
		s := newSum("test")
		take(len("test"))
		all = append(all, "test"...)
		for range r.IntN(40) {
			part := make([]byte, r.IntN([]int{10, 100, heldBytes, 4 * heldBytes}[r.IntN(4)]))
			for i := range part {
				part[i] = byte(r.Uint32())
			}
			switch r.IntN(3) {
			case 0:
				s.bytes(part)
				take(len(part))
				all = append(all, part...)
			case 1:
				s.text(string(part), "more")
				take(len(part))
				all = append(all, part...)
				take(len("more"))
				all = append(all, "more"...)
			default:
				s.number(int64(len(part)), -1)
				take(16)
				take(len(part))
				all = binary.LittleEndian.AppendUint64(all, math.MaxUint64)
			}
		}
		if got, want := s.sum(), sum(sha256.Sum256(all)); got != want {
			t.Fatalf("the sum of %d bytes is %x, not %x", len(all), got, want)
		}
	}
}
