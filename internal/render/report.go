package render

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"strings"
	"time"

	"golang.org/x/net/html"

	"portico/internal/deal"
	"portico/internal/report"
)

// ReportFiles are what the page of a report is made of besides its layout: it
// holds all of them.
type ReportFiles struct {
	// Style is the name of the report's own stylesheet among Shared, which are
	// files of the site by their names there.
	Style  string
	Shared []PackedFile
}

// Report is what the layout of a report is given. It is for the seller's own
// people and never published.
type Report struct {
	Title, Made string
	Policy      string
	Styles      []template.URL
	Density     string
	Seller      Seller
	Deals       []ReportDeal
}

// ReportDeal is a deal of a report, with its charts.
type ReportDeal struct {
	report.Deal
	Anchor                       string
	Name                         string
	Since                        string
	LastVisit, ActiveText, Short string
	News                         []string
	Score                        ReportScore
	Viewers                      []ReportViewer
	Days                         DayChart
	Parts, Files                 []ReportPart
	// Untold explains why of some files it is not said how much was seen.
	Untold string
}

// ReportViewer is what came through one way in.
type ReportViewer struct {
	report.Viewer
	FirstVisit, LastVisit, ActiveText string
	Score                             ReportScore
	Days                              DayChart
	Initials                          string
	// Programs says how many visits were of programs.
	Programs string
}

// ReportPart is a part of a deal with the length of its bar, out of 100.
type ReportPart struct {
	report.Attention
	TimeText, Bar string
}

// ReportScore is drawn as five boxes, of which a part is filled.
type ReportScore struct {
	report.Score
	Text  string
	Boxes []ReportBox
}

// ReportBox is one of them: where it is, and how much of it is filled, in a
// drawing 54 wide.
type ReportBox struct{ X, Filled string }

// DayChart is a bar for each of the last thirty days, in a drawing as many wide
// and 10 high.
type DayChart struct {
	Bars []DayBar
	// Weekends are where Saturdays and Sundays are.
	Weekends []int
	// From, Middle and To are days below it.
	From, Middle, To string
	// Most is what the highest bar stands for; empty where there is none.
	Most string
	// Label says in words what the drawing shows.
	Label string
}

// DayBar is one bar, and the row of the table behind it.
type DayBar struct {
	X, Y, Height string
	Day          string
	Visits       int
	Active       string
}

// chartDays is as many days as a score looks back.
const chartDays = int(report.Window / (24 * time.Hour))

// Report makes the page of a report: one file that needs no other.
func (r *Renderer) Report(site *deal.Site, of report.Report, files ReportFiles) ([]byte, error) {
	m := r.newMaker(Input{Deal: &deal.Deal{Seller: site.Seller, Locale: "en"}, Site: site})
	p := &Report{Title: "Engagement", Made: report.Stamp(of.Made.In(site.Timezone)), Policy: strictPolicy, Density: r.look.Density, Seller: m.seller()}
	for _, style := range []string{r.look.Style, files.Style} {
		p.Styles = append(p.Styles, template.URL("../"+escapePath(style))) // a path of our own
	}
	for i, d := range of.Deals {
		p.Deals = append(p.Deals, reportDeal(d, of.Made, i))
	}
	if len(p.Deals) == 1 {
		p.Title = "Engagement of " + p.Deals[0].Name
	}
	page, err := r.engine.execute(nil, "report.html", p)
	if err != nil {
		return nil, err
	}
	return selfContained(page, files.Shared)
}

// selfContained puts the styles and pictures of a page into it; it runs nothing.
func selfContained(page []byte, files []PackedFile) ([]byte, error) {
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return nil, fmt.Errorf("reading the page: %w", err)
	}
	k := &packing{Packed: Packed{Shared: files}}
	if err := k.rework(doc); err != nil {
		return nil, err
	}
	if k.policy == nil {
		return nil, errors.New("layout report.html has no content security policy")
	}
	setAttr(k.policy, "content", "default-src 'none'; style-src "+strings.Join(k.styles, " ")+"; img-src data:; font-src data:; base-uri 'none'; form-action 'none'")
	var out bytes.Buffer
	if err := html.Render(&out, doc); err != nil {
		return nil, fmt.Errorf("writing the page: %w", err)
	}
	return out.Bytes(), nil
}

