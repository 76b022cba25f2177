package serve_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"portico/internal/browser"
	"portico/internal/need"
)

// bar finds something of what a preview adds to a page.
func inBar(selector string) string {
	return fmt.Sprintf(`document.querySelector("portico-preview").shadowRoot.querySelector(%q)`, selector)
}

// listening is so once the page's script hears the server.
var listening = inBar(".state") + `?.dataset.is !== undefined && ` + inBar(".state") + `.dataset.is !== "away"`

// comes waits for an expression to come true on whatever page is loaded by
// then.
func comes(t *testing.T, p *browser.Page, what, expression string) {
	t.Helper()
	for end := time.Now().Add(soon); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		now, err := browser.Try[bool](p, "(() => { try { return Boolean(("+expression+")) } catch { return false } })()")
		if err == nil && now { // a page that is being left has no answer
			return
		}
	}
	t.Fatalf("%s: never so: %s", what, expression)
}

// ownSite is a copy of the demonstration's deals that may be changed.
func ownSite(t *testing.T) *live {
	t.Helper()
	s := &live{t: t, dir: t.TempDir(), key: filepath.Join(t.TempDir(), "key")}
	for _, name := range []string{"portico.toml", "assets/lumen.svg", "assets/lumen-dark.svg"} {
		data, err := os.ReadFile(filepath.Join(need.Root(t), name))
		if err != nil {
			t.Fatal(err)
		}
		s.write(name, string(data))
	}
	for _, dir := range []string{"_library", "meridian-bank"} {
		if err := os.CopyFS(filepath.Join(s.dir, "content", dir), os.DirFS(filepath.Join(need.Root(t), "content", dir))); err != nil {
			t.Fatal(err)
		}
	}
	s.start()
	return s
}

// edit a file of the site.
func (s *live) edit(name, old, now string) {
	s.t.Helper()
	data, err := os.ReadFile(filepath.Join(s.dir, filepath.FromSlash(name)))
	if err != nil {
		s.t.Fatal(err)
	}
	if !strings.Contains(string(data), old) {
		s.t.Fatalf("%s holds no %q", name, old)
	}
	s.write(name, strings.Replace(string(data), old, now, 1))
}

// A page stays where it is: a style comes without it being loaded again, and
// whatever else changes finds the reader at the same place, with the same
// things unfolded and the same milestones shown.
func TestPageStaysInPlace(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	s := ownSite(t)
	p := b.Page(t, 1200, 800)
	p.Goto(s.url + "/meridian-bank/")
	comes(t, p, "listening", listening)
	comes(t, p, "marked", `globalThis.same = true`)
	s.write("assets/theme.css", "@layer theme { .milestone { outline: 3px solid rgb(1, 2, 3) } }")
	const outline = `getComputedStyle(document.querySelector(".milestone")).outlineColor === "rgb(1, 2, 3)"`
	comes(t, p, "the new style", outline+` && globalThis.same === true`)
	comes(t, p, "the old style is gone", `document.querySelectorAll('link[href*="/style-"]').length === 1`)

	const milestone = `document.querySelector("#m-legal-review > details")`
	const filtered = `document.querySelector("#m-checkpoint").hidden && !document.querySelector("#m-legal-review").hidden`
	comes(t, p, "somewhere", milestone+`.open = true, document.querySelector("#m-pilot-kickoff > details").open = true, `+milestone+`.scrollIntoView({behavior: "instant", block: "start"}), scrollY > 300`)
	comes(t, p, "filtered", `document.querySelector("#f-buyer").click(), document.querySelector('[data-do="who"]').value = "legal", document.querySelector('[data-do="who"]').dispatchEvent(new Event("change")), `+filtered)
	comes(t, p, "settled", `(last => { globalThis.at = `+milestone+`.getBoundingClientRect().top; return last === globalThis.at })(globalThis.at)`)
	at := browser.Eval[float64](p, milestone+`.getBoundingClientRect().top`)
	// Something above it grows.
	s.edit("content/meridian-bank/deal.toml", "\nsummary = \"", "\nsummary = \"This is new and quite long, so that the page above grows by some lines of text and pushes all that comes below it down by as much. ")
	comes(t, p, "loaded again", `globalThis.same !== true && document.readyState === "complete" && document.querySelector(".lead").textContent.startsWith("This is new")`)
	comes(t, p, "still unfolded", milestone+`.open && document.querySelector("#m-pilot-kickoff > details").open && !document.querySelector("#m-checkpoint > details").open`)
	comes(t, p, "still filtered", filtered+` && document.querySelector("#f-buyer").checked && document.querySelector('[data-do="who"]').value === "legal"`)
	comes(t, p, "in the same place", fmt.Sprintf(`Math.abs(%s.getBoundingClientRect().top - %f) < 3`, milestone, at))
	comes(t, p, "and the style", outline)
	if found := p.Complaints(); len(found) > 0 {
		t.Errorf("the browser complains: %v", found)
	}
}

