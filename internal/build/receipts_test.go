package build

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/internal/beacon"
	"portico/internal/capability"
	"portico/internal/deal"
	"portico/internal/seal"
)

const collectorTOML = "\n[beacon]\nurl = \"https://seen.example/_portal\"\n"

// reportingDeals are the three, sealed, of a site with a collector. One has what
// only ben may see, and an end.
func reportingDeals(t testing.TB) *testSite {
	t.Helper()
	s := sealedDeals(t)
	s.write(deal.SiteFile, sellerTOML+collectorTOML)
	s.edit("content/ash/deal.toml", `viewers = ["ana"]`, `viewers = ["ana", "ben"]
[access.viewer.ben]
expires = 2026-12-31

[person.ben]
name = "Ben Ode"
title = "CFO"

[collateral.terms]
file = "collateral/terms.pdf"
audience = ["ben"]
[collateral.visit]
url = "https://video.example/visit"
[collateral.why]
file = "collateral/why.md"
[collateral.film]
file = "collateral/film.mp4"
[collateral.list]
file = "collateral/list.csv"
`)
	s.write("content/ash/collateral/terms.pdf", "%PDF terms")
	s.write("content/ash/collateral/why.md", "# Why\n\nRead [the terms](terms.pdf) and [the deck](deck.pdf).\n")
	s.write("content/ash/collateral/list.csv", "Name,Price\nOne,5\n")
	s.write("content/ash/pages/more.md", "# More\n\n![Why](../collateral/why.md)\n")
	s.write("content/ash/collateral/film.mp4", "\x00\x00\x00\x18ftypmp42")
	s.write("content/ash/pages/board.md", "+++\naudience = [\"ben\"]\n+++\n# Board\n")
	return s
}

var marked = regexp.MustCompile(` data-part="([a-z]+) ([\w-]{11})"`)

// markedParts of a viewer's pages, each once, by what their author calls them.
func (s *testSite) markedParts(id string, d *deal.Deal, typed string) []string {
	s.t.Helper()
	known := beacon.Targets(secrets(s.t, id), d.Parts())
	var parts []string
	for name, page := range s.mustUnlock(id, typed) {
		for _, m := range marked.FindAllStringSubmatch(page, -1) {
			target, err := beacon.ParseTarget(m[2])
			part, ok := known[target]
			if err != nil || !ok || part.Kind.String() != m[1] {
				s.t.Errorf("%s marks %s, which is %v of the deal", name, m[0], part)
			}
			parts = append(parts, m[1]+" "+part.ID)
		}
	}
	slices.Sort(parts)
	return slices.Compact(parts)
}

// A sealed page marks what it reports, for each viewer what that viewer sees; and
// each can report it in their own name, for as long as they may open it.
func TestReceipts(t *testing.T) {
	s := reportingDeals(t)
	s.build()
	p := s.load()
	l, err := p.load("ash")
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	all := []string{"document deck", "document list", "document why", "link visit", "milestone trial", "section documents", "section pages/more", "section people", "section plan", "section summary", "section timeline", "video film"}
	key, err := testKey()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for who, want := range map[string]struct {
		typed string
		parts []string
		end   int64
	}{
		"ana":         {code(t, "ash", "ana", 1), all, 0},
		"ben":         {code(t, "ash", "ben", 1), append([]string{"document terms", "section pages/board"}, all...), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC).Unix()},
		seal.Everyone: {secrets(t, "ash").Phrase(seal.Everyone, 1), all, 0},
	} {
		opened, err := s.unlock("ash", want.typed)
		if err != nil {
			t.Fatal(err)
		}
		claims, err := (capability.Keys{key.ID(): capability.NewKey(key)}).Verify(capability.Text(opened.Cap), now)
		if expect := (capability.Claims{Key: key.ID(), Deal: key.Deal("ash").ID(), Viewer: key.Deal("ash").Viewer(who), Scope: capability.Receipts, Expiry: want.end}); err != nil || claims != expect || claims.Viewer != opened.Viewer {
			t.Errorf("%s reports with %+v, not %+v: %v", who, claims, expect, err)
		}
		slices.Sort(want.parts)
		if got := s.markedParts("ash", l.Deal.Deal, want.typed); !slices.Equal(got, want.parts) {
			t.Errorf("%s's pages mark %q, not %q", who, got, want.parts)
		}
	}
	pages := s.mustUnlock("ash", code(t, "ash", "ana", 1))
	for name, start := range map[string]string{
		"index.html":          `</summary><div class="?scroll"?[^>]* data-part="document list"`, // what unfolds
		"pages/more.html":     `</summary><div class="?prose"? data-part="document why"`,        // though it links to others
		"collateral/why.html": `<main[^>]* data-part="document why"`,
	} {
		named := marked.ReplaceAllStringFunc(pages[name], func(mark string) string {
			m := marked.FindStringSubmatch(mark)
			target, _ := beacon.ParseTarget(m[2]) // it was parsed before
			return ` data-part="` + m[1] + " " + beacon.Targets(secrets(t, "ash"), l.Deal.Parts())[target].ID + `"`
		})
		if !regexp.MustCompile(start).MatchString(named) {
			t.Errorf("%s has no %s", name, start)
		}
	}
	page := pages["index.html"]
	for _, part := range []string{`data-receipts="https://seen.example/_portal/v1/receipts"`, `src="../_/receipts-`, `href="../_/notice-`, `data-do="receipts"`, "Lumen sees which parts of this plan are opened through your link"} {
		if !strings.Contains(page, part) {
			t.Errorf("the page holds no %s", part)
		}
	}
}

