package build

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSecondBuildTouchesNothing(t *testing.T) {
	s := threeDeals(t)
	s.build()
	before := s.public()
	r := s.build()
	if names := touched(before, s.public()); names != nil {
		t.Errorf("touched %q", names)
	}
	if len(r.Built) != 3 || len(r.Changed)+len(r.Removed)+r.Files != 0 {
		t.Errorf("the result is %+v", r)
	}
}

func TestChangeTouchesItsOwnDealOnly(t *testing.T) {
	s := threeDeals(t)
	s.build()
	before := s.public()
	s.write("content/beech/pages/more.md", "# Still more of beech\n")
	r := s.build()
	after := s.public()
	if diff := cmp.Diff([]string{"beech"}, r.Changed); diff != "" {
		t.Error(diff)
	}
	for _, name := range touched(before, after) {
		if name != "beech" && !strings.HasPrefix(name, "beech/") {
			t.Errorf("touched %s", name)
		}
	}
	if names := touched(before.under("beech"), after.under("beech")); !slices.Contains(names, "pages/more.html") {
		t.Errorf("touched %q", names)
	}
}

// Unchanged files of a deal that did change are the same files as before, so
// that a deploy by time or inode sends what changed and no more.
func TestUnchangedFilesOfChangedDealStay(t *testing.T) {
	s := threeDeals(t)
	s.build()
	before := s.public().under("beech")
	s.write("content/beech/pages/more.md", "# More of beech\n\nA line.\n")
	r := s.build()
	after := s.public().under("beech")
	for _, name := range []string{"collateral/deck.pdf", "tokens.css", "index.html"} {
		if slices.Contains(touched(before, after), name) {
			t.Errorf("%s was written again", name)
		}
	}
	if r.Files != 1 {
		t.Errorf("%d files were written, not 1", r.Files)
	}
}

func TestNothingIsWrittenOnMistakes(t *testing.T) {
	tests := []struct {
		name string
		do   func(s *testSite)
		want string // a message of the result
	}{
		{"in a deal", func(s *testSite) { s.write("content/beech/deal.toml", planOf("Beech", "[risk.x]\ntitel = \"x\"\n")) }, "unknown-key"},
		{"in portico.toml", func(s *testSite) { s.write("portico.toml", sellerTOML+"\n[sites]\n") }, "unknown-table"},
		{"in the library", func(s *testSite) { s.write("content/_library/library.toml", "[collateral.x]\n") }, "missing-key"},
		{"in the theme's values", func(s *testSite) {
			s.write("themes/own/theme.toml", "[theme]\ncolour = \"#fff\"\n")
			s.write("portico.toml", strings.Replace(sellerTOML, "[seller]", "theme = \"own\"\n[seller]", 1))
		}, "unknown-key"},
		{"in a stylesheet", func(s *testSite) { s.write("assets/theme.css", "@import \"nowhere.css\";\n") }, "bad-asset"},
		{"in a theme that one deal uses", func(s *testSite) {
			s.write("themes/own/theme.toml", "[theme]\nhero = \"huge\"\n")
			s.write("content/beech/deal.toml", strings.Replace(planOf("Beech", ""), "profile", "theme = \"own\"\nprofile", 1))
		}, "unknown-value"},
		{"a deal's folder that is a link", func(s *testSite) {
			if err := os.Symlink("ash", s.path("content/dogwood")); err != nil {
				t.Fatal(err)
			}
		}, "path-escape"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := threeDeals(t)
			s.build()
			before := s.public()
			s.write("content/ash/index.md", "A change that is no mistake.\n")
			test.do(s)
			r, err := s.try("")
			if !errors.Is(err, ErrContent) {
				t.Fatalf("the error is %v", err)
			}
			if !slices.ContainsFunc(codes(r.Messages), func(c string) bool { return strings.HasSuffix(c, " error "+test.want) }) {
				t.Errorf("messages are %q; none is an error %s", codes(r.Messages), test.want)
			}
			if names := touched(before, s.public()); names != nil {
				t.Errorf("touched %q", names)
			}
			if left := treeOf(t, s.path(".portico/stage")); len(left) > 0 {
				t.Errorf("left %q in the stage", left.names())
			}
		})
	}
}

