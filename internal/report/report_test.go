package report

import (
	"bytes"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portico/internal/beacon"
	"portico/internal/seal"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, write func(io.Writer) error) {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("%s (run with -update if this is meant):\n%s", name, diff)
	}
}

func TestGolden(t *testing.T) {
	r := whole().report(time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC))
	golden(t, "deal.txt", func(w io.Writer) error { return r.WriteText(w, Style{}) })
	golden(t, "color.txt", func(w io.Writer) error { return r.WriteText(w, Style{Color: true}) })
	golden(t, "report.json", r.WriteJSON)
	golden(t, "report.csv", r.WriteCSV)
	s, before := whole(), now().Add(-48*time.Hour)
	quiet := Plan{ID: "quiet", Buyer: "Quiet & Co", Key: seal.DealID{2}, Zone: time.UTC}
	open := Plan{ID: "open", Buyer: "Open House", Key: seal.DealID{3}, Zone: time.UTC, Silent: "public: nobody unlocks it"}
	in := Input{Data: s.Data, Plans: []Plan{s.plan, quiet, open, {ID: "ended", Key: seal.DealID{4}, Removed: true}}, Now: now(), Zone: time.UTC, Seen: map[seal.DealID]Seen{s.plan.Key: {before, before.UnixMilli()}}}
	gone := in.Events[0]
	gone.Deal, gone.Seq = seal.DealID{8}, 5000
	in.Events = append(in.Events, gone)
	several := Make(in)
	golden(t, "overview.txt", func(w io.Writer) error { return several.WriteText(w, Style{}) })
}

// What a report says depends neither on the order in which events came nor on
// how often one did.
func TestOrderAndRepetition(t *testing.T) {
	s := whole()
	known := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	want := s.report(known)
	random := rand.New(rand.NewPCG(1, 2))
	for range 30 {
		other := *s
		other.Data = Data{}
		for _, e := range s.Events {
			for range 1 + random.IntN(3) {
				other.Events = append(other.Events, e)
			}
		}
		other.Sums = append(append(other.Sums, s.Sums...), s.Sums...)
		random.Shuffle(len(other.Events), func(i, j int) { other.Events[i], other.Events[j] = other.Events[j], other.Events[i] })
		random.Shuffle(len(other.Sums), func(i, j int) { other.Sums[i], other.Sums[j] = other.Sums[j], other.Sums[i] })
		if diff := cmp.Diff(want, other.report(known)); diff != "" {
			t.Fatal(diff)
		}
	}
}

// Whatever came, parts add up to no more than the whole, and scores keep to
// their bounds.
func TestSums(t *testing.T) {
	for seed := range uint64(40) {
		s := newStory(seed)
		for range 1 + s.random.IntN(30) {
			s.session(now().Add(-time.Duration(s.random.IntN(60*24))*time.Hour), byte(1+s.random.IntN(9)), beacon.Device(s.random.IntN(4)), s.random.IntN(80), func(e *beacon.Event) { e.Automated = e.Session[15]%5 == 0 })
		}
		d := s.report(time.Time{}).Deals[0]
		var visits, automated int
		var active Span
		for _, v := range d.Viewers {
			visits, automated, active = visits+v.Visits, automated+v.Automated, active+v.Active
			scoreHolds(t, v.Score)
			if v.Visits > 0 && (v.First.After(v.Last) || v.Last.After(d.Last) || v.First.Before(d.First)) {
				t.Errorf("seed %d: %s came from %v to %v, and the deal's visits were from %v to %v", seed, v.Name, v.First, v.Last, d.First, d.Last)
			}
		}
		scoreHolds(t, d.Score)
		var onDays int
		for _, day := range d.Days {
			onDays += day.Visits
		}
		if visits != d.Visits || automated != d.Automated || active != d.Active || onDays != d.Visits {
			t.Errorf("seed %d: viewers come to %d visits, %d automated and %s, days to %d, the deal to %d, %d and %s", seed, visits, automated, active, onDays, d.Visits, d.Automated, d.Active)
		}
		if d.News.Visits != d.Visits || d.News.Active != d.Active {
			t.Errorf("seed %d: all is new at first, and of %d visits %d are", seed, d.Visits, d.News.Visits)
		}
		if d.Came+len(d.Absent) != d.Ways {
			t.Errorf("seed %d: %d came and %d did not, of %d", seed, d.Came, len(d.Absent), d.Ways)
		}
	}
}

func scoreHolds(t *testing.T, s Score) {
	t.Helper()
	if s.Value < 0 || s.Value > 5 || len(s.Parts) != 4 {
		t.Errorf("a score of %v in %d parts", s.Value, len(s.Parts))
	}
	for _, g := range s.Parts {
		if g.Value < 0 || g.Value > 1.25 || g.Why == "" {
			t.Errorf("%s is %v because %q", g.Name, g.Value, g.Why)
		}
	}
}

// One more visit never makes a viewer less engaged.
func TestScoreGrows(t *testing.T) {
	for seed := range uint64(40) {
		s := newStory(seed)
		before := 0.0
		for range 12 {
			s.session(now().Add(-time.Duration(1+s.random.IntN(24*40))*time.Hour), 1, beacon.Desktop, s.random.IntN(30))
			after := s.report(time.Time{}).Deals[0].Viewers[0].Score.Value
			if after < before {
				t.Fatalf("seed %d: a visit took the score from %v to %v", seed, before, after)
			}
			before = after
		}
	}
}

