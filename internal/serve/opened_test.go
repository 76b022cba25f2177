package serve_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"portico/internal/browser"
	"portico/internal/need"
	"portico/internal/seal"
)

// unlocked is a tab in which a sealed deal was opened.
func unlocked(t *testing.T, b *browser.Browser, h *host, end string) *browser.Page {
	t.Helper()
	p := b.Page(t, 1440, 900)
	p.Script(clock("2026-11-21"))
	p.Goto(h.url() + end)
	enter(t, p, h.secrets.Phrase(seal.Everyone, 1))
	must(t, p, "the plan", `document.querySelector("#main") && !document.querySelector("body.gate") && getComputedStyle(document.documentElement).visibility === "visible"`)
	return p
}

// What a reader sees of a sealed deal is what an unsealed one shows, to the
// pixel.
func TestSealedIsAsUnsealed(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	clear, _ := demonstration(t, november21)
	for _, id := range []string{"meridian-bank", "kestrel-motion", "alder-insurance"} {
		h := sealedHost(t, id)
		sealed, open := unlocked(t, b, h, ""), b.Page(t, 1440, 900)
		open.Script(clock("2026-11-21"))
		for _, page := range []string{"index.html", h.items[0].Path} {
			if !strings.HasSuffix(page, ".html") {
				continue
			}
			open.Goto(clear.URL + "/" + id + "/" + page)
			browser.Eval[bool](sealed, `location.hash = `+quote("#/"+strings.TrimSuffix(strings.TrimSuffix(page, ".html"), "index"))+`, true`)
			title := browser.Eval[string](open, `document.title`)
			must(t, sealed, page, `document.title === `+quote(title))
			for _, p := range []*browser.Page{open, sealed} {
				still(p, "light")
				browser.Eval[bool](p, unfold)
				browser.Eval[bool](p, `document.activeElement.blur(), document.querySelectorAll("[data-do=lock]").forEach(e => e.hidden = true), scrollTo(0, 0), true`)
				browser.Eval[bool](p, `[...document.images].forEach(e => e.loading = "eager"), true`)
				must(t, p, "pictures", `[...document.images].every(e => e.complete)`)
			}
			const text = `document.body.innerText`
			if got, want := browser.Eval[string](sealed, text), browser.Eval[string](open, text); got != want {
				t.Errorf("%s/%s says something else once it was sealed: %d characters, not %d", id, page, len(got), len(want))
			}
			const boxes = `[...document.querySelectorAll("body *")].filter(e => e.localName !== "source").map(e => { const r = e.getBoundingClientRect(); return e.localName + "." + e.className + " " + [r.x, r.y, r.width, r.height].map(Math.round); }).join("\n")`
			if got, want := browser.Eval[string](sealed, boxes), browser.Eval[string](open, boxes); got != want {
				t.Errorf("%s/%s is laid out otherwise once it was sealed: %s", id, page, firstDifference(got, want))
			}
			if a, b := open.View(), sealed.View(); !bytes.Equal(a, b) {
				if share, _ := difference(t, decoded(t, a), decoded(t, b)); share > .0001 {
					t.Errorf("%s/%s looks otherwise once it was sealed", id, page)
				}
			}
		}
		quiet(t, sealed, h)
	}
}

// axe-core finds nothing on a plan that was opened, nor on its pages, by day and
// by night: it stands in a document that was made for the lock page.
func TestSealedAccessibility(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	h := sealedHost(t, "meridian-bank")
	p := withAxe(t, b)
	p.Goto(h.url())
	enter(t, p, h.secrets.Phrase(seal.Everyone, 1))
	opened(t, p)
	for i, page := range []string{"body.deal", "body.page"} {
		if page == "body.page" {
			browser.Eval[bool](p, `location.hash = "#/pages/security", true`)
		}
		must(t, p, page, `document.querySelector(`+quote(page)+`)`)
		browser.Eval[bool](p, unfold)
		for j, width := range []int{390, 1440} {
			p.Resize(width, 900)
			for k, scheme := range []string{"light", "dark"} {
				if !need.Turn(i+j+k, 2) {
					continue
				}
				still(p, scheme)
				for _, f := range violations(p, "html", everyRule) {
					if strings.HasPrefix(f, "region: .skip ") && page == "body.page" {
						continue // axe takes no link to "#/pages/security#main" for one that skips
					}
					t.Errorf("%s at %d px, %s: %s", page, width, scheme, f)
				}
			}
		}
	}
	quiet(t, p, h)
}

