package main

import (
	"encoding/json"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/internal/browser"
	"portico/internal/seal"
)

// moment is when something happened, as exactly as a test can tell.
type moment struct{ from, to time.Time }

func during(do func()) moment {
	m := moment{from: time.Now()}
	do()
	m.to = time.Now()
	return m
}

// length is how long something took, which began and ended at moments.
type length struct{ least, most time.Duration }

func between(a, b moment) length { return length{b.from.Sub(a.to), b.to.Sub(a.from)} }

// holds says whether a count of seconds is right within one.
func (l length) holds(seconds float64) bool {
	is := time.Duration(seconds * float64(time.Second))
	return is >= l.least-time.Second && is <= l.most+time.Second
}

// reported is what these tests read of a report.
type reported struct {
	Deals []struct {
		Deal           string
		Visits, Came   int
		Automated      int
		First          time.Time
		ActiveSeconds  float64 `json:"active_seconds"`
		Viewers        []struct{ Viewer, Name string }
		Absent, Shared []any
		Parts          []seenPart
		Files          []seenPart
		Links          []seenPart
	}
}

type seenPart struct {
	Kind, ID, Title                    string
	Seconds                            float64
	Progress, Visits, Links, Downloads int
}

// visited is what somebody did in a visit.
type visited struct {
	opened               moment
	whole, trial, sketch length
	why                  length
	ofWhy, ofTour        float64
	tour                 length
}

// told wants a report to say what was done, and nothing else.
func (v visited) told(t *testing.T, text string) {
	t.Helper()
	var r reported
	if err := json.Unmarshal([]byte(text), &r); err != nil || len(r.Deals) != 1 {
		t.Fatalf("%v: %s", err, text)
	}
	d := r.Deals[0]
	if d.Deal != "kanari-deal" || d.Visits != 1 || d.Came != 1 || d.Automated != 0 || len(d.Absent) != 0 || len(d.Shared) != 0 || len(d.Viewers) != 1 || d.Viewers[0].Viewer != "kanari-ana" || d.Viewers[0].Name != "Kanari Costa" {
		t.Errorf("the report is %s", text)
	}
	if d.First.Before(v.opened.from.Add(-time.Second)) || d.First.After(v.opened.to.Add(time.Second)) {
		t.Errorf("the visit began at %v, and not from %v to %v", d.First, v.opened.from, v.opened.to)
	}
	if !v.whole.holds(d.ActiveSeconds) {
		t.Errorf("the visit took %v s, and not %v", d.ActiveSeconds, v.whole)
	}
	var found []string
	for _, p := range slices.Concat(d.Parts, d.Files, d.Links) {
		if p.Kind == "section" { // those that were passed
			continue
		}
		found = append(found, p.Kind+" "+p.ID)
		if p.Visits != 1 || p.Links != 1 {
			t.Errorf("%s: %+v", p.ID, p)
		}
		v.part(t, p)
	}
	slices.Sort(found)
	if want := []string{"document kanari-sketch", "document kanari-why", "link kanari-story", "milestone kanari-trial", "video kanari-tour"}; !slices.Equal(found, want) {
		t.Errorf("what was looked at is %q, not %q", found, want)
	}
}

func (v visited) part(t *testing.T, p seenPart) {
	t.Helper()
	near := func(l length) {
		t.Helper()
		if !l.holds(p.Seconds) {
			t.Errorf("%s took %v s, and not %v", p.ID, p.Seconds, l)
		}
	}
	seen := func(share float64) {
		t.Helper()
		if is := float64(p.Progress) / 1000; is < share-.1 || is > share+.1 {
			t.Errorf("%v of %s was seen, and not %v", is, p.ID, share)
		}
	}
	downloads := 0
	switch p.ID {
	case "kanari-trial":
		near(v.trial)
	case "kanari-sketch":
		near(v.sketch)
		seen(1)
		downloads = 1
	case "kanari-why":
		near(v.why)
		seen(v.ofWhy)
	case "kanari-tour":
		near(v.tour)
		seen(v.ofTour)
	}
	if p.Downloads != downloads {
		t.Errorf("%s was saved %d times, not %d", p.ID, p.Downloads, downloads)
	}
}

