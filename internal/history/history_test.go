package history

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What a history of some commits tells of the deals.
func TestRead(t *testing.T) {
	fern := "content/fern/deal.toml"
	oak := "content/oak/deal.toml"
	tests := []struct {
		name  string
		make  func(r repository)
		deals []string
		want  map[string]string
	}{
		{"each deal by its last commit", func(r repository) {
			r.commit("Ann", noon("2026-01-02"), fern, oak)
			r.commit("Ben", noon("2026-01-03"), "content/oak/notes/2026-01-03.md")
			r.commit("Cleo", noon("2026-01-04"), "portico.toml", "content/_library/soc2.pdf", "content/readme.md", "content/.hidden/x", "fern/deal.toml")
		}, []string{"fern", "oak"}, map[string]string{"fern": row("2026-01-02", "Ann"), "oak": row("2026-01-03", "Ben")}},

		{"only deals that are asked for", func(r repository) {
			r.commit("Ann", noon("2026-01-02"), fern, oak)
		}, []string{"oak"}, map[string]string{"oak": row("2026-01-02", "Ann")}},

		{"no deal at all", func(r repository) {
			r.commit("Ann", noon("2026-01-02"), fern)
		}, nil, map[string]string{}},

		{"a deal that no commit has", func(r repository) {
			r.commit("Ann", noon("2026-01-02"), fern)
			r.write(oak, "new")
		}, []string{"fern", "oak"}, map[string]string{"fern": row("2026-01-02", "Ann")}},

		{"a name that begins with another's", func(r repository) {
			r.commit("Ann", noon("2026-01-02"), fern)
			r.commit("Ben", noon("2026-01-03"), "content/fern-2/deal.toml")
		}, []string{"fern", "fern-2"}, map[string]string{"fern": row("2026-01-02", "Ann"), "fern-2": row("2026-01-03", "Ben")}},

		{"a deleted file is a change", func(r repository) {
			r.commit("Ann", noon("2026-01-02"), fern, "content/fern/notes/old.md")
			r.git("rm", "-q", "content/fern/notes/old.md")
			r.commit("Ben", noon("2026-01-03"))
		}, []string{"fern"}, map[string]string{"fern": row("2026-01-03", "Ben")}},

		{"a renamed folder is a change of the new deal", func(r repository) {
			r.commit("Ann", noon("2026-01-02"), fern, oak)
			r.git("mv", "content/fern", "content/fern-and-vale")
			r.commit("Ben", noon("2026-01-03"))
		}, []string{"fern-and-vale", "oak"}, map[string]string{"fern-and-vale": row("2026-01-03", "Ben"), "oak": row("2026-01-02", "Ann")}},

		{"a commit of nothing", func(r repository) {
			r.commit("Ann", noon("2026-01-02"), fern)
			r.commit("Ben", noon("2026-01-03"))
		}, []string{"fern"}, map[string]string{"fern": row("2026-01-02", "Ann")}},

		{"a clean merge is no change of its own", func(r repository) {
			r.commit("Ann", noon("2026-01-02"), fern, oak)
			r.git("checkout", "-q", "-b", "side")
			r.commit("Ben", noon("2026-01-03"), "content/fern/notes/a.md")
			r.git("checkout", "-q", "main")
			r.commit("Cleo", noon("2026-01-04"), oak)
			r.gitWith(by("Dan", noon("2026-01-05")), "merge", "-q", "--no-edit", "side")
		}, []string{"fern", "oak"}, map[string]string{"fern": row("2026-01-03", "Ben"), "oak": row("2026-01-04", "Cleo")}},

		{"a merge that decides between two is a change", func(r repository) {
			r.commit("Ann", noon("2026-01-02"), fern, oak)
			r.git("checkout", "-q", "-b", "side")
			r.commit("Ben", noon("2026-01-03"), fern)
			r.git("checkout", "-q", "main")
			r.commit("Cleo", noon("2026-01-04"), fern)
			r.git("merge", "-q", "-s", "ours", "--no-commit", "side")
			r.commit("Dan", noon("2026-01-05"), fern)
		}, []string{"fern", "oak"}, map[string]string{"fern": row("2026-01-05", "Dan"), "oak": row("2026-01-02", "Ann")}},

		{"a merge of three", func(r repository) {
			r.commit("Ann", noon("2026-01-02"), "readme.md")
			for i, id := range []string{"fern", "oak"} {
				r.git("checkout", "-q", "-b", id, "main")
				r.commit("Ben", noon([]string{"2026-01-03", "2026-01-04"}[i]), "content/"+id+"/deal.toml")
			}
			r.git("checkout", "-q", "main")
			r.commit("Cleo", noon("2026-01-05"), "content/elm/deal.toml")
			r.gitWith(by("Dan", noon("2026-01-06")), "merge", "-q", "--no-edit", "fern", "oak")
		}, []string{"elm", "fern", "oak"}, map[string]string{"elm": row("2026-01-05", "Cleo"), "fern": row("2026-01-03", "Ben"), "oak": row("2026-01-04", "Ben")}},

		{"a detached head", func(r repository) {
			r.commit("Ann", noon("2026-01-02"), fern)
			r.commit("Ben", noon("2026-01-03"), fern)
			r.git("checkout", "-q", "HEAD~1")
		}, []string{"fern"}, map[string]string{"fern": row("2026-01-02", "Ann")}},

		{"names that would be quoted", func(r repository) {
			r.commit("Ann", noon("2026-01-02"), fern, oak, "content/elm/deal.toml")
			r.commit("Ben", noon("2026-01-03"), "content/fern/collateral/Über uns (2).pdf", "content/oak/it's one.md", "content/elm/日本語.md")
		}, []string{"fern", "oak", "elm"}, map[string]string{"fern": row("2026-01-03", "Ben"), "oak": row("2026-01-03", "Ben"), "elm": row("2026-01-03", "Ben")}},

		{"authors of every kind", func(r repository) {
			r.commit("Zoë Ødegård-Ñandú", noon("2026-01-02"), "content/a/deal.toml")
			r.commit(`O'Neil "Max" $(id) %an %x00`, noon("2026-01-03"), "content/b/deal.toml")
			r.commit("/1999", noon("2026-01-04"), "content/c/deal.toml")
			r.commit("content/fern/x", noon("2026-01-05"), "content/d/deal.toml")
			r.commit("山田 太郎", noon("2026-01-06"), "content/e/deal.toml")
			r.commit("\x01 1", noon("2026-01-07"), "content/f/deal.toml")
		}, []string{"a", "b", "c", "d", "e", "f", "fern"}, map[string]string{
			"a": row("2026-01-02", "Zoë Ødegård-Ñandú"), "b": row("2026-01-03", `O'Neil "Max" $(id) %an %x00`),
			"c": row("2026-01-04", "/1999"), "d": row("2026-01-05", "content/fern/x"), "e": row("2026-01-06", "山田 太郎"), "f": row("2026-01-07", "1"),
		}},

		{"an author by the name committed, whatever .mailmap says", func(r repository) {
			r.write(".mailmap", "Somebody Else <nobody@fern.example>\n")
			r.commit("Ann", noon("2026-01-02"), fern)
		}, []string{"fern"}, map[string]string{"fern": row("2026-01-02", "Ann")}},

		{"the committer's time, in any zone", func(r repository) {
			r.commit("Ann", "2026-01-02T23:30:00-1000", fern)
			r.commit("Ben", "2026-01-03T12:00:00+1345", oak)
		}, []string{"fern", "oak"}, map[string]string{"fern": "2026-01-03T09:30:00Z Ann", "oak": "2026-01-02T22:15:00Z Ben"}},

		{"1970 and 2100", func(r repository) {
			r.commit("Ann", "@0 +0000", fern)
			r.commit("Ben", "@4102444800 +0000", oak)
		}, []string{"fern", "oak"}, map[string]string{"fern": "1970-01-01T00:00:00Z Ann", "oak": "2100-01-01T00:00:00Z Ben"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRepository(t)
			tt.make(r)
			expect(t, r.again(&shelf{}, tt.deals...), tt.want)
		})
	}
}

