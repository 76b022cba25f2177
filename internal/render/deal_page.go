package render

import (
	"html/template"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"portico/internal/deal"
)

// dealPage is the plan itself.
func (m *pageMaker) dealPage() ([]byte, error) {
	d := m.deal
	planFor := m.words.Say("plan.for", "buyer", d.Buyer.Name)
	title := d.Title
	if title == "" {
		title = planFor
	}
	p := m.page("deal", m.words.Say("page.title", "title", title, "buyer", d.Buyer.Name, "seller", d.Seller.Name))
	p.Headline = title
	if title != planFor {
		p.Eyebrow = planFor
	}
	if n := longestWord(title); n > usualWord {
		m.rule("headline", "w", float64(n))
	}
	c := m.newClockwork()
	p.Value = m.value()
	p.Standing = m.standing(c)
	m.intro(p)
	p.Timeline = m.timeline(c)
	p.Plan, p.Doers = m.plan(c), m.doers()
	p.Folds = slices.ContainsFunc(p.Plan, func(s Stage) bool {
		return s.Title != "" || slices.ContainsFunc(s.Milestones, func(ms Milestone) bool { return ms.Detail })
	})
	p.Measures, p.Highlights = m.measures()
	m.objectives(p)
	p.Risks, p.Closed = m.risks()
	m.constraints(p)
	p.Teams, p.Wanted = m.teams(), m.wanted()
	p.Calls, p.Parts.Calls = m.calls()
	p.Pricing = m.pricing(c)
	p.Documents, p.Parts.Documents = m.documents(c)
	m.notes(p)
	m.paper(p)
	p.Sections = m.sections(p)
	p.Phrases = c.allPhrases()
	// Where something is restricted, the sheet tells no more than a place does.
	if !p.reads() && m.who == nil {
		p.Reading = ""
	}
	return m.run("deal.html", p)
}

// intro is the text of index.md, above the links to further pages.
func (m *pageMaker) intro(p *Page) {
	text := m.blockHTML(&m.deal.Index, textAt{scope: deal.Scope{Root: deal.InDeal, Dir: ".", Library: true}, anchors: "i.", shift: 1})
	intro, who := m.solely(text)
	p.Intro, p.Parts.Intro = intro, m.only(who)
	var parts []deal.Audience
	if intro != "" {
		parts = m.also(parts, who)
	}
	for i := range m.deal.Pages {
		if pg := &m.deal.Pages[i]; !pg.Hidden && !pg.Internal {
			parts = m.also(parts, m.who.Page(pg.Name))
		}
	}
	p.Parts.Opening = m.onlyAll(parts)
}

// usualWord is as long as a word of the headline may be for any screen; the
// headline's size gives way to a longer one.
const usualWord = 12

func longestWord(text string) int {
	longest := 0
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '-' || unicode.IsSpace(r) }) {
		longest = max(longest, utf8.RuneCountInString(word))
	}
	return longest
}

// reads says whether a plan holds prose, notes or files, or leads to pages.
func (p *Page) reads() bool {
	prose := func(m Milestone) bool { return m.Text != "" }
	return p.Intro != "" || len(p.Pages)+len(p.Notes)+len(p.Documents) > 0 ||
		slices.ContainsFunc(p.Plan, func(s Stage) bool { return slices.ContainsFunc(s.Milestones, prose) })
}

// sections are the links to those parts that have something in them.
func (m *pageMaker) sections(p *Page) []Link {
	there := map[string]bool{
		"timeline": len(p.Timeline.Rows)+len(p.Timeline.Events) > 0,
		"plan":     len(p.Plan) > 0,
		"measures": len(p.Objectives)+len(p.Measures) > 0,
		"risks":    len(p.Risks)+len(p.Closed)+len(p.Limits) > 0,
		"people":   len(p.Teams)+len(p.Calls) > 0, "pricing": p.Pricing != nil,
		"documents": len(p.Documents) > 0, "notes": len(p.Notes) > 0,
	}
	var links []Link
	for _, id := range deal.Sections() {
		if !there[id] {
			continue
		}
		link := Link{Href: template.URL("#" + id), Text: m.words.Say("section." + id)} // one of ours
		switch id {
		case "measures":
			link.Only = p.Parts.Measures
		case "risks":
			link.Only = p.Parts.Risks
		case "pricing":
			link.Only = p.Pricing.Only
		case "documents":
			link.Only = p.Parts.Documents
		case "notes":
			link.Only = p.Parts.Notes
		}
		links = append(links, link)
	}
	return links
}

func (m *pageMaker) value() Value {
	v := &m.deal.Value
	at := func(key string) textAt { return m.tomlText("value", key) }
	out := Value{Summary: m.inlineHTML(&v.Summary, at("summary")), Priority: m.inlineHTML(&v.Priority, at("priority")), ForSeller: m.inlineHTML(&v.ForSeller, at("for_seller")), AgreedOn: m.date(v.AgreedOn)}
	if p := m.person(v.AgreedBy); p != nil {
		out.AgreedBy = p.Name
		out.Agreed = m.words.Say("value.agreed", "who", p.Name)
		if v.AgreedOn != 0 {
			out.Agreed = m.words.Say("value.agreed.on", "who", p.Name, "day", out.AgreedOn.Text)
		}
	}
	return out
}

// pageTitle is the page's name where its title would tell some of its readers
// what they may not see. The check before a build has refused that; this is the
// second lock.
func (m *pageMaker) pageTitle(pg *deal.Page) string {
	if m.who != nil && !m.who.Title(pg).Has(m.who.Page(pg.Name)) {
		return pg.Name
	}
	return pg.Title
}

// further is a page of pages/.
func (m *pageMaker) further(pg *deal.Page) ([]byte, error) {
	title := m.pageTitle(pg)
	p := m.page("page", title)
	p.Title = m.words.Say("page.title", "title", title, "buyer", m.deal.Buyer.Name, "seller", m.deal.Seller.Name)
	p.Audience = m.audience(pg.Audience)
	p.Body = m.blockHTML(&pg.Body, textAt{scope: deal.Scope{Root: deal.InDeal, Dir: "pages", Library: true}, anchors: "h."})
	return m.run("page.html", p)
}

// textPage is collateral in Markdown.
func (m *pageMaker) textPage(t *deal.MarkdownFile) ([]byte, error) {
	title, at := strings.TrimSuffix(t.File.Name(), t.File.Ext()), fileText(t.File)
	if c := m.itemOf(t.File); c != nil {
		title = c.Title
	} else if len(t.Prose.Headings) > 0 && m.seesHeading(&t.Prose, t.Prose.Headings[0].Anchor, at) {
		title = t.Prose.Headings[0].Text
	}
	p := m.page("text", title)
	at.anchors, at.shift = "h.", 1
	p.Body = m.blockHTML(&t.Prose, at)
	p.Title = m.words.Say("page.title", "title", title, "buyer", m.deal.Buyer.Name, "seller", m.deal.Seller.Name)
	return m.run("page.html", p)
}

// seesHeading says whether all for whom a page is may see a heading.
func (m *pageMaker) seesHeading(p *deal.Prose, anchor string, at textAt) bool {
	return m.who.Target(deal.Target{Kind: deal.ToAnchor, Fragment: anchor}, p, at.scope).Has(m.to)
}
