package diag

import (
	"sort"
	"strings"
	"sync"
	"unicode/utf8"
)

// Source is the text of one file that a person wrote, as the program reads it:
// UTF-8 without a byte-order mark, lines ended by a line feed. Both changes
// leave every line and column as an editor shows it.
type Source struct {
	// Path is slash-separated and relative to the site's folder.
	Path string
	Text string

	once  sync.Once
	lines []int // offset of each line's first byte
}

// Span is a range of bytes of a Source, End excluded.
type Span struct{ Start, End int }

// Position is a place in a Source. Line and Column count from 1, Column in
// characters; Offset counts bytes from 0.
type Position struct {
	Offset int `json:"offset"`
	Line   int `json:"line"`
	Column int `json:"column"`
}

// NewSource normalises what was read from path: a byte-order mark goes, CR LF
// becomes LF, and each byte that is no UTF-8 becomes U+FFFD. It returns the
// spans of those replacements.
func NewSource(path string, data []byte) (*Source, []Span) {
	text := strings.TrimPrefix(string(data), "\uFEFF")
	if strings.Contains(text, "\r") {
		text = strings.ReplaceAll(text, "\r\n", "\n")
	}
	if utf8.ValidString(text) {
		return &Source{Path: path, Text: text}, nil
	}
	var bad []Span
	var b strings.Builder
	b.Grow(len(text) + 16)
	for len(text) > 0 {
		r, n := utf8.DecodeRuneInString(text)
		if r == utf8.RuneError && n == 1 {
			bad = append(bad, Span{b.Len(), b.Len() + len("\uFFFD")})
		}
		b.WriteRune(r)
		text = text[n:]
	}
	return &Source{Path: path, Text: b.String()}, bad
}

// Position of a byte offset. An offset outside the text is moved to its nearer
// end, so that no mistake of a caller can make a message unprintable.
func (s *Source) Position(offset int) Position {
	s.once.Do(s.index)
	offset = min(max(offset, 0), len(s.Text))
	line := sort.SearchInts(s.lines, offset+1) - 1
	return Position{
		Offset: offset,
		Line:   line + 1,
		Column: utf8.RuneCountInString(s.Text[s.lines[line]:offset]) + 1,
	}
}

// Offset of the first byte of a line, counted from 1.
func (s *Source) Offset(line int) int {
	s.once.Do(s.index)
	return s.lines[min(max(line, 1), len(s.lines))-1]
}

// Line is the text of a line, counted from 1, without its line feed.
func (s *Source) Line(line int) string {
	start := s.Offset(line)
	text, _, _ := strings.Cut(s.Text[start:], "\n")
	return text
}

func (s *Source) index() {
	s.lines = append(s.lines, 0)
	for i := range len(s.Text) {
		if s.Text[i] == '\n' {
			s.lines = append(s.lines, i+1)
		}
	}
}
