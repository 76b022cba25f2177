package deal

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
)

// line is a line of an offer: its prices by year in one text, its period, and
// how many; more changes it.
func line(t testing.TB, prices, per, quantity string, more ...func(*PriceLine)) PriceLine {
	t.Helper()
	l := PriceLine{Item: "item", Per: per, Quantity: number(t, quantity)}
	for _, p := range strings.Fields(prices) {
		l.UnitPrice = append(l.UnitPrice, number(t, p))
	}
	for _, change := range more {
		change(&l)
	}
	return l
}

func discount(t testing.TB, percent string) func(*PriceLine) {
	n := number(t, percent)
	return func(l *PriceLine) { l.Discount = n }
}

func optional(l *PriceLine) { l.Optional = true }
func internal(l *PriceLine) { l.Internal = true }

func TestPriceLineAmount(t *testing.T) {
	tests := []struct {
		name     string
		line     PriceLine
		year     int
		decimals int32
		want     string
	}{
		{"a price", line(t, "100", "once", "1"), 0, 2, "100.00"},
		{"many of it", line(t, "12.50", "month", "40"), 0, 2, "500.00"},
		{"parts of it", line(t, "1200", "year", "0.5"), 0, 2, "600.00"},
		{"none of it", line(t, "100", "once", "0"), 0, 2, "0.00"},
		{"half a cent goes up", line(t, "0.005", "once", "1"), 0, 2, "0.01"},
		{"less than half a cent goes down", line(t, "0.0049", "once", "1"), 0, 2, "0.00"},
		{"half a cent of a credit goes away from zero", line(t, "-0.005", "once", "1"), 0, 2, "-0.01"},
		{"rounded once, behind the quantity", line(t, "0.005", "once", "3"), 0, 2, "0.02"},
		{"half a yen", line(t, "100.5", "once", "1"), 0, 0, "101"},
		{"three decimals", line(t, "0.0005", "once", "1"), 0, 3, "0.001"},
		{"a discount", line(t, "100", "once", "3", discount(t, "10")), 0, 2, "270.00"},
		{"a discount that is rounded", line(t, "9.99", "once", "1", discount(t, "12.5")), 0, 2, "8.74"},
		{"a discount of a third", line(t, "100", "once", "1", discount(t, "33.333")), 0, 2, "66.67"},
		{"a discount of all of it", line(t, "100", "once", "1", discount(t, "100")), 0, 2, "0.00"},
		{"a credit with a discount", line(t, "-100", "once", "1", discount(t, "10")), 0, 2, "-90.00"},
		{"the first year's price", line(t, "100 110 120", "year", "1"), 0, 2, "100.00"},
		{"the second year's price", line(t, "100 110 120", "year", "1"), 1, 2, "110.00"},
		{"the last price holds on", line(t, "100 110 120", "year", "1"), 9, 2, "120.00"},
		{"no price", line(t, "", "year", "1"), 3, 2, "0.00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.line.Amount(tt.year, tt.decimals).StringFixed(tt.decimals); got != tt.want {
				t.Errorf("it is %s, want %s", got, tt.want)
			}
		})
	}
}

func TestPriceLineInYear(t *testing.T) {
	tests := []struct {
		name         string
		line         PriceLine
		year, months int
		want         string
	}{
		{"once, in the first year", line(t, "100", "once", "2"), 0, 12, "200.00"},
		{"once, in the second year", line(t, "100", "once", "2"), 1, 12, "0.00"},
		{"once, in a short year", line(t, "100", "once", "2"), 0, 3, "200.00"},
		{"no period is once", line(t, "100", "", "1"), 0, 12, "100.00"},
		{"a month", line(t, "100", "month", "1"), 0, 12, "1200.00"},
		{"a month, in half a year", line(t, "100", "month", "1"), 0, 6, "600.00"},
		{"a quarter", line(t, "100", "quarter", "1"), 0, 12, "400.00"},
		{"a quarter, in seven months", line(t, "100", "quarter", "1"), 0, 7, "233.33"},
		{"a quarter, in two months", line(t, "100", "quarter", "1"), 0, 2, "66.67"},
		{"a year", line(t, "100", "year", "1"), 0, 12, "100.00"},
		{"a year, in seven months", line(t, "100", "year", "1"), 0, 7, "58.33"},
		{"a year's credit, in one month", line(t, "-100", "year", "1"), 0, 1, "-8.33"},
		{"a year's credit, half a cent", line(t, "-0.18", "year", "1"), 0, 1, "-0.02"},
		{"each month is rounded by itself", line(t, "0.125", "month", "1"), 0, 12, "1.56"},
		{"each quarter is rounded by itself", line(t, "0.125", "quarter", "1"), 0, 12, "0.52"},
		{"the second year's price", line(t, "100 110", "month", "1"), 1, 12, "1320.00"},
		{"no months", line(t, "100", "month", "1"), 0, 0, "0.00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.line.InYear(tt.year, tt.months, 2).StringFixed(2); got != tt.want {
				t.Errorf("it is %s, want %s", got, tt.want)
			}
		})
	}
}

