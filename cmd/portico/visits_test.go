package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/internal/beacon"
	"portico/internal/browser"
	"portico/internal/need"
	"portico/internal/seal"
)

// canary is in every name, address, title and text of these tests' deal, and in
// no word of the programs.
const canary = "kanari"

const canarySite = `[site]
base_url = "HOST"

[seller]
name = "Kanari Seller"
color = "#2540c8"

[person.kanari-mara]
name = "Kanari Lindqvist"
title = "Kanari Executive"
email = "mara@kanari.example"

[beacon]
url = "HOST/_portal"
`

const canaryDeal = `[deal]
owner = "kanari-mara"
profile = "smb"

[buyer]
name = "Kanari Buyer"

[value]
summary = "Kanari instead of four"

[dates]
go_live = 2027-02-15

[person.kanari-ana]
name = "Kanari Costa"
title = "Kanari Owner"
email = "ana@kanari.example"

[milestone.kanari-trial]
title = "Kanari trial"
due = "go_live - 4w"
owner = ["kanari-mara", "kanari-ana"]
done_when = "Kanari was used for a week."

[collateral.kanari-sketch]
file = "collateral/kanari-sketch.png"
title = "Kanari sketch"
download = true

[collateral.kanari-why]
file = "collateral/kanari-why.md"
title = "Kanari reasons"

[collateral.kanari-tour]
file = "collateral/kanari-tour.webm"
title = "Kanari tour"
kind = "video"

[collateral.kanari-story]
url = "https://kanari.example/story"
title = "Kanari story"

[access]
viewers = ["kanari-ana"]
`

// canaryFolder writes the site for a host.
func canaryFolder(t *testing.T, host string) string {
	t.Helper()
	film, err := os.ReadFile(filepath.Join(need.Root(t), "internal", "serve", "testdata", "film.webm"))
	if err != nil {
		t.Fatal(err)
	}
	var sketch bytes.Buffer
	if err := png.Encode(&sketch, image.NewGray(image.Rect(0, 0, 80, 60))); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, data := range map[string]string{
		"portico.toml": strings.ReplaceAll(canarySite, "HOST", host), "content/kanari-deal/deal.toml": canaryDeal,
		"content/kanari-deal/collateral/kanari-sketch.png": sketch.String(), "content/kanari-deal/collateral/kanari-tour.webm": string(film),
		"content/kanari-deal/collateral/kanari-why.md": "# Kanari reasons\n" + strings.Repeat("\nKanari is less than four.\n", 120),
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// programs are the two, as anybody would build them.
type programs struct{ portico, beacon string }

func builtPrograms(t *testing.T) programs {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command(need.Program(t, "go"), "build", "-o", dir+string(filepath.Separator), "./cmd/portico", "./cmd/portico-beacon")
	cmd.Dir, cmd.Env = need.Root(t), append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return programs{filepath.Join(dir, "portico"), filepath.Join(dir, "portico-beacon")}
}

// machine is where programs run: in a site's folder, with an environment of its
// own.
type machine struct {
	t   *testing.T
	dir string
	env []string
}

func newMachine(t *testing.T, dir string, env ...string) machine {
	return machine{t, dir, append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "GIT_CEILING_DIRECTORIES=" + filepath.Dir(dir)}, env...)}
}

func (m machine) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Env = m.dir, m.env
	return cmd
}

// run a program to its end, for what it prints.
func (m machine) run(program string, args ...string) string {
	m.t.Helper()
	var said strings.Builder
	cmd := m.command(program, args...)
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		m.t.Fatalf("%v: %v: %s%s", args, err, out, said.String())
	}
	return string(out)
}

// daemon is a program that runs until it is ended.
type daemon struct {
	t    *testing.T
	cmd  *exec.Cmd
	said *words
	end  func()
}

