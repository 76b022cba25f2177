package parse

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"portico/internal/deal"
)

// TestFolderName wants a deal's folder to bear an id.
func TestFolderName(t *testing.T) {
	s, _ := readSite(t, site(map[string]string{}))
	for name, hint := range map[string]string{
		"fern-vale": "", "2027": "", "start": "",
		"Fern & Vale": `rename the folder to "fern-vale"`, "fern_vale": `rename the folder to "fern-vale"`, "FERN": `rename the folder to "fern"`, "Ω": "a deal's folder is named in small letters, digits and single hyphens, such as northwind-bank",
	} {
		_, list := readDeal(t, s, name, fstest.MapFS{"deal.toml": {Data: []byte(whole(""))}})
		if hint == "" {
			want(t, list)
			continue
		}
		if m := only(t, list); m.Code != "bad-id" || m.Hint != hint || m.File != "content/"+name+"/deal.toml" {
			t.Errorf("%q: %s", name, printed(list))
		}
	}
}

// TestNoDeal wants a folder without a deal.toml to say so, and nothing else.
func TestNoDeal(t *testing.T) {
	s, _ := readSite(t, site(map[string]string{}))
	d, list := readDeal(t, s, "fern", fstest.MapFS{"index.md": {Data: []byte("<b>x</b>")}, "notes.md": {Data: nil}})
	want(t, list, "deal.toml:1:1: error [missing-file]")
	if d.Readable() {
		t.Error("there is nothing to read")
	}
}

// TestLinks reads a folder on disk, through a root of its own, in which texts
// are links, folders and pipes.
func TestLinks(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	link := func(target, name string) {
		t.Helper()
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	write("other/deal.toml", "the secret of another deal")
	write("other/secret.md", "the secret of another deal")
	write("fern/deal.toml", whole(""))
	write("fern/texts/faq.md", "# Questions\n")
	write("fern/notes/2026-11-06.md", "")
	write("fern/pages/deep.md/inner.txt", "")
	link("../texts/faq.md", "fern/pages/within.md")
	link("../../other/secret.md", "fern/pages/out.md")
	link(filepath.Join(dir, "other", "secret.md"), "fern/pages/absolute.md")
	link("nowhere.md", "fern/pages/broken.md")
	link("../../other", "fern/notes/other")
	link("round.md", "fern/pages/round.md")
	link("../..", "fern/pages/up")

	open := func(name string) fs.FS {
		t.Helper()
		root, err := os.OpenRoot(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = root.Close() }) // opened for reading
		return root.FS()
	}
	s, _ := readSite(t, site(map[string]string{}))
	d, findings, err := s.Deal("fern", open("fern"))
	if err != nil {
		t.Fatal(err)
	}
	list := d.Locate(findings)
	list.Sort()
	want(t, list,
		"pages/absolute.md:1:1: error [path-escape]",
		"pages/broken.md:1:1: error [not-a-file]",
		"pages/out.md:1:1: error [path-escape]",
		"pages/round.md:1:1: error [path-escape]")
	if p := d.Page("within"); p == nil || p.Title != "Questions" {
		t.Errorf("a link within the folder is %+v", p)
	}
	for name, kind := range map[string]deal.FileKind{
		"deal.toml": deal.Regular, "pages": deal.Folder, "pages/deep.md": deal.Folder, "pages/within.md": deal.Regular, "pages/out.md": deal.Outside,
		"pages/absolute.md": deal.Outside, "pages/broken.md": deal.Broken, "notes/other": deal.Outside, "pages/up": deal.Outside,
	} {
		if got, ok := d.Files[name]; !ok || got != kind {
			t.Errorf("%s is of kind %d, not %d", name, got, kind)
		}
	}
	for name := range d.Files {
		if strings.Contains(name, "other/") || strings.Contains(name, "up/") {
			t.Errorf("%s was reached through a link", name)
		}
	}

	for name, code := range map[string]string{"folder": "not-a-file", "out": "path-escape", "broken": "not-a-file"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o777); err != nil {
			t.Fatal(err)
		}
		switch name {
		case "folder":
			write("folder/deal.toml/x", "")
		case "out":
			link("../other/deal.toml", "out/deal.toml")
		case "broken":
			link("nowhere", "broken/deal.toml")
		}
		d, findings, err := s.Deal(name, open(name))
		if err != nil {
			t.Fatal(err)
		}
		want(t, d.Locate(findings), "content/"+name+"/deal.toml:1:1: error ["+code+"]")
	}
}

