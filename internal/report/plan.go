// Package report joins what the collector heard with what git knows: who came
// through whose link, when and for how long, what they looked at, and what of it
// is new. A Report is data; it is printed as text, JSON and CSV here, and as a
// page by render.
//
// Everything in it is a function of events, plans and a clock that is handed in.
// It knows neither how a site is built nor how a collector stores.
package report

import (
	"cmp"
	"slices"
	"time"

	"portico/internal/beacon"
	"portico/internal/deal"
	"portico/internal/message"
	"portico/internal/seal"
)

// Plan is what git knows of a deal: names for the ids that events go by.
type Plan struct {
	// ID is the folder's name; of a deal that is gone it is all there is.
	ID, Title, Buyer string
	Key              seal.DealID
	Zone             *time.Location
	// Removed says that the deal is in content/ no more.
	Removed bool
	// Silent says why no page of the deal reports; empty where they do.
	Silent string
	People []Person
	Parts  map[beacon.Target]Part
}

// Everyone is the id of whoever came with the deal's passphrase.
const Everyone = seal.Everyone

// Person is somebody whose link may be used.
type Person struct {
	Key      seal.ViewerID
	ID, Name string
	Title    string
	// Way says that they have a way in today.
	Way bool
	// Shared is whoever knows the deal's passphrase: no one in particular.
	Shared bool
}

// Part is something of a deal that can be looked at.
type Part struct {
	Kind, ID, Title string
	// Opaque says that no page can tell how much of it was seen.
	Opaque bool
}

// Known is a deal with what only the build knows of it.
type Known struct {
	Deal    *deal.Deal
	Site    *deal.Site
	Title   string
	Secrets seal.DealSecrets
	// Viewers are those who have a way in today.
	Viewers []string
	// Former are all who ever had one, by their ids, with the names that they
	// went by then.
	Former map[string]string
	// Opaque says of a document whether the page that shows it cannot tell how much
	// of it was seen.
	Opaque func(*deal.Collateral) bool
	// Words are those of whoever reads the report.
	Words *message.Locale
}

// PlanOf a deal.
func PlanOf(k Known) Plan {
	p := Plan{
		ID: k.Deal.ID, Title: k.Title, Buyer: k.Deal.Buyer.Name, Key: k.Secrets.ID(), Zone: k.Deal.Timezone, Silent: silent(k),
		Parts: map[beacon.Target]Part{},
	}
	for target, part := range beacon.Targets(k.Secrets, k.Deal.Parts()) {
		p.Parts[target] = Part{part.Kind.String(), part.ID, k.title(part), part.Kind == beacon.Document && k.Opaque(k.Deal.Item(part.ID))}
	}
	add := func(id, once string, way bool) {
		if !slices.ContainsFunc(p.People, func(p Person) bool { return p.ID == id }) {
			p.People = append(p.People, k.person(id, once, way))
		}
	}
	for _, id := range k.Viewers {
		add(id, "", true)
	}
	for _, id := range k.Deal.Access.Viewers { // whose time is over
		add(id, "", false)
	}
	for _, id := range sortedKeys(k.Former) {
		add(id, k.Former[id], false)
	}
	p.People = append(p.People, Person{Key: k.Secrets.Viewer(seal.Everyone), ID: seal.Everyone, Name: "the deal’s passphrase", Way: k.Deal.Access.Passphrase, Shared: true})
	return p
}

// silent says why no page of a deal reports.
func silent(k Known) string {
	switch {
	case k.Deal.Access.Public:
		return "public: nobody unlocks it"
	case k.Deal.Beacon.Off:
		return "switched off in [beacon]"
	}
	return ""
}

// title of a part, as its page has it.
func (k Known) title(p beacon.Part) string {
	switch p.Kind {
	case beacon.Milestone:
		return k.Deal.Milestone(p.ID).Title
	case beacon.Section:
		for i := range k.Deal.Pages {
			if g := &k.Deal.Pages[i]; p.ID == deal.PartOfPage(g.Name) {
				return g.Title
			}
		}
		return k.Words.Say("section." + p.ID)
	}
	return k.Deal.Item(p.ID).Title
}

// PlanOfGone is what is left of a deal that was deleted: who had a way in.
func PlanOfGone(folder string, secrets seal.DealSecrets, former map[string]string) Plan {
	p := Plan{ID: folder, Key: secrets.ID(), Removed: true}
	for _, id := range sortedKeys(former) {
		p.People = append(p.People, Person{Key: secrets.Viewer(id), ID: id, Name: cmp.Or(former[id], id)})
	}
	return p
}

func (k Known) person(id, once string, way bool) Person {
	p := Person{Key: k.Secrets.Viewer(id), ID: id, Way: way}
	for _, known := range []*deal.Person{k.Deal.Person(id), k.Site.Member(id)} {
		if known != nil && p.Name == "" {
			p.Name, p.Title = known.Called(), known.Title
		}
	}
	if p.Name == p.Title { // nobody was named yet
		p.Title = ""
	}
	p.Name = cmp.Or(p.Name, once, id)
	return p
}

// through says whose way in was used: a report knows links, not who used them.
func (p Person) through() string {
	switch {
	case p.Shared:
		return "the passphrase"
	case p.ID == "":
		return "the link " + p.Name
	}
	return p.Name + "’s link"
}
