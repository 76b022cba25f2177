package diag

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestNewSourceNormalisesText(t *testing.T) {
	tests := []struct {
		name, data, text string
		bad              []Span
	}{
		{name: "empty", data: "", text: ""},
		{name: "as it is", data: "a = 1\nb = 2\n", text: "a = 1\nb = 2\n"},
		{name: "no line feed at the end", data: "a", text: "a"},
		{name: "byte-order mark", data: "\xef\xbb\xbfa = 1\n", text: "a = 1\n"},
		{name: "byte-order mark alone", data: "\xef\xbb\xbf", text: ""},
		{name: "only the first byte-order mark goes", data: "\xef\xbb\xbf\xef\xbb\xbfa", text: "\uFEFFa"},
		{name: "byte-order mark further on stays", data: "a\xef\xbb\xbf", text: "a\uFEFF"},
		{name: "line ends of Windows", data: "a\r\nb\r\n", text: "a\nb\n"},
		{name: "both kinds of line ends", data: "a\r\nb\nc\r\n", text: "a\nb\nc\n"},
		{name: "a lone carriage return stays", data: "a\rb\r\n", text: "a\rb\n"},
		{name: "two carriage returns before one line feed", data: "a\r\r\nb", text: "a\r\nb"},
		{name: "characters of several bytes", data: "Größe = \"名\"\n", text: "Größe = \"名\"\n"},
		{name: "a replacement character that was written", data: "a\uFFFDb", text: "a\uFFFDb"},
		{name: "one byte of Latin-1", data: "Gr\xf6\xdfe", text: "Gr\uFFFD\uFFFDe", bad: []Span{{2, 5}, {5, 8}}},
		{name: "a character cut short", data: "a\xe5\x90", text: "a\uFFFD\uFFFD", bad: []Span{{1, 4}, {4, 7}}},
		{name: "a bad byte behind a good character", data: "名\xffb", text: "名\uFFFDb", bad: []Span{{3, 6}}},
		{name: "a bad byte behind a line end of Windows", data: "a\r\n\xffb", text: "a\n\uFFFDb", bad: []Span{{2, 5}}},
		{name: "a bad byte behind a byte-order mark", data: "\xef\xbb\xbf\xff", text: "\uFFFD", bad: []Span{{0, 3}}},
		{name: "an overlong slash", data: "\xc0\xaf", text: "\uFFFD\uFFFD", bad: []Span{{0, 3}, {3, 6}}},
		{name: "half of a surrogate pair", data: "\xed\xa0\x80", text: "\uFFFD\uFFFD\uFFFD", bad: []Span{{0, 3}, {3, 6}, {6, 9}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, bad := NewSource("content/fern/deal.toml", []byte(tt.data))
			if s.Path != "content/fern/deal.toml" {
				t.Errorf("Path is %q", s.Path)
			}
			if s.Text != tt.text {
				t.Errorf("Text is %q, want %q", s.Text, tt.text)
			}
			if diff := cmp.Diff(tt.bad, bad); diff != "" {
				t.Errorf("spans of bad bytes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPosition(t *testing.T) {
	// Offsets:      0 1 23456 7  8 9  12
	const text = "ä=1\n" + "b\n" + "\n" + "名x"
	tests := []struct {
		name   string
		offset int
		want   Position
	}{
		{"first byte", 0, Position{0, 1, 1}},
		{"behind a character of two bytes", 2, Position{2, 1, 2}},
		{"line feed belongs to its line", 4, Position{4, 1, 4}},
		{"first byte of the second line", 5, Position{5, 2, 1}},
		{"empty line", 7, Position{7, 3, 1}},
		{"first byte of the last line", 8, Position{8, 4, 1}},
		{"behind a character of three bytes", 11, Position{11, 4, 2}},
		{"end of the text", 12, Position{12, 4, 3}},
		{"before the text", -1, Position{0, 1, 1}},
		{"far before the text", -1 << 62, Position{0, 1, 1}},
		{"behind the text", 13, Position{12, 4, 3}},
		{"far behind the text", 1 << 62, Position{12, 4, 3}},
	}
	s, _ := NewSource("x", []byte(text))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, s.Position(tt.offset)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestPositionInAnEmptyText(t *testing.T) {
	for _, s := range []*Source{{Path: "x"}, {Path: "x", Text: ""}} {
		for _, offset := range []int{-1, 0, 1} {
			if diff := cmp.Diff(Position{0, 1, 1}, s.Position(offset)); diff != "" {
				t.Errorf("Position(%d) (-want +got):\n%s", offset, diff)
			}
		}
	}
}

func TestOffsetAndLine(t *testing.T) {
	s, _ := NewSource("x", []byte("eins\r\n\r\nzwei ä\r\n"))
	tests := []struct {
		name   string
		line   int
		offset int
		text   string
	}{
		{"before the first", -3, 0, "eins"},
		{"none", 0, 0, "eins"},
		{"first", 1, 0, "eins"},
		{"empty", 2, 5, ""},
		{"third", 3, 6, "zwei ä"},
		{"behind the last line feed", 4, 14, ""},
		{"behind the last", 99, 14, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := s.Offset(tt.line); got != tt.offset {
				t.Errorf("Offset(%d) is %d, want %d", tt.line, got, tt.offset)
			}
			if got := s.Line(tt.line); got != tt.text {
				t.Errorf("Line(%d) is %q, want %q", tt.line, got, tt.text)
			}
		})
	}
}

// FuzzPosition reads positions of any bytes: none panics, all lie inside, and
// line and column lead back to the offset.
func FuzzPosition(f *testing.F) {
	for _, seed := range []string{"", "a = 1\n", "\xef\xbb\xbfa\r\nb", "Gr\xf6\xdfe\n", "名\n\n前", "\r\r\n\n", "\xff"} {
		f.Add([]byte(seed), 3)
	}
	f.Fuzz(func(t *testing.T, data []byte, offset int) {
		s, bad := NewSource("x", data)
		if !utf8.ValidString(s.Text) {
			t.Fatalf("%q is no UTF-8", s.Text)
		}
		if n := strings.Count(string(data), "\n"); strings.Count(s.Text, "\n") != n {
			t.Errorf("%q has other lines than the file's %d", s.Text, n)
		}
		for _, span := range bad {
			if s.Text[span.Start:span.End] != "\uFFFD" {
				t.Errorf("span %v of bad bytes holds %q", span, s.Text[span.Start:span.End])
			}
		}
		for _, at := range []int{offset, offset % (len(s.Text) + 1), -offset, 0, len(s.Text)} {
			p := s.Position(at)
			if p.Offset < 0 || p.Offset > len(s.Text) || p.Line < 1 || p.Column < 1 {
				t.Fatalf("Position(%d) is %+v in a text of %d bytes", at, p, len(s.Text))
			}
			line := s.Line(p.Line)
			if strings.Contains(line, "\n") {
				t.Errorf("line %d is %q", p.Line, line)
			}
			within := p.Offset - s.Offset(p.Line)
			if within < 0 || within > len(line) {
				t.Fatalf("Position(%d) is %+v, outside of its line %q", at, p, line)
			}
			if n := utf8.RuneCountInString(line[:within]); p.Column != n+1 {
				t.Errorf("Position(%d) is column %d, and %d characters stand before it", at, p.Column, n)
			}
		}
	})
}
