package deal

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// strings that a filled deal holds, by the names of their fields; a map's keys
// are strings of the map.
func stringsIn(d *Deal) map[string]string {
	found := map[string]string{} // value to field
	var look func(name string, v reflect.Value) bool
	look = func(name string, v reflect.Value) bool {
		switch v.Interface().(type) {
		case Prose, File, Date, Number, Measure, Files, Place:
			return false
		}
		switch v.Kind() {
		case reflect.String:
			found[v.String()] = name
		case reflect.Slice:
			if v.Type().Elem().Kind() == reflect.String {
				for i := range v.Len() {
					found[v.Index(i).String()] = name
				}
			}
		case reflect.Map:
			for _, key := range v.MapKeys() {
				if key.Kind() == reflect.String {
					found[key.String()] = name
				}
				eachField(v.MapIndex(key), name, look)
			}
		}
		return true
	}
	eachField(reflect.ValueOf(d).Elem(), "", look)
	return found
}

// noReferences are the fields that hold words of their own, and ids by which
// others refer to them. Whoever adds a field to the model adds it here or to
// EachReference.
var noReferences = []string{
	"Access.Factors",
	"Beacon.Alerts.Digest", "Beacon.Alerts.Env", "Beacon.Alerts.On", "Beacon.Alerts.Via", "Beacon.URL",
	"Buyer.Color", "Buyer.Name", "Buyer.Website",
	"Checks", "Checks.Level", "Checks.Reason", // rules
	"Collateral.ID", "Collateral.InternalNote", "Collateral.Kind", "Collateral.Title", "Collateral.URL",
	"Constraints.InternalNote", "Constraints.Kind",
	"Currency",
	"Events.ID", "Events.InternalNote", "Events.Side", "Events.Title",
	"GoLiveTitle",
	"ID",
	"KPIs.Direction", "KPIs.InternalNote", "KPIs.Metric", "KPIs.Unit",
	"Locale",
	"Mistaken", // paths that name nothing
	"Milestones.ID", "Milestones.InternalNote", "Milestones.Kind", "Milestones.Link", "Milestones.Risk", "Milestones.Roles", "Milestones.Status", "Milestones.Title",
	"Milestones.Steps.InternalNote", "Milestones.Steps.Kind", "Milestones.Steps.Link", "Milestones.Steps.Status", "Milestones.Steps.Title",
	"Notes.File", "Notes.Moved.Why",
	"Notes.Decisions.Owner", "Notes.Blockers.Owner", "Notes.Next.Owner", // mentions in their texts
	"Objectives.InternalNote",
	"Own",
	"Pages.File", "Pages.Name", "Pages.Title",
	"People.Decides", "People.Department", "People.Email", "People.ID", "People.InternalNote", "People.Link", "People.Name", "People.Phone", "People.Roles", "People.Side", "People.Timezone", "People.Title",
	"Pricing.InternalNote", "Pricing.Lines.InternalNote", "Pricing.Lines.Item", "Pricing.Lines.Per", "Pricing.Lines.Unit",
	"Private.CRMID", "Private.Competitors", "Private.Forecast", "Private.Note", "Private.Outcome",
	"Profile.Extends", "Profile.ID", "Profile.Limits", "Profile.Theme", "Profile.Stages.ID", "Profile.Stages.InternalNote", "Profile.Stages.Title",
	"ReferenceCalls.InternalNote",
	"Risks.ID", "Risks.Impact", "Risks.InternalNote", "Risks.Likelihood", "Risks.Title",
	"Seller.Color", "Seller.Email", "Seller.Imprint", "Seller.Name", "Seller.Phone", "Seller.Privacy", "Seller.Website",
	"Stages.ID", "Stages.InternalNote", "Stages.Title",
	"Status",
	"Theme", // looked up by who makes pages
	"Title",
}

func references(d *Deal) []Reference {
	var all []Reference
	d.EachReference("content/fern/deal.toml", func(r Reference) { all = append(all, r) })
	return all
}

