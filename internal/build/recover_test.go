package build

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// interrupted is a site whose second build has come as far as its journal. Of
// its deals one changed, one is gone and one is new; so is the look.
type interrupted struct {
	*testSite
	target *target
	stage  string
	journal
}

func interrupt(t *testing.T, exchange func(a, b string) error) *interrupted {
	t.Helper()
	s := threeDeals(t)
	s.build()
	nextVersion(s)
	o := s.output()
	target, err := o.target("")
	if err != nil {
		t.Fatal(err)
	}
	target.exchange = exchange
	w, err := o.newWriter(target)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.make(t.Context()); err != nil {
		t.Fatal(err)
	}
	j, err := target.begin(w.stage, w.plan)
	if err != nil {
		t.Fatal(err)
	}
	return &interrupted{s, target, w.stage, j}
}

func nextVersion(s *testSite) {
	s.t.Helper()
	s.write("content/ash/index.md", "A change.\n")
	s.remove("content/ash/pages")
	s.remove("content/cedar")
	s.write("content/dogwood/deal.toml", planOf("Buyer dogwood", ""))
	s.write("assets/theme.css", "body { margin: 7px }\n")
	s.write("public/stale.txt", "stale")
}

// versions are what public/ holds before and after the second build.
func versions(t *testing.T) (before, after map[string]string) {
	t.Helper()
	s := threeDeals(t)
	s.build()
	before = s.public().content()
	nextVersion(s)
	s.build()
	return before, s.public().content()
}

// step n ops of the journal, or fewer where it has no more.
func (x *interrupted) step(n int) {
	x.t.Helper()
	for _, o := range x.Ops[:min(n, len(x.Ops))] {
		if err := x.target.step(x.stage, o); err != nil {
			x.t.Fatal(err)
		}
	}
}

// recover as the next run does.
func (x *interrupted) recover() {
	x.t.Helper()
	if err := x.target.recover(); err != nil {
		x.t.Fatal(err)
	}
}

func (x *interrupted) check(want map[string]string) {
	x.t.Helper()
	if diff := cmp.Diff(want, x.public().content()); diff != "" {
		x.t.Error(diff)
	}
	if x.exists(".portico/journal.json") || len(treeOf(x.t, x.path(".portico/stage"))) > 0 {
		x.t.Error("the journal or a stage is left")
	}
}

// A commit that ends after any of its steps leaves every deal in one version,
// with the shared files that its pages name; the next run finishes it.
func TestRecoverAfterEveryStep(t *testing.T) {
	before, after := versions(t)
	ways := map[string]func(a, b string) error{"exchange": exchange, "no exchange": nil}
	for way, exchange := range ways {
		n := len(interrupt(t, exchange).Ops)
		if n < 6 {
			t.Fatalf("the journal has %d steps; this test is about more", n)
		}
		for k := range n + 1 {
			t.Run(fmt.Sprintf("%s/%d of %d", way, k, n), func(t *testing.T) {
				x := interrupt(t, exchange)
				x.step(k)
				whole(t, x.public(), before, after)
				if k%2 == 1 {
					x.step(k) // a second run that was interrupted where the first was
					whole(t, x.public(), before, after)
				}
				x.recover()
				x.check(after)
				x.build()
				x.check(after)
			})
		}
	}
}

// whole wants every deal's folder as it was before or as it is after, and every
// shared file that its pages name to be there.
func whole(t *testing.T, public tree, before, after map[string]string) {
	t.Helper()
	content := public.content()
	for _, id := range []string{"ash", "beech", "cedar", "dogwood"} {
		is := part(content, id)
		if cmp.Equal(is, part(before, id)) || cmp.Equal(is, part(after, id)) {
			continue
		}
		t.Errorf("%s is of no version: it holds %q", id, public.under(id).names())
	}
	named := 0
	for name, page := range content {
		if !strings.HasSuffix(name, ".html") || !strings.Contains(name, "/") {
			continue
		}
		for file := range strings.SplitSeq(page, `"`) {
			if _, shared, ok := strings.Cut(file, "../_/"); ok {
				named++
				if _, there := content["_/"+shared]; !there {
					t.Errorf("%s names %s, which is not there", name, file)
				}
			}
		}
	}
	if named == 0 {
		t.Error("no page names a shared file")
	}
}

