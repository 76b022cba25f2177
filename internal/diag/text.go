package diag

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
)

// excerptWidth is how many columns of a long line an excerpt shows.
const excerptWidth = 100

// WriteText prints messages for a person:
//
//	content/fern/deal.toml:9:1: error: unknown key "onwer" [unknown-key]
//	  9 | onwer = ["mara"]
//	    | ^^^^^ did you mean "owner"?
//	  hint: give a person of each side
//
// color adds terminal colours.
func (l List) WriteText(w io.Writer, color bool) error {
	paint := palette(color)
	var b strings.Builder
	for i, m := range l {
		if i > 0 && (m.Excerpt != "" || l[i-1].Excerpt != "") {
			b.WriteByte('\n')
		}
		m.text(&b, paint)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (m Message) text(b *strings.Builder, paint func(style, string) string) {
	fmt.Fprintf(b, "%s: %s %s %s\n",
		paint(bold, fmt.Sprintf("%s:%d:%d", printable(m.File), m.Start.Line, m.Start.Column)),
		paint(styles[m.Severity], m.Severity.String()+":"),
		paint(bold, printable(m.Text)),
		paint(faint, "["+m.Code+"]"))
	if m.Excerpt != "" {
		line, lead, carets := excerpt(m)
		number := fmt.Sprint(m.Start.Line)
		fmt.Fprintf(b, "  %s %s\n", paint(faint, number+" |"), line)
		marks := lead + paint(styles[m.Severity], carets)
		if m.Label != "" {
			marks += " " + paint(styles[m.Severity], printable(m.Label))
		}
		fmt.Fprintf(b, "  %s %s\n", paint(faint, strings.Repeat(" ", len(number))+" |"), marks)
	} else if m.Label != "" {
		fmt.Fprintf(b, "  %s\n", printable(m.Label))
	}
	if m.Hint != "" {
		fmt.Fprintf(b, "  %s %s\n", paint(faint, "hint:"), printable(m.Hint))
	}
}

// excerpt cuts the line to what fits around the span and returns it with the
// blanks and the carets that go below it.
func excerpt(m Message) (line, lead, carets string) {
	text := []rune(m.Excerpt)
	from := min(max(m.Start.Column-1, 0), len(text))
	to := len(text)
	if m.End.Line == m.Start.Line {
		to = min(max(m.End.Column-1, from), len(text))
	}
	first, last := 0, len(text)
	if last > excerptWidth {
		first = max(0, min(from-excerptWidth/4, last-excerptWidth))
		last = min(last, first+excerptWidth)
		to = min(to, last)
	}
	before, marked, after := printable(string(text[first:from])), printable(string(text[from:to])), printable(string(text[to:last]))
	if first > 0 {
		before = "… " + before
	}
	if last < len(text) {
		after += " …"
	}
	return before + marked + after,
		strings.Repeat(" ", uniseg.StringWidth(before)),
		strings.Repeat("^", max(1, uniseg.StringWidth(marked)))
}

// printable shows what a terminal would obey or hide: control characters and
// the invisible ones that turn text around.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\uFEFF':
			return '\uFFFD'
		}
		return r
	}, s)
}

type style string

const (
	bold  style = "\x1b[1m"
	faint style = "\x1b[2m"
)

var styles = [...]style{Advice: "\x1b[36m", Warning: "\x1b[33m", Error: "\x1b[31m"}

func palette(color bool) func(style, string) string {
	if !color {
		return func(_ style, s string) string { return s }
	}
	return func(st style, s string) string { return string(st) + s + "\x1b[0m" }
}
