// Package storetest is what every Store must do, as tests that each store's own
// test runs.
package storetest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"portico/internal/beacon"
	"portico/internal/beacon/collect"
	"portico/internal/seal"
)

// Run every test, each with an empty store of its own.
func Run(t *testing.T, open func(t *testing.T) collect.Store) {
	for name, test := range map[string]func(*testing.T, collect.Store){
		"keeps each event once":            once,
		"keeps nothing of what is refused": refuses,
		"remembers viewers":                viewers,
		"hands out everything in order":    exports,
		"loses nothing between readers":    concurrent,
		"makes sums of old events":         sweeps,
		"counts a session once":            sessions,
		"ends cursors that hold no more":   gone,
		"erases":                           erases,
		"finds quiet deals":                quiet,
		"tells once":                       tells,
		"leases, fails and retries":        leases,
		"leases to one alone":              leasesOnce,
		"outlives a clock that was ahead":  ahead,
		"is well":                          probes,
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			test(t, s)
		})
	}
}

// Now is the time of these tests.
func Now() time.Time { return time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC) }

// Session makes the n-th session that began at a time.
func Session(began time.Time, n int) beacon.Session {
	var s beacon.Session
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(began.UnixMilli()))
	copy(s[:], ms[2:])
	s[6], s[8] = 0x70, 0x80
	binary.BigEndian.PutUint32(s[12:], uint32(n))
	return s
}

// Pair is the n-th viewer of a deal.
func Pair(deal, viewer byte) beacon.Pair {
	return beacon.Pair{Deal: seal.DealID{deal, 0xd}, Viewer: seal.ViewerID{viewer, deal, 0xe}}
}

// Batch has events of a viewer's session with the numbers from to below to, each
// of a section that was in sight a second longer.
func Batch(who beacon.Pair, s beacon.Session, from, to int, at time.Time) collect.Batch {
	b := collect.Batch{Pair: who, Session: s}
	for n := from; n < to; n++ {
		b.Events = append(b.Events, beacon.Event{
			Session: s, Seq: uint32(n), Deal: who.Deal, Viewer: who.Viewer, Kind: beacon.Section, Target: beacon.Target{1},
			Ms: uint32(1000 * (n + 1)), Progress: uint16(n), At: at.UnixMilli() - 5, Received: at.UnixMilli(), Device: beacon.Phone,
		})
	}
	return b
}

// all lets everything be kept, and says so of its viewers.
func all(v collect.Viewer, b collect.Batch, begins bool) (collect.Viewer, []collect.Notice, error) {
	v.Events += len(b.Events)
	if begins {
		v.Sessions++
	}
	if v.First == 0 {
		v.First = b.Events[0].Received
	}
	v.Last = b.Events[0].Received
	return v, nil, nil
}

func write(t *testing.T, s collect.Store, batches ...collect.Batch) {
	t.Helper()
	refused, err := s.Write(context.Background(), batches, all)
	if err != nil || slices.ContainsFunc(refused, func(e error) bool { return e != nil }) {
		t.Fatalf("%v, %v", refused, err)
	}
}

// read everything behind a cursor, in pages.
func read(t *testing.T, s collect.Store, at beacon.Cursor, limit int) (events []beacon.Event, sums []beacon.Sum, end beacon.Cursor) {
	t.Helper()
	for {
		page, err := s.Export(context.Background(), at, limit)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Lines) > limit || page.More && len(page.Lines) == 0 {
			t.Fatalf("%d lines of at most %d, and more: %v", len(page.Lines), limit, page.More)
		}
		for _, l := range page.Lines {
			switch {
			case l.Event != nil:
				events = append(events, *l.Event)
			case l.Sum != nil && len(events) == 0:
				sums = append(sums, *l.Sum)
			default:
				t.Fatalf("%+v", l)
			}
		}
		if at = page.End; !page.More {
			return events, sums, at
		}
	}
}

func once(t *testing.T, s collect.Store) {
	one := Batch(Pair(1, 1), Session(Now(), 1), 0, 3, Now())
	later := Batch(Pair(1, 1), Session(Now(), 1), 1, 5, Now().Add(time.Minute))
	write(t, s, one)
	write(t, s, one, later, one)
	events, sums, _ := read(t, s, beacon.Cursor{}, 10)
	if want := slices.Concat(one.Events, later.Events[2:]); !slices.Equal(events, want) || sums != nil {
		t.Errorf("%+v", events)
	}
}

