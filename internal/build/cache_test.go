package build

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"portico/internal/need"
)

// commit everything in the site's folder, on a day and by somebody.
func (s *testSite) commit(when time.Time, who string) {
	s.t.Helper()
	program := need.Program(s.t, "git")
	if !s.exists(".git") {
		s.git(program, nil, "init", "-q", "-b", "main")
		s.write(".git/info/exclude", ".portico\npublic\n")
	}
	stamp := when.Format(time.RFC3339)
	env := []string{"GIT_AUTHOR_NAME=" + who, "GIT_AUTHOR_EMAIL=x@lumen.example", "GIT_COMMITTER_NAME=" + who, "GIT_COMMITTER_EMAIL=x@lumen.example", "GIT_AUTHOR_DATE=" + stamp, "GIT_COMMITTER_DATE=" + stamp}
	s.git(program, nil, "add", "-A")
	s.git(program, env, "commit", "-q", "--allow-empty", "-m", "A change")
}

// git with none of this machine's settings.
func (s *testSite) git(program string, env []string, args ...string) {
	s.t.Helper()
	// A commit would start a process that looks whether there is something to tidy.
	cmd := exec.Command(program, append([]string{"-C", s.dir, "-c", "maintenance.auto=false"}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	cmd.Env = append(cmd.Env, env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// committed is a site with a history, whose builds show when each deal was
// last changed.
func committed(t *testing.T) *testSite {
	t.Helper()
	s := threeDeals(t)
	s.commit(time.Date(2026, 11, 3, 23, 30, 0, 0, time.UTC), "Mara Lindqvist")
	s.write("content/beech/index.md", "A change.\n")
	s.commit(time.Date(2026, 11, 9, 8, 0, 0, 0, time.UTC), "Daniel Okafor")
	s.opts.AsOf = 0
	return s
}

func cached(t *testing.T) *testSite {
	t.Helper()
	s := committed(t)
	s.opts.KeyFile = filepath.Join(t.TempDir(), "keys", "cache.key")
	return s
}

func TestCacheGivesNothingAway(t *testing.T) {
	s := cached(t)
	s.build()
	kept := treeOf(t, s.path(".portico/cache"))
	if len(kept) == 0 {
		t.Fatal("nothing was kept")
	}
	for name, n := range kept {
		if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(name) {
			t.Errorf("an entry is called %q", name)
		}
		for _, canary := range []string{"history", "ash", "beech", "Mara", "deals", "head", "2026"} {
			if strings.Contains(n.data, canary) || strings.Contains(name, hex.EncodeToString([]byte(canary))) {
				t.Errorf("%s holds %q", name, canary)
			}
		}
		if mode := n.info.Mode().Perm(); mode&0o077 != 0 {
			t.Errorf("%s has mode %s", name, mode)
		}
	}
	key, err := os.Stat(s.opts.KeyFile)
	if err != nil || key.Mode().Perm() != 0o600 || key.Size() != 32 {
		t.Errorf("the key is %v, %v", key, err)
	}
	folder, err := os.Stat(filepath.Dir(s.opts.KeyFile))
	if err != nil || folder.Mode().Perm() != 0o700 {
		t.Errorf("its folder is %v, %v", folder, err)
	}
}

// Two machines name and write an entry in two ways.
func TestCacheIsOfOneMachine(t *testing.T) {
	dir := t.TempDir()
	a, err := openCache(dir, filepath.Join(t.TempDir(), "key"), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b, err := openCache(dir, filepath.Join(t.TempDir(), "key"), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a.put("history", []byte("of a"))
	if got := b.get("history"); got != nil {
		t.Errorf("the other machine reads %q", got)
	}
	b.put("history", []byte("of b"))
	if got := a.get("history"); string(got) != "of a" {
		t.Errorf("the first machine reads %q", got)
	}
	if a.path("history") == b.path("history") {
		t.Error("both call it the same")
	}
}

func TestCacheEntry(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	tests := []struct {
		name  string
		spoil func(t *testing.T, c *cache, file string)
		want  string
	}{
		{"whole", func(*testing.T, *cache, string) {}, "kept"},
		{"kept by an earlier run", func(t *testing.T, c *cache, _ string) {
			t.Helper()
			again, err := openCache(c.dir, key, rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			c.seal, c.names = again.seal, again.names
		}, "kept"},
		{"gone", func(t *testing.T, _ *cache, file string) { t.Helper(); spoil(t, file, nil) }, ""},
		{"empty", func(t *testing.T, _ *cache, file string) {
			t.Helper()
			spoil(t, file, func([]byte) []byte { return []byte{} })
		}, ""},
		{"cut off", func(t *testing.T, _ *cache, file string) {
			t.Helper()
			spoil(t, file, func(d []byte) []byte { return d[:len(d)-1] })
		}, ""},
		{"longer", func(t *testing.T, _ *cache, file string) {
			t.Helper()
			spoil(t, file, func(d []byte) []byte { return append(d, 0) })
		}, ""},
		{"with a bit of its nonce turned", func(t *testing.T, _ *cache, file string) {
			t.Helper()
			spoil(t, file, func(d []byte) []byte { d[0] ^= 1; return d })
		}, ""},
		{"with its last bit turned", func(t *testing.T, _ *cache, file string) {
			t.Helper()
			spoil(t, file, func(d []byte) []byte { d[len(d)-1] ^= 1; return d })
		}, ""},
		{"in the place of another", func(t *testing.T, c *cache, file string) {
			t.Helper()
			c.put("other", []byte("not this"))
			if err := os.Rename(c.path("other"), file); err != nil {
				t.Fatal(err)
			}
		}, ""},
		{"a folder", func(t *testing.T, _ *cache, file string) {
			t.Helper()
			spoil(t, file, nil)
			if err := os.Mkdir(file, 0o755); err != nil {
				t.Fatal(err)
			}
		}, ""},
		{"somebody else's", func(t *testing.T, _ *cache, file string) {
			t.Helper()
			spoil(t, file, func([]byte) []byte { return []byte(`{"head":"0000","deals":{}}`) })
		}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, err := openCache(t.TempDir(), key, rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			c.put("history", []byte("kept"))
			test.spoil(t, c, c.path("history"))
			if got := c.get("history"); string(got) != test.want {
				t.Errorf("it holds %q, not %q", got, test.want)
			}
		})
	}
}

// spoil a file; without a way to it is removed.
func spoil(t *testing.T, file string, how func([]byte) []byte) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(file); err != nil || how == nil {
		return
	}
	if err := os.WriteFile(file, how(data), 0o600); err != nil {
		t.Fatal(err)
	}
}

// What lies in the cache, or doesn't, changes nothing of what is built.
func TestCacheChangesNothing(t *testing.T) {
	plain := committed(t)
	plain.build()
	want := plain.public().content()
	for name, spoilt := range map[string]func(s *testSite){
		"no entry yet":  func(*testSite) {},
		"a whole entry": func(s *testSite) { s.build() },
		"a corrupt entry": func(s *testSite) {
			s.build()
			for name := range treeOf(s.t, s.path(".portico/cache")) {
				s.write(".portico/cache/"+name, "nonsense")
			}
		},
		"an older entry": func(s *testSite) {
			s.write("content/beech/index.md", "Before.\n")
			s.commit(time.Date(2026, 11, 5, 8, 0, 0, 0, time.UTC), "Daniel Okafor")
			s.build()
			s.write("content/beech/index.md", "A change.\n")
			s.commit(time.Date(2026, 11, 9, 8, 0, 0, 0, time.UTC), "Daniel Okafor")
		},
		"a folder that is a file": func(s *testSite) { s.write(".portico/cache", "a file") },
		"a key of a wrong length": func(s *testSite) {
			place(s.t, filepath.Dir(s.opts.KeyFile), []string{filepath.Base(s.opts.KeyFile)}, "short")
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := cached(t)
			spoilt(s)
			s.build()
			if diff := cmp.Diff(want, s.public().content()); diff != "" {
				t.Error(diff)
			}
			s.build()
			if diff := cmp.Diff(want, s.public().content()); diff != "" {
				t.Errorf("the next time: %s", diff)
			}
		})
	}
}

// Without a place for the key there is no cache, which costs time and nothing
// else.
func TestNoPlaceForTheKey(t *testing.T) {
	for name, set := range map[string]func(t *testing.T, s *testSite){
		"none": func(_ *testing.T, s *testSite) { s.opts.KeyFile = "" },
		"a folder that is a file": func(t *testing.T, s *testSite) {
			t.Helper()
			file := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(file, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			s.opts.KeyFile = filepath.Join(file, "cache.key")
		},
		"a key that is a folder": func(t *testing.T, s *testSite) { t.Helper(); s.opts.KeyFile = t.TempDir() },
		"no random bytes":        func(_ *testing.T, s *testSite) { s.opts.Random = keyless{} },
	} {
		t.Run(name, func(t *testing.T) {
			s := cached(t)
			set(t, s)
			s.build()
			if s.exists(".portico/cache") {
				t.Error("something was kept")
			}
		})
	}
}

// keyless has random bytes for the name of a stage, and too few for a key.
type keyless struct{}

func (keyless) Read(p []byte) (int, error) {
	if len(p) > 8 {
		return 0, io.ErrUnexpectedEOF
	}
	return rand.Read(p)
}

func TestStageNeedsAName(t *testing.T) {
	s := threeDeals(t)
	s.opts.Random = iotest.ErrReader(io.ErrUnexpectedEOF)
	if _, err := s.try(""); err == nil || !strings.Contains(err.Error(), "naming the stage") {
		t.Errorf("the error is %v", err)
	}
}

func TestReplaceFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "x")
	for _, data := range [][]byte{[]byte("first"), []byte("second"), nil} {
		if err := replaceFile(name, data, 0o640); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(name)
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("it holds %q, %v", got, err)
		}
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o640 {
			t.Errorf("it is %v, %v", info, err)
		}
	}
	if diff := cmp.Diff([]string{"x"}, treeOf(t, dir).names()); diff != "" {
		t.Error(diff)
	}
	if err := replaceFile(filepath.Join(dir, "no", "x"), nil, 0o600); err == nil {
		t.Error("a folder that is not there is no error")
	}
}

// A machine that is made anew reads what the last one kept under the team's key,
// and nothing that was kept under another.
func TestCacheUnderAKey(t *testing.T) {
	dir := t.TempDir()
	open := func(key byte) *cache {
		c, err := cacheUnder(bytes.Repeat([]byte{key}, 32), dir, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	open(1).put("x", []byte("kept"))
	if got := open(1).get("x"); string(got) != "kept" {
		t.Errorf("%q", got)
	}
	if got := open(2).get("x"); got != nil {
		t.Errorf("%q", got)
	}
}
