package parse

import (
	command "flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"portico/internal/deal"
	"portico/internal/diag"
	"portico/internal/message"
)

// update rewrites what the fixtures expect; look at the difference before it
// is kept.
var update = command.Bool("update", false, "rewrite the expected messages of the fixtures")

// reader is one for all tests: making its grammar takes longer than most of
// them.
var reader = sync.OnceValue(func() *Reader { return NewReader(&message.Catalog{}) })

// smallSite is a portico.toml with what a site must have.
const smallSite = `[site]
base_url = "https://plans.lumen.example"

[seller]
name = "Lumen"
color = "#2540c8"

[person.mara]
name = "Mara Lindqvist"
title = "Account Executive"
`

// needed are the tables that every deal.toml must have.
var needed = []struct{ header, table string }{
	{"[deal]", "[deal]\nowner = \"mara\"\n"},
	{"[buyer]", "[buyer]\nname = \"Fern & Vale\"\n"},
	{"[value]", "[value]\nsummary = \"One inbox instead of four\"\n"},
	{"[dates]", "[dates]\ngo_live = 2027-02-15\n"},
}

// whole adds to a part of a deal.toml the required tables that it leaves out,
// behind it, so that its lines keep their numbers.
func whole(part string) string {
	text := part
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	for _, n := range needed {
		if !strings.HasPrefix(part, n.header) && !strings.Contains(part, "\n"+n.header) {
			text += n.table
		}
	}
	return text
}

// wholeSite does the same for portico.toml.
func wholeSite(part string) string {
	text := part
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	for _, table := range strings.SplitAfter(smallSite, "\n\n") {
		header, _, _ := strings.Cut(table, "\n")
		if !strings.HasPrefix(part, header) && !strings.Contains(part, "\n"+header) {
			text += table
		}
	}
	return text
}

// site is a folder of files by name, with a small portico.toml where it has
// none.
func site(files map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	if m["portico.toml"] == nil {
		m["portico.toml"] = &fstest.MapFile{Data: []byte(smallSite)}
	}
	return m
}

// readSite reads the site of a folder.
func readSite(t testing.TB, m fstest.MapFS) (*Site, diag.List) {
	t.Helper()
	roots := Roots{Site: m}
	if sub := below(m, "content/_library"); sub != nil {
		roots.Library = sub
	}
	if sub := below(m, "assets"); sub != nil {
		roots.Assets = sub
	}
	s, list, err := reader().Site(roots)
	if err != nil {
		t.Fatal(err)
	}
	return s, list
}

// below is what a folder of m holds, or nil. It is a map of its own, as the
// program reads every folder through a root of its own.
func below(m fstest.MapFS, dir string) fstest.MapFS {
	var sub fstest.MapFS
	for name, file := range m {
		if rest, ok := strings.CutPrefix(name, dir+"/"); ok {
			if sub == nil {
				sub = fstest.MapFS{}
			}
			sub[rest] = file
		}
	}
	return sub
}

// readFern reads the deal content/fern of a folder, which must lie in a site
// without mistakes.
func readFern(t testing.TB, m fstest.MapFS) (*Deal, diag.List) {
	t.Helper()
	s, list := readSite(t, m)
	if len(list) > 0 {
		t.Fatalf("the site itself has mistakes:\n%s", printed(list))
	}
	return readDeal(t, s, "fern", below(m, "content/fern"))
}

func readDeal(t testing.TB, s *Site, id string, root fstest.MapFS) (*Deal, diag.List) {
	t.Helper()
	d, findings, err := s.Deal(id, root)
	if err != nil {
		t.Fatal(err)
	}
	list := d.Locate(findings)
	list.Sort()
	return d, list
}

// readTOML reads a deal of nothing but a deal.toml.
func readTOML(t testing.TB, toml string) (*Deal, diag.List) {
	t.Helper()
	return readFern(t, site(map[string]string{"content/fern/deal.toml": toml}))
}

// sound reads a deal that must have no mistakes.
func sound(t testing.TB, files map[string]string) *Deal {
	t.Helper()
	if files["content/fern/deal.toml"] == "" {
		files["content/fern/deal.toml"] = whole("")
	}
	d, list := readFern(t, site(files))
	if len(list) > 0 {
		t.Fatalf("unexpected messages:\n%s", printed(list))
	}
	return d
}

