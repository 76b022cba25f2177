package check

import (
	"fmt"
	"slices"
	"strings"

	"portico/internal/deal"
	"portico/internal/diag"
)

func references(v *visit) {
	v.EachReference(v.toml, func(r deal.Reference) {
		switch r.Kind {
		case deal.RefPerson:
			v.person(r)
		case deal.RefMember:
			v.member(r)
		case deal.RefMilestone:
			if v.Milestone(r.ID) == nil {
				v.unknown(r, "milestone", v.milestoneIDs(), "milestones are the tables [milestone.<id>] of deal.toml")
			}
		case deal.RefPlan:
			if v.Milestone(r.ID) == nil && v.Event(r.ID) == nil {
				v.unknown(r, "milestone", append(v.milestoneIDs(), v.eventIDs()...), "milestones and events can be waited for; they are the tables [milestone.<id>] and [event.<id>]")
			}
		case deal.RefStage:
			v.stage(r)
		case deal.RefItem:
			v.item(r)
		case deal.RefAudience:
			v.audience(r)
		}
	})
}

func (v *visit) unknown(r deal.Reference, what string, ids []string, hint string) {
	v.fail(r.Place, "unknown-"+what, fmt.Sprintf("there is no %s %q", what, r.ID), diag.DidYouMean(r.ID, ids), hint)
}

// lookup finds a person of the deal or, behind that, of the team.
func (v *visit) lookup(id string) *deal.Person {
	if p := v.Deal.Person(id); p != nil {
		return p
	}
	return v.site.Member(id)
}

func (v *visit) person(r deal.Reference) {
	p := v.lookup(r.ID)
	if p == nil {
		v.noPerson(r.Place, r.ID)
		return
	}
	v.mayShow(r.Place, p, r.Shown)
}

// mayShow refuses an internal person in something that a buyer sees, and
// points out who has left.
func (v *visit) mayShow(at deal.Place, p *deal.Person, shown bool) {
	if p.Internal && shown {
		v.fail(at, "internal-leak", fmt.Sprintf("%q is internal and would show on the buyer's page", p.ID), "", "name somebody else, or make what names the person internal as well")
	}
	if p.Former && v.Status == "active" {
		v.warn(at, "former-member", fmt.Sprintf("%s has left the team", p.Called()), "", "name who has taken over")
	}
}

func (v *visit) noPerson(at deal.Place, id string) {
	label, hint := diag.DidYouMean(id, v.personIDs()), "people are the tables [person.<id>], of this deal or of portico.toml"
	code := "unknown-person"
	if p := v.byName(id); p != nil {
		code, label, hint = "name-not-id", fmt.Sprintf("write %q", p.ID), "people are referred to by their ids, never by their names"
	}
	v.fail(at, code, fmt.Sprintf("there is no person %q", id), label, hint)
}

// byName finds somebody by what they are called.
func (v *visit) byName(name string) *deal.Person {
	for _, people := range [][]deal.Person{v.People, v.site.Team} {
		for i := range people {
			if p := &people[i]; strings.EqualFold(p.Name, name) || strings.EqualFold(p.Title, name) {
				return p
			}
		}
	}
	return nil
}

func (v *visit) member(r deal.Reference) {
	if v.site.Member(r.ID) != nil {
		v.mayShow(r.Place, v.lookup(r.ID), r.Shown)
		return
	}
	hint := "the team are the tables [person.<id>] of portico.toml"
	if p := v.Deal.Person(r.ID); p != nil {
		hint = fmt.Sprintf("%q is a person of this deal; it takes a member of your own team, who stands in portico.toml", r.ID)
	}
	var ids []string
	for i := range v.site.Team {
		ids = append(ids, v.site.Team[i].ID)
	}
	if p := v.byName(r.ID); p != nil && v.site.Member(p.ID) != nil {
		v.fail(r.Place, "name-not-id", fmt.Sprintf("there is no member of the team %q", r.ID), fmt.Sprintf("write %q", p.ID), "people are referred to by their ids, never by their names")
		return
	}
	v.fail(r.Place, "unknown-person", fmt.Sprintf("there is no member of the team %q", r.ID), diag.DidYouMean(r.ID, ids), hint)
}

func (v *visit) stage(r deal.Reference) {
	var ids []string
	for i := range v.Stages {
		if id := v.Stages[i].ID; id == r.ID || id == "" { // one that could not be read, and may be meant
			return
		}
		ids = append(ids, v.Stages[i].ID)
	}
	hint := "stages of this deal are " + strings.Join(ids, ", ")
	if len(ids) == 0 {
		hint = fmt.Sprintf("the profile %s has no stages: delete the key, or define them with [[stage]]", v.Profile.ID)
	}
	v.unknown(r, "stage", ids, hint)
}