// TestSpecialFiles wants neither a pipe nor a folder to be read as a text.
func TestSpecialFiles(t *testing.T) {
	m := below(site(map[string]string{"content/fern/deal.toml": whole("[collateral.a]\nfile = \"collateral/pipe.md\"\n[collateral.b]\nfile = \"collateral/folder.md\"\n")}), "content/fern")
	m["pages/pipe.md"] = &fstest.MapFile{Mode: fs.ModeNamedPipe}
	m["notes/2026-11-06.md"] = &fstest.MapFile{Mode: fs.ModeDevice}
	m["index.md"] = &fstest.MapFile{Mode: fs.ModeDir}
	m["collateral/pipe.md"] = &fstest.MapFile{Mode: fs.ModeSocket}
	m["collateral/folder.md"] = &fstest.MapFile{Mode: fs.ModeDir}
	s, _ := readSite(t, site(map[string]string{}))
	d, list := readDeal(t, s, "fern", m)
	want(t, list,
		"index.md:1:1: error [not-a-file]",
		"notes/2026-11-06.md:1:1: error [not-a-file]",
		"pages/pipe.md:1:1: error [not-a-file]")
	if len(d.Texts) > 0 || len(d.Pages) > 0 || len(d.Notes) > 0 {
		t.Errorf("%d texts, %d pages, %d notes", len(d.Texts), len(d.Pages), len(d.Notes))
	}
}

// TestBounds ends where a folder is too deep or too full, or a text too long.
func TestBounds(t *testing.T) {
	s, _ := readSite(t, site(map[string]string{}))
	toml := &fstest.MapFile{Data: []byte(whole(""))}
	full := fstest.MapFS{"deal.toml": toml}
	for i := range maxFiles + 1 {
		full[fmt.Sprintf("collateral/%d", i)] = &fstest.MapFile{}
	}
	for name, m := range map[string]fstest.MapFS{
		"deep": {"deal.toml": toml, strings.Repeat("a/", maxDepth+2) + "b": &fstest.MapFile{}},
		"full": full,
		"long": {"deal.toml": {Data: make([]byte, maxText+1)}},
	} {
		if _, _, err := s.Deal("fern", m); err == nil || !strings.Contains(err.Error(), "fern") {
			t.Errorf("a folder that is too %s: %v", name, err)
		}
	}
	almost := fstest.MapFS{"deal.toml": toml, strings.Repeat("a/", maxDepth) + "b": &fstest.MapFile{}}
	if _, _, err := s.Deal("fern", almost); err != nil {
		t.Errorf("as deep as it may be: %v", err)
	}
}

// brokenFS fails at one file as a disk does.
type brokenFS struct {
	fstest.MapFS
	name string
}

func (b brokenFS) Open(name string) (fs.File, error) {
	if name == b.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errBroken}
	}
	return b.MapFS.Open(name)
}

func (b brokenFS) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == b.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errBroken}
	}
	return b.MapFS.ReadDir(name)
}

func (b brokenFS) ReadFile(name string) ([]byte, error) {
	if name == b.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errBroken}
	}
	return b.MapFS.ReadFile(name)
}

var errBroken = errors.New("input/output error")

