package render

import (
	"slices"
	"strings"

	"portico/internal/brand"
)

// tokensFile is a deal's own stylesheet in its folder.
const tokensFile = "tokens.css"

// stylesheet holds what the deal's two brands change of the theme's palette,
// and the numbers that bars and the timeline are drawn by.
func (m *pageMaker) stylesheet() []byte {
	color := m.look.Color
	if m.deal.Own["seller.color"] {
		color = m.deal.Seller.Color
	}
	return []byte(":root{" + m.palette(color, m.deal.Buyer.Color) + "}\n" + m.rules.String())
}

// unlike leaves out of some CSS the declarations that other CSS has too.
func unlike(css, other string) string {
	same := strings.Split(other, ";")
	return strings.Join(slices.DeleteFunc(strings.Split(css, ";"), func(s string) bool { return slices.Contains(same, s) }), ";")
}

// palette is what a brand beside a buyer's colour, which may be empty, changes of
// the theme's palette. Many deals share one.
func (r *Renderer) palette(color, buyer string) string {
	id := [2]string{color, buyer}
	if css, ok := r.palettes.Load(id); ok {
		return css.(string)
	}
	css, _ := r.palettes.LoadOrStore(id, unlike(Palette(color, buyer), ThemePalette(r.look.Color)))
	return css.(string)
}

// ThemePalette is a brand's palette without the buyer's colours, which every
// deal brings itself.
func ThemePalette(color string) string {
	return strings.Join(slices.DeleteFunc(strings.Split(Palette(color, ""), ";"), func(s string) bool { return strings.HasPrefix(s, "--buyer") }), ";")
}

// Palette is what a stylesheet sets for a brand's colour beside a buyer's,
// which may be empty. Colours were checked when they were read.
func Palette(color, buyer string) string {
	own, err := brand.Parse(color)
	if err != nil {
		return "" // the theme's palette stays
	}
	var other *brand.Color
	if c, err := brand.Parse(buyer); err == nil {
		other = &c
	}
	p := brand.New(own, other)
	return p.CSS()
}