func reportDeal(d report.Deal, made time.Time, i int) ReportDeal {
	v := ReportDeal{
		Deal: d, Anchor: fmt.Sprintf("deal-%d", i+1), Name: d.Name(), LastVisit: report.Stamp(d.Last), ActiveText: d.Active.String(), Score: reportScore(d.Score),
		Days: dayChart(d.Totals, made), Parts: reportParts(d.Parts), Files: reportParts(d.Files), Untold: report.Untold(d.Files),
	}
	if !d.Since.IsZero() {
		v.Since, v.Short = report.Stamp(d.Since), d.News.Short()
		for _, n := range d.News.Viewers {
			v.News = append(v.News, n.Sentence())
		}
	}
	for _, w := range d.Viewers {
		initials := (&deal.Person{Name: w.Guest.Name}).Initials()
		if w.Guest.ID == report.Everyone {
			initials = "∗"
		}
		v.Viewers = append(v.Viewers, ReportViewer{
			Viewer: w, FirstVisit: report.Date(w.First), LastVisit: report.Stamp(w.Last), ActiveText: w.Active.String(), Score: reportScore(w.Score),
			Days: dayChart(w.Totals, made), Initials: initials, Programs: count(w.Automated, "visit") + " by programs",
		})
	}
	return v
}

func reportParts(list []report.Attention) []ReportPart {
	var out []ReportPart
	var most report.Span
	for _, a := range list {
		most = max(most, a.Time)
	}
	for _, a := range list {
		out = append(out, ReportPart{Attention: a, TimeText: a.Time.String(), Bar: share(int64(a.Time), int64(most), 100)})
	}
	return out
}

// share of a length in a drawing, with one decimal.
func share(part, whole int64, of float64) string {
	if whole <= 0 {
		return "0"
	}
	return trimZero(fmt.Sprintf("%.1f", of*float64(part)/float64(whole)))
}

func trimZero(s string) string { return strings.TrimSuffix(s, ".0") }

func reportScore(s report.Score) ReportScore {
	v := ReportScore{Score: s, Text: fmt.Sprintf("%.1f", s.Value)}
	for i := range 5 {
		filled := min(1, max(0, s.Value-float64(i)))
		v.Boxes = append(v.Boxes, ReportBox{fmt.Sprint(11 * i), trimZero(fmt.Sprintf("%.1f", 10*filled))})
	}
	return v
}

// dayChart of the days before a report was made.
func dayChart(t report.Totals, made time.Time) DayChart {
	zone := made.Location()
	if !t.Last.IsZero() {
		zone = t.Last.Location()
	}
	today := deal.DayIn(made, zone)
	first := today - deal.Day(chartDays-1)
	c := DayChart{From: shortDay(first), Middle: shortDay(first + deal.Day(chartDays/2)), To: shortDay(today), Label: "No visits in the last 30 days"}
	for day := first; day <= today; day++ {
		if w := day.Weekday(); w == time.Saturday || w == time.Sunday {
			c.Weekends = append(c.Weekends, int(day-first))
		}
	}
	var most report.Span
	on := map[string]int{}
	for i, d := range t.Days {
		on[d.Day] = i
		if day, err := deal.ParseDate(d.Day); err == nil && day.Day >= first && day.Day <= today {
			most = max(most, d.Active)
		}
	}
	for day := first; day <= today; day++ {
		i, came := on[day.String()]
		if !came {
			continue
		}
		d := t.Days[i]
		height := max(.6, 10*float64(d.Active)/float64(max(1, most)))
		c.Bars = append(c.Bars, DayBar{
			X: fmt.Sprintf("%.2f", float64(day-first)+.14), Y: trimZero(fmt.Sprintf("%.1f", 10-height)), Height: trimZero(fmt.Sprintf("%.1f", height)),
			Day: shortDay(day), Visits: d.Visits, Active: d.Active.String(),
		})
	}
	if len(c.Bars) > 0 {
		c.Most = most.String()
		c.Label = fmt.Sprintf("Active time a day in the last 30 days: visits on %s, at most %s a day", count(len(c.Bars), "day"), c.Most)
	}
	return c
}

func shortDay(d deal.Day) string { return d.Time().Format("2 Jan") }