// lines are messages in short: place, severity and code. The place leaves out
// the deal's folder.
func lines(list diag.List) []string {
	var out []string
	for _, m := range list {
		out = append(out, fmt.Sprintf("%s:%d:%d: %s [%s]", strings.TrimPrefix(m.File, "content/fern/"), m.Start.Line, m.Start.Column, m.Severity, m.Code))
	}
	return out
}

// want compares messages with lines such as "deal.toml:3:1: error [empty]".
func want(t testing.TB, list diag.List, expected ...string) {
	t.Helper()
	if diff := cmp.Diff(expected, lines(list)); diff != "" {
		t.Errorf("messages (-want +got):\n%s\nin full:\n%s", diff, printed(list))
	}
}

// only returns the one message that there must be.
func only(t testing.TB, list diag.List) diag.Message {
	t.Helper()
	if len(list) != 1 {
		t.Fatalf("%d messages instead of one:\n%s", len(list), printed(list))
	}
	return list[0]
}

// printed is messages as a person reads them.
func printed(list diag.List) string {
	var b strings.Builder
	if err := list.WriteText(&b, false); err != nil {
		panic(err) // a Builder never fails
	}
	return b.String()
}

// fixtures are the txtar files of a folder under testdata. That there are none
// is a mistake, not a test that passes.
func fixtures(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", dir, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	if len(names) == 0 {
		t.Fatalf("testdata/%s holds no fixture", dir)
	}
	slices.Sort(names)
	return names
}

// expected holds a fixture's section "want" against what was got.
func expected(t *testing.T, file string, archive *txtar.Archive, got string) {
	t.Helper()
	i := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
	if i < 0 {
		archive.Files = append(archive.Files, txtar.File{Name: "want"})
		i = len(archive.Files) - 1
	}
	if *update {
		archive.Files[i].Data = []byte(got)
		if err := os.WriteFile(file, txtar.Format(archive), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(archive.Files[i].Data), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// spansInside wants every message to lie within the text it is about.
func spansInside(t testing.TB, list diag.List, sources map[string]string) {
	t.Helper()
	for _, m := range list {
		size := len(sources[m.File])
		if m.Start.Offset < 0 || m.Start.Offset > m.End.Offset || m.End.Offset > size {
			t.Errorf("%s: [%s] %s lies at %d to %d of %d bytes", m.File, m.Code, m.Text, m.Start.Offset, m.End.Offset, size)
		}
	}
}

// milestone of a deal that must be there.
func milestone(t testing.TB, d *Deal, id string) *deal.Milestone {
	t.Helper()
	m := d.Milestone(id)
	if m == nil {
		t.Fatalf("there is no milestone %q", id)
	}
	return m
}

// htmlOf is a Prose as a reader of HTML sees it: links lead where they were
// written to, embeds are images, mentions what was typed.
func htmlOf(p *deal.Prose) string {
	var b strings.Builder
	for i := range p.Pieces {
		x := &p.Pieces[i]
		switch x.Kind {
		case deal.Fragment:
			b.WriteString(x.HTML)
		case deal.Mention:
			fmt.Fprintf(&b, "<b>%s</b>", x.Name)
		case deal.LinkStart:
			fmt.Fprintf(&b, `<a href="%s"%s>`, escapeText(x.Target), titleOf(x))
		case deal.LinkEnd:
			b.WriteString("</a>")
		case deal.Embed:
			fmt.Fprintf(&b, `<img src="%s" alt="%s"%s />`, escapeText(x.Target), escapeText(x.Text), titleOf(x))
		case deal.Anchor:
			b.WriteString(x.Name)
		case deal.HeadingStart:
			fmt.Fprintf(&b, "<h%d>", x.Level)
		case deal.HeadingEnd:
			fmt.Fprintf(&b, "</h%d>", x.Level)
		}
	}
	return b.String()
}

func titleOf(p *deal.Piece) string {
	if p.Title == "" {
		return ""
	}
	return ` title="` + escapeText(p.Title) + `"`
}
