package check_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"portico/internal/check"
	"portico/internal/deal"
	"portico/internal/diag"
	"portico/internal/message"
	"portico/internal/parse"
)

var update = flag.Bool("update", false, "rewrite the expected messages of the fixtures")

// smallSite has a team of which one is internal and one has left.
const smallSite = `[site]
base_url = "https://plans.lumen.example"

[seller]
name = "Lumen"
color = "#2540c8"

[person.mara]
name = "Mara Lindqvist"
title = "Account Executive"

[person.ruth]
name = "Ruth Amsel"
title = "Deal Desk"
internal = true

[person.tom]
name = "Tom Reed"
title = "Solutions Engineer"
former = true
`

// needed are the tables that every deal.toml must have; a fixture leaves out
// those that it is not about.
var needed = []string{
	"[deal]\nowner = \"mara\"\n",
	"[buyer]\nname = \"Fern & Vale\"\n",
	"[value]\nsummary = \"One inbox instead of four\"\n",
	"[dates]\ngo_live = 2027-02-15\n",
}

func whole(part string) string {
	for _, table := range needed {
		header, _, _ := strings.Cut(table, "\n")
		if !strings.HasPrefix(part, header) && !strings.Contains(part, "\n"+header) {
			part += table
		}
	}
	return part
}

// TestFixtures checks the site and the deal of each fixture. It gives exactly
// the messages of the section "want": what stands beside the mistakes is as
// near to one as can be, and none. A section "kinds" says what is no file, one
// below words/ is a locale's.
func TestFixtures(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("there is no fixture: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			at := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
			if at < 0 {
				at = len(archive.Files)
				archive.Files = append(archive.Files, txtar.File{Name: "want"})
			}
			got := full(checked(t, archive))
			if *update {
				archive.Files[at].Data = []byte(got)
				if err := os.WriteFile(name, txtar.Format(archive), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(archive.Files[at].Data), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// checked is all that there is to say of an archive, in the way a build reads
// it.
func checked(t *testing.T, archive *txtar.Archive) diag.List {
	t.Helper()
	roots := map[string]fstest.MapFS{"": {"portico.toml": {Data: []byte(smallSite)}}, "content/fern/": {"deal.toml": {Data: []byte(whole(""))}}, "content/_library/": {}, "assets/": {}}
	words, kinds := &message.Catalog{}, map[string]string{}
	for _, f := range archive.Files {
		switch f.Name {
		case "want":
			continue
		case "kinds":
			for _, line := range strings.Split(strings.TrimSpace(string(f.Data)), "\n") {
				file, kind, _ := strings.Cut(line, ": ")
				kinds[file] = kind
			}
			continue
		case "content/fern/deal.toml":
			f.Data = []byte(whole(string(f.Data)))
		}
		if name, ok := strings.CutPrefix(f.Name, "words/"); ok {
			words.More = fstest.MapFS{name: {Data: f.Data}}
		}
		for prefix, root := range roots {
			if rest, ok := strings.CutPrefix(f.Name, prefix); ok && (prefix != "" || f.Name == "portico.toml") {
				root[rest] = &fstest.MapFile{Data: f.Data}
			}
		}
	}
	s, list, err := parse.NewReader(words).Site(parse.Roots{Site: roots[""], Library: roots["content/_library/"], Assets: roots["assets/"]})
	if err != nil {
		t.Fatal(err)
	}
	list = append(list, s.Locate(check.Site(s.Default(), words))...)
	d, findings, err := s.Deal("fern", roots["content/fern/"])
	if err != nil {
		t.Fatal(err)
	}
	for file, kind := range kinds {
		known := map[string]deal.FileKind{"folder": deal.Folder, "outside": deal.Outside, "broken": deal.Broken, "special": deal.Special}
		if _, ok := known[kind]; !ok {
			t.Fatalf("%s is of no kind %q", file, kind)
		}
		d.Files[file] = known[kind]
	}
	findings = append(findings, check.Deal(d.Deal, s.In(d.Locale), words)...)
	list = append(list, d.Locate(findings)...)
	list.Sort()
	return list
}

// full is messages with all that they say: the place with its end, what is
// there, and below it label and hint.
func full(list diag.List) string {
	var b strings.Builder
	for _, m := range list {
		fmt.Fprintf(&b, "%s:%d:%d: %s [%s] %s\n", strings.TrimPrefix(m.File, "content/fern/"), m.Start.Line, m.Start.Column, m.Severity, m.Code, m.Text)
		if m.End.Line == m.Start.Line {
			line := []rune(m.Excerpt)
			fmt.Fprintf(&b, "\t> %s\n", string(line[m.Start.Column-1:m.End.Column-1]))
		} else {
			fmt.Fprintf(&b, "\t> to %d:%d\n", m.End.Line, m.End.Column)
		}
		for _, more := range []string{m.Label, m.Hint} {
			if more != "" {
				fmt.Fprintf(&b, "\t%s\n", more)
			}
		}
	}
	return b.String()
}

var (
	codeInSource  = regexp.MustCompile(`(?:\.fail|\.warn|Code:|\bcode\b)[^\n]*?"([a-z]+(?:-[a-z]+)+)"|v\.unknown\(r, "([a-z]+)"`)
	codeInFixture = regexp.MustCompile(`(?m)^\S+: (?:error|warning|advice) \[([a-z-]+)\]`)
)

// TestEveryCodeHasAFixture looks for the codes of the package's messages among
// those that the fixtures want.
func TestEveryCodeHasAFixture(t *testing.T) {
	codes := func(pattern string, find *regexp.Regexp) map[string]bool {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("there is no %s: %v", pattern, err)
		}
		all := map[string]bool{}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range find.FindAllStringSubmatch(string(data), -1) {
				code := strings.Join(m[1:], "")
				if len(m) == 3 && m[2] != "" {
					code = "unknown-" + code
				}
				all[code] = true
			}
		}
		return all
	}
	made, wanted := codes("*.go", codeInSource), codes("testdata/*.txtar", codeInFixture)
	if len(made) < 25 {
		t.Errorf("only %d codes were found: %v", len(made), made)
	}
	for code := range made {
		if !wanted[code] {
			t.Errorf("no fixture wants [%s]", code)
		}
	}
}

// TestUnreadablePage wants a link to a page in UTF-16 not to be called dead,
// with a heading or without.
func TestUnreadablePage(t *testing.T) {
	list := checked(t, &txtar.Archive{Files: []txtar.File{
		{Name: "content/fern/deal.toml"},
		{Name: "content/fern/index.md", Data: []byte("[a](pages/faq.md) [b](pages/faq.md#why-now)\n")},
		{Name: "content/fern/pages/faq.md", Data: []byte("\xff\xfe#\x00 \x00W\x00")},
	}})
	want := "pages/faq.md:1:1: error [bad-encoding] the file is UTF-16\n\t> \n\tsave it as UTF-8\n"
	if diff := cmp.Diff(want, full(list)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A Site or Deal without anything must not be a reason to fall.
func TestNothing(t *testing.T) {
	if got := check.Site(&deal.Site{}, nil); len(got) > 0 {
		t.Errorf("an empty site has %v", got)
	}
	if got := check.Deal(&deal.Deal{}, &deal.Site{}, nil); len(got) > 0 {
		t.Errorf("an empty deal has %v", got)
	}
}
