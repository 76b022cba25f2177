package diag

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAtGivesAMessageItsPlace(t *testing.T) {
	s, _ := NewSource("content/fern/deal.toml", []byte("[deal]\nownér = 1\nb = 2\n"))
	tests := []struct {
		name       string
		span       Span
		start, end Position
		excerpt    string
	}{
		{"a key", Span{7, 13}, Position{7, 2, 1}, Position{13, 2, 6}, "ownér = 1"},
		{"over two lines", Span{7, 20}, Position{7, 2, 1}, Position{20, 3, 3}, "ownér = 1"},
		{"nothing", Span{17, 17}, Position{17, 2, 10}, Position{17, 2, 10}, "ownér = 1"},
		{"an end before its start", Span{7, 2}, Position{7, 2, 1}, Position{7, 2, 1}, "ownér = 1"},
		{"outside of the text", Span{99, 120}, Position{24, 4, 1}, Position{24, 4, 1}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := Message{Severity: Error, Code: "unknown-key", Text: "unknown key", Label: "label", Hint: "hint"}
			want := m
			want.File, want.Start, want.End, want.Excerpt = "content/fern/deal.toml", tt.start, tt.end, tt.excerpt
			if diff := cmp.Diff(want, m.At(s, tt.span)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// note is a message in short: file, line, column, severity, code, text.
func note(file string, line, column int, severity Severity, code, text string) Message {
	return Message{File: file, Start: Position{Offset: 100*line + column, Line: line, Column: column}, Severity: severity, Code: code, Text: text}
}

func inShort(l List) []string {
	var lines []string
	for _, m := range l {
		lines = append(lines, fmt.Sprintf("%s:%d:%d %s [%s] %s", m.File, m.Start.Line, m.Start.Column, m.Severity, m.Code, m.Text))
	}
	return lines
}

func TestSort(t *testing.T) {
	tests := []struct {
		name string
		list List
		want []string
	}{
		{"none", nil, nil},
		{"by file", List{note("b", 1, 1, Error, "x", "t"), note("a", 9, 1, Error, "x", "t")}, []string{"a:9:1 error [x] t", "b:1:1 error [x] t"}},
		{"by line, as numbers", List{note("a", 10, 1, Error, "x", "t"), note("a", 9, 1, Error, "x", "t")}, []string{"a:9:1 error [x] t", "a:10:1 error [x] t"}},
		{"by column", List{note("a", 1, 7, Error, "x", "t"), note("a", 1, 2, Error, "x", "t")}, []string{"a:1:2 error [x] t", "a:1:7 error [x] t"}},
		{
			"the graver first at one place",
			List{note("a", 1, 1, Advice, "x", "t"), note("a", 1, 1, Error, "y", "t"), note("a", 1, 1, Warning, "z", "t")},
			[]string{"a:1:1 error [y] t", "a:1:1 warning [z] t", "a:1:1 advice [x] t"},
		},
		{"then by code", List{note("a", 1, 1, Error, "y", "t"), note("a", 1, 1, Error, "x", "t")}, []string{"a:1:1 error [x] t", "a:1:1 error [y] t"}},
		{"then by text", List{note("a", 1, 1, Error, "x", "u"), note("a", 1, 1, Error, "x", "t")}, []string{"a:1:1 error [x] t", "a:1:1 error [x] u"}},
		{
			"an earlier place comes before a graver message",
			List{note("a", 2, 1, Error, "x", "t"), note("a", 1, 1, Advice, "x", "t")},
			[]string{"a:1:1 advice [x] t", "a:2:1 error [x] t"},
		},
		{
			"equal messages become one",
			List{note("a", 1, 1, Error, "x", "t"), note("b", 1, 1, Error, "x", "t"), note("a", 1, 1, Error, "x", "t")},
			[]string{"a:1:1 error [x] t", "b:1:1 error [x] t"},
		},
		{
			"of two severities the graver stays, whatever lies between",
			List{note("a", 1, 1, Warning, "x", "t"), note("a", 1, 1, Error, "y", "t"), note("a", 1, 1, Error, "x", "t")},
			[]string{"a:1:1 error [x] t", "a:1:1 error [y] t"},
		},
		{
			"another place, code or text is another message",
			List{note("a", 1, 1, Error, "x", "t"), note("a", 1, 2, Error, "x", "t"), note("a", 1, 1, Error, "y", "t"), note("a", 1, 1, Error, "x", "u")},
			[]string{"a:1:1 error [x] t", "a:1:1 error [x] u", "a:1:1 error [y] t", "a:1:2 error [x] t"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.list.Sort()
			if diff := cmp.Diff(tt.want, inShort(tt.list)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Tools such as esbuild tell line and column and no offset.
func TestSortWithoutOffsets(t *testing.T) {
	at := func(line, column int) Message {
		return Message{File: "assets/site.css", Start: Position{Line: line, Column: column}, Severity: Error, Code: "bad-asset", Text: "t"}
	}
	l := List{at(12, 1), at(3, 9), at(3, 2)}
	l.Sort()
	want := []string{"assets/site.css:3:2 error [bad-asset] t", "assets/site.css:3:9 error [bad-asset] t", "assets/site.css:12:1 error [bad-asset] t"}
	if diff := cmp.Diff(want, inShort(l)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSortIsTheSameFromAnyOrder(t *testing.T) {
	all := List{
		note("a", 1, 1, Error, "x", "t"), note("a", 1, 1, Warning, "x", "t"), note("a", 1, 1, Error, "y", "t"),
		note("a", 2, 1, Advice, "x", "t"), note("b", 1, 1, Error, "x", "t"),
	}
	want := []string{"a:1:1 error [x] t", "a:1:1 error [y] t", "a:2:1 advice [x] t", "b:1:1 error [x] t"}
	orders := 0
	permute(all, func(l List) {
		orders++
		l.Sort()
		if got := inShort(l); !cmp.Equal(want, got) {
			t.Errorf("from one order:\n%s", strings.Join(got, "\n"))
		}
	})
	if orders != 120 {
		t.Errorf("%d orders were tried, want 120", orders)
	}
}

// permute calls yield with every order of a list.
func permute(l List, yield func(List)) {
	var walk func(done, rest List)
	walk = func(done, rest List) {
		if len(rest) == 0 {
			yield(append(List(nil), done...))
		}
		for i := range rest {
			left := append(append(List(nil), rest[:i]...), rest[i+1:]...)
			walk(append(append(List(nil), done...), rest[i]), left)
		}
	}
	walk(nil, l)
}

func TestCountAndFailed(t *testing.T) {
	tests := []struct {
		name                     string
		list                     List
		advice, warnings, errors int
		failed                   bool
	}{
		{"none", nil, 0, 0, 0, false},
		{"advice alone", List{{Severity: Advice}}, 1, 0, 0, false},
		{"a warning is no failure", List{{Severity: Warning}, {Severity: Advice}, {Severity: Warning}}, 1, 2, 0, false},
		{"an error is", List{{Severity: Warning}, {Severity: Error}}, 0, 1, 1, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := []int{tt.list.Count(Advice), tt.list.Count(Warning), tt.list.Count(Error)}
			if diff := cmp.Diff([]int{tt.advice, tt.warnings, tt.errors}, got); diff != "" {
				t.Errorf("advice, warnings, errors (-want +got):\n%s", diff)
			}
			if tt.list.Failed() != tt.failed {
				t.Errorf("Failed is %v", tt.list.Failed())
			}
		})
	}
}
