package deal

import (
	"slices"
	"testing"
)

// restricted is a deal of four viewers and a team with one.
func restricted() (*Deal, *Site) {
	d := &Deal{ID: "fern", Access: Access{Viewers: []string{"tom", "ana", "leo", "legal", "mara"}}}
	d.People = []Person{
		{ID: "ana", Roles: []string{"champion", "legal"}},
		{ID: "leo", Roles: []string{"legal"}},
		{ID: "tom", Roles: []string{"economic_buyer"}},
		{ID: "legal"},
		{ID: "ivy", Roles: []string{"procurement", "champion"}},
		{ID: "security"},
	}
	return d, &Site{Team: []Person{{ID: "mara", Roles: []string{"account_executive"}}}}
}

func TestMembersOfAnAudience(t *testing.T) {
	d, s := restricted()
	a := NewAudiences(d, s, d.Access.Viewers)
	for _, tt := range []struct {
		name    string
		members []string
		want    Audience
	}{
		{"none is everybody", nil, nil},
		{"a person", []string{"leo"}, Audience{"leo"}},
		{"sorted, once", []string{"tom", "ana", "tom"}, Audience{"ana", "tom"}},
		{"a role", []string{"champion"}, Audience{"ana"}},
		{"a role of the team", []string{"account_executive"}, Audience{"mara"}},
		{"a role and one who holds it", []string{"economic_buyer", "tom"}, Audience{"tom"}},
		{"an id before a role", []string{"legal"}, Audience{"legal"}},
		{"an id before a role, though it has no way in", []string{"security"}, Audience{}},
		{"a person with no way in", []string{"ivy"}, Audience{}},
		{"a role of nobody with a way in", []string{"procurement"}, Audience{}},
		{"nobody that is known", []string{"anna"}, Audience{}},
	} {
		if got := a.Of(tt.members); !slices.Equal(got, tt.want) || (got == nil) != (tt.want == nil) {
			t.Errorf("%s: %q is %q, not %q", tt.name, tt.members, got, tt.want)
		}
	}
	if a.Restrict() {
		t.Error("a deal without audiences restricts something")
	}
	if all := NewAudiences(d, s, nil); !all.Of([]string{"ana"}).Nobody() {
		t.Error("without viewers somebody is in an audience")
	}
}

