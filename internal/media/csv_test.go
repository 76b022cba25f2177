package media

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestReadCSV(t *testing.T) {
	tests := []struct {
		name, data string
		want       [][]string // the header first
	}{
		{"commas", "a,b\n1,2\n", [][]string{{"a", "b"}, {"1", "2"}}},
		{"no last line end", "a,b\n1,2", [][]string{{"a", "b"}, {"1", "2"}}},
		{"semicolons", "a;b\n1,5;2,5\n", [][]string{{"a", "b"}, {"1,5", "2,5"}}},
		{"tabs", "a\tb\tc\n1\t\t3\n\t\tx\n", [][]string{{"a", "b", "c"}, {"1", "", "3"}, {"", "", "x"}}},
		{"one column", "a\n1\n", [][]string{{"a"}, {"1"}}},
		{"only a header", "a,b\n", [][]string{{"a", "b"}}},
		{"Excel's mark", "\ufeffa;b\r\n1;2\r\n", [][]string{{"a", "b"}, {"1", "2"}}},
		{"Excel's hint", "sep=;\r\na,x;b\r\n1;2\r\n", [][]string{{"a,x", "b"}, {"1", "2"}}},
		{"Excel's hint of a tab", "\ufeffsep=|\r\na|b\r\n1|2\r\n", [][]string{{"a", "b"}, {"1", "2"}}},
		{"a header called sep=", "sep=,b\n1,2\n", [][]string{{"sep=", "b"}, {"1", "2"}}},
		{"an old Mac's line ends", "a,b\r1,2\r3,4\r", [][]string{{"a", "b"}, {"1", "2"}, {"3", "4"}}},
		{"quotes", "a,b\n\"x, y\",\"say \"\"hi\"\"\"\n", [][]string{{"a", "b"}, {"x, y", `say "hi"`}}},
		{"lines within quotes", "a,b\r\n\"one\r\ntwo\",2\r\n", [][]string{{"a", "b"}, {"one\ntwo", "2"}}},
		{"commas within a quoted header", "\"a, in EUR, net\";b\n1;2\n", [][]string{{"a, in EUR, net", "b"}, {"1", "2"}}},
		{"a header of two lines", "\"a\nof\";b\n1;2\n", [][]string{{"a\nof", "b"}, {"1", "2"}}},
		{"as many commas as semicolons", "a, net;b\n1;2\n", [][]string{{"a, net", "b"}, {"1", "2"}}},
		{"quotes in the middle", "a,b\n5\" disk,x\n", [][]string{{"a", "b"}, {`5" disk`, "x"}}},
		{"space before cells", "a, b\n1, \"2, 3\"\n", [][]string{{"a", "b"}, {"1", "2, 3"}}},
		{"short rows", "a,b,c\n1\n1,2\n", [][]string{{"a", "b", "c"}, {"1", "", ""}, {"1", "2", ""}}},
		{"long rows", "a,b\n1,2,3,4\n", [][]string{{"a", "b"}, {"1", "2, 3, 4"}}},
		{"rows that end in separators", "a,b\n1,2,\n3,4,,,\n1,,\n", [][]string{{"a", "b"}, {"1", "2"}, {"3", "4"}, {"1", ""}}},
		{"blank lines", "\n\na,b\n\n1,2\n\n", [][]string{{"a", "b"}, {"1", "2"}}},
		{"blank lines before semicolons", "\r\na;b\r\n1,5;2\r\n", [][]string{{"a", "b"}, {"1,5", "2"}}},
		{"signs", "größe,日本\n€ 1,<b>x</b>\n", [][]string{{"größe", "日本"}, {"€ 1", "<b>x</b>"}}},
		{"formulas stay text", "a\n=1+1\n", [][]string{{"a"}, {"=1+1"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := ReadCSV([]byte(tt.data))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, append([][]string{s.Header}, s.Rows...)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if s.More != 0 {
				t.Errorf("%d rows are left out", s.More)
			}
		})
	}
}

func TestReadCSVRefuses(t *testing.T) {
	tests := map[string]struct{ data, says string }{
		"nothing":             {"", "is empty"},
		"a mark":              {"\ufeff", "is empty"},
		"blank lines":         {"\n\r\n\n", "is empty"},
		"a hint":              {"sep=;\n", "is empty"},
		"UTF-16":              {utf16le("a\tb\r\n"), ErrNotText.Error()},
		"UTF-16 without mark": {utf16le("a\tb\r\n")[2:], ErrNotText.Error()},
		"Windows-1252":        {"Gr\xf6\xdfe;\x80\n", ErrNotText.Error()},
		"a spreadsheet":       {"PK\x03\x04\x00\x00", ErrNotText.Error()},
		"too many columns":    {strings.Repeat("a,", maxColumns) + "b\n", "51 columns; a page shows up to 50"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := ReadCSV([]byte(tt.data))
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("it says %v, not %q", err, tt.says)
			}
			if (tt.says == ErrNotText.Error()) != errors.Is(err, ErrNotText) {
				t.Errorf("%v is of the wrong kind", err)
			}
		})
	}
}

