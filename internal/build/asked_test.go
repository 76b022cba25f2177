package build

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portico/internal/history"
	"portico/internal/need"
)

// A build that goes on from what git said to an earlier one takes the same deals
// for changed as one that asks.
func TestGitIsAskedWhereItsAnswerMayDiffer(t *testing.T) {
	if !canScan {
		t.Skip("this system keeps no time of change")
	}
	program := need.Program(t, "git")
	for name, do := range map[string]func(s *testSite, git func(args ...string)){
		"nothing":          func(*testSite, func(...string)) {},
		"a file":           func(s *testSite, _ func(...string)) { s.write("content/ash/index.md", "# Other\n") },
		"a file taken out": func(_ *testSite, git func(...string)) { git("rm", "-q", "--cached", "content/ash/deal.toml") },
		"a change staged, and the file as it was": func(s *testSite, git func(...string)) {
			text := s.read("content/ash/deal.toml")
			s.write("content/ash/deal.toml", text+"\n# more\n")
			git("add", "-A")
			s.write("content/ash/deal.toml", text)
		},
		"a commit of nothing":     func(_ *testSite, git func(...string)) { git("commit", "-q", "--allow-empty", "-m", "x") },
		"a commit taken back":     func(_ *testSite, git func(...string)) { git("reset", "-q", "--soft", "HEAD~1") },
		"the index read again":    func(_ *testSite, git func(...string)) { git("update-index", "--refresh", "--really-refresh") },
		"another branch":          func(_ *testSite, git func(...string)) { git("symbolic-ref", "HEAD", "refs/heads/first") },
		"attributes of the site":  func(s *testSite, _ func(...string)) { s.write(".gitattributes", "* text eol=crlf\n") },
		"excludes of the content": func(s *testSite, _ func(...string)) { s.write("content/.gitignore", "new.md\n") },
		"the user's excludes":     func(s *testSite, _ func(...string)) { writeHome(s, "git/ignore", "new.md\n") },
		"the user's settings":     func(s *testSite, _ func(...string)) { writeHome(s, "more", "[core]\nexcludesFile = /nowhere\n") },
		"a setting":               func(_ *testSite, git func(...string)) { git("config", "core.fileMode", "false") },
		"a deal removed":          func(s *testSite, _ func(...string)) { s.remove("content/beech") },
		"a commit in a repository within": func(s *testSite, git func(...string)) {
			git("-C", s.path("content/cedar/inner"), "commit", "-q", "--allow-empty", "-m", "x")
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := threeDeals(t)
			home := t.TempDir()
			for _, v := range []string{"HOME", "XDG_CONFIG_HOME"} {
				t.Setenv(v, home)
			}
			t.Setenv("GIT_CONFIG_GLOBAL", filepath.Join(home, "config"))
			writeHome(s, "config", "[include]\npath = more\n")
			who := []string{"GIT_AUTHOR_NAME=Mara", "GIT_AUTHOR_EMAIL=m@lumen.example", "GIT_COMMITTER_NAME=Mara", "GIT_COMMITTER_EMAIL=m@lumen.example"}
			git := func(args ...string) { s.git(program, who, args...) }
			s.commit(noon(), "Mara Lindqvist")
			git("branch", "first")
			s.write("content/beech/index.md", "# Ours\n")
			git("init", "-q", s.path("content/cedar/inner"))
			git("-C", s.path("content/cedar/inner"), "commit", "-q", "--allow-empty", "-m", "x")
			s.commit(noon().AddDate(0, 0, 1), "Daniel Okafor")
			s.write("content/beech/new.md", "# New\n")
			s.opts.Clear = true
			full := s.opts
			s.opts.KeyFile, s.opts.Program = filepath.Join(t.TempDir(), "key"), "the test"
			s.build() // makes folders beside what git reads
			s.settle()
			s.build()
			do(s, git)
			s.settle()
			got, gotErr := s.try("")
			s.opts = full
			want, wantErr := s.try(t.TempDir())
			if diff := cmp.Diff(outcome(want, wantErr), outcome(got, gotErr)); diff != "" {
				t.Errorf("the messages (-asked +gone on):\n%s", diff)
			}
			if diff := cmp.Diff(resultOf(want), resultOf(got)); diff != "" {
				t.Errorf("the result (-asked +gone on):\n%s", diff)
			}
		})
	}
}