// What the machine did, such as a layout that cannot be run, writes nothing
// either.
func TestNothingIsWrittenOnErrors(t *testing.T) {
	for name, layout := range map[string]string{
		"parsed": "{{if}}",
		"run":    `{{index .Pages 99}}`,
	} {
		t.Run(name, func(t *testing.T) {
			s := threeDeals(t)
			s.build()
			before := s.public()
			s.write("layouts/page.html", layout)
			if r, err := s.try(""); err == nil || errors.Is(err, ErrContent) {
				t.Fatalf("the error is %v, the result %+v", err, r)
			}
			if names := touched(before, s.public()); names != nil {
				t.Errorf("touched %q", names)
			}
		})
	}
}

func TestStaleGoes(t *testing.T) {
	tests := []struct {
		name    string
		do      func(s *testSite)
		removed []string
		gone    []string
	}{
		{"a deal that was deleted", func(s *testSite) { s.remove("content/cedar") }, []string{"cedar"}, []string{"cedar"}},
		{"a deal that was renamed", func(s *testSite) {
			if err := os.Rename(s.path("content/cedar"), s.path("content/dogwood")); err != nil {
				s.t.Fatal(err)
			}
		}, []string{"cedar"}, []string{"cedar"}},
		{"a deal that was lost", func(s *testSite) {
			s.write("content/cedar/deal.toml", strings.Replace(planOf("Cedar", ""), "profile", "status = \"lost\"\nprofile", 1))
		}, []string{"cedar"}, []string{"cedar"}},
		{"a deal that is not public any more", func(s *testSite) {
			s.write("content/cedar/deal.toml", strings.Replace(planOf("Cedar", ""), "public = true", "", 1))
		}, []string{"cedar"}, []string{"cedar"}},
		{"a page that was deleted", func(s *testSite) { s.remove("content/cedar/pages/more.md") }, nil, []string{"cedar/pages/more.html", "cedar/pages"}},
		{"a file that nothing names", func(s *testSite) { s.write("content/cedar/deal.toml", planOf("Cedar", "")) }, nil, []string{"cedar/collateral"}},
		{"a foreign file", func(s *testSite) { s.write("public/notes.txt", "mine") }, []string{"notes.txt"}, []string{"notes.txt"}},
		{"a foreign folder", func(s *testSite) { s.write("public/old/deal/index.html", "x") }, []string{"old"}, []string{"old"}},
		{"a foreign file in a deal's folder", func(s *testSite) { s.write("public/ash/secret.txt", "x") }, nil, []string{"ash/secret.txt"}},
		{"an empty folder in a deal's folder", func(s *testSite) {
			if err := os.Mkdir(s.path("public/ash/empty"), 0o755); err != nil {
				s.t.Fatal(err)
			}
		}, nil, []string{"ash/empty"}},
		{"a link in a deal's folder", func(s *testSite) {
			if err := os.Symlink("../beech/index.html", s.path("public/ash/x.html")); err != nil {
				s.t.Fatal(err)
			}
		}, nil, []string{"ash/x.html"}},
		{"a foreign file beside the shared ones", func(s *testSite) { s.write("public/_/old.css", "x") }, nil, []string{"_/old.css"}},
		{"a foreign folder beside the shared ones", func(s *testSite) { s.write("public/_/old/x.css", "x") }, nil, []string{"_/old/x.css"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := threeDeals(t)
			s.build()
			test.do(s)
			r := s.build()
			if diff := cmp.Diff(test.removed, r.Removed); diff != "" {
				t.Errorf("removed: %s", diff)
			}
			for _, name := range test.gone {
				if s.exists("public/" + name) {
					t.Errorf("%s is still there", name)
				}
			}
			// What is left is what a first build writes.
			fresh := t.TempDir()
			s.buildTo(fresh)
			if diff := cmp.Diff(treeOf(t, fresh).content(), s.public().content()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The shared files of an older look stay until the pages that name them are
// gone, and not longer.
func TestOldLookGoes(t *testing.T) {
	s := threeDeals(t)
	s.build()
	before := s.public().under("_").names()
	s.write("assets/theme.css", "body { margin: 7px }\n")
	s.build()
	after := s.public().under("_").names()
	var style []string
	for _, name := range before {
		if strings.HasPrefix(name, "style-") {
			style = append(style, name)
		}
	}
	if len(style) != 1 || slices.Contains(after, style[0]) || len(after) != len(before) {
		t.Errorf("_ held %q, and holds %q", before, after)
	}
}

func TestGitKeepsItsFiles(t *testing.T) {
	s := threeDeals(t)
	s.write("public/.gitignore", "*\n")
	s.write("public/.git/HEAD", "ref: refs/heads/gh-pages\n") // a work tree of its own
	r := s.build()
	s.write("content/ash/index.md", "A change.\n")
	r2 := s.build()
	for _, name := range []string{"public/.gitignore", "public/.git/HEAD"} {
		if !s.exists(name) {
			t.Errorf("%s is gone", name)
		}
	}
	if r.Removed != nil || r2.Removed != nil {
		t.Errorf("removed %q, then %q", r.Removed, r2.Removed)
	}
}

func TestDealBuildsNoOther(t *testing.T) {
	s := threeDeals(t)
	s.build()
	before := s.public()
	for _, id := range []string{"ash", "beech"} {
		s.write("content/"+id+"/index.md", "A change.\n")
	}
	s.write("content/dogwood/deal.toml", planOf("Dogwood", ""))
	s.remove("content/cedar")
	s.opts.Deals = []string{"beech"}
	r := s.build()
	if diff := cmp.Diff([]string{"beech"}, r.Built); diff != "" {
		t.Error(diff)
	}
	for _, name := range touched(before, s.public()) {
		if name != "beech" && !strings.HasPrefix(name, "beech/") {
			t.Errorf("touched %s", name)
		}
	}
}

// A mistake in one deal is no reason not to build another.
func TestDealBuildsBesideMistakes(t *testing.T) {
	s := threeDeals(t)
	s.write("content/ash/deal.toml", "nonsense")
	s.opts.Deals = []string{"beech"}
	s.build()
	if !s.exists("public/beech/index.html") || s.exists("public/ash") {
		t.Errorf("public holds %q", s.public().names())
	}
}

func TestDealThatIsLeftOutGoes(t *testing.T) {
	s := threeDeals(t)
	s.build()
	s.write("content/beech/deal.toml", strings.Replace(planOf("Beech", ""), "profile", "status = \"archived\"\nprofile", 1))
	s.opts.Deals = []string{"beech"}
	r := s.build()
	if diff := cmp.Diff([]string{"beech"}, r.Removed); diff != "" {
		t.Error(diff)
	}
	if !s.exists("public/ash/index.html") || s.exists("public/beech") {
		t.Errorf("public holds %q", s.public().names())
	}
}

// Another deal's page may still need a file of `_` that this build does not.
func TestDealKeepsOthersLook(t *testing.T) {
	s := threeDeals(t)
	s.write("themes/own/theme.toml", "[theme]\ncolor = \"#123456\"\n")
	s.write("content/ash/deal.toml", strings.Replace(planOf("Ash", ""), "profile", "theme = \"own\"\nprofile", 1))
	s.build()
	before := s.public()
	s.opts.Deals = []string{"beech"}
	s.build()
	if names := touched(before, s.public()); names != nil {
		t.Errorf("touched %q", names)
	}
}

// In the way of what a build writes may lie something of another kind.
func TestInTheWay(t *testing.T) {
	file := func(name string) func(s *testSite) {
		return func(s *testSite) { s.remove(name); s.write(name, "in the way") }
	}
	folder := func(name string) func(s *testSite) {
		return func(s *testSite) { s.remove(name); s.write(name+"/in/the/way.txt", "in the way") }
	}
	link := func(name, to string) func(s *testSite) {
		return func(s *testSite) {
			s.remove(name)
			if err := os.Symlink(to, s.path(name)); err != nil {
				s.t.Fatal(err)
			}
		}
	}
	tests := []struct {
		name string
		do   func(s *testSite)
	}{
		{"a file for a deal's folder", file("public/ash")},
		{"a folder for a deal's page", folder("public/ash/index.html")},
		{"a file for a folder of a deal", file("public/ash/pages")},
		{"a file for the shared folder", file("public/_")},
		{"a folder for a page of the site", folder("public/404.html")},
		{"an empty folder for a page of the site", func(s *testSite) {
			s.remove("public/404.html")
			if err := os.Mkdir(s.path("public/404.html"), 0o755); err != nil {
				s.t.Fatal(err)
			}
		}},
		{"a link for a deal's folder", link("public/ash", "beech")},
		{"a link for a deal's page", link("public/ash/index.html", "../beech/index.html")},
		{"a link for a folder of a deal", link("public/ash/pages", "../beech/pages")},
		{"a link for a page of the site", link("public/404.html", "index.html")},
		{"a link for the shared folder", link("public/_", "../elsewhere")},
		{"a link for the shared folder that leads to the same", func(s *testSite) {
			if err := os.Rename(s.path("public/_"), s.path("same")); err != nil {
				s.t.Fatal(err)
			}
			if err := os.Symlink("../same", s.path("public/_")); err != nil {
				s.t.Fatal(err)
			}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := threeDeals(t)
			s.build()
			want := s.public().content()
			s.write("elsewhere/keep.txt", "not ours")
			test.do(s)
			s.build()
			if diff := cmp.Diff(want, s.public().content()); diff != "" {
				t.Error(diff)
			}
			if got := s.read("elsewhere/keep.txt"); got != "not ours" {
				t.Errorf("elsewhere/keep.txt is %q", got)
			}
			for name, n := range s.public() {
				if !n.info.IsDir() && !n.info.Mode().IsRegular() {
					t.Errorf("%s is %s", name, n.info.Mode())
				}
			}
			before := s.public()
			s.build()
			if names := touched(before, s.public()); names != nil {
				t.Errorf("the next build touched %q", names)
			}
		})
	}
}

// buildWith takes a way to exchange two folders; nil is a system that has none.
func (s *testSite) buildWith(exchange func(a, b string) error) *Result {
	s.t.Helper()
	o := s.output()
	target, err := o.target("")
	if err != nil {
		s.t.Fatal(err)
	}
	target.exchange = exchange
	r, err := o.writeTo(s.t.Context(), target)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

func TestNoExchange(t *testing.T) {
	unsupported := func(string, string) error { return errors.ErrUnsupported }
	for name, exchange := range map[string]func(a, b string) error{"none": nil, "refused by the file system": unsupported} {
		t.Run(name, func(t *testing.T) {
			s := threeDeals(t)
			s.buildWith(exchange)
			s.write("content/ash/index.md", "A change.\n")
			s.remove("content/cedar")
			s.buildWith(exchange)
			fresh := t.TempDir()
			s.buildTo(fresh)
			if diff := cmp.Diff(treeOf(t, fresh).content(), s.public().content()); diff != "" {
				t.Error(diff)
			}
			if left := treeOf(t, s.path(".portico/stage")); len(left) > 0 {
				t.Errorf("left %q in the stage", left.names())
			}
		})
	}
}

// An exchange that fails in earnest is an error; the next build finishes it.
func TestFailedCommitIsFinishedByTheNext(t *testing.T) {
	s := threeDeals(t)
	s.build()
	s.write("content/ash/index.md", "A change.\n")
	s.write("content/beech/index.md", "A change.\n")
	s.write("assets/theme.css", "body { margin: 7px }\n")
	o := s.output()
	target, err := o.target("")
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("no space")
	target.exchange = func(a, b string) error {
		if filepath.Base(b) == "beech" {
			return full
		}
		return exchange(a, b)
	}
	if _, err := o.writeTo(t.Context(), target); !errors.Is(err, full) {
		t.Fatalf("the error is %v", err)
	}
	fresh := t.TempDir()
	s.buildTo(fresh)
	// Another build that stops at a mistake finishes it all the same.
	s.write("content/cedar/deal.toml", "nonsense")
	if _, err := s.try(""); !errors.Is(err, ErrContent) {
		t.Fatalf("the error is %v", err)
	}
	if diff := cmp.Diff(treeOf(t, fresh).content(), s.public().content()); diff != "" {
		t.Error(diff)
	}
}
