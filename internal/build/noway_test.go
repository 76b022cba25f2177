//go:build unix

package build

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// What a folder may hold in the place of a file, or on the way to one, that
// leads to somewhere else.
func TestNoWayOut(t *testing.T) {
	const named = "[collateral.x]\nfile = \"%s\"\n"
	link := func(s *testSite, name, to string) {
		s.t.Helper()
		if err := os.MkdirAll(filepath.Dir(s.path(name)), 0o755); err != nil {
			s.t.Fatal(err)
		}
		if err := os.Symlink(to, s.path(name)); err != nil {
			s.t.Fatal(err)
		}
	}
	pipe := func(s *testSite, name string) {
		s.t.Helper()
		if err := os.MkdirAll(filepath.Dir(s.path(name)), 0o755); err != nil {
			s.t.Fatal(err)
		}
		if err := syscall.Mkfifo(s.path(name), 0o644); err != nil {
			s.t.Fatal(err)
		}
	}
	deal := func(more string) func(s *testSite) {
		return func(s *testSite) { s.t.Helper(); s.write("content/ash/deal.toml", planOf("Ash", more)) }
	}
	file := func(path string) func(s *testSite) { return deal(fmt.Sprintf(named, path)) }
	const atFile = "content/ash/deal.toml:27:8 error "
	tests := []struct {
		name  string
		plant func(s *testSite)
		deal  func(s *testSite)
		want  string
	}{
		{"a path up to another deal", nil, file("../beech/collateral/deck.pdf"), atFile + "path-escape"},
		{"a path up and down again", nil, file("collateral/../../beech/collateral/deck.pdf"), atFile + "path-escape"},
		{"an absolute path", nil, file("/etc/hostname"), atFile + "path-escape"},
		{"a backslash", nil, file(`..\\beech\\collateral\\deck.pdf`), atFile + "path-escape"},
		{"a percent escape", nil, file("%2e%2e/beech/collateral/deck.pdf"), atFile + "path-escape"},
		{"a path out of the library", nil, file("library:../beech/collateral/deck.pdf"), atFile + "path-escape"},
		{"a deal's own deal.toml", nil, file("deal.toml"), atFile + "not-collateral"},
		{"a link to another deal's file", func(s *testSite) { link(s, "content/ash/collateral/x.pdf", "../../beech/collateral/deck.pdf") }, file("collateral/x.pdf"), atFile + "path-escape"},
		{"a link to another deal's folder", func(s *testSite) { link(s, "content/ash/files", "../beech/collateral") }, file("files/deck.pdf"), atFile + "path-escape"},
		{"a link to a link", func(s *testSite) {
			link(s, "content/ash/collateral/x.pdf", "y.pdf")
			link(s, "content/ash/collateral/y.pdf", "../../beech/collateral/deck.pdf")
		}, file("collateral/x.pdf"), atFile + "path-escape"},
		{"an absolute link", func(s *testSite) {
			link(s, "content/ash/collateral/x.pdf", s.path("content/beech/collateral/deck.pdf"))
		}, file("collateral/x.pdf"), atFile + "path-escape"},
		{"an absolute link into the deal itself", func(s *testSite) {
			link(s, "content/ash/collateral/x.pdf", s.path("content/ash/collateral/deck.pdf"))
		}, file("collateral/x.pdf"), atFile + "path-escape"},
		{"a link to the site's root", func(s *testSite) { link(s, "content/ash/site", "../..") }, file("site/content/beech/collateral/deck.pdf"), atFile + "path-escape"},
		{"a link to portico.toml", func(s *testSite) { link(s, "content/ash/collateral/x.txt", "../../../portico.toml") }, file("collateral/x.txt"), atFile + "path-escape"},
		{"a link out of the machine's folders", func(s *testSite) { link(s, "content/ash/collateral/x.txt", "/etc/hostname") }, file("collateral/x.txt"), atFile + "path-escape"},
		{"a link that nothing names", func(s *testSite) { link(s, "content/ash/collateral/x.pdf", "../../beech/collateral/deck.pdf") }, deal(""), "content/ash/collateral/x.pdf:1:1 error path-escape"},
		{"a link in the library", func(s *testSite) { link(s, "content/_library/x.pdf", "../beech/collateral/deck.pdf") }, file("library:x.pdf"), atFile + "path-escape"},
		{"a folder of the library that is a link", func(s *testSite) { link(s, "content/_library/files", "../beech/collateral") }, file("library:files/deck.pdf"), atFile + "path-escape"},
		{"a link for deal.toml", func(s *testSite) {
			s.remove("content/ash/deal.toml")
			link(s, "content/ash/deal.toml", "../beech/deal.toml")
		}, nil, "content/ash/deal.toml:1:1 error path-escape"},
		{"a link for index.md", func(s *testSite) { link(s, "content/ash/index.md", "../beech/pages/more.md") }, nil, "content/ash/index.md:1:1 error path-escape"},
		{"a link for a page", func(s *testSite) { link(s, "content/ash/pages/x.md", "../../beech/pages/more.md") }, nil, "content/ash/pages/x.md:1:1 error path-escape"},
		{"a link for the folder of pages", func(s *testSite) {
			s.remove("content/ash/pages")
			link(s, "content/ash/pages", "../beech/pages")
		}, nil, "content/ash/pages:1:1 error path-escape"},
		{"a link for a deal's folder", func(s *testSite) { link(s, "content/dogwood", "beech") }, nil, "content/dogwood:1:1 error path-escape"},
		{"a link for a deal's folder that leads out", func(s *testSite) { link(s, "content/dogwood", "/etc") }, nil, "content/dogwood:1:1 error path-escape"},
		{"a pipe", func(s *testSite) { pipe(s, "content/ash/collateral/x.pdf") }, file("collateral/x.pdf"), atFile + "not-a-file"},
		{"a pipe behind a link", func(s *testSite) {
			pipe(s, "content/ash/collateral/y.pdf")
			link(s, "content/ash/collateral/x.pdf", "y.pdf")
		}, file("collateral/x.pdf"), atFile + "not-a-file"},
		{"a pipe for deal.toml", func(s *testSite) { s.remove("content/ash/deal.toml"); pipe(s, "content/ash/deal.toml") }, nil, "content/ash/deal.toml:1:1 error not-a-file"},
		{"a pipe for a page", func(s *testSite) { pipe(s, "content/ash/pages/x.md") }, nil, "content/ash/pages/x.md:1:1 error not-a-file"},
		{"a pipe for the seller's logo", func(s *testSite) {
			pipe(s, "assets/logo.png")
			s.write("portico.toml", strings.Replace(sellerTOML, "color =", "logo = \"assets/logo.png\"\ncolor =", 1))
		}, nil, "portico.toml:8:8 error not-a-file"},
		{"a link for the seller's logo", func(s *testSite) {
			link(s, "assets/logo.png", "../content/beech/collateral/deck.pdf")
			s.write("portico.toml", strings.Replace(sellerTOML, "color =", "logo = \"assets/logo.png\"\ncolor =", 1))
		}, nil, "portico.toml:8:8 error path-escape"},
		{"a folder", nil, file("collateral"), atFile + "not-a-file"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := threeDeals(t)
			if test.plant != nil {
				test.plant(s)
			}
			if test.deal != nil {
				test.deal(s)
			}
			r, err := s.try("")
			if r == nil {
				t.Fatal(err)
			}
			if !slices.Contains(codes(r.Messages), test.want) {
				t.Errorf("messages are\n%s\nand not %s", strings.Join(codes(r.Messages), "\n"), test.want)
			}
			if files := s.public(); len(files) > 0 {
				t.Errorf("public holds %q", files.names())
			}
		})
	}
}

