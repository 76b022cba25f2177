package serve_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"portico/internal/browser"
	"portico/internal/seal"
)

const lastChange = 1_795_000_000 // of a sealed demonstration

// enter types a phrase or a code into the lock page and opens the plan.
func enter(t *testing.T, p *browser.Page, typed string) {
	t.Helper()
	must(t, p, "the field", `document.querySelector("#key")?.checkVisibility()`)
	browser.Eval[bool](p, `document.querySelector("#key").value = `+quote(typed)+`, true`)
	submit(t, p)
}

func submit(t *testing.T, p *browser.Page) {
	t.Helper()
	must(t, p, "the button", `document.querySelector("[type=submit]")?.checkVisibility() && document.querySelector("[type=submit]").ariaDisabled !== "true"`)
	browser.Eval[bool](p, `document.querySelector("[type=submit]").click(), true`)
}

// opened holds the plan to be there.
func opened(t *testing.T, p *browser.Page) {
	t.Helper()
	must(t, p, "the plan", `document.querySelector("body.deal #plan") && document.title.includes("Meridian") && getComputedStyle(document.documentElement).visibility === "visible"`)
}

// says holds the lock page to say something, and to show nothing of the plan.
func says(t *testing.T, p *browser.Page, what string) {
	t.Helper()
	must(t, p, "the lock page", `document.querySelector("body.gate #state")?.textContent.includes(`+quote(what)+`)`)
	must(t, p, "nothing of the plan", `!document.documentElement.outerHTML.includes("Meridian")`)
}

// quiet holds the browser to have had nothing to say, nor anybody else to ask.
func quiet(t *testing.T, p *browser.Page, h *host) {
	t.Helper()
	for _, c := range p.Complaints() {
		t.Errorf("the browser complains: %s", c)
	}
	for _, url := range p.Foreign(h.URL) {
		if !strings.HasPrefix(url, "blob:"+h.URL) {
			t.Errorf("a request to %s", url)
		}
	}
}

// A deal opens by a phrase and by a code, however they are typed.
func TestUnlock(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	h := sealedHost(t, "meridian-bank")
	phrase, code := h.secrets.Phrase(seal.Everyone, 1), h.secrets.Secret("priya", 1).Code()
	for name, typed := range map[string]string{
		"phrase": phrase, "phrase in capitals": " " + strings.ToUpper(strings.ReplaceAll(phrase, "-", " – ")) + "\n",
		"code": code, "code without dashes": strings.ToUpper(strings.ReplaceAll(code, "-", "")), "link": h.url() + "#" + code,
	} {
		p := b.Page(t, 1200, 900)
		p.Goto(h.url())
		enter(t, p, typed)
		opened(t, p)
		must(t, p, name, `[...document.querySelectorAll("[data-do=lock]")].some(e => e.checkVisibility())`)
		quiet(t, p, h)
	}
}

// A personal link leaves the address at once, and opens nothing before a click:
// a mail scanner's browser does not click.
func TestUnlockByLink(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	h := sealedHost(t, "meridian-bank")
	var objects atomic.Int32
	h.hook(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "/o/") {
			objects.Add(1)
		}
		return false
	})
	p := b.Page(t, 1200, 900)
	p.Goto(h.url() + "#" + h.secrets.Secret("mara", 1).Code())
	must(t, p, "the address", `location.href === `+quote(h.url())+` && history.length === 2`)
	must(t, p, "one button", `document.activeElement.matches("[type=submit]") && !document.querySelector("#key").checkVisibility()`)
	if n := objects.Load(); n > 0 {
		t.Errorf("%d objects were fetched before a click", n)
	}
	submit(t, p)
	opened(t, p)
	quiet(t, p, h)
	// A link that opens nothing any more leaves the field.
	h.put(t, access(), seal.Contents{Changed: lastChange})
	p.Goto("about:blank")
	p.Goto(h.url() + "#" + h.secrets.Secret("mara", 2).Code())
	submit(t, p)
	says(t, p, "opens nothing here")
	must(t, p, "the field", `document.activeElement.id === "key"`)
}

