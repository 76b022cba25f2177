package build

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestOutputElsewhere(t *testing.T) {
	s := threeDeals(t)
	s.build()
	out := filepath.Join(t.TempDir(), "new", "folder")
	s.buildTo(out)
	if diff := cmp.Diff(s.public().content(), treeOf(t, out).content()); diff != "" {
		t.Error(diff)
	}
	if _, err := os.Lstat(filepath.Join(out, stateDir)); err == nil {
		t.Error("the program's own folder is left in the output")
	}
	before := treeOf(t, out)
	s.buildTo(out)
	if names := touched(before, treeOf(t, out)); names != nil {
		t.Errorf("the second build touched %q", names)
	}
}

// An output elsewhere is as it was after mistakes, with nothing of the
// program's own in it.
func TestOutputElsewhereOnMistakes(t *testing.T) {
	s := threeDeals(t)
	out := t.TempDir()
	s.buildTo(out)
	before := treeOf(t, out)
	s.write("content/ash/deal.toml", "nonsense")
	if _, err := s.try(out); !errors.Is(err, ErrContent) {
		t.Fatal(err)
	}
	if names := touched(before, treeOf(t, out)); len(names) > 0 {
		t.Errorf("touched %q", names)
	}
}

func TestOutputThatIsTaken(t *testing.T) {
	tests := []struct {
		name  string
		files []string // in the output, before
		own   string   // an output of this program, made before
	}{
		{"new", nil, ""},
		{"empty", []string{}, ""},
		{"nothing but .gitignore", []string{".gitignore"}, ""},
		{"nothing but git's own files", []string{".git/HEAD", ".gitignore"}, ""},
		{"an older build", []string{"404.html"}, `<meta name="generator" content="portico">`},
		{"an older build in a work tree", []string{".git", "404.html"}, `<meta name="generator" content="portico">`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := threeDeals(t)
			out := filepath.Join(t.TempDir(), "out")
			if test.files != nil {
				if err := os.Mkdir(out, 0o755); err != nil {
					t.Fatal(err)
				}
			}
			place(t, out, test.files, test.own)
			s.buildTo(out)
			if _, err := os.Stat(filepath.Join(out, "ash", "index.html")); err != nil {
				t.Error(err)
			}
			for _, name := range test.files {
				if _, err := os.Stat(filepath.Join(out, name)); err != nil {
					t.Errorf("%s is gone", name)
				}
			}
		})
	}
}

// place writes files with a text each below a folder.
func place(t testing.TB, dir string, names []string, text string) {
	t.Helper()
	for _, name := range names {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRefusedOutputs(t *testing.T) {
	tests := []struct {
		name string
		dir  func(s *testSite) string
		want string
	}{
		{"the source", func(s *testSite) string { return s.dir }, "it holds the site's source"},
		{"the source, by another name", func(s *testSite) string { return s.path("content/../public/..") }, "it holds the site's source"},
		{"the source, by a link", func(s *testSite) string { return linkTo(s, s.dir) }, "it holds the site's source"},
		{"a parent of the source", func(s *testSite) string { return filepath.Dir(s.dir) }, "it holds the site's source"},
		{"the root", func(*testSite) string { return "/" }, "it holds the site's source"},
		{"content", func(s *testSite) string { return s.path("content") }, "content/, a part of the source"},
		{"a new folder in content", func(s *testSite) string { return s.path("content/out/deep") }, "content/, a part of the source"},
		{"a deal", func(s *testSite) string { return s.path("content/ash") }, "content/, a part of the source"},
		{"content, by a link", func(s *testSite) string { return linkTo(s, s.path("content")) }, "content/, a part of the source"},
		{"a new folder behind a link to content", func(s *testSite) string { return filepath.Join(linkTo(s, s.path("content")), "out") }, "content/, a part of the source"},
		{"layouts", func(s *testSite) string { return s.path("layouts") }, "layouts/, a part of the source"},
		{"assets", func(s *testSite) string { return s.path("assets/out") }, "assets/, a part of the source"},
		{"themes", func(s *testSite) string { return s.path("themes") }, "themes/, a part of the source"},
		{"the program's own folder", func(s *testSite) string { return s.path(".portico/out") }, ".portico/, a part of the source"},
		{"git's folder", func(s *testSite) string { return s.path(".git") }, "git keeps"},
		{"a new folder in git's", func(s *testSite) string { return s.path(".git/out") }, "git keeps"},
		{"git's folder of a repository around the site", func(s *testSite) string { return filepath.Join(filepath.Dir(s.dir), ".git", "out") }, "git keeps"},
		{"a folder with a foreign file", func(s *testSite) string {
			s.write("out/thesis.txt", "x")
			return s.path("out")
		}, "portico did not write"},
		{"a folder with a foreign page", func(s *testSite) string {
			s.write("out/404.html", "<h1>Not found</h1>")
			return s.path("out")
		}, "portico did not write"},
		{"another site", func(s *testSite) string {
			s.write("other/portico.toml", sellerTOML)
			s.write("other/.portico/journal.json", "{}")
			return s.path("other")
		}, "portico did not write"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := threeDeals(t)
			dir := test.dir(s)
			before := treeOf(t, s.dir)
			_, err := s.try(dir)
			var bad *BadOutput
			if !errors.As(err, &bad) || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("the error is %v; it does not say %q", err, test.want)
			}
			if names := touched(before, treeOf(t, s.dir)); names != nil {
				t.Errorf("touched %q", names)
			}
			if _, err := os.Lstat(filepath.Join(filepath.Dir(s.dir), ".git")); err == nil {
				t.Error("a folder was made before it was refused")
			}
		})
	}
}

