package serve_test

import (
	"fmt"
	"os"
	"testing"

	"portico/internal/browser"
	"portico/internal/need"
)

// Sets of axe-core's rules, by their tags: everything that the bar names, and
// what of it looks at colours. Another colour scheme changes nothing else.
const (
	everyRule = `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]`
	colours   = `{type: "rule", values: ["color-contrast", "link-in-text-block"]}`
)

// violations that axe-core finds within a part of a page, by some of its rules.
func violations(p *browser.Page, within, rules string) []string {
	return browser.Await[[]string](p, fmt.Sprintf(`axe.run(%q, {runOnly: %s, resultTypes: ["violations"], preload: false}).then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.target + " " + n.failureSummary)))`, within, rules))
}

// withAxe opens a tab whose pages have axe-core.
func withAxe(t *testing.T, b *browser.Browser) *browser.Page {
	t.Helper()
	source, err := os.ReadFile(need.Tool(t, "axe-core/axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	p := b.Page(t, 1440, 900)
	p.Script(string(source))
	return p
}

// axe-core finds nothing at any width, with everything unfolded, by day and by
// night, in either theme.
func TestAccessibility(t *testing.T) {
	t.Parallel()
	deals := everyDeal(t)
	for j, theme := range builtin {
		t.Run(theme, func(t *testing.T) {
			t.Parallel()
			p := withAxe(t, chromium.Browser(t))
			n := 2 * j
			look := func(url string) {
				accessible(t, p, n, url)
				n++
			}
			for _, at := range shownIn(deals, theme) {
				look(at.url())
				if at.id == "meridian-bank" {
					look(at.url() + "pages/security.html")
					look(at.origin + "/")
				}
			}
		})
	}
}

// accessible holds the i-th page to axe-core's rules, loading it once: at one
// width and the next page at another, unless all are wanted.
func accessible(t *testing.T, p *browser.Page, i int, url string) {
	t.Helper()
	p.Goto(url)
	browser.Eval[bool](p, unfold)
	for j, width := range []int{390, 834, 1024, 1440} {
		if !need.Turn(i+j, 4) {
			continue
		}
		p.Resize(width, 900)
		for _, run := range []struct{ scheme, rules string }{{"light", everyRule}, {"dark", colours}} {
			if width == 1440 {
				run.rules = everyRule // once in the dark as well: other logos show
			}
			still(p, run.scheme)
			for _, f := range violations(p, "html", run.rules) {
				t.Errorf("%s at %d px, %s: %s", url, width, run.scheme, f)
			}
		}
	}
}

// What opens over a page is held to the same: the list of what changed since
// the last visit, and the dialog that shows a file.
func TestAccessibilityOfWhatOpens(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	for i, theme := range builtin {
		s := themed(t, theme)
		p := withAxe(t, b)
		p.Script(`localStorage.setItem("portico:" + location.pathname, '{"day": "2026-11-13T09:00:00Z", "seen": {}}')`)
		p.Goto(s.URL + "/meridian-bank/")
		for _, opened := range []struct{ what, open, close string }{
			{"#since", `document.querySelector("#since:not([hidden])").open = true`, `document.querySelector("#since").open = false`},
			{".viewer", `[...document.querySelectorAll('#documents a[data-view="image"]')].find(e => e.tabIndex >= 0).click(), document.querySelector(".viewer").open`, `document.querySelector(".viewer").close(), true`},
		} {
			must(t, p, opened.what, opened.open)
			for j, width := range []int{390, 1440} {
				p.Resize(width, 900)
				for k, scheme := range []string{"light", "dark"} {
					if !need.Turn(i+j+k, 2) {
						continue
					}
					still(p, scheme)
					for _, f := range violations(p, opened.what, everyRule) {
						t.Errorf("%s, %s at %d px, %s: %s", theme, opened.what, width, scheme, f)
					}
				}
			}
			browser.Eval[bool](p, opened.close+", true")
		}
	}
}
