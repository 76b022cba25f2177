package deal

import "github.com/shopspring/decimal"

// Pricing is what it costs.
type Pricing struct {
	TermMonths   int
	PaymentTerms Prose
	ValidUntil   Date
	Note         Prose
	Audience     []string
	Lines        []PriceLine
	Internal     bool
	InternalNote string
}

// PriceLine is one line of the offer.
type PriceLine struct {
	Item string
	// UnitPrice by contract year; the last holds for all later ones. A
	// negative one is a credit.
	UnitPrice    []Number
	Quantity     Number
	Unit         string
	Per          string // once, month, quarter, year
	Discount     Number // percent
	Description  Prose
	Optional     bool // outside of the totals
	Internal     bool
	InternalNote string
}

// Totals of an offer. A Later year is one after the first; LaterVary says that
// they differ, and Later is then the second year's.
type Totals struct {
	FirstYear, Later, Term decimal.Decimal
	Years                  int
	LaterVary              bool
}

// Years of the term, a begun one counted as whole.
func (p *Pricing) Years() int { return max(1, (p.TermMonths+11)/12) }

// Price of one unit in a contract year, counted from 0.
func (l *PriceLine) Price(year int) decimal.Decimal {
	if len(l.UnitPrice) == 0 {
		return decimal.Zero
	}
	return l.UnitPrice[min(year, len(l.UnitPrice)-1)].Decimal
}

// Amount of the line for one of its periods in a contract year, rounded to the
// currency's decimals, half away from zero.
func (l *PriceLine) Amount(year int, decimals int32) decimal.Decimal {
	return l.exact(year).Round(decimals)
}

func (l *PriceLine) exact(year int) decimal.Decimal {
	amount := l.Price(year).Mul(l.Quantity.Decimal)
	if l.Discount.Set {
		hundred := decimal.NewFromInt(100)
		amount = amount.Mul(hundred.Sub(l.Discount.Decimal)).Div(hundred)
	}
	return amount
}

// InYear is what the line costs in a contract year of which months months lie
// within the term: whole periods as they are rounded on their own, begun ones
// by the month.
func (l *PriceLine) InYear(year, months int, decimals int32) decimal.Decimal {
	period := map[string]int{"month": 1, "quarter": 3, "year": 12}[l.Per]
	if period == 0 { // once
		if year > 0 {
			return decimal.Zero
		}
		return l.Amount(0, decimals)
	}
	whole := l.Amount(year, decimals).Mul(decimal.NewFromInt(int64(months / period)))
	if rest := months % period; rest > 0 {
		share := l.exact(year).Mul(decimal.NewFromInt(int64(rest))).Div(decimal.NewFromInt(int64(period)))
		whole = whole.Add(share.Round(decimals))
	}
	return whole
}

// Totals of the lines that a buyer sees and that are not optional.
func (p *Pricing) Totals(decimals int32) Totals {
	t := Totals{Years: p.Years()}
	for year := range t.Years {
		months := min(12, p.TermMonths-12*year)
		sum := decimal.Zero
		for i := range p.Lines {
			if l := &p.Lines[i]; !l.Optional && !l.Internal {
				sum = sum.Add(l.InYear(year, months, decimals))
			}
		}
		switch year {
		case 0:
			t.FirstYear = sum
		case 1:
			t.Later = sum
		default:
			t.LaterVary = t.LaterVary || !sum.Equal(t.Later)
		}
		t.Term = t.Term.Add(sum)
	}
	return t
}

// Offers says whether there is any price to show.
func (p *Pricing) Offers() bool {
	for i := range p.Lines {
		if !p.Lines[i].Internal {
			return !p.Internal
		}
	}
	return false
}
