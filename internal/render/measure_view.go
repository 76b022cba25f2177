package render

import (
	"html/template"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"portico/internal/deal"
	"portico/internal/message"
)

// Objective is a challenge and what shall come of it.
type Objective struct {
	Challenge, Outcome, Deliverable template.HTML
	Only                            Only
}

// Constraint is a limit that the plan has to keep.
type Constraint struct {
	Kind string
	Text template.HTML
	Only Only
}

// Measure is a KPI with its numbers written out.
type Measure struct {
	Anchor                   string
	Metric                   string
	Baseline, Target, Actual string
	// Value is the number to show large: the actual, or else the target.
	Value        string
	Progress     int
	HasProgress  bool
	Reached      bool
	ProgressText string
	// OnlyBasis are the bounds of both, OnlyComma those of what stands between.
	Sample, Window       template.HTML
	OnlyBasis, OnlyComma Only
	By                   Date
	Estimate             bool
}

// Risk and its counter.
type Risk struct {
	Anchor             string
	Title              string
	Counter            template.HTML
	Owner              *Person
	Likelihood, Impact string // low, medium, high
	// Level is what both come to, low, medium or high, and its word.
	Level, LevelWord string
	LikelihoodWord   string
	ImpactWord       string
	Opened, Closed   Date
	Milestone        *Link
}

func (m *pageMaker) objectives(p *Page) {
	var all []deal.Audience
	for i := range m.deal.Objectives {
		o := &m.deal.Objectives[i]
		if o.Internal {
			continue
		}
		at := func(key string) textAt { return m.tomlText("objective", i, key) }
		var v Objective
		var readers []deal.Audience
		text := func(p *deal.Prose, key string) template.HTML {
			text, who := m.inlineFor(p, at(key))
			if text != "" || who != nil {
				readers = m.also(readers, who)
			}
			return text
		}
		v.Challenge, v.Outcome, v.Deliverable = text(&o.Challenge, "challenge"), text(&o.Outcome, "outcome"), text(&o.Deliverable, "deliverable")
		v.Only = m.onlyAll(readers)
		all = append(all, readers...)
		p.Objectives = append(p.Objectives, v)
	}
	p.Parts.Objectives = m.onlyAll(all)
	if p.Measures == nil {
		p.Parts.Measures, p.Parts.Objectives = p.Parts.Objectives, Only{}
	}
}

// constraints are for those alone who see their text: a kind is no more than a
// label. They come last of their section.
func (m *pageMaker) constraints(p *Page) {
	var all []deal.Audience
	for i := range m.deal.Constraints {
		if c := &m.deal.Constraints[i]; !c.Internal {
			text, who := m.inlineFor(&c.Text, m.tomlText("constraint", i, "text"))
			all = m.also(all, who)
			p.Limits = append(p.Limits, Constraint{m.words.Say("constraint." + c.Kind), text, m.only(who)})
		}
	}
	p.Parts.Limits = m.onlyAll(all)
	if p.Risks == nil && p.Closed == nil {
		p.Parts.Risks, p.Parts.Limits = p.Parts.Limits, Only{}
	}
}

func (m *pageMaker) measures() (all, highlights []Measure) {
	for i := range m.deal.KPIs {
		k := &m.deal.KPIs[i]
		if k.Internal {
			continue
		}
		v := m.measure(i, k)
		all = append(all, v)
		if k.Highlight && len(highlights) < 3 {
			highlights = append(highlights, v)
		}
	}
	return all, highlights
}

