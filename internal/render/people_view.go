package render

import (
	"html/template"
	"net/url"
	"slices"
	"strings"
	"time"

	"portico/internal/deal"
)

// owners are people by their ids; what is internal does not get here.
func (m *pageMaker) owners(ids []string) []Person {
	var list []Person
	for _, id := range ids {
		if p := m.person(id); p != nil {
			list = append(list, *p)
		}
	}
	return list
}

// person as a page shows it, or nil for one who is unknown or internal.
func (m *pageMaker) person(id string) *Person {
	if p, ok := m.people[id]; ok {
		return p
	}
	var v *Person
	if p := m.deal.Person(id); p != nil && !p.Internal {
		v = m.newPerson(p)
	}
	m.people[id] = v
	return v
}

func (m *pageMaker) newPerson(p *deal.Person) *Person {
	v := &Person{
		ID: p.ID, Anchor: "p-" + p.ID, Name: p.Name, Title: p.Title, Named: p.Name != "", Initials: p.Initials(),
		Side: string(p.Side), Company: m.company(p.Side), Department: p.Department,
		Roles: m.roleWords(p.Roles), Decides: m.decisionWords(p.Decides), Lead: p.Lead, Group: p.Group,
		EmailText: p.Email, PhoneText: p.Phone,
	}
	v.Link, _, v.OnlyLink = m.address(p.Link)
	if !v.Named {
		v.Name = p.Title
	}
	v.First = v.Name
	if given, _, more := strings.Cut(v.Name, " "); more && v.Named && !p.Group && !strings.HasSuffix(given, ".") {
		v.First = given
	}
	v.Email, v.Phone = mailto(p.Email), tel(p.Phone)
	if p.Photo.IsSet() && m.sees(p.Photo) {
		v.Photo = m.small(p.Photo, 144)
	}
	if p.Timezone != "" {
		v.LocalTime = m.zone(p.Timezone)
	}
	if p.ID == m.deal.Owner {
		v.Relationship = m.words.Say("contact.at", "company", m.deal.Seller.Name)
	}
	return v
}

// mailto is an address's link.
func mailto(address string) template.URL {
	if address == "" {
		return ""
	}
	return template.URL("mailto:" + strings.ReplaceAll(url.PathEscape(address), "%40", "@"))
}

// tel is a number's link: digits, and a plus in front.
func tel(number string) template.URL {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, number)
	if digits == "" {
		return ""
	}
	return template.URL("tel:" + digits)
}

// zone names a time zone as people do: "Berlin, UTC+1".
func (m *pageMaker) zone(name string) string {
	loc, err := time.LoadLocation(name)
	if err != nil {
		return name
	}
	city := name[strings.LastIndexByte(name, '/')+1:]
	_, offset := m.asOf.Time().Add(12 * time.Hour).In(loc).Zone()
	return strings.ReplaceAll(city, "_", " ") + ", UTC" + utcOffset(offset)
}

func utcOffset(seconds int) string {
	if seconds == 0 {
		return ""
	}
	sign := "+"
	if seconds < 0 {
		sign, seconds = "−", -seconds
	}
	h, min := seconds/3600, seconds/60%60
	s := sign + time.Date(0, 1, 1, h, min, 0, 0, time.UTC).Format("15:04")
	return strings.TrimSuffix(strings.Replace(s, sign+"0", sign, 1), ":00")
}

// company is whose a side is.
func (m *pageMaker) company(side deal.Side) string {
	switch side {
	case deal.SideSeller:
		return m.deal.Seller.Name
	case deal.SidePartner:
		return m.words.Say("side.partner")
	}
	return m.deal.Buyer.Name
}

func (m *pageMaker) roleWords(roles []string) string { return m.wordList("role.", roles) }

func (m *pageMaker) decisionWords(d []string) string { return m.wordList("decides.", d) }

func (m *pageMaker) wordList(prefix string, keys []string) string {
	words := make([]string, len(keys))
	for i, k := range keys {
		words[i] = m.words.Say(prefix + k)
	}
	return strings.Join(words, m.words.Say("list.comma"))
}

// teams are the stakeholder grid: the buyer's people first.
func (m *pageMaker) teams() []Team {
	teams := []Team{
		{Name: m.company(deal.SideBuyer), Side: string(deal.SideBuyer)},
		{Name: m.company(deal.SideSeller), Side: string(deal.SideSeller)},
		{Name: m.words.Say("side.partners"), Side: string(deal.SidePartner)},
	}
	for i := range m.deal.People {
		p := &m.deal.People[i]
		if p.Internal || !p.Listed {
			continue
		}
		for j := range teams {
			if teams[j].Side == string(p.Side) {
				teams[j].People = append(teams[j].People, *m.person(p.ID))
			}
		}
	}
	for i := range teams {
		teams[i].Count = m.words.Say("people.count", "n", len(teams[i].People))
	}
	return slices.DeleteFunc(teams, func(t Team) bool { return len(t.People) == 0 })
}

// wanted are the roles that milestones need and nobody holds.
func (m *pageMaker) wanted() []string {
	var list []string
	seen := map[string]bool{}
	for i := range m.deal.Milestones {
		ms := &m.deal.Milestones[i]
		if ms.Internal || ms.Done != 0 || ms.Status == deal.Cancelled {
			continue
		}
		for _, role := range ms.Roles {
			if !seen[role] && !m.held(role) {
				list = append(list, m.words.Say("role."+role))
			}
			seen[role] = true
		}
	}
	return list
}

func (m *pageMaker) held(role string) bool {
	return slices.ContainsFunc(m.deal.People, func(p deal.Person) bool {
		return !p.Internal && p.Name != "" && p.Has(role)
	})
}

// calls are for those alone who see with whom they are.
func (m *pageMaker) calls() ([]Call, Only) {
	var calls []Call
	var all []deal.Audience
	for i := range m.deal.ReferenceCalls {
		c := &m.deal.ReferenceCalls[i]
		if c.Internal {
			continue
		}
		name, who := m.inlineFor(&c.Who, m.tomlText("reference_call", i, "who"))
		all = m.also(all, who)
		calls = append(calls, Call{
			Who: name, Only: m.only(who),
			Objective: m.inlineHTML(&c.Objective, m.tomlText("reference_call", i, "objective")),
			When:      m.date(c.When.Day), Done: m.date(c.Done), With: m.owners(c.With),
		})
	}
	return calls, m.onlyAll(all)
}
