package parse

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/internal/deal"
	"portico/internal/diag"
)

// team is a portico.toml with somebody in it who has every key.
const team = smallSite + `department = "Sales"
role = ["account_executive", "legal"]
decides = "scope"
lead = true
email = "mara@lumen.example"
phone = "+44 20 7946 0011"
photo = "assets/mara.jpg"
timezone = "Europe/Lisbon"
link = "https://lumen.example/mara"
internal_note = "Speaks Welsh"
`

// TestPersonOverride wants a deal to change of a member of the team the keys
// that it gives, and nothing else, for itself alone.
func TestPersonOverride(t *testing.T) {
	s, list := readSite(t, site(map[string]string{"portico.toml": team}))
	want(t, list)
	before := *s.Default().Member("mara")
	before.Roles = slices.Clone(before.Roles)
	for _, test := range []struct {
		name, keys string
		change     func(p *deal.Person)
	}{
		{"nothing", "", func(*deal.Person) {}},
		{"the title", `title = "Director"`, func(p *deal.Person) { p.Title = "Director" }},
		{"lead taken away", "lead = false", func(p *deal.Person) { p.Lead = false }},
		{"other roles", `role = "champion"`, func(p *deal.Person) { p.Roles = []string{"champion"} }},
		{"no roles", "role = []", func(p *deal.Person) { p.Roles = nil }},
		{"a photo of the deal", `photo = "collateral/mara.jpg"`, func(p *deal.Person) { p.Photo = deal.File{Path: "collateral/mara.jpg"} }},
		{"unlisted", "listed = false\ninternal = true", func(p *deal.Person) { p.Listed, p.Internal = false, true }},
		{"another zone", `timezone = "UTC"`, func(p *deal.Person) { p.Timezone = "UTC" }},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, list := readDeal(t, s, "fern", below(site(map[string]string{"content/fern/deal.toml": whole("[person.mara]\n" + test.keys + "\n")}), "content/fern"))
			want(t, list)
			p := before
			test.change(&p)
			if diff := cmp.Diff(p, *d.Person("mara")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, *s.Default().Member("mara")); diff != "" {
				t.Errorf("the team was changed (-want +got):\n%s", diff)
			}
		})
	}
}

// TestBrokenOverride wants a value that cannot be read to leave the team's.
func TestBrokenOverride(t *testing.T) {
	s, list := readSite(t, site(map[string]string{"portico.toml": team}))
	want(t, list)
	toml := whole("[person.mara]\ntimezone = \"Lisbon\"\nemail = \"mara\"\nrole = 5\n")
	d, list := readDeal(t, s, "fern", below(site(map[string]string{"content/fern/deal.toml": toml}), "content/fern"))
	want(t, list, "deal.toml:2:12: error [bad-timezone]", "deal.toml:3:9: error [bad-email]", "deal.toml:4:8: error [wrong-type]")
	if p := d.Person("mara"); p.Timezone != "Europe/Lisbon" || p.Email != "mara@lumen.example" {
		t.Errorf("%+v", p)
	}
}

// TestSellerOverride wants a deal's [seller] to change the keys that it gives,
// and to say that it did.
func TestSellerOverride(t *testing.T) {
	seller := "[site]\nbase_url = \"https://plans.lumen.example\"\n[seller]\nname = \"Lumen\"\ncolor = \"#2540c8\"\nlogo = \"assets/logo.svg\"\nwebsite = \"https://lumen.example\"\n[person.mara]\ntitle = \"AE\"\n"
	s, list := readSite(t, site(map[string]string{"portico.toml": seller}))
	want(t, list)
	d, list := readDeal(t, s, "fern", below(site(map[string]string{"content/fern/deal.toml": whole("[seller]\nname = \"Lumen GmbH\"\nlogo = \"collateral/logo.svg\"\n")}), "content/fern"))
	want(t, list)
	if diff := cmp.Diff(deal.Seller{Name: "Lumen GmbH", Color: "#2540c8", Logo: deal.File{Path: "collateral/logo.svg"}, Website: "https://lumen.example"}, d.Seller); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]bool{"seller.name": true, "seller.logo": true}, d.Own); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if logo := s.Default().Seller.Logo; logo != (deal.File{Root: deal.InAssets, Path: "logo.svg"}) {
		t.Errorf("the site's logo is %v", logo)
	}
}

