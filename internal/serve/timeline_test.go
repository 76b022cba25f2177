package serve_test

import (
	"testing"

	"portico/internal/browser"
	"portico/internal/need"
)

// crowded lists labels of the timeline that lie upon one another or are cut
// off, line by line, and marks of events that do.
const crowded = `(() => {
	const card = document.querySelector("#timeline"), edge = card.getBoundingClientRect(), found = [];
	const beyond = parseFloat(getComputedStyle(card).overflowClipMargin); // what is drawn outside of a section
	const left = Math.max(0, edge.left - beyond), right = Math.min(innerWidth, edge.right + beyond);
	const lines = [...card.querySelectorAll("h2, .key li, .ticks span, .today span, .events-of, .events li > span, .title, .dates")].filter(e => e.checkVisibility()).flatMap(e => {
		const texts = document.createTreeWalker(e, NodeFilter.SHOW_TEXT), range = document.createRange(), list = [];
		for (let n; n = texts.nextNode();) {
			if (n.parentElement.closest(".vh")) continue;
			range.selectNodeContents(n);
			for (const r of range.getClientRects()) list.push([e, r, n.data]);
		}
		return list;
	});
	const grid = card.querySelector(".grid").getBoundingClientRect();
	for (const li of card.querySelectorAll(".events li")) {
		const s = getComputedStyle(li, "::after"), at = s => parseFloat(s);
		if (s.content !== "none") lines.push([li, new DOMRect(grid.left + at(s.left), grid.top + at(s.top), at(s.width), at(s.height)), "mark of " + li.id]);
	}
	lines.forEach(([e, r, text], i) => {
		if (r.left < left || r.right > right || r.top < edge.top || r.bottom > edge.bottom) found.push(text + " is cut off");
		for (const [f, q, other] of lines.slice(i + 1)) {
			if (e !== f && Math.min(r.right, q.right) - Math.max(r.left, q.left) > 1 && Math.min(r.bottom, q.bottom) - Math.max(r.top, q.top) > 1) found.push(text + " lies upon " + other);
		}
	});
	return found.slice(0, 5);
})()`

// wide is a font of wide letters, as a machine may have that lacks the others.
const wide = `document.documentElement.style.setProperty("--font-text", "DejaVu Sans"), document.documentElement.style.setProperty("--font-display", "DejaVu Sans"), ""`

// No label of the timeline lies upon another or is cut off, at any width, with
// letters of any size, set apart or wide; and every date is there.
func TestTimelineLabels(t *testing.T) {
	t.Parallel()
	need.Font(t, "DejaVu Sans")
	browsers := forThemes(t)
	deals := everyDeal(t, "arabic")
	for j, c := range []struct{ name, do string }{
		{"as it is", `""`},
		{"twice the size", `document.documentElement.style.fontSize = "200%"`},
		{"set apart", spaced},
		{"wide", wide},
		{"wide and set apart", wide + "," + spaced},
	} {
		for l, theme := range builtin {
			t.Run(c.name+"/"+theme, func(t *testing.T) {
				t.Parallel()
				p := browsers[l].Page(t, 1440, 900)
				still(p, "light")
				for i, at := range shownIn(deals, theme) {
					if !need.Turn(i+j+3*l, 4) {
						continue
					}
					p.Goto(at.url())
					browser.Eval[string](p, c.do)
					for _, width := range []int{390, 834, 1024, 1440} {
						p.Resize(width, 900)
						if found := browser.Eval[[]string](p, crowded); len(found) > 0 {
							t.Errorf("%s at %d px: %q", at.id, width, found)
						}
						if n := browser.Eval[int](p, `[...document.querySelectorAll("#timeline .rows li")].filter(e => { const dates = e.querySelector(".dates"), r = dates?.getBoundingClientRect(); return !dates?.checkVisibility() || !dates.textContent || r.width < 8 }).length`); n > 0 {
							t.Errorf("%s at %d px: %d rows without their dates", at.id, width, n)
						}
					}
				}
			})
		}
	}
}

// Who hears the page hears of every stage and milestone what its colour and
// sign say, at every width.
func TestStatesAreSaid(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	const unsaid = `[...document.querySelectorAll(".stage > summary, .entry")].filter(e => {
		const word = e.querySelector("[data-days]");
		return !word?.textContent || word.closest("[aria-hidden]") || !word.checkVisibility({visibilityProperty: true}) || !e.innerText.includes(word.textContent);
	}).map(e => e.textContent.trim().slice(0, 40)).slice(0, 5)`
	p := b.Page(t, 1440, 900)
	still(p, "light") // what unfolds is not there at once
	for i, at := range everyDeal(t, "arabic") {
		p.Goto(at.url())
		browser.Eval[bool](p, unfold)
		for j, width := range []int{320, 390, 834, 1440} {
			if !need.Turn(i+j, 4) {
				continue
			}
			p.Resize(width, 900)
			if found := browser.Eval[[]string](p, unsaid); len(found) > 0 {
				t.Errorf("%s at %d px does not say how these stand: %q", at.name(), width, found)
			}
		}
	}
}
