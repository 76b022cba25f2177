package deal

import (
	"strings"

	"github.com/shopspring/decimal"
)

// Number is an exact decimal that may be absent.
type Number struct {
	decimal.Decimal
	Set bool
}

// NumberOf parses a whole number or a decimal with a point.
func NumberOf(s string) (Number, error) {
	d, err := decimal.NewFromString(s)
	return Number{d, err == nil}, err
}

// KPI is a measure by which the buyer will know that it worked.
type KPI struct {
	Metric                   string
	Baseline, Target, Actual Measure
	Unit                     string // text, or a currency code
	Direction                string // up, down or ""
	Sample, Window           Prose
	By                       Date
	Highlight                bool // in the hero
	Estimate                 bool // worked out, not measured
	Internal                 bool
	InternalNote             string
}

// Measure is a number, or a change against the baseline ("-20%", "+10").
type Measure struct {
	Number
	Change  bool
	Percent bool
}

// Value of a measure in the KPI's unit. A change needs a baseline.
func (k *KPI) Value(m Measure) (decimal.Decimal, bool) {
	switch {
	case !m.Set:
		return decimal.Zero, false
	case !m.Change:
		return m.Decimal, true
	case !k.Baseline.Set || k.Baseline.Change:
		return decimal.Zero, false
	case m.Percent:
		hundred := decimal.NewFromInt(100)
		return k.Baseline.Decimal.Mul(hundred.Add(m.Decimal)).Div(hundred), true
	}
	return k.Baseline.Decimal.Add(m.Decimal), true
}

// Falls says whether less is better.
func (k *KPI) Falls() bool {
	switch {
	case k.Direction != "":
		return k.Direction == "down"
	case k.Target.Change:
		return k.Target.IsNegative()
	case k.Baseline.Set && k.Target.Set:
		return k.Target.LessThan(k.Baseline.Decimal)
	}
	return false
}

// Progress from baseline to target in percent, 0 to 100, where all three
// numbers are known and there is a way to go.
func (k *KPI) Progress() (int, bool) {
	from, ok1 := k.Value(k.Baseline)
	to, ok2 := k.Value(k.Target)
	now, ok3 := k.Value(k.Actual)
	if !ok1 || !ok2 || !ok3 || from.Equal(to) {
		return 0, false
	}
	hundred := decimal.NewFromInt(100)
	share := now.Sub(from).Mul(hundred).Div(to.Sub(from))
	// Held to 0 and 100 first: a slip such as 1e30 is more than an int64 holds.
	share = decimal.Max(decimal.Zero, decimal.Min(hundred, share))
	return int(share.IntPart()), true
}

// Reached says whether the actual number is at the target or beyond it.
func (k *KPI) Reached() bool {
	to, ok1 := k.Value(k.Target)
	now, ok2 := k.Value(k.Actual)
	if !ok1 || !ok2 {
		return false
	}
	if k.Falls() {
		return now.LessThanOrEqual(to)
	}
	return now.GreaterThanOrEqual(to)
}

// IsCurrency says whether the unit is spelt as a currency code.
func (k *KPI) IsCurrency() bool {
	return len(k.Unit) == 3 && strings.ToUpper(k.Unit) == k.Unit && strings.Trim(k.Unit, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}
