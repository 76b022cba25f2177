package serve_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/assets"
	"portico/internal/build"
	"portico/internal/serve"
	"portico/layouts"
	"portico/themes"
)

const siteTOML = `[site]
base_url = "https://plans.example"
title = "Plans & <u>more</u>"
locale = "en-GB"
timezone = "Europe/London"

[seller]
name = "Lumen"
color = "#2540c8"

[person.mara]
name = "Mara Lindqvist"
title = "Account Executive"
email = "mara@lumen.example"
`

// plan is a small deal.toml.
func plan(buyer, more string) string {
	return fmt.Sprintf(`[deal]
owner = "mara"
profile = "smb"
%s

[buyer]
name = %q

[value]
summary = "What it gains"

[dates]
go_live = 2027-02-15

[person.ana]
name = "Ana Costa"
title = "Owner"

[milestone.trial]
title = "Trial <u>of it</u>"
due = "go_live - 4w"
owner = ["mara", "ana"]

[collateral.deck]
title = "Deck"
file = "collateral/deck.pdf"
`, more, buyer)
}

// handler of a site of some files.
func handler(t *testing.T, files map[string]string) http.Handler {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	p, err := build.Load(build.Options{
		Source: dir, Clear: true, Drafts: true, LockDir: t.TempDir(),
		Now:  func() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) },
		Look: build.Builtin{Layouts: layouts.FS(), Assets: assets.FS(), Themes: themes.FS()},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	o, messages, err := p.Output(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	p.Messages = append(p.Messages, messages...)
	return serve.Handler(o, slog.New(slog.DiscardHandler))
}

// twoDeals is a site of the deals ash and beech, of which the second is a
// draft.
func twoDeals(t *testing.T) http.Handler {
	t.Helper()
	return handler(t, map[string]string{
		"portico.toml":                      siteTOML,
		"content/ash/deal.toml":             plan("Ash", ""),
		"content/ash/collateral/deck.pdf":   "%PDF of ash",
		"content/ash/pages/more.md":         "# More\n",
		"content/ash/secret.txt":            "nobody is to see this",
		"content/beech/deal.toml":           plan("Beech", `status = "draft"`),
		"content/beech/collateral/deck.pdf": "%PDF of beech",
	})
}

// ask for something, as a browser on this machine does.
func ask(h http.Handler, method, target string, header ...string) *http.Response {
	r := httptest.NewRequest(method, target, nil)
	r.Host = "127.0.0.1:8080"
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	data, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// A name of somebody else's that leads to this machine gets nothing.
func TestForeignHosts(t *testing.T) {
	h := twoDeals(t)
	for _, host := range []string{"127.0.0.1", "127.0.0.1:8080", "localhost", "LOCALHOST:8080", "[::1]", "[::1]:8080", "127.1.2.3:1"} {
		if r := ask(h, "GET", "/", "Host", host); r.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", host, r.Status)
		}
	}
	for _, host := range []string{
		"", "evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example", "evil-localhost", "localhost@evil.example", "192.168.1.4:8080", "10.0.0.1", "0.0.0.0",
		"[::]", "[fe80::1]", "[::ffff:192.168.1.4]", "127.0.0.1:8080:8080", "127.1", "2130706433", "localhost,evil.example", "localhost.", ":8080",
	} {
		r := ask(h, "GET", "/ash/", "Host", host)
		if text := body(t, r); r.StatusCode != http.StatusMisdirectedRequest || strings.Contains(text, "Ash") {
			t.Errorf("%q: %s %.60s", host, r.Status, text)
		}
	}
}

// Everything is answered with headers that keep it to itself.
func TestHeaders(t *testing.T) {
	h := twoDeals(t)
	for _, target := range []string{"/", "/ash/", "/ash/pages/more.html", "/ash/collateral/deck.pdf", "/nothing", "/ash"} {
		r := ask(h, "GET", target)
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := r.Header.Get(name); !strings.HasPrefix(got, want) {
				t.Errorf("%s: %s is %q, not %q", target, name, got, want)
			}
		}
		if policy := r.Header.Get("Content-Security-Policy"); strings.Contains(policy, "unsafe") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s: the policy is %q", target, policy)
		}
		for _, name := range []string{"Access-Control-Allow-Origin", "Set-Cookie", "Server"} {
			if got := r.Header.Get(name); got != "" {
				t.Errorf("%s: %s is %q", target, name, got)
			}
		}
	}
}

