package collect

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"portico/internal/beacon"
)

const (
	// dayEvents and daySessions are the most of one viewer in a day.
	dayEvents   = 5000
	daySessions = 50

	// silence is how long nobody comes before somebody is told.
	silence = 14 * 24 * time.Hour

	day = 24 * time.Hour
)

var errQuota = errors.New("there was too much of this viewer today")

// rules decide what is kept and who is told, by a routing file.
type rules struct{ routing *beacon.Routing }

// decide is the Decide of ingest.
func (r rules) decide(before Viewer, b Batch, begins bool) (Viewer, []Notice, error) {
	after, err := counted(before, b, begins)
	if err != nil || b.automated() {
		return after, nil, err
	}
	now := b.received()
	if before.First == 0 {
		after.First = now
	}
	after.Last = max(before.Last, now)
	priced := r.priced(b)
	if priced {
		after.Priced = b.Session
	}
	var tell []Notice
	raise := func(on beacon.Trigger, what string) { tell = append(tell, r.raise(b.Pair, on, what, now)...) }
	switch {
	case before.First == 0:
		raise(beacon.FirstView, "")
	case begins && now-before.Last >= silence.Milliseconds():
		raise(beacon.Return, b.Session.Text())
	}
	if priced && before.Priced != (beacon.Session{}) && before.Priced != b.Session {
		raise(beacon.PricingAgain, b.Session.Text())
	}
	return after, tell, nil
}

// counted holds a viewer to the quotas of the day, by the collector's clock.
// What is sent again counts again: whether it is new is not known before it is
// kept.
func counted(v Viewer, b Batch, begins bool) (Viewer, error) {
	today := int(b.received() / day.Milliseconds())
	if v.Day != today {
		v.Day, v.Events, v.Sessions = today, 0, 0
	}
	v.Events += len(b.Events)
	if begins {
		v.Sessions++
	}
	if v.Events > dayEvents || v.Sessions > daySessions {
		return v, errQuota
	}
	return v, nil
}

// priced says whether a batch has a look at the price.
func (r rules) priced(b Batch) bool {
	pricing := r.routing.Deals[b.Deal].Pricing
	return slices.ContainsFunc(b.Events, func(e beacon.Event) bool {
		return e.Kind.Aims() && slices.Contains(pricing, e.Target)
	})
}

// raise makes the notices that a deal's routing wants for what happened, one for
// each who is told. which tells one happening from another of its kind.
func (r rules) raise(who beacon.Pair, on beacon.Trigger, which string, at int64) []Notice {
	deal := r.routing.Deals[who.Deal]
	if deal.Until != 0 && at >= deal.Until*1000 {
		return nil
	}
	var tell []Notice
	for i, a := range deal.Alerts {
		if !a.Wants(on) {
			continue
		}
		for j, route := range a.Each() {
			key := fmt.Sprintf("%s/%s/%s/%s/%d/%d", on, who.Deal.Path(), who.Viewer.Text(), which, i, j)
			tell = append(tell, Notice{Key: key, Pair: who, On: on, At: at, Due: due(a.Digest, at, deal.Zone), Route: route})
		}
	}
	return tell
}

// digestHour is when digests go out, where the deal is.
const digestHour = 7

// due is when what happened is told: at once, on the next morning, or on the
// next Monday's.
func due(d beacon.Digest, at int64, zone *time.Location) int64 {
	if d == beacon.AtOnce {
		return at
	}
	if zone == nil {
		zone = time.UTC
	}
	t := time.UnixMilli(at).In(zone)
	for morning := range 8 {
		next := time.Date(t.Year(), t.Month(), t.Day()+morning, digestHour, 0, 0, 0, zone)
		if next.After(t) && (d == beacon.Daily || next.Weekday() == time.Monday) {
			return next.UnixMilli()
		}
	}
	return at // there is a Monday within eight days
}
