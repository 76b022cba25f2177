package deal

// Stage groups milestones.
type Stage struct {
	ID, Title    string
	Internal     bool
	InternalNote string
}

// Milestone is one result on the way to value, owned by both sides.
type Milestone struct {
	ID    string
	Title string
	Due   Date
	// Owners are person ids of any side; the first has the ball.
	Owners []string
	Stage  string // id; empty where there are no stages
	// Kind is task, meeting, approval, decision, signature, go_live or
	// value_review.
	Kind   string
	Start  Date
	At     Clock
	Done   Day
	Status Status
	// Risk is on_track, at_risk or off_track.
	Risk     string
	RiskNote Prose
	Roles    []string // needed
	Benefit  Prose    // what the buyer gets from it
	DoneWhen Prose    // the definition of done
	Agenda   []Prose
	// After are the ids of milestones and events it waits for.
	After []string
	// Collateral are ids, of the deal or the library, or "library:" files.
	Collateral []string
	Link       string
	Steps      []Step
	// Prose is milestones/<id>.md.
	Prose        Prose
	Internal     bool
	InternalNote string
}

// Status that a person typed; what a page shows is a State.
type Status string

const (
	NotStarted Status = "not_started"
	InProgress Status = "in_progress"
	Blocked    Status = "blocked"
	Cancelled  Status = "cancelled"
)

// Step is one piece of work within a milestone.
type Step struct {
	Title  string
	Owners []string
	Due    Date // the milestone's where absent
	At     Clock
	// Done says that it is; DoneOn says when, where that was written.
	Done   bool
	DoneOn Day
	Status Status
	// Kind is task, meeting, approval or decision.
	Kind         string
	Link         string
	Internal     bool
	InternalNote string
}

// Event is something outside of the plan that it must heed: a board's date, a
// freeze, a season.
type Event struct {
	ID    string
	Title string
	// Either Date, or From and To.
	Date, From, To Date
	Side           Side
	Internal       bool
	InternalNote   string
}

// First and Last day of the event; the same for one of a single day.
func (e *Event) First() Day {
	if e.Date.IsSet() {
		return e.Date.Day
	}
	return e.From.Day
}

// Last day of the event.
func (e *Event) Last() Day {
	if e.Date.IsSet() {
		return e.Date.Day
	}
	return e.To.Day
}

// Risk is what may keep the plan from holding, and what is done against it.
type Risk struct {
	ID    string
	Title string
	// Counter says who does what by when.
	Counter            Prose
	Owner              string
	Likelihood, Impact string // low, medium, high
	Opened, Closed     Day
	Milestone          string
	Internal           bool
	InternalNote       string
}
