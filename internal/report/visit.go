package report

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"time"

	"portico/internal/beacon"
	"portico/internal/seal"
)

// visitor is a viewer of a deal, as events name one.
type visitor struct {
	deal   seal.DealID
	viewer seal.ViewerID
}

// visit is one session: a page that was opened, until it was closed; or what is
// left of all those of an old day.
type visit struct {
	visitor
	session     beacon.Session
	device      beacon.Device
	first, last int64 // Unix milliseconds
	active      time.Duration
	// times is 1, or for a day of which there are sums alone, how many there were.
	times int
	// opened says that somebody was there: a session without is a scanner's, or
	// somebody's who went away at once.
	opened, automated bool
	seen              map[target]look
	// beats are the times of its events, in order.
	beats []int64
}

// target is what was looked at.
type target struct {
	kind beacon.Kind
	id   beacon.Target
}

// look is how a target was looked at.
type look struct {
	time time.Duration
	// progress is how much of it, per mille.
	progress uint16
	times    int
}

// Data is what a collector handed out.
type Data struct {
	// Sums are of old days, of which there are no events any more.
	Sums   []beacon.Sum
	Events []beacon.Event
}

// until is what had been received by a time, in Unix milliseconds.
func (d Data) until(known int64) Data {
	return Data{
		slices.DeleteFunc(slices.Clone(d.Sums), func(s beacon.Sum) bool { return s.Start()+24*time.Hour.Milliseconds() > known }),
		slices.DeleteFunc(slices.Clone(d.Events), func(e beacon.Event) bool { return e.Received > known }),
	}
}

// Newest is when the last event was received, in Unix milliseconds.
func (d Data) Newest() int64 {
	var newest int64
	for _, e := range d.Events {
		newest = max(newest, e.Received)
	}
	return newest
}

// visits gathers events by session, and sums by day. Neither their order nor
// what came twice matters: times are cumulative, and each has a key.
func (d Data) visits() []*visit {
	list := slices.Collect(maps.Values(d.sessions()))
	list = append(list, slices.Collect(maps.Values(d.bygone()))...)
	slices.SortFunc(list, func(a, b *visit) int {
		return cmp.Or(cmp.Compare(a.first, b.first), bytes.Compare(a.session[:], b.session[:]), a.compare(b.visitor), compareBool(a.automated, b.automated))
	})
	return list
}

func (v visitor) compare(w visitor) int {
	return cmp.Or(bytes.Compare(v.deal[:], w.deal[:]), bytes.Compare(v.viewer[:], w.viewer[:]))
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// sessionOf is what a session is known by: whoever made up another's has one of
// their own.
type sessionOf struct {
	visitor
	session beacon.Session
}

func (d Data) sessions() map[sessionOf]*visit {
	found := map[sessionOf]*visit{}
	for _, e := range unique(d.Events) {
		k := sessionOf{visitor{e.Deal, e.Viewer}, e.Session}
		v := found[k]
		if v == nil {
			v = newVisit(e)
			found[k] = v
		}
		v.add(e)
	}
	for _, v := range found {
		slices.Sort(v.beats)
	}
	return found
}

// dayOf is what is left of a viewer's day.
type dayOf struct {
	visitor
	day       int
	automated bool
}

func (d Data) bygone() map[dayOf]*visit {
	found := map[dayOf]*visit{}
	for _, s := range d.Sums {
		k := dayOf{visitor{s.Deal, s.Viewer}, s.Day, s.Automated}
		v := found[k]
		if v == nil {
			v = &visit{visitor: k.visitor, first: s.Start(), last: s.Start(), automated: s.Automated, seen: map[target]look{}}
			found[k] = v
		}
		v.active = max(v.active, time.Duration(s.Ms)*time.Millisecond)
		if s.Kind == beacon.Open {
			v.opened, v.times = true, max(v.times, int(s.Sessions))
			continue
		}
		t := target{s.Kind, s.Target}
		v.seen[t] = v.seen[t].most(look{time.Duration(s.Ms) * time.Millisecond, s.Progress, int(s.Sessions)})
	}
	return found
}

// most of two counts of the same.
func (l look) most(m look) look {
	return look{max(l.time, m.time), max(l.progress, m.progress), max(l.times, m.times)}
}

// unique events, each once, in an order that is theirs.
func unique(events []beacon.Event) []beacon.Event {
	list := slices.Clone(events)
	slices.SortFunc(list, func(a, b beacon.Event) int {
		return cmp.Or(sameKey(a, b), visitor{a.Deal, a.Viewer}.compare(visitor{b.Deal, b.Viewer}), cmp.Compare(a.At, b.At), cmp.Compare(a.Received, b.Received), cmp.Compare(a.Kind, b.Kind),
			bytes.Compare(a.Target[:], b.Target[:]), cmp.Compare(a.Ms, b.Ms), cmp.Compare(a.Progress, b.Progress), cmp.Compare(a.Device, b.Device), compareBool(a.Automated, b.Automated))
	})
	return slices.CompactFunc(list, func(a, b beacon.Event) bool { return sameKey(a, b) == 0 })
}

func sameKey(a, b beacon.Event) int {
	return cmp.Or(bytes.Compare(a.Session[:], b.Session[:]), cmp.Compare(a.Seq, b.Seq))
}

// newVisit is that of an event which is still to be added.
func newVisit(e beacon.Event) *visit {
	return &visit{visitor: visitor{e.Deal, e.Viewer}, session: e.Session, first: began(e), last: e.At, times: 1, seen: map[target]look{}}
}

// began is when the page was open at the latest, in Unix milliseconds: what an
// event counts had gone by already. An opening is told after two seconds.
func began(e beacon.Event) int64 { return e.At - int64(e.Ms) }

func (v *visit) add(e beacon.Event) {
	v.first, v.last = min(v.first, began(e)), max(v.last, e.At)
	v.beats = append(v.beats, e.At)
	v.device = max(v.device, e.Device)
	v.automated = v.automated || e.Automated
	v.opened = v.opened || e.Kind == beacon.Open
	v.active = max(v.active, time.Duration(e.Ms)*time.Millisecond)
	if e.Kind == beacon.Open || e.Kind == beacon.Lock {
		return
	}
	t := target{e.Kind, e.Target}
	l := v.seen[t]
	v.seen[t] = look{max(l.time, time.Duration(e.Ms)*time.Millisecond), max(l.progress, e.Progress), l.times + 1}
}

// counts says whether a visit is one of a person.
func (v *visit) counts() bool { return v.opened && !v.automated }

// pause is how long a session is quiet before it is taken for left alone: a
// page says something every 15 seconds while it is used.
const pause = 60 * time.Second

// stretch of time in which a visit was active.
type stretch struct{ from, to int64 }

// stretches in which no two of a visit's events lie further apart than a pause.
func (v *visit) stretches() []stretch {
	var list []stretch
	for _, at := range v.beats {
		if n := len(list); n > 0 && at-list[n-1].to <= pause.Milliseconds() {
			list[n-1].to = at
			continue
		}
		list = append(list, stretch{at, at})
	}
	return list
}

// together is how long two visits were active at the same time, and from when
// to when.
func together(a, b *visit) (sum time.Duration, span stretch) {
	for _, x := range a.stretches() {
		for _, y := range b.stretches() {
			from, to := max(x.from, y.from), min(x.to, y.to)
			if to <= from {
				continue
			}
			if sum == 0 {
				span.from = from
			}
			span.from, span.to = min(span.from, from), max(span.to, to)
			sum += time.Duration(to-from) * time.Millisecond
		}
	}
	return sum, span
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