func part(content map[string]string, id string) map[string]string {
	out := map[string]string{}
	for name, data := range content {
		if strings.HasPrefix(name, id+"/") {
			out[name] = data
		}
	}
	return out
}

// Without an exchange the old folder is moved aside first; between the two
// renames there is none.
func TestRecoverWithinASwap(t *testing.T) {
	_, after := versions(t)
	x := interrupt(t, nil)
	i := slices.IndexFunc(x.Ops, func(o op) bool { return o.Do == "swap" && o.Path == "ash" })
	x.step(i)
	if err := os.Rename(x.path("public/ash"), filepath.Join(x.stage, "old", "ash")); err != nil {
		t.Fatal(err)
	}
	x.recover()
	x.check(after)
}

// Something of another kind is removed before what takes its place is put
// there.
func TestRecoverWithinAPut(t *testing.T) {
	_, after := versions(t)
	x := interrupt(t, exchange)
	i := slices.IndexFunc(x.Ops, func(o op) bool { return o.Do == "put" && o.Path == "404.html" })
	x.step(i)
	x.remove("public/404.html")
	x.recover()
	x.check(after)
}

// The last thing to go is the stage, after the journal.
func TestRecoverWithoutJournal(t *testing.T) {
	before, _ := versions(t)
	x := interrupt(t, exchange)
	x.remove(".portico/journal.json")
	x.recover()
	x.remove("public/stale.txt")
	x.check(before)
}

func TestOldStagesAreCleared(t *testing.T) {
	s := threeDeals(t)
	s.build()
	s.write(".portico/stage/0123456789abcdef/new/ash/index.html", "half")
	s.write(".portico/stage/fedcba9876543210/old/ash/index.html", "old")
	s.build()
	if left := treeOf(t, s.path(".portico/stage")); len(left) > 0 {
		t.Errorf("left %q", left.names())
	}
}

// A first build into a folder elsewhere that was interrupted has not yet
// written the page by which the folder is known to be this program's.
func TestRecoverFirstBuildElsewhere(t *testing.T) {
	s := threeDeals(t)
	s.build()
	want := s.public().content()
	out := filepath.Join(t.TempDir(), "out")
	o := s.output()
	target, err := o.target(out)
	if err != nil {
		t.Fatal(err)
	}
	w, err := o.newWriter(target)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.make(t.Context()); err != nil {
		t.Fatal(err)
	}
	j, err := target.begin(w.stage, w.plan)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range j.Ops[:4] {
		if err := target.step(w.stage, o); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(out, "404.html")); err == nil {
		t.Fatal("the page was written early; this test is about the time before")
	}
	s.buildTo(out)
	if diff := cmp.Diff(want, treeOf(t, out).content()); diff != "" {
		t.Error(diff)
	}
}

func TestCorruptJournal(t *testing.T) {
	stage := ".portico/stage/0123456789abcdef"
	valid := `{"version":1,"stage":"stage/0123456789abcdef","ops":[]}`
	tests := []struct{ name, journal string }{
		{"empty", ""},
		{"cut off", valid[:20]},
		{"of another version", strings.Replace(valid, `"version":1`, `"version":2`, 1)},
		{"a list", "[]"},
		{"zeros", strings.Repeat("\x00", 100)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := threeDeals(t)
			s.build()
			s.write(stage+"/new/ash/index.html", "half")
			s.write(".portico/journal.json", test.journal)
			before := s.public()
			_, err := s.try("")
			if err == nil || !strings.Contains(err.Error(), "delete it and build again") {
				t.Fatalf("the error is %v", err)
			}
			if names := touched(before, s.public()); names != nil {
				t.Errorf("touched %q", names)
			}
			s.remove(".portico/journal.json")
			s.build()
		})
	}
}

