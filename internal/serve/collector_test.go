package serve_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"portico/assets"
	"portico/internal/build"
	"portico/internal/need"
	"portico/internal/seal"
	"portico/internal/serve"
	"portico/layouts"
	"portico/themes"
)

// A sealed preview lets its pages report to a collector as long as one runs
// beside the site, and to no other, whatever portico.toml says.
func TestCollectorBesideThePreview(t *testing.T) {
	key, err := seal.NewTeamKey(strings.NewReader(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	runs := ""
	p, err := serve.Open(t.Context(), serve.Options{
		Build: build.Options{
			Source: need.Root(t), Key: func() (seal.TeamKey, error) { return key, nil }, Now: time.Now, LockDir: t.TempDir(),
			Look: build.Builtin{Layouts: layouts.FS(), Assets: assets.FS(), Themes: themes.FS()},
		},
		Collector: func() string { return runs },
		Tell:      func(serve.News) {},
		Warn:      func(err error) { t.Error(err) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	s := httptest.NewServer(p.Handler())
	t.Cleanup(s.Close)
	get := func(name string) (policy, page string) {
		t.Helper()
		resp, err := http.Get(s.URL + "/" + key.Deal("meridian-bank").ID().Path() + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close() // read to its end
		data, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatal(resp.Status, err)
		}
		for rule := range strings.SplitSeq(resp.Header.Get("Content-Security-Policy"), "; ") {
			if strings.HasPrefix(rule, "connect-src") {
				policy = rule
			}
		}
		return policy, string(data)
	}
	var pages []string
	for _, runs = range []string{"", "http://127.0.0.1:8790/_portal", ""} {
		want := "connect-src 'self'"
		if runs != "" {
			want += " http://127.0.0.1:8790"
		}
		policy, page := get("")
		if policy != want {
			t.Errorf("with a collector at %q the policy is %q", runs, policy)
		}
		pages = append(pages, page)
	}
	if pages[0] != pages[2] || pages[0] == pages[1] {
		t.Error("the deal does not have the same keys again once the collector has gone")
	}
}
