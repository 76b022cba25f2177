package deal

import "iter"

// Parts of a deal that are told apart in what its viewers look at. The words are
// those of the collector's protocol.
const (
	PartSection   = "section"
	PartMilestone = "milestone"
	PartDocument  = "document"
	PartVideo     = "video"
	PartLink      = "link"
)

// PartOfPage is the id of a further page among the sections.
func PartOfPage(name string) string { return "pages/" + name }

// Parts are all that a page of the deal may show: the kind of each, and its id
// within the kind. What an entry of collateral is follows from its file, which
// may be exchanged for another kind: so each is there as all that it can be.
func (d *Deal) Parts() iter.Seq2[string, string] {
	return func(yield func(kind, id string) bool) {
		for _, id := range Sections() {
			if !yield(PartSection, id) {
				return
			}
		}
		for i := range d.Pages {
			if p := &d.Pages[i]; !p.Internal && !yield(PartSection, PartOfPage(p.Name)) {
				return
			}
		}
		for i := range d.Milestones {
			if m := &d.Milestones[i]; !m.Internal && !yield(PartMilestone, m.ID) {
				return
			}
		}
		for i := range d.Collateral {
			c := &d.Collateral[i]
			for _, kind := range [...]string{PartDocument, PartVideo, PartLink} {
				if !c.Internal && !yield(kind, c.ID) {
					return
				}
			}
		}
	}
}
