package watch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"portico/internal/need"
)

// testPatience bounds how long a test waits for what has to come.
const testPatience = 30 * time.Second

// site is a small site that is watched.
type site struct {
	t       *testing.T
	dir     string
	watcher *Watcher
	warned  chan error
}

func newSite(t *testing.T, poll bool) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir(), warned: make(chan error, 10)}
	s.write("portico.toml", "x")
	s.write("content/ash/deal.toml", "x")
	s.write("content/ash/pages/more.md", "x")
	s.write("layouts/deal.html", "x")
	s.watch(poll)
	return s
}

func (s *site) watch(poll bool) {
	s.t.Helper()
	w, err := Start(s.dir, poll, func(err error) { s.warned <- err })
	if err != nil {
		s.t.Fatal(err)
	}
	s.watcher = w
	s.t.Cleanup(w.Close)
}

func (s *site) path(name string) string { return filepath.Join(s.dir, filepath.FromSlash(name)) }

func (s *site) write(name, text string) {
	s.t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(s.path(name)), 0o755), os.WriteFile(s.path(name), []byte(text), 0o644)); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// wants waits until all of some paths were told.
func (s *site) wants(paths ...string) {
	s.t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), testPatience)
	defer stop()
	missing := slices.Clone(paths)
	for len(missing) > 0 {
		got, err := s.watcher.Next(ctx)
		if err != nil {
			s.t.Fatalf("%q was never told of", missing)
		}
		missing = slices.DeleteFunc(missing, func(p string) bool {
			return slices.Contains(got, p) || slices.Contains(got, Everything)
		})
	}
}

// Whatever is done to files is told, in both ways to watch.
func TestChanges(t *testing.T) {
	for _, poll := range []bool{false, true} {
		t.Run(fmt.Sprintf("polling %t", poll), func(t *testing.T) {
			t.Parallel()
			s := newSite(t, poll)
			s.write("content/ash/deal.toml", "written")
			s.wants("content/ash/deal.toml")
			s.write("portico.toml", "written")
			s.wants("portico.toml")
			// As editors save that write a file beside it first.
			s.write("content/ash/deal.toml.new", "renamed over")
			s.must(os.Rename(s.path("content/ash/deal.toml.new"), s.path("content/ash/deal.toml")))
			s.wants("content/ash/deal.toml")
			// And those that move the old one away first.
			s.must(os.Rename(s.path("content/ash/deal.toml"), s.path("content/ash/deal.toml~")))
			s.write("content/ash/deal.toml", "made anew")
			s.wants("content/ash/deal.toml")
			s.must(os.Remove(s.path("content/ash/pages/more.md")))
			s.wants("content/ash/pages/more.md")
			// A folder that was not there, with folders in it.
			s.write("assets/fonts/deep/a.css", "new")
			s.wants("assets/fonts/deep/a.css")
			s.write("assets/fonts/deep/a.css", "written again")
			s.wants("assets/fonts/deep/a.css")
			// A deal under another name, whose files are then told by it.
			s.must(os.Rename(s.path("content/ash"), s.path("content/elm")))
			s.wants("content/ash", "content/elm", "content/elm/deal.toml")
			s.write("content/elm/deal.toml", "written under its new name")
			s.wants("content/elm/deal.toml")
			// And one that is deleted and made again.
			s.must(os.RemoveAll(s.path("content/elm")))
			s.wants("content/elm")
			s.write("content/elm/pages/more.md", "back")
			s.wants("content/elm/pages/more.md")
			s.write("content/elm/pages/more.md", "written again")
			s.wants("content/elm/pages/more.md")
			select {
			case err := <-s.warned:
				t.Error(err)
			default:
			}
		})
	}
}

// Folders that are made as fast as they can be lose no file.
func TestNewFoldersLoseNothing(t *testing.T) {
	s := newSite(t, false)
	var paths []string
	for i := range 100 {
		name := fmt.Sprintf("content/deal-%d/pages/deep/more.md", i)
		s.write(name, "new")
		paths = append(paths, name)
	}
	s.wants(paths...)
}

// What no page is made of is not told.
func TestOthersAreNotTold(t *testing.T) {
	s := newSite(t, false)
	for _, name := range []string{"public/ash/index.html", ".portico/cache/x", "node_modules/x.css", "content/ash/.deal.toml.swp", "content/ash/.git/x", "README.md", "content/ash/deal.toml~"} {
		s.write(name, "x")
	}
	s.must(os.Chmod(s.path("content/ash/deal.toml"), 0o600))
	s.write("layouts/deal.html", "last")
	ctx, stop := context.WithTimeout(context.Background(), testPatience)
	defer stop()
	got, err := s.watcher.Next(ctx)
	if err != nil || !slices.Equal(got, []string{"layouts/deal.html"}) {
		t.Errorf("%q, %v", got, err)
	}
}