// TestBeaconOverride wants a deal's alerts to stand instead of the site's, and
// no deal's to reach another.
func TestBeaconOverride(t *testing.T) {
	alert := func(env string) string {
		return "[[beacon.alert]]\non = \"silence\"\nvia = \"slack\"\nenv = \"" + env + "\"\n"
	}
	s, list := readSite(t, site(map[string]string{"portico.toml": smallSite + "[beacon]\nurl = \"https://b.example\"\n" + alert("A") + alert("B") + alert("C")}))
	want(t, list)
	envs := func(toml string) (envs []string) {
		d, list := readDeal(t, s, "fern", below(site(map[string]string{"content/fern/deal.toml": whole(toml)}), "content/fern"))
		want(t, list)
		if d.Beacon.URL != "https://b.example" {
			t.Errorf("the collector is %q", d.Beacon.URL)
		}
		for _, a := range d.Beacon.Alerts {
			envs = append(envs, a.Env)
		}
		return envs
	}
	for _, test := range []struct {
		toml string
		want []string
	}{
		{alert("X"), []string{"X"}},
		{alert("Y") + alert("Z"), []string{"Y", "Z"}},
		{"", []string{"A", "B", "C"}},
		{"[beacon]\noff = true\n", []string{"A", "B", "C"}},
	} {
		if diff := cmp.Diff(test.want, envs(test.toml)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.toml, diff)
		}
	}
}