// Who guesses learns nothing, and can try again.
func TestWrongPhrase(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	h := sealedHost(t, "meridian-bank")
	p := b.Page(t, 1200, 900)
	p.Goto(h.url())
	var said []string
	phrase := h.secrets.Phrase(seal.Everyone, 1)
	for _, typed := range []string{phrase[:len(phrase)-1], phrase + "s", "x", h.secrets.Secret("mara", 7).Code(), "…"} {
		enter(t, p, typed)
		says(t, p, "opens nothing here")
		must(t, p, typed, `document.activeElement.id === "key" && document.querySelector("#key").ariaInvalid === "true"`)
		said = append(said, browser.Eval[string](p, `document.body.innerText`))
	}
	for _, s := range said {
		if s != said[0] {
			t.Errorf("a wrong phrase is told from another: %q and %q", said[0], s)
		}
	}
	enter(t, p, phrase)
	opened(t, p)
	quiet(t, p, h)
}

// A deal of two factors opens with both, and with neither alone.
func TestTwoFactors(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	h := sealedHost(t, "meridian-bank")
	ways := seal.Policy{Generation: 1, Phrase: true, TwoFactors: true, Viewers: []seal.Viewer{{ID: "mara", Generation: 1}}}.Ways(nil)
	h.put(t, seal.Access{Generation: 1, Ways: ways}, seal.Contents{Items: h.items, Changed: lastChange})
	phrase, code := h.secrets.Phrase(seal.Everyone, 1), h.secrets.Secret("mara", 1).Code()
	p := b.Page(t, 1200, 900)
	p.Goto(h.url())
	must(t, p, "two fields", `document.querySelector("#code").checkVisibility() && document.querySelector("[for=key]").textContent === "Passphrase"`)
	for _, typed := range [][2]string{{"", phrase}, {code, ""}, {code, "x"}, {phrase, phrase}} {
		browser.Eval[bool](p, `document.querySelector("#code").value = `+quote(typed[0])+`, true`)
		enter(t, p, typed[1])
		says(t, p, "opens nothing here")
	}
	browser.Eval[bool](p, `document.querySelector("#code").value = `+quote(code)+`, true`)
	enter(t, p, phrase)
	opened(t, p)
	p.Goto("about:blank")
	p.Goto(h.url() + "#" + code)
	must(t, p, "one field", `!document.querySelector("#code").checkVisibility() && document.querySelector("#key").checkVisibility()`)
	enter(t, p, "x")
	says(t, p, "opens nothing here")
	enter(t, p, phrase)
	opened(t, p)
	quiet(t, p, h)
}

const kept = `new Promise(done => { const r = indexedDB.open("portico", 1); r.onsuccess = () => { if (!r.result.objectStoreNames.length) return done(0); const c = r.result.transaction("devices").objectStore("devices").count(); c.onsuccess = () => { r.result.close(); done(c.result); }; }; r.onupgradeneeded = () => r.transaction.abort(); r.onerror = () => done(0); })`

