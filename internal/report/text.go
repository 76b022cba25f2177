package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/rivo/uniseg"
)

// Style is how text is written.
type Style struct {
	// Color is for terminals alone.
	Color bool
}

const (
	bold   = "\x1b[1m"
	faint  = "\x1b[2m"
	blue   = "\x1b[34m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	reset  = "\x1b[0m"
)

func (s Style) paint(style, text string) string {
	if !s.Color || text == "" {
		return text
	}
	return style + text + reset
}

// printer gathers text, so that all of it is written at once.
type printer struct {
	bytes.Buffer
	Style
	made time.Time
}

func (p *printer) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

// WriteText writes the report for a person to read: a report of one deal whole,
// of several an overview.
func (r Report) WriteText(w io.Writer, s Style) error {
	p := &printer{Style: s, made: r.Made}
	switch len(r.Deals) {
	case 0:
		p.line("There is no deal to report on.")
	case 1:
		p.deal(r.Deals[0])
	default:
		p.overview(r)
	}
	_, err := w.Write(p.Bytes())
	return err
}

func (p *printer) overview(r Report) {
	t := table{columns: []column{{head: "Deal"}, {head: "Score"}, {head: "People", end: true}, {head: "Visits", end: true}, {head: "Active", end: true}, {head: "Last visit"}, {head: "New"}}}
	for _, d := range r.Deals {
		if d.Visits == 0 {
			why := "nobody yet"
			if d.Silent != "" {
				why = d.Silent
			}
			t.add(d.Name(), p.paint(faint, "–"), ofAll(0, d.Ways), "", "", p.paint(faint, why))
			continue
		}
		t.add(p.paint(bold, d.Name()), p.gauge(d.Score), ofAll(d.Came, d.Ways), fmt.Sprint(d.Visits), d.Active.String(), Stamp(d.Last), p.paint(green, d.short()))
	}
	t.write(p)
	p.news(r)
	noted := false
	for _, d := range r.Deals {
		for _, note := range d.Notes() {
			if !noted {
				p.line("\n%s", p.paint(bold, "To note"))
			}
			noted = true
			p.line("  %s %s: %s", p.paint(yellow, "!"), d.Name(), note)
		}
	}
}

// short is what is new; in a first report all is, and nothing needs saying.
func (d Deal) short() string {
	if d.Since.IsZero() {
		return ""
	}
	return d.News.Short()
}

// news of deals that were reported on before.
func (p *printer) news(r Report) {
	head, first, none := "", true, true
	for _, d := range r.Deals {
		if d.Since.IsZero() {
			continue
		}
		if since := "New since " + Stamp(d.Since); head == "" {
			head = since
		} else if since != head {
			head = "New since the last report"
		}
		first = false
	}
	if first {
		return
	}
	p.line("\n%s", p.paint(bold, head))
	for _, d := range r.Deals {
		if d.Since.IsZero() {
			continue
		}
		for _, v := range d.News.Viewers {
			none = false
			p.line("  %s %s: %s", p.paint(green, "+"), d.Name(), v.Sentence())
		}
	}
	if none {
		p.line("  nothing")
	}
}

func (p *printer) deal(d Deal) {
	head := p.paint(bold, d.Name())
	if d.Title != "" {
		head += " · " + d.Title
	}
	p.line("%s", head)
	if d.Visits == 0 {
		p.line("  %s", d.Nothing())
	} else {
		p.line("  %s   %s", p.gauge(d.Score), d.Summary())
		for _, g := range d.Score.Parts {
			p.line("  %s", p.paint(faint, fmt.Sprintf("%-9s  %.2f  %s", g.Name, g.Value, g.Why)))
		}
	}
	p.viewers(d)
	if len(d.Absent) > 0 && d.Silent == "" {
		p.line("\n  %s %s", p.paint(bold, "Never came:"), names(d.Absent))
	}
	p.attention("Attention", d.Parts)
	p.files(d.Files)
	if len(d.Links) > 0 {
		p.line("\n  %s", p.paint(bold, "Links followed"))
		for _, a := range d.Links {
			p.line("  %s, %s", a.Title, count(a.Visits, "time"))
		}
	}
	if !d.Since.IsZero() {
		p.line("\n  %s", p.paint(bold, "New since "+Stamp(d.Since)))
		if len(d.News.Viewers) == 0 {
			p.line("  nothing")
		}
		for _, v := range d.News.Viewers {
			p.line("  %s %s", p.paint(green, "+"), v.Sentence())
		}
	}
	for i, note := range d.Notes() {
		if i == 0 {
			p.line("")
		}
		p.line("  %s %s", p.paint(yellow, "!"), note)
	}
}

func (p *printer) viewers(d Deal) {
	if len(d.Viewers) == 0 {
		return
	}
	t := table{indent: "  ", columns: []column{{head: "Through"}, {head: "First visit"}, {head: "Last visit"}, {head: "Visits", end: true}, {head: "Active", end: true}, {head: "Score"}}}
	for _, v := range d.Viewers {
		who := v.Through
		if !v.Way {
			who += p.paint(faint, " (no way in now)")
		}
		if v.Visits == 0 {
			t.add(who, p.paint(faint, count(v.Automated, "automated visit")))
			continue
		}
		t.add(who, Date(v.First), Stamp(v.Last), fmt.Sprint(v.Visits), v.Active.String(), p.gauge(v.Score))
	}
	p.line("")
	t.write(p)
}

// barWidth is that of the longest bar, in columns.
const barWidth = 18

func (p *printer) attention(title string, list []Attention) {
	if len(list) == 0 {
		return
	}
	t := table{indent: "  ", columns: []column{{head: title}, {}, {head: "Time", end: true}, {head: "Visits", end: true}, {head: "Links", end: true}}}
	for _, a := range list {
		t.add(a.Title, p.paint(blue, bar(a.Time, list[0].Time)), a.Time.String(), fmt.Sprint(a.Visits), fmt.Sprint(a.Links))
	}
	p.line("")
	t.write(p)
}

func (p *printer) files(list []Attention) {
	if len(list) == 0 {
		return
	}
	t := table{indent: "  ", columns: []column{{head: "Documents"}, {}, {head: "Time", end: true}, {head: "Seen", end: true}, {head: "Visits", end: true}, {head: "Links", end: true}, {head: "Downloads", end: true}}}
	for _, a := range list {
		t.add(a.Title, p.paint(blue, bar(a.Time, list[0].Time)), a.Time.String(), a.Seen(), fmt.Sprint(a.Visits), fmt.Sprint(a.Links), fmt.Sprint(a.Downloads))
	}
	p.line("")
	t.write(p)
	if why := Untold(list); why != "" {
		p.line("  %s", p.paint(faint, why))
	}
}

// bar of a share, in eighths of a column.
func bar(part, whole Span) string {
	if whole <= 0 {
		return ""
	}
	eighths := int(int64(part) * barWidth * 8 / int64(whole))
	text := strings.Repeat("█", eighths/8)
	if rest := []rune(" ▏▎▍▌▋▊▉")[eighths%8]; rest != ' ' {
		text += string(rest)
	}
	return text
}

func (p *printer) gauge(s Score) string {
	full := int(s.Value + 0.5)
	return fmt.Sprintf("%.1f %s%s", s.Value, p.paint(blue, strings.Repeat("▮", full)), p.paint(faint, strings.Repeat("▯", 5-full)))
}

// column of a table.
type column struct {
	head string
	end  bool
}

// table aligns its cells by the columns that a terminal gives them.
type table struct {
	indent  string
	columns []column
	rows    [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) write(p *printer) {
	head := make([]string, len(t.columns))
	for i, c := range t.columns {
		head[i] = p.paint(faint, c.head)
	}
	rows := append([][]string{head}, t.rows...)
	widths := make([]int, len(t.columns))
	for _, row := range rows {
		for i, cell := range row {
			if i+1 < len(row) || len(row) == len(t.columns) { // what ends a short row may stick out
				widths[i] = max(widths[i], width(cell))
			}
		}
	}
	for _, row := range rows {
		line := t.indent
		for i, cell := range row {
			pad := strings.Repeat(" ", max(0, widths[i]-width(cell)))
			if t.columns[i].end {
				line += pad + cell
			} else {
				line += cell + pad
			}
			line += "   "
		}
		p.line("%s", strings.TrimRight(line, " "))
	}
}

// width of a text on a terminal, without what colours it.
func width(text string) int {
	plain := ""
	for text != "" {
		before, rest, found := strings.Cut(text, "\x1b[")
		plain += before
		if !found {
			break
		}
		_, text, _ = strings.Cut(rest, "m")
	}
	return uniseg.StringWidth(plain)
}