// Every string of a deal is reached as a reference, or is known to be none.
func TestEachReferenceForgetsNoField(t *testing.T) {
	d := filled(t)
	field := stringsIn(d)
	if len(field) < 100 {
		t.Fatalf("a filled deal holds only %d strings", len(field))
	}
	reached := map[string]bool{}
	for _, r := range references(d) {
		name, ok := field[r.ID]
		if !ok {
			t.Errorf("%s refers to %q, which no field holds", placed(r.Place), r.ID)
		}
		if r.Place.File == "" || r.Place.Path.Len() == 0 {
			t.Errorf("the reference of %s has no place: %+v", name, r.Place)
		}
		reached[name] = true
	}
	fields := map[string]bool{}
	for _, name := range field {
		fields[name] = true
		switch plain := slices.Contains(noReferences, name); {
		case plain && reached[name]:
			t.Errorf("%s is listed as no reference and is one", name)
		case !plain && !reached[name]:
			t.Errorf("%s is forgotten by EachReference, or in noReferences", name)
		}
	}
	for _, name := range noReferences {
		if !fields[name] {
			t.Errorf("there is no field %s", name)
		}
	}
}

func TestEachReference(t *testing.T) {
	kinds := map[RefKind]string{
		RefPerson: "person", RefMember: "member", RefMilestone: "milestone", RefPlan: "plan", RefStage: "stage", RefItem: "item", RefAudience: "audience",
	}
	d := filled(t)
	field := stringsIn(d)
	list := func() []string {
		var lines []string
		for _, r := range references(d) {
			line := fmt.Sprintf("%s: %s of %s", placed(r.Place), kinds[r.Kind], field[r.ID])
			if r.Shown {
				line += ", shown"
			}
			lines = append(lines, strings.ReplaceAll(line, "content/fern/", ""))
		}
		return lines
	}
	want := []string{
		"deal.toml deal.owner: member of Owner, shown",
		"deal.toml seller.team.0: member of SellerTeam, shown",
		"deal.toml value.agreed_by: person of Value.AgreedBy, shown",
		"deal.toml milestone.m.owner.0: person of Milestones.Owners, shown",
		"deal.toml milestone.m.stage: stage of Milestones.Stage, shown",
		"deal.toml milestone.m.after.0: plan of Milestones.After, shown",
		"deal.toml milestone.m.collateral.0: item of Milestones.Collateral, shown",
		"deal.toml milestone.m.step.0.owner.0: person of Milestones.Steps.Owners, shown",
		"deal.toml risk.r.owner: person of Risks.Owner, shown",
		"deal.toml risk.r.milestone: milestone of Risks.Milestone, shown",
		"deal.toml collateral.c.audience.0: audience of Collateral.Audience, shown",
		"deal.toml pricing.audience.0: audience of Pricing.Audience, shown",
		"deal.toml reference_call.0.with.0: person of ReferenceCalls.With, shown",
		"deal.toml access.viewers.0: person of Access.Viewers",
		"deal.toml access.viewer.viewer (key): person of Access.Viewer",
		"deal.toml beacon.alert.0.to.0: member of Beacon.Alerts.To",
		"notes/2026-11-14.md author: person of Notes.Author, shown",
		"notes/2026-11-14.md moved." + d.Notes[0].Moved[0].Milestone + " (key): milestone of Notes.Moved.Milestone, shown",
		"pages/security.md audience.0: audience of Pages.Audience, shown",
	}
	if diff := cmp.Diff(want, list()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	t.Run("of what is internal", func(t *testing.T) {
		makeInternal(d)
		for i := range want[3:] { // the first three are of what cannot be internal
			want[3+i] = strings.TrimSuffix(want[3+i], ", shown")
		}
		if diff := cmp.Diff(want, list()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// makeInternal hides everything of a deal that can be.
func makeInternal(d *Deal) {
	eachField(reflect.ValueOf(d).Elem(), "", func(name string, v reflect.Value) bool {
		if strings.HasSuffix(name, ".Internal") && v.Kind() == reflect.Bool {
			v.SetBool(true)
		}
		return true
	})
	for i := range d.Texts {
		d.Texts[i].Shown = false
	}
}

// A step of a milestone that shows may be internal by itself.
func TestEachReferenceOfAnInternalStep(t *testing.T) {
	d := &Deal{Milestones: []Milestone{{ID: "m", Owners: []string{"ana"}, Steps: []Step{{Owners: []string{"mara"}, Internal: true}, {Owners: []string{"ana"}}}}}}
	want := map[string]bool{"milestone.m.owner.0": true, "milestone.m.step.0.owner.0": false, "milestone.m.step.1.owner.0": true}
	got := map[string]bool{}
	for _, r := range references(d) {
		got[strings.TrimPrefix(placed(r.Place), "content/fern/deal.toml ")] = r.Shown
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEachReferenceLeavesOutWhatIsNotTheDeals(t *testing.T) {
	d := filled(t)
	d.Collateral[0].OfLibrary = true
	delete(d.Own, "beacon.alert")
	for _, r := range references(d) {
		if r.ID == d.Collateral[0].Audience[0] || r.ID == d.Beacon.Alerts[0].To[0] {
			t.Errorf("%s is told in a deal that does not hold it", placed(r.Place))
		}
	}
}

func TestEachReferenceOfAnEmptyDeal(t *testing.T) {
	if got := references(&Deal{}); len(got) > 0 {
		t.Errorf("an empty deal refers to %v", got)
	}
}

func texted(d *Deal) []Text {
	var all []Text
	d.EachText("content/fern/deal.toml", func(t Text) { all = append(all, t) })
	return all
}

// Every text of a deal is reached, once and with its place.
func TestEachTextForgetsNoField(t *testing.T) {
	for _, from := range []string{"the deal", "the site and the library"} {
		t.Run(from, func(t *testing.T) {
			d := filled(t)
			if from != "the deal" {
				d.Own, d.Collateral[0].OfLibrary = nil, true
			}
			times := map[*Prose]int{}
			for _, text := range texted(d) {
				times[text.Prose]++
				if text.Place.File == "" || text.Path.Len() == 0 && !strings.HasSuffix(text.Place.File, ".md") && !text.isFile(d) {
					t.Errorf("a text has no place: %+v", text.Place)
				}
				if !text.Scope.Library {
					t.Errorf("%s may not name the library", placed(text.Place))
				}
			}
			fields := 0
			eachField(reflect.ValueOf(d).Elem(), "", func(name string, v reflect.Value) bool {
				p, ok := v.Addr().Interface().(*Prose)
				if ok && name == "Pages.Heading" { // of which a page shows no link
					return false
				}
				if ok {
					fields++
					if times[p] != 1 {
						t.Errorf("%s is reached %d times", name, times[p])
					}
				}
				return !ok
			})
			if fields < 30 || fields != len(times) {
				t.Errorf("%d fields are texts, and %d texts are reached", fields, len(times))
			}
		})
	}
}

// isFile says whether the text is that of a Markdown file of another ending.
func (t *Text) isFile(d *Deal) bool { return t.Prose == &d.Texts[0].Prose }

func TestEachText(t *testing.T) {
	d := filled(t)
	d.Texts[0].File = File{Root: InLibrary, Path: "security/faq.md"}
	d.Texts[0].Shown = true
	fields := map[*Prose]string{}
	eachField(reflect.ValueOf(d).Elem(), "", func(name string, v reflect.Value) bool {
		p, ok := v.Addr().Interface().(*Prose)
		if ok {
			fields[p] = name
		}
		return !ok
	})
	roots := map[Root]string{InDeal: "deal", InLibrary: "library", InAssets: "assets"}
	list := func() []string {
		var lines []string
		for _, x := range texted(d) {
			line := fmt.Sprintf("%s: %s, paths from %s %s", placed(x.Place), fields[x.Prose], roots[x.Scope.Root], x.Scope.Dir)
			if x.Scope.Assets {
				line += " assets"
			}
			if x.Shown {
				line += ", shown"
			}
			lines = append(lines, strings.ReplaceAll(line, "content/fern/", ""))
		}
		return lines
	}
	want := []string{
		"deal.toml value.summary: Value.Summary, paths from deal ., shown",
		"deal.toml value.priority: Value.Priority, paths from deal ., shown",
		"deal.toml value.for_seller: Value.ForSeller, paths from deal ., shown",
		"deal.toml dates.go_live_reason: GoLiveReason, paths from deal ., shown",
		"deal.toml objective.0.challenge: Objectives.Challenge, paths from deal ., shown",
		"deal.toml objective.0.outcome: Objectives.Outcome, paths from deal ., shown",
		"deal.toml objective.0.deliverable: Objectives.Deliverable, paths from deal ., shown",
		"deal.toml kpi.0.sample: KPIs.Sample, paths from deal ., shown",
		"deal.toml kpi.0.window: KPIs.Window, paths from deal ., shown",
		"deal.toml constraint.0.text: Constraints.Text, paths from deal ., shown",
		"deal.toml milestone.m.risk_note: Milestones.RiskNote, paths from deal ., shown",
		"deal.toml milestone.m.benefit: Milestones.Benefit, paths from deal ., shown",
		"deal.toml milestone.m.done_when: Milestones.DoneWhen, paths from deal ., shown",
		"deal.toml milestone.m.agenda.0: Milestones.Agenda, paths from deal ., shown",
		"deal.toml risk.r.counter: Risks.Counter, paths from deal ., shown",
		"deal.toml pricing.payment_terms: Pricing.PaymentTerms, paths from deal ., shown",
		"deal.toml pricing.note: Pricing.Note, paths from deal ., shown",
		"deal.toml pricing.line.0.description: Pricing.Lines.Description, paths from deal ., shown",
		"deal.toml reference_call.0.who: ReferenceCalls.Who, paths from deal ., shown",
		"deal.toml reference_call.0.objective: ReferenceCalls.Objective, paths from deal ., shown",
		"deal.toml collateral.c.description: Collateral.Description, paths from deal ., shown",
		"deal.toml seller.confidentiality: Seller.Confidentiality, paths from deal ., shown",
		"deal.toml beacon.notice: Beacon.Notice, paths from deal ., shown",
		"index.md: Index, paths from deal ., shown",
		"milestones/m.md: Milestones.Prose, paths from deal milestones, shown",
		"notes/2026-11-14.md: Notes.Decisions.Text, paths from deal notes, shown",
		"notes/2026-11-14.md: Notes.Blockers.Text, paths from deal notes, shown",
		"notes/2026-11-14.md: Notes.Next.Text, paths from deal notes, shown",
		"notes/2026-11-14.md: Notes.Rest, paths from deal notes, shown",
		"pages/security.md: Pages.Body, paths from deal pages, shown",
		"content/_library/security/faq.md: Texts.Prose, paths from library security, shown",
	}
	if diff := cmp.Diff(want, list()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	t.Run("of what is internal", func(t *testing.T) {
		makeInternal(d)
		always := []string{"Value.", "GoLiveReason", "Seller.", "Beacon.", "Index"}
		for i, line := range want {
			_, field, _ := strings.Cut(line, ": ")
			if !slices.ContainsFunc(always, func(prefix string) bool { return strings.HasPrefix(field, prefix) }) {
				want[i] = strings.TrimSuffix(line, ", shown")
			}
		}
		if diff := cmp.Diff(want, list()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// What comes from portico.toml and the library lies there, and names files
// from there.
func TestEachTextOfTheSite(t *testing.T) {
	d := filled(t)
	d.Own, d.Collateral[0].OfLibrary = nil, true
	want := map[string]Scope{
		"portico.toml seller.confidentiality":                    inSite,
		"portico.toml beacon.notice":                             inSite,
		"content/_library/library.toml collateral.c.description": inLibrary,
	}
	got := map[string]Scope{}
	for _, x := range texted(d) {
		if x.Place.File == SiteFile || x.Place.File == LibraryFile {
			got[placed(x.Place)] = x.Scope
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Text that leads nowhere is left out: most texts are that.
func TestEachTextLeavesOutPlainText(t *testing.T) {
	d := &Deal{}
	d.Value.Summary = Prose{Pieces: []Piece{{Kind: Fragment, HTML: "plain"}}}
	d.Value.Priority = Prose{Pieces: []Piece{{Kind: Fragment, HTML: "see "}, {Kind: LinkStart, Target: "#risks", Offset: 4, Length: 9}, {Kind: LinkEnd}}}
	all := texted(d)
	if len(all) != 1 || all[0].Prose != &d.Value.Priority {
		t.Fatalf("%d texts are reached", len(all))
	}
	if got := placed(all[0].At(&d.Value.Priority.Pieces[1])); got != "content/fern/deal.toml value.priority 4+9" {
		t.Errorf("the link lies at %s", got)
	}
}

func named(d *Deal) []NamedFile {
	var all []NamedFile
	d.EachFile("content/fern/deal.toml", func(f NamedFile) { all = append(all, f) })
	return all
}

// Every file of a deal is reached, but for the lists that are made of these.
func TestEachFileForgetsNoField(t *testing.T) {
	d := filled(t)
	reached := map[File]bool{}
	for _, f := range named(d) {
		if f.Place.File == "" {
			t.Errorf("%s has no place", f.File)
		}
		reached[f.File] = true
	}
	fields := 0
	eachField(reflect.ValueOf(d).Elem(), "", func(name string, v reflect.Value) bool {
		file, ok := v.Addr().Interface().(*File)
		if ok && name != "Texts.File" && name != "Named.File" {
			fields++
			if !reached[*file] {
				t.Errorf("%s is forgotten", name)
			}
		}
		return !ok
	})
	if fields < 6 || fields != len(reached) {
		t.Errorf("%d fields are files, and %d files are reached", fields, len(reached))
	}
}

func TestEachFile(t *testing.T) {
	link := func(target string) Piece { return Piece{Kind: LinkStart, Target: target, Offset: 3, Length: 5} }
	d := &Deal{
		ID:     "fern",
		Buyer:  Company{Logo: File{Path: "logo.svg"}},
		Seller: Seller{Logo: File{Root: InAssets, Path: "lumen.svg"}, LogoDark: File{Path: "dark.svg"}},
		Own:    map[string]bool{"seller.logo_dark": true},
		People: []Person{
			{ID: "ana", Photo: File{Path: "ana.jpg"}},
			{ID: "mara", OfTeam: true, Photo: File{Root: InAssets, Path: "mara.jpg"}},
			{ID: "ruth", OfTeam: true, Photo: File{Path: "ruth.jpg"}}, // this deal gives her another
			{ID: "nobody"},
			{ID: "spy", Internal: true, Photo: File{Path: "spy.jpg"}},
		},
		Collateral: []Collateral{
			{ID: "deck", File: File{Path: "collateral/deck.pdf"}, Poster: File{Path: "collateral/deck.png"}},
			{ID: "call", URL: "https://example.com"},
			{ID: "plan", Internal: true, File: File{Path: "collateral/plan.pdf"}},
			{ID: "soc2", OfLibrary: true, File: File{Root: InLibrary, Path: "soc2.pdf"}},
		},
		Milestones: []Milestone{
			{ID: "pilot", Collateral: []string{"deck", "library:guide.pdf", "library:../x", "library:"}},
			{ID: "quiet", Internal: true, Collateral: []string{"library:quiet.pdf"}},
		},
		Index: Prose{Pieces: []Piece{
			link("collateral/deck.pdf"), link("https://example.com/a.pdf"), link("mailto:a@b.example"), link("#risks"), link("pages/security.md"), link("../other/x.pdf"),
			{Kind: Embed, Target: "collateral/demo%20day.mp4", Offset: 9, Length: 2},
			{Kind: Mention, Name: "ana", Target: "collateral/none.pdf"},
		}},
		Pages: []Page{{File: "content/fern/pages/security.md", Internal: true, Body: Prose{Pieces: []Piece{link("../collateral/secret.pdf"), link("library:soc2.pdf#page=2")}}}},
	}
	var got []string
	for _, f := range named(d) {
		line := f.File.String() + " by " + strings.TrimPrefix(placed(f.Place), "content/fern/")
		if f.Shown {
			line += ", shown"
		}
		got = append(got, line)
	}
	want := []string{
		"logo.svg by deal.toml buyer.logo, shown",
		"assets/lumen.svg by portico.toml seller.logo, shown",
		"dark.svg by deal.toml seller.logo_dark, shown",
		"ana.jpg by deal.toml person.ana.photo, shown",
		"assets/mara.jpg by portico.toml person.mara.photo, shown",
		"ruth.jpg by deal.toml person.ruth.photo, shown",
		"spy.jpg by deal.toml person.spy.photo",
		"collateral/deck.pdf by deal.toml collateral.deck.file, shown",
		"collateral/deck.png by deal.toml collateral.deck.poster, shown",
		"collateral/plan.pdf by deal.toml collateral.plan.file",
		"library:soc2.pdf by content/_library/library.toml collateral.soc2.file, shown",
		"library:guide.pdf by deal.toml milestone.pilot.collateral.1, shown",
		"library:quiet.pdf by deal.toml milestone.quiet.collateral.0",
		"collateral/deck.pdf by index.md 3+5, shown",
		"collateral/demo day.mp4 by index.md 9+2, shown",
		"collateral/secret.pdf by pages/security.md 3+5",
		"library:soc2.pdf by pages/security.md 3+5",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLibraryItem(t *testing.T) {
	if f, ok := LibraryItem("library:a/b.pdf"); !ok || f != (File{Root: InLibrary, Path: "a/b.pdf"}) {
		t.Errorf("it is %q, %v", f, ok)
	}
	for _, name := range []string{"", "deck", "library", "library:", "library:../x", "library:/x", "Library:a.pdf", "collateral/a.pdf", "library:library.toml"} {
		if f, ok := LibraryItem(name); ok {
			t.Errorf("%q is the library's %q", name, f)
		}
	}
}

func TestSectionsAreNamedOnce(t *testing.T) {
	s := Sections()
	slices.Sort(s)
	if len(s) != 9 || len(slices.Compact(s)) != 9 {
		t.Errorf("sections are %v", s)
	}
}