// A journal moves and removes what it names; it may have come with a
// repository that somebody else made.
func TestHostileJournals(t *testing.T) {
	const stage = "stage/0123456789abcdef"
	ops := func(do string, paths ...string) journal {
		j := journal{Version: 1, Stage: stage}
		for _, p := range paths {
			j.Ops = append(j.Ops, op{Do: do, Path: p})
		}
		return j
	}
	tests := map[string]journal{
		"removes the source":           ops("remove", "../content"),
		"removes a file above":         ops("remove", "../portico.toml"),
		"removes by an absolute path":  ops("remove", "/etc/hostname"),
		"removes in a roundabout way":  ops("remove", "ash/../../content"),
		"removes everything":           ops("remove", "."),
		"removes nothing":              ops("remove", ""),
		"removes part of a deal":       ops("remove", "ash/index.html"),
		"removes git's folder":         ops("remove", ".git"),
		"puts outside":                 ops("put", "../planted.txt"),
		"puts in a deal":               ops("put", "ash/planted.txt"),
		"puts deep":                    ops("put", "_/link/planted.txt"),
		"puts in git's folder":         ops("put", ".git/config"),
		"puts in the program's folder": ops("put", ".portico/journal.json"),
		"swaps outside":                ops("swap", "../content"),
		"swaps a part of a deal":       ops("swap", "ash/pages"),
		"swaps everything":             ops("swap", "."),
		"does something else":          ops("delete", "ash"),
		"a stage above":                {Version: 1, Stage: "../content"},
		"a stage that is everything":   {Version: 1, Stage: "."},
		"a stage that is the cache":    {Version: 1, Stage: "cache"},
		"a stage that is all stages":   {Version: 1, Stage: "stage"},
		"a stage by an absolute path":  {Version: 1, Stage: "/tmp"},
		"a stage of another name":      {Version: 1, Stage: "stage/../../content/ash"},
		"no stage":                     {Version: 1},
	}
	for name, j := range tests {
		t.Run(name, func(t *testing.T) {
			s := threeDeals(t)
			s.build()
			s.write("public/.git/config", "mine")
			s.write(".portico/cache/entry", "kept")
			for _, o := range j.Ops {
				if p := filepath.Join(s.dir, ".portico", stage, "new", o.Path); strings.HasPrefix(p, s.dir) && o.Do == "put" {
					place(t, filepath.Dir(p), []string{filepath.Base(p)}, "planted")
				}
			}
			s.write(".portico/"+stage+"/new/x/index.html", "planted")
			data, err := json.Marshal(j)
			if err != nil {
				t.Fatal(err)
			}
			s.write(".portico/journal.json", string(data))
			before := treeOf(t, s.dir)
			if _, err := s.try(""); err == nil || !strings.Contains(err.Error(), "delete it") {
				t.Errorf("the error is %v", err)
			}
			if names := touched(before, treeOf(t, s.dir)); names != nil {
				t.Errorf("touched %q", names)
			}
		})
	}
}

// A link in the place of the folder of stages, or of the shared files, would
// carry a commit to wherever it leads.
func TestJournalBehindLinks(t *testing.T) {
	const journalOf = `{"version":1,"stage":"stage/0123456789abcdef","ops":[%s]}`
	t.Run("stages", func(t *testing.T) {
		s := threeDeals(t)
		s.build()
		s.write("mine/0123456789abcdef/thesis.txt", "mine")
		s.remove(".portico/stage")
		if err := os.Symlink("../mine", s.path(".portico/stage")); err != nil {
			t.Fatal(err)
		}
		s.write(".portico/journal.json", fmt.Sprintf(journalOf, ""))
		if _, err := s.try(""); err == nil {
			t.Error("there is no error")
		}
		if got := s.read("mine/0123456789abcdef/thesis.txt"); got != "mine" {
			t.Errorf("the file is %q", got)
		}
	})
	t.Run("shared files", func(t *testing.T) {
		s := threeDeals(t)
		s.build()
		s.write("mine/keep.txt", "mine")
		s.remove("public/_")
		if err := os.Symlink("../mine", s.path("public/_")); err != nil {
			t.Fatal(err)
		}
		s.write(".portico/stage/0123456789abcdef/new/_/planted.txt", "planted")
		s.write(".portico/journal.json", fmt.Sprintf(journalOf, `{"do":"put","path":"_/planted.txt"}`))
		s.build()
		if diff := cmp.Diff([]string{"keep.txt"}, treeOf(t, s.path("mine")).names()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestRecoverFailureIsTold(t *testing.T) {
	x := interrupt(t, func(string, string) error { return errors.New("no space") })
	if _, err := x.output().writeTo(t.Context(), x.target); err == nil || !strings.Contains(err.Error(), "finishing an interrupted build") {
		t.Errorf("the error is %v", err)
	}
	if !x.exists(".portico/journal.json") {
		t.Error("the journal is gone, and the build is not finished")
	}
}
