package deal

import (
	"fmt"
	"time"
)

// Day is a calendar day without a time zone, counted from 1970-01-01. The zero
// value means "no day".
type Day int32

// The years that a deal may speak of. A typing slip such as 2206 is an error,
// and no sum of dates can leave the range of Day.
const (
	firstYear = 1990
	lastYear  = 2199
)

// DayOf is the day of a year, month and day of the month, or 0 where there is
// none such (31 November) or the year lies outside 1990 to 2199.
func DayOf(year int, month time.Month, day int) Day {
	t := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	if t.Year() != year || t.Month() != month || t.Day() != day || year < firstYear || year > lastYear {
		return 0
	}
	return dayOf(t)
}

// DayIn is the day on which the moment t falls in a time zone.
func DayIn(t time.Time, zone *time.Location) Day {
	y, m, d := t.In(zone).Date()
	return dayOf(time.Date(y, m, d, 0, 0, 0, 0, time.UTC))
}

func dayOf(midnight time.Time) Day { return Day(midnight.Unix() / (24 * 60 * 60)) }

// Time is the day's midnight in UTC.
func (d Day) Time() time.Time { return time.Unix(int64(d)*24*60*60, 0).UTC() }

// Date is the day's year, month and day of the month.
func (d Day) Date() (int, time.Month, int) { return d.Time().Date() }

func (d Day) Weekday() time.Weekday { return time.Weekday((int(d)%7 + 4 + 7) % 7) }

// Monday of the day's week; weeks run from Monday to Sunday.
func (d Day) Monday() Day { return d - Day((d.Weekday()+6)%7) }

// String is the day as YYYY-MM-DD, or "" for none.
func (d Day) String() string {
	if d == 0 {
		return ""
	}
	y, m, day := d.Date()
	two := func(n int) (byte, byte) { return byte('0' + n/10), byte('0' + n%10) }
	var b [10]byte
	b[0], b[1] = two(y / 100)
	b[2], b[3] = two(y % 100)
	b[5], b[6] = two(int(m))
	b[8], b[9] = two(day)
	b[4], b[7] = '-', '-'
	return string(b[:])
}

// addMonths keeps the day of the month, or takes the month's last.
func (d Day) addMonths(n int) Day {
	y, m, day := d.Date()
	first := time.Date(y, m+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return dayOf(first) + Day(min(day, last)-1)
}

// addWorkdays counts n days on (or back, for a negative n), leaving out
// Saturdays, Sundays and holidays; d itself does not count.
func (d Day) addWorkdays(n int, holidays map[Day]bool) Day {
	step := Day(1)
	if n < 0 {
		step, n = -1, -n
	}
	for n > 0 {
		d += step
		if w := d.Weekday(); w != time.Saturday && w != time.Sunday && !holidays[d] {
			n--
		}
	}
	return d
}

// Clock is a time of day in minutes since midnight, plus one; 0 means none.
type Clock uint16

// ClockAt is the time of day hour:minute.
func ClockAt(hour, minute int) Clock { return Clock(hour*60 + minute + 1) }

// Hour and minute of the clock; only for one that is not 0.
func (c Clock) Hour() (hour, minute int) { return int(c-1) / 60, int(c-1) % 60 }

func (c Clock) String() string {
	if c == 0 {
		return ""
	}
	h, m := c.Hour()
	return fmt.Sprintf("%02d:%02d", h, m)
}
