package render

import (
	"html/template"
	"slices"
	"strings"
	"unicode/utf8"

	"portico/internal/deal"
)

// A style cannot ask how much of a sheet is left, so the build reckons it: these
// are the heights that assets/print.css comes to, in pixels of CSS, rather too
// high than too low. The sheet is Letter, the shorter of both papers.
const (
	sheetHeight = 985
	// oneSheet is how many open milestones are all shown, whatever else there is.
	oneSheet = 16
	// roomySheet is how much is left of one whose letters may be larger.
	roomySheet = 260

	paperFrame    = 142 // header, headings, months
	paperTitle    = 27
	paperPitch    = 92 // what is around headline and summary
	paperCard     = 190
	paperReason   = 20
	paperDecision = 31
	paperLane     = 15 // of the timeline's labels
	paperBar      = 16
	paperStage    = 28
	paperRow      = 17
	paperLine     = 12 // every further line of a row, and each of a detail
	paperStep     = 14
	paperAround   = 7 // what is around a risk or a detail
	paperPlace    = 3 // lines of what is for some viewers alone

	// Letters that fit on a line.
	headLetters  = 28
	leadLetters  = 58
	titleLetters = 66
	ownerLetters = 26
	riskLetters  = 46
	halfLetters  = 60
)

// sheet is what paper says of a page, by the ids of milestones and the anchors
// of stages.
type sheet struct {
	roomy          bool
	unfold, folded map[string]bool
}

// paper says what is folded on the one sheet for want of room, and what has
// room to be open.
//
// Where anything is for some viewers alone, the sheet is reckoned of what
// everybody sees, and holds for who sees most: a restricted text counts as
// paperPlace, however long it is, and a milestone that holds one in its details
// stays folded. So it tells no more than that there is a place, which the page
// tells as well. The page without what is restricted lacks the places, and takes
// over the sheet.
func (m *pageMaker) paper(p *Page) {
	if m.bare && m.marks.sheet != nil {
		m.marks.sheet.onto(p)
		return
	}
	m.reckon(p)
	if m.who == nil {
		return
	}
	s := &sheet{roomy: p.Roomy, unfold: map[string]bool{}, folded: map[string]bool{}}
	for i := range p.Plan {
		s.folded[p.Plan[i].Anchor] = p.Plan[i].Fold
		for _, ms := range p.Plan[i].Milestones {
			s.unfold[ms.ID] = s.unfold[ms.ID] || ms.Unfold
		}
	}
	m.marks.sheet = s
}

func (s *sheet) onto(p *Page) {
	p.Roomy = s.roomy
	for i := range p.Plan {
		p.Plan[i].Fold = s.folded[p.Plan[i].Anchor]
		for j := range p.Plan[i].Milestones {
			p.Plan[i].Milestones[j].Unfold = s.unfold[p.Plan[i].Milestones[j].ID]
		}
	}
}

// reckon the sheet: first the details of the milestones that come next, then
// what is done already.
func (m *pageMaker) reckon(p *Page) {
	open := 0
	for i := range p.Plan {
		for j := range p.Plan[i].Milestones {
			if ms := &p.Plan[i].Milestones[j]; ms.open() && ms.everybodys() {
				open++
			}
		}
	}
	var past []*Stage
	left := sheetHeight - m.paperHead(p)
	for i := range p.Plan {
		s := &p.Plan[i]
		switch {
		case s.Title != "" && !s.Open:
			s.Fold = true
			past = append(past, s)
		case open > oneSheet && s.State.Now == string(deal.StateNotStarted):
			s.Fold = true
		default:
			left -= paperStage + s.paperRows(titleLetters)
		}
	}
	left -= (len(past) + 1) / 2 * paperStage // they stand in pairs
	if open > oneSheet {
		return
	}
	left = openNext(p.Plan, left)
	left = openPast(past, left)
	p.Roomy = left > roomySheet
}