// A device remembers a way in, if it is asked to, and no more than that: a
// viewer who was taken out is out at the next visit.
func TestRememberedDevice(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	h := sealedHost(t, "meridian-bank")
	p := b.Page(t, 1200, 900)
	p.Goto(h.url())
	enter(t, p, h.secrets.Phrase(seal.Everyone, 1))
	opened(t, p)
	p.Goto(h.url())
	must(t, p, "nothing kept", `document.querySelector("#key").checkVisibility()`)
	p.Goto("about:blank")
	p.Goto(h.url() + "#" + h.secrets.Secret("priya", 1).Code())
	must(t, p, "asked to", `document.querySelector("[data-do=remember]").click(), true`)
	submit(t, p)
	opened(t, p)
	p.Goto(h.url() + "#m-legal-review")
	opened(t, p)
	must(t, p, "where the link points", `document.querySelector("#m-legal-review > details").open`)
	if n := browser.Await[int](p, kept); n != 1 {
		t.Errorf("%d ways in are kept", n)
	}
	must(t, p, "a key that nobody reads", `(globalThis.key ??= new Promise(done => { indexedDB.open("portico", 1).onsuccess = e => { e.target.result.transaction("devices").objectStore("devices").getAll().onsuccess = g => { globalThis.device = g.target.result[0]; done(); }; }; })) && globalThis.device && !device.root.extractable && Object.keys(device).join() === "root,until,changed"`)
	// Older than what was seen: a warning, and a choice.
	h.put(t, access(), seal.Contents{Items: h.items, Changed: lastChange - 1})
	p.Goto(h.url())
	says(t, p, "older than what you saw")
	submit(t, p)
	opened(t, p)
	// Out.
	ways := seal.Policy{Generation: 1, Phrase: true, Viewers: []seal.Viewer{{ID: "mara", Generation: 1}}}.Ways(nil)
	h.put(t, seal.Access{Generation: 1, Ways: ways}, seal.Contents{Items: h.items, Changed: lastChange + 1})
	p.Goto("about:blank")
	p.Goto(h.url())
	says(t, p, "no longer let in")
	must(t, p, "the field", `document.activeElement.id === "key"`)
	if n := browser.Await[int](p, kept); n != 0 {
		t.Errorf("%d ways in are kept", n)
	}
	quiet(t, p, h)
}

// A browser whose memory never answers has none: the field comes, a way in that
// shall be remembered opens, and locking locks.
func TestMemoryThatNeverAnswers(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	h := sealedHost(t, "meridian-bank")
	p := b.Page(t, 1200, 900)
	p.Script(`IDBFactory.prototype.open = () => ({})`)
	p.Goto(h.url())
	must(t, p, "the field", `document.querySelector("#key")?.checkVisibility()`)
	browser.Eval[bool](p, `document.querySelector("[data-do=remember]").checked = true`)
	enter(t, p, h.secrets.Phrase(seal.Everyone, 1))
	opened(t, p)
	before := p.Loads()
	browser.Eval[bool](p, `document.querySelector("[data-do=lock]").click(), true`)
	p.Leaves(before)
	must(t, p, "locked", `document.querySelector("body.gate #key")?.checkVisibility()`)
	quiet(t, p, h)
}

// Locking leaves nothing on the page, on the device or on the way back.
func TestLock(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	h := sealedHost(t, "meridian-bank")
	p := b.Page(t, 1200, 900)
	p.Goto(h.url())
	browser.Eval[bool](p, `document.querySelector("[data-do=remember]").checked = true`)
	enter(t, p, h.secrets.Phrase(seal.Everyone, 1))
	opened(t, p)
	browser.Eval[bool](p, `location.hash = "#/pages/security", true`)
	must(t, p, "another page", `document.querySelector("body.page")`)
	other := b.Page(t, 1200, 900)
	other.Goto(h.url())
	opened(t, other)
	before, others := p.Loads(), other.Loads()
	browser.Eval[bool](p, `document.querySelector("[data-do=lock]").click(), true`)
	p.Leaves(before)
	other.Leaves(others)
	locked := `document.querySelector("body.gate #key")?.checkVisibility() && !document.adoptedStyleSheets.length && !document.documentElement.outerHTML.includes("Meridian") && !document.title.includes("Meridian")`
	must(t, p, "locked", locked)
	must(t, other, "the other tab", locked)
	if n := browser.Await[int](p, kept); n != 0 {
		t.Errorf("%d ways in are kept", n)
	}
	if n := browser.Eval[int](p, `Object.keys(localStorage).filter(k => !k.startsWith("portico-locked:")).length`); n != 0 {
		t.Errorf("the browser keeps %d things of a locked plan", n)
	}
	browser.Eval[bool](p, `setTimeout(() => history.back()), true`)
	time.Sleep(time.Second) // for what must not come
	must(t, p, "Back", locked)
	quiet(t, p, h)
}
