package serve_test

import (
	"bytes"
	"encoding/json"

	"io"
	"io/fs"
	"mime"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/assets"
	"portico/internal/build"
	"portico/internal/bundle"
	"portico/internal/need"
	"portico/internal/render"
	"portico/internal/seal"
	"portico/layouts"
	"portico/themes"

	"portico/internal/message"
)

// A host is what a static host serves, with what may go wrong there.
type host struct {
	*httptest.Server
	secrets seal.DealSecrets
	lock    []byte // the page, with its mark
	headers map[string]string
	items   []seal.Item

	mu    sync.Mutex
	files map[string][]byte
	// before is called with the path of each request; what it answers itself is
	// answered.
	before func(w http.ResponseWriter, r *http.Request) bool
}

// folder of the sealed deal.
func (h *host) folder() string { return h.secrets.ID().Path() }

// url of the sealed deal.
func (h *host) url() string { return h.URL + "/" + h.folder() + "/" }

func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	before := h.before
	h.mu.Unlock()
	if before != nil && before(w, r) {
		return
	}
	name := strings.TrimPrefix(r.URL.Path, "/")
	if strings.HasSuffix(name, "/") {
		name += "index.html"
	}
	h.mu.Lock()
	data, found := h.files[name]
	h.mu.Unlock()
	for key, value := range h.headers {
		w.Header().Set(key, value)
	}
	if !found {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write(h.files["404.html"])
		return
	}
	w.Header().Set("Content-Type", build.ContentType(name))
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(data))
}

// hook sets what happens before a request is answered.
func (h *host) hook(before func(w http.ResponseWriter, r *http.Request) bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.before = before
}

// access that tests use: mara and priya have links, all have a phrase.
func access() seal.Access {
	ways := seal.Policy{Generation: 1, Phrase: true, Viewers: []seal.Viewer{{ID: "mara", Generation: 1}, {ID: "priya", Generation: 1}}}.Ways(nil)
	return seal.Access{Generation: 1, Ways: ways}
}

// sealedHost seals a deal of the demonstration for a host, in its own theme.
func sealedHost(t testing.TB, id string) *host {
	t.Helper()
	h := &host{files: map[string][]byte{}}
	_, o := demonstration(t, november21)
	h.items = itemsOf(t, o, id)
	h.files = everything(t, o, "_") // with those of the deal's theme
	h.site(t, o)
	key, err := seal.NewTeamKey(strings.NewReader(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	h.secrets = key.Deal(id)
	h.put(t, access(), seal.Contents{Items: h.items, Changed: lastChange})
	h.Server = httptest.NewServer(h)
	t.Cleanup(h.Close)
	return h
}

// everything below a folder of an output, by path.
func everything(t testing.TB, o fs.FS, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := fs.WalkDir(o, dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[name], err = fs.ReadFile(o, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// site makes what lies beside the deals: the lock page and its scripts.
func (h *host) site(t testing.TB, o *build.Output) {
	t.Helper()
	p, err := build.Load(build.Options{Source: need.Root(t), AsOf: november21, Now: time.Now, LockDir: t.TempDir(), Look: build.Builtin{Layouts: layouts.FS(), Assets: assets.FS(), Themes: themes.FS()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	pages, err := bundle.Scripts(seal.Browser(), "lock.ts", "lost.ts")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range pages {
		h.files["_/"+f.Name] = f.Data
	}
	h.headers = o.Headers()
	theme, _, err := p.Theme("")
	if err != nil {
		t.Fatal(err)
	}
	text, err := bundle.Layouts(theme.Layouts)
	if err != nil {
		t.Fatal(err)
	}
	missing, err := fs.ReadFile(o, "404.html")
	if err != nil {
		t.Fatal(err)
	}
	look := &render.Look{Layouts: text, Color: "#2540c8", Unlock: "_/" + pages[0].Name, Lost: "_/" + pages[1].Name, Files: map[string]render.Image{}}
	for file, to := range map[string]*string{"style": &look.Style, "reading": &look.Reading, "gate": &look.Gate, "today": &look.Today, "script": &look.Script, "icon": &look.Icon} {
		for name := range h.files {
			// Of the themes' styles it is the one that the site itself has.
			if strings.HasPrefix(name, "_/"+file+"-") && (file != "style" || bytes.Contains(missing, []byte(name))) {
				*to = name
			}
		}
	}
	for name := range h.files {
		for _, logo := range []string{"lumen-dark", "lumen"} {
			if ok, _ := path.Match("_/"+logo+"-????????.svg", name); ok {
				look.Files[logo+".svg"] = render.Image{Path: name, Width: 120, Height: 30}
			}
		}
	}
	r, err := render.New(look, &message.Catalog{})
	if err != nil {
		t.Fatal(err)
	}
	site := p.Site.Default()
	if h.lock, err = r.Lock(site, "../"); err != nil {
		t.Fatal(err)
	}
	if h.files["404.html"], err = r.Plain(site, "/", "notfound.title", "notfound.text"); err != nil {
		t.Fatal(err)
	}
}

// itemsOf are the pages and files of a deal in an output.
func itemsOf(t testing.TB, o fs.FS, id string) []seal.Item {
	t.Helper()
	var items []seal.Item
	for name, data := range everything(t, o, id) {
		items = append(items, item(strings.TrimPrefix(name, id+"/"), data))
	}
	return items
}

func item(name string, data []byte) seal.Item {
	kind, _, err := mime.ParseMediaType(build.ContentType(name))
	if err != nil || path.Ext(name) == ".css" {
		kind = "text/plain"
	}
	return seal.Item{Path: name, Type: kind, Page: path.Ext(name) == ".html", Content: io.NewSectionReader(bytes.NewReader(data), 0, int64(len(data)))}
}

// put seals a deal, in the place of what was there.
func (h *host) put(t testing.TB, a seal.Access, c seal.Contents) {
	t.Helper()
	d, err := seal.New(h.secrets, a)
	if err != nil {
		t.Fatal(err)
	}
	files, err := d.Seal(c)
	if err != nil {
		t.Fatal(err)
	}
	worker, err := bundle.Scripts(seal.Browser(), "worker.ts")
	if err != nil {
		t.Fatal(err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for name := range h.files {
		if strings.HasPrefix(name, h.folder()+"/") {
			delete(h.files, name)
		}
	}
	h.files[h.folder()+"/sw.js"] = worker[0].Data
	h.files[h.folder()+"/index.html"] = bytes.Replace(h.lock, []byte(render.HeaderMark), []byte(d.Header().Meta()), 1)
	for _, f := range files {
		if h.files[h.folder()+"/"+f.Name], err = f.Bytes(); err != nil {
			t.Fatal(err)
		}
	}
}

// quote a text for JavaScript.
func quote(s string) string {
	data, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string is always JSON
	}
	return string(data)
}
