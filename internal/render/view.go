// Package render turns deals into pages. It makes every HTML this program
// writes, runs the layouts, and knows where on a site everything lies. It
// reads no file and knows no key.
//
// The types with exported fields below are what a layout's author sees; they
// hold finished words, dates and links in the deal's language, and nothing
// that is internal.
package render

import (
	"html/template"

	"portico/internal/message"
)

// Page is what every layout is given.
type Page struct {
	// Kind is "deal" for the plan, "page" for further pages, "text" for
	// collateral in Markdown, "plain" for pages of no deal.
	Kind      string
	Lang, Dir string
	// Title of the document, for the browser's tab.
	Title string
	// Root leads from the page to the deal's folder: "" or "../".
	Root string
	// Policy is the content security policy of the page's meta element.
	Policy string
	// Day is the day that the page shows, as the browser's script counts from
	// it; Day 0 shows none.
	Day                         int
	Style, Script, Tokens, Icon template.URL
	// Today is the script that puts the words of the reader's day in place
	// before anything shows.
	Today template.URL
	// Reading is the stylesheet for prose, notes and files, empty on a page
	// that holds none.
	Reading template.URL
	// Receipts is nil on a page that reports nothing.
	Receipts *Receipts

	// Theme is what a theme sets beyond colours.
	Theme struct{ Density, Hero string }
	// Audience says who alone sees a further page.
	Audience string

	Seller       Seller
	Buyer        Company
	Contact      *Person
	Updated      Date
	UpdatedBy    string
	AsOf         string // "As of 20 Nov 2026"
	Confidential template.HTML

	// Phrases are what the page's counters say.
	Phrases Phrases

	// Headline is the h1, Eyebrow stands above it.
	Headline, Eyebrow string
	// Pages are the further pages, Sections those parts of the plan that have
	// something in them.
	Sections, Pages []Link
	// Intro is the prose of index.md; Body that of a further page.
	Intro, Body template.HTML
	// Parts are the bounds of those that may be for some viewers alone: the
	// section of Intro and Pages, both of these, and Documents.
	Parts struct{ Opening, Intro, Pages, Documents Only }

	Value    Value
	Standing Standing
	Timeline Timeline
	Plan     []Stage
	// Roomy says that the plan leaves much of a sheet of paper empty.
	Roomy bool
	// Folds says whether there is anything in the plan to unfold.
	Folds bool
	// Doers are the people whose milestones can be shown alone, if there are
	// several.
	Doers      []Person
	Objectives []Objective
	Measures   []Measure
	Highlights []Measure
	Risks      []Risk
	Closed     []Risk // risks that went away
	Limits     []Constraint
	Teams      []Team
	Wanted     []string // roles with nobody in them
	Calls      []Call
	Pricing    *Pricing
	Documents  []Group
	// Notes are the newest weekly notes, Older those before them.
	Notes, Older []Note

	words *message.Locale
}

// T is the page's word for a key of internal/message.
func (p *Page) T(key string) string { return p.words.Say(key) }

// Link leads to somewhere.
type Link struct {
	Href    template.URL
	Text    string
	Current bool
	Only    Only
}

// Date is a day, for a time element. Short leaves out the year where it goes
// without saying.
type Date struct{ ISO, Text, Short string }

// Changing is a text, or a state's name, that depends on the reader's day.
type Changing struct {
	Now string
	// Later holds a line for each later day on which it changes: how many days
	// after the page's day, a blank, and what it is from then on.
	Later string
}

// Seller is the company whose site it is.
type Seller struct {
	Name, Initial             string
	Logo, LogoDark            *Picture
	Website, Imprint, Privacy template.URL
	Email                     template.URL
	Phone                     template.URL
	EmailText, PhoneText      string
}

// Company is the buyer.
type Company struct {
	Name, Initial string
	Logo          *Picture
	Website       template.URL
}

// Picture is an image of the site.
type Picture struct {
	Src template.URL
	Alt string
	// Width and Height are in pixels of CSS, 0 where they cannot be told.
	Width, Height int
}

// Value is why the buyer does this.
type Value struct {
	Summary, Priority, ForSeller template.HTML
	AgreedBy                     string
	AgreedOn                     Date
	// Agreed is the sentence of both.
	Agreed string
}

// Person of either team.
type Person struct {
	ID           string
	Anchor       string
	Name, Title  string
	First        string // the given name, or what else is short
	Named        bool
	Initials     string
	Photo        *Picture
	Side         string // buyer, seller, partner
	Company      string
	Department   string
	Roles        string
	Decides      string
	Lead, Group  bool
	Email        template.URL
	EmailText    string
	Phone        template.URL
	PhoneText    string
	Link         template.URL
	LocalTime    string // the person's time zone
	Relationship string // "Your contact at Lumen"
}

// Team is one side's people.
type Team struct {
	Name, Side string
	Count      string // "6 people"
	People     []Person
}

// Call is a talk with another customer.
type Call struct {
	Who, Objective template.HTML
	When, Done     Date
	With           []Person
}
