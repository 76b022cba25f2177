package report

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"time"

	"portico/internal/beacon"
	"portico/internal/seal"
)

// story makes up what viewers did, the same for the same seed, as pages would
// tell it: an event every 15 seconds, and each count the greatest so far.
type story struct {
	random *rand.Rand
	plan   Plan
	Data
}

func newStory(seed uint64) *story {
	zone := time.FixedZone("CET", 3600)
	s := &story{random: rand.New(rand.NewPCG(seed, 1)), plan: Plan{ID: "northwind", Title: "Paid in a day", Buyer: "Northwind Bank", Key: seal.DealID{1}, Zone: zone, Parts: map[beacon.Target]Part{}}}
	for i, name := range []string{"Ana Ruiz", "Bo Lind", "Cem Aydın", "田中 美咲", "Eve Okoro"} {
		s.plan.People = append(s.plan.People, Person{Key: seal.ViewerID{byte(i + 1)}, ID: fmt.Sprintf("p%d", i+1), Name: name, Way: i != 2})
	}
	s.plan.People = append(s.plan.People, Person{Key: seal.ViewerID{9}, ID: seal.Everyone, Name: "the deal’s passphrase", Way: true, Shared: true})
	for i, p := range []Part{{Kind: "section", ID: "plan", Title: "Plan"}, {Kind: "section", ID: "pricing", Title: "Pricing"}, {Kind: "milestone", ID: "pilot", Title: "Pilot signed off"}, {Kind: "milestone", ID: "security", Title: "Security review"}, {Kind: "document", ID: "soc2", Title: "SOC 2 report"}, {Kind: "video", ID: "tour", Title: "A tour of the desk"}, {Kind: "link", ID: "docs", Title: "API reference"}, {Kind: "milestone", ID: "dpa", Title: "Data agreement"}, {Kind: "milestone", ID: "board", Title: "Board decides"}, {Kind: "milestone", ID: "signature", Title: "Contract signed"}, {Kind: "milestone", ID: "live", Title: "Go-live"}, {Kind: "document", ID: "order", Title: "Order form", Opaque: true}} {
		s.plan.Parts[part(i)] = p
	}
	return s
}

func part(i int) beacon.Target { return beacon.Target{byte(i + 1)} }

// now is a Friday afternoon.
func now() time.Time { return time.Date(2026, 11, 27, 16, 0, 0, 0, time.UTC) }

// session at a time, of a viewer, on a device, as long as that many heartbeats.
func (s *story) session(at time.Time, viewer byte, device beacon.Device, beats int, also ...func(*beacon.Event)) {
	var id beacon.Session
	binary.BigEndian.PutUint64(id[:], uint64(at.UnixMilli())<<16)
	id[6] |= 0x70
	binary.BigEndian.PutUint64(id[8:], s.random.Uint64()>>2|1<<63)
	seq := uint32(0)
	say := func(after time.Duration, k beacon.Kind, t beacon.Target, ms time.Duration, progress uint16) {
		e := beacon.Event{Session: id, Seq: seq, Deal: s.plan.Key, Viewer: seal.ViewerID{viewer}, Kind: k, Target: t, Ms: uint32(ms.Milliseconds()), Progress: progress, At: at.Add(after).UnixMilli(), Received: at.Add(after + time.Second).UnixMilli(), Device: device}
		for _, f := range also {
			f(&e)
		}
		s.Events = append(s.Events, e)
		seq++
	}
	say(2*time.Second, beacon.Open, beacon.Target{}, 2*time.Second, 0)
	seen := map[int]time.Duration{}
	for beat := 1; beat <= beats; beat++ {
		after := time.Duration(beat) * 15 * time.Second
		say(after, beacon.Open, beacon.Target{}, after, 0)
		i := s.random.IntN(10)
		if i > 5 {
			i++ // that is the link
		}
		seen[i] += 15 * time.Second
		switch {
		case i < 2:
			say(after, beacon.Section, part(i), seen[i], 0)
		case i < 4 || i > 6:
			say(after, beacon.Milestone, part(i), seen[i], 0)
		case i == 4:
			say(after, beacon.Document, part(i), seen[i], uint16(min(1000, 130*len(seen)+10*beat)))
		default:
			say(after, beacon.Video, part(i), seen[i], uint16(min(1000, 40*beat)))
		}
	}
}

// whole is a story with something of everything.
func whole() *story {
	s := newStory(7)
	day := func(n, hour int) time.Time { return time.Date(2026, 11, n, hour, 0, 0, 0, time.UTC) }
	for _, n := range []int{3, 10, 12, 24, 27} {
		s.session(day(n, 9), 1, beacon.Desktop, 20+n)
	}
	s.session(day(20, 14), 2, beacon.Phone, 6)
	s.session(day(26, 15), 2, beacon.Phone, 40)
	s.session(day(26, 15).Add(2*time.Minute), 2, beacon.Desktop, 12)
	s.session(day(11, 8), 3, beacon.Desktop, 9)
	s.session(day(25, 8), 9, beacon.UnknownDevice, 5)
	s.session(day(25, 10), 7, beacon.Tablet, 4) // of whom git knows nothing
	s.session(day(26, 3), 4, beacon.Desktop, 3, func(e *beacon.Event) { e.Automated = true })
	last := &s.Events[len(s.Events)-1]
	add := func(k beacon.Kind, t beacon.Target) {
		e := *last
		e.Viewer, e.Session, e.Automated = seal.ViewerID{1}, s.Events[0].Session, false
		e.Kind, e.Target, e.Seq, e.Ms, e.At = k, t, e.Seq+1000, 0, s.Events[0].At
		s.Events = append(s.Events, e)
		last = &s.Events[len(s.Events)-1]
	}
	add(beacon.Download, part(4))
	add(beacon.Print, beacon.Target{})
	add(beacon.Link, part(6))
	add(beacon.Section, part(40)) // a section that is gone
	add(beacon.Document, part(11))
	last.Ms = 40_000
	for viewer, n := range []uint32{2, 1} {
		for kind, ms := range map[beacon.Kind]uint64{beacon.Open: 400_000, beacon.Section: 90_000} {
			sum := beacon.Sum{Day: 20_500 + viewer, Deal: s.plan.Key, Viewer: seal.ViewerID{byte(viewer + 1)}, Kind: kind, Ms: ms, Sessions: n}
			if kind.Aims() {
				sum.Target = part(0)
			}
			s.Sums = append(s.Sums, sum)
		}
	}
	return s
}

func (s *story) report(known time.Time) Report {
	in := Input{Plans: []Plan{s.plan}, Data: s.Data, Now: now(), Zone: time.UTC}
	if !known.IsZero() {
		in.Seen = map[seal.DealID]Seen{s.plan.Key: {known, known.UnixMilli()}}
	}
	return Make(in)
}
