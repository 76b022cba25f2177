package report

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// WriteJSON writes all of the report. Lengths of time are in seconds.
func (r Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// WriteCSV writes a row for each way in, and one for each part of the deal that
// was looked at through it; "what" tells them apart.
func (r Report) WriteCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	rows := [][]string{{"deal", "buyer", "viewer", "name", "way_in", "what", "part", "title", "visits", "active_seconds", "progress_percent", "downloads", "first_visit", "last_visit", "score"}}
	for _, d := range r.Deals {
		for _, v := range d.Viewers {
			rows = append(rows, d.row(v, "all", "", "", v.Visits, v.Active, "", "", clock(v.First), clock(v.Last), strconv.FormatFloat(v.Score.Value, 'f', 1, 64)))
			for _, list := range [][]Attention{v.Parts, v.Files, v.Links} {
				for _, a := range list {
					rows = append(rows, d.row(v, a.Kind, a.ID, a.Title, a.Visits, a.Time, a.percent(), strconv.Itoa(a.Downloads), "", "", ""))
				}
			}
		}
		for _, g := range d.Absent {
			rows = append(rows, d.row(Viewer{Guest: g, Way: true}, "all", "", "", 0, 0, "", "", "", "", "0.0"))
		}
	}
	if err := c.WriteAll(rows); err != nil {
		return fmt.Errorf("writing a table: %w", err)
	}
	return nil
}

// percent that was seen; empty where nobody can tell.
func (a Attention) percent() string {
	if a.Opaque {
		return ""
	}
	return strconv.FormatFloat(float64(a.Progress)/10, 'f', 1, 64)
}

func (d Deal) row(v Viewer, what, id, title string, visits int, active Span, rest ...string) []string {
	row := []string{d.ID, d.Buyer, v.ID, v.Name, strconv.FormatBool(v.Way), what, id, title, strconv.Itoa(visits), active.Seconds()}
	row = append(row, rest...)
	for i := range row {
		row[i] = cell(row[i])
	}
	return row
}

// cell keeps a text from being run: spreadsheets take what begins so for a
// formula.
func cell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

func clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}
