package build

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"portico/internal/beacon"
	"portico/internal/report"
	"portico/internal/seal"
)

// A plan for a report has names for all ids that a page ever sent: of those who
// have a way in, who had one once, and of deals that are gone.
func TestPlans(t *testing.T) {
	s := sealedDeals(t)
	s.edit("content/ash/deal.toml", `viewers = ["ana"]`, `viewers = ["ana", "ben"]
[person.ben]
name = "Ben Brook"
title = "Clerk"`)
	s.commit(time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC), "Mara Lindqvist")
	s.edit("content/ash/deal.toml", `viewers = ["ana", "ben"]
[person.ben]
name = "Ben Brook"
title = "Clerk"`, `viewers = ["ana"]`)
	if err := os.RemoveAll(s.path("content/cedar")); err != nil {
		t.Fatal(err)
	}
	s.write("content/beech/deal.toml", "[deal")
	s.commit(time.Date(2026, 11, 4, 9, 0, 0, 0, time.UTC), "Mara Lindqvist")
	p := s.load()
	plans, err := p.Plans(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	key, err := testKey()
	if err != nil {
		t.Fatal(err)
	}
	if len(plans) != 3 {
		t.Fatalf("%d plans", len(plans))
	}
	for i, id := range []string{"ash", "beech", "cedar"} {
		if plans[i].ID != id || plans[i].Key != key.Deal(id).ID() || plans[i].Removed != (id == "cedar") {
			t.Errorf("plan %d is %+v", i, plans[i])
		}
	}
	ash := plans[0]
	want := map[string]report.Person{
		"ana": {Name: "Ana Costa", Title: "Owner", Way: true}, "ben": {Name: "Ben Brook"}, report.Everyone: {Name: "the deal’s passphrase", Way: true, Shared: true},
	}
	for _, got := range ash.People {
		w := want[got.ID]
		w.ID, w.Key = got.ID, key.Deal("ash").Viewer(got.ID)
		if got != w {
			t.Errorf("%+v is not %+v", got, w)
		}
		delete(want, got.ID)
	}
	if len(want) > 0 {
		t.Errorf("missing are %v", want)
	}
	for part, title := range map[beacon.Part]string{
		{Kind: beacon.Section, ID: "plan"}: "Plan", {Kind: beacon.Section, ID: "pages/more"}: "More of ash", {Kind: beacon.Milestone, ID: "trial"}: "Trial", {Kind: beacon.Document, ID: "deck"}: "deck",
	} {
		if got := ash.Parts[part.Target(key.Deal("ash"))]; got.Title != title || got.ID != part.ID {
			t.Errorf("%v is %+v", part, got)
		}
	}
	if cedar := plans[2]; len(cedar.People) != 1 || cedar.People[0].Name != "Ana Costa" {
		t.Errorf("of the deal that is gone there are %+v", cedar.People)
	}
	one, err := p.Plans(t.Context(), "ash")
	if err != nil || len(one) != 1 || one[0].ID != "ash" {
		t.Errorf("of one deal there are %d plans, %v", len(one), err)
	}
	again, err := p.Plans(t.Context(), one[0].Key.Path())
	if err != nil || len(again) != 1 || again[0].ID != "ash" {
		t.Errorf("by the id that the collector has: %+v, %v", again, err)
	}
	if _, err := p.Plans(t.Context(), seal.DealID{}.Path()); !errors.As(err, new(*UnknownDeal)) {
		t.Errorf("an id of no deal: %v", err)
	}
	if _, err := p.Plans(t.Context(), "ahs"); !errors.As(err, new(*UnknownDeal)) {
		t.Errorf("the error is %v", err)
	}
}

func TestPrivate(t *testing.T) {
	s := threeDeals(t)
	s.opts.KeyFile = filepath.Join(t.TempDir(), "key")
	p := s.load()
	kept, err := p.Private(t.Context(), "report")
	if err != nil {
		t.Fatal(err)
	}
	kept.Save("copy", []byte("who looked at what"))
	if got := kept.Load("copy"); string(got) != "who looked at what" {
		t.Errorf("kept is %q", got)
	}
	if got := kept.Load("other"); got != nil {
		t.Errorf("under another name there is %q", got)
	}
	// Another process waits until this one is done.
	ctx, stop := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer stop()
	if _, err := p.Private(ctx, "report"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error is %v", err)
	}
	files, err := filepath.Glob(s.path(".portico/report/*"))
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil || bytes.Contains(data, []byte("looked")) {
			t.Errorf("%s: %q, %v", f, data, err)
		}
		if len(data) > 0 { // what is spoilt is not there
			if err := os.WriteFile(f, data[:len(data)-1], 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := kept.Load("copy"); got != nil {
		t.Errorf("of what was spoilt there is %q", got)
	}
	kept.Close()
	again, err := p.Private(t.Context(), "report")
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
}

func TestReportPageOfTheSitesTheme(t *testing.T) {
	s := threeDeals(t)
	s.write("layouts/report.html", `<!doctype html><html lang="en"><head><meta http-equiv="Content-Security-Policy" content="{{.Policy}}"><title>{{.Title}}</title>{{range .Styles}}<link rel="stylesheet" href="{{.}}">{{end}}</head><body>{{len .Deals}} here</body></html>`)
	s.write("assets/report.css", ".own { color: var(--accent) }\n")
	page, messages, err := s.load().ReportPage(report.Report{Made: noon(), Deals: []report.Deal{{ID: "ash"}}})
	if err != nil || len(messages) > 0 {
		t.Fatal(messages, err)
	}
	for _, want := range []string{"1 here", ".own{color:var(--accent)}", "--accent:"} {
		if !bytes.Contains(page, []byte(want)) {
			t.Errorf("the page has no %q", want)
		}
	}
	s.write("assets/report.css", `.own { background: url("http://elsewhere.example/x.png") }`)
	if page, messages, err := s.load().ReportPage(report.Report{Made: noon()}); err != nil || page != nil || !messages.Failed() {
		t.Errorf("a style that names another site: %d bytes, %v, %v", len(page), messages, err)
	}
}
