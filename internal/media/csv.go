package media

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
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
// tabs separate, whichever the header has most of, or what a line "sep=;" before
// it says.
func ReadCSV(data []byte) (Sheet, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 { // UTF-16 without its mark is full of zeros
		return Sheet{}, ErrNotText
	}
	if bytes.IndexByte(data, '\n') < 0 { // an old Mac's line ends
		data = bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))
	}
	comma, data := separator(data)
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = comma, -1, true
	r.TrimLeadingSpace = comma != '\t' // it would take empty cells for space
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
	for len(row) > n && row[len(row)-1] == "" {
		row = row[:len(row)-1]
	}
	for len(row) < n {
		row = append(row, "")
	}
	if len(row) > n {
		row = append(row[:n-1:n-1], strings.Join(row[n-1:], ", "))
	}
	return row
}

// separator of the cells, and the data from the header on. Where the header has
// as many of one as of another, it is the one that texts hold less often.
func separator(data []byte) (rune, []byte) {
	first, rest, _ := bytes.Cut(data, []byte("\n"))
	if sign, ok := bytes.CutPrefix(bytes.TrimSpace(first), []byte("sep=")); ok && len(sign) == 1 && bytes.Contains([]byte(",;\t|"), sign) {
		return rune(sign[0]), rest
	}
	var commas, semicolons, tabs int
	quoted := false
header:
	for _, c := range data {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == ',':
			commas++
		case c == ';':
			semicolons++
		case c == '\t':
			tabs++
		case c == '\n' && commas+semicolons+tabs > 0:
			break header
		}
	}
	switch {
	case tabs > 0 && tabs >= semicolons && tabs >= commas:
		return '\t', data
	case semicolons > 0 && semicolons >= commas:
		return ';', data
	}
	return ',', data
}

// number as people of one locale or another write it, with a sign, a currency
// or a percent sign. A date of digits is none. It is compiled once it is needed.
var number = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^([+−-]?\s?\p{Sc}?\s?|\p{Sc}\s?[+−-])` +
		`(\d+([.,]\d+)?|[.,]\d+|\d{1,3}(\.\d{3})+(,\d+)?|\d{1,3}(,\d{2,3})*,\d{3}(\.\d+)?|\d{1,3}([ \x{a0}\x{2009}\x{202f}'’]\d{3})+([.,]\d+)?)` +
		`[\s\x{a0}\x{202f}]?[%\p{Sc}]?$`)
})

func numeric(rows [][]string, c int) bool {
	some := false
	for _, row := range rows {
		cell := strings.TrimSpace(row[c])
		if cell == "" {
			continue
		}
		if !number().MatchString(cell) {
			return false
		}
		some = true
	}
	return some
}
