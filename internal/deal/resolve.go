package deal

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"portico/internal/diag"
)

// Resolve works out every relative date of the deal and the defaults that hang
// on dates, and returns the mistakes: unknown anchors, cycles (once each),
// weeks without a start. What follows from one of these is left at 0 and not
// reported again. tomlFile is deal.toml's name in the site.
func (d *Deal) Resolve(tomlFile string, site *Site) []Finding {
	r := &resolver{deal: d, file: tomlFile, seen: map[*Date]bool{}}
	r.defaults()
	for i := range d.Milestones {
		r.milestone(&d.Milestones[i])
	}
	for i := range d.Events {
		e := &d.Events[i]
		r.resolve(&e.Date, r.at("event", e.ID, "date"))
		r.resolve(&e.From, r.at("event", e.ID, "from").opening())
		r.resolve(&e.To, r.at("event", e.ID, "to"))
	}
	r.resolve(&d.GoLive, r.at("dates", "go_live"))
	for i := range d.KPIs {
		r.resolve(&d.KPIs[i].By, r.at("kpi", i, "by"))
	}
	for i := range d.ReferenceCalls {
		r.resolve(&d.ReferenceCalls[i].When, r.at("reference_call", i, "when"))
	}
	r.resolve(&d.Pricing.ValidUntil, r.at("pricing", "valid_until"))
	for i := range d.Collateral {
		c := &d.Collateral[i]
		at := r.at("collateral", c.ID, "valid_until")
		if c.OfLibrary {
			at.File = LibraryFile
		}
		r.resolve(&c.ValidUntil, at)
	}
	r.resolve(&d.Expires, r.at("deal", "expires"))
	for _, id := range sortedKeys(d.Access.Viewer) {
		v := d.Access.Viewer[id]
		r.resolve(&v.Expires, r.at("access", "viewer", id, "expires"))
		d.Access.Viewer[id] = v
	}
	r.resolve(&d.Private.CloseDate, r.at("internal", "close_date"))
	r.expiry(site)
	r.sortMilestones()
	return r.findings
}

// Where the library's and the site's settings lie in a site.
const (
	SiteFile    = "portico.toml"
	LibraryFile = "content/_library/library.toml"
)

type resolver struct {
	deal     *Deal
	file     string
	seen     map[*Date]bool // false while it is being worked out
	stack    []frame
	findings []Finding
	noStart  bool // reported
}

// frame is where a date stands.
type frame struct {
	Place
	date  *Date
	due   *Date // what "due" means there
	opens bool  // a bare week means its Monday
}

func (r *resolver) at(steps ...any) frame {
	return frame{Place: Place{File: r.file, Path: At(steps...)}}
}

func (f frame) opening() frame { f.opens = true; return f }

func (r *resolver) milestone(m *Milestone) {
	r.resolve(&m.Due, r.at("milestone", m.ID, "due"))
	r.resolve(&m.Start, r.at("milestone", m.ID, "start").opening())
	for i := range m.Steps {
		f := r.at("milestone", m.ID, "step", i, "due")
		f.due = &m.Due
		r.resolve(&m.Steps[i].Due, f)
	}
}

func (r *resolver) resolve(date *Date, f frame) Day {
	if !date.set || date.broken {
		return 0
	}
	if finished, met := r.seen[date]; met {
		if !finished {
			r.cycle(date)
			return 0
		}
		return date.Day
	}
	f.date = date
	r.seen[date] = false
	r.stack = append(r.stack, f)
	day := r.base(date, f)
	for _, s := range date.sums {
		if day == 0 {
			break
		}
		day = r.add(day, s)
		if y, _, _ := day.Date(); y < firstYear || y > lastYear {
			r.fail(f.Place, "date-out-of-range", fmt.Sprintf("this comes to the year %d", y), "", fmt.Sprintf("years run from %d to %d", firstYear, lastYear))
			day = 0
		}
	}
	r.stack = r.stack[:len(r.stack)-1]
	if date.broken { // a cycle went through it
		day = 0
	}
	date.Day, date.broken = day, day == 0
	r.seen[date] = true
	return day
}

// base is the day of a date's anchor.
func (r *resolver) base(date *Date, f frame) Day {
	d := r.deal
	switch date.anchor {
	case anchorDay:
		return date.Day
	case anchorGoLive:
		return r.resolve(&d.GoLive, r.at("dates", "go_live"))
	case anchorStart:
		return r.start(f)
	case anchorWeek:
		start := r.start(f)
		if start == 0 {
			return 0
		}
		monday := start.Monday() + Day(7*(date.week-1))
		switch {
		case date.hasDay:
			return monday + Day((date.weekday+6)%7)
		case f.opens:
			return max(monday, start)
		}
		return monday + Day(time.Friday-time.Monday)
	case anchorDue:
		if f.due == nil {
			r.fail(f.Part(0, len("due")), "bad-date", "only a step can count from `due`", "", "`due` is the date of the milestone that a step belongs to; elsewhere name a milestone")
			return 0
		}
		if !f.due.set {
			return 0 // that the milestone has none was reported
		}
		return r.resolve(f.due, f)
	}
	return r.named(date, f)
}

