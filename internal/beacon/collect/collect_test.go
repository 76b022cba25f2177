package collect_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/internal/beacon"
	"portico/internal/beacon/collect"
	"portico/internal/beacon/collect/storetest"
	"portico/internal/beacon/sqlite"
	"portico/internal/capability"
	"portico/internal/seal"
)

const (
	origin = "https://deals.lumen.example"
	token  = "a token of more than twenty symbols"
)

// bench is a running collector and what its tests need of it.
type bench struct {
	t     *testing.T
	store *breakable
	c     *collect.Collector
	key   capability.Key
	file  string
	log   syncBuffer
	mu    sync.Mutex
	now   time.Time
	end   func()
}

// breakable is a store that fails when it is told to.
type breakable struct {
	collect.Store
	mu   sync.Mutex
	err  error
	hold chan struct{}
	// held hears of the first who is.
	held chan struct{}
}

func (b *breakable) fail(err error) { b.mu.Lock(); b.err = err; b.mu.Unlock() }

func (b *breakable) Write(ctx context.Context, batches []collect.Batch, d collect.Decide) ([]error, error) {
	b.mu.Lock()
	err, hold := b.err, b.hold
	b.mu.Unlock()
	if hold != nil {
		select {
		case b.held <- struct{}{}:
		default:
		}
		<-hold
	}
	if err != nil {
		return nil, err
	}
	return b.Store.Write(ctx, batches, d)
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}
func (s *syncBuffer) String() string { s.mu.Lock(); defer s.mu.Unlock(); return s.b.String() }

