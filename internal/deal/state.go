package deal

import "slices"

// State is how a milestone or a step stands on a day. What a person typed
// (Status, risk, done) and the day decide it; it is never typed itself.
type State string

const (
	StateDone       State = "done"
	StateCancelled  State = "cancelled"
	StateOverdue    State = "overdue"
	StateBlocked    State = "blocked"
	StateOffTrack   State = "off_track"
	StateAtRisk     State = "at_risk"
	StateInProgress State = "in_progress"
	StateNotStarted State = "not_started"
)

// Open says whether work is left.
func (s State) Open() bool { return s != StateDone && s != StateCancelled }

// offTrackAfter is by how many days overdue work on the way to go-live puts a
// plan off track.
const offTrackAfter = 7

// StateOn is how a milestone stands on a day. Overdue begins the day after the
// due date.
func (m *Milestone) StateOn(day Day) State {
	switch {
	case m.Done != 0:
		return StateDone
	case m.Status == Cancelled:
		return StateCancelled
	case m.Due.Day != 0 && day > m.Due.Day:
		return StateOverdue
	case m.Status == Blocked:
		return StateBlocked
	case m.Risk == "off_track":
		return StateOffTrack
	case m.Risk == "at_risk":
		return StateAtRisk
	case m.Status == InProgress || m.begun():
		return StateInProgress
	}
	return StateNotStarted
}

// begun says whether a step is done or started.
func (m *Milestone) begun() bool {
	return slices.ContainsFunc(m.Steps, func(s Step) bool {
		return !s.Internal && (s.Done || s.Status == InProgress)
	})
}

// StateOn is how a step of an open milestone stands on a day.
func (s *Step) StateOn(day Day) State {
	switch {
	case s.Done:
		return StateDone
	case s.Status == Cancelled:
		return StateCancelled
	case s.Due.Day != 0 && day > s.Due.Day:
		return StateOverdue
	case s.Status == Blocked:
		return StateBlocked
	case s.Status == InProgress:
		return StateInProgress
	}
	return StateNotStarted
}

// Health of a plan.
type Health string

const (
	OnTrack        Health = "on_track"
	NeedsAttention Health = "attention"
	OffTrack       Health = "off_track"
	AllDone        Health = "done"
)

// Standing is where a deal stands on a day, as its buyer sees it: what is
// internal counts in nothing.
type Standing struct {
	Day    Day
	Health Health
	// Why: how many milestones are in each state; OverdueSteps are those of
	// milestones that are not overdue themselves.
	Overdue, OverdueSteps, Blocked, OffTrack, AtRisk int
	// Done of Total milestones; cancelled ones count in neither.
	Done, Total int
	// Next is the open step, or milestone without open steps, that is due
	// first; Decision the first of kind decision, approval or signature.
	Next, Decision *Action
}

// Action is a milestone, or a step of one, that somebody has to take.
type Action struct {
	Milestone *Milestone
	Step      *Step // nil for the milestone itself
	Due       Day
}

// Title of the step, or the milestone.
func (a *Action) Title() string {
	if a.Step != nil {
		return a.Step.Title
	}
	return a.Milestone.Title
}

// Owners of the step, or where it names none, of the milestone.
func (a *Action) Owners() []string {
	if a.Step != nil && len(a.Step.Owners) > 0 {
		return a.Step.Owners
	}
	return a.Milestone.Owners
}

// StandingOn works out where the deal stands on a day.
func (d *Deal) StandingOn(day Day) Standing { return d.Standings([]Day{day})[0] }

// Standings works out where the deal stands on each of some days.
func (d *Deal) Standings(days []Day) []Standing {
	critical := d.towardsGoLive()
	next, decision := d.actions()
	list := make([]Standing, len(days))
	for i, day := range days {
		list[i] = d.standing(day, critical)
		list[i].Next, list[i].Decision = next, decision
	}
	return list
}