func TestAnswers(t *testing.T) {
	h := twoDeals(t)
	tests := []struct {
		method, target string
		status         int
		kind, text     string
	}{
		{"GET", "/", 200, "text/html; charset=utf-8", "Beech"},
		{"GET", "/?x=y", 200, "text/html; charset=utf-8", "Ash"},
		{"GET", "/ash/", 200, "text/html; charset=utf-8", "What it gains"},
		{"GET", "/ash/index.html", 200, "text/html; charset=utf-8", "What it gains"},
		{"GET", "/beech/", 200, "text/html; charset=utf-8", "What it gains"},
		{"GET", "/ash/collateral/deck.pdf", 200, "application/pdf", "%PDF of ash"},
		{"GET", "/ash/collateral/deck%2Epdf", 200, "application/pdf", "%PDF of ash"},
		{"GET", "/robots.txt", 200, "text/plain; charset=utf-8", "Disallow: /"},
		{"GET", "/404.html", 200, "text/html; charset=utf-8", "generator"},
		{"GET", "/nothing", 404, "text/html; charset=utf-8", "generator"},
		{"GET", "/ash/nothing.html", 404, "text/html; charset=utf-8", "generator"},
		{"GET", "/ash/secret.txt", 404, "text/html; charset=utf-8", "generator"},
		{"GET", "/ash/deal.toml", 404, "text/html; charset=utf-8", "generator"},
		{"GET", "/ash/collateral/", 404, "text/html; charset=utf-8", "generator"},
		{"GET", "/_/", 404, "text/html; charset=utf-8", "generator"},
		{"HEAD", "/nothing", 404, "text/html; charset=utf-8", ""},
		{"POST", "/", 405, "text/plain; charset=utf-8", "only GET and HEAD"},
		{"PUT", "/ash/index.html", 405, "text/plain; charset=utf-8", "only GET and HEAD"},
		{"DELETE", "/ash/", 405, "text/plain; charset=utf-8", "only GET and HEAD"},
		{"OPTIONS", "/", 405, "text/plain; charset=utf-8", "only GET and HEAD"},
	}
	for _, test := range tests {
		t.Run(test.method+" "+test.target, func(t *testing.T) {
			r := ask(h, test.method, test.target)
			text := body(t, r)
			if r.StatusCode != test.status || r.Header.Get("Content-Type") != test.kind || !strings.Contains(text, test.text) {
				t.Errorf("%s, %s, %.80q", r.Status, r.Header.Get("Content-Type"), text)
			}
			if allow := r.Header.Get("Allow"); (allow == "GET, HEAD") != (test.status == 405) {
				t.Errorf("Allow is %q", allow)
			}
		})
	}
}

// A folder without its slash is one with it, on this host and nowhere else.
func TestRedirects(t *testing.T) {
	h := twoDeals(t)
	for target, want := range map[string]string{"/ash": "/ash/", "/ash/pages": "/ash/pages/", "/ash?next=//evil.example": "/ash/"} {
		if r := ask(h, "GET", target); r.StatusCode != http.StatusFound || r.Header.Get("Location") != want {
			t.Errorf("%s: %s to %q", target, r.Status, r.Header.Get("Location"))
		}
	}
	for _, target := range []string{"//evil.example", "//evil.example/", "///ash", "/%5Cevil.example", "/\\evil.example/..", "/%2F%2Fevil.example"} {
		r := ask(h, "GET", "http://127.0.0.1:8080"+target)
		if r.StatusCode != http.StatusNotFound || r.Header.Get("Location") != "" {
			t.Errorf("%s: %s to %q", target, r.Status, r.Header.Get("Location"))
		}
	}
}

