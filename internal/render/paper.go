package render

import (
	"html/template"
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

	// Letters that fit on a line.
	headLetters  = 28
	leadLetters  = 58
	titleLetters = 66
	ownerLetters = 26
	riskLetters  = 46
	halfLetters  = 60
)

// paper says what is folded on the one sheet for want of room, and what has
// room to be open: the details of the milestones that come next, then what is
// done already. Where anything is for some viewers alone no room is reckoned: how
// much is left would tell the others how much they do not see.
func (m *pageMaker) paper(p *Page) {
	open := 0
	for i := range p.Plan {
		for j := range p.Plan[i].Milestones {
			if p.Plan[i].Milestones[j].open() {
				open++
			}
		}
	}
	var past []*Stage
	left := sheetHeight - paperHead(p)
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
	if open > oneSheet || m.who != nil {
		return
	}
	left = openNext(p.Plan, left)
	left = openPast(past, left)
	p.Roomy = left > roomySheet
}

// paperHead is the height of everything but the plan.
func paperHead(p *Page) int {
	pitch := paperPitch + paperTitle*paperLines(p.Headline, headLetters) + paperLine*paperLines(string(p.Value.Summary), leadLetters)
	card := paperCard
	if p.Standing.Decision != nil {
		card += paperDecision
	}
	if p.Standing.GoLiveReason != "" {
		card += paperReason
	}
	height := paperFrame + max(pitch, card) + paperLane*len(p.Timeline.Events) + paperBar*len(p.Timeline.Rows)
	for i := range p.Risks {
		r := &p.Risks[i]
		lines := paperLines(r.Title, riskLetters)
		if r.Milestone != nil {
			lines += paperLines(r.Milestone.Text, riskLetters*2/3) // behind a few words
		}
		height += paperAround + paperLine*max(2, lines, paperLines(string(r.Counter), riskLetters))
	}
	return height
}

// openNext opens the details of open milestones, in the plan's order, that there
// is room for, and says how much is left.
func openNext(plan []Stage, left int) int {
	for i := range plan {
		for j := range plan[i].Milestones {
			ms := &plan[i].Milestones[j]
			if !ms.Detail || !ms.open() {
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
		lines := max(1, paperLines(ms.Title, letters))
		if len(ms.Owners) > 0 && !s.Fold {
			lines = max(lines, paperLines(ms.Owners[0].Name, ownerLetters))
		}
		height += paperRow + paperLine*(lines-1)
	}
	return height
}

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

// paperLines that a text takes, at so many letters on a line.
func paperLines(text string, letters int) int {
	return (utf8.RuneCountInString(text) + letters - 1) / letters
}