func (d *Deal) standing(day Day, critical map[string]bool) Standing {
	s := Standing{Day: day, Health: OnTrack}
	for i := range d.Milestones {
		m := &d.Milestones[i]
		if m.Internal {
			continue
		}
		state := m.StateOn(day)
		if state == StateCancelled {
			continue
		}
		s.Total++
		onWay := critical[m.ID]
		switch state {
		case StateDone:
			s.Done++
			continue
		case StateOverdue:
			s.Overdue++
			onWay = onWay && (day-m.Due.Day >= offTrackAfter || m.Status == Blocked || m.Risk == "off_track")
		case StateBlocked:
			s.Blocked++
		case StateOffTrack:
			s.OffTrack++
		case StateAtRisk:
			s.AtRisk++
			onWay = false
		default:
			onWay = false
		}
		if late := m.overdueSteps(day); state != StateOverdue {
			s.OverdueSteps += late
		}
		if onWay {
			s.Health = OffTrack
		}
	}
	switch {
	case s.Total > 0 && s.Done == s.Total:
		s.Health = AllDone
	case s.Health == OffTrack:
	case s.Overdue+s.OverdueSteps+s.Blocked+s.OffTrack+s.AtRisk > 0:
		s.Health = NeedsAttention
	}
	return s
}

func (m *Milestone) overdueSteps(day Day) int {
	n := 0
	for i := range m.Steps {
		if s := &m.Steps[i]; !s.Internal && s.StateOn(day) == StateOverdue {
			n++
		}
	}
	return n
}

// towardsGoLive are the milestones that go-live needs: those due by then, and
// those that its milestone waits for.
func (d *Deal) towardsGoLive() map[string]bool {
	on := map[string]bool{}
	var mark func(id string)
	mark = func(id string) {
		m := d.Milestone(id)
		if m == nil || on[id] {
			return
		}
		on[id] = true
		for _, before := range m.After {
			mark(before)
		}
	}
	for i := range d.Milestones {
		if m := &d.Milestones[i]; m.Kind == "go_live" {
			mark(m.ID)
		}
	}
	// Only now: mark goes no further at a milestone that it finds marked.
	for i := range d.Milestones {
		if m := &d.Milestones[i]; m.Due.Day != 0 && m.Due.Day <= d.GoLive.Day {
			on[m.ID] = true
		}
	}
	return on
}

// actions are the next step and the next decision. They do not depend on the
// day: the earliest due comes first, however late it is.
func (d *Deal) actions() (next, decision *Action) {
	better := func(a *Action, due Day) bool { return a == nil || due != 0 && (a.Due == 0 || due < a.Due) }
	consider := func(m *Milestone, s *Step, due Day, kind string, isNext bool) {
		if isNext && better(next, due) {
			next = &Action{m, s, due}
		}
		if (kind == "decision" || kind == "approval" || kind == "signature") && better(decision, due) {
			decision = &Action{m, s, due}
		}
	}
	for i := range d.Milestones {
		m := &d.Milestones[i]
		if m.Internal || m.Done != 0 || m.Status == Cancelled {
			continue
		}
		open := false
		for j := range m.Steps {
			s := &m.Steps[j]
			if s.Internal || s.Done || s.Status == Cancelled {
				continue
			}
			open = true
			consider(m, s, s.Due.Day, s.Kind, true)
		}
		consider(m, nil, m.Due.Day, m.Kind, !open)
	}
	return next, decision
}

// Turns are the days after from on which a state of the plan changes by
// itself: the day after something falls due, and the day on which that has
// been overdue long enough to put the plan off track. They are sorted.
func (d *Deal) Turns(from Day) []Day {
	var days []Day
	add := func(day Day) {
		if day > from {
			days = append(days, day)
		}
	}
	for i := range d.Milestones {
		m := &d.Milestones[i]
		if m.Internal || m.Done != 0 || m.Status == Cancelled {
			continue
		}
		if m.Due.Day != 0 {
			add(m.Due.Day + 1)
			add(m.Due.Day + offTrackAfter)
		}
		for j := range m.Steps {
			if s := &m.Steps[j]; !s.Internal && !s.Done && s.Status != Cancelled && s.Due.Day != 0 {
				add(s.Due.Day + 1)
			}
		}
	}
	slices.Sort(days)
	return slices.Compact(days)
}
