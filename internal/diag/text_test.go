package diag

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

// said is a message about the first place in a text at which word stands.
func said(t *testing.T, text, word string) Message {
	t.Helper()
	s, _ := NewSource("content/fern/deal.toml", []byte(text))
	at := strings.Index(s.Text, word)
	if at < 0 {
		t.Fatalf("%q does not stand in %q", word, s.Text)
	}
	return Message{Severity: Error, Code: "unknown-key", Text: "unknown key"}.At(s, Span{at, at + len(word)})
}

func printed(t *testing.T, l List, color bool) string {
	t.Helper()
	var b strings.Builder
	if err := l.WriteText(&b, color); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestText(t *testing.T) {
	long := strings.Repeat("a", 60) + "MARK" + strings.Repeat("b", 60)
	tests := []struct {
		name string
		text string // of the file
		word string // that the message is about
		with Message
		want []string
	}{
		{
			name: "excerpt, label and hint",
			text: "[deal]\n\nonwer = [\"mara\"]\n", word: "onwer",
			with: Message{Label: `did you mean "owner"?`, Hint: "give a person of each side"},
			want: []string{
				`content/fern/deal.toml:3:1: error: unknown key [unknown-key]`,
				`  3 | onwer = ["mara"]`,
				`    | ^^^^^ did you mean "owner"?`,
				`  hint: give a person of each side`,
			},
		},
		{
			name: "neither label nor hint",
			text: "onwer = 1", word: "1",
			want: []string{
				`content/fern/deal.toml:1:9: error: unknown key [unknown-key]`,
				`  1 | onwer = 1`,
				`    |         ^`,
			},
		},
		{
			name: "a line number of three digits",
			text: strings.Repeat("\n", 122) + "onwer = 1", word: "onwer",
			want: []string{
				`content/fern/deal.toml:123:1: error: unknown key [unknown-key]`,
				`  123 | onwer = 1`,
				`      | ^^^^^`,
			},
		},
		{
			name: "umlauts take a column each",
			text: `größe = "übel"`, word: "übel",
			want: []string{
				`content/fern/deal.toml:1:10: error: unknown key [unknown-key]`,
				`  1 | größe = "übel"`,
				`    |          ^^^^`,
			},
		},
		{
			name: "wide characters take two columns",
			text: `名前 = "東京" # x`, word: "東京",
			want: []string{
				`content/fern/deal.toml:1:7: error: unknown key [unknown-key]`,
				`  1 | 名前 = "東京" # x`,
				`    |         ^^^^`,
			},
		},
		{
			name: "an accent of its own takes none",
			text: "cafe\u0301 = 1", word: "1",
			want: []string{
				`content/fern/deal.toml:1:9: error: unknown key [unknown-key]`,
				"  1 | cafe\u0301 = 1",
				`    |        ^`,
			},
		},
		{
			name: "a family of four people is one picture",
			text: "👩‍👩‍👧‍👦 = 1", word: "👩‍👩‍👧‍👦",
			want: []string{
				`content/fern/deal.toml:1:1: error: unknown key [unknown-key]`,
				`  1 | 👩‍👩‍👧‍👦 = 1`,
				`    | ^^`,
			},
		},
		{
			name: "a tab is a blank",
			text: "\t\tonwer\t= 1", word: "onwer",
			want: []string{
				`content/fern/deal.toml:1:3: error: unknown key [unknown-key]`,
				`  1 |   onwer = 1`,
				`    |   ^^^^^`,
			},
		},
		{
			name: "control characters are shown, not obeyed",
			text: "a\x1b[31m\x00\x7f\u0085 = 2", word: "2",
			want: []string{
				`content/fern/deal.toml:1:13: error: unknown key [unknown-key]`,
				"  1 | a\uFFFD[31m\uFFFD\uFFFD\uFFFD = 2",
				`    |             ^`,
			},
		},
		{
			name: "what turns text around is shown, not obeyed",
			text: "a\u202e\u2066\u200f\ufeff = 1", word: "\u202e\u2066",
			want: []string{
				`content/fern/deal.toml:1:2: error: unknown key [unknown-key]`,
				"  1 | a\uFFFD\uFFFD\uFFFD\uFFFD = 1",
				`    |  ^^`,
			},
		},
		{
			name: "a lone carriage return",
			text: "a\rb = 1", word: "b",
			want: []string{
				`content/fern/deal.toml:1:3: error: unknown key [unknown-key]`,
				"  1 | a\uFFFDb = 1",
				`    |   ^`,
			},
		},
		{
			name: "over several lines the first is marked to its end",
			text: "a = [\n  1,\n]\n", word: "[\n  1,\n]",
			want: []string{
				`content/fern/deal.toml:1:5: error: unknown key [unknown-key]`,
				`  1 | a = [`,
				`    |     ^`,
			},
		},
		{
			name: "nothing gets one caret",
			text: "a =\n", word: "\n",
			want: []string{
				`content/fern/deal.toml:1:4: error: unknown key [unknown-key]`,
				`  1 | a =`,
				`    |    ^`,
			},
		},
		{
			name: "a long line is cut on both sides",
			text: long, word: "MARK",
			want: []string{
				`content/fern/deal.toml:1:61: error: unknown key [unknown-key]`,
				`  1 | … ` + strings.Repeat("a", 36) + "MARK" + strings.Repeat("b", 60),
				`    | ` + strings.Repeat(" ", 2+36) + "^^^^",
			},
		},
		{
			name: "a long line is cut behind",
			text: "MARK" + strings.Repeat("b", 120), word: "MARK",
			want: []string{
				`content/fern/deal.toml:1:1: error: unknown key [unknown-key]`,
				`  1 | MARK` + strings.Repeat("b", 96) + ` …`,
				`    | ^^^^`,
			},
		},
		{
			name: "a long line is cut before",
			text: strings.Repeat("a", 120) + "MARK", word: "MARK",
			want: []string{
				`content/fern/deal.toml:1:121: error: unknown key [unknown-key]`,
				`  1 | … ` + strings.Repeat("a", 96) + `MARK`,
				`    | ` + strings.Repeat(" ", 2+96) + `^^^^`,
			},
		},
		{
			name: "carets end where the line is cut",
			text: "a = " + strings.Repeat("m", 200), word: strings.Repeat("m", 200),
			want: []string{
				`content/fern/deal.toml:1:5: error: unknown key [unknown-key]`,
				`  1 | a = ` + strings.Repeat("m", 96) + ` …`,
				`    |     ` + strings.Repeat("^", 96),
			},
		},
		{
			name: "a line of just the width is whole",
			text: strings.Repeat("a", 96) + "MARK", word: "MARK",
			want: []string{
				`content/fern/deal.toml:1:97: error: unknown key [unknown-key]`,
				`  1 | ` + strings.Repeat("a", 96) + `MARK`,
				`    | ` + strings.Repeat(" ", 96) + `^^^^`,
			},
		},
		{
			name: "label and hint are made printable as well",
			text: "a = 1", word: "a",
			with: Message{Label: "la\x1bbel", Hint: "hi\u202ent"},
			want: []string{
				`content/fern/deal.toml:1:1: error: unknown key [unknown-key]`,
				`  1 | a = 1`,
				"    | ^ la\uFFFDbel",
				"  hint: hi\uFFFDnt",
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := said(t, tt.text, tt.word)
			m.Label, m.Hint = tt.with.Label, tt.with.Hint
			want := strings.Join(tt.want, "\n") + "\n"
			if diff := cmp.Diff(want, printed(t, List{m}, false)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTextOfAFileAsAWhole(t *testing.T) {
	s, _ := NewSource("portico.toml", nil)
	m := Message{Severity: Warning, Code: "empty", Text: "the file is empty", Label: "label", Hint: "write [site]"}.At(s, Span{})
	want := "portico.toml:1:1: warning: the file is empty [empty]\n  label\n  hint: write [site]\n"
	if diff := cmp.Diff(want, printed(t, List{m}, false)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTextMakesNamesAndWordsPrintable(t *testing.T) {
	m := Message{Severity: Advice, Code: "x", File: "content/a\x1b[2Jb.md", Text: "line\nfeed \u202e", Start: Position{Line: 1, Column: 1}}
	want := "content/a\uFFFD[2Jb.md:1:1: advice: line\uFFFDfeed \uFFFD [x]\n"
	if diff := cmp.Diff(want, printed(t, List{m}, false)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Messages with an excerpt are kept apart by a blank line; those of one line
// each stand together.
func TestTextBetweenMessages(t *testing.T) {
	short := func(text string) Message {
		return Message{Severity: Error, Code: "x", File: "a", Text: text, Start: Position{Line: 1, Column: 1}}
	}
	long := short("long")
	long.Excerpt = "b = 1"
	want := strings.Join([]string{
		"a:1:1: error: one [x]",
		"a:1:1: error: two [x]",
		"",
		"a:1:1: error: long [x]",
		"  1 | b = 1",
		"    | ^^^^^",
		"",
		"a:1:1: error: three [x]",
		"",
	}, "\n")
	if diff := cmp.Diff(want, printed(t, List{short("one"), short("two"), long, short("three")}, false)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTextInColor(t *testing.T) {
	tests := []struct {
		severity Severity
		style    string
	}{{Advice, "\x1b[36m"}, {Warning, "\x1b[33m"}, {Error, "\x1b[31m"}}
	for _, tt := range tests {
		t.Run(tt.severity.String(), func(t *testing.T) {
			m := said(t, "onwer = 1", "onwer")
			m.Severity, m.Label, m.Hint = tt.severity, "label", "hint"
			const bold, faint, off = "\x1b[1m", "\x1b[2m", "\x1b[0m"
			want := bold + "content/fern/deal.toml:1:1" + off + ": " + tt.style + tt.severity.String() + ":" + off + " " + bold + "unknown key" + off + " " + faint + "[unknown-key]" + off + "\n" +
				"  " + faint + "1 |" + off + " onwer = 1\n" +
				"  " + faint + "  |" + off + " " + tt.style + "^^^^^" + off + " " + tt.style + "label" + off + "\n" +
				"  " + faint + "hint:" + off + " hint\n"
			if diff := cmp.Diff(want, printed(t, List{m}, true)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTextOfNothing(t *testing.T) {
	if got := printed(t, nil, true); got != "" {
		t.Errorf("an empty list prints %q", got)
	}
}

// A message with a place that cannot be is printed all the same: a caller's
// slip must not hide what there is to say.
func TestTextWithAPlaceThatCannotBe(t *testing.T) {
	for _, p := range []Position{{}, {Line: 1, Column: -4}, {Line: 1, Column: 99}, {Line: -1}} {
		m := Message{Severity: Error, Code: "x", Text: "t", File: "a", Excerpt: "b = 1", Start: p, End: p}
		if got := printed(t, List{m}, false); !strings.Contains(got, "b = 1\n") || !strings.Contains(got, "^") {
			t.Errorf("at %+v it prints %q", p, got)
		}
	}
}

func TestWriteTellsOfAFailingWriter(t *testing.T) {
	m := said(t, "a = 1", "a")
	for _, format := range Formats() {
		if err := (List{m}).Write(failing{}, format, false); !errors.Is(err, errFull) {
			t.Errorf("%s: the error is %v", format, err)
		}
	}
}

var errFull = errors.New("the disk is full")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errFull }

// FuzzText prints a message about any part of any text: no panic, nothing that
// a terminal would obey, and below the excerpt a line of carets.
func FuzzText(f *testing.F) {
	f.Add("onwer = 1", 0, 5)
	f.Add("名前\t= \"\x1b[2J\"\n"+strings.Repeat("x", 300), 20, 90)
	f.Add("\u202ea", 1, 9)
	marks := regexp.MustCompile(`^ +\| *\^+$`)
	f.Fuzz(func(t *testing.T, text string, start, end int) {
		s, _ := NewSource("x", []byte(text))
		m := Message{Severity: Error, Code: "x", Text: text}.At(s, Span{start, end})
		out := printed(t, List{m}, false)
		for _, r := range out {
			if r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
				t.Errorf("%q holds %U, which a terminal would obey", out, r)
			}
		}
		lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
		if m.Excerpt == "" {
			if len(lines) != 1 {
				t.Errorf("%q has %d lines, want 1", out, len(lines))
			}
			return
		}
		if len(lines) != 3 || !marks.MatchString(lines[2]) {
			t.Errorf("%q has no line of carets below the excerpt", out)
		}
	})
}
