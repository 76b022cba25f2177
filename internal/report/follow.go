package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"portico/internal/beacon"
	"portico/internal/seal"
)

// Follower tells of visits as they come in. It tells nothing twice, whatever
// comes twice, and a visit only once somebody is known to be there.
type Follower struct {
	plans map[seal.DealID]Plan
	// partial says that other deals are left out.
	partial bool
	zone    *time.Location
	// came are those through whose links somebody came before.
	came  map[visitor]bool
	going map[sessionOf]*following
}

// following is a visit that may go on.
type following struct {
	*visit
	told map[target]bool
	// come says that it was told of, and gone that its end was.
	come, gone bool
}

// Happening is something that is told of a visit.
type Happening struct {
	At            time.Time
	Deal, Through string
	Text          string
}

// NewFollower begins with what is known already.
func NewFollower(plans []Plan, partial bool, zone *time.Location, known Data) *Follower {
	f := &Follower{plans: map[seal.DealID]Plan{}, partial: partial, zone: zone, came: map[visitor]bool{}, going: map[sessionOf]*following{}}
	for _, p := range plans {
		f.plans[p.Key] = p
	}
	for _, v := range known.visits() {
		if v.counts() {
			f.came[v.visitor] = true
		}
	}
	for k, v := range known.sessions() {
		g := &following{visit: v, told: map[target]bool{}, come: v.opened, gone: v.opened}
		for t := range v.seen {
			g.told[t] = true
		}
		f.going[k] = g
	}
	return f
}

// Add what has come, and say what of it is to be told.
func (f *Follower) Add(events []beacon.Event, now time.Time) []Happening {
	var list []Happening
	for _, e := range slices.SortedFunc(slices.Values(events), func(a, b beacon.Event) int { return cmp.Or(cmp.Compare(a.At, b.At), sameKey(a, b)) }) {
		if _, known := f.plans[e.Deal]; f.partial && !known {
			continue
		}
		k := sessionOf{visitor{e.Deal, e.Viewer}, e.Session}
		g := f.going[k]
		if g == nil {
			g = &following{visit: newVisit(e), told: map[target]bool{}}
			f.going[k] = g
		}
		later := e.At > g.last
		g.add(e)
		if g.opened {
			list = append(list, f.tell(g, e, later)...)
		}
	}
	for _, k := range slices.SortedFunc(maps.Keys(f.going), sessionOf.compareSession) {
		if g := f.going[k]; g.come && !g.gone && now.UnixMilli()-g.last > pause.Milliseconds() {
			list = append(list, f.left(g))
		}
	}
	return list
}

func (k sessionOf) compareSession(l sessionOf) int {
	return cmp.Or(slices.Compare(k.session[:], l.session[:]), k.compare(l.visitor))
}

// tell of an event of a visit in which somebody is known to be there; later than
// all before it or not.
func (f *Follower) tell(g *following, e beacon.Event, later bool) []Happening {
	var list []Happening
	if !g.come {
		g.come = true
		list = append(list, f.happening(g, g.first, f.arrival(g)))
		f.came[g.visitor] = f.came[g.visitor] || g.counts()
	} else if g.gone && later && e.Kind != beacon.Lock {
		g.gone = false
		list = append(list, f.happening(g, e.At, "is back"))
	}
	for _, t := range slices.SortedFunc(maps.Keys(g.seen), target.compare) {
		if !g.told[t] {
			g.told[t] = true
			list = append(list, f.happening(g, e.At, f.plan(g).did(t)))
		}
	}
	if e.Kind == beacon.Lock && !g.gone {
		list = append(list, f.left(g))
	}
	return list
}

func (t target) compare(u target) int {
	return cmp.Or(cmp.Compare(t.kind, u.kind), slices.Compare(t.id[:], u.id[:]))
}

func (f *Follower) arrival(g *following) string {
	text := "a visit begins"
	switch {
	case g.automated:
		text = "a program opens the plan"
	case !f.came[g.visitor]:
		text = "the first visit begins"
	}
	if d := g.device.String(); d != "" {
		text += ", on a " + d
	}
	return text
}

// left is told once a visit has been quiet for a while.
func (f *Follower) left(g *following) Happening {
	g.gone = true
	text := fmt.Sprintf("gone after %s", Span(g.active))
	p := f.plan(g)
	p.Zone = f.zone
	t := p.totals([]*visit{g.visit})
	var most []string
	for _, a := range slices.SortedFunc(slices.Values(slices.Concat(t.Parts, t.Files)), byAttention) {
		if a.Time > 0 && len(most) < mostOf {
			most = append(most, fmt.Sprintf("%s (%s)", a.Title, a.Time))
		}
	}
	if len(most) > 0 {
		text += ", most on " + strings.Join(most, ", ")
	}
	return f.happening(g, g.last, text)
}

func (f *Follower) plan(g *following) Plan {
	if p, ok := f.plans[g.deal]; ok {
		return p
	}
	return Plan{ID: g.deal.Path(), Key: g.deal, Removed: true}
}

func (f *Follower) happening(g *following, at int64, text string) Happening {
	p := f.plan(g)
	name := Deal{ID: p.ID, Key: p.Key.Path(), Buyer: p.Buyer, Removed: p.Removed}.Name()
	return Happening{At: time.UnixMilli(at).In(f.zone), Deal: name, Through: p.person(g.viewer).through(), Text: text}
}

// did says what somebody did with a part of the deal.
func (p Plan) did(t target) string {
	if t.kind == beacon.Print {
		return "prints the plan"
	}
	title := p.attention(p.part(t)).Title
	switch t.kind {
	case beacon.Milestone:
		return "unfolds " + title
	case beacon.Document:
		return "opens " + title
	case beacon.Video:
		return "plays " + title
	case beacon.Download:
		return "downloads " + title
	case beacon.Link:
		return "follows the link " + title
	}
	return "looks at " + title
}

// Line is a happening for a terminal.
func (s Style) Line(h Happening) string {
	return fmt.Sprintf("%s  %s  %s  %s", s.paint(faint, h.At.Format("15:04:05")), s.paint(bold, h.Deal), s.paint(blue, h.Through), h.Text)
}
