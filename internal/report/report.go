package report

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"portico/internal/beacon"
	"portico/internal/seal"
)

// Input of a report.
type Input struct {
	Plans []Plan
	Data
	// Partial says that there are other deals besides Plans, which are left out.
	Partial bool
	// Seen is what earlier reports had. Where Since is not zero it counts in its
	// place.
	Seen  map[seal.DealID]Seen
	Since Seen
	Now   time.Time
	// Zone is the site's, for deals that are gone.
	Zone *time.Location
}

// Seen is how far the last report of a deal went. The zero Seen is none.
type Seen struct {
	// Made is when it was made, and Known the newest that was known then by the
	// collector's clock, in Unix milliseconds.
	Made  time.Time `json:"made"`
	Known int64     `json:"known"`
}

// Report is who looked at what.
type Report struct {
	Made  time.Time `json:"made"`
	Deals []Deal    `json:"deals"`
}

// Deal is what is known of one deal.
type Deal struct {
	ID    string `json:"deal"`
	Key   string `json:"id"`
	Title string `json:"title,omitempty"`
	Buyer string `json:"buyer,omitempty"`
	// Removed says that git knows the deal no more.
	Removed bool `json:"removed,omitempty"`
	// Since is when the last report was made, which News counts from; zero where
	// this is the first.
	Since time.Time `json:"since,omitzero"`
	// Silent says why no page of the deal reports; empty where they do.
	Silent string `json:"silent,omitempty"`
	Score  Score  `json:"score"`
	Totals
	// Came is how many of the Ways somebody came through; Ways is how many people have
	// a link of their own.
	Came int `json:"came"`
	Ways int `json:"ways"`
	// Viewers are those who came, the last one first.
	Viewers []Viewer `json:"viewers"`
	// Absent have a link and never came.
	Absent []Guest `json:"absent"`
	// Shared are links that were used in two places at the same time.
	Shared []Shared `json:"shared"`
	News   News     `json:"news"`
}

// Totals are what deals and viewers have in common.
type Totals struct {
	First  time.Time `json:"first,omitzero"`
	Last   time.Time `json:"last,omitzero"`
	Visits int       `json:"visits"`
	Active Span      `json:"active_seconds"`
	Prints int       `json:"prints"`
	// Automated visits are those of browsers that a program drives. Nothing else
	// counts them.
	Automated int `json:"automated"`
	// Parts are sections and milestones, Files documents and videos, Links what
	// leads elsewhere, in the order of attention.
	Parts []Attention `json:"parts"`
	Files []Attention `json:"files"`
	Links []Attention `json:"links"`
	// Days are those with a visit, in order.
	Days []Day `json:"days"`
}

// Viewer is what was done through one way in.
type Viewer struct {
	Guest
	// Through says whose way in it is.
	Through string `json:"through"`
	// Way says that it still opens the deal.
	Way     bool  `json:"way"`
	Removed bool  `json:"removed,omitempty"`
	Score   Score `json:"score"`
	Totals
}

// Guest is a person with a way in.
type Guest struct {
	// Key is what the collector knows them by.
	Key   string `json:"id"`
	ID    string `json:"viewer"`
	Name  string `json:"name"`
	Title string `json:"title,omitempty"`
}

// Attention is what one part of a deal got.
type Attention struct {
	Kind    string `json:"kind"`
	ID      string `json:"id,omitempty"`
	Title   string `json:"title"`
	Removed bool   `json:"removed,omitempty"`
	Time    Span   `json:"seconds"`
	// Visits in which it was looked at, through how many Links.
	Visits int `json:"visits"`
	Links  int `json:"links"`
	// Progress is how much of it was seen, per mille. Where it is Opaque nobody can
	// tell.
	Progress  int  `json:"progress"`
	Opaque    bool `json:"opaque,omitempty"`
	Downloads int  `json:"downloads"`
}

// Day is one on which somebody came.
type Day struct {
	Day    string `json:"day"`
	Visits int    `json:"visits"`
	Active Span   `json:"active_seconds"`
}

