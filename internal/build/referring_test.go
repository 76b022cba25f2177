package build

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/internal/deal"
	"portico/internal/parse"
	"portico/internal/render"
)

// referring is a field that can name collateral, a page or a section, as
// deal.toml or a Markdown file of the deal gives it. %s is a text, or for an
// address that, and lines are one table's.
type referring struct {
	field string // of the model; of deal.toml for an address
	at    string // the table of base, or a file
	lines string
}

// texts are all fields of the model that hold Markdown.
func referringTexts() []referring {
	return []referring{
		{"Value.Summary", "value", "summary = 'Why %s'"},
		{"Value.Priority", "value", "priority = '%s'"},
		{"Value.ForSeller", "value", "for_seller = '%s'"},
		{"GoLiveReason", "dates", "go_live_reason = '%s'"},
		{"Objectives.Challenge", "", "[[objective]]\nchallenge = '%[1]s'\noutcome = '%[1]s'"},
		{"Objectives.Outcome", "", "[[objective]]\nchallenge = '%[1]s'\noutcome = '%[1]s'\ndeliverable = '%[1]s'"},
		{"Objectives.Deliverable", "objective", "deliverable = '%s'"},
		{"KPIs.Sample", "kpi", "sample = '%s'"},
		{"KPIs.Window", "kpi", "window = '%s'"},
		{"KPIs.Window", "kpi", "sample = '%[1]s'\nwindow = '%[1]s'"},
		{"Constraints.Text", "", "[[constraint]]\nkind = \"budget\"\ntext = '%s'"},
		{"Milestones.RiskNote", "milestone", "risk_note = '%s'"},
		{"Milestones.Benefit", "milestone", "benefit = '%s'"},
		{"Milestones.DoneWhen", "milestone", "done_when = '%s'"},
		{"Milestones.Agenda", "milestone", "agenda = ['%[1]s', '%[1]s']"},
		{"Milestones.Benefit", "bare", "benefit = '%s'"},
		{"Milestones.Agenda", "bare", "agenda = ['%s']"},
		{"Milestones.Prose", "milestones/trial.md", "%s"},
		{"Milestones.Prose", "milestones/bare.md", "%s"},
		{"Risks.Counter", "risk", "counter = '%s'"},
		{"Risks.Counter", "closed", "counter = '%s'"},
		{"Pricing.PaymentTerms", "pricing", "payment_terms = '%s'"},
		{"Pricing.Note", "pricing", "note = '%s'"},
		{"Pricing.Lines.Description", "line", "description = '%s'"},
		{"Collateral.Description", "deck", "description = '%s'"},
		{"ReferenceCalls.Who", "", "[[reference_call]]\nwho = '%s'"},
		{"ReferenceCalls.Objective", "call", "objective = '%s'"},
		{"Seller.Confidentiality", "seller", "confidentiality = '%s'"},
		{"Index", "index.md", "%[1]s\n\n- %[1]s\n\n3. %[1]s\n\n- [x] %[1]s\n"},
		{"Notes.Decisions.Text", "notes/2026-11-14.md", "## Decisions\n\n- %s 2026-11-20\n"},
		{"Notes.Blockers.Text", "notes/2026-11-14.md", "## Blockers\n\n- %[1]s\n- %[1]s\n"},
		{"Notes.Next.Text", "notes/2026-11-14.md", "## Next\n\n- %s\n"},
		{"Notes.Rest", "notes/2026-11-15.md", "%s\n"},
		{"Notes.Next.Text", "notes/2026-11-16.md", "## Next\n\n- %s\n"},
		{"Pages.Body", "pages/open.md", "%s\n"},
		{"Texts.Prose", "collateral/open.md", "%s\n"},
	}
}