func decoded(t *testing.T, shot []byte) image.Image {
	t.Helper()
	picture, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return fmt.Sprintf("%q, not %q", x[i], y[i])
		}
	}
	return fmt.Sprintf("%d elements, not %d", len(x), len(y))
}

// Further pages are addresses within the one: links, Back, deep links and the
// page's script work.
func TestRoutes(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	h := sealedHost(t, "meridian-bank")
	p := unlocked(t, b, h, "#m-legal-review")
	must(t, p, "where the link points", `document.querySelector("#m-legal-review > details").open && scrollY > 200 && document.querySelector("#m-legal-review:target")`)
	y := browser.Eval[float64](p, `scrollY`)
	must(t, p, "the place is kept", `history.state?.y === scrollY`)
	must(t, p, "a page", `globalThis.gone ??= document.querySelector('a[href="#/pages/security"]').click() ?? true, document.querySelector("body.page h1") && location.hash === "#/pages/security" && scrollY === 0 && document.activeElement.id === "main"`)
	must(t, p, "its script", `!document.querySelector("[data-do=print]").hidden`)
	must(t, p, "a place on it", `globalThis.gone2 ??= (globalThis.head = document.querySelector("article [id]"), location.hash = "#/pages/security#" + head.id, true), Math.abs(head.getBoundingClientRect().top) < 120 || scrollY + innerHeight >= document.documentElement.scrollHeight - 1`)
	browser.Eval[bool](p, `history.go(-2), true`)
	must(t, p, "Back", fmt.Sprintf(`document.querySelector("body.deal") && Math.abs(scrollY - %v) < 2`, y))
	must(t, p, "its script", `globalThis.fold ??= document.querySelector('[data-do="unfold"]').click() ?? true, document.querySelector('[data-do="unfold"]').ariaPressed === "true"`)
	must(t, p, "up again", `globalThis.away ??= (location.hash = "#/pages/security", true), document.querySelector("body.page .up a") && (globalThis.up ??= document.querySelector(".up a").click() ?? true)`)
	must(t, p, "the plan", `document.querySelector("body.deal") && location.hash === "#/"`)
	// An address that leads nowhere leaves the reader where she is.
	browser.Eval[bool](p, `location.hash = "#/pages/nothing", true`)
	must(t, p, "nowhere", `document.querySelector("[role=alert].portico-notice")?.textContent.includes("not there") && document.querySelector("body.deal") && location.hash === "#/"`)
	// Reading again asks again.
	p.Goto("about:blank")
	p.Goto(h.url() + "#/pages/security")
	enter(t, p, h.secrets.Phrase(seal.Everyone, 1))
	must(t, p, "a deep link", `document.querySelector("body.page h1") && location.hash === "#/pages/security"`)
	for _, c := range p.Complaints() {
		t.Error(c)
	}
}

// Pictures come as they come near, documents open in the dialog, files go out
// under their own names; the table is on the page.
func TestSealedFiles(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	h := sealedHost(t, "alder-insurance")
	p := b.Page(t, 1200, 900)
	p.Script(`const make = URL.createObjectURL; globalThis.blobs = new Map(); URL.createObjectURL = b => { const url = make(b); blobs.set(url, b); return url; };
		Object.defineProperty(navigator, "pdfViewerEnabled", {value: true}); const real = matchMedia; globalThis.matchMedia = q => q.includes("pointer") ? {matches: true} : real(q);
		globalThis.saved = []; addEventListener("click", e => { const a = e.target.closest?.("a"); if (a?.download) { saved.push(a.download + " " + a.href); e.preventDefault(); } });`)
	p.Goto(h.url())
	enter(t, p, h.secrets.Phrase(seal.Everyone, 1))
	must(t, p, "the plan", `document.querySelector("body.deal #plan")`)
	far := `[...document.querySelectorAll("#documents img")].at(-1)`
	must(t, p, "a picture far away keeps its room", `(globalThis.empty ??= `+far+`.src).startsWith("blob:") && `+far+`.alt !== undefined`)
	must(t, p, "it comes", `document.querySelector("#documents").scrollIntoView(), `+far+`.src !== empty && `+far+`.complete && `+far+`.naturalWidth > 100`)
	opener := `[...document.querySelectorAll('#documents a[data-view="pdf"]')].find(e => e.tabIndex >= 0)`
	must(t, p, "a document", `globalThis.one ??= `+opener+`.click() ?? true, document.querySelector(".viewer").open && document.querySelector(".viewer iframe").src.startsWith("blob:")`)
	must(t, p, "it is a PDF", `globalThis.file ??= blobs.get(document.querySelector(".viewer iframe").src), file.slice(0, 5).text().then(s => globalThis.kind = s), file.type === "application/pdf" && globalThis.kind === "%PDF-"`)
	must(t, p, "closed", `document.querySelector(".viewer button").click(), !document.querySelector(".viewer").open && `+opener+`.getAttribute("href").startsWith("#/")`)
	must(t, p, "a table", `document.querySelector("table[data-sort] tbody tr")`)
	must(t, p, "it goes out under its name", `globalThis.two ??= document.querySelector(".table a[download]").click() ?? true, saved.length === 1 && /^[\w.-]+\.csv blob:/.test(saved[0])`)
	// A file that is not there is told of, and the plan stays.
	h.hook(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "/o/") {
			http.Error(w, "nothing", http.StatusNotFound)
			return true
		}
		return false
	})
	other := `[...document.querySelectorAll('#documents a[data-view="pdf"]')].filter(e => e.tabIndex >= 0).at(-1)`
	must(t, p, "what is missing", `globalThis.three ??= `+other+`.click() ?? true, document.querySelector(".portico-notice[role=alert]")?.textContent.includes("not there")`)
}