func (v *visit) item(r deal.Reference) {
	if strings.HasPrefix(r.ID, deal.LibraryPrefix) {
		f, err := deal.ParsePath(r.ID, deal.Scope{Root: deal.InDeal, Dir: ".", Library: true})
		if err != nil {
			v.fail(r.Place, err.Code, err.Text, "", err.Hint)
		}
		v.mayPublish(r.Place, f, r.Shown)
		return // whether the file exists is for the rule on files
	}
	if c := v.Item(r.ID); c != nil {
		if c.Internal && r.Shown {
			v.warn(r.Place, "internal-collateral", fmt.Sprintf("%q is internal: the buyer's page leaves it out", r.ID), "", "delete it here, or make the milestone internal")
		}
		return
	}
	var ids []string
	for i := range v.Collateral {
		ids = append(ids, v.Collateral[i].ID)
	}
	for i := range v.site.Library.Collateral {
		ids = append(ids, v.site.Library.Collateral[i].ID)
	}
	hint := "collateral are the tables [collateral.<id>] of this deal or of content/_library/library.toml"
	if strings.ContainsAny(r.ID, "./") {
		hint = "a file gets an id in a table [collateral.<id>]; a file of the library may be named as library:file.pdf"
	}
	v.unknown(r, "collateral", ids, hint)
}

func (v *visit) audience(r deal.Reference) {
	if v.lookup(r.ID) != nil || slices.Contains(deal.Roles(), r.ID) {
		return
	}
	v.unknown(r, "audience", append(v.personIDs(), deal.Roles()...), "an audience is made of people's ids and of roles such as economic_buyer")
}

func (v *visit) personIDs() []string {
	var ids []string
	for i := range v.People {
		ids = append(ids, v.People[i].ID)
	}
	for i := range v.site.Team {
		if id := v.site.Team[i].ID; !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

func (v *visit) milestoneIDs() []string {
	var ids []string
	for i := range v.Milestones {
		ids = append(ids, v.Milestones[i].ID)
	}
	return ids
}

func (v *visit) eventIDs() []string {
	var ids []string
	for i := range v.Events {
		ids = append(ids, v.Events[i].ID)
	}
	return ids
}

// names refuses what would make a reference ambiguous.
func names(v *visit) {
	for i := range v.Events {
		if id := v.Events[i].ID; v.Milestone(id) != nil {
			at := v.at("event", id)
			at.Key = true
			v.fail(at, "clashing-id", fmt.Sprintf("%q is a milestone and an event", id), "", "dates and `after` name both alike; give the event another id")
		}
	}
	seen := map[string]bool{}
	for i := range v.Stages {
		s := &v.Stages[i]
		if seen[s.ID] && s.ID != "" {
			v.fail(v.at("stage", i, "id"), "clashing-id", fmt.Sprintf("there are two stages %q", s.ID), "", "give one of them another id")
		}
		seen[s.ID] = true
	}
}

// waits finds milestones that wait for each other in a circle.
func waits(v *visit) {
	const open, done = 1, 2
	state := map[string]int{}
	var stack []string
	var walk func(m *deal.Milestone)
	walk = func(m *deal.Milestone) {
		state[m.ID] = open
		stack = append(stack, m.ID)
		for i, id := range m.After {
			next := v.Milestone(id)
			switch {
			case next == nil:
			case state[id] == open:
				round := append(slices.Clone(stack[slices.Index(stack, id):]), id)
				v.fail(v.at("milestone", m.ID, "after", i), "after-cycle", "these milestones wait for each other: "+strings.Join(round, " → "), "", "take one of them out of `after`")
			case state[id] == 0:
				walk(next)
			}
		}
		stack = stack[:len(stack)-1]
		state[m.ID] = done
	}
	for i := range v.Milestones {
		if m := &v.Milestones[i]; state[m.ID] == 0 {
			walk(m)
		}
	}
}

// viewers wants every [access.viewer.<person>] to be a viewer's.
func viewers(v *visit) {
	for id := range v.Access.Viewer {
		if !slices.Contains(v.Access.Viewers, id) && v.lookup(id) != nil {
			at := v.at("access", "viewer", id)
			at.Key = true
			v.fail(at, "unknown-viewer", fmt.Sprintf("%q is no viewer of this deal", id), diag.DidYouMean(id, v.Access.Viewers), "add the id to `viewers` in [access], or delete the table")
		}
	}
}

func (v *visit) siteReferences() {
	s := v.site
	member := func(id string, steps ...any) {
		if s.Member(id) == nil {
			var ids []string
			for i := range s.Team {
				ids = append(ids, s.Team[i].ID)
			}
			v.fail(deal.Place{File: deal.SiteFile, Path: deal.At(steps...)}, "unknown-person", fmt.Sprintf("there is no member of the team %q", id), diag.DidYouMean(id, ids), "the team are the tables [person.<id>] of portico.toml")
		}
	}
	for i, id := range s.Viewers {
		member(id, "team", "viewers", i)
	}
	for i := range s.Beacon.Alerts {
		for j, id := range s.Beacon.Alerts[i].To {
			member(id, "beacon", "alert", i, "to", j)
		}
	}
}