// Make a report.
func Make(in Input) Report {
	r := Report{Made: in.Now, Deals: []Deal{}}
	of := in.byDeal()
	for _, p := range in.plans(of) {
		if data := of[p.Key]; !p.Removed || len(data.Events)+len(data.Sums) > 0 {
			r.Deals = append(r.Deals, in.deal(p, data))
		}
	}
	slices.SortStableFunc(r.Deals, func(a, b Deal) int {
		return cmp.Or(compareBool(a.Removed, b.Removed), b.Last.Compare(a.Last), cmp.Compare(a.ID, b.ID))
	})
	return r
}

// plans with one for each deal that git knows no more.
func (in Input) plans(of map[seal.DealID]Data) []Plan {
	list := slices.Clone(in.Plans)
	if in.Partial {
		return list
	}
	var gone []Plan
	for id := range of {
		if !slices.ContainsFunc(list, func(p Plan) bool { return p.Key == id }) {
			gone = append(gone, Plan{ID: id.Path(), Key: id, Removed: true})
		}
	}
	slices.SortFunc(gone, func(a, b Plan) int { return cmp.Compare(a.ID, b.ID) })
	return append(list, gone...)
}

func (d Data) byDeal() map[seal.DealID]Data {
	all := map[seal.DealID]Data{}
	for _, s := range d.Sums {
		of := all[s.Deal]
		of.Sums = append(of.Sums, s)
		all[s.Deal] = of
	}
	for _, e := range d.Events {
		of := all[e.Deal]
		of.Events = append(of.Events, e)
		all[e.Deal] = of
	}
	return all
}

func (in Input) deal(p Plan, data Data) Deal {
	if p.Zone == nil {
		p.Zone = in.Zone
	}
	visits := data.visits()
	d := Deal{
		ID: p.ID, Key: p.Key.Path(), Title: p.Title, Buyer: p.Buyer, Removed: p.Removed, Silent: p.Silent,
		Totals: p.totals(visits), Viewers: []Viewer{}, Absent: []Guest{}, Shared: p.shared(visits),
	}
	came := map[seal.ViewerID]bool{}
	all := byViewer(visits)
	for viewer, own := range all {
		v := p.viewer(viewer, own, in.Now)
		d.Viewers = append(d.Viewers, v)
		came[viewer] = v.Visits > 0
	}
	slices.SortFunc(d.Viewers, func(a, b Viewer) int { return cmp.Or(b.Last.Compare(a.Last), cmp.Compare(a.ID, b.ID)) })
	recent := 0
	for _, person := range p.People {
		if !person.Way || person.Shared {
			continue
		}
		d.Ways++
		if came[person.Key] {
			d.Came++
		} else {
			d.Absent = append(d.Absent, person.guest())
		}
		if p.measure(all[person.Key], in.Now).days > 0 {
			recent++
		}
	}
	d.Score = dealScore(p.measure(visits, in.Now), recent, d.Ways)
	seen := in.Seen[p.Key]
	if in.Since != (Seen{}) {
		seen = in.Since
	}
	if !seen.Made.IsZero() {
		d.Since = seen.Made.In(p.Zone)
	}
	d.News = p.news(visits, data.until(seen.Known).visits())
	return d
}

func byViewer(visits []*visit) map[seal.ViewerID][]*visit {
	all := map[seal.ViewerID][]*visit{}
	for _, v := range visits {
		all[v.viewer] = append(all[v.viewer], v)
	}
	return all
}

func (p Plan) viewer(id seal.ViewerID, visits []*visit, now time.Time) Viewer {
	person := p.person(id)
	return Viewer{
		Guest: person.guest(), Through: person.through(), Way: person.Way, Removed: person.ID == "",
		Totals: p.totals(visits), Score: viewerScore(p.measure(visits, now)),
	}
}

func (p Person) guest() Guest { return Guest{p.Key.Text(), p.ID, p.Name, p.Title} }

// person by the id that events have; one whom git does not know has no name.
func (p Plan) person(id seal.ViewerID) Person {
	if i := slices.IndexFunc(p.People, func(p Person) bool { return p.Key == id }); i >= 0 {
		return p.People[i]
	}
	return Person{Key: id, Name: removed(id.Text())}
}