// referringAddresses are all fields of deal.toml that hold an address.
func referringAddresses() []referring {
	return []referring{
		{"buyer.website", "buyer", "website = '%s'"},
		{"seller.website", "seller", "website = '%s'"},
		{"seller.imprint", "seller", "imprint = '%s'"},
		{"seller.privacy", "seller", "privacy = '%s'"},
		{"person.link", "person", "link = '%s'"},
		{"milestone.link", "milestone", "link = '%s'"},
		{"milestone.link", "bare", "link = '%s'"},
		{"milestone.step.link", "step", "link = '%s'"},
		{"collateral.url", "", "[collateral.geheimx-again]\nurl = '%s'\ntitle = 'geheimx again'"},
	}
}

// referringDeal is a deal with what some of its viewers alone may see. A comment
// is where a table's lines go.
const referringDeal = `
[deal]
owner = "mara"
profile = "enterprise"
[buyer]
name = "Fern & Vale"
#buyer
[seller]
team = ["mara"]
#seller
[value]
#value
[dates]
go_live = 2027-02-15
#dates
[person.ana]
name = "Ana Costa"
title = "Owner"
#person
[person.ivy]
title = "Clerk"
[access]
viewers = ["ana", "ivy"]
[[objective]]
challenge = "Slow"
outcome = "Fast"
#objective
[[kpi]]
metric = "Bookings"
target = 5
#kpi
[milestone.trial]
title = "Trial"
due = "go_live - 4w"
stage = "prove"
owner = ["ana"]
risk = "at_risk"
roles = ["champion"]
#milestone
[[milestone.trial.step]]
title = "Begin"
#step
[milestone.bare]
title = "Bare"
due = "go_live - 3w"
stage = "prove"
#bare
[risk.late]
title = "Late"
#risk
[risk.over]
title = "Over"
closed = 2026-11-01
#closed
[pricing]
term_months = 12
#pricing
[[pricing.line]]
item = "Seats"
unit_price = 5
#line
[collateral.deck]
url = "https://lumen.example/deck"
title = "Deck"
#deck
[collateral.open]
file = "collateral/open.md"
[[reference_call]]
who = "Alder"
#call
[collateral.geheimx-file]
file = "collateral/geheimx-file.pdf"
title = "geheimx title"
audience = ["ana"]
[collateral.geheimx-site]
url = "https://geheimx.example/geheimx"
title = "geheimx site"
audience = ["ana"]
#
`

// with lines in one of the deal's tables or files.
func (r referring) with(text string) map[string]string {
	lines := ""
	if text != "" || r.field == "Value.Summary" { // which a deal must have
		lines = fmt.Sprintf(r.lines, text)
	}
	files := map[string]string{
		"deal.toml": referringDeal, "collateral/geheimx-file.pdf": "geheimx", "collateral/open.md": "Open.\n",
		"pages/geheimx-page.md": "+++\ntitle = \"geheimx page\"\naudience = [\"ana\"]\n+++\n# A geheimx part\n\ngeheimx\n", "pages/open.md": "+++\ntitle = \"Open\"\n+++\nOpen.\n",
		"index.md": "Open.\n\n## [geheimx heading](pages/geheimx-page.md)\n", "notes/2026-11-14.md": "Kept.\n",
	}
	if r.field != "Value.Summary" {
		files["deal.toml"] = strings.Replace(referringDeal, "[value]\n", "[value]\nsummary = \"Why\"\n", 1)
	}
	switch {
	case !strings.Contains(r.at, "."):
		files["deal.toml"] = strings.Replace(files["deal.toml"], "#"+r.at+"\n", lines+"\n", 1)
	case lines != "" || files[r.at] != "":
		files[r.at] += "\n" + lines
	}
	return files
}

