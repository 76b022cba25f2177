package deal

import (
	"testing"
	"time"
)

func TestDayOf(t *testing.T) {
	tests := []struct {
		year  int
		month time.Month
		day   int
		want  string
	}{
		{2026, time.November, 20, "2026-11-20"},
		{2028, time.February, 29, "2028-02-29"},
		{2000, time.February, 29, "2000-02-29"},
		{1990, time.January, 1, "1990-01-01"},
		{2199, time.December, 31, "2199-12-31"},
		{1989, time.December, 31, ""},
		{2200, time.January, 1, ""},
		{2026, time.November, 31, ""},
		{2026, time.February, 29, ""},
		{2100, time.February, 29, ""},
		{2026, time.November, 0, ""},
		{2026, 0, 1, ""},
		{2026, 13, 1, ""},
		{0, 0, 0, ""},
	}
	for _, tt := range tests {
		if got := DayOf(tt.year, tt.month, tt.day).String(); got != tt.want {
			t.Errorf("%d-%d-%d is %q, want %q", tt.year, tt.month, tt.day, got, tt.want)
		}
	}
}

// Every day of the range prints as time does, and reads back as itself.
func TestEveryDay(t *testing.T) {
	first, last := DayOf(firstYear, 1, 1), DayOf(lastYear, 12, 31)
	if n := last - first + 1; n != 76701 {
		t.Fatalf("there are %d days", n)
	}
	at := time.Date(firstYear, 1, 1, 0, 0, 0, 0, time.UTC)
	for d := first; d <= last; d, at = d+1, at.AddDate(0, 0, 1) {
		y, m, n := d.Date()
		switch {
		case d.String() != at.Format(time.DateOnly):
			t.Fatalf("%s prints as %s", at.Format(time.DateOnly), d)
		case !d.Time().Equal(at):
			t.Fatalf("%s is the moment %s", d, d.Time())
		case d.Weekday() != at.Weekday():
			t.Fatalf("%s is a %s", d, d.Weekday())
		case DayOf(y, m, n) != d:
			t.Fatalf("%s is read back as %s", d, DayOf(y, m, n))
		case d.Monday().Weekday() != time.Monday || d.Monday() > d || d-d.Monday() > 6:
			t.Fatalf("%s has the Monday %s", d, d.Monday())
		}
	}
}

// A week's day is known for days outside of the range as well, which a sum may
// pass through.
func TestWeekdayBeforeTheRange(t *testing.T) {
	at := time.Date(1890, 1, 1, 0, 0, 0, 0, time.UTC)
	for range 40000 {
		if d := dayOf(at); d.Weekday() != at.Weekday() {
			t.Fatalf("%s is a %s", at.Format(time.DateOnly), d.Weekday())
		}
		at = at.AddDate(0, 0, 1)
	}
}

func TestDayIn(t *testing.T) {
	at := time.Date(2026, 11, 20, 23, 30, 0, 0, time.UTC)
	tests := []struct {
		zone *time.Location
		want string
	}{
		{time.UTC, "2026-11-20"},
		{time.FixedZone("east", 2*60*60), "2026-11-21"},
		{time.FixedZone("west", -24*60*60+1), "2026-11-19"},
	}
	for _, tt := range tests {
		if got := DayIn(at, tt.zone).String(); got != tt.want {
			t.Errorf("in %s it is %s, want %s", tt.zone, got, tt.want)
		}
	}
}

func TestNoDay(t *testing.T) {
	if got := Day(0).String(); got != "" {
		t.Errorf("no day prints as %q", got)
	}
}

func TestAddMonths(t *testing.T) {
	tests := []struct {
		from string
		n    int
		want string
	}{
		{"2026-11-20", 1, "2026-12-20"},
		{"2026-11-20", 2, "2027-01-20"},
		{"2026-11-20", -11, "2025-12-20"},
		{"2026-11-20", 12, "2027-11-20"},
		{"2026-01-31", 1, "2026-02-28"},
		{"2028-01-31", 1, "2028-02-29"},
		{"2026-12-31", -1, "2026-11-30"},
		{"2026-10-31", 4, "2027-02-28"},
		{"2028-02-29", 12, "2029-02-28"},
		{"2028-02-29", -48, "2024-02-29"},
		{"2026-02-28", 1, "2026-03-28"},
	}
	for _, tt := range tests {
		if got := day(t, tt.from).addMonths(tt.n).String(); got != tt.want {
			t.Errorf("%s and %d months is %s, want %s", tt.from, tt.n, got, tt.want)
		}
	}
}

