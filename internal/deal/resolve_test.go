package deal

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// plan makes a deal of lines "name = date". A bare name is a milestone;
// "pilot.start" is when work on it begins, "pilot.step" adds a step to it;
// "freeze.date", "freeze.from" and "freeze.to" are an event's.
func plan(t testing.TB, lines string) *Deal {
	t.Helper()
	d := &Deal{Holidays: map[Day]bool{}}
	milestone := func(id string) *Milestone {
		if d.Milestone(id) == nil {
			d.Milestones = append(d.Milestones, Milestone{ID: id, Title: id, Kind: "task"})
		}
		return d.Milestone(id)
	}
	event := func(id string) *Event {
		if d.Event(id) == nil {
			d.Events = append(d.Events, Event{ID: id})
		}
		return d.Event(id)
	}
	for line := range strings.Lines(lines) {
		name, text, ok := strings.Cut(strings.TrimSpace(line), " = ")
		if !ok {
			if strings.TrimSpace(line) != "" {
				t.Fatalf("%q is no line of a plan", line)
			}
			continue
		}
		id, part, _ := strings.Cut(name, ".")
		switch {
		case name == "start":
			d.Start = day(t, text)
		case name == "holidays":
			for _, h := range strings.Fields(text) {
				d.Holidays[day(t, h)] = true
			}
		case name == "go_live":
			d.GoLive = when(t, text)
		case part == "date":
			event(id).Date = when(t, text)
		case part == "from":
			event(id).From = when(t, text)
		case part == "to":
			event(id).To = when(t, text)
		case part == "":
			milestone(id).Due = when(t, text)
		case part == "start":
			milestone(id).Start = when(t, text)
		case part == "step":
			m := milestone(id)
			s := Step{Title: fmt.Sprint("step ", len(m.Steps))}
			if text != "-" {
				s.Due = when(t, text)
			}
			m.Steps = append(m.Steps, s)
		default:
			t.Fatalf("%q is no line of a plan", line)
		}
	}
	return d
}

// resolved are the days of a plan after Resolve, one to a line, in the order
// of the deal.
func resolved(d *Deal) []string {
	var lines []string
	put := func(name string, date *Date) {
		if date.IsSet() {
			day := date.Day.String()
			if day == "" {
				day = "unknown"
			}
			lines = append(lines, name+" = "+day)
		}
	}
	put("go_live", &d.GoLive)
	for i := range d.Milestones {
		m := &d.Milestones[i]
		put(m.ID, &m.Due)
		put(m.ID+".start", &m.Start)
		for j := range m.Steps {
			put(m.ID+".step", &m.Steps[j].Due)
		}
	}
	for i := range d.Events {
		e := &d.Events[i]
		put(e.ID+".date", &e.Date)
		put(e.ID+".from", &e.From)
		put(e.ID+".to", &e.To)
	}
	return lines
}

// placed is where something lies, as a person would write it.
func placed(p Place) string {
	words := []string{p.File}
	if p.Path.Len() > 0 {
		words = append(words, strings.Join(steps(p.Path), "."))
	}
	if p.Key {
		words = append(words, "(key)")
	}
	if p.Offset != 0 || p.Length != 0 {
		words = append(words, fmt.Sprintf("%d+%d", p.Offset, p.Length))
	}
	return strings.Join(words, " ")
}

func found(findings []Finding) []string {
	var lines []string
	for _, f := range findings {
		lines = append(lines, placed(f.Place)+": "+f.Text+" ["+f.Code+"]")
	}
	return lines
}

