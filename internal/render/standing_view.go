package render

import (
	"html/template"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"portico/internal/deal"
	"portico/internal/message"
)

// Standing is where the plan stands: the card beside the headline.
type Standing struct {
	Health, HealthWord, Reason Changing
	GoLiveTitle                string
	GoLive                     Date
	GoLiveIn                   Counting
	GoLiveReason               template.HTML
	Done, Total, Percent       int
	Progress, PercentText      string
	Stages                     []StageProgress
	Next, Decision             *Action
}

// StageProgress is a stage's share of what is done.
type StageProgress struct {
	Title       string
	Anchor      string
	Href        template.URL
	State       Changing
	Done, Total int
	Count       string // "2 of 3 done"
}

// Action is the next step, or the next decision.
type Action struct {
	Title  string
	Of     string // the milestone of a step
	Href   template.URL
	Owners []Person
	Due    Date
	DueIn  Counting
	State  Changing

	words *message.Locale
}

// T is the page's word for a key of internal/message.
func (a *Action) T(key string) string { return a.words.Say(key) }

// horizon is how many days gone by are still counted.
const horizon = 60

// clockwork makes what depends on the day. Every rule is the model's; the
// browser only picks the day's words.
type clockwork struct {
	*pageMaker
	from  deal.Day
	ahead int // how far the farthest day is that a counter counts to
}

func (m *pageMaker) newClockwork() *clockwork { return &clockwork{pageMaker: m, from: m.asOf} }

// changing lists what say gives on the page's day and on each day of a list.
func (c *clockwork) changing(days []deal.Day, say func(deal.Day) string) Changing {
	ch := Changing{Now: say(c.from)}
	var b strings.Builder
	before := ch.Now
	for _, day := range days {
		if now := say(day); now != before && day > c.from {
			line(&b, int(day-c.from), now)
			before = now
		}
	}
	ch.Later = b.String()
	return ch
}

func line(b *strings.Builder, days int, text string) {
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
	b.WriteString(strconv.Itoa(days))
	b.WriteByte(' ')
	b.WriteString(text)
}

// counting changes every day: "in 3 days", "today", "2 days overdue". The page
// holds each of these phrases once, in its Phrases, by the distance in days.
func (c *clockwork) counting(day deal.Day, past string) Counting {
	if day == 0 {
		return Counting{}
	}
	c.ahead = max(c.ahead, int(day-c.from))
	away := int(day - c.from)
	n := Counting{To: int(day), Past: past}
	switch {
	case away >= 0:
		n.Now = c.phrase("ahead", away)
	default:
		n.Now = c.phrase(past, min(-away, horizon+1))
	}
	return n
}

// phraseTable are the phrases of one kind, one a line; line n is for n days.
type phraseTable struct {
	lines []string
	text  string
	ends  []int // of each line in text
}

// maxAhead is for how many days ahead there are phrases.
const maxAhead = 1500

// phrasesOf a kind in a locale, made once: "ahead", or the words for days gone
// by.
func (r *Renderer) phrasesOf(words *message.Locale, kind string) *phraseTable {
	id := [2]string{words.Tag, kind}
	if t, ok := r.phrases.Load(id); ok {
		return t.(*phraseTable)
	}
	t := &phraseTable{}
	add := func(line string) { t.lines = append(t.lines, line) }
	add(words.Say("in.today"))
	if kind == "ahead" {
		add(words.Say("in.tomorrow"))
		for n := 2; n <= maxAhead; n++ {
			add(words.Say("in.days", "n", n))
		}
	} else {
		for n := 1; n <= horizon; n++ {
			add(words.Say(kind, "n", n))
		}
		add(words.Say(kind + ".long"))
	}
	t.text = strings.Join(t.lines, "\n")
	for end, i := -1, 0; i < len(t.lines); i++ {
		end += len(t.lines[i]) + 1
		t.ends = append(t.ends, end)
	}
	kept, _ := r.phrases.LoadOrStore(id, t)
	return kept.(*phraseTable)
}

func (c *clockwork) phrase(kind string, n int) string {
	t := c.phrasesOf(c.words, kind)
	return t.lines[min(n, len(t.lines)-1)]
}

// Phrases are what counters say, a line for each distance in days from today.
type Phrases struct{ Ahead, Overdue, Ago string }

// allPhrases are those that the page's counters may come to need.
func (c *clockwork) allPhrases() Phrases {
	ahead := c.phrasesOf(c.words, "ahead")
	return Phrases{
		Ahead:   ahead.text[:ahead.ends[min(c.ahead, len(ahead.ends)-1)]],
		Overdue: c.phrasesOf(c.words, "overdue.days").text,
		Ago:     c.phrasesOf(c.words, "ago.days").text,
	}
}