func TestScoreOfSomebodyWhoIsThereEveryDay(t *testing.T) {
	s := newStory(1)
	for day := range 10 {
		s.session(now().Add(-time.Duration(24*day)*time.Hour-time.Second), 1, beacon.Desktop, 60)
	}
	if got := s.report(time.Time{}).Deals[0].Viewers[0].Score; got.Value != 5 {
		t.Errorf("the score is %+v", got)
	}
}

func TestLinkInTwoPlaces(t *testing.T) {
	at := now().Add(-5 * time.Hour)
	for _, c := range []struct {
		name          string
		apart         time.Duration
		one, other    beacon.Device
		viewer        byte
		beats         int
		want          bool
		interruptions bool
	}{
		{"phone and desktop, two minutes", time.Minute, beacon.Phone, beacon.Desktop, 1, 12, true, false},
		{"phone and desktop, half a minute", 150 * time.Second, beacon.Phone, beacon.Desktop, 1, 12, false, false},
		{"two windows for two minutes", time.Minute, beacon.Desktop, beacon.Desktop, 1, 12, false, false},
		{"two desktops for ten minutes", time.Minute, beacon.Desktop, beacon.Desktop, 1, 44, true, false},
		{"one after the other", 20 * time.Minute, beacon.Phone, beacon.Desktop, 1, 12, false, false},
		{"a device that is not known", time.Minute, beacon.Phone, beacon.UnknownDevice, 1, 12, false, false},
		{"everybody's passphrase", time.Minute, beacon.Phone, beacon.Desktop, 9, 12, false, false},
		{"a page left open meanwhile", time.Minute, beacon.Phone, beacon.Desktop, 1, 12, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStory(3)
			s.session(at, c.viewer, c.one, c.beats)
			if c.interruptions { // it was left after a minute and taken up again an hour later
				for i := range s.Events {
					if e := &s.Events[i]; e.At > at.Add(time.Minute).UnixMilli() {
						e.At += time.Hour.Milliseconds()
					}
				}
			}
			s.session(at.Add(c.apart), c.viewer, c.other, c.beats)
			got := s.report(time.Time{}).Deals[0].Shared
			if (len(got) == 1) != c.want || len(got) > 1 {
				t.Errorf("found %+v", got)
			}
		})
	}
}

// A scanner that follows a link makes no gesture, so that its page never says
// that it was opened.
func TestWithoutOpeningThereIsNoVisit(t *testing.T) {
	s := newStory(1)
	s.session(now().Add(-time.Hour), 1, beacon.Desktop, 8)
	for i := range s.Events {
		if s.Events[i].Kind == beacon.Open {
			s.Events[i].Kind, s.Events[i].Target = beacon.Section, part(0)
		}
	}
	d := s.report(time.Time{}).Deals[0]
	if d.Visits != 0 || d.Active != 0 || len(d.Parts) != 0 || len(d.Absent) != d.Ways {
		t.Errorf("it counts as %d visits", d.Visits)
	}
}

func TestNewSinceTheLastReport(t *testing.T) {
	s := newStory(1)
	s.session(now().Add(-50*time.Hour), 1, beacon.Desktop, 8)
	known := now().Add(-50*time.Hour + time.Minute + 2*time.Second) // in the middle of the first visit
	s.session(now().Add(-3*time.Hour), 2, beacon.Desktop, 4)
	n := s.report(known).Deals[0].News
	if n.Visits != 1 || len(n.Viewers) != 2 {
		t.Fatalf("new are %+v", n)
	}
	for _, v := range n.Viewers {
		if want := v.ID == "p2"; v.FirstTime != want {
			t.Errorf("%s is there for the first time: %v", v.Name, v.FirstTime)
		}
		if !strings.HasPrefix(v.Sentence(), v.Through) || v.Active != Span(time.Minute) && v.ID == "p1" {
			t.Errorf("%s: %s, %v", v.ID, v.Sentence(), v.Active)
		}
	}
}

func TestCellsAreNoFormulas(t *testing.T) {
	s := newStory(1)
	s.plan.Buyer, s.plan.People[0].Name = "=1+1", `@SUM("a")`
	s.session(now().Add(-time.Hour), 1, beacon.Desktop, 8)
	var b bytes.Buffer
	if err := s.report(time.Time{}).WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{",=1", ",@", "\n="} {
		if strings.Contains(b.String(), bad) {
			t.Errorf("a cell begins with %q", bad)
		}
	}
	if !strings.Contains(b.String(), "'=1+1") {
		t.Error("the buyer is not there")
	}
}

// A visit began when its page was opened, which the page tells once it is sure
// that somebody is there.
func TestVisitBeginsWhenItIsOpened(t *testing.T) {
	s := newStory(5)
	s.session(now(), 2, beacon.Phone, 6)
	if first := s.report(time.Time{}).Deals[0].First; !first.Equal(now()) {
		t.Errorf("it began at %v", first)
	}
}