// Between the check and the copy a file may have become a link.
func TestLinkThatComesLate(t *testing.T) {
	for name, plant := range map[string]func(s *testSite) error{
		"a file": func(s *testSite) error {
			s.remove("content/ash/collateral/deck.pdf")
			return os.Symlink("../../beech/collateral/deck.pdf", s.path("content/ash/collateral/deck.pdf"))
		},
		"a folder": func(s *testSite) error {
			s.remove("content/ash/collateral")
			return os.Symlink("../beech/collateral", s.path("content/ash/collateral"))
		},
		"a deal": func(s *testSite) error {
			if err := os.Rename(s.path("content/ash"), s.path("content/_ash")); err != nil {
				return err
			}
			return os.Symlink("beech", s.path("content/ash"))
		},
		"a pipe": func(s *testSite) error {
			s.remove("content/ash/collateral/deck.pdf")
			return syscall.Mkfifo(s.path("content/ash/collateral/deck.pdf"), 0o644)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := threeDeals(t)
			o := s.output()
			if _, err := fs.Stat(o, "ash/index.html"); err != nil {
				t.Fatal(err)
			}
			if err := plant(s); err != nil {
				t.Fatal(err)
			}
			data, err := fs.ReadFile(o, "ash/collateral/deck.pdf")
			if bytes.Contains(data, []byte("beech")) {
				t.Errorf("the file is %q", data)
			}
			if name != "a deal" && err == nil { // its folder is open, and still the old one
				t.Errorf("there is no error; the file is %q", data)
			}
		})
	}
}