// A deal in which any field names what is for some viewers alone is, for
// everybody else, the deal without that field: no word, address or name of a
// file of it, no label, and no gap.
func TestReferringFields(t *testing.T) {
	links := map[string]string{
		"file":    "[geheimx words](%s/collateral/geheimx-file.pdf)",
		"embed":   "![geheimx words](%s/collateral/geheimx-file.pdf)",
		"page":    "[geheimx words](%s/pages/geheimx-page.md#a-geheimx-part)",
		"address": "[geheimx words](http://www.Geheimx.example/geheimx/)",
		"library": "![](library:geheimx-shared.pdf)",
		"anchor":  "[geheimx words](%s/index.md#geheimx-headingpagesgeheimx-pagemd)",
	}
	type tried struct {
		referring
		id, without string
	}
	var all []tried
	files := map[string]string{
		"content/_library/library.toml": "[collateral.geheimx-shared]\nfile = \"geheimx-shared.pdf\"\naudience = [\"ana\"]\n", "content/_library/geheimx-shared.pdf": "geheimx",
	}
	put := func(id string, of map[string]string) {
		for name, data := range of {
			files["content/"+id+"/"+name] = data
		}
	}
	add := func(r referring, kind, text string) {
		id := fmt.Sprintf("d-%d", len(all))
		x := tried{r, id, id + "-without"}
		x.field += " names " + kind
		all = append(all, x)
		put(x.id, r.with(text))
		put(x.without, r.with(""))
	}
	for _, r := range referringTexts() {
		for kind, text := range links {
			up := "."
			if folder, _, below := strings.Cut(r.at, "/"); below && folder != "" {
				up = ".."
			}
			if strings.Contains(text, "%s") {
				text = fmt.Sprintf(text, up)
			}
			add(r, kind, text)
		}
	}
	for _, r := range referringAddresses() {
		add(r, "address", "https://GEHEIMX.example:443/geheimx#geheimx")
	}
	s := newSite(t, files)
	s.opts.Clear = true
	o := s.output()
	for _, x := range all {
		t.Run(x.field+" in "+x.at, func(t *testing.T) {
			_, parts, _ := parted(t, o, x.id)
			_, without, _ := parted(t, o, x.without)
			for _, p := range parts {
				if p.Audience == nil && strings.Contains(strings.ToLower(string(p.Data)), "geheimx") {
					t.Errorf("%s holds what not all may see", p.Path)
				}
			}
			for _, p := range without {
				if p.Audience != nil || !strings.HasSuffix(p.Path, ".html") {
					continue
				}
				if diff := cmp.Diff(shown(t, without, p.Path), shown(t, parts, p.Path)); diff != "" {
					t.Errorf("%s (-without the field +with it):\n%s", p.Path, diff)
				}
			}
			if hers := told(t, parts, "ana") - told(t, without, "ana"); hers <= 0 && x.at != "buyer" && (x.at != "seller" || strings.HasPrefix(x.field, "Seller")) { // a footer's address is left out
				t.Errorf("she who may see it is told it %d times more", hers)
			}
		})
	}
}