// Names that hold what ends a line or an entry elsewhere.
func TestReadControlCharacters(t *testing.T) {
	r := newRepository(t)
	if runtime.GOOS == "windows" {
		return // no such names there
	}
	r.commit("Ann", noon("2026-01-02"), "content/fern/deal.toml", "content/oak/deal.toml")
	r.commit("Ben", noon("2026-01-03"), "content/fern/\x011\x02", "content/fern/\x01/1999", "content/oak/two\nlines", "content/oak/\ncontent/elm/x")
	expect(t, r.look("fern", "oak", "elm"), map[string]string{"fern": row("2026-01-03", "Ben"), "oak": row("2026-01-03", "Ben")})
}

// A commit with a time that no calendar holds, made by hand, is passed over.
func TestReadImpossibleTimes(t *testing.T) {
	for _, stamp := range []string{"99999999999999 +0000", "253402300800 +0000", "18446744073709551615 +0000"} {
		t.Run(stamp, func(t *testing.T) {
			r := newRepository(t)
			r.commit("Ann", noon("2026-01-02"), "content/fern/deal.toml")
			r.commit("Ben", noon("2026-01-03"), "content/fern/deal.toml", "content/oak/deal.toml")
			r.write("commit", "tree "+r.git("rev-parse", "HEAD^{tree}")+"\nparent "+r.git("rev-parse", "HEAD~1")+"\nauthor Ben <b> "+stamp+"\ncommitter Ben <b> "+stamp+"\n\nx\n")
			r.git("reset", "-q", "--hard", r.git("hash-object", "-t", "commit", "-w", "--literally", "commit"))
			expect(t, r.again(&shelf{}, "fern", "oak"), map[string]string{"fern": row("2026-01-02", "Ann")})
		})
	}
}