// A page shows the first rows and says how many there are besides.
func TestReadCSVHuge(t *testing.T) {
	var b strings.Builder
	b.WriteString(strings.Repeat("h;", maxColumns-1) + "h\n")
	for i := range 20_000 {
		fmt.Fprintf(&b, "%d%s\n", i, strings.Repeat(";x", maxColumns-1))
	}
	s, err := ReadCSV([]byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Rows) != MaxRows || s.More != 20_000-MaxRows || s.Rows[MaxRows-1][0] != "499" {
		t.Errorf("it shows %d rows, the last %q, and %d more", len(s.Rows), s.Rows[len(s.Rows)-1][0], s.More)
	}
}

// Columns of numbers, as people write them in one place or another.
func TestNumeric(t *testing.T) {
	tests := []struct {
		cells string // between strokes
		want  bool
	}{
		{"1", true}, {"0", true}, {"-1", true}, {"−1", true}, {"+1", true}, {"1|2|3", true}, {"1||3", true},
		{"1.5", true}, {"1,5", true}, {".5", true}, {"1234567", true}, {"0.1234", true}, {"12,3456", true},
		{"1,234", true}, {"1,234.50", true}, {"1,234,567", true}, {"12,34,567.00", true}, // India
		{"1.234", true}, {"1.234,50", true}, {"1.234.567", true},
		{"1 234", true}, {"1 234,50", true}, {"1\u00a0234", true}, {"1\u202f234,50", true}, {"1'234.50", true}, {"1’234’567", true},
		{"5%", true}, {"5 %", true}, {"5\u00a0%", true}, {"5\u202f%", true}, {"-3,5 %", true},
		{"$5", true}, {"-$5", true}, {"$-5", true}, {"€ 5", true}, {"1.234,00 €", true}, {"1.234,00\u00a0€", true}, {"£1,000", true}, {"¥500", true}, {"₹1,00,000", true},
		{"", false}, {" | ", false}, {"x", false}, {"1|x", false}, {"1a", false}, {"-", false}, {"€", false}, {"%", false}, {".", false}, {"1-", false},
		{"2026-11-20", false}, {"20.11.2026", false}, {"11/20/2026", false}, {"20-11", false}, {"12:30", false}, {"1.2.3", false}, {"1..2", false}, {"1,,2", false}, {"1.2,3.4", false},
		{"5-10", false}, {"+49 30 12345", false}, {"--1", false}, {"1 2", false},
	}
	for _, tt := range tests {
		t.Run(tt.cells, func(t *testing.T) {
			var rows [][]string
			for cell := range strings.SplitSeq(tt.cells, "|") {
				rows = append(rows, []string{cell})
			}
			if got := numeric(rows, 0); got != tt.want {
				t.Errorf("numbers: %v", got)
			}
		})
	}
	s, err := ReadCSV([]byte("a;b;c\n1,5;x;\n2;3;\n"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]bool{true, false, false}, s.Numeric); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Whatever is read is a table: rows as long as the header, of text.
func FuzzReadCSV(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "\ufeffa;b\r\n\"x\r\ny\";2", "sep=\t\na\tb\n\t\n", "a\rb\r", "\"", "a\n1,2,3,,,", utf16le("a\tb")} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ReadCSV(data)
		if err != nil {
			return
		}
		if len(s.Header) == 0 || len(s.Header) > maxColumns || len(s.Numeric) != len(s.Header) || len(s.Rows) > MaxRows || s.More < 0 || s.More > 0 && len(s.Rows) < MaxRows {
			t.Fatalf("it is no table: %d columns, %d rows, %d more", len(s.Header), len(s.Rows), s.More)
		}
		for _, row := range append([][]string{s.Header}, s.Rows...) {
			if len(row) != len(s.Header) {
				t.Fatalf("a row has %d cells of %d", len(row), len(s.Header))
			}
			for _, cell := range row {
				if !utf8.ValidString(cell) || strings.ContainsRune(cell, 0) {
					t.Fatalf("%q is no text", cell)
				}
			}
		}
		for c := range s.Header {
			if s.Numeric[c] && !strings.ContainsAny(strings.Join(column(s.Rows, c), ""), "0123456789") {
				t.Fatalf("column %d has no digit", c)
			}
		}
	})
}

func column(rows [][]string, c int) []string {
	var cells []string
	for _, row := range rows {
		cells = append(cells, row[c])
	}
	return cells
}
