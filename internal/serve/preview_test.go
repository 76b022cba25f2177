package serve_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"portico/assets"
	"portico/internal/build"
	"portico/internal/serve"
	"portico/layouts"
	"portico/themes"
)

// soon bounds how long a test waits for what has to come.
const soon = 60 * time.Second

// live is a site that is worked on while it is shown.
type live struct {
	t   *testing.T
	dir string
	url string
	key string // of the cache, where there is one
	// news is what the terminal would be told.
	news chan serve.News
	stop func()
}

// worked shows a site of some files, and follows it.
func worked(t *testing.T, files map[string]string) *live {
	t.Helper()
	s := &live{t: t, dir: t.TempDir()}
	for name, text := range files {
		s.write(name, text)
	}
	s.start()
	return s
}

// start the preview, as the program does.
func (s *live) start() {
	s.t.Helper()
	s.news = make(chan serve.News, 1000)
	ctx, cancel := context.WithCancel(context.Background())
	p, err := serve.Open(ctx, serve.Options{
		Build: build.Options{
			Source: s.dir, Clear: true, Drafts: true, LockDir: s.t.TempDir(), KeyFile: s.key,
			Now:  func() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) },
			Look: build.Builtin{Layouts: layouts.FS(), Assets: assets.FS(), Themes: themes.FS()},
		},
		Tell: func(n serve.News) { s.news <- n },
		Warn: func(err error) { s.t.Error(err) },
	})
	if err != nil {
		s.t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(p.Handler())
	if s.url != "" { // started again, at the same address
		_ = server.Listener.Close() // nobody calls
		if server.Listener, err = net.Listen("tcp", strings.TrimPrefix(s.url, "http://")); err != nil {
			s.t.Fatal(err)
		}
	}
	server.Start()
	followed := make(chan struct{})
	go func() {
		defer close(followed)
		p.Follow(ctx)
	}()
	ended := false
	s.stop = func() {
		if ended {
			return
		}
		ended = true
		cancel()
		server.CloseClientConnections()
		server.Close()
		<-followed
		p.Close()
	}
	s.t.Cleanup(s.stop)
	s.url = server.URL
	s.next() // the site as it is found
}

func (s *live) write(name, text string) {
	s.t.Helper()
	file := filepath.Join(s.dir, filepath.FromSlash(name))
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
		s.t.Fatal(err)
	}
}

func (s *live) remove(name string) {
	s.t.Helper()
	if err := os.RemoveAll(filepath.Join(s.dir, filepath.FromSlash(name))); err != nil {
		s.t.Fatal(err)
	}
}

// next is what is told next.
func (s *live) next() serve.News {
	s.t.Helper()
	select {
	case n := <-s.news:
		return n
	case <-time.After(soon):
		s.t.Fatal("nothing is told")
	}
	return serve.News{}
}

// get a page, and its status.
func (s *live) get(path string) (string, int) {
	s.t.Helper()
	r, err := http.Get(s.url + path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer r.Body.Close() // it is read to its end
	return body(s.t, r), r.StatusCode
}

// until a page holds a text, whatever comes before.
func (s *live) until(path, text string) {
	s.t.Helper()
	last := ""
	for end := time.Now().Add(soon); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if last, _ = s.get(path); strings.Contains(last, text) {
			return
		}
	}
	s.t.Fatalf("%s never holds %q: %s", path, text, last)
}

// event of a stream.
type event struct{ name, data string }

// viewer is a page that listens.
type viewer struct {
	*live
	path   string
	events chan event
	close  func()
}

var seenIn = regexp.MustCompile(`data-seen="([^"]*)"`)

// view loads a page and listens, as its script does. The first event says
// which run of the program it is, the second what is wrong.
func (s *live) view(path string) *viewer {
	s.t.Helper()
	page, _ := s.get(path)
	seen := seenIn.FindStringSubmatch(page)
	if seen == nil {
		s.t.Fatalf("%s has no script: %s", path, page)
	}
	ctx, stop := context.WithCancel(context.Background())
	s.t.Cleanup(stop)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/_portico/events?"+url.Values{"page": {path}, "seen": {seen[1]}}.Encode(), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	answer, err := http.DefaultClient.Do(r)
	if err != nil || answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "text/event-stream" {
		s.t.Fatal(err, answer)
	}
	v := &viewer{live: s, path: path, events: make(chan event, 100), close: stop}
	go func() {
		defer close(v.events)
		defer answer.Body.Close() // it was read to its end
		name := ""
		for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
			if n, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				name = n
			}
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				v.events <- event{name, data}
			}
		}
	}()
	v.wants("start", "")
	return v
}

