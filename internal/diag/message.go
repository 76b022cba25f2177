// Package diag holds what the program has to say about what a person wrote:
// which file, where in it, what is wrong and what to do. It knows nothing of
// deals, TOML or Markdown, and never reads a file.
//
// What the machine did (a full disk, a missing permission) is an error, not a
// Message.
package diag

import (
	"cmp"
	"slices"
)

// Severity of a message. A build stops at an Error.
type Severity uint8

const (
	Advice Severity = iota
	Warning
	Error
)

func (s Severity) String() string {
	return [...]string{"advice", "warning", "error"}[s]
}

// MarshalText makes JSON say "error", not 2.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Message is one thing to say about one place. It holds all that printing
// needs, so the Source it came from can be forgotten.
type Message struct {
	Severity Severity `json:"severity"`
	// Code is a stable name such as "unknown-key".
	Code string `json:"code"`
	// Text says what is wrong, in lower case without a full stop.
	Text string `json:"message"`
	// Label stands under the excerpt, beside the carets: `did you mean "owner"?`.
	Label string `json:"label,omitempty"`
	// Hint says what to do.
	Hint string `json:"hint,omitempty"`

	File  string   `json:"file"`
	Start Position `json:"start"`
	End   Position `json:"end"`
	// Excerpt is the line that holds Start; empty for a file that is itself
	// the matter (missing, empty, not text).
	Excerpt string `json:"excerpt,omitempty"`
}

// At gives a message its place.
func (m Message) At(s *Source, span Span) Message {
	m.File = s.Path
	m.Start = s.Position(span.Start)
	m.End = s.Position(max(span.End, span.Start))
	m.Excerpt = s.Line(m.Start.Line)
	return m
}

// List is any number of messages.
type List []Message

// Sort puts messages in the order in which they are read: by file, then by
// place; the graver first where several share one. Messages that say the same
// of the same place become one, the gravest.
func (l *List) Sort() {
	slices.SortStableFunc(*l, func(a, b Message) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File),
			// Line and column, since not every tool tells an offset.
			cmp.Compare(a.Start.Line, b.Start.Line),
			cmp.Compare(a.Start.Column, b.Start.Column),
			cmp.Compare(b.Severity, a.Severity),
			cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Text, b.Text),
		)
	})
	type saying struct {
		file       string
		start      Position
		code, text string
	}
	// Equal ones of two severities need not be neighbours.
	said := make(map[saying]bool, len(*l))
	*l = slices.DeleteFunc(*l, func(m Message) bool {
		s := saying{m.File, m.Start, m.Code, m.Text}
		again := said[s]
		said[s] = true
		return again
	})
}

// Count how many messages have a severity.
func (l List) Count(s Severity) int {
	n := 0
	for i := range l {
		if l[i].Severity == s {
			n++
		}
	}
	return n
}

// Errors are the messages that a build would stop at.
func (l List) Errors() List {
	return slices.DeleteFunc(slices.Clone(l), func(m Message) bool { return m.Severity != Error })
}

// Failed says whether any message is an Error.
func (l List) Failed() bool { return l.Count(Error) > 0 }