// A site need not be the whole repository.
func TestReadSubdirectory(t *testing.T) {
	for _, dir := range []string{"plans", "sales/eu plans", "größe", "!odd", "^odd", ":odd", "[ab]*", "(top)"} {
		t.Run(dir, func(t *testing.T) {
			r := newRepository(t)
			if runtime.GOOS == "windows" && strings.ContainsAny(dir, ":*") {
				return // no such names there
			}
			r.commit("Ann", noon("2026-01-02"), dir+"/content/fern/deal.toml", dir+"/content/oak/deal.toml")
			r.commit("Ben", noon("2026-01-03"), "content/fern/deal.toml", "other/content/oak/deal.toml")
			site := r.sub(dir)
			site.write("content/oak/deal.toml", "changed")
			r.write("content/fern/deal.toml", "changed")
			h := site.look("fern", "oak")
			expect(t, h, map[string]string{"fern": row("2026-01-02", "Ann"), "oak": row("2026-01-02", "Ann")})
			if diff := cmp.Diff(map[string]bool{"oak": true}, h.Dirty); diff != "" {
				t.Errorf("changed (-want +got):\n%s", diff)
			}
		})
	}
}

// A folder's name may hold what ends a line.
func TestReadSubdirectoryWithNewline(t *testing.T) {
	r := newRepository(t)
	if runtime.GOOS == "windows" {
		return // no such names there
	}
	for _, dir := range []string{"two\nlines", "ends\n"} {
		r.commit("Ann", noon("2026-01-02"), dir+"/content/fern/deal.toml")
		expect(t, r.sub(dir).look("fern"), map[string]string{"fern": row("2026-01-02", "Ann")})
	}
}

// A site that is a link leads to where its files are.
func TestReadThroughLink(t *testing.T) {
	r := newRepository(t)
	r.commit("Ann", noon("2026-01-02"), "plans/content/fern/deal.toml")
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(filepath.Join(r.dir, "plans"), link); err != nil {
		t.Fatal(err)
	}
	expect(t, repository{t, link}.look("fern"), map[string]string{"fern": row("2026-01-02", "Ann")})
}

// A worktree has its own head and its own changes, that of a bare repository
// too.
func TestReadWorktree(t *testing.T) {
	for _, bare := range []bool{false, true} {
		r := newRepository(t)
		r.commit("Ann", noon("2026-01-02"), "content/fern/deal.toml")
		r.commit("Ben", noon("2026-01-03"), "content/fern/deal.toml")
		if bare {
			r.git("clone", "-q", "--bare", ".", "bare.git")
			r = r.sub("bare.git")
		}
		tree := repository{t, filepath.Join(t.TempDir(), "tree")}
		r.git("worktree", "add", "-q", "--detach", tree.dir, "HEAD~1")
		t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(tree.dir))
		tree.write("content/oak/deal.toml", "new")
		h := tree.look("fern", "oak")
		expect(t, h, map[string]string{"fern": row("2026-01-02", "Ann")})
		if diff := cmp.Diff(map[string]bool{"oak": true}, h.Dirty); diff != "" {
			t.Errorf("changed (-want +got):\n%s", diff)
		}
	}
}

// What is not committed, in all the ways in which it may not be.
func TestReadDirty(t *testing.T) {
	r := newRepository(t)
	r.write(".gitignore", "*.tmp\nsecret/\n")
	var all []string
	for _, id := range []string{"clean", "changed", "staged", "deleted", "moved", "added", "ignoring", "touched"} {
		all = append(all, "content/"+id+"/deal.toml")
	}
	r.commit("Ann", noon("2026-01-02"), append(all, "content/_library/library.toml")...)
	r.write("content/changed/deal.toml", "x")
	r.write("content/staged/deal.toml", "x")
	r.git("add", "content/staged")
	if err := os.Remove(filepath.Join(r.dir, "content/deleted/deal.toml")); err != nil {
		t.Fatal(err)
	}
	r.git("mv", "content/moved", "content/moved-here")
	r.write("content/added/notes/deep/größe \"1\".md", "x")
	r.write("content/ignoring/x.tmp", "x")
	r.write("content/secret/deal.toml", "x")
	r.write("content/untracked/deal.toml", "x")
	r.write("content/_library/new.pdf", "x")
	r.write("content/nested/deal.toml", "x")
	r.git("init", "-q", "content/nested") // a repository of its own
	r.write("content/touched/deal.toml", "Ann "+noon("2026-01-02")+"\n")
	want := map[string]bool{"changed": true, "staged": true, "deleted": true, "moved": true, "moved-here": true, "added": true, "untracked": true, "nested": true}
	h := r.look("clean", "changed", "untracked")
	if diff := cmp.Diff(want, h.Dirty); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	expect(t, h, map[string]string{"clean": row("2026-01-02", "Ann"), "changed": row("2026-01-02", "Ann")})
}

