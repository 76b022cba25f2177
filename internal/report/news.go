package report

import (
	"cmp"
	"slices"

	"portico/internal/seal"
)

// News is what came since the last report.
type News struct {
	Visits int  `json:"visits"`
	Active Span `json:"active_seconds"`
	// Viewers are those through whose links somebody came, the longest first.
	Viewers []NewVisits `json:"viewers"`
}

// NewVisits are what came through one way in.
type NewVisits struct {
	Guest
	Through string `json:"through"`
	// FirstTime says that nobody had come through it before.
	FirstTime bool `json:"first_time,omitempty"`
	Visits    int  `json:"visits"`
	Active    Span `json:"active_seconds"`
	// Most are what got the most attention, at most three.
	Most []Attention `json:"most"`
	// Opened are documents and videos that had not been looked at before through
	// this way in.
	Opened []string `json:"opened"`
}

// mostOf is how much of what was looked at is named.
const mostOf = 3

// news is the difference between what is known and what was known before. A
// visit that went on since counts for what was added to it.
func (p Plan) news(visits, before []*visit) News {
	n := News{Viewers: []NewVisits{}}
	then := byViewer(before)
	for viewer, own := range byViewer(visits) {
		if v := p.newVisits(viewer, own, then[viewer]); v.Visits > 0 || v.Active > 0 {
			n.Visits += v.Visits
			n.Active += v.Active
			n.Viewers = append(n.Viewers, v)
		}
	}
	slices.SortFunc(n.Viewers, func(a, b NewVisits) int {
		return cmp.Or(cmp.Compare(b.Active, a.Active), cmp.Compare(b.Visits, a.Visits), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Name, b.Name))
	})
	return n
}

func (p Plan) newVisits(viewer seal.ViewerID, visits, before []*visit) NewVisits {
	now, then := p.totals(visits), p.totals(before)
	person := p.person(viewer)
	n := NewVisits{
		Guest: person.guest(), Through: person.through(), FirstTime: then.Visits == 0,
		Visits: now.Visits - then.Visits, Active: now.Active - then.Active, Most: []Attention{}, Opened: []string{},
	}
	for _, list := range [][2][]Attention{{now.Parts, then.Parts}, {now.Files, then.Files}} {
		for _, a := range list[0] {
			was := find(list[1], a)
			if a.Time > was.Time {
				gained := a
				gained.Time, gained.Visits, gained.Downloads = a.Time-was.Time, a.Visits-was.Visits, a.Downloads-was.Downloads
				n.Most = append(n.Most, gained)
			}
		}
	}
	for _, a := range now.Files {
		if was := find(then.Files, a); was.Visits+was.Downloads == 0 {
			n.Opened = append(n.Opened, a.Title)
		}
	}
	slices.SortFunc(n.Most, byAttention)
	n.Most = n.Most[:min(mostOf, len(n.Most))]
	return n
}

// find the same part in another list; a zero one where it is not there.
func find(list []Attention, a Attention) Attention {
	i := slices.IndexFunc(list, func(b Attention) bool { return a.Kind == b.Kind && a.ID == b.ID && a.Title == b.Title })
	if i < 0 {
		return Attention{}
	}
	return list[i]
}
