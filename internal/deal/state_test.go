package deal

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// Days around a due date, 2026-11-20.
const (
	due   = Day(20777)
	early = due - 30
)

func TestMilestoneStateOn(t *testing.T) {
	steps := func(s ...Step) []Step { return s }
	tests := []struct {
		name string
		m    Milestone
		day  Day
		want State
	}{
		{"nothing happened", Milestone{}, early, StateNotStarted},
		{"on its day", Milestone{}, due, StateNotStarted},
		{"the day after", Milestone{}, due + 1, StateOverdue},
		{"done", Milestone{Done: due - 3}, early, StateDone},
		{"done late", Milestone{Done: due + 9}, due + 10, StateDone},
		{"done and cancelled", Milestone{Done: due, Status: Cancelled}, early, StateDone},
		{"cancelled", Milestone{Status: Cancelled}, early, StateCancelled},
		{"cancelled, past its day", Milestone{Status: Cancelled}, due + 1, StateCancelled},
		{"blocked", Milestone{Status: Blocked}, early, StateBlocked},
		{"blocked, past its day", Milestone{Status: Blocked}, due + 1, StateOverdue},
		{"blocked and at risk", Milestone{Status: Blocked, Risk: "at_risk"}, early, StateBlocked},
		{"off track", Milestone{Risk: "off_track"}, early, StateOffTrack},
		{"off track and started", Milestone{Risk: "off_track", Status: InProgress}, early, StateOffTrack},
		{"off track, past its day", Milestone{Risk: "off_track"}, due + 1, StateOverdue},
		{"at risk", Milestone{Risk: "at_risk"}, early, StateAtRisk},
		{"at risk and started", Milestone{Risk: "at_risk", Status: InProgress}, early, StateAtRisk},
		{"on track and started", Milestone{Risk: "on_track", Status: InProgress}, early, StateInProgress},
		{"typed as not started", Milestone{Status: NotStarted}, early, StateNotStarted},
		{"typed as not started, with a step that is done", Milestone{Status: NotStarted, Steps: steps(Step{Done: true})}, early, StateInProgress},
		{"a step is done", Milestone{Steps: steps(Step{}, Step{Done: true})}, early, StateInProgress},
		{"a step is started", Milestone{Steps: steps(Step{Status: InProgress})}, early, StateInProgress},
		{"a step is blocked", Milestone{Steps: steps(Step{Status: Blocked})}, early, StateNotStarted},
		{"a step is cancelled", Milestone{Steps: steps(Step{Status: Cancelled})}, early, StateNotStarted},
		{"an internal step is done", Milestone{Steps: steps(Step{Done: true, Internal: true})}, early, StateNotStarted},
		{"an internal step is started", Milestone{Steps: steps(Step{Status: InProgress, Internal: true})}, early, StateNotStarted},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.m.Due = On(due)
			if got := tt.m.StateOn(tt.day); got != tt.want {
				t.Errorf("it is %s, want %s", got, tt.want)
			}
		})
	}
	if got := (&Milestone{}).StateOn(due); got != StateNotStarted {
		t.Errorf("without a due date it is %s", got)
	}
}

func TestStepStateOn(t *testing.T) {
	tests := []struct {
		name string
		s    Step
		day  Day
		want State
	}{
		{"nothing happened", Step{}, early, StateNotStarted},
		{"on its day", Step{}, due, StateNotStarted},
		{"the day after", Step{}, due + 1, StateOverdue},
		{"done, nobody said when", Step{Done: true}, due + 1, StateDone},
		{"done and cancelled", Step{Done: true, Status: Cancelled}, early, StateDone},
		{"cancelled, past its day", Step{Status: Cancelled}, due + 1, StateCancelled},
		{"blocked", Step{Status: Blocked}, early, StateBlocked},
		{"blocked, past its day", Step{Status: Blocked}, due + 1, StateOverdue},
		{"started", Step{Status: InProgress}, early, StateInProgress},
		{"started, past its day", Step{Status: InProgress}, due + 1, StateOverdue},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.s.Due = On(due)
			if got := tt.s.StateOn(tt.day); got != tt.want {
				t.Errorf("it is %s, want %s", got, tt.want)
			}
		})
	}
	if got := (&Step{}).StateOn(due); got != StateNotStarted {
		t.Errorf("without a due date it is %s", got)
	}
}

