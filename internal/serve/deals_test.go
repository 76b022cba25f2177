package serve_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/internal/build"
	"portico/internal/deal"
	"portico/internal/need"
)

// november21 is the day that pages show, in tests that need not vary it.
var november21 = deal.DayOf(2026, 11, 21)

// demonstration serves the repository's own deals as of a day.
func demonstration(t testing.TB, asOf deal.Day) (*httptest.Server, *build.Output) {
	t.Helper()
	root := need.Root(t)
	return sites.site(t, "demonstration/"+asOf.String(), func(string) (build.Options, error) {
		return build.Options{Source: root, AsOf: asOf, Memory: &sites.memory}, nil
	})
}

// themed serves the same deals in a theme, outside of git, so that nothing on a
// page depends on the last commit.
func themed(t testing.TB, theme string) *httptest.Server {
	t.Helper()
	root := need.Root(t)
	s, _ := sites.site(t, "themed/"+theme, func(dir string) (build.Options, error) {
		return build.Options{Source: dir, AsOf: november21}, copyInTheme(dir, root, theme)
	})
	return s
}

func copyInTheme(site, root, theme string) error {
	for _, folder := range []string{"content", "assets"} {
		if err := os.CopyFS(filepath.Join(site, folder), os.DirFS(filepath.Join(root, folder))); err != nil {
			return err
		}
	}
	settings, err := os.ReadFile(filepath.Join(root, "portico.toml"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(site, "portico.toml"), []byte(inTheme(string(settings), theme)), 0o644); err != nil {
		return err
	}
	for _, id := range []string{"meridian-bank", "kestrel-motion", "alder-insurance"} { // a deal's own theme gives way
		name := filepath.Join(site, "content", id, "deal.toml")
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(name, bytes.Replace(data, []byte("\ntheme = "), []byte("\n# theme = "), 1), 0o644); err != nil {
			return err
		}
	}
	changed := time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)
	return filepath.WalkDir(site, func(name string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Chtimes(name, changed, changed))
	})
}

// others serves deals that are texts alone, in a theme of the repository's own
// site: the smallest, a large one, and those of testdata: halden, a plan of 19
// milestones without files in five stages; sixteen, one of 16 that are open; and
// arabic, one from right to left.
func others(t testing.TB, theme string) (*httptest.Server, *build.Output) {
	t.Helper()
	root := need.Root(t)
	return sites.site(t, "others/"+theme, func(dir string) (build.Options, error) {
		return build.Options{Source: dir, AsOf: november21}, writeOthers(dir, root, theme)
	})
}

func writeOthers(dir, root, theme string) error {
	site, err := os.ReadFile(filepath.Join(root, "portico.toml"))
	if err != nil {
		return err
	}
	files := map[string]string{
		// Nothing of the seller's but what a site cannot do without.
		"portico.toml":            strings.NewReplacer(`logo = "assets/lumen.svg"`, "", `logo_dark = "assets/lumen-dark.svg"`, "").Replace(inTheme(string(site), theme)),
		"content/small/deal.toml": small,
		"content/large/deal.toml": large(),
	}
	for _, id := range []string{"halden", "sixteen", "arabic"} {
		text, err := os.ReadFile(filepath.Join("testdata", id+".toml"))
		if err != nil {
			return err
		}
		files["content/"+id+"/deal.toml"] = string(text)
	}
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
			return err
		}
	}
	return nil
}

// inTheme is a site's portico.toml that names another theme.
func inTheme(settings, theme string) string {
	return strings.Replace(settings, "[site]\n", "[site]\ntheme = \""+theme+"\"\n", 1)
}

// builtin are the themes that every bar holds for.
var builtin = []string{"plan", "ledger"}

// A place is a page by the server that has it.
type place struct {
	id, theme string
	origin    string
	site      http.Handler
}

func (p place) url() string { return p.origin + "/" + p.id + "/" }

// name says which page it is, in which theme.
func (p place) name() string { return p.theme + "/" + p.id }

// everyDeal is the demonstration, the deal of 19 milestones, the smallest, a
// large one, and more of the others, in every theme.
func everyDeal(t *testing.T, more ...string) []place {
	t.Helper()
	var places []place
	for _, theme := range builtin {
		shown := themed(t, theme)
		for _, id := range []string{"meridian-bank", "kestrel-motion", "alder-insurance"} {
			places = append(places, place{id, theme, shown.URL, shown.Config.Handler})
		}
		own, _ := others(t, theme)
		for _, id := range append([]string{"halden", "small", "large"}, more...) {
			places = append(places, place{id, theme, own.URL, own.Config.Handler})
		}
	}
	return places
}

// shownIn are the places that show a theme.
func shownIn(places []place, theme string) []place {
	return slices.DeleteFunc(slices.Clone(places), func(at place) bool { return at.theme != theme })
}

// small has only what is required.
const small = `[deal]
owner = "mara"
profile = "smb"
[buyer]
name = "Fern & Vale"
[value]
summary = "Fern & Vale answers every booking within the hour, from one inbox instead of four, before the spring season starts. The front desk gets its mornings back, and owners see each week which enquiries became guests, month after month."
[dates]
go_live = 2027-02-15
[milestone.trial]
title = "Your four inboxes in one, on trial"
due = "go_live - 4w"
owner = "mara"
`

