package media

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// MaxRows is how many rows of a table a page shows; the file holds the rest.
const MaxRows = 500

// maxColumns of a table that a page shows.
const maxColumns = 50

// Sheet is a table that was read from CSV.
type Sheet struct {
	Header []string
	Rows   [][]string
	// More is how many rows were left out.
	More int
	// Numeric says of each column whether all of its cells are numbers.
	Numeric []bool
}

// ErrNotText says that a table is in no encoding that can be read.
var ErrNotText = errors.New("the table is not UTF-8: save it as CSV UTF-8")

// ReadCSV reads a table whose first row is its header. Commas, semicolons and
// tabs separate, whichever the header has most of.
func ReadCSV(data []byte) (Sheet, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		return Sheet{}, ErrNotText
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.TrimLeadingSpace = separator(data), -1, true, true
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return Sheet{}, errors.New("the table is empty")
	}
	if err != nil {
		return Sheet{}, fmt.Errorf("reading the table: %w", err)
	}
	if len(header) > maxColumns {
		return Sheet{}, fmt.Errorf("the table has %d columns; a page shows up to %d", len(header), maxColumns)
	}
	s := Sheet{Header: header, Numeric: make([]bool, len(header))}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Sheet{}, fmt.Errorf("reading the table: %w", err)
		}
		if len(s.Rows) == MaxRows {
			s.More++
			continue
		}
		s.Rows = append(s.Rows, fit(row, len(header)))
	}
	for c := range header {
		s.Numeric[c] = numeric(s.Rows, c)
	}
	return s, nil
}

// fit makes a row as long as the header; what is beyond goes into its last
// cell, so that nothing is lost.
func fit(row []string, n int) []string {
	for len(row) < n {
		row = append(row, "")
	}
	if len(row) > n {
		row = append(row[:n-1:n-1], strings.Join(row[n-1:], ", "))
	}
	return row
}

func separator(data []byte) rune {
	first, _, _ := bytes.Cut(data, []byte("\n"))
	best, most := ',', bytes.Count(first, []byte(","))
	for _, c := range []rune{';', '\t'} {
		if n := bytes.Count(first, []byte(string(c))); n > most {
			best, most = c, n
		}
	}
	return best
}

func numeric(rows [][]string, c int) bool {
	some := false
	for _, row := range rows {
		cell := strings.TrimSpace(row[c])
		if cell == "" {
			continue
		}
		if !strings.ContainsAny(cell, "0123456789") || strings.Trim(cell, "0123456789.,+-−%€$£  ’'") != "" {
			return false
		}
		some = true
	}
	return some
}
