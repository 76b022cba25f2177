package history

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"portico/internal/need"
)

// reported is what a History says, without how it came to it.
var reported = cmpopts.IgnoreUnexported(History{})

// repository is a git repository in a folder of the test's own.
type repository struct {
	t   *testing.T
	dir string
}

// newRepository makes an empty one. git sees no configuration but that of the
// test.
func newRepository(t *testing.T) repository {
	t.Helper()
	r := outside(t)
	r.git("init", "-q", "-b", "main", "--template=")
	return r
}

// outside is an empty folder in no repository.
func outside(t *testing.T) repository {
	t.Helper()
	need.Program(t, "git")
	home := t.TempDir()
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "GIT_") {
			t.Setenv(name, "")
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", home)
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	t.Setenv("GIT_CONFIG_GLOBAL", filepath.Join(home, "gitconfig"))
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(dir))
	return repository{t, dir}
}

// git runs the program and gives what it prints.
func (r repository) git(args ...string) string {
	r.t.Helper()
	return r.gitWith(nil, args...)
}

func (r repository) gitWith(env []string, args ...string) string {
	r.t.Helper()
	// A commit would start a process that looks whether there is something to tidy.
	cmd := exec.Command("git", append([]string{"-c", "maintenance.auto=false"}, args...)...)
	cmd.Dir = r.dir
	cmd.Env = append(append(os.Environ(), "GIT_AUTHOR_NAME=Nobody", "GIT_AUTHOR_EMAIL=nobody@fern.example", "GIT_COMMITTER_NAME=Nobody", "GIT_COMMITTER_EMAIL=nobody@fern.example"), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// write puts a file that holds its own name and something else.
func (r repository) write(name, text string) {
	r.t.Helper()
	file := filepath.Join(r.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// commit writes files, each with something new in it, and commits all that
// there is.
func (r repository) commit(author, date string, files ...string) {
	r.t.Helper()
	for _, name := range files {
		r.write(name, author+" "+date+"\n")
	}
	r.git("add", "-A")
	r.gitWith(by(author, date), "commit", "-q", "--allow-empty", "-m", "changes")
}

// by is who commits, and when.
func by(author, date string) []string {
	return []string{"GIT_AUTHOR_NAME=" + author, "GIT_AUTHOR_DATE=2001-02-03T04:05:06Z", "GIT_COMMITTER_DATE=" + date}
}

// noon of a day.
func noon(day string) string { return day + "T12:00:00Z" }

// row is a Change in words.
func row(day, author string) string { return noon(day) + " " + author }

// look reads the history without a cache.
func (r repository) look(deals ...string) *History {
	r.t.Helper()
	h, err := Read(r.t.Context(), r.dir, deals, Store{})
	if err != nil {
		r.t.Fatal(err)
	}
	return h
}

func rows(h *History) map[string]string {
	m := map[string]string{}
	for id, c := range h.Deals {
		m[id] = c.Time.Format(time.RFC3339) + " " + c.Author
	}
	return m
}

// expect compares dates and authors.
func expect(t *testing.T, h *History, want map[string]string) {
	t.Helper()
	if h.Missing != "" {
		t.Errorf("there is no history: %s", h.Missing)
	}
	if diff := cmp.Diff(want, rows(h)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// shelf is a Store in memory that counts.
type shelf struct {
	data  []byte
	saved int
}

func (s *shelf) store() Store {
	return Store{Load: func() []byte { return s.data }, Save: func(data []byte) { s.data = data; s.saved++ }}
}

// again reads with a shelf, and holds what comes out against a reading
// without one.
func (r repository) again(s *shelf, deals ...string) *History {
	r.t.Helper()
	h, err := Read(r.t.Context(), r.dir, deals, s.store())
	if err != nil {
		r.t.Fatal(err)
	}
	if diff := cmp.Diff(r.look(deals...), h, reported); diff != "" {
		r.t.Errorf("without a cache and with one (-without +with):\n%s", diff)
	}
	return h
}

// sub is the same repository, looked at from a folder within.
func (r repository) sub(dir string) repository {
	return repository{r.t, filepath.Join(r.dir, filepath.FromSlash(dir))}
}

// A cancelled reading ends with an error, never with half a history.
func TestReadCancelled(t *testing.T) {
	r := newRepository(t)
	r.commit("Ann", noon("2026-01-02"), "content/fern/deal.toml")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h, err := Read(ctx, r.dir, []string{"fern"}, Store{Save: func([]byte) { t.Error("something was kept") }})
	if !errors.Is(err, context.Canceled) || h != nil {
		t.Errorf("it gives %v, %v", h, err)
	}
}