// wants an event next, whose data hold a text.
func (v *viewer) wants(name, text string) string {
	v.t.Helper()
	select {
	case e := <-v.events:
		if e.name != name || !strings.Contains(e.data, text) {
			v.t.Fatalf("%s is told %s %s, not %s %q", v.path, e.name, e.data, name, text)
		}
		return e.data
	case <-time.After(soon):
		v.t.Fatalf("%s is never told %s", v.path, name)
	}
	return ""
}

// quiet wants nothing to have been told. What could have been was, since
// another page was told of a later change.
func (v *viewer) quiet() {
	v.t.Helper()
	select {
	case e := <-v.events:
		v.t.Errorf("%s is told %s %s", v.path, e.name, e.data)
	default:
	}
}

const fine = `{"error":"","mistakes":[]}`

func ashAndBeech() map[string]string {
	return map[string]string{
		"portico.toml":            siteTOML,
		"content/ash/deal.toml":   strings.Replace(plan("Ash", ""), `file = "collateral/deck.pdf"`, `url = "https://lumen.example/deck"`, 1),
		"content/beech/deal.toml": strings.Replace(plan("Beech", ""), `file = "collateral/deck.pdf"`, `url = "https://lumen.example/deck"`, 1),
	}
}

// Only the pages that a change concerns are told, and what they are told is
// there by then.
func TestOnlyPagesConcernedReload(t *testing.T) {
	files := ashAndBeech()
	s := worked(t, files)
	ash, beech, list := s.view("/ash/"), s.view("/beech/"), s.view("/")
	for _, v := range []*viewer{ash, beech, list} {
		v.wants("mistakes", fine)
	}
	s.write("content/ash/deal.toml", strings.Replace(files["content/ash/deal.toml"], "What it gains", "What it gains at once", 1))
	ash.wants("reload", "")
	if page, _ := s.get("/ash/"); !strings.Contains(page, "What it gains at once") {
		t.Error("the page is told of, and is the old one")
	}
	s.write("content/beech/deal.toml", strings.Replace(files["content/beech/deal.toml"], `name = "Beech"`, `name = "Beech Bank"`, 1))
	beech.wants("reload", "")
	list.wants("reload", "")
	ash.quiet()
	// A comment changes no page.
	s.write("content/beech/deal.toml", "# nothing\n"+strings.Replace(files["content/beech/deal.toml"], `name = "Beech"`, `name = "Beech Bank"`, 1))
	s.write("content/ash/deal.toml", files["content/ash/deal.toml"])
	ash.wants("reload", "")
	beech.quiet()
}

// A new style is told as such, and its address answers.
func TestStyles(t *testing.T) {
	files := ashAndBeech()
	s := worked(t, files)
	ash := s.view("/ash/")
	ash.wants("mistakes", fine)
	told := func() []string {
		t.Helper()
		var now struct{ Styles []string }
		if err := json.Unmarshal([]byte(ash.wants("styles", "/_/style-")), &now); err != nil {
			t.Fatal(err)
		}
		return now.Styles
	}
	s.write("assets/theme.css", "@layer theme { .card { border-width: 7px } }")
	found := false
	for _, address := range told() {
		text, status := s.get(address)
		if status != http.StatusOK {
			t.Errorf("%s: %d", address, status)
		}
		found = found || strings.Contains(text, "7px")
	}
	if !found {
		t.Error("no stylesheet holds the new rule")
	}
	// A buyer's colour is in the deal's own stylesheet.
	s.write("content/ash/deal.toml", strings.Replace(files["content/ash/deal.toml"], `name = "Ash"`, "name = \"Ash\"\ncolor = \"#0a7d2c\"", 1))
	if styles := strings.Join(told(), " "); !strings.Contains(styles, "/ash/tokens.css?") {
		t.Errorf("the styles are %s", styles)
	}
}

// A mistake is told with its place, and the page stays as it was good last,
// with its files, until it is mended.
func TestMistakesAndTheLastGoodPage(t *testing.T) {
	files := ashAndBeech()
	good := files["content/ash/deal.toml"]
	breaks := []struct{ name, file, text, mends, tells string }{
		{"a key", "content/ash/deal.toml", good + "<b>onwer = 1\n", good, `content/ash/deal.toml:`},
		{"the settings", "portico.toml", siteTOML + "[\n", siteTOML, "portico.toml:"},
		{"a style", "assets/theme.css", `@import "./none.css";`, "", "assets/theme.css:1:"},
		{"a layout", "layouts/sections/risks.html", "{{.Nothing}}", "", "layout sections/risks.html:1:"},
		{"a layout that is no template", "layouts/sections/risks.html", "{{if}}", "", "layout sections/risks.html:1:"},
	}
	for _, b := range breaks {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			s := worked(t, files)
			v := s.view("/ash/")
			v.wants("mistakes", fine)
			before, _ := s.get("/ash/")
			style := regexp.MustCompile(`_/style-[A-Z0-9]{8}\.css`).FindString(before)
			s.write(b.file, b.text)
			if data := v.wants("mistakes", b.tells); strings.Contains(data, "<b>") {
				t.Errorf("markup goes to the page: %s", data)
			}
			if page, status := s.get("/ash/"); status != http.StatusOK || page != before {
				t.Errorf("the page is not as it was: %d %s", status, page)
			}
			if _, status := s.get("/" + style); status != http.StatusOK || style == "" {
				t.Errorf("its style %q: %d", style, status)
			}
			if n := s.next(); n.Err == nil && !n.All.Failed() {
				t.Errorf("the terminal is told nothing: %+v", n)
			}
			if b.mends == "" {
				s.remove(b.file)
			} else {
				s.write(b.file, b.mends)
			}
			v.wants("mistakes", fine)
			for n := s.next(); !n.Mended; n = s.next() {
				if n.Err == nil && !n.All.Failed() {
					t.Errorf("the terminal is not told that it is mended: %+v", n)
				}
			}
		})
	}
}

