package serve_test

import (
	"strconv"
	"strings"
	"testing"

	"portico/internal/browser"
)

const (
	planned = `[...document.querySelectorAll(".milestone")].filter(e => e.checkVisibility({contentVisibilityAuto: true})).length`
	checked = `[...document.querySelectorAll(".milestone")].filter(e => e.checkVisibility()).every(e => %)`
)

// must holds an expression to come true: a page answers a key or a click a
// moment later. One that does something does it once, for it ends in true.
func must(t *testing.T, p *browser.Page, what, expression string) {
	t.Helper()
	const soon = `new Promise(done => {
		const until = performance.now() + 10_000;
		const look = () => %) ? done(true) : performance.now() > until ? done(false) : setTimeout(look, 20);
		look();
	})`
	if !browser.Await[bool](p, strings.Replace(soon, "%", "("+expression, 1)) {
		t.Errorf("%s: not so: %s", what, expression)
	}
}

// A plan shows the milestones of one side, or of one person.
func TestFilters(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	s, _ := demonstration(t, november21)
	p := b.Page(t, 1200, 900)
	p.Goto(s.URL + "/meridian-bank/")
	all := browser.Eval[int](p, planned)
	p.Click(`[for="f-buyer"]`)
	must(t, p, "the buyer's", strings.ReplaceAll(checked, "%", `e.dataset.sides.split(" ").includes("buyer")`))
	p.Click(`[for="f-all"]`)
	must(t, p, "everybody's", planned+" === "+strconv.Itoa(all))
	const choose = `(() => { const s = document.querySelector('[data-do="who"]'); s.value = "%"; s.dispatchEvent(new Event("change")); return true })()`
	must(t, p, "one person's", strings.Replace(choose, "%", "legal", 1))
	must(t, p, "one person's", strings.ReplaceAll(checked, "%", `e.dataset.who.split(" ").includes("legal")`))
	must(t, p, "fewer", planned+" > 0 && "+planned+" < "+strconv.Itoa(all))
	// One person's that the other side has a part in.
	p.Click(`[for="f-seller"]`)
	must(t, p, "the other side's", strings.ReplaceAll(checked, "%", `e.dataset.who.split(" ").includes("legal") && e.dataset.sides.includes("seller")`))
	p.Click(`[for="f-all"]`)
	must(t, p, "everybody's again", strings.Replace(choose, "%", "", 1))
	must(t, p, "everybody's again", planned+" === "+strconv.Itoa(all))
}

// All details unfold and fold again at once.
func TestUnfold(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	s, _ := demonstration(t, november21)
	p := b.Page(t, 1200, 900)
	p.Goto(s.URL + "/meridian-bank/")
	const button = `document.querySelector('[data-do="unfold"]')`
	before := browser.Eval[string](p, button+".textContent")
	p.Click(`[data-do="unfold"]`)
	must(t, p, "unfolded", `[...document.querySelectorAll("#plan details")].every(e => e.open) && `+button+`.ariaPressed === "true"`)
	if browser.Eval[string](p, button+".textContent") == before {
		t.Error("the button does not say what it will do next")
	}
	p.Click(`[data-do="unfold"]`)
	must(t, p, "folded", `![...document.querySelectorAll(".milestone > details")].some(e => e.open) && `+button+`.ariaPressed === "false"`)
}

// A document and an image open in a dialog, which Esc closes; the focus returns
// to where it was.
func TestViewer(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	s, _ := demonstration(t, november21)
	p := b.Page(t, 1200, 900)
	p.Script(`Object.defineProperty(navigator, "pdfViewerEnabled", {value: true}); const real = matchMedia; globalThis.matchMedia = q => q.includes("pointer") ? {matches: true} : real(q);`)
	p.Goto(s.URL + "/meridian-bank/")
	for kind, shown := range map[string]string{"pdf": "iframe", "image": "img"} {
		opener := `[...document.querySelectorAll('#documents a[data-view="` + kind + `"]')].find(e => e.tabIndex >= 0)`
		must(t, p, kind, `globalThis.opener = `+opener+`, opener.focus(), opener.click(), true`)
		must(t, p, kind, `document.querySelector(".viewer").open && document.querySelector(".viewer `+shown+`").src === opener.href && document.querySelector(".viewer h2").textContent`)
		must(t, p, kind, `document.querySelector(".viewer").contains(document.activeElement) && document.querySelector(".viewer .head a").href === opener.href`)
		if kind == "pdf" { // a key within the browser's own viewer is the viewer's
			must(t, p, kind, `document.querySelector(".viewer button").focus(), true`)
		}
		p.Press("\x1b")
		must(t, p, kind, `!document.querySelector(".viewer").open && document.activeElement === opener && !document.querySelector(".viewer .body").firstChild`)
	}
}