// start a program, and wait for words of it: the first group of the pattern.
func (m machine) start(pattern, program string, args ...string) (d *daemon, found string) {
	m.t.Helper()
	d = &daemon{t: m.t, cmd: m.command(program, args...), said: &words{on: io.Discard}}
	d.cmd.Stdout, d.cmd.Stderr = d.said, d.said
	if err := d.cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	d.end = sync.OnceFunc(func() {
		_ = d.cmd.Process.Signal(os.Interrupt) // it may have ended
		if err := d.cmd.Wait(); err != nil {
			m.t.Errorf("%v: %v: %s", args, err, d.said)
		}
	})
	m.t.Cleanup(d.end)
	return d, d.hears(pattern)
}

func (d *daemon) hears(pattern string) string {
	d.t.Helper()
	p := regexp.MustCompile(pattern)
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if m := p.FindStringSubmatch(d.said.String()); m != nil {
			return m[1]
		}
	}
	d.t.Fatalf("it never says %s: %s", pattern, d.said)
	return ""
}

// publicHost serves what was built, hands on what is for the collector, and keeps
// all of that.
type publicHost struct {
	*httptest.Server
	files     http.Handler
	collector *httputil.ReverseProxy

	mu       sync.Mutex
	receipts int
	traffic  bytes.Buffer
}

func newPublicHost(t *testing.T) *publicHost {
	t.Helper()
	h := &publicHost{}
	h.Server = httptest.NewServer(h)
	t.Cleanup(h.Close)
	return h
}

func (h *publicHost) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, "/_portal/") {
		h.files.ServeHTTP(w, r)
		return
	}
	request, err := httputil.DumpRequest(r, true)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer := httptest.NewRecorder()
	h.collector.ServeHTTP(answer, r)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.traffic.Write(request)
	fmt.Fprintf(&h.traffic, "\n%d %v\n%s\n", answer.Code, answer.Header(), answer.Body)
	if r.URL.Path == beacon.Path {
		h.receipts++
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()) // whoever asked may be gone
}

// sent is how many requests pages have sent.
func (h *publicHost) sent() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.receipts
}

// until pages have sent that often.
func (h *publicHost) until(t *testing.T, n int) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); h.sent() < n; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d requests were sent, not %d", h.sent(), n)
		}
	}
}

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
	r.until("the milestone", `(e => (e.scrollIntoView({block: "center"}), true))(document.querySelector("#m-kanari-trial"))`)
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
	look := func(who string) visited {
		var took visitTook
		for _, found := range browser.Firefox(t, filepath.Join("testdata", "visits.mjs"), link, who) {
			if text, is := strings.CutPrefix(found, "took "); !is {
				t.Error(found)
			} else if err := json.Unmarshal([]byte(text), &took); err != nil {
				t.Fatal(err)
			}
		}
		return took.visited()
	}
	look("nobody")
	look("somebody").told(t, site.run(bin.portico, "report", "kanari-deal", "--json"))
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

func fetched(t *testing.T, address string) string {
	t.Helper()
	res, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() // read to its end
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(res.Status, err)
	}
	return string(text)
}

// folderText is all that files of a folder hold, and what they are called.
func folderText(t *testing.T, dir string, only ...string) string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, e := range list {
		if e.IsDir() || len(only) > 0 && !slices.Contains(only, e.Name()) {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString(e.Name() + "\n" + string(data))
	}
	return all.String()
}

// silentAll wants texts to hold something each, and no canary.
func silentAll(t *testing.T, texts map[string][2]string) {
	t.Helper()
	for what, of := range texts {
		if !strings.Contains(of[0], of[1]) {
			t.Errorf("%s does not hold %q, so nothing is shown by it: %.500s", what, of[1], of[0])
		}
		if i := strings.Index(strings.ToLower(of[0]), canary); i >= 0 {
			t.Errorf("%s tells of the deal: %q", what, of[0][max(0, i-80):min(len(of[0]), i+80)])
		}
	}
}
