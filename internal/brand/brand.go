// Package brand makes a whole palette of one colour: surfaces, lines, texts,
// both teams and the states of a plan, in the light and in the dark, each text
// with a contrast of at least 4.5 on everything that it may stand on. It knows
// colours, and must not know deals.
//
// Contrast is that of WCAG 2.2, computed from the eight bits a channel that a
// browser gets; hues and steps of lightness are those of OKLCH.
package brand

import (
	"encoding/hex"
	"fmt"
	"math"
	"strings"
	"sync"

	"github.com/lucasb-eyer/go-colorful"
)

// Text and Shape are the least contrast of a text, and of a sign that is not
// one, by WCAG 2.2, criteria 1.4.3 and 1.4.11.
const (
	Text  = 4.5
	Shape = 3.0
)

// Color is a colour of sRGB, in eight bits a channel.
type Color struct{ R, G, B uint8 }

// Parse reads #rrggbb.
func Parse(written string) (Color, error) {
	c, err := colorful.Hex(written)
	if err != nil || len(written) != len("#rrggbb") {
		return Color{}, fmt.Errorf("%q is no colour; write it as #rrggbb", written)
	}
	return round(c), nil
}

// String is #rrggbb.
func (c Color) String() string { return "#" + hex.EncodeToString([]byte{c.R, c.G, c.B}) }

// Luminance is the relative luminance of WCAG, from 0 to 1.
func (c Color) Luminance() float64 {
	light := linear()
	return .2126*light[c.R] + .7152*light[c.G] + .0722*light[c.B]
}

// linear is the light of each of a channel's 256 steps.
var linear = sync.OnceValue(func() *[256]float64 {
	var light [256]float64
	for i := range light {
		light[i], _, _ = Color{R: uint8(i)}.wide().LinearRgb()
	}
	return &light
})

func (c Color) wide() colorful.Color {
	return colorful.Color{R: float64(c.R) / 255, G: float64(c.G) / 255, B: float64(c.B) / 255}
}

// Contrast of two colours, from 1 to 21.
func Contrast(a, b Color) float64 {
	x, y := a.Luminance(), b.Luminance()
	return (max(x, y) + .05) / (min(x, y) + .05)
}

func round(c colorful.Color) Color {
	r, g, b := c.Clamped().RGB255()
	return Color{r, g, b}
}

// lch is the colour of a lightness, chroma and hue that sRGB has: of less
// chroma where it must be.
func lch(l, c, h float64) Color {
	l = min(max(l, 0), 1)
	for ; c > 0; c -= .004 {
		if x := colorful.OkLch(l, c, h); x.IsValid() {
			return round(x)
		}
	}
	return round(colorful.OkLch(l, 0, 0))
}

// mix is a share of one colour in another, as color-mix in OKLab has it.
func mix(c, into Color, share float64) Color {
	return round(into.wide().BlendOkLab(c.wide(), share))
}

// Scheme is the palette in the light or in the dark.
type Scheme struct {
	// Page, Card and Sunk are surfaces: what all stands on, what is raised from
	// it, and what lies in a card. Glow and BuyerGlow are the page's behind the
	// headline.
	Page, Card, Sunk, Glow, BuyerGlow Color
	// Line divides; Edge is the border of what can be operated.
	Line, Edge Color
	Ink, Quiet Color
	// Accent is the brand as text, sign and bar; Fill the brand as a surface, On
	// the text on it.
	Accent, Fill, On Color
	// Buyer and Partner are the other teams.
	Buyer, Partner Color
	// OK, Warn and Bad are states; WarnSign is for signs alone: amber that may
	// be read is brown.
	OK, Warn, WarnSign, Bad Color
	// Tints are what a state or a team stands on.
	AccentTint, BuyerTint, PartnerTint, OKTint, WarnTint, BadTint Color
}

// Palette of a brand.
type Palette struct{ Light, Dark Scheme }

const (
	// achromatic is the chroma below which a colour has no hue to speak of.
	achromatic = .03
	// dangerHue is that of the red which means trouble, in degrees.
	dangerHue = 25.0
	tint      = .09
	glow      = .11
)

// New makes the palette of a brand beside a buyer's colour, or, where the buyer
// has none, beside a turned hue of the brand's own.
func New(brand Color, buyer *Color) Palette {
	b := base{seller: hueOf(brand), brand: brand}
	switch {
	case buyer != nil:
		b.buyer = hueOf(*buyer)
	case b.seller.c < achromatic:
		b.buyer = hue{l: .5, c: .09, h: 165}
	default:
		b.buyer = hue{l: .5, c: min(b.seller.c, .09), h: math.Mod(b.seller.h+285, 360)}
	}
	return Palette{Light: b.light(), Dark: b.dark()}
}

