package report

import (
	"fmt"
	"strconv"
	"time"
)

// Span is a length of time: in seconds as JSON, in words for people.
type Span time.Duration

// MarshalJSON writes seconds.
func (s Span) MarshalJSON() ([]byte, error) { return []byte(s.Seconds()), nil }

// Seconds are as exact as what a page says.
func (s Span) Seconds() string {
	return strconv.FormatFloat(time.Duration(s).Seconds(), 'f', -1, 64)
}

// String is for people, who need no seconds of an hour.
func (s Span) String() string {
	switch n := int(time.Duration(s).Round(time.Second) / time.Second); {
	case n < 60:
		return fmt.Sprintf("%d s", n)
	case n < 3570:
		return fmt.Sprintf("%d min", (n+30)/60)
	default:
		m := (n + 30) / 60
		return fmt.Sprintf("%d h %02d min", m/60, m%60)
	}
}
