package deal

import "time"

// Deal is one deal's folder.
type Deal struct {
	// ID is the folder's name. It is a customer's name: nothing of a sealed
	// site may hold it.
	ID string

	Title    string // empty: the locale's words for "Mutual action plan for …"
	Owner    string // team id: the buyer's contact
	Status   string // draft, active, paused, won, lost, archived
	Profile  Profile
	Theme    string
	Locale   string
	Timezone *time.Location
	Currency string
	// Expires is the last day on which it is built.
	Expires Date

	Private    Private
	Buyer      Company
	Seller     Seller
	SellerTeam []string // always in the grid
	Value      Value

	GoLive       Date
	GoLiveTitle  string
	GoLiveReason Prose
	Start        Day
	Holidays     map[Day]bool

	Events         []Event
	People         []Person // the deal's own, then those of the team that it names
	Objectives     []Objective
	KPIs           []KPI
	Constraints    []Constraint
	Stages         []Stage
	Milestones     []Milestone // by stage, then due, then file
	Risks          []Risk
	Pricing        Pricing
	Collateral     []Collateral // the deal's own, then those of the library that it names
	ReferenceCalls []ReferenceCall
	Access         Access
	Checks         map[string]CheckLevel
	Beacon         Beacon

	Index Prose
	Notes []Note // newest first
	Pages []Page // by order, then name

	// Own are the keys of [seller] and [beacon], such as "seller.logo", that
	// deal.toml itself gives.
	Own map[string]bool

	Files Files
	// Texts are the Markdown files that something shows as text, in the order
	// in which they were met.
	Texts []MarkdownFile
	// Named are all files that the deal refers to, in the order in which they
	// were met; they and no others are published.
	Named []NamedFile
	// Mistaken are the paths, as they were written, that could not be read and
	// so name no file.
	Mistaken []string
}

// Private is [internal]: for the roll-up, never for a page.
type Private struct {
	Amount      Number
	CloseDate   Date // the last signature's due where absent
	CRMID       string
	Forecast    string // pipeline, best_case, commit
	Competitors []string
	Outcome     string
	Note        string
}

// Company is the buyer.
type Company struct {
	Name    string
	Logo    File
	Website string
	Color   string // #rrggbb
}

// Value is why the buyer does this.
type Value struct {
	Summary   Prose
	Priority  Prose
	ForSeller Prose
	AgreedBy  string // person id
	AgreedOn  Day
}

// Objective is a challenge and what shall come of it.
type Objective struct {
	Challenge, Outcome, Deliverable Prose
	Internal                        bool
	InternalNote                    string
}

// Constraint is a limit that the plan has to keep.
type Constraint struct {
	Kind         string // budget, date, technical, legal
	Text         Prose
	Internal     bool
	InternalNote string
}

// Collateral is a document, video or address that goes with a deal.
type Collateral struct {
	ID    string
	Title string // the file's name where absent
	File  File
	URL   string
	// Kind is deck, video, case_study, security, legal, pricing, reference,
	// proof, notes, scope or other.
	Kind         string
	Description  Prose
	Poster       File
	Download     bool
	ValidUntil   Date
	Audience     []string
	Internal     bool
	InternalNote string

	// OfLibrary says that library.toml holds it, not deal.toml.
	OfLibrary bool
}

// ReferenceCall is a talk with another customer.
type ReferenceCall struct {
	Who          Prose
	Objective    Prose
	When         Date
	With         []string
	Done         Day
	Internal     bool
	InternalNote string
}

// Access is who may open the sealed site, and how.
type Access struct {
	Viewers    []string
	Viewer     map[string]ViewerAccess
	Passphrase bool
	Factors    string
	Generation int
	Public     bool // built in the clear
}

// ViewerAccess is what differs for one viewer.
type ViewerAccess struct {
	Expires    Date
	Generation int
}

// FormerAccess is who could open a deal at some time in its history.
type FormerAccess struct {
	Generation uint32
	// Passphrase is nil where the deal left it to the site.
	Passphrase *bool `json:",omitempty"`
	// Viewers with the generations of their links, and by what names they went.
	Viewers map[string]uint32
	Names   map[string]string `json:",omitempty"`
}

// Note is the minutes of a weekly review.
type Note struct {
	File      string // relative to the site
	Day       Day
	Author    string
	Internal  bool
	Moved     []Move
	Decisions []NoteItem
	Blockers  []NoteItem
	Next      []NoteItem
	Rest      Prose
}

// Move says why a milestone's date changed.
type Move struct{ Milestone, Why string }

// NoteItem is one item under Decisions, Blockers or Next.
type NoteItem struct {
	Text  Prose
	Owner string
	Due   Day
}

// Page is a further page of the microsite.
type Page struct {
	File     string // relative to the site
	Name     string
	Title    string
	Order    int
	Hidden   bool // not in the navigation
	Internal bool
	Audience []string
	// Heading is what Title was taken from, if that is the text's first one. Only
	// its words show; its links say who may see them.
	Heading Prose
	Body    Prose
}

// MarkdownFile is collateral in Markdown, which a page shows as text.
type MarkdownFile struct {
	File
	Prose Prose
	Shown bool
}

// File is the name in the site of a file of the deal.
func (d *Deal) File(name string) string { return "content/" + d.ID + "/" + name }

// SourceOf is where a file lies in the site.
func (d *Deal) SourceOf(f File) string {
	switch f.Root {
	case InLibrary:
		return "content/_library/" + f.Path
	case InAssets:
		return "assets/" + f.Path
	}
	return d.File(f.Path)
}

// Person of the deal with an id, or nil.
func (d *Deal) Person(id string) *Person { return findPerson(d.People, id) }

// Milestone with an id, or nil.
func (d *Deal) Milestone(id string) *Milestone {
	for i := range d.Milestones {
		if d.Milestones[i].ID == id {
			return &d.Milestones[i]
		}
	}
	return nil
}

// Event with an id, or nil.
func (d *Deal) Event(id string) *Event {
	for i := range d.Events {
		if d.Events[i].ID == id {
			return &d.Events[i]
		}
	}
	return nil
}

// Item is the collateral with an id, or nil.
func (d *Deal) Item(id string) *Collateral {
	for i := range d.Collateral {
		if d.Collateral[i].ID == id {
			return &d.Collateral[i]
		}
	}
	return nil
}

// Page with a name, or nil.
func (d *Deal) Page(name string) *Page {
	for i := range d.Pages {
		if d.Pages[i].Name == name {
			return &d.Pages[i]
		}
	}
	return nil
}
