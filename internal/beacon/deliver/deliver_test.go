package deliver_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/internal/beacon"
	"portico/internal/beacon/collect"
	"portico/internal/beacon/collect/storetest"
	"portico/internal/beacon/deliver"
	"portico/internal/beacon/sqlite"
	"portico/internal/seal"
)

// office is a store, what tells people what is in it, and a clock.
type office struct {
	t     *testing.T
	store *forgetful
	file  string
	*deliver.Deliverer
	log syncBuffer

	mu       sync.Mutex
	now      time.Time
	env      map[string]string
	outcomes map[collect.Fate]int
}

// forgetful is a store that does not note what was delivered while it is told
// not to, as if the collector had been killed before.
type forgetful struct {
	collect.Store
	mu   sync.Mutex
	lost bool
}

func (f *forgetful) Done(ctx context.Context, now int64, ids ...int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.lost {
		return errors.New("killed")
	}
	return f.Store.Done(ctx, now, ids...)
}

func (f *forgetful) forget(lost bool) { f.mu.Lock(); f.lost = lost; f.mu.Unlock() }

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

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func open(t *testing.T, change func(*deliver.Options)) *office {
	t.Helper()
	o := &office{t: t, file: filepath.Join(t.TempDir(), "beacon.db"), now: storetest.Now(), env: map[string]string{"HOOK_SECRET": secret}, outcomes: map[collect.Fate]int{}}
	s, err := sqlite.Open(context.Background(), o.file, sqlite.Options{Unsafe: true})
	if err != nil {
		t.Fatal(err)
	}
	o.store = &forgetful{Store: s}
	o.Deliverer = o.another(change)
	t.Cleanup(func() {
		o.Settle()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

// another instance that tells what is in the same store.
func (o *office) another(change func(*deliver.Options)) *deliver.Deliverer {
	routes, err := collect.OpenRoutes("")
	if err != nil {
		o.t.Fatal(err)
	}
	options := deliver.Options{
		Store: o.store, Routes: routes, Env: o.variable, Now: o.clock, Random: func() float64 { return .5 }, Log: slog.New(slog.NewTextHandler(&o.log, nil)),
		Told: func(_ beacon.Via, out collect.Fate, _ time.Duration) {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.outcomes[out]++
		},
	}
	if change != nil {
		change(&options)
	}
	return deliver.New(options)
}

func (o *office) clock() time.Time { o.mu.Lock(); defer o.mu.Unlock(); return o.now }

func (o *office) variable(name string) string { o.mu.Lock(); defer o.mu.Unlock(); return o.env[name] }

func (o *office) set(name, value string) { o.mu.Lock(); o.env[name] = value; o.mu.Unlock() }

func (o *office) pass(d time.Duration) { o.mu.Lock(); o.now = o.now.Add(d); o.mu.Unlock() }

// hook is a webhook whose address the variable HOOK holds.
func hook() beacon.Alert {
	return beacon.Alert{On: beacon.Triggers(), Via: beacon.Webhook, Env: "HOOK"}
}

// tell of the n-th thing that happened, now.
func (o *office) tell(n int, route beacon.Alert) {
	o.t.Helper()
	now := o.clock().UnixMilli()
	who := storetest.Pair(byte(n%3), byte(n))
	err := o.store.Tell(context.Background(), []collect.Notice{{Key: fmt.Sprintf("key-%d", n), Pair: who, On: beacon.FirstView, At: now, Due: now, Route: route}})
	if err != nil {
		o.t.Fatal(err)
	}
}

// round delivers all that is due.
func (o *office) round() {
	o.t.Helper()
	if err := o.Round(context.Background()); err != nil {
		o.t.Fatal(err)
	}
	o.Settle()
}

// waiting is all that is not delivered, whenever it is due. It is taken from
// everybody until then.
func (o *office) waiting() []collect.Outgoing {
	o.t.Helper()
	out, err := o.store.Lease(context.Background(), o.clock().AddDate(1, 0, 0).UnixMilli(), o.clock().UnixMilli(), 1000)
	if err != nil {
		o.t.Fatal(err)
	}
	return out
}

func (o *office) dead() []collect.Outgoing {
	o.t.Helper()
	out, err := o.store.Dead(context.Background())
	if err != nil {
		o.t.Fatal(err)
	}
	return out
}

// receiver takes what is posted, or refuses it.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	header http.Header
	got    []request
}

type request struct {
	header http.Header
	body   string
}

func receive(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{status: http.StatusNoContent, header: http.Header{}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil || req.Method != http.MethodPost {
			t.Errorf("%s, %v", req.Method, err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		maps.Copy(w.Header(), r.header)
		w.WriteHeader(r.status)
		if r.status < 300 {
			r.got = append(r.got, request{req.Header.Clone(), string(body)})
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) answer(status int, header ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status, r.header = status, http.Header{}
	for i := 0; i < len(header); i += 2 {
		r.header.Set(header[i], header[i+1])
	}
}

func (r *receiver) taken() []request { r.mu.Lock(); defer r.mu.Unlock(); return slices.Clone(r.got) }

// each is how often each id was taken.
func (r *receiver) each() map[string]int {
	seen := map[string]int{}
	for _, q := range r.taken() {
		seen[q.header.Get("webhook-id")]++
	}
	return seen
}

func TestWebhook(t *testing.T) {
	o, r := open(t, nil), receive(t)
	o.set("HOOK", r.URL)
	o.tell(1, hook())
	o.round()
	o.round()
	got := r.taken()
	if len(got) != 1 || len(o.waiting()) != 0 || o.outcomes[collect.Delivered] != 1 {
		t.Fatalf("%v, %v, %v", got, o.waiting(), o.outcomes)
	}
	who := storetest.Pair(1, 1)
	want := fmt.Sprintf(`{"type":"portico.alert","timestamp":"2026-11-02T12:00:00Z","data":{"notices":[{"on":"first_view","deal":%q,"viewer":%q,"at":"2026-11-02T12:00:00Z"}]}}`, who.Deal.Path(), who.Viewer.Text())
	if got[0].body != want {
		t.Error(got[0].body)
	}
	h := got[0].header
	if at := h.Get("webhook-timestamp"); at != fmt.Sprint(o.clock().Unix()) || h.Get("webhook-signature") != deliver.Sign(secret, h.Get("webhook-id"), at, want) || h.Get("Content-Type") != "application/json" {
		t.Errorf("%v", h)
	}
}

// Nobody is told of a burst's or a silence's viewer: there is none.
func TestNoticesOfADeal(t *testing.T) {
	o, r := open(t, nil), receive(t)
	o.set("HOOK", r.URL)
	now := o.clock().UnixMilli()
	if err := o.store.Tell(context.Background(), []collect.Notice{{Key: "k", Pair: beacon.Pair{Deal: storetest.Pair(1, 1).Deal}, On: beacon.Silence, At: now, Due: now, Route: hook()}}); err != nil {
		t.Fatal(err)
	}
	o.round()
	if got := r.taken(); len(got) != 1 || strings.Contains(got[0].body, "viewer") || !strings.Contains(got[0].body, `"on":"silence"`) {
		t.Errorf("%+v", got)
	}
}

func TestChat(t *testing.T) {
	o, r := open(t, nil), receive(t)
	o.set("CHAT", r.URL+"/services/T0/B0/canary")
	o.tell(1, beacon.Alert{On: beacon.Triggers(), Via: beacon.Slack, Env: "CHAT"})
	o.round()
	deal := storetest.Pair(1, 1).Deal.Path()
	got := r.taken()
	want := `{"text":"*A viewer opened the plan for the first time (deal ` + deal + `)*\nDeal ` + deal + `\n- A viewer opened the plan for the first time: 2 Nov 2026, 12:00 (UTC)\nNames: portico report ` + deal + `\n\nThe collector knows no names: `
	if len(got) != 1 || !strings.HasPrefix(got[0].body, want) {
		t.Errorf("%+v", got)
	}
}

// A digest is one message for whom it is for, whatever deals it is about, and the
// same one when it is sent again.
func TestDigests(t *testing.T) {
	o, r := open(t, nil), receive(t)
	o.set("HOOK", r.URL)
	o.set("OTHER", r.URL)
	o.set("OTHER_SECRET", secret)
	daily := hook()
	daily.Digest = beacon.Daily
	other := daily
	other.Env = "OTHER"
	o.tell(1, daily)
	o.tell(2, daily)
	o.tell(3, other)
	o.tell(4, hook())
	r.answer(500)
	o.round()
	r.answer(204)
	o.pass(8 * time.Second)
	o.store.forget(true)
	o.round()
	o.store.forget(false)
	first := r.each()
	o.tell(5, daily) // does not join what was put together before
	o.pass(3 * time.Minute)
	o.round()
	if len(first) != 3 || len(o.waiting()) != 0 {
		t.Fatalf("%v, and %d wait", first, len(o.waiting()))
	}
	again := r.each()
	for id := range first {
		if again[id] != 2 {
			t.Errorf("%s was sent %d times", id, again[id])
		}
	}
	if len(again) != 4 {
		t.Errorf("%v", again)
	}
	if body := r.taken()[0].body; strings.Contains(body, "daily") == strings.Contains(body, `"data":{"notices"`) {
		t.Error(body)
	}
}

// Whoever has it already knows it by its id, and gets the very same again.
func TestKilledBeforeItWasNoted(t *testing.T) {
	o, r := open(t, nil), receive(t)
	o.set("HOOK", r.URL)
	o.tell(1, hook())
	o.store.forget(true)
	o.round()
	o.store.forget(false)
	o.pass(time.Minute)
	o.round() // nobody else gets it while it is taken
	if got := r.taken(); len(got) != 1 {
		t.Fatalf("%+v", got)
	}
	o.pass(2 * time.Minute)
	o.round()
	got := r.taken()
	if len(got) != 2 || got[0].body != got[1].body || len(r.each()) != 1 || len(o.waiting()) != 0 {
		t.Errorf("%+v", got)
	}
}

// live through some time, step by step.
func (o *office) live(through, step time.Duration, each func(n int)) {
	for n := range int(through / step) {
		if each != nil {
			each(n)
		}
		o.round()
		o.pass(step)
	}
}

func TestDeadForAnHour(t *testing.T) {
	o, r := open(t, nil), receive(t)
	o.set("HOOK", r.URL)
	r.answer(503)
	o.live(time.Hour, time.Minute, func(minute int) { o.tell(minute, hook()) })
	r.answer(204)
	if len(r.taken()) != 0 {
		t.Error("it was not dead")
	}
	o.live(90*time.Minute, time.Minute, nil)
	if seen := r.each(); len(seen) != 60 || len(r.taken()) != 60 || len(o.waiting())+len(o.dead()) != 0 {
		t.Errorf("%d of 60 arrived, %d times; %d wait", len(seen), len(r.taken()), len(o.waiting()))
	}
}

func TestDeadForThreeDays(t *testing.T) {
	for what, c := range map[string]struct {
		long    time.Duration
		givenUp bool
	}{
		"72 hours":  {72 * time.Hour, false},
		"five days": {5 * 24 * time.Hour, true},
	} {
		t.Run(what, func(t *testing.T) {
			o, r := open(t, nil), receive(t)
			o.set("HOOK", "http://"+nobody(t))
			for n := range 5 {
				o.tell(n, hook())
			}
			o.live(c.long, 5*time.Minute, nil)
			o.set("HOOK", r.URL)
			o.live(90*time.Minute, 5*time.Minute, nil)
			dead := o.dead()
			if c.givenUp {
				if len(dead) != 5 || len(r.taken()) != 0 || dead[0].Why != "it refused the connection" || o.outcomes[collect.GivenUp] != 5 {
					t.Errorf("%+v, %v", dead, o.outcomes)
				}
				if n, err := o.store.Retry(context.Background(), o.clock().UnixMilli()); n != 5 || err != nil {
					t.Errorf("%d, %v", n, err)
				}
				o.round()
			}
			if seen := r.each(); len(seen) != 5 || len(r.taken()) != 5 || len(o.waiting())+len(o.dead()) != 0 {
				t.Errorf("%v; %d wait, %d are dead", seen, len(o.waiting()), len(o.dead()))
			}
		})
	}
}

// Several instances on one store send each notice once between them.
func TestInstances(t *testing.T) {
	o, r := open(t, nil), receive(t)
	o.set("HOOK", r.URL)
	const notices = 60
	for n := range notices {
		o.tell(n, hook())
	}
	var running sync.WaitGroup
	for range 3 {
		d := o.another(nil)
		running.Go(func() {
			for range 5 {
				if err := d.Round(context.Background()); err != nil {
					t.Error(err)
				}
			}
			d.Settle()
		})
	}
	running.Wait()
	if seen := r.each(); len(seen) != notices || len(r.taken()) != notices {
		t.Errorf("%d arrived, %d times", len(seen), len(r.taken()))
	}
}

// A way out that hangs keeps nothing from going out by another.
func TestOneHangs(t *testing.T) {
	hanging := make(chan struct{})
	var held sync.WaitGroup
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hanging }))
	defer slow.Close()
	o, r := open(t, nil), receive(t)
	o.set("SLOW", slow.URL)
	o.set("HOOK", r.URL)
	o.tell(1, beacon.Alert{On: beacon.Triggers(), Via: beacon.Slack, Env: "SLOW"})
	o.tell(2, hook())
	if err := o.Round(context.Background()); err != nil {
		t.Fatal(err)
	}
	held.Go(func() {
		defer close(hanging)
		for began := time.Now(); len(r.taken()) == 0 && time.Since(began) < 8*time.Second; time.Sleep(time.Millisecond) {
		}
	})
	held.Wait()
	if len(r.taken()) != 1 {
		t.Error("it waited for another")
	}
}

// A collector that ends lets go of what it has not begun to send.
func TestEnd(t *testing.T) {
	o, r := open(t, nil), receive(t)
	o.set("HOOK", r.URL)
	for n := range 3 {
		o.tell(n, hook())
	}
	ended, end := context.WithCancel(context.Background())
	end()
	o.Run(ended)
	if len(r.taken()) != 0 {
		t.Error("it began something new")
	}
	o.pass(3 * time.Minute)
	o.round()
	if len(r.each()) != 3 {
		t.Errorf("%v", r.each())
	}
}

// routed is a routing out of a file, as the collector has it.
func routed(t *testing.T, r beacon.Routing) *collect.Routes {
	t.Helper()
	data, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "beacon.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	routes, err := collect.OpenRoutes(file)
	if err != nil {
		t.Fatal(err)
	}
	return routes
}

// Test and Check go by the routing file.
func TestWays(t *testing.T) {
	r := receive(t)
	mail := beacon.Alert{On: beacon.Triggers(), Via: beacon.Mail, Env: "MAIL", To: []string{"mara@lumen.example", "jonas@lumen.example"}}
	routing := beacon.Routing{Origins: []string{"https://deals.lumen.example"}, Locale: "de", Deals: map[seal.DealID]beacon.DealRouting{
		storetest.Pair(1, 1).Deal: {Alerts: []beacon.Alert{hook(), mail}},
		storetest.Pair(2, 1).Deal: {Alerts: []beacon.Alert{hook(), {On: beacon.Triggers(), Via: beacon.Slack, Env: "CHAT"}}},
	}}
	routes := routed(t, routing)
	o := open(t, func(opts *deliver.Options) { opts.Routes = routes })
	o.set("HOOK", r.URL)
	o.set("CHAT", r.URL)
	var said []string
	for _, w := range o.Test(context.Background()) {
		said = append(said, fmt.Sprint(w.Via, " ", w.Env, " ", w.To, " ", w.Problem))
	}
	want := []string{"mail MAIL jonas@lumen.example MAIL is not set where the collector runs", "mail MAIL mara@lumen.example MAIL is not set where the collector runs", "slack CHAT  <nil>", "webhook HOOK  <nil>"}
	if !slices.Equal(said, want) {
		t.Errorf("%q", said)
	}
	if got := r.taken(); len(got) != 2 || !strings.Contains(got[0].body, "Das ist ein Test") || !strings.Contains(got[1].body, "portico.test") {
		t.Errorf("%+v", got)
	}
	for _, w := range o.Check() {
		if (w.Problem != nil) != (w.Via == beacon.Mail) {
			t.Errorf("%+v", w)
		}
	}
	if len(r.taken()) != 2 {
		t.Error("a check has sent something")
	}
}
