package render

import (
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"portico/internal/deal"
)

// Timeline is the plan along the calendar. Where things stand is in the deal's
// stylesheet, in hundredths of the width: a page has no inline style.
type Timeline struct {
	// From and To are the ends of the axis, as the browser's script counts days.
	From, To int
	Ticks    []Tick
	// Rows are the stages, or the milestones of a plan without stages.
	Rows []Span
	// Events are the dates that both must know, go-live among them.
	Events []Span
	// Today says whether the page's day lies on the axis.
	Today bool
}

// Tick is a month's beginning on the axis.
type Tick struct{ Anchor, Text string }

// Span is a bar of the timeline.
type Span struct {
	Title    string
	Anchor   string
	Href     template.URL
	Range    string
	From, To Date
	// Long is a span of several days, not a point.
	Long bool
	// Dates says where a row's dates stand: "after" its bar, "before" or
	// "within" it, so that nothing cuts them off.
	Dates string
	State Changing
	Word  Changing
	Count string
	// Side is whose date an event is, or "goal" for go-live.
	Side  string
	Owner string
}

// axis is the calendar's width.
type axis struct{ from, to deal.Day }

// at is where a day stands, in hundredths of the width.
func (a axis) at(day deal.Day) float64 {
	return float64(day-a.from) / float64(a.to-a.from) * 100
}

// extent of everything that the timeline shows, with some room at the ends.
func (m *pageMaker) axis() (axis, bool) {
	var a axis
	see := func(day deal.Day) {
		if day == 0 {
			return
		}
		if a.from == 0 || day < a.from {
			a.from = day
		}
		a.to = max(a.to, day)
	}
	for _, g := range m.groups() {
		from, to := g.extent()
		see(from)
		see(to)
	}
	for i := range m.deal.Events {
		if e := &m.deal.Events[i]; !e.Internal {
			see(e.First())
			see(e.Last())
		}
	}
	see(m.deal.Start)
	see(m.deal.GoLive.Day)
	if a.from == 0 || m.asOf > a.from-30 && m.asOf < a.from {
		see(m.asOf)
	}
	if a.from == 0 {
		return a, false
	}
	room := max(3, (a.to-a.from)/60)
	a.from, a.to = a.from-room, a.to+room+1
	return a, true
}

func (m *pageMaker) timeline(c *clockwork) Timeline {
	a, ok := m.axis()
	if !ok {
		return Timeline{}
	}
	t := Timeline{From: int(a.from), To: int(a.to)}
	t.Today = m.asOf >= a.from && m.asOf <= a.to
	for _, g := range m.groups() {
		if g.title == "" {
			for _, ms := range g.milestones {
				t.Rows = append(t.Rows, m.milestoneRow(c, a, ms))
			}
			continue
		}
		if from, to := g.extent(); from != 0 {
			t.Rows = append(t.Rows, m.stageRow(c, a, &g, from, to))
		}
	}
	t.Rows = slices.DeleteFunc(t.Rows, func(s Span) bool { return s.Title == "" })
	t.Ticks = m.ticks(a)
	t.Events = m.events(a)
	m.rule("t-today", "x", a.at(m.asOf))
	return t
}

func (m *pageMaker) stageRow(c *clockwork, a axis, g *group, from, to deal.Day) Span {
	done, total := g.count()
	s := Span{Title: g.title, Anchor: "t-" + g.anchor, Href: template.URL("#" + g.anchor), From: m.date(from), To: m.date(to), Range: m.words.RangeShort(from, to), Long: from < to}
	s.Count = m.stageCount(done, total)
	turns := g.turns()
	s.State = c.changing(turns, func(day deal.Day) string { return string(g.stateOn(day)) })
	s.Word = c.changing(turns, func(day deal.Day) string { return m.states[g.stateOn(day)] })
	m.spanRule(a, &s, from, to, percent(done, total))
	return s
}

func (m *pageMaker) milestoneRow(c *clockwork, a axis, ms *deal.Milestone) Span {
	from, to := ms.Start.Day, ms.Due.Day
	if to == 0 {
		return Span{}
	}
	s := Span{Title: ms.Title, Anchor: "t-" + milestoneAnchor(ms.ID), Href: template.URL("#" + milestoneAnchor(ms.ID)), To: m.date(to), Range: m.words.DayShort(to)}
	if from != 0 && from < to {
		s.From, s.Long, s.Range = m.date(from), true, m.words.RangeShort(from, to)
	} else {
		from = to
	}
	s.State, s.Word = c.pill(to, ms.StateOn)
	done := 0
	if ms.Done != 0 {
		done = 1
	}
	m.spanRule(a, &s, from, to, percent(done, 1))
	return s
}

// spanRule says where a bar stands, how far it is filled, and where there is
// room for its dates.
func (m *pageMaker) spanRule(a axis, s *Span, from, to deal.Day, done float64) {
	start, end, width := a.at(from), a.at(to+1), labelWidth(s.Range)
	switch {
	case end+width <= 100:
		s.Dates = "after"
	case start >= width:
		s.Dates = "before"
	default:
		s.Dates = "within" // a bar that leaves no room on either side is a long one
	}
	m.rule(s.Anchor, "s", start, "e", end, "p", done)
}

func (m *pageMaker) stageCount(done, total int) string {
	return m.words.Say("progress.stage", "n", total, "done", m.words.Count(done), "total", m.words.Count(total))
}

func percent(done, total int) float64 {
	if total == 0 {
		return 0
	}
	return float64(done) * 100 / float64(total)
}

