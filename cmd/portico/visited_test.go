package main

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
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
	"portico/internal/need"
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
