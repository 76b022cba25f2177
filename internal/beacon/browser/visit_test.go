package browser_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/internal/beacon"
	"portico/internal/browser"
	"portico/internal/need"
)

// ahead lets a test put the page's clock forward: whatever waits for a time that
// has come is done at once.
const ahead = `{
	const now = performance.now.bind(performance), later = setTimeout.bind(globalThis), never = clearTimeout.bind(globalThis), due = new Map();
	let skipped = 0;
	performance.now = () => now() + skipped;
	globalThis.setTimeout = (what, ms = 0, ...more) => {
		const id = later(() => { due.delete(id); what(...more); }, ms);
		due.set(id, { at: performance.now() + ms, what });
		return id;
	};
	globalThis.clearTimeout = (id) => { due.delete(id); never(id); };
	globalThis.ahead = (ms) => {
		skipped += ms;
		for (const [id, { at, what }] of [...due]) if (at <= performance.now()) { clearTimeout(id); what(); }
		return true;
	};
}`

// What comes in of a visit is what happened in it, within a second.
func TestVisit(t *testing.T) {
	t.Parallel()
	site, b := newPortal(t), browser.Start(t)
	p := b.Page(t, 1200, 800)
	// A browser without a window has no fine pointer either.
	p.Script(`const real = matchMedia; globalThis.matchMedia = (q) => q.includes("pointer") ? { matches: true } : real(q)`)
	opening := time.Now()
	site.open(t, p)
	began := time.Now() // at the latest
	do := func(what, expression string) time.Time {
		t.Helper()
		must(t, p, what, expression)
		return time.Now()
	}
	site.until(t, "the opening", func(got []body) bool { return len(got) > 0 })
	if took := time.Since(began); took < 1500*time.Millisecond || took > 6*time.Second {
		t.Errorf("the opening was told after %v", took)
	}
	do("the milestone", `document.querySelector("#m-trial").scrollIntoView({block: "center"}), true`)
	p.Click("#m-trial summary")
	unfolded := do("it unfolds", `document.querySelector("#m-trial details").open`)
	time.Sleep(1200 * time.Millisecond)
	p.Click("#m-trial summary")
	folded := do("it folds", `!document.querySelector("#m-trial details").open`)

	do("the documents", `document.querySelector("#documents").scrollIntoView({block: "center"}), true`)
	p.Click(`#c-sketch .about a[data-view]`)
	shown := do("the dialog", `document.querySelector("dialog[open] img")`)
	time.Sleep(1200 * time.Millisecond)
	p.Click(".viewer button")
	closed := do("it closes", `!document.querySelector("dialog[open]")`)
	// of reads some of an element, and tells how much.
	of := func(element string) float64 {
		do("some of it is read", `scrollBy(0, 900), true`)
		time.Sleep(1200 * time.Millisecond)
		p.Press("a") // somebody is there
		return browser.Eval[float64](p, `(r => (innerHeight - r.top) / r.height)(document.querySelector("`+element+`").getBoundingClientRect())`)
	}
	p.Click("#c-list summary")
	unrolled := do("the table unfolds", `document.querySelector("#c-list details").open`)
	ofTable := of("#c-list details")
	p.Click("#c-list summary")
	rolled := do("it folds", `!document.querySelector("#c-list details").open`)
	p.Click(`#c-why .about a`)
	begun := do("the text", `document.querySelector("main h1")?.textContent === "Why"`)
	ofText := of("main")
	browser.Eval[bool](p, `history.back(), true`)
	left := do("back on the plan", `document.querySelector("#plan")`)
	do("nothing leaves the page", `addEventListener("click", (e) => { if (e.target.closest("#c-story a, a[download]")) e.preventDefault(); }), true`)
	p.Click(`#c-story .about a`)
	p.Click(`#c-sketch a[download]`)
	do("the film", `globalThis.film = document.querySelector("#c-tour video"), film.muted = true, film.scrollIntoView({block: "center"}), film.play().catch(() => 0), true`)
	do("it plays", `film.duration > 1 && film.currentTime > 1`)
	watched := browser.Eval[float64](p, `film.pause(), film.currentTime / film.duration`)
	do("paper", `dispatchEvent(new Event("beforeprint")), true`) // a script's: nobody prints
	pages := p.Loads()
	p.Click(`.tabs [data-do="lock"]`)
	least, most := time.Since(began), time.Since(opening)
	p.Leaves(pages)
	do("locked", `document.querySelector("body.gate")`)

	got := site.seen(site.until(t, "the lock", func(got []body) bool { return site.seen(got).times["lock"] > 0 }))
	between := func(what string, is, least, most time.Duration) {
		t.Helper()
		if is < least-time.Second || is > most+time.Second {
			t.Errorf("%s is told to take %v, and took %v to %v", what, is, least, most)
		}
	}
	near := func(what string, is, should time.Duration) { t.Helper(); between(what, is, should, should) }
	between("the visit", got.ms["open"], least, most)
	near("the milestone", got.ms["milestone trial"], folded.Sub(unfolded))
	near("the document", got.ms["document sketch"], closed.Sub(shown))
	near("the table", got.ms["document list"], rolled.Sub(unrolled))
	near("the text", got.ms["document why"], left.Sub(begun))
	for what, read := range map[string]float64{"document list": ofTable, "document why": ofText} {
		if share := float64(got.progress[what]) / 1000; share < read-.1 || share > read+.1 || read < .1 || read > .9 {
			t.Errorf("%v of the %s was seen, and not %v", share, what, read)
		}
	}
	if share := got.progress["document sketch"]; share != 1000 {
		t.Errorf("%d thousandths of the picture were seen", share)
	}
	if share := float64(got.progress["video tour"]) / 1000; share < watched-.1 || share > watched+.1 || got.ms["video tour"] < 500*time.Millisecond {
		t.Errorf("%v of the film was seen in %v, and not %v", share, got.ms["video tour"], watched)
	}
	var parts []string
	for what := range got.ms {
		if !strings.HasPrefix(what, "section ") {
			parts = append(parts, what)
		}
	}
	slices.Sort(parts)
	if want := []string{"document list", "document sketch", "document why", "milestone trial", "open", "video tour"}; !slices.Equal(parts, want) {
		t.Errorf("what was looked at is %q, not %q", parts, want)
	}
	for what, n := range got.times {
		if !slices.Contains([]string{"download sketch", "link story", "lock"}, what) || n != 1 {
			t.Errorf("%s happened %d times", what, n)
		}
	}
	if len(got.times) != 3 || got.ms["section summary"] < time.Second || got.ms["section documents"] < time.Second {
		t.Errorf("it is told of %v and %v", got.times, got.ms)
	}
	for _, e := range site.received()[0].events {
		if e.Device != beacon.Desktop || !e.Automated {
			t.Errorf("the browser of a test is %+v", e)
		}
	}
	for _, c := range p.Complaints() {
		t.Errorf("the browser complains: %s", c)
	}
}

