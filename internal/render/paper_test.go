package render

import (
	"fmt"
	"testing"
)

// planOf makes stages of so many milestones each; negative numbers are done.
func planOf(stages ...int) *Page {
	p := &Page{}
	for i, n := range stages {
		s := Stage{Title: fmt.Sprint("Stage ", i), Open: n > 0, State: Changing{Now: "not_started"}}
		state := "not_started"
		if n < 0 {
			n, state, s.State.Now = -n, "done", "done"
		} else if i == 1 {
			state, s.State.Now = "in_progress", "in_progress"
		}
		for j := range n {
			s.Milestones = append(s.Milestones, Milestone{Title: fmt.Sprint("Milestone ", j), State: Changing{Now: state}, DoneWhen: "It is done", Detail: true})
		}
		p.Plan = append(p.Plan, s)
	}
	return p
}

// What is folded and what is open depends on how much stands on the sheet.
func TestPaper(t *testing.T) {
	for _, c := range []struct {
		name            string
		stages          []int
		folded, details int
		roomy           bool
	}{
		{"one milestone", []int{1}, 0, 1, true},
		{"a history that has room", []int{-4, 3, 2}, 0, 5, true},
		{"a history that has none", []int{-14, 8, 8}, 1, 15, false},
		{"16 open milestones", []int{4, 4, 4, 4}, 0, 14, false},
		{"17 open milestones", []int{-3, 4, 4, 4, 5}, 4, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := planOf(c.stages...)
			(&pageMaker{}).paper(p)
			folded, details := 0, 0
			for _, s := range p.Plan {
				if s.Fold {
					folded++
				}
				for _, ms := range s.Milestones {
					if ms.Unfold {
						details++
					}
				}
			}
			if folded != c.folded || details != c.details || p.Roomy != c.roomy {
				t.Errorf("%d stages are folded, %d details open, roomy: %v; want %d, %d, %v", folded, details, p.Roomy, c.folded, c.details, c.roomy)
			}
		})
	}
}
