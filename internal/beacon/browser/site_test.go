package browser_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/assets"
	"portico/internal/beacon"
	"portico/internal/browser"
	"portico/internal/build"
	"portico/internal/capability"
	"portico/internal/deal"
	"portico/internal/need"
	"portico/internal/seal"
	"portico/layouts"
	"portico/themes"
)

const site = `[site]
base_url = "https://plans.lumen.example"

[seller]
name = "Lumen"
color = "#2540c8"

[person.mara]
name = "Mara Lindqvist"
title = "Account Executive"
`

const plan = `[deal]
owner = "mara"
profile = "smb"

[buyer]
name = "Fern & Vale"

[value]
summary = "One inbox instead of four"

[dates]
go_live = 2027-02-15

[person.ana]
name = "Ana Costa"
title = "Owner"

[milestone.trial]
title = "Trial"
due = "go_live - 4w"
owner = ["mara", "ana"]
done_when = "Both have used it for a week."

[milestone.sign]
title = "Sign"
due = "go_live - 2w"
owner = ["ana"]
done_when = "Both have signed."

[collateral.sketch]
file = "collateral/sketch.png"
title = "Sketch"
download = true

[collateral.tour]
file = "collateral/tour.webm"
title = "Tour"
kind = "video"

[collateral.why]
file = "collateral/why.md"
title = "Why"

[collateral.list]
file = "collateral/list.csv"
title = "List"

[collateral.story]
url = "https://stories.example/fern"
title = "Story"

[access]
viewers = ["ana"]
`

// portal is a sealed deal on a host, and beside it a collector that keeps what
// comes in.
type portal struct {
	*httptest.Server
	collector *httptest.Server
	key       seal.TeamKey
	secrets   seal.DealSecrets
	parts     map[beacon.Target]beacon.Part

	mu sync.Mutex
	// answer is the status of the next requests; 0 for what a collector answers.
	answer int
	bodies []body
}

// body is a request that came in, and the events of it.
type body struct {
	raw    string
	events []beacon.Event
}

func newPortal(t testing.TB) *portal {
	t.Helper()
	p := &portal{}
	var err error
	if p.key, err = seal.NewTeamKey(strings.NewReader(strings.Repeat("k", 32))); err != nil {
		t.Fatal(err)
	}
	p.secrets = p.key.Deal("fern")
	p.collector = httptest.NewServer(http.HandlerFunc(p.receive))
	t.Cleanup(p.collector.Close)
	dir := written(t)
	project, err := build.Load(build.Options{
		Source: dir, Key: func() (seal.TeamKey, error) { return p.key, nil }, AsOf: deal.DayOf(2026, 11, 21), Now: time.Now, LockDir: t.TempDir(),
		Look: build.Builtin{Layouts: layouts.FS(), Assets: assets.FS(), Themes: themes.FS()}, Collector: p.collector.URL + "/_portal",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(project.Close)
	o, messages, err := project.Output(context.Background())
	if err != nil || messages.Failed() {
		t.Fatal(err, messages)
	}
	t.Cleanup(o.Close)
	d, messages, err := project.Read("fern", os.DirFS(filepath.Join(dir, "content", "fern")))
	if err != nil || messages.Failed() {
		t.Fatal(err, messages)
	}
	p.parts = beacon.Targets(p.secrets, d.Parts())
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/")
		if strings.HasSuffix(name, "/") {
			name += "index.html"
		}
		data, err := fs.ReadFile(o, name)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		for key, value := range o.Headers() {
			w.Header().Set(key, value)
		}
		w.Header().Set("Content-Type", build.ContentType(name))
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(data))
	}))
	t.Cleanup(p.Close)
	return p
}