// paperHead is the height of everything but the plan.
func (m *pageMaker) paperHead(p *Page) int {
	pitch := paperPitch + paperTitle*paperLines(p.Headline, headLetters) + paperLine*m.paperText(p.Value.Summary, leadLetters)
	card := paperCard
	if p.Standing.Decision != nil {
		card += paperDecision
	}
	if reason := p.Standing.GoLiveReason; parted(reason) {
		card += paperReason + paperLine*paperPlace
	} else if reason != "" {
		card += paperReason
	}
	height := paperFrame + max(pitch, card) + paperLane*len(p.Timeline.Events) + paperBar*len(p.Timeline.Rows)
	for i := range p.Risks {
		r := &p.Risks[i]
		lines := paperLines(r.Title, riskLetters)
		if r.Milestone != nil {
			lines += paperLines(r.Milestone.Text, riskLetters*2/3) // behind a few words
		}
		height += paperAround + paperLine*max(2, lines, m.paperText(r.Counter, riskLetters))
	}
	return height
}

// openNext opens the details of open milestones, in the plan's order, that there
// is room for, and says how much is left.
func openNext(plan []Stage, left int) int {
	for i := range plan {
		for j := range plan[i].Milestones {
			ms := &plan[i].Milestones[j]
			if !ms.Detail || !ms.open() || !ms.everybodys() || ms.parted() {
				continue
			}
			if height := ms.paperDetail(); height <= left {
				ms.Unfold = true
				left -= height
			}
		}
	}
	return left
}

// openPast opens the stages that are done, two beside each other, if there is
// room for them all.
func openPast(past []*Stage, left int) int {
	need := 0
	for i := 0; i < len(past); i += 2 {
		rows := past[i].paperRows(halfLetters * 2 / 3)
		if i+1 < len(past) {
			rows = max(rows, past[i+1].paperRows(halfLetters*2/3))
		}
		need += rows
	}
	if need > left {
		return left
	}
	for _, s := range past {
		s.Fold = false
	}
	return left - need
}

// paperRows is the height of a stage's milestones, whose titles have so many
// letters on a line.
func (s *Stage) paperRows(letters int) int {
	height := 0
	for i := range s.Milestones {
		ms := &s.Milestones[i]
		if !ms.everybodys() {
			continue
		}
		lines := max(1, paperLines(ms.Title, letters))
		if len(ms.Owners) > 0 && !s.Fold {
			lines = max(lines, paperLines(ms.Owners[0].Name, ownerLetters))
		}
		height += paperRow + paperLine*(lines-1)
	}
	return height
}

// everybodys is the one, of two of an id, that everybody sees.
func (ms *Milestone) everybodys() bool { return ms.Only == (Only{}) }

// parted says whether details that show on paper are for some viewers alone.
func (ms *Milestone) parted() bool {
	return ms.OnlyLink != (Only{}) || slices.ContainsFunc([]template.HTML{ms.Benefit, ms.DoneWhen, ms.RiskNote}, parted) ||
		slices.ContainsFunc(ms.Steps, func(s Step) bool { return s.OnlyLink != (Only{}) })
}

// parted says whether some of a text is for some viewers alone.
func parted(text template.HTML) bool { return strings.IndexByte(string(text), mark) >= 0 }

func (ms *Milestone) open() bool { return deal.State(ms.State.Now).Open() }

// paperDetail is the height of what unfolds: texts on one half of the sheet,
// steps on the other.
func (ms *Milestone) paperDetail() int {
	lines := paperLines(ms.LinkText, halfLetters)
	for _, text := range []template.HTML{ms.Benefit, ms.DoneWhen, ms.RiskNote, template.HTML(ms.Roles)} {
		if text != "" {
			lines += paperLines(strings.Repeat(" ", halfLetters/3)+string(text), halfLetters) // behind its label
		}
	}
	if ms.Kind != "" || ms.At != "" || ms.Start.ISO != "" {
		lines++
	}
	steps := 0
	for i := range ms.Steps {
		steps += paperStep + paperLine*(max(1, paperLines(ms.Steps[i].Title+ms.Steps[i].Kind, halfLetters*2/3))-1)
	}
	return paperAround + max(paperLine*lines, steps)
}

// paperText is how many lines a text takes of which some may be for some viewers
// alone.
func (m *pageMaker) paperText(text template.HTML, letters int) int {
	if !parted(text) {
		return paperLines(string(text), letters)
	}
	parts, err := m.marks.read([]byte(text))
	if err != nil {
		return 0 // the whole page will say so
	}
	places := 0
	for _, p := range parts {
		if p.only != nil {
			places++
		}
	}
	return paperLines(string(rest(nil, parts, m.to)), letters) + paperPlace*places
}

// paperLines that a text takes, at so many letters on a line.
func paperLines(text string, letters int) int {
	return (utf8.RuneCountInString(text) + letters - 1) / letters
}
