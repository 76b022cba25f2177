package render

import (
	"html/template"
	"slices"
	"strings"

	"portico/internal/deal"
)

// Stage of the plan with its milestones. A plan without stages is one Stage
// without a title.
type Stage struct {
	Title, Anchor string
	Range         string
	Number        int    // from 1
	Count         string // "2 of 3 done"
	Open          bool   // work is left in it
	Fold          bool   // on paper it is one line
	State, Word   Changing
	Milestones    []Milestone
}

// Milestone as a buyer sees it.
type Milestone struct {
	ID, Anchor  string
	Title       string
	State, Word Changing
	Due, Start  Date
	Done        Date
	At          string
	Kind        string // its word; empty for a task
	Owners      []Person
	// Sides are those of the owners: "buyer seller". Who are the ids of its
	// owners and its steps', between blanks.
	Sides, Who string
	Roles      string
	Benefit    template.HTML
	DoneWhen   template.HTML
	RiskNote   template.HTML
	Agenda     []template.HTML
	After      []Waits
	Collateral []Item
	Link       template.URL
	LinkText   string
	Steps      []Step
	Text       template.HTML
	// Detail says that there is something to unfold, Unfold that paper has room
	// for it.
	Detail, Unfold bool
	// Only are the bounds of a milestone that unfolds for some viewers alone; a
	// second one of its id, which does not, follows it. The others are those of
	// all its Collateral, of its Text, of its Link, of its Agenda, and of what
	// holds this and no Steps.
	Only, OnlyCollateral, OnlyText, OnlyLink, OnlyAgenda, OnlySide Only
}

// Waits is something a milestone waits for.
type Waits struct {
	Title string
	Href  template.URL
	Date  Date
}

// Step of a milestone.
type Step struct {
	Title       string
	State, Word Changing
	Owners      []Person
	Due         Date
	DoneOn      Date
	At          string
	Kind        string
	Link        template.URL
	LinkText    string
	OnlyLink    Only // the bounds of Link
}

// group is a stage with what is shown of it.
type group struct {
	title, anchor string
	milestones    []*deal.Milestone
}

// groups are the stages that have something to show, in their order.
func (m *pageMaker) groups() []group {
	if m.grouped != nil {
		return m.grouped
	}
	at := map[string]int{}
	var groups []group
	for i := range m.deal.Stages {
		s := &m.deal.Stages[i]
		if !s.Internal {
			at[s.ID] = len(groups)
			groups = append(groups, group{title: s.Title, anchor: "stage-" + s.ID})
		}
	}
	rest := group{anchor: "stage"}
	for i := range m.deal.Milestones {
		ms := &m.deal.Milestones[i]
		if ms.Internal {
			continue
		}
		if j, ok := at[ms.Stage]; ok {
			groups[j].milestones = append(groups[j].milestones, ms)
		} else {
			rest.milestones = append(rest.milestones, ms)
		}
	}
	groups = append(groups, rest)
	m.grouped = slices.DeleteFunc(groups, func(g group) bool { return len(g.milestones) == 0 })
	return m.grouped
}

func (g *group) count() (done, total int) {
	for _, m := range g.milestones {
		switch {
		case m.Done != 0:
			done++
			total++
		case m.Status != deal.Cancelled:
			total++
		}
	}
	return done, total
}

// extent of a stage: from its first start, or due where there is none, to its
// last due.
func (g *group) extent() (from, to deal.Day) {
	for _, m := range g.milestones {
		first := m.Start.Day
		if first == 0 || m.Due.Day != 0 && m.Due.Day < first {
			first = m.Due.Day
		}
		if first != 0 && (from == 0 || first < from) {
			from = first
		}
		to = max(to, m.Due.Day)
	}
	return from, to
}

// stateOn is the gravest state of a stage's milestones, or that of its
// progress.
func (g *group) stateOn(day deal.Day) deal.State {
	order := [...]deal.State{deal.StateOverdue, deal.StateBlocked, deal.StateOffTrack, deal.StateAtRisk, deal.StateInProgress}
	gravest, open, done := len(order), false, false
	for _, m := range g.milestones {
		s := m.StateOn(day)
		open = open || s.Open()
		done = done || s == deal.StateDone
		for i := range gravest {
			if s == order[i] {
				gravest = i
				break
			}
		}
	}
	switch {
	case gravest < len(order):
		return order[gravest]
	case !open:
		return deal.StateDone
	case done:
		return deal.StateInProgress
	}
	return deal.StateNotStarted
}

// turns are the days on which the stage's state may change.
func (g *group) turns() []deal.Day {
	var days []deal.Day
	for _, m := range g.milestones {
		if m.Due.Day != 0 {
			days = append(days, m.Due.Day+1)
		}
	}
	slices.Sort(days)
	return days
}