// written is the site in a folder.
func written(t testing.TB) string {
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
	for name, data := range map[string][]byte{
		"portico.toml": []byte(site), "content/fern/deal.toml": []byte(plan), "content/fern/pages/terms.md": []byte("# Terms\n\nFair ones.\n"),
		"content/fern/collateral/list.csv":   []byte("Inbox,Letters\n" + strings.Repeat("Post,4\n", 90)),
		"content/fern/collateral/why.md":     []byte("# Why\n\nSee [the sketch](sketch.png).\n" + strings.Repeat("\nOne inbox is less than four.\n", 120)),
		"content/fern/collateral/sketch.png": sketch.Bytes(), "content/fern/collateral/tour.webm": film,
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// receive is what a collector does with a request, but for keeping it.
func (p *portal) receive(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", p.URL)
	raw, err := io.ReadAll(r.Body)
	if err != nil || r.Method != http.MethodPost || r.URL.Path != beacon.Path || len(r.Cookies()) > 0 {
		http.Error(w, "this is not what a page sends", http.StatusBadRequest)
		return
	}
	b, err := beacon.ParseBody(raw)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c, err := capability.Keys{p.key.ID(): capability.NewKey(p.key)}.Verify(b.Capability, time.Now())
	if err != nil || c.Viewer != p.secrets.Viewer("ana") || c.Deal != p.secrets.ID() {
		http.Error(w, "whose is this?", http.StatusForbidden)
		return
	}
	events, err := b.Events(c.Deal, c.Viewer, time.Now())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bodies = append(p.bodies, body{string(raw), events})
	if p.answer != 0 {
		w.WriteHeader(p.answer)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// answers lets the collector answer otherwise from now on.
func (p *portal) answers(status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = status
}

// received are the requests so far.
func (p *portal) received() []body {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]body(nil), p.bodies...)
}

// until waits for what was received to come to something.
func (p *portal) until(t testing.TB, what string, enough func([]body) bool) []body {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		got := p.received()
		if enough(got) {
			return got
		}
		if time.Now().After(end) {
			t.Fatalf("%s: that never came, but %+v", what, got)
		}
	}
}

// seen is what requests come to, as a collector counts it: the most of each
// part's, and how often what happens at once happened.
type seen struct {
	ms       map[string]time.Duration
	progress map[string]int
	times    map[string]int
}

func (p *portal) seen(bodies []body) seen {
	s := seen{map[string]time.Duration{}, map[string]int{}, map[string]int{}}
	type key struct {
		session beacon.Session
		seq     uint32
	}
	had := map[key]bool{}
	for _, b := range bodies {
		for _, e := range b.events {
			if had[key{e.Session, e.Seq}] {
				continue // sent again
			}
			had[key{e.Session, e.Seq}] = true
			what := e.Kind.String()
			if e.Kind.Aims() {
				what += " " + p.parts[e.Target].ID
			}
			switch e.Kind {
			case beacon.Download, beacon.Link, beacon.Print, beacon.Lock:
				s.times[what]++
			default:
				s.ms[what] = max(s.ms[what], time.Duration(e.Ms)*time.Millisecond)
				s.progress[what] = max(s.progress[what], int(e.Progress))
			}
		}
	}
	return s
}

// url of the deal, with Ana's link.
func (p *portal) link() string {
	return p.URL + "/" + p.secrets.ID().Path() + "/#" + p.secrets.Secret("ana", 1).Code()
}

// must holds an expression to come true.
func must(t testing.TB, p *browser.Page, what, expression string) {
	t.Helper()
	if !browser.Await[bool](p, `new Promise(done => {
		const until = Date.now() + 20_000;
		const look = () => (`+expression+`) ? done(true) : Date.now() > until ? done(false) : requestAnimationFrame(look);
		look();
	})`) {
		t.Fatalf("%s: not so: %s", what, expression)
	}
}

const planShows = `document.querySelector("body.deal #plan") && getComputedStyle(document.documentElement).visibility === "visible"`

// open the deal by Ana's link, with a click as people do.
func (p *portal) open(t testing.TB, page *browser.Page) {
	t.Helper()
	page.Goto("about:blank")
	page.Goto(p.link())
	must(t, page, "the button", `document.querySelector("[type=submit]")?.checkVisibility()`)
	page.Click("[type=submit]")
	must(t, page, "the plan", planShows+` && document.querySelector("[data-do=receipts]")`)
}

func quoted(s string) string {
	data, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string is always JSON
	}
	return string(data)
}
