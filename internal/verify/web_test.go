package verify

import (
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestWeb(t *testing.T) {
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	mux := http.NewServeMux()
	mux.HandleFunc("/plans/abc/{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("lock page")) })
	mux.HandleFunc("/plans/404.html", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/plans/404", http.StatusFound) })
	mux.HandleFunc("/plans/404", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("no such page")) })
	mux.HandleFunc("/plans/away", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) })
	mux.HandleFunc("/plans/round", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "round", http.StatusFound) })
	mux.HandleFunc("/plans/broken", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	host := httptest.NewServer(mux)
	defer host.Close()
	base, err := url.Parse(host.URL + "/plans/")
	if err != nil {
		t.Fatal(err)
	}
	files := Web(t.Context(), base)
	for name, want := range map[string]string{"abc/index.html": "lock page", "404.html": "no such page"} {
		if got, err := fs.ReadFile(files, name); string(got) != want || err != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for name, want := range map[string]string{
		"missing": "file does not exist", "away": "which is another site", "round": "without end", "broken": "the host answers 502 Bad Gateway", "../x": "invalid argument",
	} {
		_, err := files.Open(name)
		if err == nil || !strings.Contains(err.Error(), want) || errors.Is(err, fs.ErrNotExist) != (name == "missing") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