func (m *pageMaker) measure(i int, k *deal.KPI) Measure {
	v := Measure{
		Anchor: "k-" + strconv.Itoa(i), Metric: k.Metric, Baseline: m.number(k, k.Baseline), Target: m.number(k, k.Target), Actual: m.number(k, k.Actual),
		By: m.date(k.By.Day), Estimate: k.Estimate, Reached: k.Reached(),
	}
	var sample, window deal.Audience
	v.Sample, sample = m.inlineFor(&k.Sample, m.tomlText("kpi", i, "sample"))
	v.Window, window = m.inlineFor(&k.Window, m.tomlText("kpi", i, "window"))
	v.OnlyBasis, v.OnlyComma = m.basis(&v, sample, window)
	v.Progress, v.HasProgress = k.Progress()
	if v.HasProgress {
		m.rule(v.Anchor, "p", float64(v.Progress))
	}
	switch {
	case v.Reached:
		v.ProgressText = m.words.Say("measure.reached")
	case v.HasProgress:
		v.ProgressText = m.words.Say("measure.progress", "percent", m.words.Percent(decimal.NewFromInt(int64(v.Progress))))
	}
	v.Value = v.Actual
	if v.Value == "" {
		v.Value = v.Target
	}
	return v
}

// basis are the bounds of a measure's sample and window, and of the comma
// between them.
func (m *pageMaker) basis(v *Measure, sample, window deal.Audience) (both, comma Only) {
	switch {
	case v.Window == "" && window == nil:
		return m.only(sample), Only{}
	case v.Sample == "" && sample == nil:
		return m.only(window), Only{}
	}
	return m.onlyAll(m.also(m.also(nil, sample), window)), m.only(sample.And(window))
}

// number writes a measure in its unit.
func (m *pageMaker) number(k *deal.KPI, x deal.Measure) string {
	if !x.Set {
		return ""
	}
	n, ok := k.Value(x)
	if !ok { // a change against a baseline that nobody gave
		sign := ""
		if !x.IsNegative() {
			sign = "+"
		}
		if x.Percent {
			return sign + m.words.Percent(x.Decimal)
		}
		n = x.Decimal
		return sign + m.inUnit(k, n)
	}
	return m.inUnit(k, n)
}

func (m *pageMaker) inUnit(k *deal.KPI, n decimal.Decimal) string {
	n = n.Round(4)
	switch {
	case k.Unit == "%":
		return m.words.Percent(n)
	case k.IsCurrency():
		return m.words.Money(n, k.Unit, n.IsInteger())
	case k.Unit == "":
		return m.words.Number(n, 0)
	}
	return m.words.Number(n, 0) + "\u00a0" + k.Unit
}

func (m *pageMaker) risks() (open, closed []Risk) {
	for i := range m.deal.Risks {
		r := &m.deal.Risks[i]
		if r.Internal {
			continue
		}
		v := Risk{
			Anchor: "r-" + r.ID, Title: r.Title, Counter: m.inlineHTML(&r.Counter, m.tomlText("risk", r.ID, "counter")),
			Owner: m.person(r.Owner), Likelihood: r.Likelihood, Impact: r.Impact,
			LikelihoodWord: m.words.Say("grade." + r.Likelihood), ImpactWord: m.words.Say("grade." + r.Impact),
			Opened: m.date(r.Opened), Closed: m.date(r.Closed),
		}
		v.Level = level(r.Likelihood, r.Impact)
		v.LevelWord = capital(m.words.Say("grade." + v.Level))
		if ms := m.deal.Milestone(r.Milestone); ms != nil && !ms.Internal {
			v.Milestone = &Link{Href: template.URL("#" + milestoneAnchor(ms.ID)), Text: ms.Title}
		}
		if r.Closed != 0 {
			closed = append(closed, v)
		} else {
			open = append(open, v)
		}
	}
	return open, closed
}

// capital is a word as it begins a line.
func capital(word string) string {
	_, size := utf8.DecodeRuneInString(word)
	return strings.ToUpper(word[:size]) + word[size:]
}

// level of a risk, of the usual matrix: likelihood times impact.
func level(likelihood, impact string) string {
	weight := map[string]int{"low": 1, "medium": 2, "high": 3}
	switch product := weight[likelihood] * weight[impact]; {
	case product >= 6:
		return "high"
	case product >= 3:
		return "medium"
	}
	return "low"
}

// Pricing is the offer, computed exactly.
type Pricing struct {
	Term            string
	Lines, Optional []PriceLine
	Totals          []Total
	PaymentTerms    template.HTML
	Note            template.HTML
	ValidUntil      Date
	Expired         Changing
	Audience        string
	Only            Only
}