// ticks are the beginnings of months, of so many that their names fit.
func (m *pageMaker) ticks(a axis) []Tick {
	y, month, _ := a.from.Date()
	every := 1
	for months := int(a.to-a.from) / 30; months/every > 9; {
		every = map[int]int{1: 2, 2: 3, 3: 6, 6: 12, 12: 24}[every]
		if every == 0 {
			every = months / 6
			break
		}
	}
	var ticks []Tick
	for i := every - (int(month)-1)%every; ; i += every {
		ty, tm, _ := time.Date(y, month+time.Month(i), 1, 0, 0, 0, 0, time.UTC).Date()
		day := deal.DayOf(ty, tm, 1)
		if day == 0 || a.at(day) > 93 { // 0 is beyond what a plan may name
			return ticks
		}
		text := m.words.MonthShort(tm)
		if tm == 1 || every >= 12 {
			text = strconv.Itoa(ty)
		}
		t := Tick{Anchor: "t-m" + strconv.Itoa(len(ticks)), Text: text}
		m.rule(t.Anchor, "x", a.at(day))
		ticks = append(ticks, t)
	}
}

// Labels stand beside their bars and lines; those of events in as many lanes as
// it takes for none to cover another. How wide one is can only be guessed here,
// before any font is known: in hundredths of the narrowest axis that has lanes,
// and generously, for a reader may have a wide font and set letters apart.
const (
	runeWidth   = 1.45
	labelMargin = 2.5
)

func labelWidth(text string) float64 {
	return float64(utf8.RuneCountInString(text))*runeWidth + labelMargin
}

// markWidth is how wide an event's mark is on a narrow screen, whose axis has
// no room for labels.
const markWidth = 8.5

// goLiveSide is the Side of go-live among the events.
const goLiveSide = "goal"

// dated is an event before it has its place.
type dated struct {
	span        Span
	first, last deal.Day
}

// dates of the plan that are no milestones, with go-live, by their days.
func (m *pageMaker) dates() []dated {
	var list []dated
	add := func(anchor, title, side, owner string, first, last deal.Day) {
		list = append(list, dated{Span{
			Title: title, Anchor: anchor, Side: side, Owner: owner, From: m.date(first), To: m.date(last),
			Range: m.words.RangeShort(first, last), Long: last > first,
		}, first, last})
	}
	if day := m.deal.GoLive.Day; day != 0 {
		add("t-golive", m.goLiveTitle(), goLiveSide, "", day, day)
	}
	for i := range m.deal.Events {
		if e := &m.deal.Events[i]; !e.Internal && e.First() != 0 {
			add(eventAnchor(e.ID), e.Title, string(e.Side), m.company(e.Side), e.First(), e.Last())
		}
	}
	slices.SortStableFunc(list, func(x, y dated) int { return int(x.first - y.first) })
	return list
}

// events have each a lane for its label, go-live the first one for itself, and
// another for the mark that stands in its place on a narrow screen.
func (m *pageMaker) events(a axis) []Span {
	var list []Span
	var labels, marks lanes
	for _, d := range m.dates() {
		start, end, width := a.at(d.first), a.at(d.last+1), labelWidth(d.span.Title+" "+d.span.Range)
		back := beside(start, width)
		lane := 0
		if d.span.Side != goLiveSide {
			lane = 1 + labels.place(start-back*width, start+(1-back)*width)
		}
		middle := (start + end) / 2
		mark := marks.place(middle-markWidth/2, middle+markWidth/2)
		m.rule(d.span.Anchor, "s", start, "e", end, "k", float64(lane), "b", back*100, "m", float64(mark))
		list = append(list, d.span)
	}
	m.rule("t-grid", "ln", float64(1+len(labels)), "lm", float64(len(marks)))
	return list
}

// beside is the part of a label that stands before its line: none where there
// is room after it, all where there is room before it, and otherwise as little
// as keeps it on the axis.
func beside(at, width float64) float64 {
	switch {
	case at+width <= 100:
		return 0
	case at >= width:
		return 1
	}
	return min(1-(100-at)/width, at/width)
}

// lanes hold what stands in each, by its ends.
type lanes [][][2]float64

// place finds the first lane in which nothing stands in the way.
func (l *lanes) place(from, to float64) int {
	lane := slices.IndexFunc(*l, func(taken [][2]float64) bool {
		return !slices.ContainsFunc(taken, func(o [2]float64) bool { return from < o[1] && o[0] < to })
	})
	if lane < 0 {
		lane = len(*l)
		*l = append(*l, nil)
	}
	(*l)[lane] = append((*l)[lane], [2]float64{from, to})
	return lane
}

// rule puts numbers of an element into the deal's stylesheet, as custom
// properties: a page may hold no inline style.
func (m *pageMaker) rule(anchor string, pairs ...any) {
	b, between := m.rules, "#"+cssName(anchor)+"{--"
	for i := 0; i < len(pairs); i += 2 {
		text := strings.TrimSuffix(strconv.FormatFloat(pairs[i+1].(float64), 'f', 1, 64), ".0")
		if text == "0" {
			continue // as it is without
		}
		b.WriteString(between)
		b.WriteString(pairs[i].(string))
		b.WriteByte(':')
		b.WriteString(text)
		between = ";--"
	}
	if between == ";--" {
		b.WriteString("}\n")
	}
}

// cssName is an id as a selector writes it. Ids hold letters, digits and
// hyphens and begin with one of our prefixes; anything else is escaped.
func cssName(id string) string {
	var b strings.Builder
	for _, r := range id {
		if r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			b.WriteRune(r)
		} else {
			b.WriteByte('\\')
			b.WriteString(strconv.FormatInt(int64(r), 16))
			b.WriteByte(' ')
		}
	}
	return b.String()
}