// settle waits until no change can hide behind the last one.
func (s *testSite) settle() { time.Sleep(2 * clockStep) }

// writeHome puts a file of the user's.
func writeHome(s *testSite, name, text string) {
	s.t.Helper()
	file := filepath.Join(os.Getenv("XDG_CONFIG_HOME"), name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o600)); err != nil {
		s.t.Fatal(err)
	}
}

// As long as nothing changed git is not asked at all, and of one deal that did
// about that one.
func TestGitIsNotAskedAgain(t *testing.T) {
	if !canScan {
		t.Skip("this system keeps no time of change")
	}
	s := threeDeals(t)
	s.commit(noon(), "Mara Lindqvist")
	s.opts.Clear, s.opts.KeyFile, s.opts.Program = true, filepath.Join(t.TempDir(), "key"), "the test"
	s.build() // makes folders beside what git reads
	s.settle()
	s.build()
	p := s.load()
	h := p.askedBefore(t.Context(), history.Store{Load: func() []byte { return p.cache.get("history") }})
	if h == nil {
		t.Fatal("git is asked again")
	}
	for _, id := range p.IDs {
		e, err := p.examine(id)
		if err != nil {
			t.Fatal(err)
		}
		if d, known := h.of(id, e.stats); !known || d.Dirty {
			t.Errorf("of %s it is known: %v, dirty: %v", id, known, d.Dirty)
		}
		e.close()
	}
	s.write("content/ash/index.md", "# Other\n")
	e, err := p.examine("ash")
	if err != nil {
		t.Fatal(err)
	}
	defer e.close()
	if _, known := h.of("ash", e.stats); known {
		t.Error("git is not asked about a deal that changed")
	}
}

// A text that is saved while somebody looks at its deal is known to be another
// than git's without git, which is asked only about what cannot be told by that.
func TestGitIsNotAskedAboutASave(t *testing.T) {
	if !canScan {
		t.Skip("this system keeps no time of change")
	}
	s := threeDeals(t)
	s.commit(noon(), "Mara Lindqvist")
	s.opts.Clear, s.opts.Memory = true, NewMemory()
	look := func(id string) (fromFiles bool, err error) {
		p := s.load()
		defer p.Close() // which waits for git
		o, _, err := p.Output(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer o.Close()
		d := o.deal(id)
		return d.summary.FromFiles, d.err
	}
	s.settle()
	if _, err := look("ash"); err != nil {
		t.Fatal(err)
	}
	before, path := s.read("content/ash/deal.toml"), os.Getenv("PATH")
	t.Setenv("PATH", "")
	s.write("content/ash/deal.toml", before+"# more\n")
	if fromFiles, err := look("ash"); err != nil || !fromFiles {
		t.Errorf("after a save it is dated by its files: %v, %v", fromFiles, err)
	}
	s.write("content/beech/deal.toml", s.read("content/beech/deal.toml")+"# more\n")
	if _, err := look("beech"); err == nil {
		t.Error("git is not asked about a deal that nobody looked at")
	}
	t.Setenv("PATH", path)
	s.write("content/ash/deal.toml", before)
	if fromFiles, err := look("ash"); err != nil || fromFiles {
		t.Errorf("as it was committed it is dated by its files: %v, %v", fromFiles, err)
	}
	s.write("content/ash/.gitattributes", "*.toml -text\n")
	t.Setenv("PATH", "")
	s.write("content/ash/deal.toml", before+"# more\n")
	if _, err := look("ash"); err == nil {
		t.Error("git is not asked about a deal that has attributes of its own")
	}
}