func milestoneAnchor(id string) string { return "m-" + id }

func eventAnchor(id string) string { return "e-" + id }

func (m *pageMaker) plan(c *clockwork) []Stage {
	var stages []Stage
	for i, g := range m.groups() {
		done, total := g.count()
		s := Stage{Title: g.title, Anchor: g.anchor, Number: i + 1, Open: done < total}
		if total > 0 {
			s.Count = m.stageCount(done, total)
		}
		if from, to := g.extent(); from != 0 && to != 0 {
			s.Range = m.words.Range(from, to)
		}
		s.State = c.changing(g.turns(), func(day deal.Day) string { return string(g.stateOn(day)) })
		s.Word = c.changing(g.turns(), func(day deal.Day) string { return m.states[g.stateOn(day)] })
		for _, ms := range g.milestones {
			v := m.milestone(c, ms)
			if s.Milestones = append(s.Milestones, v); v.Only != (Only{}) {
				s.Milestones = append(s.Milestones, v.folded())
			}
		}
		stages = append(stages, s)
	}
	return stages
}

// pill is a state with its word, on the days on which it may change.
func (c *clockwork) pill(due deal.Day, state func(deal.Day) deal.State) (Changing, Changing) {
	var days []deal.Day
	if due+1 > c.from && due != 0 {
		days = []deal.Day{due + 1}
	}
	return c.changing(days, func(d deal.Day) string { return string(state(d)) }),
		c.changing(days, func(d deal.Day) string { return c.states[state(d)] })
}

func (m *pageMaker) milestone(c *clockwork, ms *deal.Milestone) Milestone {
	at := func(key string) textAt { return m.tomlText("milestone", ms.ID, key) }
	v := Milestone{
		ID: ms.ID, Anchor: milestoneAnchor(ms.ID), Title: ms.Title,
		Due: m.date(ms.Due.Day), Start: m.date(ms.Start.Day), Done: m.date(ms.Done),
		At: m.clock(ms.At), Owners: m.owners(ms.Owners), Roles: m.roleWords(ms.Roles),
	}
	var detail detail
	v.Link, v.LinkText, v.OnlyLink = m.address(ms.Link)
	detail.add(m, v.Link != "", m.who.Address(ms.Link))
	text := func(p *deal.Prose, key string) template.HTML {
		text, who := m.inlineFor(p, at(key))
		detail.add(m, text != "", who)
		return text
	}
	v.Benefit, v.DoneWhen = text(&ms.Benefit, "benefit"), text(&ms.DoneWhen, "done_when")
	v.Sides, v.Who = m.involved(ms)
	v.State, v.Word = c.pill(ms.Due.Day, ms.StateOn)
	if ms.Kind != "task" {
		v.Kind = m.words.Say("kind." + ms.Kind)
	}
	if ms.Risk != "on_track" || !ms.RiskNote.IsEmpty() {
		v.RiskNote = text(&ms.RiskNote, "risk_note")
	}
	before := len(detail.readers)
	for i := range ms.Agenda {
		if point := text(&ms.Agenda[i], "agenda"); point != "" {
			v.Agenda = append(v.Agenda, point)
		}
	}
	v.OnlyAgenda = m.onlyAll(detail.readers[before:])
	v.After = m.waits(ms.After)
	var readers []deal.Audience // of its collateral
	for _, name := range ms.Collateral {
		if item, ok := m.itemNamed(name); ok {
			v.Collateral = append(v.Collateral, item)
			readers = m.also(readers, m.mayName(name))
			detail.add(m, true, m.mayName(name))
		}
	}
	v.OnlyCollateral = m.onlyAll(readers)
	for i := range ms.Steps {
		if s := &ms.Steps[i]; !s.Internal {
			v.Steps = append(v.Steps, m.step(c, ms, s))
		}
	}
	if v.Steps == nil {
		v.OnlySide, v.OnlyAgenda = v.OnlyAgenda, Only{}
	}
	prose, who := m.solely(m.blockHTML(&ms.Prose, textAt{scope: deal.Scope{Root: deal.InDeal, Dir: "milestones", Library: true}, anchors: v.Anchor + ".", shift: 3}))
	v.Text, v.OnlyText = prose, m.only(who)
	detail.add(m, prose != "", who)
	detail.add(m, v.After != nil || v.Steps != nil || v.Roles != "", nil)
	v.Detail = detail.any
	if m.onlyAll(detail.readers) != (Only{}) {
		v.Only = m.bound(bounds{who: anyOf(detail.readers), instead: v.Anchor})
	}
	return v
}

