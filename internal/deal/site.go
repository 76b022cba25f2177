// Package deal is the model: a site, its deals and all that stands in them, as
// plain structs; the resolution of dates; and what follows from them on a
// given day (progress, health, the next step).
//
// It knows nothing of files, TOML, Markdown or HTML, has no clock and no keys.
package deal

import "time"

// Site is portico.toml and the library, in one language.
type Site struct {
	BaseURL  string
	Title    string
	Locale   string // BCP 47
	Timezone *time.Location
	Currency string // ISO 4217
	Theme    string
	Profile  string   // id of the default profile
	Hosts    []string // whose header files a build writes
	CRMURL   string   // holds "{crm_id}"; for the roll-up only

	Seller    Seller
	Team      []Person
	Themes    map[string]ThemeValues
	Calendars map[string]Calendar
	Profiles  map[string]Profile
	Checks    map[string]CheckLevel
	Access    AccessDefaults
	// EmbedHosts may be shown in frames, besides the built-in ones.
	EmbedHosts []string
	Beacon     Beacon
	// Viewers are the team members who may open the roll-up.
	Viewers []string

	Library Library
	// Assets are the files of the site's own assets/.
	Assets Files
}

// Member of the team with an id, or nil.
func (s *Site) Member(id string) *Person { return findPerson(s.Team, id) }

// Seller is the company whose site it is.
type Seller struct {
	Name     string
	Color    string // #rrggbb
	Logo     File
	LogoDark File
	Website  string
	Email    string
	Phone    string
	Imprint  string
	Privacy  string
	// Confidentiality is the sentence in the footer.
	Confidentiality Prose
}

// Calendar is a list of days on which nobody works.
type Calendar struct {
	Title string
	Days  []Day
}

// Profile is what a kind of deal has in common: its stages, and the thresholds
// of the rules that `portico check` holds it against.
type Profile struct {
	ID      string
	Extends string // smb, mid-market, enterprise or renewal
	Stages  []Stage
	Limits  map[string]int // by the rule's code
	Theme   string
}

// ThemeValues are tokens of a theme that the site sets itself. Empty values
// leave the theme's own.
type ThemeValues struct {
	Title, Color, Radius, Density, Hero string
	FontText, FontDisplay               File
}

// CheckLevel changes the severity of a rule, for a reason.
type CheckLevel struct {
	Level  string // off, advice, warning, error
	Reason string
	Until  Day
}

// AccessDefaults hold for every deal that does not say otherwise.
type AccessDefaults struct {
	Passphrase   bool
	Factors      string // "link" or "link+passphrase"
	RememberDays int
	// ExpiresAfter counts from a deal's last due date; zero is never.
	ExpiresAfter Span
}

// Span is a length of time in days or months.
type Span struct {
	N    int
	Unit string // d, w or m
}

// After is the day that lies a Span after d.
func (s Span) After(d Day) Day {
	switch {
	case s.N == 0 || d == 0:
		return 0
	case s.Unit == "m":
		return d.addMonths(s.N)
	case s.Unit == "w":
		return d + Day(7*s.N)
	}
	return d + Day(s.N)
}

// Beacon is how a page reports to the collector.
type Beacon struct {
	URL    string
	Notice Prose
	Off    bool
	Alerts []Alert
}

// Alert is a message that the collector sends.
type Alert struct {
	On     []string
	Via    string // slack, mail or webhook
	Env    string // name of the environment variable that holds the address
	To     []string
	Digest string // daily, weekly or "" for at once
}

// Library is what every deal may name.
type Library struct {
	Collateral []Collateral
	Files      Files
}

// Item is the library's collateral with an id, or nil.
func (l *Library) Item(id string) *Collateral {
	for i := range l.Collateral {
		if l.Collateral[i].ID == id {
			return &l.Collateral[i]
		}
	}
	return nil
}