// shown is a page as she has it who may not see what is restricted, but for
// blanks at the ends of texts.
func shown(t *testing.T, parts []render.Output, path string) []string {
	t.Helper()
	var lines []string
	for _, line := range source(t, opened(t, parts, path, "ivy")) {
		if line = strings.TrimSpace(strings.ReplaceAll(line, " <", "<")); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// What the sheet of paper has room for is reckoned, and of what everybody sees
// alone: longer words, more prices, pages and files of an audience change nothing
// of the page that the others get.
func TestPaperTellsNothing(t *testing.T) {
	link := "[geheimx words](collateral/geheimx-file.pdf)"
	of := func(link string) map[string]string {
		text := func(before string) string { return "'" + before + link + "'" }
		files := referring{field: "Value.Summary", at: "value", lines: "summary = " + text("Why ") + "%.0s"}.with("-")
		toml := strings.Replace(files["deal.toml"], "#risk\n", "counter = "+text("Hurry ")+"\n", 1)
		toml = strings.Replace(toml, "#dates\n", "go_live_reason = "+text("")+"\n", 1)
		files["deal.toml"] = strings.Replace(toml, "#bare\n", "benefit = "+text("")+"\n[milestone.open]\ntitle = \"Open\"\nstage = \"prove\"\ndue = \"go_live\"\nbenefit = \"Much\"\n[milestone.part]\ntitle = \"Part\"\nstage = \"prove\"\ndue = \"go_live\"\nbenefit = "+text("Much and ")+"\n", 1)
		return files
	}
	files := map[string]string{}
	for id, deal := range map[string]map[string]string{"short": of(link), "long": of(strings.Replace(link, "words", strings.Repeat("words ", 400), 1))} {
		for name, data := range deal {
			files["content/"+id+"/"+name] = data
		}
	}
	s := newSite(t, files)
	s.opts.Clear = true
	o := s.output()
	_, short, _ := parted(t, o, "short")
	_, long, _ := parted(t, o, "long")
	page := string(short[0].Data)
	if page != string(long[0].Data) {
		t.Error("the page that everybody gets depends on the length of what they do not see")
	}
	for id, want := range map[string]bool{"open": true, "part": false, "bare": false, "trial": true} {
		_, after, _ := strings.Cut(page, `id="m-`+id+`"`)
		tag, _, _ := strings.Cut(after, ">")
		if got := strings.Contains(tag, `data-paper="open"`); got != want {
			t.Errorf("the details of %s are open on paper: %v", id, got)
		}
	}
}

// told is how often a viewer's pages hold the canary.
func told(t *testing.T, parts []render.Output, viewer string) int {
	t.Helper()
	n := 0
	for _, p := range parts {
		if p.Audience == nil || slices.Contains(p.Audience, viewer) {
			n += strings.Count(strings.ToLower(string(p.Data)), "geheimx")
		}
	}
	return n
}

// The table of TestReferringFields forgets no field: neither one that holds
// Markdown, nor one whose pattern is that of an address.
func TestReferringFieldsAreAll(t *testing.T) {
	there := map[string]bool{}
	for _, r := range append(referringTexts(), referringAddresses()...) {
		there[r.field] = true
	}
	want := map[string]bool{}
	eachProse(reflect.TypeFor[deal.Deal](), "", want)
	schema, err := parse.Schema("deal.toml")
	if err != nil {
		t.Fatal(err)
	}
	var top map[string]any
	if err := json.Unmarshal(schema, &top); err != nil {
		t.Fatal(err)
	}
	eachAddress(top, "", want)
	for name, why := range map[string]string{"Beacon.Notice": "no page shows it", "beacon.url": "the collector's", "Pages.Heading": "a title: the rule restricted-title"} {
		if !want[name] {
			t.Errorf("%s (%s) is no field", name, why)
		}
		delete(want, name)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(there))); diff != "" {
		t.Errorf("(-fields of the model +fields of the table):\n%s", diff)
	}
}

func eachProse(t reflect.Type, name string, all map[string]bool) {
	switch {
	case t == reflect.TypeFor[deal.Prose]():
		all[name] = true
	case t.Kind() == reflect.Slice:
		eachProse(t.Elem(), name, all)
	case t.Kind() == reflect.Struct && strings.HasSuffix(t.PkgPath(), "internal/deal"):
		for i := range t.NumField() {
			f := t.Field(i)
			eachProse(f.Type, strings.TrimPrefix(name+"."+f.Name, "."), all)
		}
	}
}

func eachAddress(schema map[string]any, name string, all map[string]bool) {
	if pattern, ok := schema["pattern"].(string); ok && strings.Contains(pattern, "https?") {
		all[name] = true
	}
	properties, _ := schema["properties"].(map[string]any)
	for key, of := range properties {
		eachAddress(of.(map[string]any), strings.TrimPrefix(name+"."+key, "."), all)
	}
	for _, key := range []string{"items", "additionalProperties"} {
		if of, ok := schema[key].(map[string]any); ok {
			eachAddress(of, name, all)
		}
	}
}