func TestAudiencesOfFiles(t *testing.T) {
	d, s := restricted()
	file := func(path string) File { return File{Path: path} }
	to := func(target string) Prose {
		return Prose{Pieces: []Piece{{Kind: LinkStart, Target: target}, {Kind: LinkEnd}}}
	}
	all := func(targets ...string) (p Prose) {
		for _, t := range targets {
			p.Pieces = append(p.Pieces, to(t).Pieces...)
		}
		return p
	}
	d.Pricing = Pricing{Audience: []string{"tom"}, Note: all("collateral/note.pdf", "collateral/both.pdf", "collateral/a.md")}
	d.Pages = []Page{
		{File: d.File("pages/law.md"), Name: "law", Audience: []string{"leo"}, Body: all("collateral/both.pdf", "collateral/law.pdf", "collateral/entry.pdf", "collateral/open.pdf", "collateral/tour.mp4")},
		{File: d.File("pages/draft.md"), Name: "draft", Internal: true, Audience: []string{"ana"}, Body: all("collateral/law.pdf", "collateral/hidden.pdf")},
	}
	d.Index = all("collateral/entry.pdf", "collateral/open.pdf", "library:shared.pdf")
	d.Texts = []MarkdownFile{
		{File: file("collateral/a.md"), Shown: true, Prose: all("b.md", "deep.pdf")},
		{File: file("collateral/b.md"), Shown: true, Prose: all("a.md", "deeper.pdf")},
	}
	d.Collateral = []Collateral{
		{ID: "entry", File: file("collateral/entry.pdf"), Audience: []string{"leo", "tom"}, Poster: file("collateral/poster.png")},
		{ID: "again", File: file("collateral/entry.pdf"), Audience: []string{"tom", "ana"}},
		{ID: "open", File: file("collateral/open.pdf")},
		{ID: "site", URL: "https://fern.example", Audience: []string{"ana"}},
		{ID: "own", File: File{InLibrary, "own.pdf"}},
		{ID: "secret", File: file("collateral/open.pdf"), Audience: []string{"leo"}, Internal: true},
	}
	s.Library.Collateral = []Collateral{
		{ID: "shared", OfLibrary: true, File: File{InLibrary, "shared.pdf"}, Audience: []string{"champion"}},
		{ID: "own", OfLibrary: true, File: File{InLibrary, "own.pdf"}, Audience: []string{"leo"}},
	}
	a := NewAudiences(d, s, d.Access.Viewers)
	for _, tt := range []struct {
		name string
		file File
		want Audience
	}{
		{"what prices alone name", file("collateral/note.pdf"), Audience{"tom"}},
		{"what two audiences need", file("collateral/both.pdf"), Audience{"leo", "tom"}},
		{"what an internal page names too", file("collateral/law.pdf"), Audience{"leo"}},
		{"what an internal page alone names", file("collateral/hidden.pdf"), Audience{}},
		{"what entries restrict, though everybody's text names it", file("collateral/entry.pdf"), Audience{"tom"}},
		{"a poster", file("collateral/poster.png"), Audience{"tom"}},
		{"what anything open names", file("collateral/open.pdf"), nil},
		{"captions", file("collateral/tour.de.vtt"), Audience{"leo"}},
		{"no captions of the film", file("collateral/tours.vtt"), Audience{}},
		{"a text", file("collateral/a.md"), Audience{"tom"}},
		{"what a text names", file("collateral/deep.pdf"), Audience{"tom"}},
		{"what a text in a text names, in a circle", file("collateral/deeper.pdf"), Audience{"tom"}},
		{"an entry of the library that is not named", File{InLibrary, "shared.pdf"}, Audience{"ana"}},
		{"an entry of the library that the deal replaces", File{InLibrary, "own.pdf"}, nil},
		{"the site's own", File{InAssets, "logo.svg"}, nil},
	} {
		if got := a.File(tt.file); !slices.Equal(got, tt.want) || (got == nil) != (tt.want == nil) {
			t.Errorf("%s, %s, is for %q, not %q", tt.name, tt.file, got, tt.want)
		}
	}
	if got := a.Item("again"); !slices.Equal(got, Audience{"tom"}) {
		t.Errorf("an entry of a shared file is for %q", got)
	}
	if got := a.Address("https://fern.example"); !slices.Equal(got, Audience{"ana"}) {
		t.Errorf("an address is for %q", got)
	}
	if got := a.Documents(); got != nil {
		t.Errorf("documents of which one is open are for %q", got)
	}
	if !a.Restrict() {
		t.Error("nothing is restricted")
	}
}

// No audiences are those of a run in the clear.
func TestNoAudiences(t *testing.T) {
	var a *Audiences
	for name, who := range map[string]Audience{"prices": a.Pricing(), "a page": a.Page("x"), "an entry": a.Item("x"), "a file": a.File(File{Path: "x"}), "an address": a.Address("x"), "documents": a.Documents()} {
		if !who.Everybody() {
			t.Errorf("%s is for %q", name, who)
		}
	}
}

func TestAudienceSets(t *testing.T) {
	nobody, ana, both := Audience{}, Audience{"ana"}, Audience{"ana", "leo"}
	for _, tt := range []struct {
		a, b, and, or Audience
		has           bool
	}{
		{nil, nil, nil, nil, true},
		{nil, ana, ana, nil, true},
		{ana, nil, ana, nil, false},
		{both, ana, ana, both, true},
		{ana, both, ana, both, false},
		{ana, Audience{"leo"}, nobody, both, false},
		{nobody, nobody, nobody, nobody, true},
		{nobody, nil, nobody, nil, false},
		{ana, nobody, nobody, ana, true},
	} {
		is := func(got, want Audience) bool { return slices.Equal(got, want) && (got == nil) == (want == nil) }
		if and, or := tt.a.And(tt.b), tt.a.Or(tt.b); !is(and, tt.and) || !is(or, tt.or) || tt.a.Has(tt.b) != tt.has {
			t.Errorf("%q and %q: both %q, either %q, has %v", tt.a, tt.b, and, or, tt.a.Has(tt.b))
		}
	}
}
