package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"portico/internal/deal"
	"portico/internal/diag"
)

// texts follows every link, embed and mention.
func texts(v *visit) {
	v.EachText(v.toml, func(t deal.Text) {
		for i := range t.Pieces {
			p := &t.Pieces[i]
			switch p.Kind {
			case deal.Mention:
				v.mention(&t, p)
			case deal.LinkStart, deal.Embed:
				v.target(&t, p)
			}
		}
	})
}

// hiddenFiles are those of internal collateral, by the id of the entry, unless
// another entry shows them. An entry of the library that only something
// internal names is no secret for that.
func hiddenFiles(d *deal.Deal, site *deal.Site) map[deal.File]string {
	hidden, shown := map[deal.File]string{}, map[deal.File]bool{}
	for _, list := range [][]deal.Collateral{d.Collateral, site.Library.Collateral} {
		for i := range list {
			switch c := &list[i]; {
			case c.OfLibrary && d.Item(c.ID) == c: // as the library itself has it, below
			case c.Internal:
				hidden[c.File] = c.ID
			default:
				shown[c.File] = true
			}
		}
	}
	maps.DeleteFunc(hidden, func(f deal.File, _ string) bool { return shown[f] || !f.IsSet() })
	return hidden
}

// mayPublish refuses a file of internal collateral where a buyer sees it.
func (v *visit) mayPublish(at deal.Place, f deal.File, shown bool) {
	if id, ok := v.hidden[f]; ok && shown {
		v.fail(at, "internal-leak", fmt.Sprintf("this file belongs to the internal collateral %q and would show on the buyer's page", id), "", "take it out here, or take internal = true out of the entry")
	}
}

func (v *visit) mention(t *deal.Text, p *deal.Piece) {
	person := v.lookup(p.Name)
	if person != nil {
		v.mayShow(t.At(p), person, t.Shown)
		return
	}
	v.warn(t.At(p), "unknown-mention", fmt.Sprintf("there is no person %q", p.Name), diag.DidYouMean(p.Name, v.personIDs()), "@ and an id name a person; write \\@ for a plain @")
}

func (v *visit) target(t *deal.Text, p *deal.Piece) {
	at := t.At(p)
	target, err := deal.ParseTarget(p.Target, t.Scope)
	if err != nil {
		v.fail(at, err.Code, err.Text, "", err.Hint)
		v.means(p.Target)
		return
	}
	switch target.Kind {
	case deal.ToAddress:
		if p.Kind == deal.Embed && !strings.HasPrefix(target.URL, "http") {
			v.fail(at, "unsafe-address", "this address cannot be embedded", "", "write it as a link: [text](address)")
		}
	case deal.ToAnchor:
		v.anchor(t, at, target.Fragment)
	case deal.ToPlan:
		v.planAnchor(t, at, target.Fragment)
	case deal.ToPage:
		v.page(t, at, target)
	case deal.ToMilestone:
		m := v.Milestone(target.Name)
		if m == nil {
			v.dead(at, "milestone", target.Name, v.milestoneIDs(), "milestones are the tables [milestone.<id>] of deal.toml")
			return
		}
		v.shows(t, at, m.Internal, "milestone", m.ID)
		v.heading(at, &m.Prose, target.Fragment)
	case deal.ToNote:
		v.note(t, at, target)
	case deal.ToFile:
		v.mayPublish(at, target.File, t.Shown)
		if p.Kind == deal.Embed && target.Fragment != "" && target.File.Ext() != ".pdf" {
			v.warn(at, "dead-link", fmt.Sprintf("%s has no places to show", target.File), "", "delete what stands behind the #")
		}
	}
}

func (v *visit) dead(at deal.Place, what, name string, names []string, hint string) {
	v.fail(at, "dead-link", fmt.Sprintf("there is no %s %q", what, name), diag.DidYouMean(name, names), hint)
}

// shows refuses a link from what a buyer sees to what it does not.
func (v *visit) shows(t *deal.Text, at deal.Place, internal bool, what, name string) {
	if internal && t.Shown {
		v.fail(at, "internal-leak", fmt.Sprintf("the %s %q is internal: on the buyer's page the link would lead nowhere", what, name), "", "delete the link, or make the text internal as well")
	}
}

func (v *visit) page(t *deal.Text, at deal.Place, target deal.Target) {
	p := v.Page(target.Name)
	if p == nil {
		if _, there := v.Files["pages/"+target.Name+".md"]; there {
			return // why it can't be read was reported
		}
		var names []string
		for i := range v.Pages {
			names = append(names, v.Pages[i].Name)
		}
		v.dead(at, "page", target.Name, names, "pages are the files pages/<name>.md")
		return
	}
	v.shows(t, at, p.Internal, "page", p.Name)
	v.heading(at, &p.Body, target.Fragment)
}

func (v *visit) note(t *deal.Text, at deal.Place, target deal.Target) {
	var days []string
	for i := range v.Notes {
		n := &v.Notes[i]
		if n.Day.String() == target.Name {
			v.shows(t, at, n.Internal, "note", target.Name)
			v.heading(at, &n.Rest, target.Fragment)
			return
		}
		days = append(days, n.Day.String())
	}
	if _, there := v.Files["notes/"+target.Name+".md"]; there {
		return // as with pages
	}
	v.dead(at, "note", target.Name, days, "notes are the files notes/<date>.md")
}

// anchor within the text, or of the plan.
func (v *visit) anchor(t *deal.Text, at deal.Place, fragment string) {
	if slices.Contains(anchors(t.Prose), fragment) {
		return
	}
	v.planAnchor(t, at, fragment, anchors(t.Prose)...)
}

// planAnchor may be a heading of index.md, a milestone, an event or a section.
func (v *visit) planAnchor(t *deal.Text, at deal.Place, fragment string, more ...string) {
	always := slices.Concat(more, anchors(&v.Index), deal.Sections())
	if fragment == "" || slices.Contains(always, fragment) {
		return
	}
	if m := v.Milestone(fragment); m != nil {
		v.shows(t, at, m.Internal, "milestone", m.ID)
		return
	}
	if e := v.Event(fragment); e != nil {
		v.shows(t, at, e.Internal, "event", e.ID)
		return
	}
	known := slices.Concat(always, v.milestoneIDs(), v.eventIDs())
	v.fail(at, "dead-link", fmt.Sprintf("there is nothing called %q to link to", fragment), diag.DidYouMean(fragment, known), "behind # stands a heading in small letters with hyphens, a milestone's id, or a section: "+strings.Join(deal.Sections(), ", "))
}

func (v *visit) heading(at deal.Place, p *deal.Prose, fragment string) {
	if fragment != "" && !slices.Contains(anchors(p), fragment) {
		v.fail(at, "dead-link", fmt.Sprintf("there is no heading %q", fragment), diag.DidYouMean(fragment, anchors(p)), "behind # stands a heading in small letters with hyphens")
	}
}

func anchors(p *deal.Prose) []string {
	var names []string
	for _, h := range p.Headings {
		names = append(names, h.Anchor)
	}
	return names
}
