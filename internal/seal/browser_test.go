package seal

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/evanw/esbuild/pkg/api"
	"github.com/google/go-cmp/cmp"

	"portico/internal/browser"
)

// script bundles the reader, with what only tests ask for, as one global.
func script(t testing.TB, source string) string {
	t.Helper()
	dir, err := filepath.Abs("browser")
	if err != nil {
		t.Fatal(err)
	}
	result := api.Build(api.BuildOptions{
		Stdin:  &api.StdinOptions{Contents: source, ResolveDir: dir, Loader: api.LoaderTS},
		Bundle: true, MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
		Format: api.FormatIIFE, GlobalName: "portico", LogLevel: api.LogLevelSilent,
		Engines: []api.Engine{{Name: api.EngineChrome, Version: "123"}, {Name: api.EngineFirefox, Version: "128"}, {Name: api.EngineSafari, Version: "17.5"}},
	})
	if len(result.Errors) > 0 {
		t.Fatal(result.Errors)
	}
	return string(result.OutputFiles[0].Contents)
}

const tested = `export * from "./reader"; export { open, pad, secret } from "./crypt"; export { fields } from "./bytes";`

// harness is what the page of a test has besides the reader: the host's files,
// which it may alter, and results as JSON.
const harness = `
const host = dir => name => fetch(dir + "/" + name);
const header = async dir => portico.parseHeader(/<meta name="portico-1" content="([^"]*)">/.exec(await (await fetch(dir + "/index.html")).text())?.[1]);
const hex = data => [...new Uint8Array(data)].map(b => b.toString(16).padStart(2, "0")).join("");
const sum = async data => hex(await crypto.subtle.digest("SHA-256", data));
const outcome = f => Promise.resolve().then(f).then(v => v ?? "fine", e => e instanceof portico.Failure ? e.code : String(e));
// All files of a deal, and a host that serves them with changes.
const held = async (dir, names) => new Map(await Promise.all(names.map(async n => [n, new Uint8Array(await (await fetch(dir + "/" + n)).arrayBuffer())])));
const serve = files => async name => files.has(name) ? new Response(files.get(name)) : new Response("", {status: 404});
const altered = (files, name, data) => serve(new Map(files).set(name, data));
const report = async (o, get) => ({vid: hex(o.vid), cap: hex(o.cap), changed: o.changed, notAfter: o.notAfter,
	entries: (await Promise.all(o.entries.map(async e => [e.path, e.at, e.type, String(e.page), String(e.changed), await sum(await portico.read(o.did, e, get))].join(" ")))).sort()});
`

// deals are served below their names, with a page for the reader.
func pageWith(t *testing.T, b *browser.Browser, deals map[string]fstest.MapFS) *browser.Page {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprint(w, `<!doctype html><title>Reader</title><link rel=icon href=data:,><script src=/reader.js></script>`)
	})
	code := script(t, tested) + harness
	mux.HandleFunc("GET /reader.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		_, _ = fmt.Fprint(w, code)
	})
	for name, deal := range deals {
		mux.Handle("GET /"+name+"/", http.StripPrefix("/"+name, raw(deal)))
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p := b.Page(t, 800, 600)
	p.Goto(server.URL + "/")
	return p
}

// raw serves files as they are: http.FileServer would lead index.html away.
func raw(files fs.FS) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, err := fs.ReadFile(files, strings.TrimPrefix(r.URL.Path, "/"))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = w.Write(data)
	})
}

// report of what Go's reader sees, as the page makes it.
func report(t *testing.T, files fs.FS, typed ...string) map[string]any {
	t.Helper()
	o, err := Unlock(files, typed...)
	if err != nil {
		t.Fatal(err)
	}
	lines := []any{}
	for _, e := range o.Entries {
		data, err := o.ReadFile(e)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(data)
		lines = append(lines, fmt.Sprintf("%s %s %s %t %d %x", e.Path, e.At, e.Type, e.Page, e.Changed, sum))
	}
	return map[string]any{"vid": hex.EncodeToString(o.Viewer[:]), "cap": hex.EncodeToString(o.Cap), "changed": float64(o.Changed), "notAfter": float64(o.NotAfter), "entries": lines}
}

