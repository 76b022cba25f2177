package serve_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"portico/internal/browser"
	"portico/internal/need"
)

// screens are the sizes that the first screen is made for.
var screens = [][2]int{{1440, 900}, {834, 1112}, {390, 844}}

// unfold opens whatever is folded, and shows what the script keeps hidden at
// first.
const unfold = `document.querySelectorAll("details").forEach(e => e.open = true), true`

// still makes a page that neither moves nor fades.
func still(p *browser.Page, scheme string) {
	p.Media("", "prefers-color-scheme", scheme, "prefers-reduced-motion", "reduce")
}

// Who looks for half a minute sees without scrolling whose plan it is, what it
// is worth, how it stands, what comes next, and whom to call. Nothing moves
// while the page loads.
func TestFirstScreen(t *testing.T) {
	b := browser.Start(t)
	const missing = `((...selectors) => selectors.filter(s => {
		const all = [...document.querySelectorAll(s)];
		return !all.length || all.some(e => {
			const r = e.getBoundingClientRect();
			return !e.checkVisibility({visibilityProperty: true, opacityProperty: true}) || !r.width || r.left < 0 || r.top < 0 || r.right > innerWidth || r.bottom > innerHeight;
		});
	}))(%s)`
	items := []string{".brand.buyer", "h1", ".lead", ".health b", ".health .quiet", ".progress", ".golive", ".next .what", ".next .person .name", ".next .person .quiet", ".next .pill", ".top .facts time", ".contact a"}
	for _, at := range everyDeal(t) {
		t.Run(at.id, func(t *testing.T) {
			p := b.Page(t, 1440, 900)
			p.Script(`globalThis.shift = 0; globalThis.moved = []; new PerformanceObserver(list => { for (const e of list.getEntries()) { shift += e.value; moved.push(...e.sources.map(s => s.node?.parentElement?.className + " " + s.node?.className)); } }).observe({type: "layout-shift", buffered: true});`)
			for _, size := range screens {
				p.Resize(size[0], size[1])
				p.Goto(at.url())
				want := items
				if size[0] > 390 {
					want = append(want[:len(want):len(want)], ".contact b")
					if at.id != "small" {
						want = append(want, ".highlights")
					}
				}
				if at.id == "small" { // no stages, one bar for all
					want = append(want[:len(want):len(want)], "#b-all")
				}
				list, err := json.Marshal(want)
				if err != nil {
					t.Fatal(err)
				}
				out := browser.Eval[[]string](p, fmt.Sprintf(missing, strings.Trim(string(list), "[]")))
				if len(out) > 0 {
					t.Errorf("at %d × %d these are not on the first screen: %v", size[0], size[1], out)
				}
				if shift := browser.Await[float64](p, `new Promise(done => requestAnimationFrame(() => setTimeout(() => done(shift))))`); shift > .01 {
					t.Errorf("at %d px the page shifts by %.3f: %q", size[0], shift, browser.Eval[[]string](p, "moved"))
				}
			}
		})
	}
}

// cut lists what is wider than the page, or than what cuts it off, and what
// lies upon something else's text in the header.
const cut = `[...document.querySelectorAll("body *")].filter(e => {
	if (!e.checkVisibility() || e.closest(".vh, .sprite, svg, .sections, .ticks, table, pre")) return false;
	const s = getComputedStyle(e), r = e.getBoundingClientRect();
	const clips = s.overflowX === "hidden" || s.overflowX === "clip";
	return clips && e.scrollWidth > e.clientWidth + 1 && e.textContent.trim() || !e.closest(".scroll, .timeline .grid") && r.width > 1 && (r.right > innerWidth + 1 || r.left < -1) && !e.closest(".skip");
}).map(e => (e.id ? "#" + e.id : e.localName + "." + e.className) + " " + e.textContent.trim().slice(0, 40)).slice(0, 5)`

