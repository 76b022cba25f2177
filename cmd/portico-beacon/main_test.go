package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/internal/capability"
	"portico/internal/seal"
)

// program runs in this process, in an environment of its own.
type program struct {
	t   *testing.T
	env map[string]string
}

func newProgram(t *testing.T) program {
	t.Helper()
	t.Chdir(t.TempDir())
	return program{t, map[string]string{}}
}

func (p program) run(ctx context.Context, args ...string) (code int, out, said string) {
	var o, e bytes.Buffer
	code = run(ctx, args, &app{out: &o, err: &e, env: func(n string) string { return p.env[n] }, now: time.Now})
	return code, o.String(), e.String()
}

func (p program) want(code int, text string, args ...string) {
	p.t.Helper()
	got, out, said := p.run(context.Background(), args...)
	if got != code || !strings.Contains(out+said, text) {
		p.t.Errorf("%v: %d, %s%s\nwant %d, %s", args, got, out, said, code, text)
	}
}

func teamKey(t *testing.T) seal.TeamKey {
	t.Helper()
	k, err := seal.NewTeamKey(bytes.NewReader(bytes.Repeat([]byte{3}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestWrongUsage(t *testing.T) {
	p := newProgram(t)
	p.want(2, "PORTICO_BEACON_KEY is not set")
	p.want(2, "takes no arguments", "serve")
	p.want(2, "unknown flag", "--port", "1")
	p.want(2, "hint: --site takes the folder", "--site", ".")
	p.env[siteVariable] = "portico-key-1-x"
	p.want(2, "PORTICO_KEY in the environment", "--site", ".")
	p.want(2, "two ids", "erase", "--viewer", "ana")
	p.want(1, "there is no database", "erase", "--viewer", "0410000000000000/0410000000000000")
	p.want(1, "there is no database", "dead")
	p.want(2, "numbers of alerts", "dead", "17")
	p.want(2, "the name of the new file", "backup")
	p.want(2, "mysql:// is no file", "backup", "x.db", "--db", "mysql://x")
	p.want(2, "pg_dump copies", "backup", "x.db", "--db", "postgres://x")
	p.want(2, "pg_restore makes", "restore", "x.db", "--db", "postgresql://x")
	p.want(2, "takes the address of a PostgreSQL database", "migrate", "x.db")
	p.want(2, "there is no such database", "migrate", "x.db", "--db", "postgres://x")
	p.want(1, "opening the PostgreSQL database", "dead", "--db", "postgres://127.0.0.1:1/x")
	p.want(1, "asking the collector", "healthcheck", "--admin", "127.0.0.1:1")
	p.env[keyVariable] = "portico-beacon-key-1-x"
	p.want(2, "cut off or mistyped")
	p.env[keyVariable] = capability.NewKey(teamKey(t)).Text()
	p.want(2, "reading the routing file", "--config", "none.json")
	p.want(2, "3 days or more", "--keep", "1")
	p.env[hashVariable] = "beef"
	p.want(2, "64 hexadecimal digits")
}

func TestHelp(t *testing.T) {
	p := newProgram(t)
	p.want(0, "PORTICO_BEACON_TOKEN_HASH", "--help")
	p.want(0, "portico-beacon version ", "--version")
	for _, c := range []string{"backup", "restore", "migrate", "erase", "dead", "test-alerts", "healthcheck"} {
		p.want(0, "portico-beacon "+c, c, "--help")
	}
}

// serve until end is called, which returns what was said meanwhile.
func (p program) serve(args ...string) (public, admin string, end func() string) {
	p.t.Helper()
	public, admin = free(p.t), free(p.t)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	var said string
	running.Go(func() {
		var code int
		if code, _, said = p.run(ctx, append(args, "--listen", public, "--admin", admin)...); code != 0 || !strings.Contains(said, `"msg":"ready"`) {
			p.t.Errorf("%d, %s", code, said)
		}
	})
	end = func() string {
		cancel()
		running.Wait()
		return said
	}
	p.t.Cleanup(func() { end() })
	for began := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		if code, _, said := p.run(ctx, "healthcheck", "--admin", admin); code == 0 {
			return public, admin, end
		} else if time.Since(began) > 20*time.Second {
			p.t.Fatal(said)
		}
	}
}

// TestBesideASite is the first try: a collector that takes everything from a
// site's folder, until it is told to end.
func TestBesideASite(t *testing.T) {
	p := newProgram(t)
	team := teamKey(t)
	if err := os.Mkdir(siteFolder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(siteFolder, siteFile), []byte(team.Text()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	public, _, end := p.serve("--site", ".")
	id := team.ID()
	announced := filepath.Join(siteFolder, "beacon.addr")
	text, err := os.ReadFile(announced)
	if info, statErr := os.Stat(announced); err != nil || statErr != nil || string(text) != "http://"+public+"\nkey "+hex.EncodeToString(id[:])+"\n" || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("the site's previews are told %q: %v, %v", text, err, statErr)
	}
	defer func() {
		end()
		if _, err := os.Stat(announced); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("where it was is still said: %v", err)
		}
	}()
	key, deal := capability.NewKey(team), team.Deal("northwind")
	body := opening(team, "northwind", "ana")
	if status, text := do(t, http.MethodPost, public, "/_portal/v1/receipts", body, "Origin", "http://localhost:8080"); status != http.StatusNoContent {
		t.Errorf("%d, %s", status, text)
	}
	if status, text := do(t, http.MethodGet, public, "/_portal/v1/export", "", "Authorization", "Bearer "+key.LocalToken()); status != http.StatusOK || !strings.Contains(text, `"k":"open"`) {
		t.Errorf("%d, %s", status, text)
	}
	p.want(0, "", "backup", "--site", ".", "backup.db")
	p.want(0, "erased 1 ", "erase", "--site", ".", "--viewer", deal.ID().Path()+"/"+deal.Viewer("ana").Text())
	p.want(0, "", "restore", "--db", "restored.db", "backup.db")
	p.want(0, "erased 1 ", "erase", "--db", "restored.db", "--viewer", deal.ID().Path()+"/"+deal.Viewer("ana").Text())
	p.want(0, "", "dead", "--site", ".")
	p.want(0, "0 are tried again", "dead", "--site", ".", "--retry")
}

// opening is what a page of a viewer sends when the deal is opened.
func opening(team seal.TeamKey, dealID, viewer string) string {
	key, deal := capability.NewKey(team), team.Deal(dealID)
	c := capability.Text(capability.Mint(key.Secret(), capability.Claims{Key: key.ID, Deal: deal.ID(), Viewer: deal.Viewer(viewer), Scope: capability.Receipts}))
	var session [16]byte
	ms := time.Now().UnixMilli()
	for i := range 6 {
		session[i] = byte(ms >> (8 * (5 - i)))
	}
	session[6], session[8] = 0x70, 0x80
	id := hex.EncodeToString(session[:])
	return fmt.Sprintf(`{"v":1,"t":%q,"s":"%s-%s-%s-%s-%s","e":[{"n":0,"k":"open"}]}`, c, id[:8], id[8:12], id[12:16], id[16:20], id[20:])
}

func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func do(t *testing.T, method, address, path, body, header, value string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(method, "http://"+address+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set(header, value)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// hearing is called with what is said.
type hearing func(string)

func (h hearing) Write(p []byte) (int, error) { h(string(p)); return len(p), nil }

// The key of a site is waited for where it is still to be made, and one in the
// environment goes before it, as it does for the site's other programs.
func TestKeyOfASite(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, err := range []error{os.WriteFile("portico.toml", nil, 0o644), os.Mkdir(siteFolder, 0o755)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	own, other := teamKey(t), capability.Key{}
	env := map[string]string{}
	a := &app{site: ".", env: func(n string) string { return env[n] }, err: hearing(func(text string) {
		if !strings.Contains(text, "waiting for") {
			t.Errorf("it says %s", text)
		}
		if err := os.WriteFile(filepath.Join(siteFolder, siteFile), []byte(own.Text()+"\n"), 0o600); err != nil {
			t.Error(err)
		}
	})}
	keys, tokens, err := a.secrets(t.Context())
	if _, has := keys[own.ID()]; err != nil || !has || len(keys) != 1 || len(tokens) != 1 {
		t.Errorf("%v, %d tokens, %v", keys, len(tokens), err)
	}
	team, err := seal.NewTeamKey(bytes.NewReader(bytes.Repeat([]byte{4}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	env[siteVariable], other = team.Text(), capability.NewKey(team)
	keys, tokens, err = a.secrets(t.Context())
	if _, has := keys[other.ID]; err != nil || !has || len(keys) != 1 || len(tokens) != 1 {
		t.Errorf("%v, %d tokens, %v", keys, len(tokens), err)
	}
	// Two collectors' keys, while one takes the place of another, and a token of each.
	env[keyVariable] = other.Text() + " " + capability.NewKey(own).Text()
	if keys, tokens, err = a.secrets(t.Context()); err != nil || len(keys) != 2 || len(tokens) != 2 {
		t.Errorf("%v, %d tokens, %v", keys, len(tokens), err)
	}
}