type hue struct{ l, c, h float64 }

func hueOf(c Color) hue {
	l, chroma, h := c.wide().OkLch()
	return hue{l, chroma, h}
}

type base struct {
	seller, buyer hue
	brand         Color
}

// neutral is a shade that leans to the brand, by so much chroma.
func (b *base) neutral(l, c float64) Color {
	if b.seller.c < achromatic {
		c = 0
	}
	return lch(l, c, b.seller.h)
}

func (b *base) light() Scheme {
	s := Scheme{
		Page: b.neutral(.985, .004), Card: Color{255, 255, 255}, Sunk: b.neutral(.967, .007),
		Line: b.neutral(.912, .01),
	}
	accent := hue{min(b.seller.l, .48), b.seller.c, b.seller.h}
	buyer := hue{min(b.buyer.l, .46), min(b.buyer.c, .12), b.buyer.h}
	b.finish(&s, accent, buyer, shades{
		ink: .21, quiet: .47, edge: .62, partner: .45,
		ok: hue{.46, .11, 155}, warn: hue{.47, .105, 62}, sign: hue{.63, .16, 58}, bad: hue{.47, .175, dangerHue},
	})
	return s
}

func (b *base) dark() Scheme {
	s := Scheme{
		Page: b.neutral(.165, .012), Card: b.neutral(.205, .014), Sunk: b.neutral(.25, .016),
		Line: b.neutral(.3, .018),
	}
	accent := hue{max(b.seller.l, .76), min(b.seller.c, .13), b.seller.h}
	buyer := hue{max(b.buyer.l, .8), min(b.buyer.c, .1), b.buyer.h}
	b.finish(&s, accent, buyer, shades{
		ink: .95, quiet: .745, edge: .58, partner: .8,
		ok: hue{.8, .13, 155}, warn: hue{.83, .12, 80}, sign: hue{.83, .12, 80}, bad: hue{.77, .13, 22},
	})
	return s
}

// shades are where the search for a scheme's colours begins.
type shades struct {
	ink, quiet, edge, partner float64
	ok, warn, sign, bad       hue
}

// finish makes the tints, and then texts and signs that can be told from all
// that they stand on.
func (b *base) finish(s *Scheme, accent, buyer hue, from shades) {
	partner := hue{from.partner, 0, 0}
	if b.seller.c >= achromatic {
		partner.c, partner.h = .02, b.seller.h
	}
	tinted := func(h hue) Color { return mix(lch(h.l, h.c, h.h), s.Card, tint) }
	s.AccentTint, s.BuyerTint, s.PartnerTint = tinted(accent), tinted(buyer), tinted(partner)
	s.OKTint, s.WarnTint, s.BadTint = tinted(from.ok), tinted(from.sign), tinted(from.bad)
	s.Glow = mix(lch(accent.l, accent.c, accent.h), s.Page, glow)
	s.BuyerGlow = mix(lch(buyer.l, buyer.c, buyer.h), s.Page, glow)

	all := rangeOf(s.Surfaces())
	s.Ink = legible(hue{from.ink, .03, b.seller.h}.of(b), all, Text)
	s.Quiet = legible(hue{from.quiet, .025, b.seller.h}.of(b), all, Text)
	s.Edge = legible(hue{from.edge, .02, b.seller.h}.of(b), all, Shape)
	s.Accent, s.Buyer, s.Partner = legible(accent, all, Text), legible(buyer, all, Text), legible(partner, all, Text)
	s.OK, s.Warn, s.Bad = legible(from.ok, all, Text), legible(from.warn, all, Text), legible(from.bad, all, Text)
	s.WarnSign = legible(from.sign, all, Shape)
	s.Fill, s.On = fill(b.brand)
}

// of takes away the hue where the brand has none.
func (h hue) of(b *base) hue {
	if b.seller.c < achromatic {
		h.c = 0
	}
	return h
}

// Surfaces are all that a text may stand on.
func (s *Scheme) Surfaces() []Color {
	return []Color{s.Page, s.Card, s.Sunk, s.Glow, s.BuyerGlow, s.AccentTint, s.BuyerTint, s.PartnerTint, s.OKTint, s.WarnTint, s.BadTint}
}

// luminances are the least and the greatest of some surfaces.
type luminances struct{ darkest, lightest float64 }

