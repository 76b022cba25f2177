package serve_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"portico/internal/browser"
	"portico/internal/deal"
	"portico/internal/need"
)

// screens are the sizes that the first screen is made for.
var screens = [][2]int{{1440, 900}, {834, 1112}, {390, 844}}

// unfold opens whatever is folded, and lays out what is far from the screen, as
// a reader does who gets there.
const unfold = `document.querySelectorAll("details").forEach(e => e.open = true), document.querySelectorAll(".flow > section, .video, .audio").forEach(e => e.style.contentVisibility = "visible"), true`

// still makes a page that neither moves nor fades.
func still(p *browser.Page, scheme string) {
	p.Media("", "prefers-color-scheme", scheme, "prefers-reduced-motion", "reduce")
}

// laterDays are how long after the page's own day a reader may come: by then
// other words stand on it.
var laterDays = []deal.Day{0, 1, 9, 40}

// Who looks for half a minute sees without scrolling whose plan it is, what it
// is worth, how it stands, what comes next, and whom to call. Nothing moves
// while the page loads, on its own day or later.
func TestFirstScreen(t *testing.T) {
	t.Parallel()
	browsers := forThemes(t)
	deals := everyDeal(t, "arabic")
	for j, later := range laterDays {
		for l, theme := range builtin {
			t.Run(fmt.Sprintf("%s, %d days later", theme, later), func(t *testing.T) {
				t.Parallel()
				p := browsers[l].Page(t, 1440, 900)
				p.Script(clock((november21 + later).String()))
				p.Script(`globalThis.shift = 0; globalThis.moved = []; new PerformanceObserver(list => { for (const e of list.getEntries()) { shift += e.value; moved.push(...e.sources.map(s => s.node?.parentElement?.className + " " + s.node?.className)); } }).observe({type: "layout-shift", buffered: true});`)
				for i, at := range shownIn(deals, theme) {
					for k, size := range screens {
						if need.Turn(i+j+k+3*l, 6) {
							firstScreen(t, p, at, size[0], size[1])
						}
					}
				}
			})
		}
	}
}

// forThemes is a part of the browser for each theme, which computes its pages
// beside those of the other.
func forThemes(t *testing.T) []*browser.Browser {
	t.Helper()
	var list []*browser.Browser
	for range builtin {
		list = append(list, chromium.Browser(t))
	}
	return list
}

// firstScreen holds a page to what its first screen shows at a size.
func firstScreen(t *testing.T, p *browser.Page, at place, width, height int) {
	t.Helper()
	const missing = `((...selectors) => selectors.filter(s => {
		const all = [...document.querySelectorAll(s)];
		return !all.length || all.some(e => {
			const r = e.getBoundingClientRect();
			return !e.checkVisibility({visibilityProperty: true, opacityProperty: true}) || !r.width || r.left < 0 || r.top < 0 || r.right > innerWidth || r.bottom > innerHeight;
		});
	}))(%s)`
	p.Resize(width, height)
	p.Goto(at.url())
	list, err := json.Marshal(onFirstScreen(at.id, width))
	if err != nil {
		t.Fatal(err)
	}
	if out := browser.Eval[[]string](p, fmt.Sprintf(missing, strings.Trim(string(list), "[]"))); len(out) > 0 {
		t.Errorf("at %d × %d these are not on the first screen of %s: %v", width, height, at.id, out)
	}
	if shift := browser.Await[float64](p, `new Promise(done => requestAnimationFrame(() => setTimeout(() => done(shift))))`); shift > .01 {
		t.Errorf("at %d px %s shifts by %.3f: %q", width, at.id, shift, browser.Eval[[]string](p, "moved"))
	}
}

// onFirstScreen are the selectors of what a deal's first screen shows.
func onFirstScreen(id string, width int) []string {
	items := []string{".brand.buyer", "h1", ".lead", ".health b", ".health .quiet", ".progress", ".golive", ".next .what", ".next .person .name", ".next .person .quiet", ".next .pill", ".top .facts time", ".contact a"}
	if width > 390 {
		items = append(items, ".contact b")
		if id != "small" { // it measures nothing
			items = append(items, ".highlights")
		}
	}
	if id == "small" { // no stages, one bar for all
		items = append(items, "#b-all")
	}
	return items
}