// PriceLine is one line of the offer.
type PriceLine struct {
	Item, Unit  string
	Description template.HTML
	Quantity    string
	UnitPrice   string
	Per         string
	Discount    string
	Amount      string
	// ByYear are the amounts of a line whose price steps, one a year.
	ByYear []string
}

// Total is a sum with its name.
type Total struct{ Name, Amount string }

func (m *pageMaker) pricing(c *clockwork) *Pricing {
	p := &m.deal.Pricing
	if !p.Offers() && (p.Internal || p.PaymentTerms.IsEmpty()) {
		return nil
	}
	places := message.Decimals(m.deal.Currency)
	whole := wholeAmounts(p, places)
	say := func(n decimal.Decimal) string { return m.words.Money(n, m.deal.Currency, whole) }
	v := &Pricing{
		Note:       m.inlineHTML(&p.Note, m.tomlText("pricing", "note")),
		ValidUntil: m.date(p.ValidUntil.Day),
		Audience:   m.audience(p.Audience),
		Only:       m.only(m.who.Pricing()),
	}
	var terms deal.Audience
	v.PaymentTerms, terms = m.inlineFor(&p.PaymentTerms, m.tomlText("pricing", "payment_terms"))
	if !p.Offers() { // there is nothing else to see
		v.Only = m.only(m.who.Pricing().And(terms))
	}
	if p.ValidUntil.Day != 0 {
		v.Expired = c.changing([]deal.Day{p.ValidUntil.Day + 1}, func(day deal.Day) string {
			if day > p.ValidUntil.Day {
				return m.words.Say("price.expired")
			}
			return ""
		})
	}
	if !p.Offers() {
		return v
	}
	v.Term = m.words.Say("price.term", "n", p.TermMonths)
	for i := range p.Lines {
		l := &p.Lines[i]
		if l.Internal {
			continue
		}
		line := m.priceLine(i, l, places, say)
		if l.Optional {
			v.Optional = append(v.Optional, line)
		} else {
			v.Lines = append(v.Lines, line)
		}
	}
	v.Totals = m.totals(p.Totals(places), say)
	return v
}

// wholeAmounts says whether no amount of the offer has decimals.
func wholeAmounts(p *deal.Pricing, places int32) bool {
	for i := range p.Lines {
		l := &p.Lines[i]
		for year := range p.Years() {
			if !l.Price(year).IsInteger() || !l.Amount(year, places).IsInteger() || !l.InYear(year, min(12, p.TermMonths-12*year), places).IsInteger() {
				return false
			}
		}
	}
	return true
}

func (m *pageMaker) priceLine(i int, l *deal.PriceLine, places int32, say func(decimal.Decimal) string) PriceLine {
	v := PriceLine{
		Item: l.Item, Unit: l.Unit, Description: m.inlineHTML(&l.Description, m.tomlText("pricing", "line", i, "description")),
		Quantity: m.words.Number(l.Quantity.Decimal, 0), UnitPrice: say(l.Price(0)), Amount: say(l.Amount(0, places)),
		Per: m.words.Say("per." + l.Per),
	}
	if l.Discount.Set && !l.Discount.IsZero() {
		v.Discount = m.words.Percent(l.Discount.Decimal)
	}
	if len(l.UnitPrice) > 1 {
		for year := range min(len(l.UnitPrice), m.deal.Pricing.Years()) {
			v.ByYear = append(v.ByYear, m.words.Say("price.inyear", "year", m.words.Count(year+1), "amount", say(l.Amount(year, places))))
		}
	}
	return v
}

func (m *pageMaker) totals(t deal.Totals, say func(decimal.Decimal) string) []Total {
	if t.Years == 1 {
		return []Total{{m.words.Say("price.total"), say(t.Term)}}
	}
	totals := []Total{{m.words.Say("price.first"), say(t.FirstYear)}}
	if !t.LaterVary {
		totals = append(totals, Total{m.words.Say("price.later"), say(t.Later)})
	}
	return append(totals, Total{m.words.Say("price.whole", "n", m.deal.Pricing.TermMonths), say(t.Term)})
}