func refuses(t *testing.T, s collect.Store) {
	no := errors.New("no")
	bad := Pair(1, 2)
	decide := func(v collect.Viewer, b collect.Batch, begins bool) (collect.Viewer, []collect.Notice, error) {
		if b.Pair == bad {
			return collect.Viewer{Events: 99}, []collect.Notice{notice("n", b.Pair, 0)}, no
		}
		if !begins {
			t.Error("what was refused began a session")
		}
		return all(v, b, begins)
	}
	good := Batch(Pair(1, 1), Session(Now(), 1), 0, 1, Now())
	same := Batch(Pair(1, 1), Session(Now(), 2), 0, 1, Now())
	refused, err := s.Write(context.Background(), []collect.Batch{Batch(bad, Session(Now(), 2), 0, 4, Now()), good, Batch(bad, Session(Now(), 3), 0, 4, Now()), same}, decide)
	if err != nil || !reflect.DeepEqual(refused, []error{no, nil, no, nil}) {
		t.Fatalf("%v, %v", refused, err)
	}
	if events, _, _ := read(t, s, beacon.Cursor{}, 10); !slices.Equal(events, slices.Concat(good.Events, same.Events)) {
		t.Errorf("%+v", events)
	}
	if out := lease(t, s, Now().UnixMilli(), Now().UnixMilli()); len(out) != 0 {
		t.Errorf("somebody is told of it: %+v", out)
	}
	write(t, s, Batch(bad, Session(Now(), 5), 0, 1, Now()))
	_, err = s.Write(context.Background(), []collect.Batch{Batch(bad, Session(Now(), 5), 1, 2, Now())}, func(v collect.Viewer, _ collect.Batch, _ bool) (collect.Viewer, []collect.Notice, error) {
		if v.Events != 1 {
			t.Errorf("the viewer is %+v", v)
		}
		return v, nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func viewers(t *testing.T, s collect.Store) {
	want := collect.Viewer{First: 1, Last: 2, Priced: Session(Now(), 9), Day: 3, Events: 4, Sessions: 5}
	who := Pair(1, 1)
	var seen []collect.Viewer
	var began []bool
	decide := func(v collect.Viewer, _ collect.Batch, begins bool) (collect.Viewer, []collect.Notice, error) {
		seen, began = append(seen, v), append(began, begins)
		after := want
		after.Events += len(seen)
		return after, nil, nil
	}
	first, second := Batch(who, Session(Now(), 1), 0, 1, Now()), Batch(who, Session(Now(), 2), 0, 1, Now())
	for _, batches := range [][]collect.Batch{{first, first}, {second, first}, {Batch(Pair(1, 2), Session(Now(), 3), 0, 1, Now())}} {
		if _, err := s.Write(context.Background(), batches, decide); err != nil {
			t.Fatal(err)
		}
	}
	step := func(n int) collect.Viewer { v := want; v.Events += n; return v }
	if !slices.Equal(seen, []collect.Viewer{{}, step(1), step(2), step(3), {}}) || !slices.Equal(began, []bool{true, false, true, false, true}) {
		t.Errorf("%+v, %v", seen, began)
	}
}

func exports(t *testing.T, s collect.Store) {
	var want []beacon.Event
	for n := range 7 {
		b := Batch(Pair(1, byte(n)), Session(Now(), n), 0, 3, Now())
		b.Events[0] = beacon.Event{Session: b.Session, Deal: b.Deal, Viewer: b.Viewer, Kind: beacon.Open, At: 1, Received: b.Events[0].Received, Automated: true}
		b.Events[1].Seq, b.Events[1].Ms, b.Events[1].Progress = 1<<32-1, 1<<32-1, 1000
		write(t, s, b)
		want = append(want, b.Events...)
	}
	for _, limit := range []int{1, 3, 20, 21, 22, 1000} {
		if events, _, end := read(t, s, beacon.Cursor{}, limit); !slices.Equal(events, want) || end == (beacon.Cursor{}) {
			t.Errorf("in pages of %d: %+v", limit, events)
		}
	}
	_, _, end := read(t, s, beacon.Cursor{}, 5)
	if events, _, again := read(t, s, end, 5); len(events) != 0 || again != end {
		t.Errorf("behind the end: %+v at %+v", events, again)
	}
	more := Batch(Pair(1, 1), Session(Now().Add(-time.Hour), 99), 0, 2, Now())
	write(t, s, more)
	if events, _, _ := read(t, s, end, 5); !slices.Equal(events, more.Events) {
		t.Errorf("what came later: %+v", events)
	}
}

// concurrent readers that go on from their cursors see each event once while
// several write.
func concurrent(t *testing.T, s collect.Store) {
	const writers, each = 4, 50
	var writing sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			for n := range each {
				b := Batch(Pair(1, byte(w)), Session(Now(), w*each+n), 0, 2, Now())
				if _, err := s.Write(context.Background(), []collect.Batch{b}, all); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { writing.Wait(); close(done) }()
	seen := map[string]int{}
	var at beacon.Cursor
	for over := false; !over; {
		select {
		case <-done:
			over = true
		default:
		}
		var events []beacon.Event
		events, _, at = read(t, s, at, 7)
		for _, e := range events {
			seen[fmt.Sprint(e.Session.Text(), e.Seq)]++
		}
	}
	for key, n := range seen {
		if n != 1 {
			t.Errorf("%s was handed out %d times", key, n)
		}
	}
	if len(seen) != writers*each*2 {
		t.Errorf("%d of %d were handed out", len(seen), writers*each*2)
	}
}

func sweep(t *testing.T, s collect.Store, before int) {
	t.Helper()
	for more := true; more; {
		var err error
		if more, err = s.Sweep(context.Background(), before); err != nil {
			t.Fatal(err)
		}
	}
}

func sweeps(t *testing.T, s collect.Store) {
	if h, err := s.Horizon(context.Background()); err != nil || h != 0 {
		t.Errorf("%d, %v", h, err)
	}
	today := Session(Now(), 0).Day()
	old, older := Now().Add(-48*time.Hour), Now().Add(-72*time.Hour)
	fresh := Batch(Pair(1, 1), Session(Now().Add(-12*time.Hour), 3), 0, 2, Now()) // midnight: the first of its day
	write(t, s, Batch(Pair(1, 1), Session(old, 1), 0, 3, Now()), fresh, Batch(Pair(1, 1), Session(old, 2), 0, 2, Now()), Batch(Pair(1, 2), Session(older, 4), 0, 1, Now()))
	driven := Batch(Pair(1, 2), Session(older, 5), 0, 1, Now())
	driven.Events[0].Automated = true
	write(t, s, driven)
	sweep(t, s, today)
	sum := beacon.Sum{Day: today - 2, Deal: Pair(1, 1).Deal, Viewer: Pair(1, 1).Viewer, Kind: beacon.Section, Target: beacon.Target{1}, Ms: 5000, Sessions: 2, Progress: 2}
	other := beacon.Sum{Day: today - 3, Deal: Pair(1, 2).Deal, Viewer: Pair(1, 2).Viewer, Kind: beacon.Section, Target: beacon.Target{1}, Ms: 1000, Sessions: 1}
	machine := other
	machine.Automated = true
	for _, limit := range []int{1, 2, 3, 100} {
		events, sums, _ := read(t, s, beacon.Cursor{}, limit)
		slices.SortFunc(sums, func(a, b beacon.Sum) int {
			return 2*(b.Day-a.Day) + map[bool]int{true: 1, false: -1}[a.Automated]
		})
		if !slices.Equal(events, fresh.Events) || !slices.Equal(sums, []beacon.Sum{sum, other, machine}) {
			t.Errorf("in pages of %d: %+v, %+v", limit, events, sums)
		}
	}
	if h, err := s.Horizon(context.Background()); err != nil || h != today {
		t.Errorf("%d, %v", h, err)
	}
	write(t, s, Batch(Pair(1, 1), Session(old, 6), 0, 1, Now())) // came late
	sweep(t, s, today)
	_, sums, _ := read(t, s, beacon.Cursor{}, 100)
	sum.Ms, sum.Sessions = 6000, 3
	if !slices.Contains(sums, sum) || len(sums) != 3 {
		t.Errorf("%+v", sums)
	}
}

// sessions are swept whole, however many events are swept together.
func sessions(t *testing.T, s collect.Store) {
	const events = 4700
	old := Session(Now().Add(-48*time.Hour), 1)
	for n := 0; n < events; n += 50 {
		write(t, s, Batch(Pair(1, 1), old, n, n+50, Now()), Batch(Pair(1, 2), Session(Now().Add(-48*time.Hour), 100+n), 0, 1, Now()))
	}
	sweep(t, s, Session(Now(), 0).Day())
	left, sums, _ := read(t, s, beacon.Cursor{}, 100)
	if len(left) != 0 || len(sums) != 2 {
		t.Fatalf("%d events are left, and %+v", len(left), sums)
	}
	for _, sum := range sums {
		want, ms := uint32(1), uint64(1000*events)
		if sum.Viewer == Pair(1, 2).Viewer {
			want, ms = events/50, 1000*events/50
		}
		if sum.Sessions != want || sum.Ms != ms {
			t.Errorf("%+v", sum)
		}
	}
}

func gone(t *testing.T, s collect.Store) {
	ctx := context.Background()
	isGone := func(what string, at beacon.Cursor, want bool) {
		t.Helper()
		if _, err := s.Export(ctx, at, 10); errors.Is(err, collect.ErrGone) != want {
			t.Errorf("%s: %v", what, err)
		}
	}
	old := Now().Add(-48 * time.Hour)
	write(t, s, Batch(Pair(1, 1), Session(old, 1), 0, 3, Now()))
	early, err := s.Export(ctx, beacon.Cursor{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	_, _, end := read(t, s, beacon.Cursor{}, 10)
	write(t, s, Batch(Pair(1, 1), Session(Now(), 2), 0, 1, Now()))
	sweep(t, s, Session(Now(), 0).Day())
	isGone("amid what became sums", early.End, true)
	isGone("behind what became sums", end, false)
	if events, sums, _ := read(t, s, end, 10); len(events) != 1 || len(sums) != 0 {
		t.Errorf("%+v, %+v", events, sums)
	}
	foreign := end
	foreign.Epoch++
	isGone("of another epoch", foreign, true)
	amid, err := s.Export(ctx, beacon.Cursor{}, 1) // of one sum
	if err != nil || amid.Lines[0].Sum == nil {
		t.Fatal(amid, err)
	}
	isGone("amid sums", amid.End, false)
	if _, err := s.Erase(ctx, Pair(9, 9)); err != nil {
		t.Fatal(err)
	}
	isGone("before something was erased", end, true)
}

func erases(t *testing.T, s collect.Store) {
	ctx := context.Background()
	who, other := Pair(1, 1), Pair(1, 2)
	for n, p := range []beacon.Pair{who, other, {Deal: Pair(2, 1).Deal, Viewer: who.Viewer}} {
		write(t, s, Batch(p, Session(Now(), n), 0, 2, Now()), Batch(p, Session(Now().Add(-48*time.Hour), n), 0, 2, Now()))
		if err := s.Tell(ctx, []collect.Notice{notice(fmt.Sprint(n), p, Now().UnixMilli())}); err != nil {
			t.Fatal(err)
		}
	}
	sweep(t, s, Session(Now(), 0).Day())
	if n, err := s.Erase(ctx, who); n != 3 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	events, sums, _ := read(t, s, beacon.Cursor{}, 10)
	for _, e := range events {
		if (beacon.Pair{Deal: e.Deal, Viewer: e.Viewer}) == who {
			t.Errorf("%+v is left", e)
		}
	}
	for _, e := range sums {
		if (beacon.Pair{Deal: e.Deal, Viewer: e.Viewer}) == who {
			t.Errorf("%+v is left", e)
		}
	}
	if out := lease(t, s, Now().UnixMilli(), Now().UnixMilli()+1); len(events) != 4 || len(sums) != 2 || len(out) != 2 {
		t.Errorf("%d events, %d sums, %d notices", len(events), len(sums), len(out))
	}
	_, err := s.Write(ctx, []collect.Batch{Batch(who, Session(Now(), 0), 0, 1, Now())}, func(v collect.Viewer, b collect.Batch, begins bool) (collect.Viewer, []collect.Notice, error) {
		if v != (collect.Viewer{}) || !begins {
			t.Errorf("the viewer is %+v, and begins: %v", v, begins)
		}
		return all(v, b, begins)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func quiet(t *testing.T, s collect.Store) {
	at := func(d time.Duration) time.Time { return Now().Add(d) }
	write(t, s, Batch(Pair(1, 1), Session(Now(), 1), 0, 1, at(-3*time.Hour)), Batch(Pair(1, 2), Session(Now(), 2), 0, 1, at(-time.Hour)),
		Batch(Pair(2, 1), Session(Now(), 3), 0, 1, at(-2*time.Hour)), Batch(Pair(3, 1), Session(Now(), 4), 0, 1, at(-9*time.Hour)))
	got, err := s.Quiet(context.Background(), at(-4*time.Hour).UnixMilli(), at(-2*time.Hour).UnixMilli())
	if err != nil || !slices.Equal(got, []collect.Quiet{{Deal: Pair(2, 1).Deal, Last: at(-2 * time.Hour).UnixMilli()}}) {
		t.Errorf("%+v, %v", got, err)
	}
}

func notice(key string, who beacon.Pair, due int64) collect.Notice {
	return collect.Notice{Key: key, Pair: who, On: beacon.FirstView, At: 5, Due: due, Route: beacon.Alert{On: []beacon.Trigger{beacon.FirstView}, Via: beacon.Slack, Env: "HOOK"}}
}

func lease(t *testing.T, s collect.Store, now, until int64) []collect.Outgoing {
	t.Helper()
	out, err := s.Lease(context.Background(), now, until, 10)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func tells(t *testing.T, s collect.Store) {
	ctx := context.Background()
	who, now := Pair(1, 1), Now().UnixMilli()
	first := notice("first", who, now)
	decide := func(v collect.Viewer, b collect.Batch, begins bool) (collect.Viewer, []collect.Notice, error) {
		return v, []collect.Notice{first}, nil
	}
	for range 2 {
		if _, err := s.Write(ctx, []collect.Batch{Batch(who, Session(Now(), 1), 0, 1, Now())}, decide); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Tell(ctx, []collect.Notice{first, notice("second", Pair(1, 2), now+1)}); err != nil {
		t.Fatal(err)
	}
	out := lease(t, s, now, now+100)
	if len(out) != 1 || !reflect.DeepEqual(out[0].Notice, first) || out[0].Attempts != 0 {
		t.Fatalf("%+v", out)
	}
	if err := s.Done(ctx, now, out[0].ID); err != nil {
		t.Fatal(err)
	}
	if err := s.Tell(ctx, []collect.Notice{first}); err != nil {
		t.Fatal(err)
	}
	if err := s.Forget(ctx, now); err != nil { // not before now
		t.Fatal(err)
	}
	if out := lease(t, s, now+1, now+1000); len(out) != 1 || out[0].Key != "second" {
		t.Errorf("%+v", out)
	}
	if err := s.Forget(ctx, now+1); err != nil {
		t.Fatal(err)
	}
	if err := s.Tell(ctx, []collect.Notice{first}); err != nil {
		t.Fatal(err)
	}
	if out := lease(t, s, now+1, now+1000); len(out) != 1 || out[0].Key != "first" {
		t.Errorf("after it was forgotten: %+v", out)
	}
}

func leases(t *testing.T, s collect.Store) {
	ctx := context.Background()
	now := Now().UnixMilli()
	if err := s.Tell(ctx, []collect.Notice{notice("a", Pair(1, 1), now), notice("b", Pair(1, 1), now+5), notice("c", Pair(1, 1), now+500)}); err != nil {
		t.Fatal(err)
	}
	out := lease(t, s, now+10, now+100)
	if len(out) != 2 || out[0].Key != "a" || out[1].Key != "b" || len(lease(t, s, now+50, now+100)) != 0 {
		t.Fatalf("%+v", out)
	}
	if again := lease(t, s, now+100, now+200); len(again) != 2 {
		t.Errorf("what nobody finished is not given out again: %+v", again)
	}
	if err := errors.Join(s.Fail(ctx, out[0].ID, now+300, "no route"), s.Fail(ctx, out[1].ID, 0, "gave up")); err != nil {
		t.Fatal(err)
	}
	if again := lease(t, s, now+299, now+400); len(again) != 0 {
		t.Errorf("%+v", again)
	}
	again := lease(t, s, now+300, now+400)
	if len(again) != 1 || again[0].Key != "a" || again[0].Attempts != 1 || again[0].Why != "no route" {
		t.Errorf("%+v", again)
	}
	dead, err := s.Dead(ctx)
	if err != nil || len(dead) != 1 || dead[0].Key != "b" || dead[0].Why != "gave up" || dead[0].Attempts != 1 {
		t.Errorf("%+v, %v", dead, err)
	}
	if n, err := s.Retry(ctx, now, out[0].ID); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := s.Retry(ctx, now, out[1].ID); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := s.Retry(ctx, now); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if again := lease(t, s, now, now+1); len(again) != 1 || again[0].Key != "b" || again[0].Attempts != 0 {
		t.Errorf("%+v", again)
	}
}

// leasesOnce gives each notice to one of several who ask at the same time, and
// one who asks alone gets the first that are due in their order.
func leasesOnce(t *testing.T, s collect.Store) {
	ctx := context.Background()
	now := Now().UnixMilli()
	const notices, askers = 90, 3
	var all []collect.Notice
	for n := range notices {
		all = append(all, notice(fmt.Sprintf("%03d", n), Pair(1, byte(n)), now-int64(notices-n)))
	}
	if err := s.Tell(ctx, all); err != nil {
		t.Fatal(err)
	}
	if out := lease(t, s, now, now+5); len(out) != 10 || out[0].Key != "000" || out[9].Key != "009" {
		t.Errorf("%+v", out)
	}
	var mu sync.Mutex
	var asking sync.WaitGroup
	seen := map[string]int{}
	for range askers {
		asking.Go(func() {
			for range notices/10 + 1 {
				out, err := s.Lease(ctx, now+10, now+1000, 10)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				for _, o := range out {
					seen[o.Key]++
				}
				mu.Unlock()
			}
		})
	}
	asking.Wait()
	for key, n := range seen {
		if n != 1 {
			t.Errorf("%s was given out %d times", key, n)
		}
	}
	if len(seen) != notices {
		t.Errorf("%d of %d were given out", len(seen), notices)
	}
}

// What was put off while the clock was a year ahead does not wait for a year.
func ahead(t *testing.T, s collect.Store) {
	now, year := Now().UnixMilli(), int64(365*24*time.Hour/time.Millisecond)
	weekly := notice("weekly", Pair(1, 1), now)
	weekly.Due = now + collect.Farthest.Milliseconds()
	if err := s.Tell(context.Background(), []collect.Notice{notice("leased", Pair(1, 2), now), weekly}); err != nil {
		t.Fatal(err)
	}
	if out := lease(t, s, now+year, now+year+1000); len(out) != 2 {
		t.Fatalf("%+v", out)
	}
	if out := lease(t, s, now, now+1000); len(out) != 2 || out[0].Due != now+year+1000 {
		t.Errorf("once the clock is right: %+v", out)
	}
	if out := lease(t, s, now, now+1000); len(out) != 0 {
		t.Errorf("what is leased: %+v", out)
	}
	if err := s.Tell(context.Background(), []collect.Notice{{Key: "other", Pair: weekly.Pair, On: weekly.On, At: now, Due: weekly.Due, Route: weekly.Route}}); err != nil {
		t.Fatal(err)
	}
	if out := lease(t, s, now, now+1000); len(out) != 0 {
		t.Errorf("what is due in nine days: %+v", out)
	}
}

func probes(t *testing.T, s collect.Store) {
	h, err := s.Probe(context.Background())
	if err != nil || h.Free == 0 {
		t.Errorf("%+v, %v", h, err)
	}
}
