package build

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"portico/internal/deal"
)

var update = flag.Bool("update", false, "rewrite what testdata/*.txtar expect")

// Golden sites: each archive in testdata is a small site and what a build of it
// comes to. Its comment says what it is about and, in a line that begins with
// "> ", how it is built. Besides the site's files it may hold
//
//	want             the output's files, and the deals that were left out
//	want/FILE        a whole file of the output
//	want/messages    the messages, where there are any
//	shows/FILE       lines that a file of the output has to hold
//	hides            lines that no file of the output may hold
//
// Hashes of shared files are written as HASH, folders of sealed deals as SEALED
// and their objects as nothing, of the phrases for each number of
// days there are the first and the last, and elements begin on lines of their
// own.
func TestGolden(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	if len(archives) < 7 {
		t.Fatalf("%d archives in testdata; some are missing", len(archives))
	}
	for _, file := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			g := newGolden(t, a)
			g.run()
			if *update {
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

type golden struct {
	*testSite
	archive *txtar.Archive
	checks  int
}

func newGolden(t *testing.T, a *txtar.Archive) *golden {
	t.Helper()
	files := map[string]string{}
	for _, f := range a.Files {
		first, _, _ := strings.Cut(f.Name, "/")
		if !slices.Contains([]string{"want", "shows", "hides"}, first) {
			files[f.Name] = string(f.Data)
		}
	}
	s := newSite(t, files)
	for line := range strings.Lines(string(a.Comment)) {
		if rest, ok := strings.CutPrefix(line, "> "); ok {
			for option := range strings.FieldsSeq(rest) {
				s.option(option)
			}
		}
	}
	return &golden{testSite: s, archive: a}
}

// option of a build, as in the line of an archive.
func (s *testSite) option(o string) {
	s.t.Helper()
	name, value, _ := strings.Cut(o, "=")
	switch name {
	case "unsealed":
		s.opts.Clear = true
	case "drafts":
		s.opts.Drafts = true
	case "deal":
		s.opts.Deals = append(s.opts.Deals, value)
	case "date":
		d, err := deal.ParseDate(value)
		if err != nil {
			s.t.Fatal(err)
		}
		s.opts.AsOf = d.Day
	default:
		s.t.Fatalf("there is no option %q", o)
	}
}

func (g *golden) run() {
	g.t.Helper()
	r, err := g.try("")
	if r == nil || err != nil && !errors.Is(err, ErrContent) {
		g.t.Fatal(err)
	}
	public := g.public().content()
	for i := range g.archive.Files {
		f := &g.archive.Files[i]
		first, name, _ := strings.Cut(f.Name, "/")
		switch {
		case f.Name == "want":
			g.compare(f, listing(public, r))
		case f.Name == "want/messages":
			g.compare(f, strings.Join(codes(r.Messages), "\n")+"\n")
		case first == "want":
			g.compare(f, layOut(g.file(public, name)))
		case first == "shows":
			g.shows(name, layOut(g.file(public, name)), f)
		case f.Name == "hides":
			g.hides(public, f)
		}
	}
	if g.checks == 0 {
		g.t.Error("the archive expects nothing")
	}
	wants := func(f txtar.File) bool { return f.Name == "want/messages" }
	if len(r.Messages) > 0 && !slices.ContainsFunc(g.archive.Files, wants) {
		g.t.Errorf("there are messages, and the archive has no want/messages:\n%s", said(r.Messages))
	}
}

// file of the output by its name, in which HASH stands for any.
func (g *golden) file(public map[string]string, name string) string {
	g.t.Helper()
	for _, real := range sortedKeys(public) {
		if hashes.ReplaceAllString(real, "-HASH$1") == name {
			return public[real]
		}
	}
	g.t.Errorf("there is no file %s", name)
	return ""
}

func (g *golden) compare(f *txtar.File, got string) {
	g.t.Helper()
	g.checks++
	if *update {
		f.Data = []byte(got)
		return
	}
	if diff := cmp.Diff(strings.Split(string(f.Data), "\n"), strings.Split(got, "\n")); diff != "" {
		g.t.Errorf("%s (-update rewrites it):\n%s", f.Name, diff)
	}
}

func (g *golden) shows(name, page string, f *txtar.File) {
	g.t.Helper()
	lines := strings.Split(page, "\n")
	for want := range strings.Lines(string(f.Data)) {
		g.checks++
		if want = strings.TrimSpace(want); want != "" && !slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, want) }) {
			g.t.Errorf("%s does not show %q", name, want)
		}
	}
}

func (g *golden) hides(public map[string]string, f *txtar.File) {
	g.t.Helper()
	for line := range strings.Lines(string(f.Data)) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		g.checks++
		found := false
		for _, source := range g.archive.Files {
			found = found || source.Name != "hides" && (strings.Contains(string(source.Data), line) || strings.Contains(source.Name, line))
		}
		if !found {
			g.t.Errorf("%q is in no file of the site either", line)
		}
		for name, data := range public {
			if strings.Contains(data, line) || strings.Contains(name, line) {
				g.t.Errorf("%s holds %q", name, line)
			}
		}
	}
}

// hashes in the names of shared files.
var hashes = regexp.MustCompile(`-[A-Z2-7]{8}(\.(?:css|js|svg|webp))`)

// opaque are the names of a sealed deal's files.
var opaque = regexp.MustCompile(`^[0-9a-z]{16}/(?:(o/)[0-9a-z]{26}|([a-z.]+))$`)

// phrases are a line for every number of days there may be.
var phrases = regexp.MustCompile(`(data-(?:ahead|overdue|ago))="([^"\n]*)\n[^"]*\n([^"\n]*)"`)

func listing(public map[string]string, r *Result) string {
	var b strings.Builder
	for _, name := range sortedKeys(public) {
		fmt.Fprintln(&b, opaque.ReplaceAllString(hashes.ReplaceAllString(name, "-HASH$1"), "SEALED/$1$2"))
	}
	for _, reason := range sortedKeys(r.Left) {
		fmt.Fprintf(&b, "left out, %s: %s\n", reason, strings.Join(r.Left[reason], " "))
	}
	return b.String()
}

// layOut makes a page readable: an element a line.
func layOut(page string) string {
	page = hashes.ReplaceAllString(page, "-HASH$1")
	page = phrases.ReplaceAllString(page, `$1="$2 … $3"`)
	page = strings.ReplaceAll(page, "><", ">\n<")
	if !strings.HasSuffix(page, "\n") {
		page += "\n" // an archive cannot say that there is none
	}
	return page
}