// A browser that follows a link and does nothing leaves no view, however long it
// stays; neither does one whose reader asks not to be tracked, where nothing is
// even looked at.
func TestNobodyIsSeen(t *testing.T) {
	t.Parallel()
	site, b := newPortal(t), browser.Start(t)
	scanner := b.Page(t, 1200, 800)
	scanner.Script(ahead)
	scanner.Goto(site.link())
	must(t, scanner, "the plan", `document.querySelector("[type=submit]")?.click(), `+planShows)
	for range 4 {
		must(t, scanner, "time passes", `ahead(16_000) && (scrollBy(0, 100), dispatchEvent(new MouseEvent("pointerdown")))`)
	}
	for _, wish := range []string{`globalPrivacyControl", {value: true}`, `doNotTrack", {value: "1"}`} {
		p := b.Page(t, 1200, 800)
		p.Script(ahead + `Object.defineProperty(navigator, "` + wish + `); globalThis.heard = []; const hear = EventTarget.prototype.addEventListener; EventTarget.prototype.addEventListener = function (type, ...more) { if (!(this instanceof HTMLFormElement)) heard.push(type); return hear.call(this, type, ...more); }`)
		site.open(t, p)
		must(t, p, "it says so", `(e => e.checkVisibility() && !e.parentElement.querySelector("label").checkVisibility())(document.querySelector(".receipts .refused"))`)
		p.Click("#plan h2")
		must(t, p, "time passes", `ahead(16_000) && ahead(16_000)`)
		if heard := browser.Eval[[]string](p, `heard.filter(e => /pointer|key|wheel|touch|toggle|focus|playing/.test(e))`); len(heard) > 1 { // keydown of the list of changes; forms are of the lock page
			t.Errorf("the page listens for %q", heard)
		}
	}
	if got := site.received(); len(got) > 0 {
		t.Errorf("somebody was seen: %+v", got)
	}
}