// linkTo makes a link beside the site.
func linkTo(s *testSite, to string) string {
	s.t.Helper()
	link := filepath.Join(s.t.TempDir(), "link")
	if err := os.Symlink(to, link); err != nil {
		s.t.Fatal(err)
	}
	return link
}

func TestOutputThatIsAFile(t *testing.T) {
	s := threeDeals(t)
	s.write("public", "a file")
	if r, err := s.try(""); err == nil {
		t.Fatalf("the result is %+v", r)
	}
	if got := s.read("public"); got != "a file" {
		t.Errorf("it is %q now", got)
	}
}

// The program's own folder is cleared by every build: a link in its place
// could lead to anything.
func TestStateThatIsALink(t *testing.T) {
	for _, name := range []string{".portico", ".portico/stage"} {
		t.Run(name, func(t *testing.T) {
			s := threeDeals(t)
			s.write("mine/stage/thesis.txt", "x")
			if err := os.MkdirAll(filepath.Dir(s.path(name)), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(s.path("mine"), s.path(name)); err != nil {
				t.Fatal(err)
			}
			before := treeOf(t, s.path("mine"))
			_, _ = s.try("") // whether it is refused or replaced
			if names := touched(before, treeOf(t, s.path("mine"))); names != nil {
				t.Errorf("touched %q", names)
			}
		})
	}
}

func TestEqual(t *testing.T) {
	big := bytes.Repeat([]byte("0123456789abcdef"), 10_000)
	other := bytes.Clone(big)
	other[len(other)-1] ^= 1
	late := bytes.Clone(big)
	late[64<<10] ^= 1
	tests := []struct {
		name string
		a, b []byte
		want bool
	}{
		{"nothing", nil, nil, true},
		{"the same", big, bytes.Clone(big), true},
		{"a whole number of buffers", big[:128<<10], bytes.Clone(big[:128<<10]), true},
		{"the last byte", big, other, false},
		{"the first byte of the second buffer", big, late, false},
		{"one is longer", big, big[:len(big)-1], false},
		{"one is longer by a buffer", big[:128<<10], big[:64<<10], false},
		{"one is empty", nil, big, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, slow := range []bool{false, true} {
				a, b := io.Reader(bytes.NewReader(test.a)), io.Reader(bytes.NewReader(test.b))
				if slow {
					a = iotest.HalfReader(a)
				}
				got, err := equal(a, b)
				if err != nil || got != test.want {
					t.Errorf("equal is %v, %v", got, err)
				}
			}
		})
	}
	t.Run("a file that cannot be read", func(t *testing.T) {
		broken := errors.New("broken")
		if got, err := equal(iotest.ErrReader(broken), iotest.ErrReader(broken)); got || !errors.Is(err, broken) {
			t.Errorf("equal is %v, %v", got, err)
		}
	})
}