// large is a German group with compounds in every place, 30 people, 40
// milestones and 12 risks.
func large() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	nouns := []string{"Datenschutzfolgenabschätzung", "Lieferantenstammdatenbereinigung", "Unternehmenssicherheitsfreigabe", "Auftragsverarbeitungsvereinbarung", "Rechnungseingangsprüfung", "Betriebsvereinbarungsentwurf", "Wertschöpfungskettenanalyse", "Informationssicherheitsbewertung"}
	line("[deal]\ntitle = \"Rechnungseingangsprüfung in drei Tagen\"\nowner = \"mara\"\nlocale = \"de-DE\"\ntimezone = \"Europe/Berlin\"\ncurrency = \"EUR\"")
	line("[buyer]\nname = \"Oberrheinische Elektrizitätsversorgungsgesellschaft\"\n[seller]\nteam = [\"mara\", \"daniel\", \"ines\", \"ruth\", \"lena\"]")
	line("[value]\nsummary = \"Die Oberrheinische prüft Rechnungen in drei Tagen statt in elf, ohne eine Stelle mehr. Skonto geht nicht länger verloren, die Abschlussarbeiten beginnen am zweiten Werktag, und jede Gesellschaft der Gruppe sieht ihre Verbindlichkeiten am selben Morgen auf einer Seite.\"")
	line("[dates]\nstart = 2026-09-07\ngo_live = 2027-06-01\ngo_live_title = \"Produktivsetzung\"\ngo_live_reason = \"Das Geschäftsjahr der Netzgesellschaft beginnt am 1. Juli\"")
	for i, title := range []string{"Aufsichtsratssitzung", "Jahresabschlussarbeiten", "Betriebsversammlung", "Netzentgeltveröffentlichung"} {
		line("[event.e%d]\ntitle = %q\ndate = \"start + %dw\"", i, title, 14+2*i)
	}
	line("[event.ruhe]\ntitle = \"Änderungssperre\"\nfrom = 2026-12-21\nto = 2027-01-10")
	family := []string{"Schwarzenberger-Hohenlohe", "Wintersteiger", "von Oettingen-Spielberg", "Leutheusser-Schnarrenberger", "Çelik", "Müller"}
	roles := []string{"economic_buyer", "champion", "security", "legal", "procurement", "end_user", "technical_evaluator", "project_manager"}
	for i := range 30 {
		line("[person.p%d]\nname = \"Dr. Annegret %s %c.\"\ntitle = \"Leitung %s und %s\"\nrole = %q\ndepartment = \"Hauptabteilung %s\"\nemail = \"annegret.%d@oberrheinische-elektrizitaetsversorgung.example\"",
			i, family[i%len(family)], 'A'+rune(i%26), nouns[i%len(nouns)], nouns[(i+3)%len(nouns)], roles[i%len(roles)], nouns[(i+1)%len(nouns)], i)
	}
	for i := range 5 {
		line("[[stage]]\nid = \"s%d\"\ntitle = %q", i, []string{"Erkennen", "Nachweisen", "Entscheiden", "Inbetriebnehmen", "Wirkungskontrolle"}[i])
	}
	for i := range 40 {
		line("[milestone.m%d]\ntitle = \"%s: Ergebnis %d liegt beiden Häusern vor\"\nstage = \"s%d\"\ndue = \"start + %dd\"\nowner = [\"p%d\", \"daniel\"]\nbenefit = \"Die %s ist danach kein Hindernis mehr\"\ndone_when = \"Die %s ist unterschrieben\"\nstep = [\n  { title = \"%s vorbereitet\", owner = \"p%d\" },\n  { title = \"%s abgenommen\", owner = \"ruth\" },\n]",
			i, nouns[i%len(nouns)], i+1, i/8, 5+i*7, i%30, nouns[(i+2)%len(nouns)], nouns[(i+4)%len(nouns)], nouns[(i+5)%len(nouns)], (i+7)%30, nouns[(i+6)%len(nouns)])
		if i < 7 {
			line("done = 2026-11-0%d", i+1)
		}
		if i == 12 {
			line("risk = \"at_risk\"\nrisk_note = \"Die %s wartet auf den Betriebsrat\"", nouns[5])
		}
	}
	for i := range 12 {
		line("[risk.r%d]\ntitle = \"%s verzögert die %s\"\ncounter = \"%s vorziehen\"\nowner = \"p%d\"\nlikelihood = %q\nimpact = \"high\"", i, nouns[i%8], nouns[(i+1)%8], nouns[(i+2)%8], i, []string{"low", "medium", "high"}[i%3])
	}
	for i := range 4 {
		line("[[kpi]]\nmetric = %q\nbaseline = %d\nactual = %d\ntarget = %d\nunit = \"EUR\"\nhighlight = %t", nouns[i], 1_250_000*(i+1), 1_000_000*(i+1), 400_000*(i+1), i < 3)
	}
	line("[pricing]\nterm_months = 36\n[[pricing.line]]\nitem = %q\nunit_price = 1250000\nquantity = 12\nper = \"year\"", nouns[1])
	return b.String()
}
