package serve_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"portico/internal/browser"
	"portico/internal/seal"
)

// What is in the way is said, each in its own words, and nothing is shown.
func TestWhatIsInTheWay(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	h := sealedHost(t, "meridian-bank")
	phrase := h.secrets.Phrase(seal.Everyone, 1)
	object := func(r *http.Request) bool { return strings.Contains(r.URL.Path, "/o/") }
	for _, c := range []struct {
		name, says string
		script     string
		before     func(w http.ResponseWriter, r *http.Request) bool
	}{
		{name: "no network", says: "does not answer", before: func(w http.ResponseWriter, r *http.Request) bool {
			if object(r) {
				panic(http.ErrAbortHandler)
			}
			return false
		}},
		{name: "a missing object", says: "A part is not there", before: func(w http.ResponseWriter, r *http.Request) bool {
			if object(r) {
				http.Error(w, "nothing", http.StatusNotFound)
			}
			return object(r)
		}},
		{name: "a host that answers with a page", says: "A part is not there", before: func(w http.ResponseWriter, r *http.Request) bool {
			if object(r) {
				w.Header().Set("Content-Type", "text/html")
				_, _ = w.Write([]byte("<p>Hello</p>"))
			}
			return object(r)
		}},
		{name: "a damaged object", says: "is not as Lumen sealed it", before: func(w http.ResponseWriter, r *http.Request) bool {
			if object(r) {
				_, _ = w.Write(make([]byte, 1144))
			}
			return object(r)
		}},
	} {
		p := b.Page(t, 1200, 900)
		p.Goto(h.url())
		h.hook(c.before)
		enter(t, p, phrase)
		says(t, p, c.says)
		h.hook(nil)
		submit(t, p) // again, with what was typed
		opened(t, p)
	}
	for _, c := range []struct{ name, says, script string }{
		{"an insecure address", "begin with https", `Object.defineProperty(Crypto.prototype, "subtle", {get() {}})`},
		{"an old browser", "up to date", `delete globalThis.DecompressionStream`},
		{"a browser without what draws a plan", "up to date", `CSS.supports = () => false`},
		{"a damaged page", "is not as Lumen sealed it", `addEventListener("DOMContentLoaded", () => { const m = document.querySelector("meta[name=portico-1]"); m.content = m.content.slice(0, -4); })`},
		{"a later format", "load this page again", `addEventListener("DOMContentLoaded", () => { document.querySelector("meta[name=portico-1]").content = "UE9SVElDTzI"; })`},
	} {
		p := b.Page(t, 1200, 900)
		p.Script(strings.Replace(c.script, `addEventListener("DOMContentLoaded"`, `new MutationObserver((_, o) => { if (document.querySelector("meta[name=portico-1]")) { o.disconnect(); document.dispatchEvent(new Event("there")); } }).observe(document, {subtree: true, childList: true}); document.addEventListener("there"`, 1))
		p.Goto(h.url())
		says(t, p, c.says)
		must(t, p, c.name, `!document.querySelector("[type=submit]").checkVisibility() && !document.querySelector("#key").checkVisibility()`)
	}
}

// Somebody on a slow network is told that it goes on.
func TestSlowNetwork(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	h := sealedHost(t, "meridian-bank")
	p := b.Page(t, 1200, 900)
	p.Goto(h.url())
	release := make(chan struct{})
	h.hook(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "/o/") {
			<-release
		}
		return false
	})
	enter(t, p, h.secrets.Phrase(seal.Everyone, 1))
	says(t, p, "network is slow")
	close(release)
	opened(t, p)
	quiet(t, p, h)
}

// A deal whose time is over opens no more: neither the viewer's nor the deal's.
func TestExpired(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	h := sealedHost(t, "meridian-bank")
	past := time.Now().Add(-time.Minute).Unix()
	p := b.Page(t, 1200, 900)
	h.put(t, access(), seal.Contents{Items: h.items, Changed: lastChange, NotAfter: past})
	p.Goto(h.url())
	enter(t, p, h.secrets.Phrase(seal.Everyone, 1))
	says(t, p, "The time for this is over")
	ways := access()
	for i := range ways.Ways {
		if ways.Ways[i].Who == "priya" {
			ways.Ways[i].NotAfter = past
		}
	}
	h.put(t, ways, seal.Contents{Items: h.items, Changed: lastChange})
	p.Goto("about:blank")
	p.Goto(h.url() + "#" + h.secrets.Secret("priya", 1).Code())
	submit(t, p)
	says(t, p, "The time for this is over")
	p.Goto("about:blank")
	p.Goto(h.url() + "#" + h.secrets.Secret("mara", 1).Code())
	submit(t, p)
	opened(t, p)
	quiet(t, p, h)
}

// A lock page out of a cache, beside files that were sealed anew since, is
// read again.
func TestStaleLockPage(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	h := sealedHost(t, "meridian-bank")
	p := b.Page(t, 1200, 900)
	p.Goto(h.url())
	anew := access()
	anew.Generation = 2
	h.put(t, anew, seal.Contents{Items: h.items, Changed: lastChange})
	enter(t, p, h.secrets.Secret("mara", 1).Code())
	opened(t, p)
}

