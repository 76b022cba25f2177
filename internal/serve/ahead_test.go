package serve_test

import (
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"portico/internal/browser"
	"portico/internal/seal"
)

// asked counts the objects that are asked for from now on; while refusing is true
// the host has none.
func (h *host) asked() (objects *atomic.Int32, refusing *atomic.Bool) {
	objects, refusing = &atomic.Int32{}, &atomic.Bool{}
	h.hook(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "/o/") {
			return false
		}
		objects.Add(1)
		if refusing.Load() {
			http.Error(w, "nothing", http.StatusNotFound)
		}
		return refusing.Load()
	})
	return objects, refusing
}

// reaches waits until so many objects have been asked for.
func reaches(t *testing.T, objects *atomic.Int32, n int32) {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); objects.Load() < n; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("%d objects were asked for, not %d", objects.Load(), n)
		}
	}
}

// the objects that a plan begins with: its manifest, its page and its own sheet.
const beginning = 3

const shut = `document.querySelector("body.gate #state") && !document.documentElement.outerHTML.includes("Meridian") && !document.adoptedStyleSheets.length`

// Whoever comes to the form has the plan ready when they click, and sees nothing
// of it before. A page that is only loaded, and a script that makes believe,
// fetch nothing.
func TestAheadOfTheClick(t *testing.T) {
	b := chromium.Browser(t)
	h := sealedHost(t, "meridian-bank")
	objects, refusing := h.asked()
	p := b.Page(t, 1200, 900)
	p.Goto(h.url() + "#" + h.secrets.Secret("mara", 1).Code())
	browser.Eval[bool](p, `["pointermove", "pointerdown", "keydown", "input"].forEach(e => document.querySelector("[type=submit]").dispatchEvent(new Event(e, {bubbles: true}))), true`)
	time.Sleep(time.Second) // for what must not come
	if n := objects.Load(); n > 0 {
		t.Fatalf("%d objects were fetched where nobody was", n)
	}
	p.Point("form")
	reaches(t, objects, beginning)
	must(t, p, "nothing shows", shut+` && !document.querySelector("#state").textContent`)
	must(t, p, "the sample is gone", `!document.querySelector("body.gate .deal")`)
	time.Sleep(500 * time.Millisecond) // until the last of them is read
	refusing.Store(true)
	submit(t, p)
	opened(t, p)
	for _, c := range p.Complaints() {
		if !strings.Contains(c, "/o/") { // its pictures, which were refused
			t.Error(c)
		}
	}
}

// A key on the button is somebody too, before it lets go of what it presses.
func TestAheadOfAKey(t *testing.T) {
	b := chromium.Browser(t)
	h := sealedHost(t, "meridian-bank")
	objects, _ := h.asked()
	p := b.Page(t, 1200, 900)
	p.Goto(h.url() + "#" + h.secrets.Secret("mara", 1).Code())
	// Whatever opens ahead has the plan's own styles fetched when it begins.
	browser.Await[bool](p, `new Promise(done => {
		const there = () => document.activeElement.type === "submit" && [...document.styleSheets].some(s => s.href === new URL(document.body.dataset.reading, location).href);
		const look = () => there() ? done(true) : setTimeout(look, 20);
		look();
	})`)
	p.Press("a")
	reaches(t, objects, beginning)
	must(t, p, "nothing shows", shut)
}

// The sample of a plan, which is to make the browser ready for one, goes by names
// that plans have.
func TestSample(t *testing.T) {
	text, err := fs.ReadFile(seal.Browser(), "sample.ts")
	if err != nil {
		t.Fatal(err)
	}
	_, o := demonstration(t, november21)
	known := map[string]bool{}
	for name, data := range everything(t, o, ".") {
		if path.Base(name) == "index.html" {
			for _, class := range classes(data) {
				known[class] = true
			}
		}
	}
	names := classes(text)
	if len(names) < 40 {
		t.Fatalf("the sample has %d classes", len(names))
	}
	for _, class := range names {
		if !known[class] {
			t.Errorf("no plan has an element of the class %s", class)
		}
	}
}

// classes that a text in HTML names.
func classes(text []byte) []string {
	var all []string
	for _, m := range regexp.MustCompile(`class="?([\w -]+)`).FindAllSubmatch(text, -1) {
		all = append(all, strings.Fields(string(m[1]))...)
	}
	return all
}

// Who pauses in typing a phrase has it tried; one that is not whole asks for
// nothing and is not told of.
func TestAheadOfTheClickByPhrase(t *testing.T) {
	b := chromium.Browser(t)
	h := sealedHost(t, "meridian-bank")
	objects, _ := h.asked()
	phrase := h.secrets.Phrase(seal.Everyone, 1)
	p := b.Page(t, 1200, 900)
	p.Goto(h.url())
	must(t, p, "the field", `document.activeElement.id === "key"`)
	p.Press(phrase[:len(phrase)-1])
	time.Sleep(time.Second) // for what must not come
	if n := objects.Load(); n > 0 {
		t.Fatalf("%d objects were fetched with a part of a phrase", n)
	}
	must(t, p, "nothing is said", shut+` && !document.querySelector("#state").textContent && document.querySelector("#key").ariaInvalid !== "true"`)
	p.Press(phrase[len(phrase)-1:])
	reaches(t, objects, beginning)
	must(t, p, "nothing shows", shut)
	p.Press("\r")
	opened(t, p)
	quiet(t, p, h)
}

// What failed ahead of the click is tried again by it.
func TestAheadInVain(t *testing.T) {
	b := chromium.Browser(t)
	h := sealedHost(t, "meridian-bank")
	objects, refusing := h.asked()
	refusing.Store(true)
	p := b.Page(t, 1200, 900)
	p.Goto(h.url() + "#" + h.secrets.Secret("mara", 1).Code())
	p.Point("form")
	reaches(t, objects, 1)
	must(t, p, "nothing is said", shut+` && !document.querySelector("#state").textContent`)
	time.Sleep(500 * time.Millisecond) // until it has failed
	submit(t, p)
	says(t, p, "A part is not there")
	refusing.Store(false)
	submit(t, p)
	opened(t, p)
}

// The first frame is the page as it stands in the window; the rest is there, and
// where a link points to is never left out.
func TestFirstFrame(t *testing.T) {
	b := chromium.Browser(t)
	h := sealedHost(t, "meridian-bank")
	for _, end := range []string{"", "#m-legal-review"} {
		p := b.Page(t, 1440, 900)
		p.Goto("about:blank")
		p.Goto(h.url() + end)
		browser.Eval[bool](p, `document.querySelector("#key").value = `+quote(h.secrets.Phrase(seal.Everyone, 1))+`, true`)
		missing := browser.Await[[]string](p, `new Promise(done => {
			new MutationObserver((_, seen) => {
				if (!document.querySelector("body.deal")) return;
				seen.disconnect();
				requestAnimationFrame(() => done([...document.querySelectorAll(".flow > section")].filter(e => e.style.contentVisibility === "hidden").filter(e => e.getBoundingClientRect().top < innerHeight || location.hash).map(e => e.id || e.className)));
			}).observe(document.documentElement, {childList: true});
			document.querySelector("[type=submit]").click();
		})`)
		if len(missing) > 0 {
			t.Errorf("%q: the first frame leaves out %q", end, missing)
		}
		must(t, p, "all of it", `document.querySelector(".flow > section") && ![...document.querySelectorAll(".flow > section")].some(e => e.style.contentVisibility === "hidden")`)
		must(t, p, "the page's script", `!document.querySelector("[data-do=print]").hidden`)
	}
}