// Mistakes appear over the page as they are printed, as text, and go away.
func TestMistakesOverThePage(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	s := ownSite(t)
	p := withAxe(t, b)
	p.Goto(s.url + "/meridian-bank/")
	comes(t, p, "listening", listening)
	comes(t, p, "marked", `globalThis.same = true`)
	s.edit("content/meridian-bank/deal.toml", "\n[value]", "\n[value]\n\"<img src=x onerror=alert(1)>\" = \"\\u202e\"")
	panel := inBar(".mistakes")
	comes(t, p, "the mistake", panel+`.checkVisibility() && `+panel+`.open && `+panel+`.textContent.includes("content/meridian-bank/deal.toml:") && `+panel+`.textContent.includes("<img src=x onerror=alert(1)>")`)
	comes(t, p, "no markup", `!`+inBar("img")+` && `+inBar(".mistakes pre")+`.textContent.includes("^^^^")`)
	comes(t, p, "the page below", `globalThis.same === true && document.querySelector("h1").checkVisibility() && document.querySelector("portico-preview").offsetHeight > 100`)
	accessibleBar(t, p)
	s.edit("content/meridian-bank/deal.toml", "\"<img src=x onerror=alert(1)>\" = \"\\u202e\"\n", "")
	comes(t, p, "mended", `!`+panel+`.checkVisibility() && globalThis.same === true && `+inBar(".state")+`.dataset.is === "live"`)
	if found := p.Complaints(); len(found) > 0 {
		t.Errorf("the browser complains: %v", found)
	}
}

// A page that lost its server finds it again, and is loaded anew since it may
// be another version.
func TestReconnect(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	s := ownSite(t)
	p := b.Page(t, 1200, 800)
	p.Goto(s.url + "/meridian-bank/")
	comes(t, p, "listening", listening)
	comes(t, p, "marked", `globalThis.same = true`)
	s.stop()
	comes(t, p, "away", inBar(".state")+`.dataset.is === "away" && globalThis.same === true`)
	s.edit("content/meridian-bank/deal.toml", "\nsummary = \"", "\nsummary = \"Written meanwhile. ")
	s.start()
	comes(t, p, "loaded again", `globalThis.same !== true && document.querySelector(".lead")?.textContent.startsWith("Written meanwhile")`)
	comes(t, p, "listening again", listening)
}

// accessibleBar holds what a preview adds to a page to axe-core's rules.
func accessibleBar(t *testing.T, p *browser.Page) {
	t.Helper()
	for i, width := range []int{1440, 390} {
		p.Resize(width, 900)
		for j, scheme := range []string{"light", "dark"} {
			if !need.Turn(i+j, 2) {
				continue
			}
			still(p, scheme)
			for _, f := range violations(p, "portico-preview", everyRule) {
				t.Errorf("at %d px, %s: %s", width, scheme, f)
			}
		}
	}
}

// The bar is the same over another theme.
func TestBarOverAnotherTheme(t *testing.T) {
	t.Parallel()
	s := ownSite(t)
	s.edit("portico.toml", "[site]\n", "[site]\ntheme = \"ledger\"\n")
	p := withAxe(t, chromium.Browser(t))
	p.Goto(s.url + "/meridian-bank/")
	comes(t, p, "the theme", listening+` && getComputedStyle(document.querySelector("h1")).fontFamily.includes("Palatino")`)
	accessibleBar(t, p)
}

// What a preview makes of a page is valid: of a plan, of the list of deals, of
// what is not there, and of one that has only mistakes.
func TestPreviewIsValid(t *testing.T) {
	t.Parallel()
	s := ownSite(t)
	s.write("content/ash/deal.toml", "[deal]\nowner = 1\n")
	s.until("/ash/", "content/ash/deal.toml")
	pages := map[string][]byte{}
	for name, path := range map[string]string{"plan.html": "/meridian-bank/", "list.html": "/", "missing.html": "/meridian-bank/nothing.html", "mistakes.html": "/ash/"} {
		page, _ := s.get(path)
		if !strings.Contains(page, "_portico/") {
			t.Errorf("%s has nothing of a preview", path)
		}
		pages[name] = []byte(page)
	}
	valid(t, pages)
}

