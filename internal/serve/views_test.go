package serve_test

import (
	"io/fs"
	"net/http"
	"os"
	"strings"
	"testing"
)

// A page can be seen as of another day and in another language, at an address
// of its own, within which its links stay.
func TestViews(t *testing.T) {
	files := ashAndBeech()
	s := worked(t, files)
	for path, want := range map[string][]string{
		"/ash/":                               {`lang="en-GB"`, "Go-live"},
		"/_portico/view/2027-03-01/ash/":      {`lang="en-GB"`, "overdue", `data-root="/_portico/view/2027-03-01/"`},
		"/_portico/view/de/ash/":              {`lang="de"`, "Produktivstart"},
		"/_portico/view/2027-03-01,fr-CH/ash": {`lang="fr-CH"`, `data-day="2027-03-01"`, `data-locale="fr-CH"`},
		"/_portico/view/de/":                  {`href="./ash/"`, "2 deals"},
	} {
		page, status := s.get(path)
		if status != http.StatusOK {
			t.Errorf("%s: %d", path, status)
		}
		for _, w := range want {
			if !strings.Contains(page, w) {
				t.Errorf("%s has no %s", path, w)
			}
		}
	}
	for _, path := range []string{"/_portico/view/", "/_portico/view//ash/", "/_portico/view/tlh/ash/", "/_portico/view/2027-13-40/ash/", "/_portico/view/2027-03-01,/../ash/", "/_portico/view/de,2027-03-01/ash/", "/_portico/view/go_live/ash/", "/_portico/nothing", "/_portico/"} {
		if page, status := s.get(path); status != http.StatusNotFound || strings.Contains(page, "What it gains") {
			t.Errorf("%s: %d", path, status)
		}
	}
	// It is told of changes as any page is.
	v := s.view("/_portico/view/2027-03-01,de/ash/")
	v.wants("mistakes", fine)
	s.write("content/ash/deal.toml", strings.Replace(files["content/ash/deal.toml"], "What it gains", "Was es bringt", 1))
	v.wants("reload", "")
	if page, _ := s.get(v.path); !strings.Contains(page, "Was es bringt") {
		t.Error("the page is the old one")
	}
	// More views than are kept.
	for _, day := range []string{"2027-01-01", "2027-01-02", "2027-01-03", "2027-01-04", "2027-01-05", "2027-01-06", "2027-01-07", "2027-01-08"} {
		if _, status := s.get("/_portico/view/" + day + "/ash/"); status != http.StatusOK {
			t.Errorf("as of %s: %d", day, status)
		}
	}
}

// Only the preview's own pages may listen, or show one another in a frame, and
// what it adds is kept from others as pages are.
func TestPreviewIsGuarded(t *testing.T) {
	s := worked(t, ashAndBeech())
	ask := func(path, name, value string) *http.Response {
		t.Helper()
		r, err := http.NewRequest(http.MethodGet, s.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if name == "Host" {
			r.Host = value
		} else {
			r.Header.Set(name, value)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close() // its head tells enough
		return answer
	}
	for _, from := range []string{"cross-site", "same-site", "none"} {
		if r := ask("/_portico/events?page=/ash/", "Sec-Fetch-Site", from); r.StatusCode != http.StatusForbidden {
			t.Errorf("a listener from %s: %s", from, r.Status)
		}
	}
	for _, path := range []string{"/", "/ash/", "/_portico/events?page=/ash/", "/_portico/view/de/ash/"} {
		if r := ask(path, "Host", "evil.example"); r.StatusCode != http.StatusMisdirectedRequest {
			t.Errorf("%s by a foreign name: %s", path, r.Status)
		}
	}
	for _, path := range []string{"/", "/ash/", "/ash/tokens.css", "/nothing", "/_portico/view/de/ash/"} {
		h := ask(path, "Sec-Fetch-Site", "same-origin").Header
		policy := h.Get("Content-Security-Policy")
		if !strings.HasSuffix(policy, "; frame-ancestors 'self'") || strings.Contains(policy, "unsafe") || !strings.Contains(policy, "connect-src 'self'") {
			t.Errorf("%s: the policy is %q", path, policy)
		}
		for name, want := range map[string]string{"Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin", "X-Content-Type-Options": "nosniff", "Cross-Origin-Opener-Policy": "same-origin"} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
	}
}

// Nothing of the preview is in what a build makes.
func TestNothingOfThePreviewIsBuilt(t *testing.T) {
	_, o := demonstration(t, november21)
	names, err := fs.Glob(o, "_/*")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	err = fs.WalkDir(o, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(o, name)
		for _, never := range []string{"_portico", "portico-preview", "EventSource", "BroadcastChannel"} {
			if strings.Contains(string(data), never) {
				t.Errorf("%s holds %s", name, never)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// However often the site changes, what was read before is let go.
func TestNothingIsHeldOpen(t *testing.T) {
	count := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip("open files can be counted on Linux alone")
		}
		return len(entries)
	}
	files := ashAndBeech()
	s := worked(t, files)
	v := s.view("/ash/")
	v.wants("mistakes", fine)
	change := func(n int) {
		for i := range n {
			text := files["content/ash/deal.toml"]
			if i%2 == 0 {
				text = strings.Replace(text, "What it gains", "What else it gains", 1)
			}
			s.write("content/ash/deal.toml", text)
			v.wants("reload", "")
			s.get("/ash/")
			s.get("/beech/")
		}
	}
	change(4)
	before := count()
	change(30)
	if after := count(); after > before+8 {
		t.Errorf("%d files are open, %d were", after, before)
	}
}