// The switch works at once, and on the device's next visit; on again, another
// visit begins.
func TestSwitch(t *testing.T) {
	t.Parallel()
	site, b := newPortal(t), browser.Start(t)
	axe, err := os.ReadFile(need.Tool(t, "axe-core/axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	p := b.Page(t, 390, 800)
	p.Script(ahead + "\n" + string(axe))
	site.open(t, p)
	must(t, p, "the switch", `document.querySelector("[data-do=receipts]").checked`)
	for _, scheme := range []string{"light", "dark"} {
		p.Scheme(scheme)
		for _, v := range browser.Await[[]string](p, `axe.run(".receipts", {resultTypes: ["violations"], preload: false}).then(r => r.violations.map(v => v.id + ": " + v.nodes[0].failureSummary))`) {
			t.Errorf("in the %s: %s", scheme, v)
		}
	}
	must(t, p, "time passes", `ahead(2000)`)
	site.until(t, "the opening", func(got []body) bool { return len(got) > 0 })
	p.Click(`[data-do="receipts"]`)
	before := len(site.received())
	p.Click("#plan h2")
	must(t, p, "time passes", `ahead(16_000) && ahead(16_000)`)
	site.open(t, p)
	must(t, p, "it is still off", `!document.querySelector("[data-do=receipts]").checked && document.querySelector(".receipts label").checkVisibility()`)
	p.Click("#plan h2")
	must(t, p, "time passes", `ahead(16_000) && ahead(16_000)`)
	if n := len(site.received()); n != before {
		t.Errorf("%d requests came in after it was switched off", n-before)
	}
	p.Click(`[data-do="receipts"]`)
	must(t, p, "time passes", `ahead(2000)`)
	got := site.until(t, "another visit", func(got []body) bool { return len(got) > before })
	if got[0].events[0].Session == got[before].events[0].Session {
		t.Error("what was ended goes on")
	}
}

// A collector that is down changes nothing on the page. What it did not take is
// sent again, the same under the same numbers, and less and less often; whoever
// was taken out is left alone.
func TestCollectorIsDown(t *testing.T) {
	t.Parallel()
	site, b := newPortal(t), browser.Start(t)
	site.answers(http.StatusServiceUnavailable)
	p := b.Page(t, 1200, 800)
	p.Script(ahead)
	site.open(t, p)
	must(t, p, "time passes", `ahead(2000)`)
	first := site.until(t, "a try", func(got []body) bool { return len(got) > 0 })
	p.Click("#m-trial summary")
	must(t, p, "the page is as ever", `document.querySelector("#m-trial details").open`)
	// What is in sight is known with the frame that shows it.
	browser.Await[bool](p, `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 0, true))))`)

	for range 6 { // a rest of 7.5 s at the least, and 15 at the most
		must(t, p, "time passes", `ahead(1000)`)
	}
	if n := len(site.received()); n != len(first) {
		t.Errorf("there were %d tries within 6 s", n)
	}
	site.answers(0)
	must(t, p, "time passes", `ahead(15_000)`)
	got := site.until(t, "another try", func(got []body) bool { return len(got) > len(first) })
	again, now := first[0].events, got[len(first)].events
	if again[0].Session != now[0].Session || len(now) <= len(again) && site.seen(got).ms["milestone trial"] == 0 {
		t.Errorf("%+v\nis sent again as %+v", again, now)
	}
	once := site.seen(got)
	if once.ms["open"] < 2*time.Second || once.ms["milestone trial"] == 0 {
		t.Errorf("in the end it is %v", once.ms)
	}
	site.answers(http.StatusForbidden)
	must(t, p, "time passes", `ahead(16_000)`)
	refused := site.until(t, "a refusal", func(b []body) bool { return len(b) > len(got) })
	must(t, p, "the refusal has come", fmt.Sprintf(`performance.getEntriesByType("resource").filter(e => e.name.endsWith("/receipts")).length >= %d`, len(refused)))
	must(t, p, "time passes", `ahead(16_000) && ahead(16_000)`)
	if n := len(site.received()); n > len(refused) {
		t.Errorf("%d requests followed a refusal", n-len(refused))
	}
	site.collector.Close()
	must(t, p, "the page is as ever", `(document.querySelector("#m-sign summary").click(), document.querySelector("#m-sign details").open)`)
	for _, c := range p.Complaints() {
		if !strings.HasPrefix(c, "Failed to load resource") { // the browser's own line
			t.Errorf("the browser complains: %s", c)
		}
	}
}

// Another browser tells the same.
func TestVisitInFirefox(t *testing.T) {
	t.Parallel()
	site := newPortal(t)
	for _, f := range browser.Firefox(t, filepath.Join("testdata", "visit.mjs"), site.link()) {
		t.Error(f)
	}
	got := site.seen(site.until(t, "the lock", func(got []body) bool { return site.seen(got).times["lock"] > 0 }))
	near := func(what string, least, most time.Duration) {
		t.Helper()
		if ms := got.ms[what]; ms < least || ms > most {
			t.Errorf("%s is told to take %v, of %v", what, ms, got.ms)
		}
	}
	near("milestone trial", time.Second, 4*time.Second)
	near("document sketch", time.Second, 4*time.Second)
	near("open", 4*time.Second, 40*time.Second)
	if got.ms["video tour"] < 200*time.Millisecond || got.progress["video tour"] < 50 || got.times["lock"] != 1 {
		t.Errorf("it is told of %+v", got)
	}
}
