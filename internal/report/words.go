package report

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Name is what to call a deal.
func (d Deal) Name() string {
	switch {
	case d.Removed && d.ID == d.Key: // no name of it is left
		return "removed deal " + d.ID[:6]
	case d.Removed:
		return "removed deal " + d.ID
	case d.Buyer != "":
		return d.Buyer
	}
	return d.ID
}

// Summary is a deal in one line.
func (d Deal) Summary() string {
	parts := []string{count(d.Visits, "visit"), d.Active.String() + " active"}
	if d.Ways > 0 {
		parts = append(parts, fmt.Sprintf("%d of %s came", d.Came, count(d.Ways, "person")))
	}
	return strings.Join(append(parts, "last on "+Stamp(d.Last)), " · ")
}

// Nothing says why there is nothing to say.
func (d Deal) Nothing() string {
	if d.Silent != "" {
		return "Nothing is recorded: " + d.Silent + "."
	}
	return "Nobody has come yet."
}

// Notes are what somebody should look at.
func (d Deal) Notes() []string {
	var list []string
	for _, s := range d.Shared {
		list = append(list, s.Sentence())
	}
	if d.Automated > 0 {
		list = append(list, count(d.Automated, "visit")+" by programs, which nothing counts")
	}
	return list
}

// Sentence tells of a link in two places.
func (s Shared) Sentence() string {
	until := s.To.Format("15:04")
	if Date(s.From) != Date(s.To) {
		until = Stamp(s.To)
	}
	text := fmt.Sprintf("%s was used in two places at the same time: %s to %s", s.Through, Stamp(s.From), until)
	if s.Devices[0] != "" && s.Devices[1] != "" && s.Devices[0] != s.Devices[1] {
		text += fmt.Sprintf(", on a %s and a %s", s.Devices[0], s.Devices[1])
	}
	return text
}

// Sentence tells what came through one way in.
func (v NewVisits) Sentence() string {
	text := v.Through + ": "
	switch {
	case v.Visits == 0:
		text += "went on for " + v.Active.String()
	case v.FirstTime && v.Visits == 1:
		text += "first visit, " + v.Active.String()
	case v.FirstTime:
		text += fmt.Sprintf("first %d visits, %s", v.Visits, v.Active)
	default:
		text += count(v.Visits, "visit") + ", " + v.Active.String()
	}
	var most []string
	for _, a := range v.Most {
		most = append(most, fmt.Sprintf("%s (%s)", a.Title, a.Time))
	}
	if len(most) > 0 {
		text += "; most on " + strings.Join(most, ", ")
	}
	if len(v.Opened) > 0 {
		text += "; opened for the first time: " + strings.Join(v.Opened, ", ")
	}
	return text
}

// Short is what is new in a few words; empty where nothing is.
func (n News) Short() string {
	switch {
	case n.Visits == 0 && n.Active == 0:
		return ""
	case n.Visits == 0:
		return n.Active.String()
	}
	return count(n.Visits, "visit") + ", " + n.Active.String()
}

func names(guests []Guest) string {
	var list []string
	for _, g := range guests {
		list = append(list, g.Name)
	}
	return strings.Join(list, ", ")
}

func ofAll(came, ways int) string {
	if ways == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d", came, ways)
}

// Seen is how much of something was seen; empty where no page has said so.
func (a Attention) Seen() string {
	switch {
	case a.Opaque:
		return "–"
	case a.Progress == 0:
		return ""
	}
	return fmt.Sprintf("%d%%", (a.Progress+5)/10)
}

// Untold explains what is seen of some parts; empty where all can tell.
func Untold(list []Attention) string {
	if slices.ContainsFunc(list, func(a Attention) bool { return a.Opaque }) {
		return "– A browser tells no page how much of a PDF, or of a file that was saved, is seen."
	}
	return ""
}

// Date is a day for people to read, in the zone of the time itself: the deal's.
func Date(t time.Time) string { return format(t, "2 Jan 2006") }

// Stamp is a time of a day, likewise.
func Stamp(t time.Time) string { return format(t, "2 Jan 2006, 15:04") }

func format(t time.Time, layout string) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(layout)
}