func keyOf(t *testing.T, b byte) capability.Key {
	t.Helper()
	team, err := seal.NewTeamKey(bytes.NewReader(bytes.Repeat([]byte{b}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return capability.NewKey(team)
}

func start(t *testing.T, routing beacon.Routing) *bench {
	t.Helper()
	dir := t.TempDir()
	b := &bench{t: t, key: keyOf(t, 1), file: filepath.Join(dir, "beacon.db"), now: storetest.Now()}
	s, err := sqlite.Open(context.Background(), b.file, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b.store = &breakable{Store: s}
	data, err := routing.JSON()
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "beacon.json")
	if err := os.WriteFile(config, data, 0o600); err != nil {
		t.Fatal(err)
	}
	routes, err := collect.OpenRoutes(config)
	if err != nil {
		t.Fatal(err)
	}
	b.c = collect.New(collect.Options{
		Store: b.store, Keys: capability.Keys{b.key.ID: b.key}, Tokens: [][32]byte{sha256.Sum256([]byte("other")), sha256.Sum256([]byte(token))}, Routes: routes,
		Keep: 180 * 24 * time.Hour, Now: b.clock, Log: slog.New(slog.NewTextHandler(&b.log, nil)),
	})
	ctx, cancel := context.WithCancel(context.Background())
	public, admin := httptest.NewUnstartedServer(nil).Listener, httptest.NewUnstartedServer(nil).Listener
	done := make(chan error, 1)
	go func() { done <- b.c.Run(ctx, public, admin) }()
	b.end = sync.OnceFunc(func() {
		cancel()
		if err := errors.Join(<-done, s.Close()); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(b.end)
	return b
}

func (b *bench) clock() time.Time { b.mu.Lock(); defer b.mu.Unlock(); return b.now }

func (b *bench) at(t time.Time) { b.mu.Lock(); b.now = t; b.mu.Unlock() }

func (b *bench) capability(who beacon.Pair, change func(*capability.Claims)) string {
	c := capability.Claims{Key: b.key.ID, Deal: who.Deal, Viewer: who.Viewer, Scope: capability.Receipts}
	if change != nil {
		change(&c)
	}
	return capability.Text(capability.Mint(b.key.Secret(), c))
}

func body(cap string, s beacon.Session, events string) string {
	return fmt.Sprintf(`{"v":1,"t":%q,"s":%q,"e":[%s]}`, cap, s.Text(), events)
}

const opened = `{"n":0,"k":"open"}`

func (b *bench) post(body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, beacon.Path, strings.NewReader(body))
	r.Header.Set("Origin", origin)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	b.c.Public().ServeHTTP(w, r)
	return w
}

// send one opening of a viewer and want a status.
func (b *bench) send(who beacon.Pair, session int, want int) {
	b.t.Helper()
	if w := b.post(body(b.capability(who, nil), storetest.Session(b.clock(), session), opened)); w.Code != want {
		b.t.Errorf("%d: %s", w.Code, w.Body)
	}
}

func (b *bench) get(query, token string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, beacon.ExportPath+query, nil)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	b.c.Public().ServeHTTP(w, r)
	return w
}

// kept events, read through the export.
func (b *bench) kept() []beacon.Event {
	b.t.Helper()
	w := b.get("", token)
	if w.Code != http.StatusOK {
		b.t.Fatalf("%d: %s", w.Code, w.Body)
	}
	var events []beacon.Event
	for line := range strings.Lines(w.Body.String()) {
		l, err := beacon.ParseLine([]byte(line))
		if err != nil {
			b.t.Fatal(err)
		}
		if l.Event != nil {
			events = append(events, *l.Event)
		}
	}
	return events
}

func routing() beacon.Routing {
	return beacon.Routing{Origins: []string{origin}, Revoked: map[beacon.Pair]bool{storetest.Pair(9, 9): true}}
}

func TestReceipt(t *testing.T) {
	b := start(t, routing())
	who := storetest.Pair(1, 1)
	s := storetest.Session(b.now, 1)
	w := b.post(body(b.capability(who, nil), s, `{"n":0,"k":"open"},{"n":1,"k":"document","x":"AQIDBAUGBwg","ms":1200,"p":500,"dt":1000}`))
	if w.Code != http.StatusNoContent || w.Header().Get("Access-Control-Allow-Origin") != origin || w.Header().Get("Access-Control-Allow-Credentials") != "" || w.Header().Get("Vary") != "Origin" || w.Header().Get("Set-Cookie") != "" {
		t.Errorf("%d, %v", w.Code, w.Header())
	}
	ms := b.now.UnixMilli()
	want := []beacon.Event{
		{Session: s, Deal: who.Deal, Viewer: who.Viewer, Kind: beacon.Open, At: ms, Received: ms},
		{Session: s, Seq: 1, Deal: who.Deal, Viewer: who.Viewer, Kind: beacon.Document, Target: beacon.Target{1, 2, 3, 4, 5, 6, 7, 8}, Ms: 1200, Progress: 500, At: ms - 1000, Received: ms},
	}
	if got := b.kept(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%+v", got)
	}
}

func TestRefusals(t *testing.T) {
	b := start(t, routing())
	who := storetest.Pair(1, 1)
	good, s := b.capability(who, nil), storetest.Session(b.now, 1)
	foreign := keyOf(t, 2)
	for what, c := range map[string]struct {
		body   string
		header []string
		want   int
	}{
		"another origin":         {body(good, s, opened), []string{"Origin", "https://evil.example"}, 403},
		"the origin in plain":    {body(good, s, opened), []string{"Origin", "http://deals.lumen.example"}, 403},
		"a longer origin":        {body(good, s, opened), []string{"Origin", origin + ".evil.example"}, 403},
		"an origin of nothing":   {body(good, s, opened), []string{"Origin", "null"}, 403},
		"this machine":           {body(good, s, opened), []string{"Origin", "http://127.0.0.1:8080"}, 403},
		"no JSON":                {"hello", nil, 400},
		"too long":               {body(good, s, opened) + strings.Repeat(" ", beacon.MaxBody), nil, 413},
		"no capability":          {body("", s, opened), nil, 401},
		"a foreign key":          {body(capability.Text(capability.Mint(foreign.Secret(), capability.Claims{Key: foreign.ID, Deal: who.Deal, Viewer: who.Viewer, Scope: 1})), s, opened), nil, 401},
		"expired":                {body(b.capability(who, func(c *capability.Claims) { c.Expiry = b.now.Unix() }), s, opened), nil, 403},
		"another scope":          {body(b.capability(who, func(c *capability.Claims) { c.Scope = 2 }), s, opened), nil, 403},
		"revoked":                {body(b.capability(storetest.Pair(9, 9), nil), s, opened), nil, 403},
		"a session of last year": {body(good, storetest.Session(b.now.AddDate(-1, 0, 0), 1), opened), nil, 400},
		"a session of next year": {body(good, storetest.Session(b.now.AddDate(1, 0, 0), 1), opened), nil, 400},
	} {
		b.store.fail(errors.New("storage was touched")) // it would be a 503
		if w := b.post(c.body, c.header...); w.Code != c.want {
			t.Errorf("%s: %d, %s", what, w.Code, w.Body)
		}
	}
	b.store.fail(nil)
	r := httptest.NewRequest(http.MethodGet, beacon.Path, nil)
	w := httptest.NewRecorder()
	b.c.Public().ServeHTTP(w, r)
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", w.Code)
	}
	if got := b.kept(); len(got) != 0 {
		t.Errorf("kept: %+v", got)
	}
	for what, header := range map[string][]string{"the same host": {"Origin", "https://example.com"}, "no origin": {"Origin", ""}} {
		if w := b.post(body(good, s, opened), header...); w.Code != 204 {
			t.Errorf("%s: %d, %s", what, w.Code, w.Body)
		}
	}
}

// Of all that no key here made, or that holds no more, nothing is kept.
func TestForgedCapabilities(t *testing.T) {
	tries := 100_000
	if testing.Short() {
		tries = 2_000
	}
	b := start(t, routing())
	foreign := keyOf(t, 2)
	genuine := capability.Mint(b.key.Secret(), capability.Claims{Key: b.key.ID, Deal: storetest.Pair(1, 1).Deal, Viewer: storetest.Pair(1, 1).Viewer, Scope: 1})
	s := storetest.Session(b.now, 1)
	public := b.c.Public()
	for i := range tries {
		who := storetest.Pair(byte(i), byte(i>>8))
		claims := capability.Claims{Key: b.key.ID, Deal: who.Deal, Viewer: who.Viewer, Scope: 1}
		minted := bytes.Clone(genuine)
		switch i % 6 {
		case 0:
			minted[i/6%len(minted)] ^= 1 << (i / 6 / len(minted) % 8)
		case 1:
			claims.Expiry = b.now.Unix() - int64(i%1000)
			minted = capability.Mint(b.key.Secret(), claims)
		case 2:
			claims.Scope = capability.Scope(2 + i%250)
			minted = capability.Mint(b.key.Secret(), claims)
		case 3: // under our key's name
			minted = capability.Mint(foreign.Secret(), claims)
		case 4:
			claims.Deal, claims.Viewer = storetest.Pair(9, 9).Deal, storetest.Pair(9, 9).Viewer
			minted = capability.Mint(b.key.Secret(), claims)
		case 5:
			claims.Key = foreign.ID
			minted = capability.Mint(foreign.Secret(), claims)
		}
		r := httptest.NewRequest(http.MethodPost, beacon.Path, strings.NewReader(body(capability.Text(minted), s, opened)))
		w := httptest.NewRecorder()
		public.ServeHTTP(w, r)
		if w.Code != 401 && w.Code != 403 {
			t.Fatalf("try %d: %d, %s", i, w.Code, w.Body)
		}
	}
	if got := b.kept(); len(got) != 0 {
		t.Errorf("kept: %d", len(got))
	}
}

func TestReplays(t *testing.T) {
	b := start(t, routing())
	who := storetest.Pair(1, 1)
	again := body(b.capability(who, nil), storetest.Session(b.now, 1), opened+`,{"n":1,"k":"print"}`)
	for i := range 40 {
		if w := b.post(again); w.Code != 204 {
			t.Fatalf("time %d: %d", i, w.Code)
		}
		b.at(b.now.Add(time.Hour))
	}
	if got := b.kept(); len(got) != 2 {
		t.Errorf("%+v", got)
	}
}

func TestRate(t *testing.T) {
	b := start(t, routing())
	for range 20 {
		b.send(storetest.Pair(1, 1), 1, 204)
	}
	b.send(storetest.Pair(1, 1), 1, 429)
	b.send(storetest.Pair(1, 2), 2, 204)
	b.at(b.now.Add(time.Second))
	b.send(storetest.Pair(1, 1), 3, 204)
	b.send(storetest.Pair(1, 1), 3, 204)
	b.send(storetest.Pair(1, 1), 3, 429)
	b.at(b.now.Add(-365 * 24 * time.Hour)) // a clock that jumps back locks nobody out for a year
	b.at(b.now.Add(time.Minute))
	b.send(storetest.Pair(1, 1), 4, 204)
}

func TestQuotas(t *testing.T) {
	b := start(t, routing())
	who := storetest.Pair(1, 1)
	for i := range 50 {
		b.send(who, i, 204)
		b.at(b.now.Add(time.Minute))
	}
	b.send(who, 50, 429)
	var many []string
	for n := range beacon.MaxEvents {
		many = append(many, fmt.Sprintf(`{"n":%d,"k":"print"}`, n))
	}
	other, sent := storetest.Pair(1, 2), 0
	session := storetest.Session(b.now, 99)
	for code := 204; code == 204; sent += beacon.MaxEvents {
		code = b.post(body(b.capability(other, nil), session, strings.Join(many, ","))).Code
		b.at(b.now.Add(time.Second))
		if code != 204 && code != 429 {
			t.Fatal(code)
		}
	}
	if sent != 79*beacon.MaxEvents { // 78 times 64 are below 5000
		t.Errorf("%d were sent", sent)
	}
	b.at(b.now.Add(24 * time.Hour))
	b.send(who, 51, 204)
	b.send(other, 52, 204)
}

func TestNothingCanBeKept(t *testing.T) {
	b := start(t, routing())
	for _, err := range []error{errors.New("disk I/O error"), collect.ErrFull} {
		b.store.fail(err)
		w := b.post(body(b.capability(storetest.Pair(1, 1), nil), storetest.Session(b.now, 1), opened))
		if w.Code != 503 || w.Header().Get("Retry-After") == "" || strings.Contains(w.Body.String(), "I/O") {
			t.Errorf("%d, %v, %s", w.Code, w.Header(), w.Body)
		}
	}
	b.store.fail(nil)
	b.send(storetest.Pair(1, 1), 1, 204)
}

func TestFullQueue(t *testing.T) {
	b := start(t, routing())
	hold, held := make(chan struct{}), make(chan struct{}, 1)
	b.store.mu.Lock()
	b.store.hold, b.store.held = hold, held
	b.store.mu.Unlock()
	const requests, kept = 1500, 1025 // the one that is held, and those that may wait behind it
	codes := make(chan int, requests)
	for i := range requests {
		go func() {
			who := storetest.Pair(byte(i), byte(i>>8))
			codes <- b.post(body(b.capability(who, nil), storetest.Session(storetest.Now(), i), opened)).Code
		}()
		if i == 0 {
			<-held
		}
	}
	for range requests - kept { // only who is turned away is answered
		if code := <-codes; code != 503 {
			t.Errorf("%d", code)
		}
	}
	close(hold)
	for range kept {
		if code := <-codes; code != 204 {
			t.Errorf("%d", code)
		}
	}
	if len(b.kept()) != kept {
		t.Errorf("%d were told that they are kept, and %d are", kept, len(b.kept()))
	}
}

// Whoever has begun is answered, and what was answered is there afterwards.
func TestEnd(t *testing.T) {
	b := start(t, routing())
	var sending sync.WaitGroup
	var mu sync.Mutex
	kept := 0
	for i := range 50 {
		sending.Go(func() {
			if b.post(body(b.capability(storetest.Pair(byte(i), 1), nil), storetest.Session(storetest.Now(), i), opened)).Code == 204 {
				mu.Lock()
				kept++
				mu.Unlock()
			}
		})
	}
	b.end()
	sending.Wait()
	s, err := sqlite.Open(context.Background(), b.file, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	page, err := s.Export(context.Background(), beacon.Cursor{}, 1000)
	if err != nil || len(page.Lines) != kept {
		t.Errorf("%d are there of %d: %v", len(page.Lines), kept, err)
	}
}

func TestExport(t *testing.T) {
	b := start(t, routing())
	for i := range 25 {
		b.send(storetest.Pair(1, byte(i)), i, 204)
	}
	for what, c := range map[string]struct {
		query, token string
		want         int
	}{
		"no token": {"", "", 401}, "another token": {"", token + "x", 401}, "a hash": {"", fmt.Sprintf("%x", sha256.Sum256([]byte(token))), 401},
		"a bad cursor": {"?after=1.x", token, 400}, "a bad limit": {"?limit=0", token, 400}, "a large limit": {"?limit=10001", token, 400},
		"a cursor of another": {"?after=" + beacon.Cursor{Epoch: 1, Events: true, At: 5}.Text(), token, 410},
	} {
		if w := b.get(c.query, c.token); w.Code != c.want {
			t.Errorf("%s: %d, %s", what, w.Code, w.Body)
		}
	}
	var after string
	seen := 0
	for more := true; more; {
		w := b.get("?limit=10&after="+after, token)
		lines := strings.Split(strings.TrimSuffix(w.Body.String(), "\n"), "\n")
		last, err := beacon.ParseLine([]byte(lines[len(lines)-1]))
		if err != nil || !last.End() || w.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Fatalf("%s, %v", lines, err)
		}
		seen += len(lines) - 1
		after, more = last.Cursor, last.More
	}
	if seen != 25 {
		t.Errorf("%d", seen)
	}
}

func TestHealth(t *testing.T) {
	b := start(t, routing())
	get := func(path string) (int, string) {
		w := httptest.NewRecorder()
		b.c.Admin().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w.Code, w.Body.String()
	}
	b.send(storetest.Pair(1, 1), 1, 204)
	b.send(storetest.Pair(9, 9), 1, 403)
	if code, text := get("/livez"); code != 200 {
		t.Error(code, text)
	}
	if code, text := get("/readyz"); code != 200 {
		t.Error(code, text)
	}
	code, text := get("/metrics")
	for _, want := range []string{`portico_beacon_requests_total{status="204"} 1`, `portico_beacon_refused_total{why="revoked"} 1`, "portico_beacon_events_total 1", "portico_beacon_commit_seconds_bucket", "portico_beacon_free_bytes "} {
		if code != 200 || !strings.Contains(text, want) {
			t.Errorf("%s is not in %d, %s", want, code, text)
		}
	}
	if w := b.get("/livez", token); w.Code == 200 {
		t.Error("health is public")
	}
	b.c.Keys = nil
	if code, _ := get("/readyz"); code != 503 {
		t.Error("ready without a key")
	}
}

// What a browser says of itself and its user is in no file, log or answer.
func TestNothingPersonal(t *testing.T) {
	b := start(t, routing())
	canaries := []string{"canary-agent", "canary-cookie", "canary-language", "203.0.113.77", "canary-referrer", "canary-field", "canary-target"}
	for i, events := range []string{opened, `{"n":0,"k":"section","x":"canary-target"}`} {
		r := httptest.NewRequest(http.MethodPost, beacon.Path+"?canary-field", strings.NewReader(strings.Replace(body(b.capability(storetest.Pair(1, 1), nil), storetest.Session(b.now, i), events), `"v":1`, `"v":1,"name":"canary-field"`, 1)))
		r.RemoteAddr = "203.0.113.77:1234"
		for name, value := range map[string]string{"User-Agent": "canary-agent", "Cookie": "a=canary-cookie", "Accept-Language": "canary-language", "X-Forwarded-For": "203.0.113.77", "Referer": "https://canary-referrer.example/"} {
			r.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		b.c.Public().ServeHTTP(w, r)
		if want := []int{204, 400}[i]; w.Code != want {
			t.Errorf("%d, %s", w.Code, w.Body)
		}
		for _, c := range canaries {
			if strings.Contains(w.Body.String(), c) {
				t.Errorf("%s is in an answer", c)
			}
		}
	}
	b.store.fail(errors.New("no room"))
	b.send(storetest.Pair(1, 1), 1, 503)
	b.store.fail(nil)
	export := b.get("", token).Body.String()
	b.end()
	files, err := filepath.Glob(filepath.Join(filepath.Dir(b.file), "*"))
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	text := export + b.log.String()
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		text += string(data)
	}
	for _, c := range canaries {
		if strings.Contains(text, c) {
			t.Errorf("%s is kept or logged", c)
		}
	}
	if !strings.Contains(b.log.String(), "no room") {
		t.Error("the failure is not logged")
	}
}

// outbox as it would go out.
func (b *bench) outbox() map[beacon.Trigger]int {
	b.t.Helper()
	out, err := b.store.Lease(context.Background(), b.clock().AddDate(1, 0, 0).UnixMilli(), b.clock().AddDate(1, 0, 0).UnixMilli(), 1000)
	if err != nil {
		b.t.Fatal(err)
	}
	found := map[beacon.Trigger]int{}
	for _, o := range out {
		found[o.On]++
	}
	return found
}

func TestAlerts(t *testing.T) {
	who := storetest.Pair(1, 1)
	r := routing()
	every := beacon.Alert{On: beacon.Triggers(), Via: beacon.Webhook, Env: "HOOK"}
	r.Deals = map[seal.DealID]beacon.DealRouting{who.Deal: {Pricing: []beacon.Target{{1, 2, 3, 4, 5, 6, 7, 8}}, Alerts: []beacon.Alert{every}}}
	r.Revoked[storetest.Pair(1, 66)] = true
	b := start(t, r)
	const price = `{"n":1,"k":"section","x":"AQIDBAUGBwg","ms":900}`
	expect := func(what string, want map[beacon.Trigger]int) {
		t.Helper()
		if got := b.outbox(); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	visit := func(session int, events string) {
		t.Helper()
		if w := b.post(body(b.capability(who, nil), storetest.Session(b.now, session), events)); w.Code != 204 {
			t.Errorf("%d, %s", w.Code, w.Body)
		}
	}
	if w := b.post(strings.Replace(body(b.capability(who, nil), storetest.Session(b.now, 1), opened), `"v":1`, `"v":1,"w":1`, 1)); w.Code != 204 {
		t.Error(w.Code)
	}
	expect("a browser that a program drives", map[beacon.Trigger]int{})
	visit(2, opened+","+price)
	visit(2, price)
	expect("the first visit", map[beacon.Trigger]int{beacon.FirstView: 1})
	b.at(b.now.Add(time.Hour))
	visit(3, opened)
	expect("another visit", map[beacon.Trigger]int{beacon.FirstView: 1})
	visit(3, price)
	visit(3, price)
	expect("the price again", map[beacon.Trigger]int{beacon.FirstView: 1, beacon.PricingAgain: 1})
	b.at(b.now.Add(14*24*time.Hour + time.Hour))
	if err := b.c.Tidy(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := b.c.Tidy(context.Background()); err != nil {
		t.Fatal(err)
	}
	expect("two weeks of silence", map[beacon.Trigger]int{beacon.FirstView: 1, beacon.PricingAgain: 1, beacon.Silence: 1})
	visit(4, opened)
	visit(4, `{"n":2,"k":"print"}`)
	expect("a return", map[beacon.Trigger]int{beacon.FirstView: 1, beacon.PricingAgain: 1, beacon.Silence: 1, beacon.Return: 1})
	for range 60 {
		b.send(storetest.Pair(1, 66), 5, 403)
	}
	expect("a burst", map[beacon.Trigger]int{beacon.FirstView: 1, beacon.PricingAgain: 1, beacon.Silence: 1, beacon.Return: 1, beacon.Refused: 1})
}

// Everybody who gets a mail has a notice of their own: an address that is refused
// holds up nobody else.
func TestMailToSeveral(t *testing.T) {
	who := storetest.Pair(1, 1)
	r := routing()
	several := beacon.Alert{On: beacon.Triggers(), Via: beacon.Mail, Env: "MAIL", To: []string{"mara@lumen.example", "jonas@lumen.example"}}
	r.Deals = map[seal.DealID]beacon.DealRouting{who.Deal: {Alerts: []beacon.Alert{several}}}
	b := start(t, r)
	b.send(who, 1, 204)
	b.send(who, 2, 204)
	out, err := b.store.Lease(context.Background(), b.clock().UnixMilli(), b.clock().UnixMilli(), 10)
	if err != nil || len(out) != 2 {
		t.Fatalf("%+v, %v", out, err)
	}
	for i, to := range several.To {
		if got := out[i].Route.To; len(got) != 1 || got[0] != to {
			t.Errorf("notice %d goes to %v", i, got)
		}
	}
}

// A digest is due in the morning where the deal is, and what happens then is
// part of the next.
func TestDigestsAreDue(t *testing.T) {
	who := storetest.Pair(1, 1)
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	on := []beacon.Trigger{beacon.FirstView}
	r := routing()
	r.Deals = map[seal.DealID]beacon.DealRouting{who.Deal: {Zone: zone, Alerts: []beacon.Alert{
		{On: on, Via: beacon.Webhook, Env: "A"}, {On: on, Via: beacon.Webhook, Env: "B", Digest: beacon.Daily}, {On: on, Via: beacon.Webhook, Env: "C", Digest: beacon.Weekly},
	}}}
	for at, want := range map[string][3]string{
		"2026-10-31T23:30:00-04:00": {"2026-10-31T23:30:00-04:00", "2026-11-01T07:00:00-05:00", "2026-11-02T07:00:00-05:00"}, // clocks go back at night
		"2026-11-02T06:59:59-05:00": {"2026-11-02T06:59:59-05:00", "2026-11-02T07:00:00-05:00", "2026-11-02T07:00:00-05:00"}, // a Monday
		"2026-11-02T07:00:00-05:00": {"2026-11-02T07:00:00-05:00", "2026-11-03T07:00:00-05:00", "2026-11-09T07:00:00-05:00"},
	} {
		b := start(t, r)
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		b.at(now)
		b.send(who, 1, 204)
		later := now.AddDate(0, 0, 20).UnixMilli()
		out, err := b.store.Lease(context.Background(), later, later, 10)
		if err != nil || len(out) != 3 {
			t.Fatalf("%+v, %v", out, err)
		}
		for _, o := range out {
			if due := time.UnixMilli(o.Due).In(zone).Format(time.RFC3339); due != want[o.Route.Env[0]-'A'] {
				t.Errorf("%s by %q is due %s, not %s", at, o.Route.Digest, due, want[o.Route.Env[0]-'A'])
			}
		}
	}
}
