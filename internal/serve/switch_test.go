package serve_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"portico/internal/need"
)

// git is run in the folder of a site.
func (s *live) git(args ...string) {
	s.t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=Mara", "-c", "user.email=mara@lumen.example", "-c", "gc.auto=0"}, args...)...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// watches of this process, as the system counts them.
func watches(t *testing.T) int {
	t.Helper()
	n := 0
	names, err := filepath.Glob("/proc/self/fdinfo/*")
	if err != nil || len(names) == 0 {
		t.Skip("watches can be counted on Linux alone")
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err == nil { // it may be closed by now
			n += bytes.Count(data, []byte("inotify wd:"))
		}
	}
	return n
}

// folders that are watched: those of the source and of git.
func (s *live) folders() int {
	s.t.Helper()
	n := 2 // the site's own and .git
	for _, top := range []string{"content", "layouts", "assets", "themes", ".git/refs"} {
		err := filepath.WalkDir(filepath.Join(s.dir, top), func(_ string, d os.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				n++
			}
			return nil
		})
		if err != nil {
			s.t.Fatal(err)
		}
	}
	return n
}

// Between two branches that differ in 2,000 files, in folders that come and
// go, a page shows what its branch holds, and no watch is left behind.
func TestSwitchingBranches(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a while")
	}
	need.Program(t, "git")
	files := ashAndBeech()
	s := &live{t: t, dir: t.TempDir()}
	for name, text := range files {
		s.write(name, text)
	}
	s.git("init", "-q", "-b", "one")
	fill := func(branch string) {
		for i := range 100 {
			id := fmt.Sprintf("deal-%s-%d", branch, i%50)
			if i < 50 {
				id = fmt.Sprintf("deal-%d", i)
			}
			s.write("content/"+id+"/deal.toml", strings.Replace(files["content/ash/deal.toml"], "What it gains", "What it gains on "+branch, 1))
			for p := range 13 {
				s.write(fmt.Sprintf("content/%s/pages/page-%d.md", id, p), fmt.Sprintf("# Page %d of %s\n", p, branch))
			}
		}
		s.git("add", ".")
		s.git("commit", "-qm", branch)
	}
	fill("one")
	s.git("checkout", "-qb", "two")
	s.remove("content")
	for name, text := range files {
		s.write(name, text)
	}
	fill("two")
	out, err := exec.Command("git", "-C", s.dir, "diff", "--name-only", "--no-renames", "one", "two").Output()
	if n := bytes.Count(out, []byte("\n")); err != nil || n < 2000 {
		t.Fatalf("the branches differ in %d files: %v", n, err)
	}
	s.start()
	v := s.view("/deal-7/")
	v.wants("mistakes", fine)
	rounds := 3
	if need.Long() {
		rounds = 100
	}
	branch := "two"
	for range rounds {
		branch = map[string]string{"one": "two", "two": "one"}[branch]
		s.git("checkout", "-q", branch)
		began := time.Now()
		s.until("/deal-7/", "What it gains on "+branch)
		s.until("/deal-"+branch+"-7/pages/page-3.html", "Page 3 of "+branch)
		t.Logf("%s is shown %v after git has ended", branch, time.Since(began).Round(time.Millisecond))
		v.wants("reload", "")
		for end := time.Now().Add(soon); watches(t) != s.folders(); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d watches for %d folders", watches(t), s.folders())
			}
		}
		other := map[string]string{"one": "two", "two": "one"}[branch]
		if _, status := s.get("/deal-" + other + "-7/"); status != 404 {
			t.Errorf("a deal of the other branch: %d", status)
		}
	}
	v.quiet()
}
