package deal

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Date is a date as a person wrote it: a day, or a sum that starts from an
// anchor, such as "go_live - 6w". The zero value was not written.
//
//	date    = anchor { " " ( "+" | "-" ) " " number unit }
//	anchor  = "start" | "go_live" | milestone | event | "due" | "W" number [ " " weekday ]
//	unit    = "d" | "bd" | "w" | "m"
//	weekday = "Mon" | "Tue" | "Wed" | "Thu" | "Fri" | "Sat" | "Sun"
type Date struct {
	// Day is what the date comes to, once Resolve has run; 0 where it was not
	// written or cannot be known because of a mistake that was reported.
	Day Day

	set     bool
	broken  bool
	anchor  anchor
	name    string // of a milestone or event
	week    int
	weekday time.Weekday
	hasDay  bool // a weekday was written
	sums    []sum
}

type anchor uint8

const (
	anchorNone anchor = iota
	anchorDay
	anchorStart
	anchorGoLive
	anchorDue
	anchorWeek
	anchorName
)

type sum struct {
	n    int // negative to go back
	unit string
}

// On is a Date that was written as a day.
func On(d Day) Date { return Date{Day: d, set: true, anchor: anchorDay} }

// BrokenDate stands for a date that was written and could not be read, so
// that what is counted from it is not reported a second time.
func BrokenDate() Date { return Date{set: true, broken: true} }

// IsSet says whether the date was written at all.
func (d *Date) IsSet() bool { return d.set }

// Relative says whether the date hangs on something else.
func (d *Date) Relative() bool { return d.set && !d.broken && d.anchor != anchorDay }

// Anchor is the id of the milestone or event that the date is counted from,
// or "".
func (d *Date) Anchor() string {
	if d.anchor == anchorName {
		return d.name
	}
	return ""
}

// DateError says what is wrong with a date, and where in its text.
type DateError struct {
	Offset, Length int
	Text, Hint     string
}

func (e *DateError) Error() string { return e.Text }

var weekdays = []string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}

const dateHint = `write a day such as 2027-03-01, or count from one: "go_live - 6w", "pilot + 10bd", "W5 Thu"`

// ParseDate reads a date. The error is a *DateError.
func ParseDate(text string) (Date, error) {
	if text != "" && text[0] >= '0' && text[0] <= '9' {
		day, isDay, err := parseDay(text)
		if err != nil {
			return BrokenDate(), err
		}
		if isDay {
			return On(day), nil
		}
	}
	words := strings.Split(text, " ")
	d := Date{set: true}
	rest := words[1:]
	head := words[0]
	switch {
	case head == "start":
		d.anchor = anchorStart
	case head == "go_live":
		d.anchor = anchorGoLive
	case head == "due":
		d.anchor = anchorDue
	case isWeek(head):
		n, err := strconv.Atoi(head[1:])
		if err != nil || n < 1 || n > 999 {
			return BrokenDate(), &DateError{0, len(head), fmt.Sprintf("week %q is out of range", head), "weeks count from W1, the week that holds `start`, to W999"}
		}
		d.anchor, d.week = anchorWeek, n
		if len(rest) > 0 && rest[0] != "+" && rest[0] != "-" {
			w, err := parseWeekday(rest[0], len(head)+1)
			if err != nil {
				return BrokenDate(), err
			}
			d.weekday, d.hasDay, rest = w, true, rest[1:]
		}
	case isWeek(strings.ToUpper(head)): // no milestone may be called so
		return BrokenDate(), &DateError{0, len(head), fmt.Sprintf("%q is no date", head), fmt.Sprintf("a week is written with a capital: %q", strings.ToUpper(head))}
	case ValidID(head):
		d.anchor, d.name = anchorName, head
	default:
		return BrokenDate(), badDate(text)
	}
	offset := len(text) - len(strings.Join(rest, " "))
	for len(rest) > 0 {
		s, err := parseSum(rest, offset)
		if err != nil {
			return BrokenDate(), err
		}
		d.sums = append(d.sums, s)
		offset += len(rest[0]) + len(rest[1]) + 2
		rest = rest[2:]
	}
	return d, nil
}