// likeAPersons makes a driven browser say that nobody drives it, on a device with
// a mouse.
const likeAPersons = `
	Object.defineProperty(Navigator.prototype, "webdriver", { get: () => false });
	const real = matchMedia;
	globalThis.matchMedia = (q) => q.includes("pointer") ? { matches: true } : real(q);
	// The link leads nowhere here.
	addEventListener("click", (e) => { if (e.target.closest?.("#c-kanari-story a")) e.preventDefault(); });`

// reader is somebody in front of a page.
type reader struct {
	t *testing.T
	*browser.Page
}

// until an expression comes true.
func (r reader) until(what, expression string) {
	r.t.Helper()
	if !browser.Await[bool](r.Page, `new Promise(done => {
		const until = Date.now() + 30_000;
		const look = () => (`+expression+`) ? done(true) : Date.now() > until ? done(false) : requestAnimationFrame(look);
		look();
	})`) {
		r.t.Fatalf("%s: not so: %s", what, expression)
	}
}

// clicks on something, and waits for what comes of it.
func (r reader) clicks(on, what, expression string) moment {
	r.t.Helper()
	return during(func() {
		r.Click(on)
		r.until(what, expression)
	})
}

const planIsOpen = `document.querySelector("body.deal #plan") && getComputedStyle(document.documentElement).visibility === "visible" && document.querySelector("[data-do=receipts]")`

// opens the deal by a link, with a click as people do.
func (r reader) opens(link string) moment {
	r.t.Helper()
	r.Goto(link)
	r.until("the button", `document.querySelector("[type=submit]")?.checkVisibility()`)
	return r.clicks("[type=submit]", "the plan", planIsOpen)
}

// visits a deal, looks around, and closes the tab.
func (r reader) visits(link string) (v visited) {
	r.t.Helper()
	pause := func() { time.Sleep(1300 * time.Millisecond) }
	v.opened = r.opens(link)
	r.until("it says that it reports", `document.querySelector("[data-do=receipts]").checked`)
	r.until("the milestone lies still", `(e => {
		e.scrollIntoView({ block: "center" });
		const top = e.getBoundingClientRect().top;
		globalThis.still = globalThis.was === top ? (globalThis.still ?? 0) + 1 : 0;
		globalThis.was = top;
		return globalThis.still > 10;
	})(document.querySelector("#m-kanari-trial"))`) // what comes into sight is drawn then, and moves what is below it
	unfolded := r.clicks("#m-kanari-trial summary", "it unfolds", `document.querySelector("#m-kanari-trial details").open`)
	pause()
	v.trial = between(unfolded, r.clicks("#m-kanari-trial summary", "it folds", `!document.querySelector("#m-kanari-trial details").open`))
	shown := r.clicks("#c-kanari-sketch .about a[data-view]", "the picture", `document.querySelector("dialog[open] img")`)
	pause()
	v.sketch = between(shown, r.clicks(".viewer button", "it closes", `!document.querySelector("dialog[open]")`))
	r.Click("#c-kanari-sketch a[download]")
	r.Click("#c-kanari-story .about a")
	begun := r.clicks("#c-kanari-why .about a", "the text", `document.querySelector("main h1")?.textContent === "Kanari reasons"`)
	r.until("some of it", `scrollBy(0, 900), true`)
	pause()
	r.Press("a") // somebody is there
	v.ofWhy = browser.Eval[float64](r.Page, `(r => (innerHeight - r.top) / r.height)(document.querySelector("main").getBoundingClientRect())`)
	v.why = between(begun, during(func() {
		browser.Eval[bool](r.Page, "history.back(), true")
		r.until("the plan", `document.querySelector("#plan")`)
	}))
	started := during(func() {
		r.until("the film", `globalThis.film = document.querySelector("#c-kanari-tour video"), film.muted = true, film.scrollIntoView({block: "center"}), film.play().catch(() => 0), true`)
		r.until("it plays", `film.duration > 1 && film.currentTime > 0`)
	})
	r.until("some of it", `film.currentTime > 1.2`)
	v.tour = between(started, during(func() { v.ofTour = browser.Eval[float64](r.Page, `film.pause(), film.currentTime / film.duration`) }))
	v.whole = between(v.opened, during(r.Close))
	return v
}