// detail is what a milestone unfolds to: whether there is any, and who may see
// each part.
type detail struct {
	any     bool
	readers []deal.Audience
}

func (d *detail) add(m *pageMaker, there bool, who deal.Audience) {
	if there {
		d.any, d.readers = true, m.also(d.readers, who)
	}
}

// folded is a milestone as those see it who may see nothing of its detail.
func (v Milestone) folded() Milestone {
	v.Collateral, v.Text, v.Detail = nil, "", false
	v.Link, v.LinkText, v.Benefit, v.DoneWhen, v.RiskNote, v.Agenda = "", "", "", "", "", nil
	v.Only, v.OnlyCollateral, v.OnlyText, v.OnlyLink, v.OnlySide = Only{}, Only{}, Only{}, Only{}, Only{}
	return v
}

// involved are the sides and the ids of a milestone's owners and its steps'.
func (m *pageMaker) involved(ms *deal.Milestone) (sides, who string) {
	var s, w []string
	add := func(ids []string) {
		for _, id := range ids {
			if p := m.person(id); p != nil && !slices.Contains(w, id) {
				w = append(w, id)
				if !slices.Contains(s, p.Side) {
					s = append(s, p.Side)
				}
			}
		}
	}
	add(ms.Owners)
	for i := range ms.Steps {
		if !ms.Steps[i].Internal {
			add(ms.Steps[i].Owners)
		}
	}
	slices.Sort(s)
	return strings.Join(s, " "), strings.Join(w, " ")
}

// doers are all that own a milestone or a step, the buyer's people first.
// doers are the people who have a part in a milestone, if there are several:
// one alone needs no choice.
func (m *pageMaker) doers() []Person {
	seen := map[string]bool{}
	for _, g := range m.groups() {
		for _, ms := range g.milestones {
			_, who := m.involved(ms)
			for _, id := range strings.Fields(who) {
				seen[id] = true
			}
		}
	}
	var list []Person
	for _, t := range m.teams() {
		for _, p := range t.People {
			if seen[p.ID] {
				list = append(list, p)
			}
		}
	}
	if len(list) < 2 {
		return nil
	}
	return list
}

func (m *pageMaker) step(c *clockwork, ms *deal.Milestone, s *deal.Step) Step {
	v := Step{Title: s.Title, Due: m.date(s.Due.Day), DoneOn: m.date(s.DoneOn), At: m.clock(s.At), Owners: m.owners(s.Owners)}
	v.Link, v.LinkText, v.OnlyLink = m.address(s.Link)
	if s.Kind != "task" {
		v.Kind = m.words.Say("kind." + s.Kind)
	}
	state := s.StateOn
	if ms.Done != 0 || ms.Status == deal.Cancelled { // an open step of a closed milestone is late no more
		state = func(deal.Day) deal.State {
			if s.Done || ms.Done != 0 {
				return deal.StateDone
			}
			return deal.StateCancelled
		}
	}
	v.State, v.Word = c.pill(s.Due.Day, state)
	return v
}

// waits lists what a milestone waits for. What is internal shows its date and
// no name.
func (m *pageMaker) waits(ids []string) []Waits {
	var list []Waits
	for _, id := range ids {
		w := Waits{Title: m.words.Say("waits.internal")}
		if before := m.deal.Milestone(id); before != nil {
			w.Date = m.date(before.Due.Day)
			if !before.Internal {
				w.Title, w.Href = before.Title, template.URL("#"+milestoneAnchor(id))
			}
		} else if e := m.deal.Event(id); e != nil {
			w.Date = m.date(e.First())
			if !e.Internal {
				w.Title, w.Href = e.Title, template.URL("#"+eventAnchor(id))
			}
		} else {
			continue
		}
		list = append(list, w)
	}
	return list
}

// address is a link with its words and its bounds; none on a page of a deal
// without it.
func (m *pageMaker) address(url string) (template.URL, string, Only) {
	o := m.only(m.who.Address(url))
	if o != (Only{}) && m.bare {
		return "", "", Only{}
	}
	return safeLink(url), linkText(url), o
}

// shownTo is an address that has no place of its own where it stands: it is left
// out where not all may see it for whom the page is.
func (m *pageMaker) shownTo(url string) template.URL {
	if !m.who.Address(url).Has(m.to) {
		return ""
	}
	return safeLink(url)
}

// linkText is an address without what everybody knows.
func linkText(address string) string {
	for _, prefix := range []string{"https://", "http://", "mailto:", "tel:"} {
		address = strings.TrimPrefix(address, prefix)
	}
	return strings.TrimSuffix(address, "/")
}