// Nothing of it is in what anyone may read, in a packed deal, or where nobody
// asked for it; a deal that is silent has the keys of one that never spoke.
func TestNoReceipts(t *testing.T) {
	trace := regexp.MustCompile(`receipts|data-part|seen\.example/`)
	silent := func(t *testing.T, s *testSite, id string) {
		t.Helper()
		opened, err := s.unlock(id, code(t, id, "ana", 1))
		if err != nil {
			t.Fatal(err)
		}
		if len(opened.Cap) > 0 {
			t.Error("there is a capability")
		}
		for name, text := range s.mustUnlock(id, code(t, id, "ana", 1)) {
			if found := trace.FindString(text); found != "" {
				t.Errorf("%s holds %q", name, found)
			}
		}
	}
	t.Run("no collector", func(t *testing.T) {
		s := reportingDeals(t)
		s.write(deal.SiteFile, sellerTOML)
		s.build()
		silent(t, s, "ash")
		for name := range s.public().content() {
			if trace.MatchString(name) || strings.Contains(name, "notice-") {
				t.Errorf("there is %s", name)
			}
		}
	})
	t.Run("off", func(t *testing.T) {
		s := reportingDeals(t)
		s.write("content/ash/deal.toml", s.read("content/ash/deal.toml")+"\n[beacon]\noff = true\n")
		s.build()
		silent(t, s, "ash")
	})
	t.Run("silent", func(t *testing.T) {
		s := reportingDeals(t)
		s.build()
		s.opts.Silent = true
		s.build() // though nothing else has changed
		silent(t, s, "ash")
	})
	t.Run("public and in the clear", func(t *testing.T) {
		s := reportingDeals(t)
		s.edit("content/beech/deal.toml", `viewers = ["ana"]`, "public = true")
		s.build()
		s.opts.Clear = true
		s.buildTo(s.path("clear"))
		for _, files := range []tree{treeOf(t, s.path("public/beech")), treeOf(t, s.path("clear"))} {
			for name, text := range files.content() {
				if strings.HasSuffix(name, ".html") && strings.Contains(strings.ReplaceAll(text, "https://seen.example;", ""), "receipts") {
					t.Errorf("%s says something of receipts", name)
				}
			}
		}
	})
	t.Run("packed", func(t *testing.T) {
		s := reportingDeals(t)
		s.opts.Silent = true
		page, messages, err := s.output().Pack("ash")
		if err != nil || messages.Failed() {
			t.Fatal(err, messages)
		}
		if bytes.Contains(page, []byte("_/receipts-")) || bytes.Contains(page, []byte("_/notice-")) {
			t.Error("the packed page has the script or its style")
		}
	})
}

// A page that says nothing of what it reports is not made.
func TestReceiptsWantTheirNotice(t *testing.T) {
	s := reportingDeals(t)
	s.write("layouts/parts/footer.html", "<footer>{{.Seller.Name}}</footer>")
	_, err := s.try("")
	if err == nil || !strings.Contains(err.Error(), `{{template "parts/receipts.html" .}}`) {
		t.Errorf("the error is %v", err)
	}
	s.write("layouts/parts/footer.html", `<footer>{{.Seller.Name}}{{template "parts/receipts.html" .}}</footer>`)
	s.write(deal.SiteFile, sellerTOML+collectorTOML+"notice = \"We *count*.\"\n")
	s.build()
	if page := s.mustUnlock("ash", code(t, "ash", "ana", 1))["index.html"]; !strings.Contains(page, "<p>We <em>count</em>.</p>") {
		t.Error("the site's own notice is not shown")
	}
}

var fetchedByPage = regexp.MustCompile(`(?:href|src)="?(?:\.\./)+(_/[\w.-]+\.(css|js))"?`)

// A page of 19 milestones that reports, with its marks and its notice, is within
// the bounds of one that does not; the script that it reports with, which is fetched
// once the plan is open, has 2 KiB beside them.
func TestReceiptsAreLight(t *testing.T) {
	site, err := os.ReadFile("../../portico.toml")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := os.ReadFile("../serve/testdata/halden.toml")
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t, map[string]string{
		deal.SiteFile:              strings.NewReplacer(`logo = "assets/lumen.svg"`, "", `logo_dark = "assets/lumen-dark.svg"`, "").Replace(string(site)),
		"content/halden/deal.toml": string(plan) + "\n[access]\npassphrase = true\n",
	})
	s.build()
	page := s.mustUnlock("halden", secrets(t, "halden").Phrase(seal.Everyone, 1))["index.html"]
	public := s.public().content()
	sizes := map[string]int{"html": gzipped(t, page)}
	for _, m := range fetchedByPage.FindAllStringSubmatch(page, -1) {
		kind := m[2]
		if strings.HasPrefix(m[1], "_/receipts-") {
			kind = "receipts"
		}
		sizes[kind] += gzipped(t, public[m[1]])
	}
	t.Log(sizes)
	if sizes["html"]+sizes["css"]+sizes["js"] > 24<<10 || sizes["css"] > 8<<10 || sizes["js"] > 4<<10 || sizes["receipts"] > 2<<10 {
		t.Errorf("the page takes %v", sizes)
	}
	for _, kind := range []string{"css", "js", "receipts"} {
		if sizes[kind] < 500 {
			t.Errorf("%d bytes of %s were found", sizes[kind], kind)
		}
	}
}

// gzipped is how many bytes a text takes on its way.
func gzipped(t *testing.T, text string) int {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(text))
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}