// Nothing overflows or is lost on a narrow screen, with letters of twice the
// size, in the colours of a reader's own, from right to left, and without the
// script.
func TestNothingIsLost(t *testing.T) {
	b := browser.Start(t)
	deals := everyDeal(t)
	for _, c := range []struct {
		name, do string
		media    []string
		sizes    []int
		plain    bool
	}{
		{name: "as it is", sizes: []int{320, 390, 834, 1024, 1440}},
		{name: "letters twice the size", sizes: []int{390, 834, 1280}, do: `document.documentElement.style.fontSize = "200%"`},
		{name: "forced colours", sizes: []int{390, 1440}, media: []string{"forced-colors", "active"}},
		{name: "right to left", sizes: []int{320, 1440}, do: `document.documentElement.dir = "rtl"`},
		{name: "without JavaScript", sizes: []int{320, 1440}, plain: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := b.Page(t, 1440, 900)
			p.Media("", append(c.media, "prefers-reduced-motion", "reduce")...)
			if c.plain {
				p.NoScript()
			}
			for _, at := range deals {
				p.Goto(at.url())
				browser.Eval[bool](p, "("+unfold+`), document.documentElement.style.scrollBehavior = "auto", true`)
				if c.do != "" {
					browser.Eval[string](p, c.do)
				}
				for _, width := range c.sizes {
					p.Resize(width, 900)
					if over := browser.Eval[int](p, "document.documentElement.scrollWidth - innerWidth"); over > 0 {
						t.Errorf("%s is %d px wider than a screen of %d", at.id, over, width)
					}
					if found := browser.Eval[[]string](p, cut); len(found) > 0 {
						t.Errorf("%s at %d px cuts off %q", at.id, width, found)
					}
				}
			}
			if found := p.Complaints(); len(found) > 0 {
				t.Errorf("the browser complains: %v", found)
			}
		})
	}
}

// axe-core finds nothing at any width, with everything unfolded, by day and by
// night.
func TestAccessibility(t *testing.T) {
	b := browser.Start(t)
	axe, err := os.ReadFile(need.Tool(t, "axe-core/axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	s, _ := demonstration(t, november21)
	own, _ := made(t, map[string]string{"halden": halden(t), "small": small, "large": large()})
	addresses := []string{s.URL + "/meridian-bank/", s.URL + "/kestrel-motion/", s.URL + "/alder-insurance/", s.URL + "/meridian-bank/pages/security.html", own.URL + "/halden/"}
	for _, run := range []struct {
		width     int
		scheme    string
		addresses []string
	}{
		{390, "light", append(addresses, own.URL+"/large/", own.URL+"/small/", s.URL+"/")},
		{834, "light", addresses},
		{1024, "light", addresses},
		{1440, "light", append(addresses, own.URL+"/large/", own.URL+"/small/", s.URL+"/")},
		{390, "dark", addresses},
		{1440, "dark", addresses},
	} {
		p := b.Page(t, run.width, 900)
		still(p, run.scheme)
		p.Script(string(axe))
		for _, address := range run.addresses {
			p.Goto(address)
			browser.Eval[bool](p, unfold)
			found := browser.Await[[]string](p, `axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"]}).then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.target + " " + n.failureSummary)))`)
			for _, f := range found {
				t.Errorf("%s at %d px, %s: %s", address, run.width, run.scheme, f)
			}
		}
	}
}

// The keyboard reaches everything that a pointer does, in the page's order,
// and shows where it is: never below the bar that sticks to the top.
func TestKeyboard(t *testing.T) {
	b := browser.Start(t)
	s, _ := demonstration(t, november21)
	for _, width := range []int{390, 1440} {
		p := b.Page(t, width, 900)
		p.Media("", "prefers-reduced-motion", "reduce")
		p.Goto(s.URL + "/meridian-bank/")
		browser.Eval[bool](p, `globalThis.left = new Set([...document.querySelectorAll("a[href], button, select, input, summary, [tabindex='0'], audio, video")].filter(e => e.checkVisibility() && e.tabIndex >= 0 && !e.closest("dialog") && !(e.type === "radio" && !e.checked))), true`)
		total := browser.Eval[int](p, "left.size")
		const step = `(() => {
			const e = document.activeElement, before = globalThis.last, r = e.getBoundingClientRect(), bar = document.querySelector(".tabs").getBoundingClientRect(), s = getComputedStyle(e.matches(".filter input") ? e.nextElementSibling : e);
			if (e === document.body) return "end";
			left.delete(e);
			globalThis.last = e;
			const name = e.localName + " " + (e.textContent.trim() || e.id).slice(0, 30);
			if (before && before.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_PRECEDING) return name + " comes before what had the focus";
			if (s.outlineStyle === "none" || parseFloat(s.outlineWidth) < 1) return name + " does not show the focus";
			if (!e.closest(".tabs, dialog") && bar.top <= 0 && r.top < bar.bottom - 1 && r.bottom > bar.top) return name + " lies under the bar";
			if (r.bottom < 0 || r.top > innerHeight) return name + " is out of sight";
			return "";
		})()`
		for range total + 40 {
			p.Press("\t")
			found := browser.Eval[string](p, step)
			if found == "end" {
				break
			}
			if found != "" {
				t.Errorf("at %d px: %s", width, found)
			}
		}
		if left := browser.Eval[[]string](p, `[...left].map(e => e.outerHTML.slice(0, 90))`); len(left) > 0 {
			t.Errorf("at %d px Tab does not reach %d of %d: %q", width, len(left), total, left)
		}
	}
}
