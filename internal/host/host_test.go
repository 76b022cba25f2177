package host

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/internal/need"
)

// every host that a site can name.
var every = []string{"github-pages", "gitlab-pages", "netlify", "cloudflare", "vercel", "nginx", "caddy", "s3"}

func site(base string) Site {
	return Site{Base: base, Headers: map[string]string{
		"Content-Security-Policy": "default-src 'none'; frame-src 'self' https://*.player.example; frame-ancestors 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
	}}
}

func files(t *testing.T, base string) map[string][]byte {
	t.Helper()
	made, err := site(base).Files(every)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// sent wants an answer to have every header, and the right one on how long it
// may be kept.
func sent(t *testing.T, what string, got func(name string) string, cache Header) {
	t.Helper()
	for _, h := range append(site("/").all(), cache) {
		if v := got(h.Name); v != h.Value {
			t.Errorf("%s has %s: %q, not %q", what, h.Name, v, h.Value)
		}
	}
}

func TestHostsWithoutHeadersHaveNoFile(t *testing.T) {
	made, err := site("/").Files([]string{"github-pages", "gitlab-pages"})
	if err != nil || len(made) > 0 {
		t.Errorf("%v, %v", made, err)
	}
	if all := files(t, "/"); len(all) != 5 {
		t.Errorf("%d files", len(all))
	}
	for name := range files(t, "/") {
		if !Unserved(name) {
			t.Errorf("%s is given to anybody", name)
		}
	}
	if Unserved("index.html") || !Unserved(".nojekyll") {
		t.Error("index.html is for readers, .nojekyll is not")
	}
}

func TestHeadersFile(t *testing.T) {
	rules := map[string]map[string]string{}
	rule := ""
	for line := range strings.Lines(string(files(t, "/plans/")["_headers"])) {
		if len(line) > 2000 {
			t.Errorf("Cloudflare takes lines of 2000 signs: %q", line)
		}
		if !strings.HasPrefix(line, " ") {
			rule = strings.TrimSpace(line)
			rules[rule] = map[string]string{}
			continue
		}
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		rules[rule][name] = value
	}
	all, shared := rules["/plans/*"], rules["/plans/_/*"]
	sent(t, "/plans/*", func(name string) string { return all[name] }, Header{})
	if len(rules) != 2 || len(shared) != 1 || shared[forever.Name] != forever.Value {
		t.Errorf("%v", rules)
	}
}

func TestVercel(t *testing.T) {
	var conf struct {
		Headers []vercelRule
	}
	if err := json.Unmarshal(files(t, "/")["vercel.json"], &conf); err != nil {
		t.Fatal(err)
	}
	if len(conf.Headers) != 2 || conf.Headers[0].Source != "/(.*)" || conf.Headers[1].Source != "/_/(.*)" {
		t.Fatalf("%v", conf)
	}
	got := map[string]string{}
	for _, h := range conf.Headers[0].Headers {
		got[h.Key] = h.Value
	}
	sent(t, "every page", func(name string) string { return got[name] }, fresh)
	if h := conf.Headers[1].Headers; len(h) != 1 || h[0] != (vercelHeader{forever.Name, forever.Value}) {
		t.Errorf("%v", h)
	}
}

// The function runs as it stands, under another engine than the host's.
func TestCloudFront(t *testing.T) {
	node := need.Program(t, "node")
	run := func(uri, event string) (out struct {
		URI     string
		Headers map[string]struct{ Value string }
	}) {
		script := string(files(t, "/")["cloudfront.js"]) + fmt.Sprintf(`
var e = {context: {eventType: %q}, request: {uri: %q, headers: {}}, response: {headers: {}}};
console.log(JSON.stringify(handler(e)));`, event, uri)
		cmd := exec.Command(node, "-")
		cmd.Stdin = strings.NewReader(script)
		data, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	for uri, want := range map[string]string{"/": "/index.html", "/abc/": "/abc/index.html", "/abc/o/xyz": "/abc/o/xyz"} {
		if got := run(uri, "viewer-request").URI; got != want {
			t.Errorf("%s asks for %s", uri, got)
		}
	}
	for uri, cache := range map[string]Header{"/abc/index.html": fresh, "/_/style.css": forever} {
		h := run(uri, "viewer-response").Headers
		sent(t, uri, func(name string) string { return h[strings.ToLower(name)].Value }, cache)
	}
}

func TestNoHostTakesSpecialSigns(t *testing.T) {
	for _, bad := range []string{`a"b`, "a$b", "a\nb", "a\\b", "é", "{a}", "<"} {
		s := site("/")
		s.Headers["X"] = bad
		if _, err := s.Files(every); err == nil || !strings.Contains(err.Error(), "the header X would hold") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, bad := range []string{"/a b/", "/a;b/", "/é/", "/a{b/"} {
		if _, err := site(bad).Files(every); err == nil || !strings.Contains(err.Error(), "base_url") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// served is a folder like one that a build makes, below a path.
func served(t *testing.T, base string) string {
	t.Helper()
	root := t.TempDir()
	write := func(name string, data []byte) {
		name = filepath.Join(root, filepath.FromSlash(base+name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, data := range files(t, base) {
		write(name, data)
	}
	for name, text := range map[string]string{"index.html": "nothing here", "404.html": "no such page", "abc/index.html": "lock page", "abc/o/xyz": "object", "_/style.css": "css"} {
		write(name, []byte(text))
	}
	for dir := root; len(dir) > len(os.TempDir()); dir = filepath.Dir(dir) { // nginx's workers are somebody else
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// asked gets what a server says of every kind of file.
func asked(t *testing.T, address, base string) {
	t.Helper()
	get := func(name string, status int, text string, cache Header) {
		r, err := http.Get("http://" + address + base + name)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close() // it is read to its end
		data, err := io.ReadAll(r.Body)
		if err != nil || r.StatusCode != status || string(data) != text {
			t.Errorf("%s%s: %s, %q, %v", base, name, r.Status, data, err)
		}
		sent(t, base+name, r.Header.Get, cache)
	}
	get("", 200, "nothing here", fresh)
	get("abc/", 200, "lock page", fresh)
	get("abc/o/xyz", 200, "object", fresh)
	get("_/style.css", 200, "css", forever)
	get("missing/", 404, "no such page", fresh)
}

// kept wants a server to give nobody what is for it alone.
func kept(t *testing.T, address, base string) {
	t.Helper()
	for _, name := range own() {
		r, err := http.Get("http://" + address + base + name)
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close() // it was not wanted
		if r.StatusCode != 404 {
			t.Errorf("%s: %s", name, r.Status)
		}
	}
}

// started runs a server until the test ends.
func started(t *testing.T, address string, cmd *exec.Cmd) {
	t.Helper()
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // it may have ended
		_ = cmd.Wait()
	})
	for range 200 {
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close() // it is there
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s does not answer: %s", cmd.Path, said.String())
}

func TestNginx(t *testing.T) {
	nginx := need.Program(t, "nginx", "/usr/sbin/nginx")
	for _, base := range []string{"/", "/plans/"} {
		root, address, state := served(t, base), freePort(t), t.TempDir()
		conf := filepath.Join(state, "test.conf")
		text := fmt.Sprintf(`daemon off; master_process off; pid %[1]s/pid; error_log stderr;
events {}
http {
	access_log off;
	client_body_temp_path %[1]s/a; proxy_temp_path %[1]s/b; fastcgi_temp_path %[1]s/c; uwsgi_temp_path %[1]s/d; scgi_temp_path %[1]s/e;
	server {
		listen %[2]s;
		root %[3]s;
		include %[3]s%[4]snginx.conf;
	}
}
`, state, address, root, base)
		if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(nginx, "-t", "-p", state, "-c", conf).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		started(t, address, exec.Command(nginx, "-p", state, "-c", conf))
		asked(t, address, base)
		kept(t, address, base)
	}
}

func TestCaddy(t *testing.T) {
	caddy := need.Program(t, "caddy")
	for _, base := range []string{"/", "/plans/"} {
		root, address, state := served(t, base), freePort(t), t.TempDir()
		conf := filepath.Join(state, "Caddyfile")
		text := fmt.Sprintf("{\n\tadmin off\n\tauto_https off\n}\nhttp://%s {\n\troot * %s\n\timport %s%scaddy.conf\n}\n", address, root, root, base)
		if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(caddy, "run", "--adapter", "caddyfile", "--config", conf)
		cmd.Env = append(os.Environ(), "HOME="+state, "XDG_DATA_HOME="+state, "XDG_CONFIG_HOME="+state)
		started(t, address, cmd)
		asked(t, address, base)
		kept(t, address, base)
	}
}

func TestFilesOf(t *testing.T) {
	got := FilesOf([]string{"netlify", "cloudflare", "github-pages", "caddy"})
	if !slices.Equal(got, []string{"_headers", "caddy.conf"}) {
		t.Errorf("the files are %q", got)
	}
}
