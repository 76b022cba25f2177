package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portico/internal/beacon"
	"portico/internal/seal"
)

const token = "a-token-of-more-than-twenty-symbols"

// fake is a collector that holds events and answers in pages, as badly as it is
// told to.
type fake struct {
	events []beacon.Event
	page   int
	asked  atomic.Int32
	// before may spoil an answer, and says whether it did.
	before func(w http.ResponseWriter, asked int) bool
	// cut is how many bytes of an answer come, by its number; 0 for all.
	cut func(asked int) int
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	asked := int(f.asked.Add(1))
	if r.URL.Path != beacon.ExportPath || r.Header.Get("Authorization") != "Bearer "+token {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if f.before != nil && f.before(w, asked) {
		return
	}
	after, _ := strconv.Atoi(r.URL.Query().Get("after"))
	end := min(after+f.page, len(f.events))
	var body []byte
	for i := after; i < end; i++ {
		body = beacon.Line{Cursor: strconv.Itoa(i + 1), Event: &f.events[i]}.Append(body)
	}
	body = beacon.Line{Cursor: strconv.Itoa(end), More: end < len(f.events)}.Append(body)
	if f.cut != nil {
		if n := f.cut(asked); n > 0 {
			body = body[:min(n, len(body)-1)]
		}
	}
	_, _ = w.Write(body) // whoever asked may be gone
}

func fakeEvents(n int) []beacon.Event {
	list := make([]beacon.Event, n)
	for i := range list {
		list[i] = beacon.Event{Session: beacon.Session{6: 0x70, 8: 0x80, 15: byte(i / 50)}, Seq: uint32(i), Deal: seal.DealID{1}, Viewer: seal.ViewerID{byte(i % 5)}, Kind: beacon.Section, Target: beacon.Target{1, byte(i)}, Ms: uint32(i), At: int64(i), Received: int64(i + 1), Device: beacon.Phone}
	}
	return list
}

func clientOf(t *testing.T, h http.Handler) *Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c, err := NewClient(s.URL, token)
	if err != nil {
		t.Fatal(err)
	}
	c.Pause = time.Microsecond
	return c
}

func TestCopyFetchesInPagesAndOnlyWhatIsNew(t *testing.T) {
	f := &fake{events: fakeEvents(95), page: 10}
	c := clientOf(t, f)
	kept := &Copy{Collector: "here"}
	if changed, err := kept.Update(t.Context(), c); err != nil || !changed {
		t.Fatal(changed, err)
	}
	f.events = append(f.events, fakeEvents(100)[95:]...)
	data, err := kept.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	if kept, err = ParseCopy(data, "here"); err != nil {
		t.Fatal(err)
	}
	before := f.asked.Load()
	if _, err := kept.Update(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(f.events, kept.Events); diff != "" {
		t.Error(diff)
	}
	if n := f.asked.Load() - before; n != 1 {
		t.Errorf("five new events took %d answers", n)
	}
	if changed, err := kept.Update(t.Context(), c); err != nil || changed {
		t.Errorf("nothing is new, and the copy says %v, %v", changed, err)
	}
}

// Wherever an answer is cut, what came is kept and the rest is asked for.
func TestAnswerThatIsCutOff(t *testing.T) {
	for at := 1; at < 2000; at += 23 {
		f := &fake{events: fakeEvents(10), page: 10, cut: func(asked int) int {
			if asked == 1 {
				return at
			}
			return 0
		}}
		kept := &Copy{}
		if _, err := kept.Update(t.Context(), clientOf(t, f)); err != nil {
			t.Fatalf("cut at %d: %v", at, err)
		}
		if diff := cmp.Diff(f.events, kept.Events); diff != "" {
			t.Fatalf("cut at %d: %s", at, diff)
		}
	}
}

func TestAnswersThatEndIt(t *testing.T) {
	endless := func(w http.ResponseWriter, _ int) bool {
		_, _ = fmt.Fprintln(w, `{"end":"","more":true}`)
		return true
	}
	long := func(w http.ResponseWriter, _ int) bool {
		_, _ = fmt.Fprintf(w, `{"c":"%s"}`, strings.Repeat("a", 1<<20))
		return true
	}
	foreign := func(w http.ResponseWriter, _ int) bool {
		_, _ = fmt.Fprint(w, "<html>\n<body>\nhello\n")
		return true
	}
	status := func(code int) func(http.ResponseWriter, int) bool {
		return func(w http.ResponseWriter, _ int) bool { w.WriteHeader(code); return true }
	}
	for name, before := range map[string]func(http.ResponseWriter, int) bool{
		"more without end": endless, "a line without end": long, "another page": foreign,
		"always busy": status(503), "forbidden": status(403), "not there": status(404), "bad request": status(400),
	} {
		f := &fake{events: fakeEvents(3), page: 10, before: before}
		kept := &Copy{}
		if _, err := kept.Update(t.Context(), clientOf(t, f)); err == nil {
			t.Errorf("%s: no error", name)
		}
		if len(kept.Events) > 0 || kept.Cursor != "" || f.asked.Load() > 5 {
			t.Errorf("%s: %d events, cursor %q, asked %d times", name, len(kept.Events), kept.Cursor, f.asked.Load())
		}
	}
}

func TestCollectorThatWasBusyOnce(t *testing.T) {
	f := &fake{events: fakeEvents(3), page: 10, before: func(w http.ResponseWriter, asked int) bool {
		if asked == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		return asked == 1
	}}
	kept := &Copy{}
	if _, err := kept.Update(t.Context(), clientOf(t, f)); err != nil || len(kept.Events) != 3 {
		t.Error(len(kept.Events), err)
	}
}

func TestCollectorThatBeganAnew(t *testing.T) {
	f := &fake{events: fakeEvents(20), page: 100}
	c := clientOf(t, f)
	kept := &Copy{}
	if _, err := kept.Update(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	f.events = f.events[:7] // a viewer was erased
	f.before = func(w http.ResponseWriter, asked int) bool {
		if asked == 2 {
			w.WriteHeader(http.StatusGone)
		}
		return asked == 2
	}
	if changed, err := kept.Update(t.Context(), c); err != nil || !changed {
		t.Fatal(changed, err)
	}
	if diff := cmp.Diff(f.events, kept.Events); diff != "" {
		t.Error(diff)
	}
}

func TestTokenGoesNowhereElse(t *testing.T) {
	var heard atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { heard.Add(1) }))
	defer other.Close()
	c := clientOf(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+beacon.ExportPath, http.StatusTemporaryRedirect)
	}))
	var bad *BadCollector
	if _, err := c.Fetch(t.Context(), "", func(beacon.Line) {}); !errors.As(err, &bad) {
		t.Errorf("the error is %v", err)
	}
	if heard.Load() > 0 {
		t.Error("the other host was asked")
	}
}