// TestVisits runs the programs as anybody would, with a browser before them: what
// is done in it is what a report says, and of those who do nothing, or do not want
// it, there is nothing.
func TestVisits(t *testing.T) {
	bin := builtPrograms(t)
	t.Run("a host, in Chromium", func(t *testing.T) { visitHost(t, bin) })
	t.Run("a preview, in Firefox", func(t *testing.T) { visitPreview(t, bin) })
}

// visitHost has the deal on a host, and the collector behind the same name.
func visitHost(t *testing.T, bin programs) {
	host := newPublicHost(t)
	key, err := seal.NewTeamKey(strings.NewReader(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	site := canaryFolder(t, host.URL)
	author := newMachine(t, site, keyVariable+"="+key.Text())
	author.run(bin.portico, "build")
	host.files = http.FileServer(http.Dir(filepath.Join(site, "public")))
	author.run(bin.portico, "beacon-config", "--output", "beacon.json")
	tokens := strings.Split(strings.TrimSpace(author.run(bin.portico, "beacon-key", "--token")), "\n")
	author.env = append(author.env, tokens[0])

	server := newMachine(t, t.TempDir(), beaconKeyVariable+"="+strings.TrimSpace(author.run(bin.portico, "beacon-key")), tokens[1])
	collector, address := server.start(`"receipts":"(http://[^/]+)/`, bin.beacon, "--db", "beacon.db", "--config", filepath.Join(site, "beacon.json"), "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0")
	to, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	host.collector = &httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = to.Scheme, to.Host },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	link := invitedBy(author, bin)
	b := browser.Start(t)
	nobody(t, b, host, link)

	page := b.Page(t, 1200, 800)
	page.Script(likeAPersons)
	v := reader{t, page}.visits(link)
	host.until(t, 2) // the opening, and what the page said last
	for _, c := range page.Complaints() {
		t.Errorf("the browser complains: %s", c)
	}
	v.told(t, author.run(bin.portico, "report", "kanari-deal", "--json"))
	metrics := fetched(t, collector.hears(`"admin":"(http://[^"]+)"`)+"/metrics")
	kept := folderText(t, server.dir) // as long as it runs
	collector.end()
	kept += folderText(t, server.dir)
	deal := key.Deal("kanari-deal").ID()
	host.mu.Lock()
	traffic := host.traffic.String()
	host.mu.Unlock()
	silentAll(t, map[string][2]string{ // each with something that it has to hold
		"the database": {kept, string(deal[:])}, "the log": {collector.said.String(), "everything that was taken is kept"}, "the metrics": {metrics, "portico_beacon_events_total"},
		"the traffic": {traffic, `"did":"` + deal.Path() + `"`}, "the configuration": {folderText(t, site, "beacon.json"), deal.Path()},
	})

	// Without the collector the page is as ever.
	sent := host.sent()
	page = b.Page(t, 1200, 800)
	page.Script(likeAPersons)
	alone := reader{t, page}
	alone.opens(link)
	alone.clicks("#m-kanari-trial summary", "it unfolds", `document.querySelector("#m-kanari-trial details").open`)
	host.until(t, sent+1)
	alone.clicks("#m-kanari-trial summary", "it folds", `!document.querySelector("#m-kanari-trial details").open`)
	if complaints := slices.DeleteFunc(page.Complaints(), func(c string) bool { return strings.HasPrefix(c, "Failed to load resource") }); len(complaints) > 0 {
		t.Errorf("the browser complains: %q", complaints)
	}
}

// nobody follows the link: a scanner, and readers who do not want to be seen.
func nobody(t *testing.T, b *browser.Browser, host *publicHost, link string) {
	t.Helper()
	scanner := reader{t, b.Page(t, 1200, 800)}
	scanner.Script(likeAPersons)
	scanner.Goto(link)
	scanner.until("the plan", `document.querySelector("[type=submit]")?.click(), `+planIsOpen)
	scanner.until("it moves", `scrollBy(0, 100), dispatchEvent(new MouseEvent("pointerdown")), true`)
	for _, wish := range []string{`globalPrivacyControl", {value: true}`, `doNotTrack", {value: "1"}`} {
		shy := reader{t, b.Page(t, 1200, 800)}
		shy.Script(likeAPersons + `Object.defineProperty(navigator, "` + wish + `)`)
		shy.opens(link)
		shy.Click("#plan h2")
	}
	time.Sleep(4 * time.Second) // an opening takes two
	if n := host.sent(); n > 0 {
		t.Errorf("%d requests were sent of nobody", n)
	}
}

// visitPreview has the deal in a preview, and the collector beside it: the first
// try.
func visitPreview(t *testing.T, bin programs) {
	site := newMachine(t, canaryFolder(t, "https://plans.kanari.example"))
	_, preview := site.start(`(http://127\.0\.0\.1:\d+)/`, bin.portico, "serve", "--sealed", "--addr", "127.0.0.1:0")
	site.start(`"receipts":"(http://[^/]+)/`, bin.beacon, "--site", ".", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0")
	watch, _ := site.start("(waiting for visits)", bin.portico, "report", "--watch")
	link := invitedBy(site, bin, "--at", preview)
	script := filepath.Join("testdata", "visits.mjs")
	look := func(all []string) visited {
		var took visitTook
		for _, found := range all {
			if text, is := strings.CutPrefix(found, "took "); !is {
				t.Error(found)
			} else if err := json.Unmarshal([]byte(text), &took); err != nil {
				t.Fatal(err)
			}
		}
		return took.visited()
	}
	look(browser.FirefoxWith(t, map[string]any{"privacy.globalprivacycontrol.enabled": true, "privacy.globalprivacycontrol.functionality.enabled": true}, script, link, "nobody"))
	look(browser.Firefox(t, script, link, "somebody")).told(t, site.run(bin.portico, "report", "kanari-deal", "--json"))
	watch.hears("(Kanari Buyer +Kanari Costa’s link +the first visit begins, on a desktop)")
	watch.hears("(unfolds Kanari trial)")
}

// visitTook is what the script in Firefox took down of a visit.
type visitTook struct {
	Moments map[string][2]int64
	Shares  map[string]float64
}

func (t visitTook) visited() visited {
	at := func(name string) moment {
		m := t.Moments[name]
		return moment{time.UnixMilli(m[0]), time.UnixMilli(m[1])}
	}
	return visited{
		opened: at("opened"), whole: between(at("opened"), at("gone")), trial: between(at("unfolded"), at("folded")), sketch: between(at("shown"), at("closed")),
		why: between(at("begun"), at("left")), ofWhy: t.Shares["why"], tour: between(at("started"), at("stopped")), ofTour: t.Shares["tour"],
	}
}

// invitedBy the program: the link of the deal's one viewer.
func invitedBy(m machine, bin programs, flags ...string) string {
	m.t.Helper()
	var i struct{ Viewers []struct{ Link string } }
	if err := json.Unmarshal([]byte(m.run(bin.portico, append([]string{"invite", "kanari-deal", "--json"}, flags...)...)), &i); err != nil || len(i.Viewers) != 1 {
		m.t.Fatalf("%v: %+v", err, i)
	}
	return i.Viewers[0].Link
}
