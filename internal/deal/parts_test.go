package deal

import (
	"slices"
	"testing"
)

// What is internal is no part of a page, and whoever stops at a part gets no more.
func TestParts(t *testing.T) {
	d := &Deal{
		Pages:      []Page{{Name: "terms"}, {Name: "margin", Internal: true}},
		Milestones: []Milestone{{ID: "trial"}, {ID: "discount", Internal: true}},
		Collateral: []Collateral{{ID: "deck"}, {ID: "battlecard", Internal: true}},
	}
	var all []string
	for kind, id := range d.Parts() {
		all = append(all, kind+" "+id)
	}
	want := []string{"section pages/terms", "milestone trial", "document deck", "video deck", "link deck"}
	if n := len(Sections()); !slices.Equal(all[n:], want) || all[0] != "section "+Sections()[0] {
		t.Errorf("the parts are %q", all)
	}
	for most := 1; most < len(all); most++ {
		n := 0
		for range d.Parts() {
			if n++; n == most {
				break
			}
		}
	}
}