func quoted(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestBrowser runs the page's reader in a browser, which is started once.
func TestBrowser(t *testing.T) {
	t.Parallel()
	b := browser.Start(t)
	for _, c := range []struct {
		name string
		test func(*testing.T, *browser.Browser)
	}{
		{"opens", testBrowserOpens}, {"edges", testBrowserOpensEdges}, {"typed", testBrowserReadsWhatIsTyped}, {"refuses", testBrowserRefuses}, {"headers", testBrowserRefusesHeaders},
		{"lies", testBrowserFindsLies}, {"remembers", testBrowserRemembers}, {"streams", testBrowserStreams},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, b) })
	}
}

// The page opens what Go seals, and sees what Go's reader sees.
func testBrowserOpens(t *testing.T, b *browser.Browser) {
	v := readVectors(t)
	two, err := New(v.key(t).Deal(v.Input.ID), v.DerivedTwoFactors.access(t, v))
	if err != nil {
		t.Fatal(err)
	}
	small := v.contents()
	small.Items = small.Items[:4]
	files, err := two.Seal(small)
	if err != nil {
		t.Fatal(err)
	}
	n := newNorthwind()
	sizes := newNorthwind()
	sizes.contents.Items = nil
	for _, size := range append(edges[:], 1024, 1025, 8_257_536, 8_388_608, 10_485_760) {
		sizes.contents.Items = append(sizes.contents.Items, Item{Path: fmt.Sprint(size), Content: section(text(size))})
		if size < 1<<20 {
			sizes.contents.Items = append(sizes.contents.Items, Item{Path: fmt.Sprint(size, ".txt"), Type: "text/plain", Content: section(text(size))})
		}
	}
	deals := map[string]fstest.MapFS{"vectors": v.onHost(t), "two": onHost(t, two, files), "northwind": n.host(t), "sizes": sizes.host(t)}
	p := pageWith(t, b, deals)
	open := func(deal string, typed ...string) {
		t.Helper()
		got := browser.Await[map[string]any](p, fmt.Sprintf(`header(%q).then(h => portico.unlock(h, host(%q), ...%s)).then(o => report(o, host(%q)))`, deal, deal, quoted(t, typed), deal))
		if diff := cmp.Diff(report(t, deals[deal], typed...), got); diff != "" {
			t.Errorf("%s by %s:\n%s", deal, typed, diff)
		}
	}
	open("vectors", v.Derived.Ways[0].Code) // of the three this one sees all
	for _, w := range v.DerivedTwoFactors.Ways {
		open("two", "https://x.example/"+v.Derived.Path+"/#"+w.Code, strings.ToUpper(w.Phrase))
	}
	phrase := n.key.Deal("northwind").Phrase(Everyone, 1)
	for _, typed := range []string{n.code("priya", 1), "https://x.example/a/%23" + n.code("sam", 1) + "?x", strings.ToUpper(n.code("lena", 2)), phrase, strings.ReplaceAll(phrase, "-", "\u2009\u2014 ")} {
		open("northwind", typed)
	}
	open("sizes", n.code("priya", 1))
}