func TestTotals(t *testing.T) {
	const once, month, quarter, year = "once", "month", "quarter", "year"
	tests := []struct {
		name               string
		months             int
		lines              []PriceLine
		years              int
		first, later, term string
		vary               bool
	}{
		{"no lines", 12, nil, 1, "0.00", "0.00", "0.00", false},
		{"one year", 12, []PriceLine{line(t, "100", month, "1"), line(t, "500", once, "1")}, 1, "1700.00", "0.00", "1700.00", false},
		{"three years", 36, []PriceLine{line(t, "100", month, "1"), line(t, "500", once, "1")}, 3, "1700.00", "1200.00", "4100.00", false},
		{"every period", 24, []PriceLine{line(t, "1", once, "1"), line(t, "10", month, "1"), line(t, "100", quarter, "1"), line(t, "1000", year, "1")}, 2, "1521.00", "1520.00", "3041.00", false},
		{"half a year", 6, []PriceLine{line(t, "100", month, "1"), line(t, "1200", year, "1")}, 1, "1200.00", "0.00", "1200.00", false},
		{"a year and a half", 18, []PriceLine{line(t, "100", month, "1"), line(t, "1200", year, "1")}, 2, "2400.00", "1200.00", "3600.00", false},
		{"two years and a half: the last year differs", 30, []PriceLine{line(t, "100", month, "1")}, 3, "1200.00", "1200.00", "3000.00", true},
		{"thirteen months", 13, []PriceLine{line(t, "1200", year, "1")}, 2, "1200.00", "100.00", "1300.00", false},
		{"one month", 1, []PriceLine{line(t, "1200", year, "1"), line(t, "300", quarter, "1")}, 1, "200.00", "0.00", "200.00", false},
		{"prices step by year", 36, []PriceLine{line(t, "100 110 120", month, "1")}, 3, "1200.00", "1320.00", "3960.00", true},
		{"prices step once and hold on", 36, []PriceLine{line(t, "100 110", month, "1")}, 3, "1200.00", "1320.00", "3840.00", false},
		{"steps that even out", 36, []PriceLine{line(t, "100 110 120", year, "1"), line(t, "0 10 0", year, "1")}, 3, "100.00", "120.00", "340.00", false},
		{"a credit", 24, []PriceLine{line(t, "100", month, "1"), line(t, "-600", once, "1"), line(t, "-0 -120", year, "1")}, 2, "600.00", "1080.00", "1680.00", false},
		{"a discount", 24, []PriceLine{line(t, "100", month, "1", discount(t, "10"))}, 2, "1080.00", "1080.00", "2160.00", false},
		{"optional lines are outside", 24, []PriceLine{line(t, "100", month, "1"), line(t, "999", month, "1", optional)}, 2, "1200.00", "1200.00", "2400.00", false},
		{"internal lines are outside", 24, []PriceLine{line(t, "100", month, "1"), line(t, "999", month, "1", internal)}, 2, "1200.00", "1200.00", "2400.00", false},
		{"totals are sums of what the lines show", 12, []PriceLine{line(t, "0.125", month, "1"), line(t, "0.125", month, "1")}, 1, "3.12", "0.00", "3.12", false},
		{"no term is one year without any months", 0, []PriceLine{line(t, "100", month, "1"), line(t, "5", once, "1")}, 1, "5.00", "0.00", "5.00", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := Pricing{TermMonths: tt.months, Lines: tt.lines}
			got := p.Totals(2)
			want := Totals{FirstYear: number(t, tt.first).Decimal, Later: number(t, tt.later).Decimal, Term: number(t, tt.term).Decimal, Years: tt.years, LaterVary: tt.vary}
			same := cmp.Comparer(func(a, b decimal.Decimal) bool { return a.Equal(b) })
			if diff := cmp.Diff(want, got, same); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTotalsInWholeUnits(t *testing.T) {
	p := Pricing{TermMonths: 12, Lines: []PriceLine{line(t, "99.5", "month", "1")}}
	if got := p.Totals(0).Term.String(); got != "1200" {
		t.Errorf("twelve months of 100 yen are %s", got)
	}
}

func TestYears(t *testing.T) {
	for months, want := range map[int]int{0: 1, 1: 1, 11: 1, 12: 1, 13: 2, 24: 2, 25: 3, 36: 3, 240: 20} {
		if got := (&Pricing{TermMonths: months}).Years(); got != want {
			t.Errorf("%d months are %d years, want %d", months, got, want)
		}
	}
}

func TestOffers(t *testing.T) {
	tests := []struct {
		name    string
		pricing Pricing
		want    bool
	}{
		{"no lines", Pricing{}, false},
		{"a line", Pricing{Lines: []PriceLine{{}}}, true},
		{"an optional line", Pricing{Lines: []PriceLine{{Optional: true}}}, true},
		{"an internal line", Pricing{Lines: []PriceLine{{Internal: true}}}, false},
		{"an internal line and another", Pricing{Lines: []PriceLine{{Internal: true}, {}}}, true},
		{"internal as a whole", Pricing{Internal: true, Lines: []PriceLine{{}}}, false},
	}
	for _, tt := range tests {
		if got := tt.pricing.Offers(); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