func TestStateOpen(t *testing.T) {
	for _, s := range []State{StateOverdue, StateBlocked, StateOffTrack, StateAtRisk, StateInProgress, StateNotStarted} {
		if !s.Open() {
			t.Errorf("%s is open", s)
		}
	}
	for _, s := range []State{StateDone, StateCancelled} {
		if s.Open() {
			t.Errorf("%s is not open", s)
		}
	}
}

// on is a milestone that is due on a day.
func on(id string, day Day, more ...func(*Milestone)) Milestone {
	m := Milestone{ID: id, Title: id, Due: On(day), Kind: "task"}
	for _, change := range more {
		change(&m)
	}
	return m
}

func typed(s Status) func(*Milestone)      { return func(m *Milestone) { m.Status = s } }
func risk(r string) func(*Milestone)       { return func(m *Milestone) { m.Risk = r } }
func kind(k string) func(*Milestone)       { return func(m *Milestone) { m.Kind = k } }
func after(ids ...string) func(*Milestone) { return func(m *Milestone) { m.After = ids } }
func hidden(m *Milestone)                  { m.Internal = true }
func finished(m *Milestone)                { m.Done = early }
func with(steps ...Step) func(*Milestone)  { return func(m *Milestone) { m.Steps = steps } }

// The standing of a plan on 2026-11-20, its go-live being a hundred days off.
func TestStanding(t *testing.T) {
	const goLive = due + 100
	step := func(day Day, more ...func(*Step)) Step {
		s := Step{Due: On(day)}
		for _, change := range more {
			change(&s)
		}
		return s
	}
	tests := []struct {
		name       string
		milestones []Milestone
		want       Standing
	}{
		{"no plan", nil, Standing{Health: OnTrack}},
		{"all to come", []Milestone{on("a", due+1), on("b", due)}, Standing{Health: OnTrack, Total: 2}},
		{"some done", []Milestone{on("a", early, finished), on("b", due)}, Standing{Health: OnTrack, Done: 1, Total: 2}},
		{"all done", []Milestone{on("a", early, finished), on("b", due, finished)}, Standing{Health: AllDone, Done: 2, Total: 2}},
		{"all done but what was cancelled", []Milestone{on("a", early, finished), on("b", early, typed(Cancelled))}, Standing{Health: AllDone, Done: 1, Total: 1}},
		{"all cancelled", []Milestone{on("a", early, typed(Cancelled))}, Standing{Health: OnTrack}},
		{"cancelled ones count in nothing", []Milestone{on("a", early, typed(Cancelled), risk("off_track")), on("b", due)}, Standing{Health: OnTrack, Total: 1}},
		{"started", []Milestone{on("a", due, typed(InProgress))}, Standing{Health: OnTrack, Total: 1}},

		{"overdue by a day", []Milestone{on("a", due-1)}, Standing{Health: NeedsAttention, Overdue: 1, Total: 1}},
		{"overdue by six days", []Milestone{on("a", due-6)}, Standing{Health: NeedsAttention, Overdue: 1, Total: 1}},
		{"overdue by seven days, on the way to go-live", []Milestone{on("a", due-7)}, Standing{Health: OffTrack, Overdue: 1, Total: 1}},
		{"overdue by a day and blocked", []Milestone{on("a", due-1, typed(Blocked))}, Standing{Health: OffTrack, Overdue: 1, Total: 1}},
		{"overdue by a day and off track", []Milestone{on("a", due-1, risk("off_track"))}, Standing{Health: OffTrack, Overdue: 1, Total: 1}},
		{"overdue by a day and at risk", []Milestone{on("a", due-1, risk("at_risk"))}, Standing{Health: NeedsAttention, Overdue: 1, Total: 1}},

		{"blocked on the way to go-live", []Milestone{on("a", due, typed(Blocked))}, Standing{Health: OffTrack, Blocked: 1, Total: 1}},
		{"off track on the way to go-live", []Milestone{on("a", due, risk("off_track"))}, Standing{Health: OffTrack, OffTrack: 1, Total: 1}},
		{"at risk on the way to go-live", []Milestone{on("a", due, risk("at_risk"))}, Standing{Health: NeedsAttention, AtRisk: 1, Total: 1}},
		{"blocked on the day of go-live", []Milestone{on("a", goLive, typed(Blocked))}, Standing{Health: OffTrack, Blocked: 1, Total: 1}},
		{"blocked behind go-live", []Milestone{on("a", goLive+1, typed(Blocked))}, Standing{Health: NeedsAttention, Blocked: 1, Total: 1}},
		{"off track behind go-live", []Milestone{on("a", goLive+1, risk("off_track"))}, Standing{Health: NeedsAttention, OffTrack: 1, Total: 1}},

		{
			"behind go-live, but its milestone waits for it",
			[]Milestone{on("launch", goLive+9, kind("go_live"), after("a")), on("a", goLive+5, typed(Blocked))},
			Standing{Health: OffTrack, Blocked: 1, Total: 2},
		},
		{
			"waited for over three",
			[]Milestone{on("a", goLive+1, typed(Blocked)), on("b", goLive+2, after("a")), on("c", goLive+3, after("b")), on("launch", goLive+9, kind("go_live"), after("c"))},
			Standing{Health: OffTrack, Blocked: 1, Total: 4},
		},
		{
			"waited for by one that stands before go-live in the plan",
			[]Milestone{on("b", goLive-1, after("a")), on("launch", goLive, kind("go_live"), after("b")), on("a", goLive+1, typed(Blocked))},
			Standing{Health: OffTrack, Blocked: 1, Total: 3},
		},
		{
			"waited for through an internal one",
			[]Milestone{on("a", goLive+1, typed(Blocked)), on("b", goLive+2, after("a"), hidden), on("launch", goLive+9, kind("go_live"), after("b"))},
			Standing{Health: OffTrack, Blocked: 1, Total: 2},
		},
		{
			"not waited for by go-live's milestone",
			[]Milestone{on("launch", goLive, kind("go_live"), after("b")), on("b", due), on("a", goLive+1, typed(Blocked), after("b"))},
			Standing{Health: NeedsAttention, Blocked: 1, Total: 3},
		},
		{
			"a round of waiting",
			[]Milestone{on("launch", goLive, kind("go_live"), after("a")), on("a", goLive+1, after("launch"), typed(Blocked))},
			Standing{Health: OffTrack, Blocked: 1, Total: 2},
		},
		{
			"waiting for an event or for nothing there is",
			[]Milestone{on("launch", goLive, kind("go_live"), after("board", "gone"))},
			Standing{Health: OnTrack, Total: 1},
		},
		{
			"go-live's own milestone is late",
			[]Milestone{on("launch", due-7, kind("go_live"))},
			Standing{Health: OffTrack, Overdue: 1, Total: 1},
		},

		{"internal ones count in nothing", []Milestone{on("a", early, hidden), on("b", due, typed(Blocked), hidden), on("c", due)}, Standing{Health: OnTrack, Total: 1}},
		{"internal ones done", []Milestone{on("a", early, hidden, finished), on("b", due)}, Standing{Health: OnTrack, Total: 1}},
		{"an internal one open beside what is done", []Milestone{on("a", early, finished), on("b", due, hidden)}, Standing{Health: AllDone, Done: 1, Total: 1}},

		{"a step overdue", []Milestone{on("a", due, with(step(due-1), step(due)))}, Standing{Health: NeedsAttention, OverdueSteps: 1, Total: 1}},
		{"steps overdue for long put nothing off track", []Milestone{on("a", due, with(step(early), step(early)))}, Standing{Health: NeedsAttention, OverdueSteps: 2, Total: 1}},
		{"steps of an overdue milestone are in it", []Milestone{on("a", due-1, with(step(early)))}, Standing{Health: NeedsAttention, Overdue: 1, Total: 1}},
		{"steps of a milestone that is done", []Milestone{on("a", due, finished, with(step(early)))}, Standing{Health: AllDone, Done: 1, Total: 1}},
		{"steps of a cancelled milestone", []Milestone{on("a", due, typed(Cancelled), with(step(early)))}, Standing{Health: OnTrack}},
		{"steps of a blocked milestone", []Milestone{on("a", due, typed(Blocked), with(step(early)))}, Standing{Health: OffTrack, Blocked: 1, OverdueSteps: 1, Total: 1}},
		{"internal steps", []Milestone{on("a", due, with(step(early, func(s *Step) { s.Internal = true })))}, Standing{Health: OnTrack, Total: 1}},
		{"steps done or cancelled", []Milestone{on("a", due, with(step(early, func(s *Step) { s.Done = true }), step(early, func(s *Step) { s.Status = Cancelled })))}, Standing{Health: OnTrack, Total: 1}},
		{"steps of an internal milestone", []Milestone{on("a", due, hidden, with(step(early)))}, Standing{Health: OnTrack}},

		{
			"some of each",
			[]Milestone{on("a", due-1), on("b", goLive+1, typed(Blocked)), on("c", goLive+1, risk("off_track")), on("d", due, risk("at_risk")), on("e", due, finished), on("f", due), on("g", due, typed(Cancelled))},
			Standing{Health: NeedsAttention, Overdue: 1, Blocked: 1, OffTrack: 1, AtRisk: 1, Done: 1, Total: 6},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := &Deal{GoLive: On(goLive), Milestones: tt.milestones, Events: []Event{{ID: "board"}}}
			tt.want.Day = due
			if diff := cmp.Diff(tt.want, d.StandingOn(due), cmpopts.IgnoreFields(Standing{}, "Next", "Decision")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Without a go-live nothing is on the way to one by its date.
func TestStandingWithoutGoLive(t *testing.T) {
	d := &Deal{Milestones: []Milestone{on("a", early), on("b", due, typed(Blocked))}}
	if got := d.StandingOn(due).Health; got != NeedsAttention {
		t.Errorf("the plan is %s", got)
	}
}

func TestNextStepAndDecision(t *testing.T) {
	step := func(title string, day Day, more ...func(*Step)) Step {
		s := Step{Title: title, Due: On(day)}
		for _, change := range more {
			change(&s)
		}
		return s
	}
	isDone := func(s *Step) { s.Done = true }
	isInternal := func(s *Step) { s.Internal = true }
	isCancelled := func(s *Step) { s.Status = Cancelled }
	decides := func(kind string) func(*Step) { return func(s *Step) { s.Kind = kind } }
	tests := []struct {
		name           string
		milestones     []Milestone
		next, decision string // milestone, then "/" and its step; "" for none
	}{
		{"no plan", nil, "", ""},
		{"a milestone", []Milestone{on("a", due)}, "a", ""},
		{"the one due first", []Milestone{on("a", due+2), on("b", due), on("c", due+1)}, "b", ""},
		{"the first of two due together", []Milestone{on("a", due), on("b", due)}, "a", ""},
		{"however late it is", []Milestone{on("a", early), on("b", due)}, "a", ""},
		{"what is done is no step", []Milestone{on("a", early, finished), on("b", due)}, "b", ""},
		{"what is cancelled is no step", []Milestone{on("a", early, typed(Cancelled)), on("b", due)}, "b", ""},
		{"what is internal is no step", []Milestone{on("a", early, hidden), on("b", due)}, "b", ""},
		{"all done", []Milestone{on("a", due, finished)}, "", ""},
		{"a step before its milestone", []Milestone{on("a", due, with(step("1", due-2), step("2", due-3)))}, "a/2", ""},
		{"a step due with its milestone", []Milestone{on("a", due, with(step("1", due)))}, "a/1", ""},
		{"a step of a milestone due later", []Milestone{on("a", due), on("b", due+9, with(step("1", due-1)))}, "b/1", ""},
		{"a milestone with open steps is none itself", []Milestone{on("a", early, with(step("1", due+5))), on("b", due)}, "b", ""},
		{"a milestone whose steps are done", []Milestone{on("a", due, with(step("1", early, isDone), step("2", early, isCancelled), step("3", early, isInternal)))}, "a", ""},
		{"a due date beside none", []Milestone{{ID: "a"}, on("b", due)}, "b", ""},
		{"no due dates at all", []Milestone{{ID: "a"}, {ID: "b"}}, "a", ""},
		{"a decision", []Milestone{on("a", due), on("b", due+1, kind("decision"))}, "a", "b"},
		{"an approval", []Milestone{on("a", due, kind("approval"))}, "a", "a"},
		{"a signature", []Milestone{on("a", due, kind("signature"))}, "a", "a"},
		{"a meeting decides nothing", []Milestone{on("a", due, kind("meeting")), on("b", due, kind("go_live")), on("c", due, kind("value_review"))}, "a", ""},
		{"the first decision", []Milestone{on("a", due+3, kind("signature")), on("b", due+2, kind("approval"))}, "b", "b"},
		{"a decision that is made", []Milestone{on("a", due, kind("decision"), finished), on("b", due+1, kind("signature"))}, "b", "b"},
		{"an internal decision", []Milestone{on("a", due, kind("decision"), hidden)}, "", ""},
		{"a step decides", []Milestone{on("a", due, with(step("1", due-2), step("2", due-1, decides("approval"))))}, "a/1", "a/2"},
		{"a step that decided", []Milestone{on("a", due, with(step("1", due-2, decides("approval"), isDone)))}, "a", ""},
		{"an internal step decides", []Milestone{on("a", due, with(step("1", due-2, decides("approval"), isInternal)))}, "a", ""},
		{"a milestone with open steps decides", []Milestone{on("a", due, kind("signature"), with(step("1", due-1)))}, "a/1", "a"},
	}
	called := func(a *Action) string {
		switch {
		case a == nil:
			return ""
		case a.Step != nil:
			return a.Milestone.ID + "/" + a.Step.Title
		}
		return a.Milestone.ID
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := (&Deal{Milestones: tt.milestones}).StandingOn(due)
			if got := called(s.Next); got != tt.next {
				t.Errorf("the next step is %q, want %q", got, tt.next)
			}
			if got := called(s.Decision); got != tt.decision {
				t.Errorf("the next decision is %q, want %q", got, tt.decision)
			}
		})
	}
}

func TestAction(t *testing.T) {
	m := &Milestone{Title: "Pilot", Owners: []string{"mara", "ana"}}
	tests := []struct {
		name   string
		action Action
		title  string
		owners []string
	}{
		{"a milestone", Action{Milestone: m}, "Pilot", []string{"mara", "ana"}},
		{"a step with owners", Action{Milestone: m, Step: &Step{Title: "Kick-off", Owners: []string{"priya"}}}, "Kick-off", []string{"priya"}},
		{"a step without owners", Action{Milestone: m, Step: &Step{Title: "Kick-off"}}, "Kick-off", []string{"mara", "ana"}},
	}
	for _, tt := range tests {
		if got := tt.action.Title(); got != tt.title {
			t.Errorf("%s: title %q", tt.name, got)
		}
		if got := tt.action.Owners(); !slices.Equal(got, tt.owners) {
			t.Errorf("%s: owners %v", tt.name, got)
		}
	}
}

func TestStandingsAreThoseOfEachDay(t *testing.T) {
	d := &Deal{GoLive: On(due), Milestones: []Milestone{on("a", due-3), on("b", due)}}
	days := []Day{due - 3, due - 2, due + 4, due - 3}
	got := d.Standings(days)
	var want []Standing
	for _, day := range days {
		want = append(want, d.StandingOn(day))
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Date{}, sum{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(got) != 4 || got[0].Health != OnTrack || got[1].Health != NeedsAttention || got[2].Health != OffTrack {
		t.Errorf("the plan stands %+v", got)
	}
}

func TestTurns(t *testing.T) {
	tests := []struct {
		name       string
		milestones []Milestone
		want       []Day
	}{
		{"no plan", nil, nil},
		{"a milestone", []Milestone{on("a", due)}, []Day{due + 1, due + 7}},
		{"a milestone overdue by a day", []Milestone{on("a", due-4)}, []Day{due + 3}},
		{"a milestone overdue for long", []Milestone{on("a", early)}, nil},
		{"what is due a day before turns on the day itself", []Milestone{on("a", due-1)}, []Day{due + 6}},
		{"a step", []Milestone{on("a", due+5, with(Step{Due: On(due)}))}, []Day{due + 1, due + 6, due + 12}},
		{"sorted, and each once", []Milestone{on("a", due+6), on("b", due)}, []Day{due + 1, due + 7, due + 13}},
		{"done", []Milestone{on("a", due, finished, with(Step{Due: On(due)}))}, nil},
		{"cancelled", []Milestone{on("a", due, typed(Cancelled))}, nil},
		{"internal", []Milestone{on("a", due, hidden), on("b", due+50, with(Step{Due: On(due), Internal: true}))}, []Day{due + 51, due + 57}},
		{"steps done or cancelled", []Milestone{on("a", due+50, with(Step{Due: On(due), Done: true}, Step{Due: On(due), Status: Cancelled}))}, []Day{due + 51, due + 57}},
		{"without a due date", []Milestone{{ID: "a", Steps: []Step{{}}}}, nil},
		{"a step of a milestone without a due date", []Milestone{{ID: "a", Steps: []Step{{Due: On(due)}}}}, []Day{due + 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, (&Deal{Milestones: tt.milestones}).Turns(due)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// states are how everything of a plan that a buyer sees stands on a day.
func states(d *Deal, day Day) string {
	s := d.StandingOn(day)
	s.Day = 0
	text := fmt.Sprintf("%s %d %d %d %d %d %d/%d", s.Health, s.Overdue, s.OverdueSteps, s.Blocked, s.OffTrack, s.AtRisk, s.Done, s.Total)
	for _, a := range []*Action{s.Next, s.Decision} {
		if a != nil {
			text += fmt.Sprintf(" %s/%s", a.Milestone.ID, a.Title())
		}
	}
	for i := range d.Milestones {
		m := &d.Milestones[i]
		if m.Internal {
			continue
		}
		state := m.StateOn(day)
		text += fmt.Sprintf("\n%s %s", m.ID, state)
		for j := range m.Steps {
			if s := &m.Steps[j]; !s.Internal && state.Open() {
				text += fmt.Sprintf(" %s", s.StateOn(day))
			}
		}
	}
	return text
}

// However a plan is made, nothing of it changes but on the days that Turns
// tells: what a page holds for each of them is all that it will ever need.
func TestNothingChangesBetweenTurns(t *testing.T) {
	const plans, days = 400, 80
	turned := 0
	for seed := range uint64(plans) {
		d := randomPlan(rand.New(rand.NewPCG(seed, 1)))
		turns := d.Turns(due)
		if !slices.IsSorted(turns) || len(turns) > 0 && turns[0] <= due {
			t.Fatalf("plan %d turns on %v", seed, turns)
		}
		before := states(d, due)
		for day := due + 1; day < due+days; day++ {
			now := states(d, day)
			if now != before {
				turned++
				if !slices.Contains(turns, day) {
					t.Fatalf("plan %d changes on %s, which is no turn:\n%s", seed, day, cmp.Diff(before, now))
				}
			}
			before = now
		}
	}
	if turned < plans {
		t.Errorf("%d plans changed %d times: too little to prove anything", plans, turned)
	}
}

func randomPlan(r *rand.Rand) *Deal {
	pick := func(all ...string) string { return all[r.IntN(len(all))] }
	some := func(n int) bool { return r.IntN(n) == 0 }
	date := func() Date {
		if some(15) {
			return Date{}
		}
		return On(due - 20 + Day(r.IntN(70)))
	}
	d := &Deal{GoLive: date()}
	for i := range r.IntN(8) {
		m := Milestone{
			ID: fmt.Sprint("m", i), Title: fmt.Sprint("m", i), Due: date(), Internal: some(6),
			Kind:   pick("task", "meeting", "approval", "decision", "signature", "go_live", "value_review"),
			Status: Status(pick("", "", "", "not_started", "in_progress", "blocked", "cancelled")),
			Risk:   pick("on_track", "on_track", "at_risk", "off_track"),
		}
		if some(5) {
			m.Done = early
		}
		for range r.IntN(3) {
			m.After = append(m.After, fmt.Sprint("m", r.IntN(8)))
		}
		for j := range r.IntN(4) {
			m.Steps = append(m.Steps, Step{
				Title: fmt.Sprint("s", j), Due: date(), Done: some(4), Internal: some(6),
				Kind:   pick("task", "approval", "decision"),
				Status: Status(pick("", "", "in_progress", "blocked", "cancelled")),
			})
		}
		d.Milestones = append(d.Milestones, m)
	}
	return d
}