// No spelling of a path leads out of the output, nor from one deal into
// another.
func TestPathsThatLeadElsewhere(t *testing.T) {
	h := twoDeals(t)
	for _, target := range []string{
		"/../portico.toml", "/%2e%2e/portico.toml", "/..%2fportico.toml", "/..%5cportico.toml", "/ash/../../portico.toml", "/ash/%2e%2e/%2e%2e/portico.toml", "/./portico.toml",
		"/portico.toml", "/content/ash/deal.toml", "/.portico/", "/.git/config", "/ash/../beech/", "/ash/%2e%2e/beech/", "/ash/..%2fbeech/index.html", "/ash//index.html", "/ash/./index.html",
		"/%252e%252e/portico.toml", "/..;/portico.toml", "/ash/....//....//portico.toml", "/%00", "/ash/index.html%00.txt", "/ash/%ff", "/ASH/", "/ash/INDEX.HTML", "/ash/index.html/", "/ash/index.html/x",
		"/etc/passwd", "//etc/passwd", "/file:///etc/passwd", "/C:/Windows/win.ini", "/ash%2findex.html%2f..", "/ash/collateral/deck.pdf/..", "/ash/.", "/ash/..", "/.", "/..",
	} {
		r := ask(h, "GET", "http://127.0.0.1:8080"+target)
		if text := body(t, r); r.StatusCode != http.StatusNotFound || strings.Contains(text, "What it gains") || strings.Contains(text, "[seller]") {
			t.Errorf("%s: %s to %q: %.80q", target, r.Status, r.Header.Get("Location"), text)
		}
	}
}

// HEAD says what GET would, without saying it.
func TestHead(t *testing.T) {
	s := httptest.NewServer(twoDeals(t))
	t.Cleanup(s.Close)
	for _, path := range []string{"/", "/ash/", "/ash/collateral/deck.pdf"} {
		get, err := http.Get(s.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		head, err := http.Head(s.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		if text := body(t, head); text != "" || head.StatusCode != get.StatusCode || head.Header.Get("Content-Type") != get.Header.Get("Content-Type") {
			t.Errorf("%s: %s %q against %s", path, head.Status, text, get.Status)
		}
		if text := body(t, get); path != "/" && head.ContentLength != int64(len(text)) {
			t.Errorf("%s: %d bytes are announced, %d come", path, head.ContentLength, len(text))
		}
	}
}

// Parts of a file, as players and readers of PDF ask for them.
func TestRanges(t *testing.T) {
	h := twoDeals(t)
	for _, test := range []struct {
		ranges string
		status int
		text   string
		part   string
	}{
		{"bytes=0-3", 206, "%PDF", "bytes 0-3/11"},
		{"bytes=8-", 206, "ash", "bytes 8-10/11"},
		{"bytes=-3", 206, "ash", "bytes 8-10/11"},
		{"bytes=5-500", 206, "of ash", "bytes 5-10/11"},
		{"bytes=11-", 416, "invalid range: failed to overlap\n", "bytes */11"},
		{"bytes=x-y", 416, "invalid range\n", ""},
	} {
		r := ask(h, "GET", "/ash/collateral/deck.pdf", "Range", test.ranges)
		if text := body(t, r); r.StatusCode != test.status || text != test.text || r.Header.Get("Content-Range") != test.part {
			t.Errorf("%s: %s %q %q", test.ranges, r.Status, text, r.Header.Get("Content-Range"))
		}
	}
}

// The list of deals says what is wrong in each, and takes nothing that a
// person wrote, or called a folder, for markup.
func TestIndex(t *testing.T) {
	const script = "<script>alert(1)</script>"
	h := handler(t, map[string]string{
		"portico.toml":                        siteTOML,
		"content/stray.toml":                  "",
		"content/fine/deal.toml":              plan("Fine & Sons", ""),
		"content/fine/collateral/deck.pdf":    "%PDF",
		"content/hostile/deal.toml":           plan(script, `title = "</title>`+script+`"`),
		"content/hostile/collateral/deck.pdf": "%PDF",
		"content/wrong/deal.toml":             plan("Wrong", "\"<i onclick=1>\" = 1"),
		"content/wrong/collateral/deck.pdf":   "%PDF",
		"content/lost/deal.toml":              plan("Lost", `status = "lost"`),
		"content/lost/collateral/deck.pdf":    "%PDF",
		"content/a<img src=x>/deal.toml":      plan("Odd", ""),
	})
	r := ask(h, "GET", "/")
	page := body(t, r)
	for _, want := range []string{
		`<a href="./fine/">Fine &amp; Sons</a>`, `href="./hostile/"`, "&lt;script&gt;alert(1)&lt;/script&gt;", "content/wrong/deal.toml:4:1", "unknown key", "content/stray.toml:1:1", "nothing shows this file",
		"left out of a build: lost", "5 deals, ", "Plans &amp; &lt;u&gt;more", "content/a&lt;img src=x&gt;", "Trial &lt;u&gt;of it",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the list has no %s", want)
		}
	}
	for _, never := range []string{"<script", "<i onclick", "<img", "<u>", `href="./wrong/"`, `href="./lost/"`} {
		if strings.Contains(page, never) {
			t.Errorf("the list has %s: %s", never, page)
		}
	}
	for _, target := range []string{"/wrong/", "/lost/", "/lost/index.html", "/lost/collateral/deck.pdf"} {
		if r := ask(h, "GET", target); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", target, r.Status)
		}
	}
}