// Counting is a phrase that depends on how far away a day is.
type Counting struct {
	Now  string
	To   int    // the day, as the browser's script counts
	Past string // which phrases are for a day gone by
}

func (m *pageMaker) standing(c *clockwork) Standing {
	d := m.deal
	list := changes(d.Standings(append([]deal.Day{m.asOf}, d.Turns(m.asOf)...)))
	days := make([]deal.Day, len(list))
	for i := range list {
		days[i] = list[i].Day
	}
	turning := func(say func(*deal.Standing) string) Changing {
		return c.changing(days[1:], func(day deal.Day) string {
			i, _ := slices.BinarySearch(days, day) // every day asked for is one of them
			return say(&list[i])
		})
	}
	now := list[0]
	s := Standing{
		Health:       turning(func(s *deal.Standing) string { return string(s.Health) }),
		HealthWord:   turning(func(s *deal.Standing) string { return m.words.Say("health." + string(s.Health)) }),
		Reason:       turning(func(s *deal.Standing) string { return m.reason(*s) }),
		GoLiveTitle:  m.goLiveTitle(),
		GoLive:       m.date(d.GoLive.Day),
		GoLiveReason: m.inlineHTML(&d.GoLiveReason, m.tomlText("dates", "go_live_reason")),
		Done:         now.Done, Total: now.Total,
		Progress: m.words.Say("progress.milestones", "n", now.Total, "done", m.words.Count(now.Done), "total", m.words.Count(now.Total)),
	}
	if now.Health != deal.AllDone {
		s.GoLiveIn = c.counting(d.GoLive.Day, "ago.days")
	}
	if now.Total > 0 {
		s.Percent = now.Done * 100 / now.Total
		s.PercentText = m.words.Percent(decimal.NewFromInt(int64(s.Percent)))
	}
	s.Stages = m.stageProgress(c)
	m.rule("b-all", "p", float64(s.Percent))
	s.Next = m.action(c, now.Next)
	if now.Decision != nil && (now.Next == nil || *now.Decision != *now.Next) {
		s.Decision = m.action(c, now.Decision)
	}
	return s
}

func (m *pageMaker) goLiveTitle() string {
	if m.deal.GoLiveTitle != "" {
		return m.deal.GoLiveTitle
	}
	return m.words.Say("golive")
}

// changes leaves out the days on which nothing differs from the day before.
func changes(list []deal.Standing) []deal.Standing {
	return slices.CompactFunc(list, func(a, b deal.Standing) bool {
		b.Day = a.Day
		return a == b
	})
}

// reason says why a plan's health is what it is.
func (m *pageMaker) reason(s deal.Standing) string {
	var parts []string
	add := func(key string, n int) {
		if n > 0 {
			parts = append(parts, m.words.Say(key, "n", n))
		}
	}
	add("reason.overdue", s.Overdue+s.OverdueSteps)
	add("reason.blocked", s.Blocked)
	add("reason.offtrack", s.OffTrack)
	add("reason.atrisk", s.AtRisk)
	switch {
	case s.Health == deal.AllDone:
		return m.words.Say("reason.done")
	case len(parts) == 0:
		return m.words.Say("reason.ontrack")
	case s.Health == deal.NeedsAttention:
		return m.words.Say("reason.holds", "what", strings.Join(parts, m.words.Say("list.comma")), "golive", m.goLiveTitle())
	}
	return m.words.Say("reason.endangered", "what", strings.Join(parts, m.words.Say("list.comma")), "golive", m.goLiveTitle())
}

func (m *pageMaker) stageProgress(c *clockwork) []StageProgress {
	var stages []StageProgress
	for _, g := range m.groups() {
		if g.title == "" {
			continue
		}
		done, total := g.count()
		if total == 0 {
			continue
		}
		s := StageProgress{Title: g.title, Anchor: "b-" + g.anchor, Href: template.URL("#" + g.anchor), Done: done, Total: total, Count: m.stageCount(done, total)}
		s.State = c.changing(g.turns(), func(day deal.Day) string { return string(g.stateOn(day)) })
		m.rule(s.Anchor, "n", float64(total), "p", percent(done, total))
		stages = append(stages, s)
	}
	return stages
}

func (m *pageMaker) action(c *clockwork, a *deal.Action) *Action {
	if a == nil {
		return nil
	}
	out := &Action{words: m.words, Title: a.Title(), Href: template.URL("#" + milestoneAnchor(a.Milestone.ID)), Due: m.date(a.Due), Owners: m.owners(a.Owners())}
	if a.Step != nil {
		out.Of = a.Milestone.Title
	}
	out.DueIn = c.counting(a.Due, "overdue.days")
	state := func(day deal.Day) string {
		if a.Step != nil {
			return string(a.Step.StateOn(day))
		}
		return string(a.Milestone.StateOn(day))
	}
	out.State = c.changing([]deal.Day{a.Due + 1}, state)
	return out
}
