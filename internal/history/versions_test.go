package history

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// versions of the deals' files, as the function that tells them says; what was
// kept on the shelf is continued.
func (r repository) versions(s *shelf) Versions {
	r.t.Helper()
	read := func(text []byte) (string, bool) {
		told := strings.TrimSpace(string(text))
		return told, told != "broken"
	}
	fresh, err := ReadVersions(context.Background(), r.dir, read, Store{})
	if err != nil {
		r.t.Fatal(err)
	}
	kept, err := ReadVersions(context.Background(), r.dir, read, s.store())
	if err != nil {
		r.t.Fatal(err)
	}
	if diff := cmp.Diff(fresh, kept); diff != "" {
		r.t.Errorf("what was kept makes a difference:\n%s", diff)
	}
	return fresh
}

// state commits one version of a deal's file.
func (r repository) state(id, text string) {
	r.t.Helper()
	_ = os.Remove(r.dir + "/content/" + id + "/deal.toml") // a link, say; else it is written over
	r.write("content/"+id+"/deal.toml", text+"\n")
	r.commit("Ann", noon("2026-01-02"))
}

func TestVersions(t *testing.T) {
	tests := []struct {
		name string
		make func(r repository)
		want Versions
	}{
		{"one after the other", func(r repository) {
			r.state("fern", "a")
			r.state("oak", "x")
			r.state("fern", "b")
		}, Versions{"fern": {"a", "b"}, "oak": {"x"}}},
		{"what comes back stands there again, what stays does not", func(r repository) {
			r.state("fern", "a")
			r.state("fern", "a\n")
			r.state("fern", "b")
			r.state("fern", "a")
		}, Versions{"fern": {"a", "b", "a"}}},
		{"what tells nothing is passed over", func(r repository) {
			r.state("fern", "a")
			r.state("fern", "broken")
			r.state("fern", "b")
		}, Versions{"fern": {"a", "b"}}},
		{"other files, other folders", func(r repository) {
			r.commit("Ann", noon("2026-01-02"), "content/fern/notes/deal.toml", "content/_library/deal.toml", "content/deal.toml", "fern/deal.toml", "content/fern/deal.toml.bak")
		}, Versions{}},
		{"the states of a branch are not published, its merge is", func(r repository) {
			r.state("fern", "a")
			r.git("checkout", "-q", "-b", "side")
			r.state("fern", "draft")
			r.state("fern", "b")
			r.git("checkout", "-q", "main")
			r.state("oak", "x")
			r.git("merge", "-q", "--no-edit", "side")
		}, Versions{"fern": {"a", "b"}, "oak": {"x"}}},
		{"two branches that knew nothing of each other", func(r repository) {
			r.state("fern", "with priya")
			r.git("checkout", "-q", "-b", "side")
			r.state("oak", "x")
			r.git("checkout", "-q", "main")
			r.state("fern", "without")
			r.git("merge", "-q", "--no-edit", "side")
		}, Versions{"fern": {"with priya", "without"}, "oak": {"x"}}},
		{"a deal that went and came back", func(r repository) {
			r.state("fern", "a")
			r.git("rm", "-q", "-r", "content/fern")
			r.commit("Ben", noon("2026-01-03"))
			r.state("fern", "b")
		}, Versions{"fern": {"a", "b"}}},
		{"a link in the file's place", func(r repository) {
			r.state("fern", "a")
			r.git("rm", "-q", "content/fern/deal.toml")
			r.write("content/fern/x", "x")
			if err := os.Symlink("x", r.dir+"/content/fern/deal.toml"); err != nil {
				r.t.Fatal(err)
			}
			r.commit("Ben", noon("2026-01-03"))
		}, Versions{"fern": {"a"}}},
		{"a file that nobody wrote by hand", func(r repository) {
			r.state("fern", "a")
			r.state("fern", strings.Repeat("x", maxBlob+1))
			r.state("fern", "b")
		}, Versions{"fern": {"a", "b"}}},
		{"names that would be quoted", func(r repository) {
			r.state("Über uns", "a")
		}, Versions{"Über uns": {"a"}}},
		{"no commit", func(repository) {}, Versions{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, s := newRepository(t), &shelf{}
			test.make(r)
			if diff := cmp.Diff(test.want, r.versions(s)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			r.state("fern", "one more")
			list := r.versions(s)["fern"]
			if len(list) == 0 || list[len(list)-1] != "one more" {
				t.Errorf("the newest is missing: %q", list)
			}
		})
	}
}

// A history that was rewritten is not continued from where it was, and neither
// is one whose main line another branch has become.
func TestVersionsOfAnotherLine(t *testing.T) {
	r, s := newRepository(t), &shelf{}
	r.state("fern", "a")
	r.git("checkout", "-q", "-b", "side")
	r.state("fern", "draft")
	r.git("checkout", "-q", "main")
	r.state("oak", "x")
	r.versions(s)
	r.git("checkout", "-q", "side")
	r.git("merge", "-q", "--no-edit", "main")
	r.git("branch", "-f", "main")
	r.git("checkout", "-q", "main")
	if diff := cmp.Diff(Versions{"fern": {"a", "draft"}, "oak": {"x"}}, r.versions(s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	r.git("reset", "-q", "--hard", "HEAD~1")
	r.state("fern", "c")
	if diff := cmp.Diff(Versions{"fern": {"a", "draft", "c"}}, r.versions(s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestVersionsOutside(t *testing.T) {
	if v := outside(t).versions(&shelf{}); len(v) > 0 {
		t.Errorf("%v", v)
	}
}