// TestLanguages wants the text of the deal's locale, with the quotes of that
// locale.
func TestLanguages(t *testing.T) {
	toml := strings.Replace(smallSite, `title = "Account Executive"`, `title = { de = "Vertrieb", en = "Sales", fr = "Ventes" }`, 1) + `
[beacon]
url = "https://b.example"
notice = { en = "We \"see\" it", de = "Wir \"sehen\" es" }

[calendar.uk]
title = { "pt-BR" = "Feriados" }
days = 2026-12-25
`
	lib := "[collateral.soc2]\nfile = \"soc2.pdf\"\ntitle = { en = \"Report\", \"de-CH\" = \"Rapport\" }\ndescription = { de = \"Der *Bericht*\", en = \"The *report*\" }\n"
	s, list := readSite(t, site(map[string]string{"portico.toml": toml, "content/_library/library.toml": lib}))
	want(t, list)
	for _, test := range []struct{ locale, title, notice, document, text string }{
		{"en", "Sales", "We “see” it", "Report", "The <em>report</em>"},
		{"en-GB", "Sales", "We “see” it", "Report", "The <em>report</em>"},
		{"de", "Vertrieb", "Wir „sehen“ es", "Rapport", "Der <em>Bericht</em>"},
		{"de-AT", "Vertrieb", "Wir „sehen“ es", "Rapport", "Der <em>Bericht</em>"},
		{"de-CH", "Vertrieb", "Wir «sehen» es", "Rapport", "Der <em>Bericht</em>"},
		{"fr", "Ventes", "We «\u00a0see\u00a0» it", "Report", "The <em>report</em>"},
		{"it", "Sales", "We “see” it", "Report", "The <em>report</em>"},
	} {
		t.Run(test.locale, func(t *testing.T) {
			x := s.In(test.locale)
			got := []string{x.Member("mara").Title, htmlOf(&x.Beacon.Notice), x.Library.Item("soc2").Title, htmlOf(&x.Library.Item("soc2").Description), x.Calendars["uk"].Title}
			if diff := cmp.Diff([]string{test.title, test.notice, test.document, test.text, "Feriados"}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			d, list := readDeal(t, s, "fern", below(site(map[string]string{"content/fern/deal.toml": whole("[deal]\nowner = \"mara\"\nlocale = \"" + test.locale + "\"\n")}), "content/fern"))
			want(t, list)
			if d.Locale != test.locale || d.Person("mara").Title != test.title {
				t.Errorf("the deal is in %s, its owner %q", d.Locale, d.Person("mara").Title)
			}
		})
	}
}

// TestMistakeInALanguage wants each text to be looked at, whichever is chosen,
// and a mistake of the site to be told once, not for each deal.
func TestMistakeInALanguage(t *testing.T) {
	toml := strings.Replace(smallSite, `title = "Account Executive"`, "title = { de = \"\", en = \"Sales\", xx1 = \"x\" }", 1)
	s, list := readSite(t, site(map[string]string{"portico.toml": toml}))
	want(t, list, "portico.toml:10:16: error [empty]", "portico.toml:10:40: error [bad-locale]")
	_, list = readDeal(t, s, "fern", below(site(map[string]string{"content/fern/deal.toml": whole("[deal]\nowner = \"mara\"\nlocale = \"de\"\n")}), "content/fern"))
	want(t, list)
}

// TestLocaleSpelling wants a locale to be known by one spelling.
func TestLocaleSpelling(t *testing.T) {
	for spelt, locale := range map[string]string{"de-de": "de-DE", "DE": "de", "pt_BR": "pt-BR", " de ": "de", "zh-hans-cn": "zh-Hans-CN"} {
		s, list := readSite(t, site(map[string]string{"portico.toml": strings.Replace(smallSite, "[site]", "[site]\nlocale = \""+spelt+"\"", 1)}))
		want(t, list)
		if got := s.Default().Locale; got != locale {
			t.Errorf("%q is %q in the site", spelt, got)
		}
		d := sound(t, map[string]string{"content/fern/deal.toml": whole("[deal]\nowner = \"mara\"\nlocale = \"" + spelt + "\"\n")})
		if d.Locale != locale {
			t.Errorf("%q is %q in a deal", spelt, d.Locale)
		}
	}
}

// TestInheritance wants the deal to win over its profile, and that over the
// site.
func TestInheritance(t *testing.T) {
	const toml = `[site]
base_url = "https://plans.lumen.example"
locale = "en-GB"
timezone = "Europe/London"
currency = "GBP"
theme = "of-site"
profile = "own"

[seller]
name = "Lumen"
color = "#2540c8"

[person.mara]
title = "AE"

[profile.own]
extends = "renewal"
theme = "of-profile"
limits = { MAP005 = 3 }

[profile.mid-market]

[[profile.mid-market.stage]]
id = "try"
title = { en = "Try", de = "Versuchen" }

[profile.staged]
extends = "Mid-Market"
`
	s, list := readSite(t, site(map[string]string{"portico.toml": toml}))
	want(t, list)
	stages := func(d *Deal) string {
		var ids []string
		for _, s := range d.Stages {
			ids = append(ids, s.ID+"="+s.Title)
		}
		return strings.Join(ids, " ")
	}
	for _, test := range []struct{ name, keys, profile, theme, stages, zone, currency string }{
		{"the site's", "", "own", "of-profile", "prove=Prove agree=Agree grow=Grow", "Europe/London", "GBP"},
		{"the deal's", "theme = \"mine\"\ntimezone = \"UTC\"\ncurrency = \"usd\"", "own", "mine", "prove=Prove agree=Agree grow=Grow", "UTC", "USD"},
		{"another profile", `profile = "enterprise"`, "enterprise", "of-site", "prove=Prove approve=Approve deploy=Deploy value=See the value", "Europe/London", "GBP"},
		{"no stages", `profile = "smb"`, "smb", "of-site", "", "Europe/London", "GBP"},
		{"a profile by the name of a built-in one", `profile = "mid-market"`, "mid-market", "of-site", "try=Try", "Europe/London", "GBP"},
		{"its text by language", "profile = \"mid-market\"\nlocale = \"de\"", "mid-market", "of-site", "try=Versuchen", "Europe/London", "GBP"},
		{"stages of what it extends", `profile = "staged"`, "staged", "of-site", "prove=Prove approve=Approve deploy=Deploy value=See the value", "Europe/London", "GBP"},
		{"in German", "profile = \"renewal\"\nlocale = \"de-AT\"", "renewal", "of-site", "prove=Erproben agree=Vereinbaren grow=Ausbauen", "Europe/London", "GBP"},
		{"stages of the deal", "[[stage]]\nid = \"one\"\ntitle = \"One\"", "own", "of-profile", "one=One", "Europe/London", "GBP"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, list := readDeal(t, s, "fern", below(site(map[string]string{"content/fern/deal.toml": whole("[deal]\nowner = \"mara\"\n" + test.keys + "\n")}), "content/fern"))
			want(t, list)
			got := []string{d.Profile.ID, d.Theme, stages(d), d.Timezone.String(), d.Currency}
			if diff := cmp.Diff([]string{test.profile, test.theme, test.stages, test.zone, test.currency}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if p := s.Default().Profiles["own"]; p.Limits["MAP005"] != 3 || p.Extends != "renewal" {
		t.Errorf("%+v", p)
	}
}

// TestProfileWithoutOrigin wants a profile of a new name to say what it
// extends, and deals to be read all the same.
func TestProfileWithoutOrigin(t *testing.T) {
	_, list := readSite(t, site(map[string]string{"portico.toml": smallSite + "[profile.short]\n[profile.smb]\n[profile.long]\nextends = \"enterprize\"\n"}))
	want(t, list, "portico.toml:11:2: error [missing-key]", "portico.toml:14:11: error [unknown-value]")

	s, list := readSite(t, site(map[string]string{"portico.toml": strings.Replace(smallSite, "[site]", "[site]\nprofile = \"entreprise\"", 1)}))
	want(t, list, "portico.toml:2:11: error [unknown-profile]")
	if m := list[0]; m.Label != `did you mean "enterprise"?` {
		t.Error(printed(list))
	}
	d, list := readDeal(t, s, "fern", below(site(map[string]string{"content/fern/deal.toml": whole("")}), "content/fern"))
	want(t, list) // told once, with the site
	if d.Profile.ID != "mid-market" {
		t.Errorf("the profile is %q", d.Profile.ID)
	}
}

// TestDone reads the ways to say that something is done.
func TestDone(t *testing.T) {
	const head = "[milestone.pilot]\ntitle = \"Pilot\"\ndue = 2026-11-30\n"
	for _, test := range []struct {
		name, toml string
		want       []string
		step       deal.Step
	}{
		{"true", head + "step = [{ title = \"A\", done = true }]", nil, deal.Step{Done: true}},
		{"false", head + "step = [{ title = \"A\", done = false }]", nil, deal.Step{}},
		{"a day", head + "step = [{ title = \"A\", done = 2026-11-05 }]", nil, deal.Step{Done: true, DoneOn: deal.DayOf(2026, 11, 5)}},
		{"a day in quotes", head + "[[milestone.pilot.step]]\ntitle = \"A\"\ndone = \"2026-11-05\"", nil, deal.Step{Done: true, DoneOn: deal.DayOf(2026, 11, 5)}},
		{"a day that is none", head + "[[milestone.pilot.step]]\ntitle = \"A\"\ndone = 2026-11-31", []string{"deal.toml:6:8: error [bad-date]"}, deal.Step{Done: true}},
		{"done, and a status", head + "[[milestone.pilot.step]]\ntitle = \"A\"\ndone = true\nstatus = \"blocked\"", []string{"deal.toml:7:10: warning [status-and-done]"}, deal.Step{Done: true, Status: deal.Blocked}},
		{"not done, and a status", head + "[[milestone.pilot.step]]\ntitle = \"A\"\ndone = false\nstatus = \"blocked\"", nil, deal.Step{Status: deal.Blocked}},
		{"a milestone that is done, and a status", head + "done = 2026-11-05\nstatus = \"in progress\"\nstep = { title = \"A\" }", []string{"deal.toml:5:10: warning [status-and-done]", "deal.toml:6:8: error [wrong-type]"}, deal.Step{}},
		{"a milestone that is done with true", head + "done = true\nstep = [{ title = \"A\" }]", []string{"deal.toml:4:8: error [wrong-type]"}, deal.Step{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, list := readTOML(t, whole(test.toml))
			want(t, list, test.want...)
			steps := milestone(t, d, "pilot").Steps
			if len(steps) == 0 {
				if test.name != "a milestone that is done, and a status" {
					t.Error("there is no step")
				}
				return
			}
			if got := steps[0]; got.Done != test.step.Done || got.DoneOn != test.step.DoneOn || got.Status != test.step.Status {
				t.Errorf("%+v", got)
			}
		})
	}
}

// TestMilestoneDue wants a due date, but for a milestone of kind go_live.
func TestMilestoneDue(t *testing.T) {
	for _, test := range []struct {
		name, toml string
		want       []string
	}{
		{"missing", "[milestone.a]\ntitle = \"A\"\n", []string{"deal.toml:1:2: error [missing-key]"}},
		{"missing, and counted from", "[milestone.a]\ntitle = \"A\"\n[milestone.b]\ntitle = \"B\"\ndue = \"a + 1w\"\n[kpi]\n", []string{"deal.toml:1:2: error [missing-key]", "deal.toml:6:2: error [wrong-type]"}},
		{"missing, and steps hang on it", "[milestone.a]\ntitle = \"A\"\nstep = [{ title = \"S\", due = \"due - 1w\" }]\n", []string{"deal.toml:1:2: error [missing-key]"}},
		{"go_live", "[milestone.a]\ntitle = \"A\"\nkind = \"go_live\"\n", nil},
		{"go-live in another spelling", "[milestone.a]\ntitle = \"A\"\nkind = \"Go-Live\"\n", nil},
		{"a kind that may have been go_live", "[milestone.a]\ntitle = \"A\"\nkind = \"golife\"\n", []string{"deal.toml:3:8: error [unknown-value]"}},
		{"a kind that is misspelt", "[milestone.a]\ntitle = \"A\"\nkynd = \"go_live\"\n", []string{"deal.toml:3:1: error [unknown-key]"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, list := readTOML(t, whole(test.toml))
			want(t, list, test.want...)
		})
	}
}

// TestEventDates wants one day, or a first and a last.
func TestEventDates(t *testing.T) {
	const head = "[event.board]\ntitle = \"Board\"\n"
	for _, test := range []struct {
		name, keys string
		want       []string
	}{
		{"one day", "date = 2026-11-05", nil},
		{"two", "from = 2026-11-05\nto = 2026-11-06", nil},
		{"none", "", []string{"deal.toml:1:2: error [missing-key]"}},
		{"a first alone", "from = 2026-11-05", []string{"deal.toml:1:2: error [missing-key]"}},
		{"a last alone", "to = 2026-11-05", []string{"deal.toml:1:2: error [missing-key]"}},
		{"one day and a first", "from = 2026-11-05\ndate = 2026-11-05", []string{"deal.toml:4:8: error [two-dates]"}},
		{"all three", "date = 2026-11-05\nfrom = 2026-11-05\nto = 2026-11-05", []string{"deal.toml:3:8: error [two-dates]"}},
		{"one that is none", "date = \"someday!\"", []string{"deal.toml:3:8: error [bad-date]"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			// What counts from the event says nothing of its own.
			_, list := readTOML(t, whole(head+test.keys+"\n[milestone.a]\ntitle = \"A\"\ndue = \"board + 1w\"\nstart = \"board - 1w\"\n"))
			want(t, list, test.want...)
		})
	}
}

// TestFileOrAddress wants one of the two of collateral.
func TestFileOrAddress(t *testing.T) {
	for keys, expect := range map[string][]string{
		"file = \"collateral/a.pdf\"":                                    nil,
		"url = \"https://fern.example\"":                                 nil,
		"title = \"Deck\"":                                               {"deal.toml:1:2: error [missing-key]"},
		"file = \"collateral/a.pdf\"\nurl = \"https://fern.example\"":    {"deal.toml:3:7: error [file-and-url]"},
		"fil = \"collateral/a.pdf\"":                                     {"deal.toml:2:1: error [unknown-key]"},
		"file = \"../a.pdf\"":                                            {"deal.toml:2:8: error [path-escape]"},
		"URL = \"https://fern.example\"\nfile = \"collateral/deck.pdf\"": {"deal.toml:2:1: error [unknown-key]"},
	} {
		_, list := readTOML(t, whole("[collateral.deck]\n"+keys+"\n"))
		t.Run(keys, func(t *testing.T) { want(t, list, expect...) })
	}
}

// TestHolidays reads days and the site's calendars.
func TestHolidays(t *testing.T) {
	toml := smallSite + "[calendar.uk]\ndays = [2026-12-25, 2026-12-28]\n[calendar.2027-uk]\ndays = \"2027-01-01\"\n"
	d, list := readFern(t, site(map[string]string{"portico.toml": toml, "content/fern/deal.toml": whole("[dates]\ngo_live = 2027-02-15\nholidays = [\"uk\", \"2027-uk\", 2026-12-24, \"2026-12-25\"]\n[milestone.a]\ntitle = \"A\"\ndue = \"W1 Thu + 1bd\"\n")}))
	want(t, list, "deal.toml:6:7: error [missing-start]")
	var days []string
	for day := range d.Holidays {
		days = append(days, day.String())
	}
	slices.Sort(days)
	if diff := cmp.Diff([]string{"2026-12-24", "2026-12-25", "2026-12-28", "2027-01-01"}, days); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestIDs judges how what stands in headers may be spelt.
func TestIDs(t *testing.T) {
	long := strings.Repeat("a", 64)
	for _, test := range []struct {
		id, label string
		ok        bool
	}{
		{"ana", "", true}, {"a1-b2-3", "", true}, {"1", "", true}, {long, "", true}, {"w", "", true}, {"week-1", "", true}, {"w1a", "", true}, {"golive", "", true},
		{"Ana", `write "ana"`, false}, {"ana_costa", `write "ana-costa"`, false}, {"ana--costa", `write "ana-costa"`, false}, {"-ana", `write "ana"`, false}, {"ana-", `write "ana"`, false},
		{"Ana Costa", `write "ana-costa"`, false}, {"josé", `write "jos"`, false}, {"", "", false}, {"—", "", false}, {long + "a", "", false},
		{"start", "", false}, {"due", "", false}, {"w1", "", false}, {"w007", "", false}, {"go_live", `write "go-live"`, false},
	} {
		for _, table := range []string{"event", "person", "milestone", "risk", "collateral"} {
			l := grammars()["deal.toml"]
			page := l.compose(table+".*", "# here", nil, "")
			toml := strings.Replace(page.text, "["+table+".some]", "["+table+".\""+test.id+"\"]", 1)
			list := l.read(t, toml)
			if test.ok {
				if len(list) > 0 {
					t.Errorf("[%s.%s]:\n%s", table, test.id, printed(list))
				}
				continue
			}
			if m := only(t, list); m.Code != "bad-id" || m.Start.Line != 1 || m.Start.Column != 2 || m.Label != test.label && test.id != "josé" {
				t.Errorf("[%s.%s]:\n%s", table, test.id, printed(list))
			}
		}
	}
	for _, table := range []string{"milestone", "person", "event"} {
		_, list := readTOML(t, whole("[["+table+"]]\ntitle = \"A\"\n"))
		if m := only(t, list); m.Code != "wrong-type" || m.Start.Line != 1 || !strings.Contains(m.Text, "needs an id") {
			t.Error(printed(list))
		}
		_, list = readTOML(t, whole("["+table+"]\ntitle = \"A\"\n"))
		if m := only(t, list); m.Code != "missing-id" || m.Start.Line != 2 {
			t.Error(printed(list))
		}
	}
}

// TestKeysAboveTables refuses what stands above the first header.
func TestKeysAboveTables(t *testing.T) {
	_, list := readTOML(t, "title = \"Plan\"\nowner = \"mara\"\n\n"+whole(""))
	want(t, list, "deal.toml:1:1: error [key-above-table]", "deal.toml:2:1: error [key-above-table]")
	_, list = readSite(t, site(map[string]string{"portico.toml": "base_url = \"https://a.example\"\n" + smallSite}))
	want(t, list, "portico.toml:1:1: error [key-above-table]")
	_, list = readSite(t, site(map[string]string{"content/_library/library.toml": "title = \"x\"\n"}))
	want(t, list, "content/_library/library.toml:1:1: error [key-above-table]")
	want(t, readTheme(t, "color = \"#fff\"\n[theme]\n"), "themes/plan/theme.toml:1:1: error [key-above-table]")
}

// TestFileOrder wants tables in the order of the file, which is that of the
// page.
func TestFileOrder(t *testing.T) {
	d := sound(t, map[string]string{"content/fern/deal.toml": whole("[risk.zeta]\ntitle = \"Z\"\n[person.ben]\ntitle = \"B\"\n[risk.alpha]\ntitle = \"A\"\n[person.ana]\ntitle = \"A\"\n[risk.mid]\ntitle = \"M\"\n")})
	var ids []string
	for _, r := range d.Risks {
		ids = append(ids, r.ID)
	}
	for _, p := range d.People {
		ids = append(ids, p.ID)
	}
	if got := strings.Join(ids, " "); got != "zeta alpha mid ben ana mara" {
		t.Errorf("the order is %s", got)
	}
	// So it is in a file that has a mistake in its syntax.
	d, _ = readTOML(t, whole("[risk.zeta]\ntitle = \"Z\"\n[risk.alpha]\ntitle = \"A\"\nowner = x\n[risk.mid]\ntitle = \"M\"\n"))
	if d.Risks[0].ID != "zeta" || d.Risks[1].ID != "alpha" || d.Risks[2].ID != "mid" {
		t.Errorf("%+v", d.Risks)
	}
}

// TestOffsetsInTexts wants what is wrong within a text to be shown there, where
// the text is written without escapes, and else at the whole of it.
func TestOffsetsInTexts(t *testing.T) {
	for _, test := range []struct {
		name, value, want string
	}{
		{"on one line", `"Über <b>alles</b>"`, "deal.toml:5:16: warning [raw-html]"},
		{"in single quotes", `'Über <b>alles</b>'`, "deal.toml:5:16: warning [raw-html]"},
		{"on several lines", "\"\"\"\nÜber\n <b>alles</b>\"\"\"", "deal.toml:7:2: warning [raw-html]"},
		{"on several lines, begun at once", "\"\"\"Über\n<b>alles</b>\"\"\"", "deal.toml:6:1: warning [raw-html]"},
		{"with blanks around", `"   <b>alles</b>  "`, "deal.toml:5:14: warning [raw-html]"},
		{"with an escape", `"\u00dcber <b>alles</b>"`, "deal.toml:5:10: warning [raw-html]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, list := readTOML(t, whole("[milestone.a]\ntitle = \"A\"\ndue = 2026-11-30\nowner = [\"mara\"]\nagenda = "+test.value+"\n"))
			want(t, list, test.want)
		})
	}
	_, list := readTOML(t, whole("[milestone.a]\ntitle = \"A\"\ndue = 2026-11-30\nowner = [\"mara\"]\nagenda = [\"One\", \"Two <i>x</i>\"]\nbenefit = \"a\"\nlink = \"x\"\n"))
	want(t, list, "deal.toml:5:23: warning [raw-html]", "deal.toml:7:8: error [bad-address]")
	_, list = readTOML(t, whole("[milestone.a]\ntitle = \"A\"\ndue = \"go_live - 6weeks\"\nstart = \"nowhere + 2w\"\n"))
	want(t, list, "deal.toml:3:18: error [bad-date]", "deal.toml:4:10: error [unknown-reference]")
}

// TestSiteWithMistakes wants the site to be read as far as it can be, and every
// deal in it.
func TestSiteWithMistakes(t *testing.T) {
	s, list := readSite(t, site(map[string]string{"portico.toml": "[site]\nbase_url = plans\nlocale = \"de\"\n[seler]\nname = \"Lumen\"\n[person.mara]\ntitle = \"AE\"\n"}))
	want(t, list, "portico.toml:2:12: error [bad-syntax]", "portico.toml:4:2: error [unknown-table]")
	d, list := readDeal(t, s, "fern", below(site(map[string]string{"content/fern/deal.toml": whole("")}), "content/fern"))
	want(t, list)
	if d.Locale != "de" || d.Person("mara") == nil {
		t.Errorf("the deal is in %q", d.Locale)
	}
	m := site(map[string]string{})
	delete(m, "portico.toml")
	_, list = readSite(t, m)
	want(t, list, "portico.toml:1:1: error [missing-file]")
	if len(list[0].Excerpt) > 0 || list[0].Severity != diag.Error {
		t.Errorf("%+v", list[0])
	}
}