// Paper shows every picture, also those that nobody has scrolled to.
func TestSealedPaper(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	h := sealedHost(t, "alder-insurance")
	p := b.Page(t, 1200, 900)
	p.Script(`globalThis.print = () => { globalThis.printed = [...document.images].every(e => e.complete && e.naturalWidth > 1 && e.currentSrc); }`)
	p.Goto(h.url())
	enter(t, p, h.secrets.Phrase(seal.Everyone, 1))
	must(t, p, "the plan", `document.querySelector("[data-do=print]:not([hidden])")`)
	p.Click("[data-do=print]")
	must(t, p, "printed", `globalThis.printed === true`)
	if paper := p.Print(8.27, 11.69); len(paper) < 20_000 {
		t.Errorf("the paper takes %d bytes", len(paper))
	}
	quiet(t, p, h)
}

// What is for an audience stands in its place for who is in it; others see
// neither it nor a gap, and their files hold no word of it.
func TestAudiences(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	h := sealedHost(t, "meridian-bank")
	a := access()
	a.Audiences = [][]string{{"priya"}}
	items := []seal.Item{}
	const word = "Forty-two thousand"
	for _, it := range h.items {
		if it.Path == "index.html" {
			data := make([]byte, it.Content.Size())
			if _, err := it.Content.ReadAt(data, 0); err != nil {
				t.Fatal(err)
			}
			it = item(it.Path, bytes.Replace(data, []byte(`<section class="intro"`), []byte(`<section id="r1"></section><section class="intro"`), 1))
			part := item(it.Path, []byte(`<h2 id="secret">`+word+`</h2><p><a href="pages/security.html">Pages</a> <a href="collateral/secret.csv" download="prices.csv">Prices</a></p><script>globalThis.ran = true</script>`))
			part.At, part.Audience = "r1", a.Audiences[0]
			file := item("collateral/secret.csv", []byte("a,b\n1,2\n"))
			file.Audience = a.Audiences[0]
			items = append(items, part, file)
		}
		items = append(items, it)
	}
	h.put(t, a, seal.Contents{Items: items, Changed: lastChange})
	open := func(viewer string) *browser.Page {
		p := b.Page(t, 1200, 900)
		p.Goto(h.url() + "#" + h.secrets.Secret(viewer, 1).Code())
		submit(t, p)
		opened(t, p)
		return p
	}
	in, out := open("priya"), open("mara")
	must(t, in, "priya", `document.querySelector("#r1 #secret")?.textContent === `+quote(word)+` && document.querySelector('#r1 a[href="#/pages/security"]') && document.querySelector('#r1 a[download]').getAttribute("href") === "#/collateral/secret.csv" && !globalThis.ran && !document.querySelector("#r1 script")`)
	must(t, out, "mara", `document.querySelector("#r1").childNodes.length === 0 && !document.documentElement.outerHTML.includes(`+quote(word)+`)`)
	browser.Eval[bool](out, `location.hash = "#/collateral/secret.csv", true`)
	must(t, out, "her file", `document.querySelector(".portico-notice")?.textContent.includes("not there")`)
	quiet(t, in, h)
	quiet(t, out, h)
}
