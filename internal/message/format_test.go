package message

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
)

// nb is a no-break space.
const nb = "\u00a0"

// locales that the exact strings below are given for, in this order.
var locales = []string{"en-GB", "en-US", "de-DE", "de-CH", "de-AT"}

func on(t *testing.T, iso string) time.Time {
	t.Helper()
	at, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func amount(t *testing.T, s string) decimal.Decimal {
	t.Helper()
	d, err := decimal.NewFromString(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// inAll is what each of the locales makes of something.
func inAll(write func(l *Locale) string) []string {
	var c Catalog
	var all []string
	for _, tag := range locales {
		all = append(all, write(c.Locale(tag)))
	}
	return all
}

func TestDates(t *testing.T) {
	day := func(l *Locale, at time.Time) string { return l.Day(at) }
	long := func(l *Locale, at time.Time) string { return l.DayLong(at) }
	short := func(l *Locale, at time.Time) string { return l.DayShort(at) }
	weekday := func(l *Locale, at time.Time) string { return l.Weekday(at) }
	tests := []struct {
		name, date string
		write      func(*Locale, time.Time) string
		want       []string
	}{
		{"a day", "2026-11-20", day, []string{"20 Nov 2026", "Nov 20, 2026", "20. Nov. 2026", "20. Nov. 2026", "20. Nov. 2026"}},
		{"a day of one digit", "2027-03-01", day, []string{"1 Mar 2027", "Mar 1, 2027", "1. März 2027", "1. März 2027", "1. März 2027"}},
		{"January", "2027-01-08", day, []string{"8 Jan 2027", "Jan 8, 2027", "8. Jan. 2027", "8. Jan. 2027", "8. Jän. 2027"}},
		{"September", "2027-09-30", day, []string{"30 Sep 2027", "Sep 30, 2027", "30. Sept. 2027", "30. Sept. 2027", "30. Sept. 2027"}},
		{"December, long", "2026-12-24", long, []string{"24 December 2026", "December 24, 2026", "24. Dezember 2026", "24. Dezember 2026", "24. Dezember 2026"}},
		{"January, long", "2027-01-08", long, []string{"8 January 2027", "January 8, 2027", "8. Januar 2027", "8. Januar 2027", "8. Jänner 2027"}},
		{"short", "2026-11-20", short, []string{"20 Nov", "Nov 20", "20. Nov.", "20. Nov.", "20. Nov."}},
		{"with its weekday", "2026-11-20", weekday, []string{"Friday, 20 Nov 2026", "Friday, Nov 20, 2026", "Freitag, 20. Nov. 2026", "Freitag, 20. Nov. 2026", "Freitag, 20. Nov. 2026"}},
		{"a Sunday", "2026-11-22", weekday, []string{"Sunday, 22 Nov 2026", "Sunday, Nov 22, 2026", "Sonntag, 22. Nov. 2026", "Sonntag, 22. Nov. 2026", "Sonntag, 22. Nov. 2026"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			at := on(t, tt.date)
			if diff := cmp.Diff(tt.want, inAll(func(l *Locale) string { return tt.write(l, at) })); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRanges(t *testing.T) {
	tests := []struct {
		name, from, to string
		want           []string
	}{
		{"one day", "2026-11-20", "2026-11-20", []string{"20 Nov 2026", "Nov 20, 2026", "20. Nov. 2026", "20. Nov. 2026", "20. Nov. 2026"}},
		{"in a month", "2026-11-16", "2026-11-20", []string{"16 – 20 Nov 2026", "Nov 16 – Nov 20, 2026", "16. – 20. Nov. 2026", "16. – 20. Nov. 2026", "16. – 20. Nov. 2026"}},
		{"in a year", "2026-11-28", "2026-12-04", []string{"28 Nov – 4 Dec 2026", "Nov 28 – Dec 4, 2026", "28. Nov. – 4. Dez. 2026", "28. Nov. – 4. Dez. 2026", "28. Nov. – 4. Dez. 2026"}},
		{"over two years", "2026-12-18", "2027-01-08", []string{"18 Dec 2026 – 8 Jan 2027", "Dec 18, 2026 – Jan 8, 2027", "18. Dez. 2026 – 8. Jan. 2027", "18. Dez. 2026 – 8. Jan. 2027", "18. Dez. 2026 – 8. Jän. 2027"}},
		{"a month of two years", "2026-12-18", "2027-12-18", []string{"18 Dec 2026 – 18 Dec 2027", "Dec 18, 2026 – Dec 18, 2027", "18. Dez. 2026 – 18. Dez. 2027", "18. Dez. 2026 – 18. Dez. 2027", "18. Dez. 2026 – 18. Dez. 2027"}},
		{"a day of two months", "2026-11-04", "2026-12-04", []string{"4 Nov – 4 Dec 2026", "Nov 4 – Dec 4, 2026", "4. Nov. – 4. Dez. 2026", "4. Nov. – 4. Dez. 2026", "4. Nov. – 4. Dez. 2026"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			from, to := on(t, tt.from), on(t, tt.to)
			if diff := cmp.Diff(tt.want, inAll(func(l *Locale) string { return l.Range(from, to) })); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Days are kept once they are written: every one of them must stay itself.
func TestEveryDayIsWrittenTheSameTwice(t *testing.T) {
	l := (&Catalog{}).Locale("en-GB")
	first := map[string]string{}
	for range 2 {
		for at := on(t, "2023-12-01"); at.Year() < 2033; at = at.AddDate(0, 0, 1) {
			got, iso := l.Day(at), at.Format(time.DateOnly)
			if want := at.Format("2 Jan 2006"); got != want {
				t.Fatalf("%s is written %q", iso, got)
			}
			if before, again := first[iso]; again && before != got {
				t.Fatalf("%s is written %q, then %q", iso, before, got)
			}
			first[iso] = got
		}
	}
}

func TestTimes(t *testing.T) {
	tests := []struct {
		hour, minute int
		want         []string
	}{
		{15, 0, []string{"15:00", "3:00 PM", "15:00", "15:00", "15:00"}},
		{9, 5, []string{"09:05", "9:05 AM", "09:05", "09:05", "09:05"}},
		{0, 0, []string{"00:00", "12:00 AM", "00:00", "00:00", "00:00"}},
		{12, 30, []string{"12:30", "12:30 PM", "12:30", "12:30", "12:30"}},
		{23, 59, []string{"23:59", "11:59 PM", "23:59", "23:59", "23:59"}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, inAll(func(l *Locale) string { return l.Time(tt.hour, tt.minute) })); diff != "" {
			t.Errorf("%d:%d (-want +got):\n%s", tt.hour, tt.minute, diff)
		}
	}
}

func TestNumbers(t *testing.T) {
	tests := []struct {
		number string
		places int32
		want   []string
	}{
		{"0", 0, []string{"0", "0", "0", "0", "0"}},
		{"7", 0, []string{"7", "7", "7", "7", "7"}},
		{"999", 0, []string{"999", "999", "999", "999", "999"}},
		{"1250", 0, []string{"1,250", "1,250", "1.250", "1’250", "1" + nb + "250"}},
		{"12500", 0, []string{"12,500", "12,500", "12.500", "12’500", "12" + nb + "500"}},
		{"1234567", 0, []string{"1,234,567", "1,234,567", "1.234.567", "1’234’567", "1" + nb + "234" + nb + "567"}},
		{"1250.5", 0, []string{"1,250.5", "1,250.5", "1.250,5", "1’250.5", "1" + nb + "250,5"}},
		{"1250.5", 2, []string{"1,250.50", "1,250.50", "1.250,50", "1’250.50", "1" + nb + "250,50"}},
		{"1250", 2, []string{"1,250.00", "1,250.00", "1.250,00", "1’250.00", "1" + nb + "250,00"}},
		{"0.12345", 2, []string{"0.12345", "0.12345", "0,12345", "0.12345", "0,12345"}},
		{"12.500", 2, []string{"12.50", "12.50", "12,50", "12.50", "12,50"}},
		{"12.000", 0, []string{"12", "12", "12", "12", "12"}},
		{"1e3", 2, []string{"1,000.00", "1,000.00", "1.000,00", "1’000.00", "1" + nb + "000,00"}},
		{"-3", 0, []string{"−3", "−3", "−3", "−3", "−3"}},
		{"-1250.5", 1, []string{"−1,250.5", "−1,250.5", "−1.250,5", "−1’250.5", "−1" + nb + "250,5"}},
		{"-0.5", 2, []string{"−0.50", "−0.50", "−0,50", "−0.50", "−0,50"}},
		{"-0", 0, []string{"0", "0", "0", "0", "0"}},
	}
	for _, tt := range tests {
		n := amount(t, tt.number)
		if diff := cmp.Diff(tt.want, inAll(func(l *Locale) string { return l.Number(n, tt.places) })); diff != "" {
			t.Errorf("%s with %d decimals (-want +got):\n%s", tt.number, tt.places, diff)
		}
	}
}

func TestCounts(t *testing.T) {
	want := []string{"12,000", "12,000", "12.000", "12’000", "12" + nb + "000"}
	if diff := cmp.Diff(want, inAll(func(l *Locale) string { return l.Count(12000) })); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := (&Catalog{}).Locale("en").Count(-5); got != "−5" {
		t.Errorf("minus five is %q", got)
	}
}

func TestPercents(t *testing.T) {
	tests := []struct {
		number string
		want   []string
	}{
		{"20", []string{"20%", "20%", "20" + nb + "%", "20%", "20" + nb + "%"}},
		{"-12.5", []string{"−12.5%", "−12.5%", "−12,5" + nb + "%", "−12.5%", "−12,5" + nb + "%"}},
		{"1250", []string{"1,250%", "1,250%", "1.250" + nb + "%", "1’250%", "1" + nb + "250" + nb + "%"}},
	}
	for _, tt := range tests {
		n := amount(t, tt.number)
		if diff := cmp.Diff(tt.want, inAll(func(l *Locale) string { return l.Percent(n) })); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.number, diff)
		}
	}
}

func TestMoney(t *testing.T) {
	tests := []struct {
		name, amount, code string
		whole              bool
		want               []string
	}{
		{"euros", "1250.5", "EUR", false, []string{"€1,250.50", "€1,250.50", "1.250,50" + nb + "€", "€" + nb + "1’250.50", "€" + nb + "1" + nb + "250,50"}},
		{"whole euros", "1250", "EUR", true, []string{"€1,250", "€1,250", "1.250" + nb + "€", "€" + nb + "1’250", "€" + nb + "1" + nb + "250"}},
		{"euros and no cents beside others", "1250", "EUR", false, []string{"€1,250.00", "€1,250.00", "1.250,00" + nb + "€", "€" + nb + "1’250.00", "€" + nb + "1" + nb + "250,00"}},
		{"pounds", "99", "GBP", false, []string{"£99.00", "£99.00", "99,00" + nb + "£", "£" + nb + "99.00", "£" + nb + "99,00"}},
		{"dollars", "12", "USD", true, []string{"$12", "$12", "12" + nb + "$", "$" + nb + "12", "$" + nb + "12"}},
		{"yen have no decimals", "125000", "JPY", false, []string{"¥125,000", "¥125,000", "125.000" + nb + "¥", "¥" + nb + "125’000", "¥" + nb + "125" + nb + "000"}},
		{"a currency without a symbol", "1250.5", "CHF", false, []string{"CHF" + nb + "1,250.50", "CHF" + nb + "1,250.50", "1.250,50" + nb + "CHF", "CHF" + nb + "1’250.50", "1" + nb + "250,50" + nb + "CHF"}},
		{"three decimals", "1.5", "KWD", false, []string{"KWD" + nb + "1.500", "KWD" + nb + "1.500", "1,500" + nb + "KWD", "KWD" + nb + "1.500", "1,500" + nb + "KWD"}},
		{"a credit", "-250", "EUR", true, []string{"−€250", "−€250", "−250" + nb + "€", "−€" + nb + "250", "−€" + nb + "250"}},
		{"a price finer than the currency", "0.025", "EUR", false, []string{"€0.025", "€0.025", "0,025" + nb + "€", "€" + nb + "0.025", "€" + nb + "0,025"}},
		{"a price with zeros behind", "12.500", "EUR", false, []string{"€12.50", "€12.50", "12,50" + nb + "€", "€" + nb + "12.50", "€" + nb + "12,50"}},
		{"nothing", "0", "EUR", true, []string{"€0", "€0", "0" + nb + "€", "€" + nb + "0", "€" + nb + "0"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n := amount(t, tt.amount)
			if diff := cmp.Diff(tt.want, inAll(func(l *Locale) string { return l.Money(n, tt.code, tt.whole) })); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecimals(t *testing.T) {
	for code, want := range map[string]int32{"EUR": 2, "GBP": 2, "USD": 2, "CHF": 2, "JPY": 0, "KRW": 0, "KWD": 3, "XYZ": 2, "": 2} {
		if got := Decimals(code); got != want {
			t.Errorf("%q has %d decimals, want %d", code, got, want)
		}
	}
}
