package serve_test

import (
	"fmt"
	"testing"

	"portico/internal/browser"
)

// walk looks at what has the focus: that it comes after what had it before, or
// before it on the way back, that it shows the focus, and that it is in sight
// and not below the bar.
const walk = `(back => {
	const e = document.activeElement, before = globalThis.last;
	if (e === document.body) return "end";
	globalThis.last = e;
	left.delete(e);
	const r = e.getBoundingClientRect(), bar = document.querySelector(".tabs").getBoundingClientRect(), s = getComputedStyle(e.matches(".filter input") ? e.nextElementSibling : e);
	const name = e.localName + " " + (e.textContent.trim() || e.id).slice(0, 30);
	if (before && before.compareDocumentPosition(e) & (back ? Node.DOCUMENT_POSITION_FOLLOWING : Node.DOCUMENT_POSITION_PRECEDING)) return name + " is out of the page's order";
	if (s.outlineStyle === "none" || parseFloat(s.outlineWidth) < 1) return name + " does not show the focus";
	if (!e.closest(".tabs, dialog") && bar.top <= 0 && r.top < bar.bottom - 1 && r.bottom > bar.top) return name + " lies under the bar";
	if (r.bottom < 0 || r.top > innerHeight) return name + " is out of sight";
	return back && e.matches(".skip") ? "end" : ""; // from there the way back begins anew
})(%t)`

// The keyboard reaches everything that a pointer does, in the page's order,
// there and back, and shows where it is: never below the bar that sticks to the
// top.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	deals := everyDeal(t)
	for _, run := range []struct {
		theme, id string
		width     int
		unfolded  bool
	}{
		{"plan", "meridian-bank", 390, false},
		{"plan", "meridian-bank", 1440, true},
		{"ledger", "alder-insurance", 390, true},
		{"ledger", "alder-insurance", 1440, false},
	} {
		t.Run(fmt.Sprintf("%s at %d, unfolded %t", run.theme, run.width, run.unfolded), func(t *testing.T) {
			t.Parallel()
			p := b.Page(t, run.width, 900)
			p.Media("", "prefers-reduced-motion", "reduce")
			for _, at := range deals {
				if at.theme == run.theme && at.id == run.id {
					p.Goto(at.url())
				}
			}
			if run.unfolded {
				browser.Eval[bool](p, unfold)
			}
			total := browser.Eval[int](p, `globalThis.left = new Set([...document.querySelectorAll("a[href], button, select, input, summary, [tabindex='0'], audio, video")].filter(e => e.checkVisibility() && e.tabIndex >= 0 && !e.closest("dialog") && !(e.type === "radio" && !e.checked))), left.size`)
			if total < 50 {
				t.Errorf("only %d elements take the focus", total)
			}
			steps := func(press func(string), back bool) {
				for range total + 40 { // a player has buttons of its own
					press("\t")
					found := browser.Eval[string](p, fmt.Sprintf(walk, back))
					if found == "end" {
						return
					}
					if found != "" {
						t.Errorf("back %t: %s", back, found)
					}
				}
				t.Error("Tab never comes to the page's end")
			}
			steps(p.Press, false)
			if left := browser.Eval[[]string](p, `[...left].map(e => e.outerHTML.slice(0, 90))`); len(left) > 0 {
				t.Errorf("Tab does not reach %d of %d: %q", len(left), total, left)
			}
			if !run.unfolded {
				browser.Eval[bool](p, `globalThis.last = null, true`)
				steps(p.PressShifted, true)
			}
		})
	}
}