// Where there is no history, it says why.
func TestReadMissing(t *testing.T) {
	t.Run("no repository", func(t *testing.T) {
		r := outside(t)
		r.write("content/fern/deal.toml", "x")
		if diff := cmp.Diff(&History{Missing: "the folder is in no git repository"}, r.look("fern"), reported); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("no commit", func(t *testing.T) {
		r := newRepository(t)
		r.write("content/fern/deal.toml", "x")
		want := &History{Missing: "the repository has no commit yet", Deals: map[string]Change{}, Dirty: map[string]bool{"fern": true}}
		if diff := cmp.Diff(want, r.look("fern"), reported); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("no git", func(t *testing.T) {
		r := newRepository(t)
		r.commit("Ann", noon("2026-01-02"), "content/fern/deal.toml")
		t.Setenv("PATH", t.TempDir())
		if diff := cmp.Diff(&History{Missing: "the program git is not installed"}, r.look("fern"), reported); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("a broken configuration", func(t *testing.T) {
		r := newRepository(t)
		r.write(".git/config", "[core\n")
		if h := r.look("fern"); !strings.Contains(h.Missing, "bad config") {
			t.Errorf("it says %q", h.Missing)
		}
	})
	t.Run("no such folder", func(t *testing.T) {
		r := newRepository(t)
		if h := r.sub("nowhere").look("fern"); !strings.Contains(h.Missing, "nowhere") {
			t.Errorf("it says %q", h.Missing)
		}
	})
}

// A repository that is broken further down is an error, with git's own words.
func TestReadBroken(t *testing.T) {
	r := newRepository(t)
	r.commit("Ann", noon("2026-01-02"), "content/fern/deal.toml")
	r.commit("Ben", noon("2026-01-03"), "content/oak/deal.toml")
	hash := r.git("rev-parse", "HEAD~1^{tree}")
	if err := os.Remove(filepath.Join(r.dir, ".git/objects", hash[:2], hash[2:])); err != nil {
		t.Fatal(err)
	}
	h, err := Read(t.Context(), r.dir, []string{"fern", "oak"}, Store{Save: func([]byte) { t.Error("something was kept") }})
	if err == nil || !strings.HasPrefix(err.Error(), "git log: ") || !strings.Contains(err.Error(), hash) || h != nil {
		t.Errorf("it gives %v, %v", h, err)
	}
}

// A shallow clone says so: its oldest commit seems to have made everything.
func TestReadShallow(t *testing.T) {
	origin := newRepository(t)
	origin.commit("Ann", noon("2026-01-02"), "content/fern/deal.toml")
	origin.commit("Ben", noon("2026-01-03"), "content/oak/deal.toml")
	origin.commit("Cleo", noon("2026-01-04"), "content/elm/deal.toml")
	dir := filepath.Join(t.TempDir(), "clone")
	origin.git("clone", "-q", "--depth", "2", "file://"+origin.dir, dir)
	t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(dir))
	r, s := repository{t, dir}, &shelf{}
	h := r.again(s, "fern", "oak", "elm")
	expect(t, h, map[string]string{"fern": row("2026-01-03", "Ben"), "oak": row("2026-01-03", "Ben"), "elm": row("2026-01-04", "Cleo")})
	if !h.Shallow || s.saved != 0 {
		t.Errorf("shallow: %v; kept %d times", h.Shallow, s.saved)
	}
	// The rest of the history comes later.
	r.git("fetch", "-q", "--unshallow")
	h = r.again(s, "fern", "oak", "elm")
	expect(t, h, map[string]string{"fern": row("2026-01-02", "Ann"), "oak": row("2026-01-03", "Ben"), "elm": row("2026-01-04", "Cleo")})
	if h.Shallow || s.saved != 1 {
		t.Errorf("shallow: %v; kept %d times", h.Shallow, s.saved)
	}
}
