package render

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"portico/internal/deal"
)

// hair is what numbers may be off by for being counted in binary.
const hair = 1e-9

// A label stands on the axis if it is no longer than that, after its line where
// there is room, and no further before it than it has to.
func TestBeside(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		at, width := random.Float64()*100, .1+random.Float64()*130
		back := beside(at, width)
		from, to := at-back*width, at+(1-back)*width
		switch {
		case back < -hair || back > 1+hair:
			t.Errorf("%.2f of a label of %.2f at %.2f stand before its line", back, width, at)
		case from < -hair:
			t.Errorf("a label of %.2f at %.2f begins at %.2f", width, at, from)
		case width <= 100 && to > 100+hair:
			t.Errorf("a label of %.2f at %.2f ends at %.2f", width, at, to)
		case at+width <= 100 && back != 0:
			t.Errorf("a label of %.2f at %.2f has room after its line, and %.2f of it stand before", width, at, back)
		case back > hair && back < 1-hair && at+width-100 < back*width-hair:
			t.Errorf("a label of %.2f at %.2f stands further back than it has to: %.2f", width, at, back)
		}
	}
}

// span is what takes room in a lane.
type span struct{ from, to float64 }

func (s span) meets(o span) bool { return s.from < o.to && o.from < s.to }

// In whatever order spans come each gets a lane in which it meets no other, and
// no lane is begun that is not needed for that one.
func TestLanes(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		spans := make([]span, 1+random.IntN(14))
		for i := range spans {
			from := random.Float64() * 100
			spans[i] = span{from, from + .1 + random.Float64()*30}
		}
		for range 4 {
			random.Shuffle(len(spans), func(i, j int) { spans[i], spans[j] = spans[j], spans[i] })
			place(t, spans)
		}
		slices.SortFunc(spans, func(a, b span) int { return int(a.from*1e6 - b.from*1e6) })
		if got, want := place(t, spans), deepest(spans); got != want {
			t.Errorf("%v take %d lanes from left to right, not the %d that meet at once", spans, got, want)
		}
	}
}

// place puts spans into lanes in their order, and says how many lanes it takes.
func place(t *testing.T, spans []span) int {
	t.Helper()
	var l lanes
	var placed [][]span
	for _, s := range spans {
		lane := l.place(s.from, s.to)
		if lane == len(placed) {
			placed = append(placed, nil)
		}
		if lane < 0 || lane >= len(placed) || len(l) != len(placed) {
			t.Fatalf("%v is in lane %d of %d", s, lane, len(l))
		}
		for i, taken := range placed[:lane+1] {
			if meets := slices.ContainsFunc(taken, s.meets); meets != (i < lane) {
				t.Errorf("%v is in lane %d; in lane %d it meets another: %v", s, lane, i, meets)
			}
		}
		placed[lane] = append(placed[lane], s)
	}
	return len(placed)
}

// deepest is how many spans lie upon one another at most.
func deepest(spans []span) int {
	most := 0
	for _, s := range spans {
		n := 0
		for _, o := range spans {
			if o.from <= s.from && s.from < o.to {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// No two labels of events meet, nor two of the marks that stand for them on a
// narrow screen; each event has a place, and it is the same in whatever order
// the deal names them.
func TestEventsHavePlaces(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	r := newTestRenderer(t)
	for range 60 {
		d := eventful(random)
		first := placesOf(t, r, d)
		random.Shuffle(len(d.Events), func(i, j int) { d.Events[i], d.Events[j] = d.Events[j], d.Events[i] })
		if again := placesOf(t, r, d); again != first {
			t.Errorf("the order of events changes their places:\n%s\n%s", first, again)
		}
	}
}

// eventful is a deal with events on different days, of one day or several.
func eventful(random *rand.Rand) *deal.Deal {
	start := deal.DayOf(2026, 9, 1)
	d := &deal.Deal{ID: "d", Start: start}
	d.GoLive = deal.On(start + deal.Day(30+random.IntN(200)))
	days := random.Perm(240)
	for i := range 1 + random.IntN(9) {
		e := deal.Event{ID: fmt.Sprint("e", i), Title: strings.Repeat("Event ", 1+random.IntN(6)), Side: deal.SideBuyer}
		day := start + deal.Day(days[i])
		if random.IntN(3) == 0 {
			e.From, e.To = deal.On(day), deal.On(day+deal.Day(random.IntN(40)))
		} else {
			e.Date = deal.On(day)
		}
		d.Events = append(d.Events, e)
	}
	return d
}

var number = regexp.MustCompile(`--(\w+):([\d.]+)`)

// placesOf lists where the events of a deal stand, after making sure that none
// is in another's way.
func placesOf(t *testing.T, r *Renderer, d *deal.Deal) string {
	t.Helper()
	m := r.newMaker(input(d))
	a, ok := m.axis()
	if !ok {
		t.Fatal("there is no axis")
	}
	events := m.events(a)
	if len(events) != 1+len(d.Events) {
		t.Errorf("%d of %d events have a place", len(events), 1+len(d.Events))
	}
	type placed struct {
		label, mark         span
		labelLane, markLane float64
	}
	var all []placed
	for _, e := range events {
		_, rest, _ := strings.Cut(m.rules.String(), "#"+e.Anchor+"{")
		rule, _, _ := strings.Cut(rest, "}")
		at := map[string]float64{}
		for _, n := range number.FindAllStringSubmatch(rule, -1) {
			at[n[1]], _ = strconv.ParseFloat(n[2], 64)
		}
		width := labelWidth(e.Title+" "+e.Range) - .3 // numbers are rounded
		from := at["s"] - at["b"]/100*width
		middle := (at["s"] + at["e"]) / 2
		p := placed{span{from, from + width}, span{middle - markWidth/2 + .1, middle + markWidth/2 - .1}, at["k"], at["m"]}
		if (e.Side == goLiveSide) != (p.labelLane == 0) {
			t.Errorf("%q is in lane %v, and the first one is for go-live", e.Title, p.labelLane)
		}
		for _, o := range all {
			if o.labelLane == p.labelLane && o.label.meets(p.label) {
				t.Errorf("two labels meet in lane %v: %v and %v", p.labelLane, o.label, p.label)
			}
			if o.markLane == p.markLane && o.mark.meets(p.mark) {
				t.Errorf("two marks meet in lane %v: %v and %v", p.markLane, o.mark, p.mark)
			}
		}
		all = append(all, p)
	}
	lines := strings.Split(m.rules.String(), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