func TestResolve(t *testing.T) {
	// 2026-11-04, 2026-11-18 and 2027-03-03 are Wednesdays.
	tests := []struct {
		name, plan string
		want       []string
	}{
		{"a day", "a = 2026-11-18", []string{"a = 2026-11-18"}},
		{"start", "start = 2026-11-04\na = start", []string{"a = 2026-11-04"}},
		{"start and days", "start = 2026-11-04\na = start + 10d", []string{"a = 2026-11-14"}},
		{"go_live", "go_live = 2027-03-03\na = go_live", []string{"go_live = 2027-03-03", "a = 2027-03-03"}},
		{"go_live and weeks back", "go_live = 2027-03-03\na = go_live - 6w", []string{"go_live = 2027-03-03", "a = 2027-01-20"}},
		{"go_live counts from a milestone", "go_live = a + 2w\na = 2026-11-18", []string{"go_live = 2026-12-02", "a = 2026-11-18"}},
		{"a milestone that stands above", "a = 2026-11-18\nb = a + 1d", []string{"a = 2026-11-18", "b = 2026-11-19"}},
		{"a milestone that stands below", "b = a + 1d\na = 2026-11-18", []string{"a = 2026-11-18", "b = 2026-11-19"}},
		{"an event of one day", "e.date = 2026-11-18\na = e\nb = e + 1d\nc = e - 1d", []string{"c = 2026-11-17", "a = 2026-11-18", "b = 2026-11-19", "e.date = 2026-11-18"}},
		{"an event of several days: its first", "e.from = 2026-11-18\ne.to = 2026-11-30\na = e", []string{"a = 2026-11-18", "e.from = 2026-11-18", "e.to = 2026-11-30"}},
		{"an event of several days: back from its first", "e.from = 2026-11-18\ne.to = 2026-11-30\na = e - 1d", []string{"a = 2026-11-17", "e.from = 2026-11-18", "e.to = 2026-11-30"}},
		{"an event of several days: on from its last", "e.from = 2026-11-18\ne.to = 2026-11-30\na = e + 1d", []string{"a = 2026-12-01", "e.from = 2026-11-18", "e.to = 2026-11-30"}},
		{"an event of several days: the first sum counts", "e.from = 2026-11-18\ne.to = 2026-11-30\na = e + 1d - 1w", []string{"a = 2026-11-24", "e.from = 2026-11-18", "e.to = 2026-11-30"}},
		{"an event that is counted", "start = 2026-11-04\ne.from = start + 1w\ne.to = start + 2w\na = e + 1w", []string{"a = 2026-11-25", "e.from = 2026-11-11", "e.to = 2026-11-18"}},
		{"an event's end counts from its beginning", "e.from = 2026-11-11\ne.to = e - 1d", []string{"e.from = 2026-11-11", "e.to = 2026-11-10"}},

		{"a week is its Friday", "start = 2026-11-04\na = W1", []string{"a = 2026-11-06"}},
		{"the fifth week", "start = 2026-11-04\na = W5", []string{"a = 2026-12-04"}},
		{"a weekday of a week", "start = 2026-11-04\na = W5 Mon\nb = W5 Thu\nc = W5 Sun", []string{"a = 2026-11-30", "b = 2026-12-03", "c = 2026-12-06"}},
		{"a weekday before the start", "start = 2026-11-04\na = W1 Mon", []string{"a = 2026-11-02"}},
		{"W1 where the start is a Monday", "start = 2026-11-02\na = W1 Mon\nb = W1", []string{"a = 2026-11-02", "b = 2026-11-06"}},
		{"W1 where the start is a Sunday", "start = 2026-11-08\na = W1\nb = W2 Mon", []string{"a = 2026-11-06", "b = 2026-11-09"}},
		{"in `start` a week is its Monday", "start = 2026-11-04\na = W5\na.start = W4", []string{"a = 2026-12-04", "a.start = 2026-11-23"}},
		{"in `start` W1 is not before the start", "start = 2026-11-04\na = W5\na.start = W1", []string{"a = 2026-12-04", "a.start = 2026-11-04"}},
		{"in `start` a weekday is that day", "start = 2026-11-04\na = W5\na.start = W4 Thu", []string{"a = 2026-12-04", "a.start = 2026-11-26"}},
		{"in `start` sums count from the Monday", "start = 2026-11-04\na = W5\na.start = W4 + 1d", []string{"a = 2026-12-04", "a.start = 2026-11-24"}},
		{"in `from` a week is its Monday, in `to` its Friday", "start = 2026-11-04\ne.from = W4\ne.to = W5", []string{"e.from = 2026-11-23", "e.to = 2026-12-04"}},
		{"in `from` W1 is not before the start", "start = 2026-11-04\ne.from = W1\ne.to = W1", []string{"e.from = 2026-11-04", "e.to = 2026-11-06"}},
		{"in `date` a week is its Friday", "start = 2026-11-04\ne.date = W1", []string{"e.date = 2026-11-06"}},
		{"`from` is a Monday for who counts from it, too", "start = 2026-11-04\ne.from = W4\ne.to = W5\na = e - 1d", []string{"a = 2026-11-22", "e.from = 2026-11-23", "e.to = 2026-12-04"}},
		{"a `start` that counts from a milestone's week", "start = 2026-11-04\na = W5\nb = 2027-01-01\nb.start = a", []string{"a = 2026-12-04", "b = 2027-01-01", "b.start = 2026-12-04"}},

		{"working days over a weekend", "a = 2026-11-20\nb = a + 1bd", []string{"a = 2026-11-20", "b = 2026-11-23"}},
		{"working days back over a weekend", "a = 2026-11-23\nb = a - 1bd", []string{"b = 2026-11-20", "a = 2026-11-23"}},
		{"working days over holidays", "holidays = 2026-12-24 2026-12-25\na = 2026-12-23\nb = a + 1bd", []string{"a = 2026-12-23", "b = 2026-12-28"}},
		{"working days back over holidays", "holidays = 2026-12-24 2026-12-25\na = 2026-12-28\nb = a - 1bd", []string{"b = 2026-12-23", "a = 2026-12-28"}},
		{"nothing else is shifted to a working day", "holidays = 2026-12-25\na = 2026-12-18\nb = a + 1w\nc = a + 1d", []string{"a = 2026-12-18", "c = 2026-12-19", "b = 2026-12-25"}},
		{"a month keeps the day", "a = 2026-11-18\nb = a + 3m", []string{"a = 2026-11-18", "b = 2027-02-18"}},
		{"a month that is shorter takes its last day", "a = 2026-11-30\nb = a + 3m", []string{"a = 2026-11-30", "b = 2027-02-28"}},
		{"months back", "a = 2027-03-31\nb = a - 1m", []string{"b = 2027-02-28", "a = 2027-03-31"}},
		{"sums from left to right", "a = 2026-01-30\nb = a + 1m + 1d\nc = a + 1d + 1m", []string{"a = 2026-01-30", "c = 2026-02-28", "b = 2026-03-01"}},
		{"a month there and back is not the same day", "a = 2026-01-31\nb = a + 1m - 1m", []string{"b = 2026-01-28", "a = 2026-01-31"}},
		{"four sums", "a = 2026-11-18\nb = a + 1m - 2w + 3d - 1bd", []string{"a = 2026-11-18", "b = 2026-12-04"}},

		{"`due` in a step", "a = 2026-11-18\na.step = due - 2d\na.step = due", []string{"a = 2026-11-18", "a.step = 2026-11-16", "a.step = 2026-11-18"}},
		{"`due` of a milestone that is counted", "a.step = due - 2d\na = b + 1d\nb = 2026-11-18", []string{"b = 2026-11-18", "a = 2026-11-19", "a.step = 2026-11-17"}},
		{"a step without a date is due with its milestone", "a = 2026-11-18\na.step = -", []string{"a = 2026-11-18", "a.step = 2026-11-18"}},
		{"a step counts from another milestone", "a = 2026-11-18\nb = 2026-11-20\na.step = b + 1d", []string{"a = 2026-11-18", "a.step = 2026-11-21", "b = 2026-11-20"}},
		{"a long chain", "e = d + 1d\nd = c + 1d\nc = b + 1d\nb = a + 1d\na = go_live + 1d\ngo_live = x + 1d\nx = 2026-11-18", []string{
			"go_live = 2026-11-19", "x = 2026-11-18", "a = 2026-11-20", "b = 2026-11-21", "c = 2026-11-22", "d = 2026-11-23", "e = 2026-11-24",
		}},
		{"the last day of the range", "a = 2199-12-30\nb = a + 1d", []string{"a = 2199-12-30", "b = 2199-12-31"}},
		{"the first day of the range", "a = 1990-01-02\nb = a - 1d", []string{"b = 1990-01-01", "a = 1990-01-02"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := plan(t, tt.plan)
			findings := d.Resolve("deal.toml", nil)
			if len(findings) > 0 {
				t.Fatalf("findings: %v", found(findings))
			}
			if diff := cmp.Diff(tt.want, resolved(d)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Each mistake is told once, where it was made; what follows from it is left
// open and not told again.
func TestResolveTellsOfMistakes(t *testing.T) {
	tests := []struct {
		name, plan string
		found      []string
		want       []string
	}{
		{
			"a round of two", "a = b + 1d\nb = a - 1d",
			[]string{"deal.toml milestone.a.due: these dates count from each other: a → b → a [date-cycle]"},
			[]string{"a = unknown", "b = unknown"},
		},
		{
			"a milestone that counts from itself", "a = a + 1d",
			[]string{"deal.toml milestone.a.due: these dates count from each other: a → a [date-cycle]"},
			[]string{"a = unknown"},
		},
		{
			"a round of three that one outside leads to", "x = a + 1d\na = b + 1d\nb = c + 1d\nc = a + 1d\ny = 2026-11-18",
			[]string{"deal.toml milestone.a.due: these dates count from each other: a → b → c → a [date-cycle]"},
			[]string{"x = unknown", "a = unknown", "b = unknown", "c = unknown", "y = 2026-11-18"},
		},
		{
			"two rounds", "a = b\nb = a\nc = d\nd = c",
			[]string{
				"deal.toml milestone.a.due: these dates count from each other: a → b → a [date-cycle]",
				"deal.toml milestone.c.due: these dates count from each other: c → d → c [date-cycle]",
			},
			[]string{"a = unknown", "b = unknown", "c = unknown", "d = unknown"},
		},
		{
			"a round through go_live", "go_live = a + 1w\na = go_live - 1w\nb = go_live - 2w",
			[]string{"deal.toml milestone.a.due: these dates count from each other: a → go_live → a [date-cycle]"},
			[]string{"go_live = unknown", "a = unknown", "b = unknown"},
		},
		{
			"a round through an event's end", "a = e + 1d\ne.from = 2026-11-18\ne.to = a + 1d\nb = e - 1d",
			[]string{"deal.toml milestone.a.due: these dates count from each other: a → e (to) → a [date-cycle]"},
			[]string{"a = unknown", "b = 2026-11-17", "e.from = 2026-11-18", "e.to = unknown"},
		},
		{
			"an event's end that adds to the event, which is its end", "e.from = 2026-11-18\ne.to = e + 2w",
			[]string{"deal.toml event.e.to: these dates count from each other: e (to) → e (to) [date-cycle]"},
			[]string{"e.from = 2026-11-18", "e.to = unknown"},
		},
		{
			"a round through an event's day", "a = e\ne.date = a",
			[]string{"deal.toml milestone.a.due: these dates count from each other: a → e → a [date-cycle]"},
			[]string{"a = unknown", "e.date = unknown"},
		},
		{
			"a step of a milestone in a round", "a = b\nb = a\na.step = due - 1d\nc = 2026-11-18\nc.step = a\nc.step = due",
			[]string{"deal.toml milestone.a.due: these dates count from each other: a → b → a [date-cycle]"},
			[]string{"a = unknown", "a.step = unknown", "b = unknown", "c = 2026-11-18", "c.step = unknown", "c.step = 2026-11-18"},
		},
		{
			"an unknown anchor", "a = pilto + 1w\nb = a + 1w",
			[]string{"deal.toml milestone.a.due 0+5: there is no milestone or event \"pilto\" to count from [unknown-reference]"},
			[]string{"a = unknown", "b = unknown"},
		},
		{
			"two unknown anchors are two mistakes", "a = x\nb = x\nc.start = y\nc = 2026-11-18",
			[]string{
				"deal.toml milestone.a.due 0+1: there is no milestone or event \"x\" to count from [unknown-reference]",
				"deal.toml milestone.b.due 0+1: there is no milestone or event \"x\" to count from [unknown-reference]",
				"deal.toml milestone.c.start 0+1: there is no milestone or event \"y\" to count from [unknown-reference]",
			},
			[]string{"a = unknown", "b = unknown", "c = 2026-11-18", "c.start = unknown"},
		},
		{
			"no start, told once", "a = W1\nb = start + 1d\nc = a + 1d\nc.start = W2 Mon",
			[]string{"deal.toml milestone.a.due: this counts from `start`, and [dates] has none [missing-start]"},
			[]string{"a = unknown", "b = unknown", "c = unknown", "c.start = unknown"},
		},
		{
			"`due` of a milestone", "a = due - 1d\nb = 2026-11-18\nb.start = due - 1w",
			[]string{
				"deal.toml milestone.a.due 0+3: only a step can count from `due` [bad-date]",
				"deal.toml milestone.b.start 0+3: only a step can count from `due` [bad-date]",
			},
			[]string{"a = unknown", "b = 2026-11-18", "b.start = unknown"},
		},
		{
			"beyond the last year", "a = 2199-12-31\nb = a + 1d\nc = b - 1d",
			[]string{"deal.toml milestone.b.due: this comes to the year 2200 [date-out-of-range]"},
			[]string{"b = unknown", "c = unknown", "a = 2199-12-31"},
		},
		{
			"beyond the last year and back", "a = 2199-12-31\nb = a + 999m - 999m",
			[]string{"deal.toml milestone.b.due: this comes to the year 2283 [date-out-of-range]"},
			[]string{"b = unknown", "a = 2199-12-31"},
		},
		{
			"before the first year", "a = 1990-01-01\nb = a - 999m",
			[]string{"deal.toml milestone.b.due: this comes to the year 1906 [date-out-of-range]"},
			[]string{"b = unknown", "a = 1990-01-01"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := plan(t, tt.plan)
			findings := d.Resolve("deal.toml", nil)
			if diff := cmp.Diff(tt.found, found(findings)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			for _, f := range findings {
				if f.Hint == "" {
					t.Errorf("%s has no hint", f.Code)
				}
				if f.Lenient || f.Advice {
					t.Errorf("%s is no error", f.Code)
				}
			}
			if diff := cmp.Diff(tt.want, resolved(d)); diff != "" {
				t.Errorf("days (-want +got):\n%s", diff)
			}
		})
	}
}

// What parse could not read was told by it.
func TestResolveIsSilentOnWhatWasTold(t *testing.T) {
	d := plan(t, "a = 2026-11-18\nb = a + 1d\nb.step = due\nb.step = -\nc = go_live - 1w\nd = e + 1d\nf.step = due - 1d")
	d.Milestone("a").Due = BrokenDate()
	d.GoLive = BrokenDate()
	d.Events = []Event{{ID: "e"}} // neither date nor from and to
	if findings := d.Resolve("deal.toml", nil); len(findings) > 0 {
		t.Errorf("findings: %v", found(findings))
	}
	want := []string{"go_live = unknown", "a = unknown", "b = unknown", "b.step = unknown", "c = unknown", "d = unknown", "f.step = unknown"}
	if diff := cmp.Diff(want, resolved(d)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestResolveNamesTheNearest(t *testing.T) {
	d := plan(t, "pilot = 2026-11-18\nboard.date = 2026-11-20\na = pilto + 1w\nb = baord\nc = go-live\nd = strat\ne = priya")
	d.People = []Person{{ID: "priya"}}
	want := map[string][2]string{
		"a": {`did you mean "pilot"?`, dateHint},
		"b": {`did you mean "board"?`, dateHint},
		"c": {`did you mean "go_live"?`, dateHint},
		"d": {`did you mean "start"?`, dateHint},
		"e": {"", `"priya" is a person; a date counts from a milestone, an event, start or go_live`},
	}
	got := map[string][2]string{}
	for _, f := range d.Resolve("deal.toml", nil) {
		got[f.Path.Step(1)] = [2]string{f.Label, f.Hint}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestResolveDefaults(t *testing.T) {
	site := func(n int, unit string) *Site { return &Site{Access: AccessDefaults{ExpiresAfter: Span{n, unit}}} }
	signature := func(ids ...string) func(*Deal) {
		return func(d *Deal) {
			for _, id := range ids {
				d.Milestone(id).Kind = "signature"
			}
		}
	}
	tests := []struct {
		name, plan string
		with       func(*Deal)
		site       *Site
		expires    string
		closeDate  string
		days       []string
	}{
		{name: "nothing to count from", plan: "", site: site(90, "d")},
		{name: "expires after the last due", plan: "a = 2026-11-18\nb = 2026-11-10", site: site(10, "d"), expires: "2026-11-28", days: []string{"b = 2026-11-10", "a = 2026-11-18"}},
		{name: "expires after a step's due", plan: "a = 2026-11-18\na.step = due + 2d", site: site(10, "d"), expires: "2026-11-30", days: []string{"a = 2026-11-18", "a.step = 2026-11-20"}},
		{name: "expires after months", plan: "a = 2026-11-30", site: site(3, "m"), expires: "2027-02-28", days: []string{"a = 2026-11-30"}},
		{name: "no site", plan: "a = 2026-11-18", days: []string{"a = 2026-11-18"}},
		{name: "a site on which nothing expires", plan: "a = 2026-11-18", site: site(0, ""), days: []string{"a = 2026-11-18"}},
		{
			name: "the deal's own expires wins", plan: "a = 2026-11-18", site: site(10, "d"),
			with: func(d *Deal) { d.Expires = when(t, "a + 1w") }, expires: "2026-11-25", days: []string{"a = 2026-11-18"},
		},
		{
			name: "an expires that could not be read is not replaced", plan: "a = 2026-11-18", site: site(10, "d"),
			with: func(d *Deal) { d.Expires = BrokenDate() }, days: []string{"a = 2026-11-18"},
		},
		{
			name: "where a due is unknown, so is the last", plan: "a = 2026-11-18\nb = 2026-11-10", site: site(10, "d"),
			with: func(d *Deal) { d.Milestone("b").Due = BrokenDate() }, days: []string{"b = unknown", "a = 2026-11-18"},
		},
		{
			name: "where a step's due is unknown, so is the last", plan: "a = 2026-11-18\na.step = due", site: site(10, "d"),
			with: func(d *Deal) { d.Milestone("a").Steps[0].Due = BrokenDate() }, days: []string{"a = 2026-11-18", "a.step = unknown"},
		},
		{
			name: "steps get their due behind a milestone that has none", plan: "a = 2026-11-10\na.step = -\nb = 2026-11-18\nb.step = -",
			with: func(d *Deal) { d.Milestone("a").Due = BrokenDate() }, days: []string{"a = unknown", "b = 2026-11-18", "b.step = 2026-11-18"},
		},
		{
			name: "the last signature closes", plan: "a = 2026-11-18\nb = 2026-11-25\nc = 2026-12-02",
			with: signature("a", "b"), closeDate: "2026-11-25", days: []string{"a = 2026-11-18", "b = 2026-11-25", "c = 2026-12-02"},
		},
		{
			name: "the deal's own close_date wins", plan: "a = 2026-11-18",
			with: func(d *Deal) { signature("a")(d); d.Private.CloseDate = when(t, "a + 2bd") }, closeDate: "2026-11-20", days: []string{"a = 2026-11-18"},
		},
		{name: "no signature", plan: "a = 2026-11-18", days: []string{"a = 2026-11-18"}},
		{
			name: "a go-live without due is due at go_live", plan: "go_live = 2027-03-03\nlaunch.step = due - 1d",
			with: func(d *Deal) { d.Milestone("launch").Kind = "go_live" }, days: []string{"go_live = 2027-03-03", "launch = 2027-03-03", "launch.step = 2027-03-02"},
		},
		{
			name: "a go-live with a due keeps it", plan: "go_live = 2027-03-03\nlaunch = go_live - 1d",
			with: func(d *Deal) { d.Milestone("launch").Kind = "go_live" }, days: []string{"go_live = 2027-03-03", "launch = 2027-03-02"},
		},
		{
			name: "others count from a go-live without due", plan: "go_live = 2027-03-03\na = launch + 1w\nlaunch.step = -",
			with: func(d *Deal) { d.Milestone("launch").Kind = "go_live" }, days: []string{"go_live = 2027-03-03", "launch = 2027-03-03", "launch.step = 2027-03-03", "a = 2027-03-10"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := plan(t, tt.plan)
			if tt.with != nil {
				tt.with(d)
			}
			if findings := d.Resolve("deal.toml", tt.site); len(findings) > 0 {
				t.Fatalf("findings: %v", found(findings))
			}
			if got := d.Expires.Day.String(); got != tt.expires {
				t.Errorf("it expires on %q, want %q", got, tt.expires)
			}
			if got := d.Private.CloseDate.Day.String(); got != tt.closeDate {
				t.Errorf("it closes on %q, want %q", got, tt.closeDate)
			}
			if diff := cmp.Diff(tt.days, resolved(d)); diff != "" {
				t.Errorf("days (-want +got):\n%s", diff)
			}
		})
	}
}

// A go-live whose date counts from its own milestone is a round through a date
// that nobody wrote.
func TestResolveRoundThroughADefault(t *testing.T) {
	d := plan(t, "go_live = launch\nlaunch.step = -")
	d.Milestone("launch").Kind = "go_live"
	want := []string{"deal.toml milestone.launch.due: these dates count from each other: launch → go_live → launch [date-cycle]"}
	if diff := cmp.Diff(want, found(d.Resolve("deal.toml", nil))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMilestonesGoByStageThenDueThenFile(t *testing.T) {
	d := plan(t, "a = 2026-11-20\nb = 2026-11-18\nc = 2026-11-10\nd = 2026-11-18\ne = 2026-11-01\nf = 2026-11-20")
	d.Stages = []Stage{{ID: "prove"}, {ID: "deploy"}}
	for id, stage := range map[string]string{"a": "prove", "b": "prove", "c": "deploy", "d": "prove", "e": "nowhere", "f": "prove"} {
		d.Milestone(id).Stage = stage
	}
	if findings := d.Resolve("deal.toml", nil); len(findings) > 0 {
		t.Fatalf("findings: %v", found(findings))
	}
	var got []string
	for _, m := range d.Milestones {
		got = append(got, m.ID)
	}
	if diff := cmp.Diff([]string{"b", "d", "a", "f", "c", "e"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Every date that a deal holds is worked out: whoever adds one to the model
// and not to Resolve is told here.
func TestResolveReachesEveryDate(t *testing.T) {
	d := filled(t)
	eachField(reflect.ValueOf(d).Elem(), "", func(name string, v reflect.Value) bool {
		date, ok := v.Addr().Interface().(*Date)
		if ok {
			*date = when(t, "start + 1w")
		}
		return !ok
	})
	for id, v := range d.Access.Viewer {
		v.Expires = when(t, "start + 1w")
		d.Access.Viewer[id] = v
	}
	d.Start = day(t, "2026-11-04")
	if findings := d.Resolve("deal.toml", nil); len(findings) > 0 {
		t.Fatalf("findings: %v", found(findings))
	}
	dates := 0
	check := func(name string, date Date) {
		dates++
		if got := date.Day.String(); got != "2026-11-11" {
			t.Errorf("%s is %q after Resolve", name, got)
		}
	}
	eachField(reflect.ValueOf(d).Elem(), "", func(name string, v reflect.Value) bool {
		date, ok := v.Addr().Interface().(*Date)
		if ok {
			check(name, *date)
		}
		return !ok
	})
	for id, v := range d.Access.Viewer {
		check("Access.Viewer["+id+"]", v.Expires)
	}
	if dates < 14 {
		t.Errorf("only %d dates were met", dates)
	}
}

// The mistakes of dates lie in the file that holds them.
func TestResolveNamesThePlaceOfEveryDate(t *testing.T) {
	d := filled(t)
	n := 0
	broken := func(date *Date) { *date = when(t, fmt.Sprintf("nothing-%d", n)); n++ }
	eachField(reflect.ValueOf(d).Elem(), "", func(name string, v reflect.Value) bool {
		date, ok := v.Addr().Interface().(*Date)
		if ok {
			broken(date)
		}
		return !ok
	})
	for id, v := range d.Access.Viewer {
		broken(&v.Expires)
		d.Access.Viewer[id] = v
	}
	d.Collateral[0].OfLibrary = false
	d.Collateral = append(d.Collateral, Collateral{ID: "shared", OfLibrary: true, ValidUntil: when(t, "nothing-99")})
	var got []string
	for _, f := range d.Resolve("deal.toml", nil) {
		got = append(got, placed(f.Place.Part(0, 0)))
	}
	want := []string{
		"deal.toml milestone.m.due", "deal.toml milestone.m.start", "deal.toml milestone.m.step.0.due",
		"deal.toml event.e.date", "deal.toml event.e.from", "deal.toml event.e.to",
		"deal.toml dates.go_live", "deal.toml kpi.0.by", "deal.toml reference_call.0.when", "deal.toml pricing.valid_until",
		"deal.toml collateral.c.valid_until", "content/_library/library.toml collateral.shared.valid_until",
		"deal.toml deal.expires", "deal.toml access.viewer.viewer.expires", "deal.toml internal.close_date",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