func TestAddressesOfCollectors(t *testing.T) {
	for address, good := range map[string]bool{
		"https://plans.lumen.example": true, "https://plans.lumen.example/": true, "https://plans.lumen.example/_portal": true, "https://lumen.example/plans/_portal/": true,
		"http://127.0.0.1:8790": true, "http://[::1]:8790": true, "http://localhost:8790": true,
		"http://plans.lumen.example": false, "http://127.0.0.1.evil.example": false, "ftp://127.0.0.1": false, "plans.lumen.example": false,
		"https://user:secret@plans.lumen.example": false, "https://plans.lumen.example/?x=1": false, "": false, "://": false,
	} {
		if _, err := NewClient(address, token); (err == nil) != good {
			t.Errorf("%q: %v", address, err)
		}
	}
	for _, bad := range []string{"", "two words", "a\nline"} {
		if _, err := NewClient("https://plans.lumen.example", bad); err == nil {
			t.Errorf("the token %q is taken", bad)
		} else if bad != "" && strings.Contains(err.Error(), bad) {
			t.Error("the error tells the token")
		}
	}
}

func TestFetchEndsWhenItIsTold(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	f := &fake{before: func(w http.ResponseWriter, _ int) bool { stop(); w.WriteHeader(503); return true }}
	c := clientOf(t, f)
	c.Pause = time.Hour
	if _, err := c.Fetch(ctx, "", func(beacon.Line) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

// What was kept is taken whole or not at all.
func TestCopyThatIsSpoilt(t *testing.T) {
	whole := &Copy{Collector: "here", Cursor: "9", Events: fakeEvents(9), Sums: []beacon.Sum{{Day: 20_000, Deal: seal.DealID{1}, Kind: beacon.Open, Ms: 5, Sessions: 2}}}
	data, err := whole.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParseCopy(data, "here")
	if diff := cmp.Diff(whole, again); err != nil || diff != "" {
		t.Fatal(err, diff)
	}
	for n := range len(data) - 1 {
		if c, err := ParseCopy(data[:n], "here"); err == nil || len(c.Events)+len(c.Sums) > 0 || c.Cursor != "" {
			t.Fatalf("of %d bytes %d are a copy", len(data), n)
		}
	}
	if c, err := ParseCopy(data, "elsewhere"); err == nil || c.Cursor != "" || c.Collector != "elsewhere" {
		t.Error("another collector's copy is taken")
	}
}