var (
	isoDay  = regexp.MustCompile(`^(\d{4})-(\d{2})-(\d{2})$`)
	isoLike = regexp.MustCompile(`^(\d{4})[-./](\d{1,2})[-./](\d{1,2})$`)
	// otherDay has the names of months, since "1-phase-2" is an id. It is made
	// once it is needed, since it takes long.
	otherDay = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^\d{1,4}(?:st|nd|rd|th|er)?[-./ ]+(\d{1,2}|(?i:jan|feb|fév|mar|mär|mrz|apr|avr|may|mai|jun|jui|jul|aug|aoû|sep|oct|okt|nov|dec|dez|déc)[\pL.]*)[-./ ]+\d{1,4}$`)
	})
)

// isWeek says whether s is a W and digits.
func isWeek(s string) bool {
	return len(s) > 1 && s[0] == 'W' && strings.Trim(s[1:], "0123456789") == ""
}

// splitAmount cuts "10bd" into its number and its unit.
func splitAmount(s string) (number, unit string, ok bool) {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	unit = s[i:]
	return s[:i], unit, i > 0 && strings.Trim(unit, "abcdefghijklmnopqrstuvwxyz") == ""
}

func parseDay(text string) (Day, bool, error) {
	if m := isoDay.FindStringSubmatch(text); m != nil {
		y, _ := strconv.Atoi(m[1])
		month, _ := strconv.Atoi(m[2])
		day, _ := strconv.Atoi(m[3])
		if d := DayOf(y, time.Month(month), day); d != 0 {
			return d, true, nil
		}
		return 0, false, noSuchDay(text, y, month, day)
	}
	if m := isoLike.FindStringSubmatch(text); m != nil {
		return 0, false, &DateError{0, len(text), fmt.Sprintf("%q is no date", text), fmt.Sprintf("write %s-%02s-%02s", m[1], m[2], m[3])}
	}
	if otherDay().MatchString(text) {
		return 0, false, &DateError{0, len(text), fmt.Sprintf("%q can be read in two ways", text), "write the year first: 2026-11-05"}
	}
	return 0, false, nil
}

func noSuchDay(text string, year, month, day int) error {
	hint := fmt.Sprintf("years run from %d to %d", firstYear, lastYear)
	switch {
	case month < 1 || month > 12:
		hint = "write year, month, day: the month is 01 to 12"
	case year >= firstYear && year <= lastYear:
		last := time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC)
		hint = fmt.Sprintf("%s %d has %d days", last.Month(), year, last.Day())
	}
	return &DateError{0, len(text), "there is no day " + text, hint}
}

func badDate(text string) error {
	hint := dateHint
	spaced := strings.Join(strings.Fields(strings.NewReplacer("+", " + ", "-", " - ").Replace(text)), " ")
	// What is read again holds a blank: a sign alone would come back for ever.
	if !strings.Contains(text, " ") && strings.Contains(spaced, " ") {
		if d, err := ParseDate(spaced); err == nil && d.Relative() {
			hint = fmt.Sprintf("put spaces around the sign: %q", spaced)
		}
	}
	return &DateError{0, len(text), fmt.Sprintf("%q is no date", text), hint}
}

func parseWeekday(word string, offset int) (time.Weekday, error) {
	for i, name := range weekdays {
		if word == name {
			return time.Weekday(i), nil
		}
	}
	hint := "a weekday is Mon, Tue, Wed, Thu, Fri, Sat or Sun"
	for _, name := range weekdays {
		if len(word) >= 3 && strings.EqualFold(word[:3], name) {
			hint = fmt.Sprintf("write %q", name)
		}
	}
	return 0, &DateError{offset, len(word), fmt.Sprintf("%q is no weekday", word), hint}
}

func parseSum(words []string, offset int) (sum, error) {
	sign := words[0]
	if sign != "+" && sign != "-" {
		hint := `a sum is written "go_live - 6w", with one space on each side of the sign`
		if len(sign) > 1 && (sign[0] == '+' || sign[0] == '-') {
			hint = fmt.Sprintf(`put a space after the sign: "%c %s"`, sign[0], sign[1:])
		}
		return sum{}, &DateError{offset, len(sign), fmt.Sprintf("expected + or -, not %q", sign), hint}
	}
	if len(words) == 1 || words[1] == "" {
		return sum{}, &DateError{offset, len(sign), fmt.Sprintf("nothing stands after %q", sign), `write how long, such as "- 6w"`}
	}
	number, unit, ok := splitAmount(words[1])
	offset += len(sign) + 1
	if !ok {
		return sum{}, &DateError{offset, len(words[1]), fmt.Sprintf("%q is no length of time", words[1]), "write a number and a unit: 10d, 5bd, 6w or 2m"}
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > 999 {
		return sum{}, &DateError{offset, len(words[1]), fmt.Sprintf("%s is out of range", number), "the number is 1 to 999"}
	}
	switch unit {
	case "d", "bd", "w", "m":
	case "":
		return sum{}, &DateError{offset, len(words[1]), fmt.Sprintf("%q has no unit", words[1]), fmt.Sprintf("write %[1]dd for days, %[1]dbd for working days, %[1]dw for weeks, %[1]dm for months", n)}
	default:
		return sum{}, &DateError{offset, len(words[1]), fmt.Sprintf("%q is no unit", unit), "units are d (days), bd (working days), w (weeks) and m (months)"}
	}
	if sign == "-" {
		n = -n
	}
	return sum{n, unit}, nil
}

// MaxID is how many characters an id may have.
const MaxID = 64

// ValidID says whether s is spelt as an id: [a-z0-9]+(-[a-z0-9]+)*, at most
// MaxID characters.
func ValidID(s string) bool {
	if s == "" || len(s) > MaxID {
		return false
	}
	hyphen := true // as if one stood before the first character
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			hyphen = false
		case c == '-' && !hyphen:
			hyphen = true
		default:
			return false
		}
	}
	return !hyphen
}

// ReservedID says whether s, though spelt as an id, means something else in a
// date.
func ReservedID(s string) bool {
	return s == "start" || s == "due" || len(s) > 1 && isWeek("W"+s[1:]) && (s[0] == 'w' || s[0] == 'W')
}
