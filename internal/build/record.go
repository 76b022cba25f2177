package build

import (
	"strings"
	"sync"
	"time"

	"portico/internal/deal"
	"portico/internal/diag"
)

// record is what reading and checking a deal came to, without the deal itself:
// enough to check it, to list it and to leave it as it is.
type record struct {
	// Source is the sum of all that it depends on, Shape what its folder's next
	// scan may go by.
	Source   sum
	Shape    shape
	Messages diag.List
	// Readable says that there was a deal.toml; without one the rest is empty.
	Readable                   bool
	Buyer, Title, Status, Zone string
	Theme                      string
	Public                     bool
	Start, Expires             deal.Day
	// Modified is the time of its newest file; zero before it was asked for.
	Modified time.Time
	// Where the deal stands on the day AsOf; 0 before it was asked for.
	AsOf   deal.Day
	Health deal.Health
	Next   string
	// Until are the last days of those viewers whose way in ends.
	Until map[string]deal.Day
	// Tell are texts that tell whose deal it is, each with its end.
	Tell string

	zone *time.Location
}

func (r *record) code(c *coding) {
	c.sum(&r.Source)
	r.Shape.code(c)
	codeList(c, &r.Messages, func(m *diag.Message) {
		codeNumber(c, &m.Severity)
		c.texts(&m.Code, &m.Text, &m.Label, &m.Hint, &m.File)
		for _, p := range []*diag.Position{&m.Start, &m.End} {
			codeNumber(c, &p.Offset)
			codeNumber(c, &p.Line)
			codeNumber(c, &p.Column)
		}
		c.text(&m.Excerpt)
	})
	c.flag(&r.Readable)
	c.texts(&r.Buyer, &r.Title, &r.Status, &r.Zone, &r.Theme)
	c.flag(&r.Public)
	codeNumber(c, &r.Start)
	codeNumber(c, &r.Expires)
	c.time(&r.Modified)
	codeNumber(c, &r.AsOf)
	c.text((*string)(&r.Health))
	c.text(&r.Next)
	codeMap(c, &r.Until, func(day *deal.Day) { codeNumber(c, day) })
	c.text(&r.Tell)
}

func (l *loaded) record(source sum) *record {
	r := &record{Source: source, Messages: l.messages, Readable: l.Readable()}
	if r.Readable {
		// Texts are parts of the file that they were read from: they would hold it.
		own := strings.Clone
		r.Buyer, r.Title, r.Status, r.Theme, r.Public = own(l.Buyer.Name), own(l.Title), own(l.Status), own(l.Theme), l.Access.Public
		r.Start, r.Expires, r.zone = l.Start, l.Expires.Day, l.Timezone
		r.Zone = r.zone.String()
		r.Until, r.Tell = l.until(), l.telling()
	}
	return r
}

// standing completes a record with where its deal stands on a day.
func (r *record) standing(l *loaded, day deal.Day) {
	s := l.StandingOn(day)
	r.AsOf, r.Health, r.Next = day, s.Health, ""
	if s.Next != nil {
		r.Next = strings.Clone(s.Next.Title())
	}
}

// records are those of a site's deals. Those of an earlier run are read when
// the first is asked for.
type records struct {
	mu      sync.Mutex
	cache   *cache
	fetched bool
	changed bool
	byDeal  keptRecords
	// zones that the system was asked for, by name.
	zones map[string]*time.Location
}

// keptRecords are records by their deals' ids.
type keptRecords map[string]*record

func (k *keptRecords) code(c *coding) {
	codeMap(c, k, func(r **record) {
		if *r == nil {
			*r = &record{}
		}
		(*r).code(c)
	})
}

// recordsName is what the cache calls them.
const recordsName = "deals 4"

// prepare them while something else is done.
func (r *records) prepare() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fetch()
}

func (r *records) fetch() {
	if r.fetched {
		return
	}
	r.fetched = true
	if !r.cache.decode(recordsName, &r.byDeal) {
		r.byDeal = keptRecords{}
	}
}

// get a deal's record if it was made of the same; a copy, which the caller may
// complete.
func (r *records) get(id string, source sum) *record {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fetch()
	kept := r.byDeal[id]
	if kept == nil || kept.Source != source {
		return nil
	}
	if kept.Readable && kept.zone == nil {
		if kept.zone = r.zone(kept.Zone); kept.zone == nil {
			return nil
		}
	}
	again := *kept
	return &again
}

// shape of a deal's folder when its record was made; false where there is no
// record.
func (r *records) shape(id string) (_ shape, there bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fetch()
	kept := r.byDeal[id]
	if kept == nil {
		return shape{}, false
	}
	return kept.Shape, true
}

// zone by its name; nil if this machine no longer knows it. The system would
// read its file for each deal anew.
func (r *records) zone(name string) *time.Location {
	if z := r.zones[name]; z != nil {
		return z
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	if r.zones == nil {
		r.zones = map[string]*time.Location{}
	}
	r.zones[name] = z
	return z
}

func (r *records) put(id string, kept record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fetch()
	r.byDeal[id], r.changed = &kept, true
}

// save them for the next run, but for those of deals that are gone.
func (r *records) save(ids []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.changed {
		return
	}
	there := make(keptRecords, len(ids))
	for _, id := range ids {
		if kept := r.byDeal[id]; kept != nil {
			there[id] = kept
		}
	}
	r.cache.encode(recordsName, &there)
	r.byDeal, r.changed = there, false
}