func rangeOf(surfaces []Color) luminances {
	r := luminances{1, 0}
	for _, c := range surfaces {
		l := c.Luminance()
		r.darkest, r.lightest = min(r.darkest, l), max(r.lightest, l)
	}
	return r
}

// legible moves a colour's lightness away from surfaces until it can be told
// from every one of them.
func legible(h hue, on luminances, least float64) Color {
	step := -.008
	if on.lightest < .5 {
		step = .008
	}
	for l := h.l; ; l += step {
		c := lch(l, h.c, h.h)
		mine := c.Luminance()
		if step < 0 && (on.darkest+.05)/(mine+.05) >= least || step > 0 && (mine+.05)/(on.lightest+.05) >= least || l < 0 || l > 1 {
			return c
		}
	}
}

// fill is the brand as a surface and the text on it. A light brand stays as it
// is under black; others darken until white can be read.
func fill(brand Color) (surface, text Color) {
	black, white := Color{17, 17, 17}, Color{255, 255, 255}
	h := hueOf(brand)
	if h.l > .7 {
		for l := h.l; ; l += .008 {
			if c := lch(l, h.c, h.h); Contrast(c, black) >= Text {
				return c, black
			}
		}
	}
	for l := h.l; ; l -= .008 {
		if c := lch(l, h.c, h.h); Contrast(c, white) >= Text {
			return c, white
		}
	}
}

// Token is one colour of a palette, by the name that CSS has for it.
type Token struct {
	Name        string // without the dashes
	Light, Dark Color
}

// Tokens of a palette.
func (p *Palette) Tokens() []Token {
	dark := p.Dark.tokens()
	list := p.Light.tokens()
	for i := range list {
		list[i].Dark = dark[i].Light
	}
	return list
}

// CSS is the palette as custom properties, without braces.
func (p *Palette) CSS() string {
	var b strings.Builder
	for i, t := range p.Tokens() {
		if i > 0 {
			b.WriteByte(';')
		}
		b.WriteString("--" + t.Name + ":")
		if t.Light == t.Dark {
			b.WriteString(t.Light.String())
		} else {
			b.WriteString("light-dark(" + t.Light.String() + "," + t.Dark.String() + ")")
		}
	}
	return b.String()
}

// tokens of one scheme, each as if it were the light one.
func (s *Scheme) tokens() []Token {
	return []Token{
		{Name: "page", Light: s.Page}, {Name: "card", Light: s.Card}, {Name: "sunk", Light: s.Sunk}, {Name: "glow", Light: s.Glow}, {Name: "buyer-glow", Light: s.BuyerGlow},
		{Name: "line", Light: s.Line}, {Name: "edge", Light: s.Edge}, {Name: "ink", Light: s.Ink}, {Name: "quiet", Light: s.Quiet},
		{Name: "accent", Light: s.Accent}, {Name: "fill", Light: s.Fill}, {Name: "on-fill", Light: s.On}, {Name: "buyer", Light: s.Buyer}, {Name: "partner", Light: s.Partner},
		{Name: "ok", Light: s.OK}, {Name: "warn", Light: s.Warn}, {Name: "warn-sign", Light: s.WarnSign}, {Name: "bad", Light: s.Bad},
		{Name: "accent-tint", Light: s.AccentTint}, {Name: "buyer-tint", Light: s.BuyerTint}, {Name: "partner-tint", Light: s.PartnerTint},
		{Name: "ok-tint", Light: s.OKTint}, {Name: "warn-tint", Light: s.WarnTint}, {Name: "bad-tint", Light: s.BadTint},
	}
}

// Concern is why a colour serves badly as a brand's, and what to do.
type Concern struct{ Code, Text, Hint string }

// Concerns of a colour: it may be taken for the red that means trouble, or
// hardly be seen.
func Concerns(c Color) []Concern {
	h := hueOf(c)
	var list []Concern
	if away := math.Abs(math.Mod(h.h-dangerHue+540, 360) - 180); h.c > .1 && away < 16 {
		list = append(list, Concern{"brand-like-danger", fmt.Sprintf("%s is close to the red that marks what is overdue or blocked", c),
			"states have a shape and a word as well, so nothing is lost; a colour that leans to orange or purple tells them apart at a glance"})
	}
	if Contrast(c, Color{255, 255, 255}) < 1.35 {
		list = append(list, Concern{"brand-too-pale", fmt.Sprintf("%s is hardly seen on white", c),
			"links and bars are drawn in a darker shade of it; give the darkest colour of the brand for a page that looks like it"})
	}
	return list
}