// totals of some visits to the deal.
func (p Plan) totals(visits []*visit) Totals {
	t := Totals{Parts: []Attention{}, Files: []Attention{}, Links: []Attention{}, Days: []Day{}}
	days := map[string]Day{}
	found := map[target]*Attention{}
	who := map[target]map[seal.ViewerID]bool{}
	for _, v := range visits {
		switch {
		case v.automated && v.opened:
			t.Automated += v.times
			continue
		case !v.counts():
			continue
		}
		t.add(v, p.Zone)
		day := time.UnixMilli(v.first).In(p.Zone).Format(time.DateOnly)
		days[day] = Day{day, days[day].Visits + v.times, days[day].Active + Span(v.active)}
		for at, l := range v.seen {
			if at.kind == beacon.Print {
				t.Prints += l.times
				continue
			}
			of := p.part(at)
			if found[of] == nil {
				found[of], who[of] = p.attention(of), map[seal.ViewerID]bool{}
			}
			found[of].add(at.kind, l, v.times)
			who[of][v.viewer] = true
		}
	}
	t.Days = slices.AppendSeq(t.Days, maps.Values(days))
	slices.SortFunc(t.Days, func(a, b Day) int { return cmp.Compare(a.Day, b.Day) })
	for of, a := range found {
		a.Links = len(who[of])
		list := t.list(of.kind)
		*list = append(*list, *a)
	}
	for _, list := range []*[]Attention{&t.Parts, &t.Files, &t.Links} {
		slices.SortFunc(*list, byAttention)
	}
	return t
}

// byAttention puts first what was looked at for longest.
func byAttention(a, b Attention) int {
	return cmp.Or(cmp.Compare(b.Time, a.Time), cmp.Compare(b.Visits, a.Visits), cmp.Compare(b.Downloads, a.Downloads), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Title, b.Title), cmp.Compare(a.ID, b.ID))
}

func (t *Totals) add(v *visit, zone *time.Location) {
	first := time.UnixMilli(v.first).In(zone)
	if t.Visits == 0 || first.Before(t.First) {
		t.First = first
	}
	if first.After(t.Last) {
		t.Last = first
	}
	t.Visits += v.times
	t.Active += Span(v.active)
}

func (t *Totals) list(k beacon.Kind) *[]Attention {
	switch k {
	case beacon.Document, beacon.Video:
		return &t.Files
	case beacon.Link:
		return &t.Links
	}
	return &t.Parts
}

// part is the target without what was done with it: a download is one of a
// document, or of what git says it is.
func (p Plan) part(t target) target {
	if t.kind != beacon.Download {
		return t
	}
	t.kind = beacon.Document
	if part, known := p.Parts[t.id]; known && part.Kind == beacon.Video.String() {
		t.kind = beacon.Video
	}
	return t
}

// removed is what to call something that git knows no more.
func removed(id string) string { return "removed " + id[:6] }

func (p Plan) attention(t target) *Attention {
	part, known := p.Parts[t.id]
	a := &Attention{Kind: t.kind.String(), ID: part.ID, Title: part.Title, Opaque: part.Opaque, Removed: !known}
	if !known {
		a.Title = removed(t.id.Text())
	}
	return a
}

func (a *Attention) add(k beacon.Kind, l look, visits int) {
	if k == beacon.Download {
		a.Downloads += l.times
		return
	}
	a.Time += Span(l.time)
	a.Progress = max(a.Progress, int(l.progress))
	if k == beacon.Link {
		a.Visits += l.times
		return
	}
	a.Visits += min(visits, l.times)
}

// measure what a score is made of: what lies within its window before now.
func (p Plan) measure(visits []*visit, now time.Time) measured {
	m := measured{ago: -1}
	days, seen := map[string]bool{}, map[target]time.Duration{}
	for _, v := range visits {
		began := time.UnixMilli(v.first)
		ago := now.Sub(began)
		if !v.counts() || ago < -time.Hour || ago >= Window {
			continue
		}
		m.active += v.active
		days[began.In(p.Zone).Format(time.DateOnly)] = true
		if ago = max(0, ago); m.ago < 0 || ago < m.ago {
			m.ago = ago
		}
		for t, l := range v.seen {
			seen[p.part(t)] += l.time
		}
	}
	m.days = len(days)
	for t, time := range seen {
		if time >= enoughAttention && t.kind != beacon.Print && t.kind != beacon.Link {
			m.seen++
		}
	}
	return m
}
