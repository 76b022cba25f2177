package media

import (
	"strings"

	"github.com/shopspring/decimal"
)

// Number is the value of a table's cell as a plain decimal, "" where it has
// none. "1,250.50", "1.250,50" and "1 250" are read as they are meant: the last
// of two kinds of marks begins the decimals, and a mark before exactly three
// last digits groups.
func Number(cell string) string {
	negative := strings.ContainsAny(cell, "-−") || strings.HasPrefix(strings.TrimSpace(cell), "(")
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '.' || r == ',' {
			return r
		}
		return -1
	}, cell)
	point := strings.LastIndexAny(digits, ".,")
	if point >= 0 {
		mark := digits[point : point+1]
		other := map[string]string{".": ",", ",": "."}[mark]
		fraction := digits[point+1:]
		grouping := strings.Count(digits, mark) > 1 || !strings.Contains(digits, other) && len(fraction) == 3 && strings.Trim(digits[:point], "0") != ""
		digits = strings.NewReplacer(".", "", ",", "").Replace(digits[:point])
		if grouping {
			digits += fraction
		} else {
			digits += "." + fraction
		}
	}
	n, err := decimal.NewFromString(digits)
	if err != nil {
		return ""
	}
	if negative {
		n = n.Neg()
	}
	return n.String()
}
