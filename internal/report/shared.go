package report

import (
	"slices"
	"time"
)

// A link is used in two places where two visits through it were active at the
// same time for this long in all: on devices of two kinds, or on two of one kind
// or of none that is known, which may be two windows of one person.
const (
	togetherUnlike = time.Minute
	togetherAlike  = 5 * time.Minute
)

// Shared is a link that was used in two places at the same time.
type Shared struct {
	Guest
	Through string    `json:"through"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	For     Span      `json:"seconds"`
	// Devices of the two visits, where they are known.
	Devices [2]string `json:"devices"`
}

// shared finds links in two places, the last first. A passphrase is made to be
// shared, and left out.
func (p Plan) shared(visits []*visit) []Shared {
	found := []Shared{}
	for viewer, own := range byViewer(visits) {
		person := p.person(viewer)
		if person.Shared {
			continue
		}
		own = slices.DeleteFunc(slices.Clone(own), func(v *visit) bool { return !v.counts() || len(v.beats) == 0 })
		for i, a := range own { // they are in order of when they began
			for _, b := range own[i+1:] {
				if b.first > a.last {
					break
				}
				if s, ok := p.twoPlaces(person, a, b); ok {
					found = append(found, s)
				}
			}
		}
	}
	slices.SortFunc(found, func(a, b Shared) int {
		if c := b.From.Compare(a.From); c != 0 {
			return c
		}
		if c := b.To.Compare(a.To); c != 0 {
			return c
		}
		return slices.Compare([]string{a.ID, a.Name}, []string{b.ID, b.Name})
	})
	return found
}

func (p Plan) twoPlaces(person Person, a, b *visit) (Shared, bool) {
	sum, span := together(a, b)
	least := togetherAlike
	if a.device != b.device && a.device.String() != "" && b.device.String() != "" {
		least = togetherUnlike
	}
	if sum < least {
		return Shared{}, false
	}
	return Shared{
		Guest: person.guest(), Through: person.through(), For: Span(sum), Devices: [2]string{a.device.String(), b.device.String()},
		From: time.UnixMilli(span.from).In(p.Zone), To: time.UnixMilli(span.to).In(p.Zone),
	}, true
}
