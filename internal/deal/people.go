package deal

import (
	"slices"
	"strings"
	"unicode"
)

// Side is whose person somebody is.
type Side string

const (
	SideBuyer   Side = "buyer"
	SideSeller  Side = "seller"
	SidePartner Side = "partner"
)

// Roles that somebody may have in a decision.
func Roles() []string {
	return []string{"champion", "economic_buyer", "executive_sponsor", "technical_evaluator", "security", "legal", "procurement", "end_user", "project_manager", "account_executive", "solutions_engineer", "customer_success", "executive"}
}

// Person is a stakeholder, of either team.
type Person struct {
	ID         string
	Title      string // what they do
	Name       string // empty: still to be named
	Side       Side
	Department string
	Roles      []string
	Decides    []string
	Lead       bool // of its side's project
	Group      bool // a desk, no single person
	Listed     bool // in the stakeholder grid
	Email      string
	Phone      string
	Photo      File
	Timezone   string
	Link       string
	Former     bool // left the team
	Internal   bool
	// InternalNote is for the seller alone.
	InternalNote string

	// OfTeam says that portico.toml holds the person, not deal.toml.
	OfTeam bool
}

// Called is what to call somebody in a sentence: the name, or the title where
// nobody has been named yet.
func (p *Person) Called() string {
	if p.Name != "" {
		return p.Name
	}
	return p.Title
}

// Initials are one or two capitals for a monogram. Titles before a name
// ("Dr.") are left out.
func (p *Person) Initials() string {
	var words []string
	for _, w := range strings.Fields(p.Called()) {
		if first := firstLetter(w); first != "" && !strings.HasSuffix(w, ".") {
			words = append(words, first)
		}
	}
	switch {
	case len(words) == 0:
		return "?"
	case len(words) == 1:
		return words[0]
	}
	return words[0] + words[len(words)-1]
}

func firstLetter(word string) string {
	for _, r := range word {
		if unicode.IsLetter(r) {
			return string(unicode.ToUpper(r))
		}
	}
	return ""
}

// Has says whether the person holds a role.
func (p *Person) Has(role string) bool { return slices.Contains(p.Roles, role) }

func findPerson(people []Person, id string) *Person {
	for i := range people {
		if people[i].ID == id {
			return &people[i]
		}
	}
	return nil
}