// A deal that never was good has a page that says what is wrong, and becomes
// one that is.
func TestAPageOfMistakes(t *testing.T) {
	files := ashAndBeech()
	good := files["content/ash/deal.toml"]
	files["content/ash/deal.toml"] = good + "\"<script>alert(1)</script>\" = 1\n"
	s := worked(t, files)
	page, status := s.get("/ash/")
	if status != http.StatusInternalServerError || !strings.Contains(page, "content/ash/deal.toml:") || !strings.Contains(page, "&lt;script&gt;alert(1)") || strings.Contains(page, "<script>alert") {
		t.Errorf("%d %s", status, page)
	}
	v := s.view("/ash/")
	v.wants("mistakes", fine) // they stand on the page itself
	s.write("content/ash/deal.toml", good)
	v.wants("reload", "")
	if page, status := s.get("/ash/"); status != http.StatusOK || !strings.Contains(page, "What it gains") {
		t.Errorf("%d %s", status, page)
	}
}

// Deals come, go and get other names while they are looked at.
func TestDealsComeAndGo(t *testing.T) {
	files := ashAndBeech()
	s := worked(t, files)
	list := s.view("/")
	list.wants("mistakes", fine)
	s.write("content/cedar/deal.toml", strings.Replace(files["content/ash/deal.toml"], `"Ash"`, `"Cedar"`, 1))
	s.until("/", "Cedar")
	s.until("/cedar/", "What it gains")
	if err := os.Rename(filepath.Join(s.dir, "content/cedar"), filepath.Join(s.dir, "content/deodar")); err != nil {
		t.Fatal(err)
	}
	s.until("/deodar/", "What it gains")
	if page, status := s.get("/cedar/"); status != http.StatusNotFound || strings.Contains(page, "What it gains") {
		t.Errorf("the old name: %d", status)
	}
	s.remove("content/deodar")
	s.until("/", `2 deals`)
	if _, status := s.get("/deodar/"); status != http.StatusNotFound {
		t.Errorf("a deal that is gone: %d", status)
	}
}

// Who leaves while the site is read takes nothing from who comes next.
func TestWhoLeavesEarly(t *testing.T) {
	files := ashAndBeech()
	s := worked(t, files)
	for i := range 5 {
		s.write("content/ash/deal.toml", strings.Replace(files["content/ash/deal.toml"], "What it gains", fmt.Sprintf("What it gains, part %d", i), 1))
		for end := time.Now().Add(soon); time.Now().Before(end); {
			ctx, stop := context.WithTimeout(context.Background(), 2*time.Millisecond)
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/ash/", nil)
			if err != nil {
				t.Fatal(err)
			}
			if answer, err := http.DefaultClient.Do(r); err == nil {
				_ = answer.Body.Close() // whoever leaves reads nothing
			}
			stop()
			select {
			case <-s.news:
				end = time.Time{}
			default:
			}
		}
		if page, status := s.get("/ash/"); status != http.StatusOK || !strings.Contains(page, fmt.Sprintf("part %d", i)) {
			t.Fatalf("%d %s", status, page)
		}
	}
}

// A picture or a document that changed has its page loaded again, though the
// page itself is the same.
func TestOtherFiles(t *testing.T) {
	files := ashAndBeech()
	files["content/ash/deal.toml"] = plan("Ash", "")
	files["content/ash/collateral/deck.pdf"] = "%PDF one"
	s := worked(t, files)
	ash, beech := s.view("/ash/"), s.view("/beech/")
	ash.wants("mistakes", fine)
	beech.wants("mistakes", fine)
	s.write("content/ash/collateral/deck.pdf", "%PDF two")
	ash.wants("reload", "")
	if text, _ := s.get("/ash/collateral/deck.pdf"); text != "%PDF two" {
		t.Errorf("the document is %q", text)
	}
	beech.quiet()
}