// cut lists what is wider than the page, or than what cuts it off, and what
// lies upon something else's text in the header.
const cut = `[...document.querySelectorAll("body *")].filter(e => {
	if (!e.checkVisibility() || e.closest(".vh, .sprite, svg, .sections, .ticks, table, pre")) return false;
	const s = getComputedStyle(e), r = e.getBoundingClientRect();
	const clips = s.overflowX === "hidden" || s.overflowX === "clip";
	return clips && e.scrollWidth > e.clientWidth + 1 && e.textContent.trim() || !e.closest(".scroll, .timeline .grid") && r.width > 1 && (r.right > innerWidth + 1 || r.left < -1) && !e.closest(".skip");
}).map(e => (e.id ? "#" + e.id : e.localName + "." + e.className) + " " + e.textContent.trim().slice(0, 40)).slice(0, 5)`

// spaced sets letters, words and lines as far apart as a reader may
// (WCAG 1.4.12).
const spaced = `(() => { const s = new CSSStyleSheet(); s.replaceSync("* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-block-end: 2em !important }"); document.adoptedStyleSheets = [s]; return "" })()`

// Nothing overflows or is lost on a narrow screen, with letters of twice the
// size or set apart, in the colours of a reader's own, from right to left, and
// without the script.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	browsers := forThemes(t)
	deals := everyDeal(t, "arabic")
	for j, c := range []struct {
		name, do string
		media    []string
		sizes    []int
		plain    bool
	}{
		{name: "as it is", sizes: []int{320, 390, 834, 1024, 1440}},
		{name: "letters twice the size", sizes: []int{390, 834, 1280}, do: `document.documentElement.style.fontSize = "200%"`},
		{name: "letters set apart", sizes: []int{390, 834, 1280}, do: spaced},
		{name: "forced colours", sizes: []int{390, 1440}, media: []string{"forced-colors", "active"}},
		{name: "the other way round", sizes: []int{320, 1440}, do: `document.documentElement.dir = document.documentElement.dir === "rtl" ? "ltr" : "rtl"`},
		{name: "without JavaScript", sizes: []int{320, 1440}, plain: true},
	} {
		for l, theme := range builtin {
			t.Run(c.name+"/"+theme, func(t *testing.T) {
				t.Parallel()
				p := browsers[l].Page(t, 1440, 900)
				p.Media("", append(c.media, "prefers-reduced-motion", "reduce")...)
				if c.plain {
					p.NoScript()
				}
				for i, at := range shownIn(deals, theme) {
					if !need.Turn(i+j+3*l, 4) {
						continue
					}
					p.Goto(at.url())
					if rtl := browser.Eval[string](p, "document.dir") == "rtl"; rtl != (at.id == "arabic") {
						t.Errorf("%s is written from right to left: %v", at.id, rtl)
					}
					browser.Eval[bool](p, unfold)
					if c.do != "" {
						browser.Eval[string](p, c.do)
					}
					for _, width := range c.sizes {
						fits(t, p, at.id, width)
					}
				}
				if found := p.Complaints(); len(found) > 0 {
					t.Errorf("the browser complains: %v", found)
				}
			})
		}
	}
}

// fits holds what a page shows to the width of a screen.
func fits(t *testing.T, p *browser.Page, id string, width int) {
	t.Helper()
	p.Resize(width, 900)
	if over := browser.Eval[int](p, "document.documentElement.scrollWidth - innerWidth"); over > 0 {
		t.Errorf("%s is %d px wider than a screen of %d", id, over, width)
	}
	if found := browser.Eval[[]string](p, cut); len(found) > 0 {
		t.Errorf("%s at %d px cuts off %q", id, width, found)
	}
}

// Who wants less motion sees none, where others see things unfold.
func TestReducedMotion(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	const moving = `[document.documentElement, ...document.querySelectorAll("body *")].filter(e => ["", "::before", "::after", "::details-content"].some(part => {
		const s = getComputedStyle(e, part || null);
		return s.transitionDuration.split(", ").some(d => d !== "0s") || s.animationName !== "none" || s.scrollBehavior === "smooth";
	})).length`
	for _, theme := range builtin {
		p := b.Page(t, 1440, 900)
		p.Goto(themed(t, theme).URL + "/meridian-bank/")
		for _, motion := range []string{"no-preference", "reduce"} {
			p.Media("", "prefers-reduced-motion", motion)
			if n := browser.Eval[int](p, moving); n == 0 == (motion != "reduce") {
				t.Errorf("%s: with %s %d elements move", theme, motion, n)
			}
		}
	}
}