// TestDiskErrors wants what the machine did to be an error, not a message.
func TestDiskErrors(t *testing.T) {
	files := site(map[string]string{
		"content/fern/deal.toml": whole("[collateral.a]\nfile = \"collateral/scope.md\"\n[collateral.b]\nfile = \"library:scope.md\"\n"), "content/fern/index.md": "", "content/fern/notes/2026-11-06.md": "", "content/fern/pages/faq.md": "", "content/fern/collateral/scope.md": "",
	})
	s, _ := readSite(t, files)
	for _, name := range []string{".", "deal.toml", "index.md", "notes/2026-11-06.md", "pages/faq.md", "collateral/scope.md"} {
		_, _, err := s.Deal("fern", brokenFS{below(files, "content/fern"), name})
		if !errors.Is(err, errBroken) || !strings.Contains(err.Error(), "fern") || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"portico.toml", "."} {
		if _, _, err := reader().Site(Roots{Site: brokenFS{files, name}}); !errors.Is(err, errBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	library := fstest.MapFS{"library.toml": {}, "scope.md": {}}
	if _, _, err := reader().Site(Roots{Site: files, Library: brokenFS{library, "library.toml"}}); !errors.Is(err, errBroken) {
		t.Errorf("library.toml: %v", err)
	}
	s, _, err := reader().Site(Roots{Site: files, Library: brokenFS{library, "scope.md"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Deal("fern", below(files, "content/fern")); !errors.Is(err, errBroken) {
		t.Errorf("a text of the library: %v", err)
	}
	if _, _, err := reader().Theme(fstest.MapFS{}, "themes/plan/theme.toml"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a theme without theme.toml: %v", err)
	}
}

// TestCollateralTexts wants the Markdown among the named files to be read, and
// what that names in turn, once each.
func TestCollateralTexts(t *testing.T) {
	d := sound(t, map[string]string{
		"content/_library/library.toml":       "[collateral.terms]\nfile = \"terms.md\"\n",
		"content/_library/terms.md":           "Terms, see [more](more.md)",
		"content/_library/more.md":            "More, and [itself](more.md)",
		"content/_library/unnamed.md":         "<b>not read</b>",
		"content/fern/deal.toml":              whole("[collateral.scope]\nfile = \"collateral/scope.md\"\n[collateral.hidden]\nfile = \"collateral/hidden.md\"\ninternal = true\n[milestone.a]\ntitle = \"A\"\ndue = 2026-11-30\ncollateral = [\"terms\"]\n"),
		"content/fern/collateral/scope.md":    "![Part](part/one.md) and [two](part/two.md)",
		"content/fern/collateral/part/one.md": "Back to [the scope](../scope.md), [two](two.md)",
		"content/fern/collateral/part/two.md": "[three](/three.md) [one](one.md#top) [gone](gone.md)",
		"content/fern/collateral/hidden.md":   "hidden, names [shown too](part/one.md) and [inner](inner.md)",
		"content/fern/collateral/inner.md":    "inner",
		"content/fern/collateral/unnamed.md":  "<b>not read</b>",
	})
	got := map[string]bool{}
	for i := range d.Texts {
		name := d.Texts[i].String()
		if _, twice := got[name]; twice {
			t.Errorf("%s was read twice", name)
		}
		got[name] = d.Texts[i].Shown
	}
	if diff := cmp.Diff(map[string]bool{
		"collateral/scope.md": true, "collateral/part/one.md": true, "collateral/part/two.md": true,
		"library:terms.md": true, "library:more.md": true, "collateral/hidden.md": false, "collateral/inner.md": false,
	}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestShownLate wants a text to be shown that something shows in the end, even
// where something internal named it first, and what it names with it.
func TestShownLate(t *testing.T) {
	d := sound(t, map[string]string{
		"content/fern/deal.toml":        whole("[collateral.a]\nfile = \"collateral/a.md\"\ninternal = true\n[collateral.b]\nfile = \"collateral/b.md\"\n"),
		"content/fern/collateral/a.md":  "[c](c.md)",
		"content/fern/collateral/b.md":  "[c](c.md)",
		"content/fern/collateral/c.md":  "[d](d.md)",
		"content/fern/collateral/d.md":  "![](e.png)",
		"content/fern/collateral/e.png": "PNG",
	})
	for i := range d.Texts {
		x := &d.Texts[i]
		if shown := x.Path != "collateral/a.md"; x.Shown != shown {
			t.Errorf("%s is shown: %v", x.File, x.Shown)
		}
	}
	for _, f := range d.Named {
		if shown := f.File.Path != "collateral/a.md"; f.Shown != shown {
			t.Errorf("%s is named for the buyer: %v", f.File, f.Shown)
		}
	}
}

// TestLibraryEntries wants of the library what the deal names, and of the team
// whom something shown names.
func TestLibraryEntries(t *testing.T) {
	files := map[string]string{
		"portico.toml":                  smallSite + "[person.ruth]\ntitle = \"CS\"\n[person.ines]\ntitle = \"Security\"\n[person.daniel]\ntitle = \"SE\"\n[person.lena]\ntitle = \"CRO\"\n[person.oskar]\ntitle = \"AE\"\n[person.nobody]\ntitle = \"AE\"\n",
		"content/_library/library.toml": "[collateral.soc2]\nfile = \"soc2.pdf\"\n[collateral.deck]\ntitle = \"Deck\"\nfile = \"deck.pdf\"\n[collateral.quiet]\nfile = \"quiet.pdf\"\n[collateral.unnamed]\nfile = \"unnamed.pdf\"\n[collateral.own]\nfile = \"own.pdf\"\n",
		"content/fern/deal.toml": whole(`[milestone.a]
title = "A"
due = 2026-11-30
owner = "ruth"
benefit = "Ask @ines"
collateral = ["soc2", "own"]

[milestone.b]
title = "B"
due = 2026-11-30
internal = true
owner = "lena"
benefit = "Ask @oskar"
collateral = ["soc2", "quiet"]

[collateral.own]
title = "The deal's own"
file = "collateral/own.pdf"
`),
		"content/fern/pages/faq.md":         "Ask @daniel",
		"content/fern/notes/2026-11-06.md":  "+++\ninternal = true\n+++\nAsk @oskar",
		"content/_library/soc2.pdf":         "",
		"content/fern/collateral/own.pdf":   "",
		"content/fern/collateral/other.pdf": "",
	}
	d := sound(t, files)
	var people, items []string
	for _, p := range d.People {
		people = append(people, p.ID)
	}
	for _, c := range d.Collateral {
		items = append(items, fmt.Sprintf("%s %q internal %v of library %v", c.ID, c.Title, c.Internal, c.OfLibrary))
	}
	slices.Sort(people)
	if diff := cmp.Diff([]string{"daniel", "ines", "mara", "ruth"}, people); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{
		`own "The deal's own" internal false of library false`,
		`soc2 "soc2" internal false of library true`,
		`quiet "quiet" internal true of library true`,
	}, items); diff != "" {
		t.Errorf("collateral (-want +got):\n%s", diff)
	}
}

// TestNamed lists what is published: each file once, in the disk's spelling.
func TestNamed(t *testing.T) {
	decomposed := "collateral/u\u0308ber.pdf"
	d := sound(t, map[string]string{
		"content/fern/deal.toml":     whole("[buyer]\nname = \"Fern\"\nlogo = \"collateral/logo.svg\"\n[collateral.a]\nfile = \"collateral/über.pdf\"\n[collateral.b]\nfile = \"collateral/deep/../deck.pdf\"\nposter = \"collateral/logo.svg\"\n"),
		"content/fern/index.md":      "[deck](collateral/deck.pdf) ![](collateral/logo.svg) [away](https://fern.example/x.pdf) [plan](index.md) [page](pages/faq.md) [bad](../x.pdf)",
		"content/fern/pages/faq.md":  "[deck](../collateral/deck.pdf) [deck](collateral/deck.pdf)",
		"content/fern/" + decomposed: "",
	})
	var names []string
	for _, f := range d.Named {
		names = append(names, f.File.String())
	}
	if diff := cmp.Diff([]string{"collateral/logo.svg", decomposed, "collateral/deck.pdf"}, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCaptions wants the captions beside a film to be named with it.
func TestCaptions(t *testing.T) {
	files := map[string]string{
		"content/fern/deal.toml":           whole("[collateral.tour]\nfile = \"collateral/tour.mp4\"\n[collateral.talk]\nfile = \"collateral/talk.webm\"\ninternal = true\n[collateral.deck]\nfile = \"collateral/deck.pdf\"\n"),
		"content/fern/collateral/tour.mp4": "",
	}
	for _, name := range []string{"tour.vtt", "tour.de.vtt", "tour.en-GB.vtt", "tour.de.old.vtt", "tourist.vtt", "deck.vtt", "talk.de.vtt", "tour.srt", "deep/tour.vtt"} {
		files["content/fern/collateral/"+name] = ""
	}
	got := map[string]bool{}
	for _, f := range sound(t, files).Named {
		got[f.File.String()] = f.Shown
	}
	if diff := cmp.Diff(map[string]bool{
		"collateral/tour.mp4": true, "collateral/tour.vtt": true, "collateral/tour.de.vtt": true, "collateral/tour.en-GB.vtt": true,
		"collateral/talk.webm": false, "collateral/talk.de.vtt": false, "collateral/deck.pdf": true,
	}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestHiddenNames leaves out what begins with a dot.
func TestHiddenNames(t *testing.T) {
	d := sound(t, map[string]string{"content/fern/.git/config": "", "content/fern/collateral/.DS_Store": "", "content/fern/collateral/a.pdf": "", "content/fern/pages/.swap.md": "<b>x</b>"})
	if diff := cmp.Diff(deal.Files{"deal.toml": deal.Regular, "collateral": deal.Folder, "collateral/a.pdf": deal.Regular, "pages": deal.Folder}, d.Files); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestTwoBrokenFiles wants the mistakes of portico.toml and of the library in
// one run, whichever has more.
func TestTwoBrokenFiles(t *testing.T) {
	for _, test := range []struct {
		toml, library string
		want          []string
	}{
		{"[site\n", "[collateral\n", []string{"content/_library/library.toml:1:1: error [bad-syntax]", "portico.toml:1:1: error [bad-syntax]"}},
		{"\xff", "\xff", []string{"content/_library/library.toml:1:1: error [bad-encoding]", "portico.toml:1:1: error [bad-encoding]"}},
	} {
		_, list := readSite(t, site(map[string]string{"portico.toml": test.toml, "content/_library/library.toml": test.library}))
		var got []string
		for _, line := range lines(list) {
			if slices.Contains(test.want, line) {
				got = append(got, line)
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%q and %q (-want +got):\n%s\n%s", test.toml, test.library, diff, printed(list))
		}
	}
}