// A table sorts by the column whose head is clicked, numbers as numbers.
func TestTablesSort(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	s, _ := demonstration(t, november21)
	p := b.Page(t, 1200, 900)
	p.Goto(s.URL + "/alder-insurance/")
	must(t, p, "a table", `globalThis.table = document.querySelector("table[data-sort]"), table.closest("details").open = true`)
	for _, order := range []struct{ name, factor string }{{"ascending", "1"}, {"descending", "-1"}} {
		must(t, p, order.name, `globalThis.head = table.querySelector("th"), head.querySelector("button").click(), true`)
		must(t, p, order.name, `head.ariaSort === "`+order.name+`" && [...table.tBodies[0].rows].map(r => r.cells[0].textContent).every((v, i, a) => !i || v.localeCompare(a[i - 1], "en", {numeric: true}) * `+order.factor+` >= 0)`)
	}
	must(t, p, "numbers", `globalThis.head = table.querySelector("th.end"), globalThis.column = head.cellIndex, head.querySelector("button").click(), true`)
	must(t, p, "numbers", `head.ariaSort === "ascending" && !table.querySelector("th[aria-sort]:not(.end)") && [...table.tBodies[0].rows].map(r => Number(r.cells[column].dataset.n || Infinity)).every((v, i, a) => !i || v >= a[i - 1])`)
}

// A second visit tells what changed since the first, unless the reader has
// switched it off.
func TestSinceTheLastVisit(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	s, _ := demonstration(t, november21)
	p := b.Page(t, 1200, 900)
	address := s.URL + "/meridian-bank/"
	p.Goto(address)
	must(t, p, "the first visit", `document.querySelector("#since").hidden && !document.querySelector(".memory").hidden`)
	p.Goto(address)
	must(t, p, "nothing changed", `!document.querySelector(".memory").hidden && document.querySelector("#since").hidden`)
	// As if the reader had seen another plan: one milestone was due on another
	// day, one was not done, and one was not there.
	must(t, p, "an older visit", `(() => {
		const key = "portico:" + location.pathname, kept = JSON.parse(localStorage.getItem(key)), done = document.querySelector('.milestone[data-state="done"]').id;
		kept.day = "2026-11-13T09:00:00Z";
		kept.seen["m-legal-review"] = "2026-12-01 ";
		kept.seen[done] = kept.seen[done].replace("done", "");
		delete kept.seen["m-signature"];
		localStorage.setItem(key, JSON.stringify(kept));
		return true;
	})()`)
	p.Goto(address)
	must(t, p, "what changed", `!document.querySelector("#since").hidden && document.querySelectorAll("#since li").length === 3 && document.querySelector("#since .count").textContent === "3" && document.querySelector("#since h2").textContent.includes("13 November")`)
	must(t, p, "the new day", `document.querySelector('#since a[href="#m-legal-review"]').parentElement.textContent.includes(document.querySelector("#m-legal-review > details > summary time").textContent)`)
	must(t, p, "unfolded", `document.querySelector("#since").open = true, document.querySelector("#since a").checkVisibility({contentVisibilityAuto: true})`)
	must(t, p, "folded", `document.querySelector("#since").open = true, document.querySelector("#since a").focus(), document.querySelector("#since a").dispatchEvent(new KeyboardEvent("keydown", {key: "Escape", bubbles: true})), !document.querySelector("#since").open && document.activeElement.matches("#since summary")`)
	p.Goto(address)
	must(t, p, "told once", `!document.querySelector(".memory").hidden && document.querySelector("#since").hidden`)
	p.Click(`.memory input`)
	must(t, p, "switched off", `localStorage.getItem("portico:" + location.pathname) === "off"`)
	p.Goto(address)
	must(t, p, "still off", `!document.querySelector(".memory input").checked && localStorage.getItem("portico:" + location.pathname) === "off"`)
	p.Click(`.memory input`)
	must(t, p, "on again", `localStorage.getItem("portico:" + location.pathname).startsWith("{")`)
}

// The line of today moves with the clock, and signs show the state of the day.
func TestTodayMoves(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	s, _ := demonstration(t, november21)
	p := b.Page(t, 1200, 900)
	const x = `document.querySelector("#t-today").getBoundingClientRect().left`
	last := 0.0
	for _, day := range []string{"2026-11-21", "2026-12-04", "2027-01-20"} {
		p.Script(clock(day))
		p.Goto(s.URL + "/meridian-bank/")
		at := browser.Eval[float64](p, x)
		if at <= last {
			t.Errorf("on %s the line stands at %.0f px, before at %.0f", day, at, last)
		}
		last = at
		must(t, p, day, `[...document.querySelectorAll('use[href^="#s-"]')].every(u => { const e = u.closest("[data-states]"); return !e || u.getAttribute("href") === "#s-" + e.dataset.state; })`)
	}
	must(t, p, "overdue by then", `document.querySelector('.milestone[data-state="overdue"] summary use[href="#s-overdue"]')`)
	p.Script(clock("2029-01-01"))
	p.Goto(s.URL + "/meridian-bank/")
	must(t, p, "beyond the axis", `document.querySelector("#t-today").hidden`)
}