// The bar shows a page as on a phone and on paper, by its own media queries, in
// the light and the dark, in other languages and on other days. It covers
// nothing, and the keyboard reaches it.
func TestBar(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	s := ownSite(t)
	p := withAxe(t, b)
	p.Scheme("light")
	p.Goto(s.url + "/meridian-bank/")
	comes(t, p, "listening", listening)
	comes(t, p, "the page's end", `scrollTo({top: 1e6, behavior: "instant"}), document.querySelector(".foot").getBoundingClientRect().bottom <= `+inBar("aside")+`.getBoundingClientRect().top + 1`)
	accessibleBar(t, p)
	p.Resize(1440, 900)
	still(p, "light")
	choose := func(what, selector string) {
		t.Helper()
		comes(t, p, what, inBar(selector)+`.click(), true`)
	}
	const back = `getComputedStyle(document.body).backgroundColor`
	light := browser.Eval[string](p, back)
	choose("the dark", `[name="scheme"][value="dark"]`)
	comes(t, p, "the dark", fmt.Sprintf(`%s !== %q && document.querySelector(".brands .dark").checkVisibility()`, back, light))
	choose("a phone", `[name="size"][value="phone"]`)
	frame := inBar("iframe") + `.contentWindow`
	comes(t, p, "a phone", frame+`.innerWidth === 390 && `+frame+`.document.querySelector("h1") && !`+frame+`.matchMedia("(width > 390px)").matches`)
	comes(t, p, "in the dark too", fmt.Sprintf(`%s.getComputedStyle(%s.document.body).backgroundColor !== %q`, frame, frame, light))
	comes(t, p, "one bar", `!`+frame+`.document.querySelector("portico-preview").shadowRoot.querySelector("aside")`)
	choose("paper", `[name="size"][value="paper"]`)
	comes(t, p, "paper", frame+`.innerWidth === 794 && !`+frame+`.document.querySelector(".tabs").checkVisibility() && `+frame+`.getComputedStyle(`+frame+`.document.body).backgroundColor === "rgb(255, 255, 255)"`)
	// A change is shown within the frame.
	s.edit("content/meridian-bank/deal.toml", "\nsummary = \"", "\nsummary = \"Within the frame. ")
	comes(t, p, "a change", frame+`.document.querySelector(".lead")?.textContent.startsWith("Within the frame")`)
	choose("the screen", `[name="size"][value="full"]`)
	comes(t, p, "the screen", `!`+inBar("iframe")+` && document.querySelector(".lead")?.textContent.startsWith("Within the frame") && document.querySelector(".tabs").checkVisibility()`)
	comes(t, p, "another language", inBar("select")+`.value = "de", `+inBar("select")+`.dispatchEvent(new Event("change")), true`)
	comes(t, p, "another language", `document.documentElement.lang === "de" && location.pathname === "/_portico/view/de/meridian-bank/"`)
	comes(t, p, "another day", inBar(`[type="date"]`)+`.value = "2027-02-01", `+inBar(`[type="date"]`)+`.dispatchEvent(new Event("change")), true`)
	comes(t, p, "another day", `location.pathname === "/_portico/view/2027-02-01,de/meridian-bank/" && `+inBar(`[type="date"]`)+`?.value === "2027-02-01"`)
	comes(t, p, "links stay within", `document.querySelector('a[href*="pages/"]').pathname.startsWith("/_portico/view/2027-02-01,de/meridian-bank/")`)
	choose("as it is", "button")
	comes(t, p, "as it is", `location.pathname === "/_portico/view/de/meridian-bank/"`)
	comes(t, p, "listening", listening)
	comes(t, p, "by the keyboard", `document.querySelector("portico-preview").shadowRoot.querySelector("aside a").focus(), true`)
	for _, name := range []string{"size", "scheme"} {
		p.Press("\t")
		comes(t, p, name, `document.activeElement.shadowRoot.activeElement.name === "`+name+`"`)
	}
	for _, tag := range []string{"SELECT", "INPUT"} {
		p.Press("\t")
		comes(t, p, tag, `document.activeElement.shadowRoot.activeElement.tagName === "`+tag+`"`)
	}
	if found := p.Complaints(); len(found) > 0 {
		t.Errorf("the browser complains: %v", found)
	}
	if foreign := p.Foreign(s.url); len(foreign) > 0 {
		t.Errorf("requests to others: %v", foreign)
	}
}
