package check

import (
	"fmt"
	"maps"
	"net/url"
	"slices"

	"github.com/shopspring/decimal"

	"portico/internal/deal"
	"portico/internal/message"
)

func spans(v *visit) {
	for i := range v.Events {
		e := &v.Events[i]
		if from, to := e.From.Day, e.To.Day; from != 0 && to != 0 && to < from {
			v.fail(v.at("event", e.ID, "to"), "date-order", fmt.Sprintf("the event ends on %s, before it begins on %s", to, from), "", "swap from and to, or correct one")
		}
	}
	for i := range v.Milestones {
		m := &v.Milestones[i]
		if m.Start.Day != 0 && m.Due.Day != 0 && m.Due.Day < m.Start.Day && m.Done == 0 {
			v.warn(v.at("milestone", m.ID, "start"), "date-order", fmt.Sprintf("work begins on %s, after it is due on %s", m.Start.Day, m.Due.Day), "", "correct `start` or `due`")
		}
	}
	for i := range v.Risks {
		r := &v.Risks[i]
		if r.Opened != 0 && r.Closed != 0 && r.Closed < r.Opened {
			v.fail(v.at("risk", r.ID, "closed"), "date-order", fmt.Sprintf("the risk was closed on %s, before it was opened on %s", r.Closed, r.Opened), "", "correct `opened` or `closed`")
		}
	}
}

// maxHighlights is how many measures fit beside the headline.
const maxHighlights = 3

func numbers(v *visit) {
	shown := 0
	for i := range v.KPIs {
		if k := &v.KPIs[i]; k.Highlight && !k.Internal {
			if shown++; shown > maxHighlights {
				v.warn(v.at("kpi", i, "highlight"), "too-many-highlights", "the top of the page has room for three measures", "", "delete `highlight` from the least important ones")
			}
		}
	}
	hundred := decimal.NewFromInt(100)
	for i := range v.Pricing.Lines {
		l := &v.Pricing.Lines[i]
		if l.Discount.Set && (l.Discount.IsNegative() || l.Discount.GreaterThan(hundred)) {
			v.fail(v.at("pricing", "line", i, "discount_percent"), "out-of-range", "a discount is 0 to 100 percent", "", "a surcharge is a line of its own")
		}
		if l.Quantity.IsNegative() {
			v.fail(v.at("pricing", "line", i, "quantity"), "out-of-range", "a quantity is not negative", "", "a credit has a negative unit_price")
		}
		for j, price := range l.UnitPrice {
			v.decimals(price, v.at("pricing", "line", i, "unit_price", j))
		}
	}
	v.decimals(v.Private.Amount, v.at("internal", "amount"))
}

func (v *visit) decimals(n deal.Number, at deal.Place) {
	if places := message.Decimals(v.Currency); n.Set && -n.Exponent() > places {
		v.warn(at, "excess-decimals", fmt.Sprintf("%s has more decimals than %s, which has %d", n.String(), v.Currency, places), "", "the page shows the rounded amount")
	}
}

// colours looks at what a deal sets for its own pages. The buyer's colour is
// the buyer's, and marks people alone.
func colours(v *visit) {
	if v.Own["seller.color"] {
		v.findings = append(v.findings, Colour(v.Seller.Color, v.at("seller", "color"))...)
	}
}

func (v *visit) siteColours() {
	site := deal.Place{File: deal.SiteFile}
	v.findings = append(v.findings, Colour(v.site.Seller.Color, site.Of("seller", "color"))...)
	for _, name := range slices.Sorted(maps.Keys(v.site.Themes)) {
		v.findings = append(v.findings, Colour(v.site.Themes[name].Color, site.Of("theme", name, "color"))...)
	}
}

// collector wants a deal's own to be where the policy of all pages lets them send
// to: it is the same for every deal, and tells of none.
func collector(v *visit) {
	if v.Own["beacon.url"] && v.Beacon.URL != "" && originOf(v.Beacon.URL) != originOf(v.site.Beacon.URL) {
		v.fail(v.at("beacon", "url"), "foreign-collector", "no page may send anything to this address", "", "write it into [beacon] of portico.toml, whose collector is every deal's; `off = true` there or here records nothing")
	}
}

// originOf an address: its scheme, host and port.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