func TestAddWorkdays(t *testing.T) {
	// 2026-11-20 is a Friday.
	holidays := func(days ...string) map[Day]bool {
		m := map[Day]bool{}
		for _, d := range days {
			m[day(t, d)] = true
		}
		return m
	}
	tests := []struct {
		name     string
		from     string
		n        int
		holidays map[Day]bool
		want     string
	}{
		{"within a week", "2026-11-16", 4, nil, "2026-11-20"},
		{"over a weekend", "2026-11-20", 1, nil, "2026-11-23"},
		{"back over a weekend", "2026-11-23", -1, nil, "2026-11-20"},
		{"from a Saturday", "2026-11-21", 1, nil, "2026-11-23"},
		{"back from a Sunday", "2026-11-22", -1, nil, "2026-11-20"},
		{"two weeks", "2026-11-20", 10, nil, "2026-12-04"},
		{"two weeks back", "2026-11-20", -10, nil, "2026-11-06"},
		{"over a holiday", "2026-11-16", 1, holidays("2026-11-17"), "2026-11-18"},
		{"back over a holiday", "2026-11-18", -1, holidays("2026-11-17"), "2026-11-16"},
		{"over a holiday beside a weekend", "2026-11-20", 1, holidays("2026-11-23"), "2026-11-24"},
		{"back over a holiday beside a weekend", "2026-11-24", -1, holidays("2026-11-23"), "2026-11-20"},
		{"a holiday on a Saturday changes nothing", "2026-11-20", 1, holidays("2026-11-21"), "2026-11-23"},
		{"from a holiday, which does not count", "2026-11-17", 1, holidays("2026-11-17"), "2026-11-18"},
		{"over Christmas and New Year", "2026-12-23", 5, holidays("2026-12-24", "2026-12-25", "2026-12-31", "2027-01-01"), "2027-01-05"},
		{"back over Christmas and New Year", "2027-01-05", -5, holidays("2026-12-24", "2026-12-25", "2026-12-31", "2027-01-01"), "2026-12-23"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := day(t, tt.from).addWorkdays(tt.n, tt.holidays).String(); got != tt.want {
				t.Errorf("%s and %d working days is %s, want %s", tt.from, tt.n, got, tt.want)
			}
		})
	}
}

func TestClock(t *testing.T) {
	tests := []struct {
		clock        Clock
		hour, minute int
		text         string
	}{
		{ClockAt(0, 0), 0, 0, "00:00"},
		{ClockAt(9, 5), 9, 5, "09:05"},
		{ClockAt(15, 0), 15, 0, "15:00"},
		{ClockAt(23, 59), 23, 59, "23:59"},
	}
	for _, tt := range tests {
		if h, m := tt.clock.Hour(); h != tt.hour || m != tt.minute || tt.clock.String() != tt.text || tt.clock == 0 {
			t.Errorf("%s is %d:%d, prints as %q", tt.text, h, m, tt.clock)
		}
	}
	if got := Clock(0).String(); got != "" {
		t.Errorf("no time prints as %q", got)
	}
}

func TestSpanAfter(t *testing.T) {
	tests := []struct {
		span Span
		from string
		want string
	}{
		{Span{90, "d"}, "2026-11-20", "2027-02-18"},
		{Span{2, "w"}, "2026-11-20", "2026-12-04"},
		{Span{3, "m"}, "2026-11-30", "2027-02-28"},
		{Span{0, "d"}, "2026-11-20", ""},
		{Span{}, "2026-11-20", ""},
	}
	for _, tt := range tests {
		if got := tt.span.After(day(t, tt.from)).String(); got != tt.want {
			t.Errorf("%d%s after %s is %q, want %q", tt.span.N, tt.span.Unit, tt.from, got, tt.want)
		}
	}
	if got := (Span{90, "d"}).After(0); got != 0 {
		t.Errorf("90 days after no day is %s", got)
	}
}