func (r *resolver) start(f frame) Day {
	if r.deal.Start == 0 && !r.noStart {
		r.noStart = true
		r.fail(f.Place, "missing-start", "this counts from `start`, and [dates] has none", "", "add start = 2026-11-02, the day on which work on the plan begins, to [dates]")
	}
	return r.deal.Start
}

func (r *resolver) named(date *Date, f frame) Day {
	if m := r.deal.Milestone(date.name); m != nil {
		return r.resolve(&m.Due, r.at("milestone", m.ID, "due"))
	}
	e := r.deal.Event(date.name)
	if e == nil {
		r.unknown(date, f)
		return 0
	}
	adding := len(date.sums) > 0 && date.sums[0].n > 0
	switch {
	case e.Date.set:
		return r.resolve(&e.Date, r.at("event", e.ID, "date"))
	case adding:
		return r.resolve(&e.To, r.at("event", e.ID, "to"))
	}
	return r.resolve(&e.From, r.at("event", e.ID, "from").opening())
}

func (r *resolver) unknown(date *Date, f frame) {
	hint := dateHint
	if r.deal.Person(date.name) != nil {
		hint = fmt.Sprintf("%q is a person; a date counts from a milestone, an event, start or go_live", date.name)
	}
	r.findings = append(r.findings, Finding{
		Place: f.Part(0, len(date.name)), Code: "unknown-reference",
		Text:  fmt.Sprintf("there is no milestone or event %q to count from", date.name),
		Label: diag.DidYouMean(date.name, append(r.deal.planIDs(), "start", "go_live")),
		Hint:  hint,
	})
}

func (r *resolver) add(day Day, s sum) Day {
	switch s.unit {
	case "d":
		return day + Day(s.n)
	case "w":
		return day + Day(7*s.n)
	case "m":
		return day.addMonths(s.n)
	}
	return day.addWorkdays(s.n, r.deal.Holidays)
}

// cycle reports the dates on the stack from date on, which lead back to it.
func (r *resolver) cycle(date *Date) {
	from := slices.IndexFunc(r.stack, func(f frame) bool { return f.date == date })
	round := r.stack[from:]
	var names []string
	for _, f := range round {
		names = append(names, dateName(f.Path))
		f.date.broken = true
	}
	names = append(names, names[0])
	r.fail(round[0].Place, "date-cycle", "these dates count from each other: "+strings.Join(names, " → "), "", "give one of them a day")
}

// dateName is how a person would call the date at a path.
func dateName(p Path) string {
	table, id := p.Step(0), p.Step(1)
	switch {
	case table == "dates":
		return id
	case table == "milestone" && p.Len() == 3 && p.Step(2) == "due", table == "event" && p.Step(2) == "date":
		return id
	case table == "milestone" && p.Len() == 3, table == "event":
		return id + " (" + p.Step(2) + ")"
	}
	names := make([]string, p.Len())
	for i := range names {
		names[i] = p.Step(i)
	}
	return strings.Join(names, ".")
}

func (r *resolver) fail(at Place, code, text, label, hint string) {
	r.findings = append(r.findings, Finding{Place: at, Code: code, Text: text, Label: label, Hint: hint})
}

// defaults fills in the dates that stand for themselves when absent.
func (r *resolver) defaults() {
	for i := range r.deal.Milestones {
		if m := &r.deal.Milestones[i]; m.Kind == "go_live" && !m.Due.set {
			m.Due = Date{set: true, anchor: anchorGoLive}
		}
	}
}

// expiry sets what counts from the last due dates, once these are known.
func (r *resolver) expiry(site *Site) {
	d := r.deal
	var last, signed Day
	unknown := false // one of the dates that may be the last
	for i := range d.Milestones {
		m := &d.Milestones[i]
		unknown = unknown || m.Due.broken
		last = max(last, m.Due.Day)
		if m.Kind == "signature" {
			signed = max(signed, m.Due.Day)
		}
		for j := range m.Steps {
			s := &m.Steps[j]
			if !s.Due.set && m.Due.Day != 0 {
				s.Due = On(m.Due.Day)
			}
			unknown = unknown || s.Due.broken
			last = max(last, s.Due.Day)
		}
	}
	if unknown {
		return
	}
	if !d.Expires.set && site != nil {
		if day := site.Access.ExpiresAfter.After(last); day != 0 {
			d.Expires = On(day)
		}
	}
	if !d.Private.CloseDate.set && signed != 0 {
		d.Private.CloseDate = On(signed)
	}
}

// sortMilestones puts them by stage, then due, then file.
func (r *resolver) sortMilestones() {
	order := map[string]int{}
	for i, s := range r.deal.Stages {
		order[s.ID] = i
	}
	rank := func(m *Milestone) int {
		if i, ok := order[m.Stage]; ok {
			return i
		}
		return len(order)
	}
	slices.SortStableFunc(r.deal.Milestones, func(a, b Milestone) int {
		if c := rank(&a) - rank(&b); c != 0 {
			return c
		}
		return int(a.Due.Day) - int(b.Due.Day)
	})
}

// planIDs are the ids of the name space that milestones and events share.
func (d *Deal) planIDs() []string {
	var ids []string
	for i := range d.Milestones {
		ids = append(ids, d.Milestones[i].ID)
	}
	for i := range d.Events {
		ids = append(ids, d.Events[i].ID)
	}
	return ids
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
