package message

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/text/currency"
)

// Date is a calendar day, as the model has it.
type Date interface {
	Date() (year int, month time.Month, day int)
	Weekday() time.Weekday
}

// Day is "20 Nov 2026". A site has few days and names each of them often, so
// they are kept.
func (l *Locale) Day(d Date) string {
	y, m, day := d.Date()
	key := y<<9 | int(m)<<5 | day
	if s, ok := l.days.Load(key); ok {
		return s.(string)
	}
	s := l.date(l.form.Date.Day, d)
	l.days.Store(key, s)
	return s
}

// DayLong is "20 November 2026".
func (l *Locale) DayLong(d Date) string { return l.date(l.form.Date.Long, d) }

// DayShort is "20 Nov".
func (l *Locale) DayShort(d Date) string { return l.date(l.form.Date.Short, d) }

// Weekday is "Friday, 20 Nov 2026".
func (l *Locale) Weekday(d Date) string { return l.date(l.form.Date.Weekday, d) }

func (l *Locale) date(pattern string, d Date) string {
	y, m, day := d.Date()
	var b strings.Builder
	for pattern != "" {
		before, rest, found := strings.Cut(pattern, "{")
		b.WriteString(before)
		if !found {
			break
		}
		name, after, _ := strings.Cut(rest, "}")
		switch name {
		case "d":
			if first := l.form.Date.First; day == 1 && first != "" {
				b.WriteString(first)
			} else {
				b.WriteString(strconv.Itoa(day))
			}
		case "mon":
			b.WriteString(l.form.Mon[m-1])
		case "month":
			b.WriteString(l.form.Months[m-1])
		case "y":
			b.WriteString(strconv.Itoa(y))
		case "weekday":
			b.WriteString(l.form.Weekdays[d.Weekday()])
		case "date":
			b.WriteString(l.Day(d))
		}
		pattern = after
	}
	return b.String()
}

// Range is "18 Dec 2026 – 8 Jan 2027", without the year or month twice.
func (l *Locale) Range(from, to Date) string {
	y1, m1, d1 := from.Date()
	y2, m2, d2 := to.Date()
	f := l.form.Date
	first := f.Day
	switch {
	case y1 == y2 && m1 == m2 && d1 == d2:
		return l.Day(to)
	case y1 == y2 && m1 == m2 && f.DayOnly != "":
		first = f.DayOnly
	case y1 == y2:
		first = f.Short
	}
	s := strings.Replace(f.Range, "{from}", l.date(first, from), 1)
	return strings.Replace(s, "{to}", l.Day(to), 1)
}

// RangeShort is "18 Dec – 8 Jan", for where the years are plain to see.
func (l *Locale) RangeShort(from, to Date) string {
	y1, m1, d1 := from.Date()
	y2, m2, d2 := to.Date()
	f := l.form.Date
	first := f.Short
	switch {
	case y1 == y2 && m1 == m2 && d1 == d2:
		return l.DayShort(to)
	case y1 == y2 && m1 == m2 && f.DayOnly != "":
		first = f.DayOnly
	}
	s := strings.Replace(f.Range, "{from}", l.date(first, from), 1)
	return strings.Replace(s, "{to}", l.DayShort(to), 1)
}

// MonthShort is "Nov".
func (l *Locale) MonthShort(m time.Month) string { return l.form.Mon[m-1] }

// Time is a time of day: "15:00" or "3:00 PM".
func (l *Locale) Time(hour, minute int) string {
	layout := "15:04"
	if l.form.Clock == "12" {
		layout = "3:04 PM"
	}
	return time.Date(2000, 1, 1, hour, minute, 0, 0, time.UTC).Format(layout)
}

// Number writes a decimal with the locale's signs. places is how many decimals
// it has at least.
func (l *Locale) Number(n decimal.Decimal, places int32) string {
	return l.number(n, places, l.form.Number.Decimal)
}

func (l *Locale) number(n decimal.Decimal, places int32, point string) string {
	// String leaves out zeros at the end, written ones as well: "12.500".
	whole, fraction, _ := strings.Cut(n.Abs().String(), ".")
	fraction += strings.Repeat("0", max(0, int(places)-len(fraction)))
	s := l.group(whole)
	if fraction != "" {
		s += point + fraction
	}
	if n.IsNegative() {
		s = l.form.Number.Minus + s
	}
	return s
}

// Count writes a whole number.
func (l *Locale) Count(n int) string { return l.Number(decimal.NewFromInt(int64(n)), 0) }

func (l *Locale) group(digits string) string {
	f := l.form.Number
	if len(digits) < max(f.MinGroup, 4) {
		return digits
	}
	head := len(digits) % 3
	var b strings.Builder
	b.WriteString(digits[:head])
	for i := head; i < len(digits); i += 3 {
		if b.Len() > 0 {
			b.WriteString(f.Group)
		}
		b.WriteString(digits[i : i+3])
	}
	return b.String()
}

// Percent writes "20 %" as the locale does.
func (l *Locale) Percent(n decimal.Decimal) string {
	return strings.Replace(l.form.Number.Percent, "{n}", l.Number(n, 0), 1)
}

// Decimals of a currency (ISO 4217): 2 for EUR, 0 for JPY.
func Decimals(code string) int32 {
	unit, err := currency.ParseISO(code)
	if err != nil {
		return 2
	}
	scale, _ := currency.Standard.Rounding(unit)
	return int32(scale)
}

// Money writes an amount. Decimals are left out where whole says that no
// amount beside it has any.
func (l *Locale) Money(n decimal.Decimal, code string, whole bool) string {
	places := Decimals(code)
	if whole {
		places = 0
	}
	pattern, symbol := l.form.Money.Pattern, l.form.Money.Symbols[code]
	if symbol == "" {
		pattern, symbol = l.form.Money.Code, code
	}
	point := cmp.Or(l.form.Money.Decimal, l.form.Number.Decimal)
	s := strings.NewReplacer("{symbol}", symbol, "{n}", l.number(n.Abs(), places, point)).Replace(pattern)
	if n.IsNegative() {
		s = l.form.Number.Minus + s
	}
	return s
}