func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=Mara", "-c", "user.email=mara@lumen.example", "-c", "gc.auto=0"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// A commit is told wherever git keeps its files, and to ask git for the state
// of things is no change.
func TestCommits(t *testing.T) {
	need.Program(t, "git")
	top := t.TempDir()
	git(t, top, "init", "-q")
	s := &site{t: t, dir: filepath.Join(top, "sites", "plans"), warned: make(chan error, 10)}
	s.write("content/ash/deal.toml", "x")
	s.watch(false)
	git(t, top, "add", ".")
	git(t, top, "commit", "-qm", "one")
	s.wants(Commits)
	git(t, top, "checkout", "-qb", "mara/plan")
	s.wants(Commits)
	git(t, top, "commit", "-qm", "two", "--allow-empty")
	s.wants(Commits)
	git(t, top, "status")
	git(t, top, "update-index", "--refresh")
	s.write("content/ash/deal.toml", "y")
	s.wants("content/ash/deal.toml")

	// A further working tree has a HEAD of its own and shares the branches.
	git(t, top, "worktree", "add", "-q", filepath.Join(top, "..", "further"), "-b", "further")
	further := &site{t: t, dir: filepath.Join(top, "..", "further", "sites", "plans"), warned: s.warned}
	further.watch(false)
	git(t, further.dir, "commit", "-qm", "three", "--allow-empty")
	further.wants(Commits)
}

// A repository that is made while the site is watched counts from then on.
func TestGitInit(t *testing.T) {
	need.Program(t, "git")
	s := newSite(t, false)
	git(t, s.dir, "init", "-q")
	s.wants(Commits)
	git(t, s.dir, "add", ".")
	git(t, s.dir, "commit", "-qm", "one")
	s.wants(Commits)
}

// While git holds its lock nothing is told.
func TestLock(t *testing.T) {
	s := newSite(t, false)
	s.must(os.MkdirAll(s.path(".git/refs/heads"), 0o755))
	s.wants(Commits)
	s.write(".git/index.lock", "")
	s.write("content/ash/deal.toml", "half")
	deadline := time.Now().Add(testPatience)
	for {
		s.watcher.mu.Lock()
		n := len(s.watcher.paths)
		s.watcher.mu.Unlock()
		if n > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the change was never heard of")
		}
		time.Sleep(time.Millisecond)
	}
	if got, wait := s.watcher.take(); got != nil || wait > abandoned {
		t.Errorf("%q is told under the lock; wait %v", got, wait)
	}
	s.must(os.Remove(s.path(".git/index.lock")))
	s.wants("content/ash/deal.toml")
}

// Where the system watches no more folders, at the start or later, files are
// polled, and the warning says so and what to do.
func TestWatchLimit(t *testing.T) {
	for _, limit := range []int{0, 5} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			t.Parallel()
			s := &site{t: t, dir: t.TempDir(), warned: make(chan error, 10)}
			s.write("content/ash/deal.toml", "x")
			ctx, stop := context.WithCancel(context.Background())
			dir, err := filepath.EvalSymlinks(s.dir)
			s.must(err)
			s.watcher = &Watcher{dir: dir, warn: func(err error) { s.warned <- err }, stop: stop, wake: make(chan struct{}, 1)}
			t.Cleanup(s.watcher.Close)
			err = s.watcher.notify(ctx, func() (*notifier, error) { return limited(limit) })
			if limit == 0 {
				if err == nil {
					t.Fatal("there is no error")
				}
				s.watcher.warn(err)
				s.watcher.poll(ctx)
			}
			for i := range 10 {
				s.write(fmt.Sprintf("content/deal-%d/deal.toml", i), "x")
			}
			select {
			case err := <-s.warned:
				if text := err.Error(); !strings.Contains(text, "again and again") || !strings.Contains(text, "hint: sudo sysctl fs.inotify.max_user_watches=") {
					t.Errorf("the warning is %q", text)
				}
			case <-time.After(testPatience):
				t.Fatal("nobody is warned")
			}
			s.wants("content/deal-9/deal.toml")
			s.write("content/deal-9/deal.toml", "written later")
			s.wants("content/deal-9/deal.toml")
		})
	}
}

// limited is a notifier of a system that watches only so many folders.
func limited(limit int) (*notifier, error) {
	n, err := systemNotifier()
	if err != nil {
		return nil, err
	}
	n.add = func(dir string) error {
		if len(n.dirs) >= limit {
			return syscall.ENOSPC
		}
		return n.system.Add(dir)
	}
	return n, nil
}

// Events that were lost are made up for.
func TestOverflow(t *testing.T) {
	s := newSite(t, false)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	n, err := systemNotifier()
	s.must(err)
	n.Watcher = s.watcher
	s.must(n.everything())
	before := len(n.dirs)
	// Behind its back a folder comes and another goes.
	s.write("content/elm/deal.toml", "x")
	s.must(os.RemoveAll(s.path("content/ash/pages")))
	s.must(n.everything())
	if !n.dirs[filepath.Join(s.watcher.dir, "content", "elm")] || n.dirs[filepath.Join(s.watcher.dir, "content", "ash", "pages")] || len(n.dirs) != before {
		t.Errorf("%d folders are watched: %v", len(n.dirs), n.dirs)
	}
	stop()
	s.must(n.listen(ctx))
	s.must(n.system.Close())
}
