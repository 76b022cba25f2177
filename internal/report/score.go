package report

import (
	"fmt"
	"math"
	"time"
)

// Window is how far back a score looks.
const Window = 30 * 24 * time.Hour

// Enough of each for the whole of its part of a score: of one viewer, and of a
// deal with all of its viewers.
const (
	enoughTime      = 30 * time.Minute
	enoughDays      = 6
	enoughParts     = 10
	enoughTimeDeal  = 90 * time.Minute
	enoughDaysDeal  = 10
	enoughAttention = 5 * time.Second // to have looked at a part
)

// Score is how engaged somebody is, 0 to 5: four parts of up to 1.25 each.
// docs/reports.md has the formula.
type Score struct {
	Value float64 `json:"value"`
	Parts []Grade `json:"parts"`
}

// Grade is a part of a Score, with what it came from.
type Grade struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"` // 0 to 1.25
	Why   string  `json:"why"`
}

// measured is what a score is made of, within its window.
type measured struct {
	active time.Duration
	days   int
	// ago is how long ago the last visit was; negative where there was none.
	ago  time.Duration
	seen int
}

// viewerScore of one viewer.
func viewerScore(m measured) Score {
	return m.score(enoughTime, enoughDays, grade("breadth", float64(m.seen)/enoughParts, fmt.Sprintf("%s seen; %d are the whole of it", count(m.seen, "part"), enoughParts)))
}

// dealScore of all viewers together: breadth is how many of those who have a way
// in came.
func dealScore(m measured, came, people int) Score {
	return m.score(enoughTimeDeal, enoughDaysDeal, grade("breadth", float64(came)/float64(max(1, people)), fmt.Sprintf("%d of %s came", came, count(people, "person"))))
}

func (m measured) score(time time.Duration, days int, breadth Grade) Score {
	s := Score{Parts: []Grade{
		grade("duration", m.active.Minutes()/time.Minutes(), fmt.Sprintf("%s active; %s are the whole of it", Span(m.active), Span(time))),
		grade("frequency", float64(m.days)/float64(days), fmt.Sprintf("%s with a visit; %d are the whole of it", count(m.days, "day"), days)),
		m.recency(), breadth,
	}}
	for _, g := range s.Parts {
		s.Value += g.Value
	}
	s.Value = round(s.Value, 10)
	return s
}

func (m measured) recency() Grade {
	if m.ago < 0 {
		return grade("recency", 0, "no visit in 30 days")
	}
	days := int(m.ago / (24 * time.Hour))
	why := fmt.Sprintf("last visit %s ago", count(days, "day"))
	if days == 0 {
		why = "last visit within a day"
	}
	return grade("recency", 1-m.ago.Hours()/Window.Hours(), why)
}

func grade(name string, share float64, why string) Grade {
	return Grade{name, round(1.25*min(1, max(0, share)), 100), why}
}

func round(x, by float64) float64 { return math.Round(x*by) / by }

// count is a number of things in words: "1 day", "2 days".
func count(n int, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case what == "person":
		return fmt.Sprintf("%d people", n)
	}
	return fmt.Sprintf("%d %ss", n, what)
}
