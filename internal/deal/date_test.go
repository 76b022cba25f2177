package deal

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// day is a day that must exist: "2026-11-20".
func day(t testing.TB, iso string) Day {
	t.Helper()
	d, err := ParseDate(iso)
	if err != nil || d.Day == 0 {
		t.Fatalf("%q is no day: %v", iso, err)
	}
	return d.Day
}

// when is a date that must be readable.
func when(t testing.TB, text string) Date {
	t.Helper()
	d, err := ParseDate(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return d
}

func TestParseDate(t *testing.T) {
	named := func(name string, sums ...sum) Date {
		return Date{set: true, anchor: anchorName, name: name, sums: sums}
	}
	week := func(n int, sums ...sum) Date { return Date{set: true, anchor: anchorWeek, week: n, sums: sums} }
	on := func(n int, d time.Weekday, sums ...sum) Date {
		return Date{set: true, anchor: anchorWeek, week: n, weekday: d, hasDay: true, sums: sums}
	}
	from := func(a anchor, sums ...sum) Date { return Date{set: true, anchor: a, sums: sums} }
	tests := []struct {
		text string
		want Date
	}{
		{"2026-11-20", Date{Day: 20777, set: true, anchor: anchorDay}},
		{"1990-01-01", Date{Day: 7305, set: true, anchor: anchorDay}},
		{"2199-12-31", Date{Day: 84005, set: true, anchor: anchorDay}},
		{"2028-02-29", Date{Day: 21243, set: true, anchor: anchorDay}},
		{"start", from(anchorStart)},
		{"go_live", from(anchorGoLive)},
		{"due", from(anchorDue)},
		{"pilot", named("pilot")},
		{"security-review", named("security-review")},
		{"90-days", named("90-days")},
		{"1-phase-2", named("1-phase-2")},
		{"go-live", named("go-live")},
		{"w", named("w")},
		{"web", named("web")},
		{"W1", week(1)},
		{"W5", week(5)},
		{"W999", week(999)},
		{"W5 Mon", on(5, time.Monday)},
		{"W5 Tue", on(5, time.Tuesday)},
		{"W5 Wed", on(5, time.Wednesday)},
		{"W5 Thu", on(5, time.Thursday)},
		{"W5 Fri", on(5, time.Friday)},
		{"W5 Sat", on(5, time.Saturday)},
		{"W5 Sun", on(5, time.Sunday)},
		{"go_live + 1d", from(anchorGoLive, sum{1, "d"})},
		{"go_live - 1d", from(anchorGoLive, sum{-1, "d"})},
		{"start + 10bd", from(anchorStart, sum{10, "bd"})},
		{"start + 6w", from(anchorStart, sum{6, "w"})},
		{"start + 2m", from(anchorStart, sum{2, "m"})},
		{"due - 999bd", from(anchorDue, sum{-999, "bd"})},
		{"pilot + 1w - 2bd + 3m - 4d", named("pilot", sum{1, "w"}, sum{-2, "bd"}, sum{3, "m"}, sum{-4, "d"})},
		{"W5 + 1d", week(5, sum{1, "d"})},
		{"W5 - 1d", week(5, sum{-1, "d"})},
		{"W5 Thu + 1w - 1d", on(5, time.Thursday, sum{1, "w"}, sum{-1, "d"})},
		{"90-days - 3d", named("90-days", sum{-3, "d"})},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			got, err := ParseDate(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(Date{}, sum{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Every mistake is told with its place within the text and with what to do.
func TestParseDateTellsWhatIsWrong(t *testing.T) {
	tests := []struct {
		text, part string // part is what the error marks; "" for none of it
		says, hint string // parts of both
	}{
		{"", "", "is no date", "2027-03-01"},
		{" ", " ", "is no date", "2027-03-01"},
		{"5/11/2026", "5/11/2026", "two ways", "year first"},
		{"05.11.2026", "05.11.2026", "two ways", "year first"},
		{"5-11-26", "5-11-26", "two ways", "year first"},
		{"5 November 2026", "5 November 2026", "two ways", "year first"},
		{"5. März 2026", "5. März 2026", "two ways", "year first"},
		{"1er août 2026", "1er août 2026", "two ways", "year first"},
		{"5th Nov 2026", "5th Nov 2026", "two ways", "year first"},
		{"3 août 2026", "3 août 2026", "two ways", "year first"},
		{"5-nov-2026", "5-nov-2026", "two ways", "year first"},
		{"2026/11/5", "2026/11/5", "is no date", "write 2026-11-05"},
		{"2026.11.05", "2026.11.05", "is no date", "write 2026-11-05"},
		{"2026-1-5", "2026-1-5", "is no date", "write 2026-01-05"},
		{"2026-11-31", "2026-11-31", "there is no day", "November 2026 has 30 days"},
		{"2026-02-29", "2026-02-29", "there is no day", "February 2026 has 28 days"},
		{"2026-12-32", "2026-12-32", "there is no day", "December 2026 has 31 days"},
		{"2026-13-01", "2026-13-01", "there is no day", "the month is 01 to 12"},
		{"2026-00-01", "2026-00-01", "there is no day", "the month is 01 to 12"},
		{"2026-11-00", "2026-11-00", "there is no day", "November 2026 has 30 days"},
		{"2206-11-20", "2206-11-20", "there is no day", "years run from 1990 to 2199"},
		{"1989-12-31", "1989-12-31", "there is no day", "years run from 1990 to 2199"},
		{"0000-00-00", "0000-00-00", "there is no day", "the month is 01 to 12"},
		{"next week", "week", "expected + or -", "one space on each side"},
		{"+", "+", "is no date", "2027-03-01"},
		{"-", "-", "is no date", "2027-03-01"},
		{"+-+", "+-+", "is no date", "2027-03-01"},
		{"tomorrow!", "tomorrow!", "is no date", "2027-03-01"},
		{"Pilot", "Pilot", "is no date", "2027-03-01"},
		{"pilot_phase", "pilot_phase", "is no date", "2027-03-01"},
		{"go_live-6w", "go_live-6w", "is no date", `put spaces around the sign: "go_live - 6w"`},
		{"pilot+10bd", "pilot+10bd", "is no date", `put spaces around the sign: "pilot + 10bd"`},
		{"w5", "w5", "is no date", `"W5"`},
		{"w12 Thu", "w12", "is no date", `"W12"`},
		{"W0", "W0", "out of range", "W1"},
		{"W1000", "W1000", "out of range", "W999"},
		{"W99999999999999999999", "W99999999999999999999", "out of range", "W999"},
		{"W5 thu", "thu", "is no weekday", `write "Thu"`},
		{"W5 Thursday", "Thursday", "is no weekday", `write "Thu"`},
		{"W5 Th", "Th", "is no weekday", "Mon, Tue, Wed"},
		{"W5 Do", "Do", "is no weekday", "Mon, Tue, Wed"},
		{"W5 ", "", "is no weekday", "Mon, Tue, Wed"},
		{"W5  Thu", "", "is no weekday", "Mon, Tue, Wed"},
		{"W5 Thu Fri", "Fri", "expected + or -", "one space on each side"},
		{"start 6w", "6w", "expected + or -", "one space on each side"},
		{"start +6w", "+6w", "expected + or -", `put a space after the sign: "+ 6w"`},
		{"start -6w", "-6w", "expected + or -", `put a space after the sign: "- 6w"`},
		{"start +", "+", "nothing stands after", `"- 6w"`},
		{"start + ", "+", "nothing stands after", `"- 6w"`},
		{"start +  6w", "+", "nothing stands after", `"- 6w"`},
		{"start  + 6w", "", "expected + or -", "one space on each side"},
		{"start ", "", "expected + or -", "one space on each side"},
		{"start − 6w", "−", "expected + or -", "one space on each side"},
		{"start + w", "w", "no length of time", "10d, 5bd, 6w or 2m"},
		{"start + 6W", "6W", "no length of time", "10d, 5bd, 6w or 2m"},
		{"start + 1.5w", "1.5w", "no length of time", "10d, 5bd, 6w or 2m"},
		{"start + -6w", "-6w", "no length of time", "10d, 5bd, 6w or 2m"},
		{"start + 6", "6", "has no unit", "6d for days, 6bd for working days, 6w for weeks, 6m for months"},
		{"start + 6y", "6y", `"y" is no unit`, "d (days)"},
		{"start + 6days", "6days", `"days" is no unit`, "d (days)"},
		{"start + 0d", "0d", "0 is out of range", "1 to 999"},
		{"start + 1000d", "1000d", "1000 is out of range", "1 to 999"},
		{"start + 99999999999999999999d", "99999999999999999999d", "out of range", "1 to 999"},
		{"pilot + 1w + 2x", "2x", `"x" is no unit`, "d (days)"},
		{"pilot + 1w 2d", "2d", "expected + or -", "one space on each side"},
		{"pilot\t+ 1w", "pilot\t+ 1w", "is no date", "2027-03-01"},
		{"W5 Thu + 3q", "3q", `"q" is no unit`, "d (days)"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			got, err := ParseDate(tt.text)
			var e *DateError
			if !errors.As(err, &e) {
				t.Fatalf("it was read as %+v, error %v", got, err)
			}
			if e.Offset < 0 || e.Length < 0 || e.Offset+e.Length > len(tt.text) {
				t.Fatalf("the error lies at %d, %d bytes long, in a text of %d", e.Offset, e.Length, len(tt.text))
			}
			if part := tt.text[e.Offset : e.Offset+e.Length]; part != tt.part {
				t.Errorf("it marks %q, want %q", part, tt.part)
			}
			if tt.part != "" && e.Offset != strings.LastIndex(tt.text, tt.part) {
				t.Errorf("it marks offset %d, want %d", e.Offset, strings.LastIndex(tt.text, tt.part))
			}
			if !strings.Contains(e.Text, tt.says) {
				t.Errorf("it says %q, want %q in it", e.Text, tt.says)
			}
			if !strings.Contains(e.Hint, tt.hint) {
				t.Errorf("it hints %q, want %q in it", e.Hint, tt.hint)
			}
			if e.Error() != e.Text {
				t.Errorf("Error is %q, want the text", e.Error())
			}
			if !got.IsSet() || got.Day != 0 || got.Relative() || got.Anchor() != "" {
				t.Errorf("the date is %+v, want a broken one", got)
			}
		})
	}
}

func TestDateAnchor(t *testing.T) {
	tests := []struct {
		name          string
		date          Date
		set, relative bool
		anchor        string
	}{
		{"not written", Date{}, false, false, ""},
		{"a day", On(20777), true, false, ""},
		{"unreadable", BrokenDate(), true, false, ""},
		{"a milestone", when(t, "pilot + 2w"), true, true, "pilot"},
		{"start", when(t, "start"), true, true, ""},
		{"a week", when(t, "W5"), true, true, ""},
		{"go_live", when(t, "go_live"), true, true, ""},
		{"due", when(t, "due"), true, true, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.date.IsSet() != tt.set || tt.date.Relative() != tt.relative || tt.date.Anchor() != tt.anchor {
				t.Errorf("IsSet %v, Relative %v, Anchor %q; want %v, %v, %q", tt.date.IsSet(), tt.date.Relative(), tt.date.Anchor(), tt.set, tt.relative, tt.anchor)
			}
		})
	}
}

func TestValidID(t *testing.T) {
	valid := []string{"a", "0", "pilot", "security-review", "90-days", "a-b-c", "w", strings.Repeat("a", MaxID)}
	for _, s := range valid {
		if !ValidID(s) {
			t.Errorf("%q is an id", s)
		}
	}
	invalid := []string{
		"", "-", "-a", "a-", "a--b", "A", "Pilot", "a_b", "a b", "a.b", "a/b", "ä", "a\x00", "a\n", "..",
		strings.Repeat("a", MaxID+1), "１",
	}
	for _, s := range invalid {
		if ValidID(s) {
			t.Errorf("%q is no id", s)
		}
	}
}

func TestReservedID(t *testing.T) {
	for _, s := range []string{"start", "due", "w1", "w12", "w007", "W5"} {
		if !ReservedID(s) {
			t.Errorf("%q means something else in a date", s)
		}
	}
	for _, s := range []string{"", "w", "w1a", "wa1", "starts", "go-live", "web", "5", "x1"} {
		if ReservedID(s) {
			t.Errorf("%q is free", s)
		}
	}
}

// An id that may be given to a milestone is one that a date can count from.
func TestEveryFreeIDIsAnAnchor(t *testing.T) {
	for _, id := range []string{"a", "90-days", "1-phase-2", "w", "web", "2-a-3", "q1", "2027", "sep", "go-live"} {
		if !ValidID(id) || ReservedID(id) {
			t.Fatalf("%q is no free id", id)
		}
		for _, text := range []string{id, id + " + 2w"} {
			if d, err := ParseDate(text); err != nil || d.Anchor() != id {
				t.Errorf("%q counts from %q, error %v", text, d.Anchor(), err)
			}
		}
	}
}

// FuzzParseDate reads any text: no panic, errors mark a part of the text and
// hint at something, and what is read as a day prints back as it was.
func FuzzParseDate(f *testing.F) {
	for _, seed := range []string{
		"2026-11-20", "go_live - 6w", "pilot + 10bd - 1m", "W5 Thu", "W5 Thu + 1d", "due", "5/11/2026", "go_live-6w",
		"w5", "2026-02-30", "start +  1d", "90-days", "5. März 2026", "\xff", "W5 \xff", "a + 1d + 2d +", "+", "--",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDate(text)
		if !d.IsSet() {
			t.Fatal("it counts as not written")
		}
		if err != nil {
			var e *DateError
			if !errors.As(err, &e) {
				t.Fatalf("the error is a %T", err)
			}
			if e.Offset < 0 || e.Length < 0 || e.Offset+e.Length > len(text) {
				t.Errorf("the error lies at %d, %d bytes long, in a text of %d", e.Offset, e.Length, len(text))
			}
			if e.Text == "" || e.Hint == "" {
				t.Errorf("the error says %q and hints %q", e.Text, e.Hint)
			}
			if d.Relative() || d.Day != 0 {
				t.Errorf("what cannot be read gave %+v", d)
			}
			return
		}
		switch {
		case d.Relative() && d.Day != 0:
			t.Errorf("a date that counts from another is %s before it was resolved", d.Day)
		case !d.Relative() && d.Day.String() != text:
			t.Errorf("the day prints back as %q", d.Day)
		case d.Anchor() != "" && (!ValidID(d.Anchor()) || ReservedID(d.Anchor())):
			t.Errorf("it counts from %q, which no milestone may be called", d.Anchor())
		}
	})
}