func TestIndexOfNothing(t *testing.T) {
	page := body(t, ask(handler(t, map[string]string{"portico.toml": siteTOML}), "GET", "/"))
	if !strings.Contains(page, "There is no deal yet") || !strings.Contains(page, "portico new") {
		t.Errorf("the list of no deals: %s", page)
	}
}

// A preview is for this machine alone, whatever the address looks like.
func TestListenRefuses(t *testing.T) {
	for _, addr := range []string{
		"0.0.0.0:8080", "0.0.0.0", "[::]:8080", "::", "192.168.1.4:8080", "plans.example:80", "plans.example", "localhost.evil.example:80", "[fe80::1]:80", "127.0.0.1.nip.io:80",
		"127.0.0.1:99999", "127.0.0.1:-1", "127.0.0.1:web-of-mine", "99999", "-1", "localhost:8080:8080",
	} {
		l, _, err := serve.Listen(context.Background(), addr)
		if bad := (*serve.BadAddress)(nil); !errors.As(err, &bad) {
			t.Errorf("%s: %v", addr, err)
		} else if !strings.HasPrefix(err.Error(), addr+" ") {
			t.Errorf("%s: the message does not name it: %v", addr, err)
		}
		if l != nil {
			_ = l.Close() // the test has failed
		}
	}
}

func listen(t *testing.T, addr string) (*net.TCPAddr, bool) {
	t.Helper()
	l, moved, err := serve.Listen(context.Background(), addr)
	if err != nil {
		t.Fatalf("%s: %v", addr, err)
	}
	t.Cleanup(func() { _ = l.Close() }) // nobody calls
	return l.Addr().(*net.TCPAddr), moved
}

// Where a port is taken the next free one is used, and that is said.
func TestListen(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", "localhost:0", ":0", "0", "127.0.0.2:0"} {
		if got, moved := listen(t, addr); moved || !got.IP.IsLoopback() || got.Port == 0 {
			t.Errorf("%s became %s (%v)", addr, got, moved)
		}
	}
	first, _ := listen(t, "127.0.0.1:0")
	seen := []int{first.Port}
	for range 3 {
		next, moved := listen(t, first.String())
		if !moved || slices.Contains(seen, next.Port) || next.Port <= first.Port {
			t.Errorf("%s after %v (%v)", next, seen, moved)
		}
		seen = append(seen, next.Port)
	}
}

// The end of the context ends the server, even while somebody is being
// answered.
func TestRunEnds(t *testing.T) {
	l, _, err := serve.Listen(context.Background(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	asked, release := make(chan struct{}), make(chan struct{})
	slow := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(asked)
		<-release
	})
	ended, answered := make(chan error), make(chan error)
	go func() { ended <- serve.Run(ctx, l, slow) }()
	go func() {
		r, err := http.Get("http://" + l.Addr().String() + "/")
		if err == nil {
			err = r.Body.Close()
		}
		answered <- err
	}()
	<-asked
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := <-answered; err == nil {
		t.Error("who was being answered was not cut off")
	}
	close(release)
	if c, err := net.Dial("tcp", l.Addr().String()); err == nil {
		_ = c.Close() // the test has failed
		t.Error("the port is still open")
	}
}