// Sealed texts at the edges of chunks, as the vectors have them.
func testBrowserOpensEdges(t *testing.T, b *browser.Browser) {
	v := readVectors(t)
	key := v.key(t).derive(32, "test")
	p := pageWith(t, b, nil)
	for _, s := range v.Seal {
		sealed := Seal(key, LP([]byte("test"), u32(uint32(s.Length))), text(s.Length))
		sum := sha256.Sum256(text(s.Length))
		got := browser.Await[string](p, fmt.Sprintf(`(async () => {
			const bytes = t => Uint8Array.from(atob(t), c => c.charCodeAt(0)), length = new Uint8Array(4);
			new DataView(length.buffer).setUint32(0, %d);
			const key = await portico.secret(bytes(%s)), sealed = bytes(%s);
			for (const bad of [sealed.subarray(1), sealed.subarray(0, -1), sealed.subarray(0, 56), new Uint8Array(0)]) {
				if (await outcome(() => portico.open(key, portico.fields("test", length), bad)) !== "damaged") return "opens though it is cut";
			}
			return sum(await portico.open(key, portico.fields("test", length), sealed));
		})()`, s.Length, quoted(t, key), quoted(t, sealed)))
		same(t, fmt.Sprint(s.Length, " bytes"), sum[:], got)
	}
	for n, want := range v.Padded {
		if got := browser.Eval[int64](p, "portico.pad("+n+")"); got != want {
			t.Errorf("pad(%s) = %d, want %d", n, got, want)
		}
	}
}

// What people type comes to the same in both languages.
func testBrowserReadsWhatIsTyped(t *testing.T, b *browser.Browser) {
	n := newNorthwind()
	code := n.code("priya", 1)
	p := pageWith(t, b, nil)
	for _, typed := range []string{code, strings.ToUpper(code), " " + code + "\n", code + "x", code[:30], strings.Replace(code, "-", "–", 3), "o0iIlL1", strings.Repeat("u", 28), strings.Repeat("0", 28), "\u212a" + code} {
		secret, ok := ParseCode(typed)
		want := ""
		if ok {
			want = hex.EncodeToString(secret[:])
		}
		if got := browser.Await[string](p, fmt.Sprintf("portico.parseCode(%s).then(s => s ? hex(s) : '')", quoted(t, typed))); got != want {
			t.Errorf("%q is the code %q, and %q to Go", typed, got, want)
		}
		for _, link := range []string{"https://x.example/a/?b#" + typed, "https://x.example/a/%23" + typed + "?b", "https://x.example/%23" + typed + "#/security", "https://x.example/#/security#" + typed, typed + "#"} {
			_, ok = LinkCode(link)
			if got := browser.Await[bool](p, fmt.Sprintf("portico.parseCode(portico.linkCode(%s)).then(Boolean)", quoted(t, link))); got != ok {
				t.Errorf("%q holds a code: %t, and %t to Go", link, got, ok)
			}
		}
	}
	for _, typed := range []string{"", "Show-Case 'shy' \"7+\"", "A\u00a0B\u2014c`~!", "\x7f\x1f|"} {
		if got := browser.Eval[string](p, "portico.normal("+quoted(t, typed)+")"); got != Normal(typed) {
			t.Errorf("%q comes to %q, and %q to Go", typed, got, Normal(typed))
		}
	}
	if got := browser.Eval[string](p, `portico.normal("Ｓｈｙ\u3000７＋")`); got != "shy7+" {
		t.Errorf("full-width letters come to %q", got)
	}
}

// The lock page has 14 KiB for everything; the reader may take 5 of them.
func TestBrowserReaderIsSmall(t *testing.T) {
	var z bytes.Buffer
	w, err := gzip.NewWriterLevel(&z, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	code := script(t, `import { unlock, resume, check, parseHeader, linkCode, read, stream } from "./reader"; Object.assign(globalThis, { unlock, resume, check, parseHeader, linkCode, read, stream });`)
	if _, err := w.Write([]byte(code)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes, %d behind gzip", len(code), z.Len())
	if z.Len() > 5<<10 {
		t.Errorf("the reader has %d bytes behind gzip", z.Len())
	}
}

// What is embedded is what lies in the folder.
func TestBrowserFolder(t *testing.T) {
	names, err := fs.Glob(Browser(), "*.ts")
	if err != nil || len(names) == 0 {
		t.Fatalf("%v, %v", names, err)
	}
	lying, err := fs.Glob(os.DirFS("browser"), "*")
	if err != nil || !cmp.Equal(names, lying) {
		t.Errorf("%v are handed out, and %v lie there: %v", names, lying, err)
	}
}