// Inside another page nothing opens.
func TestInAFrame(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	h := sealedHost(t, "meridian-bank")
	delete(h.headers, "Content-Security-Policy") // which would refuse it already
	h.files["frame.html"] = []byte(`<!doctype html><iframe src="` + h.url() + "#" + h.secrets.Secret("mara", 1).Code() + `"></iframe>`)
	p := b.Page(t, 1200, 900)
	p.Goto(h.URL + "/frame.html")
	const inner = `document.querySelector("iframe").contentDocument`
	must(t, p, "refused", inner+`?.querySelector("#state")?.textContent.includes("inside another page") && !`+inner+`.querySelector("#key, [type=submit]").checkVisibility()`)
}

// A link whose # a mail program has written as %23 still opens, and says that
// it should be replaced.
func TestMangledLinks(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	h := sealedHost(t, "meridian-bank")
	code := h.secrets.Secret("mara", 1).Code()
	for _, address := range []string{h.url() + "%23" + code, h.url() + "%2523" + code, strings.TrimSuffix(h.url(), "/") + "%23" + code, h.url() + "?%23" + code, h.url() + "index.html%23" + code} {
		p := b.Page(t, 1200, 900)
		p.Goto(address)
		must(t, p, address, `location.href === `+quote(h.url())+` && document.querySelector("body.gate #state")?.textContent.includes("was changed on its way")`)
		submit(t, p)
		opened(t, p)
	}
	p := b.Page(t, 1200, 900)
	p.Goto(h.url() + "nothing%23here")
	must(t, p, "what is no link", `document.querySelector("body.plain") && location.pathname.endsWith("nothing%23here")`)
}

// The lock page speaks the reader's language, and without JavaScript all.
func TestLanguages(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	h := sealedHost(t, "meridian-bank")
	for tags, title := range map[string]string{`"de-AT", "en"`: "Ihr Plan", `"fr"`: "Votre plan", `"es-MX"`: "Su plan", `"fi", "de"`: "Ihr Plan", `"fi"`: "Your plan"} {
		p := b.Page(t, 1200, 900)
		p.Script(`Object.defineProperty(navigator, "languages", {value: [` + tags + `]})`)
		p.Goto(h.url())
		must(t, p, tags, `document.querySelector("h1").textContent === `+quote(title)+` && document.title.startsWith(document.querySelector("h1").textContent) && document.documentElement.lang.length === 2 && [...document.querySelectorAll("[data-say]")].every(e => e.textContent && e.textContent !== e.dataset.say)`)
	}
	p := b.Page(t, 1200, 900)
	p.NoScript()
	p.Goto(h.url())
	for _, word := range []string{"needs JavaScript", "braucht JavaScript", "besoin de JavaScript", "necesita JavaScript"} {
		if text := browser.Eval[string](p, `document.querySelector(".stuck").innerText`); !strings.Contains(text, word) {
			t.Errorf("without JavaScript the page says %q", text)
		}
	}
	if browser.Eval[bool](p, `document.querySelector("form").checkVisibility()`) {
		t.Error("without JavaScript there is a form that does nothing")
	}
}

// The lock page is the same for every deal but for its header, light, valid
// and accessible.
func TestLockPage(t *testing.T) {
	t.Parallel()
	h := sealedHost(t, "meridian-bank")
	page := h.files[h.folder()+"/index.html"]
	size := packed(t, page)
	for name, data := range h.files {
		if strings.HasPrefix(name, "_/lock-") {
			t.Logf("the page takes %d bytes, its script %d", size, packed(t, data))
			size += packed(t, data)
		}
	}
	if size > 14<<10 {
		t.Errorf("the lock page takes %d bytes", size)
	}
	valid(t, map[string][]byte{"index.html": page})
	b := chromium.Browser(t)
	p := withAxe(t, b)
	p.Goto(h.url())
	for _, width := range []int{1440, 834, 390, 320} {
		p.Resize(width, 900)
		for _, scheme := range []string{"light", "dark"} {
			still(p, scheme)
			for _, f := range violations(p, "html", everyRule) {
				t.Errorf("at %d px, %s: %s", width, scheme, f)
			}
		}
		if dir := os.Getenv("SHOTS"); dir != "" {
			_ = os.WriteFile(filepath.Join(dir, "narrow.png"), p.View(), 0o644)
		}
		if over := browser.Eval[int](p, "document.documentElement.scrollWidth - innerWidth"); over > 0 {
			t.Errorf("%d px wider than a screen of %d: %v", over, width, browser.Eval[[]string](p, cut))
		}
	}
	enter(t, p, "x")
	says(t, p, "opens nothing here")
	for _, scheme := range []string{"light", "dark"} {
		still(p, scheme)
		for _, f := range violations(p, "html", everyRule) {
			t.Errorf("an error, %s: %s", scheme, f)
		}
		if dir := os.Getenv("SHOTS"); dir != "" {
			_ = os.WriteFile(filepath.Join(dir, "lock-"+scheme+".png"), p.View(), 0o644)
		}
	}
	quiet(t, p, h)
}
