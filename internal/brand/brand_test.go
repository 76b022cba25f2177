package brand

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"portico/internal/need"
)

// Every colour that a theme may name: a grid of them, or in the long run each
// fifth shade of every channel.
func TestEveryBrandIsLegible(t *testing.T) {
	step := 51
	if need.Long() {
		step = 5
	}
	worst := map[string]float64{}
	for r := 0; r < 256; r += step {
		for g := 0; g < 256; g += step {
			for b := 0; b < 256; b += step {
				c := Color{uint8(r), uint8(g), uint8(b)}
				prove(t, worst, c, nil)
				opposite := Color{uint8(255 - r), uint8(b), uint8(g)}
				prove(t, worst, c, &opposite)
			}
		}
	}
	if len(worst) != 2*11 {
		t.Fatalf("%d texts were looked at: %v", len(worst), worst)
	}
	t.Log("the least contrasts are", worst)
}

func prove(t *testing.T, worst map[string]float64, brand Color, buyer *Color) {
	t.Helper()
	p := New(brand, buyer)
	for name, s := range map[string]*Scheme{"light": &p.Light, "dark": &p.Dark} {
		texts := map[string]Color{"ink": s.Ink, "quiet": s.Quiet, "accent": s.Accent, "buyer": s.Buyer, "partner": s.Partner, "ok": s.OK, "warn": s.Warn, "bad": s.Bad}
		shapes := map[string]Color{"edge": s.Edge, "warn-sign": s.WarnSign}
		for _, on := range s.Surfaces() {
			for token, c := range texts {
				hold(t, worst, name+" "+token, c, on, Text, brand)
			}
			for token, c := range shapes {
				hold(t, worst, name+" "+token, c, on, Shape, brand)
			}
		}
		hold(t, worst, name+" on-fill", s.On, s.Fill, Text, brand)
	}
}

func hold(t *testing.T, worst map[string]float64, name string, c, on Color, least float64, brand Color) {
	t.Helper()
	got := Contrast(c, on)
	if old, ok := worst[name]; !ok || got < old {
		worst[name] = got
	}
	if got < least {
		t.Errorf("brand %s: %s is %s on %s, a contrast of %.2f", brand, name, c, on, got)
	}
}

func TestContrast(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want string
	}{
		{"#000000", "#ffffff", "21.00"},
		{"#ffffff", "#ffffff", "1.00"},
		{"#777777", "#ffffff", "4.48"}, // the classic near miss
		{"#767676", "#ffffff", "4.54"},
		{"#0000ff", "#ffffff", "8.59"},
	} {
		if got := fmt.Sprintf("%.2f", Contrast(mustParse(t, c.a), mustParse(t, c.b))); got != c.want {
			t.Errorf("%s on %s is %s, not %s", c.a, c.b, got, c.want)
		}
	}
}

func mustParse(t *testing.T, hex string) Color {
	t.Helper()
	c, err := Parse(hex)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestParse(t *testing.T) {
	if c := mustParse(t, "#2540C8"); c != (Color{0x25, 0x40, 0xc8}) || c.String() != "#2540c8" {
		t.Errorf("read as %v", c)
	}
	for _, bad := range []string{"", "red", "#12345", "#1234567", "2540c8", "#gggggg", "#123"} {
		if c, err := Parse(bad); err == nil {
			t.Errorf("%q is read as %v", bad, c)
		}
	}
}

func TestConcerns(t *testing.T) {
	for _, c := range []struct{ hex, want string }{
		{"#2540c8", ""}, {"#0a7d5a", ""}, {"#7a1fa0", ""}, {"#e07a00", ""}, {"#111111", ""},
		{"#d92d20", "brand-like-danger"}, {"#c00000", "brand-like-danger"}, {"#ff3b30", "brand-like-danger"},
		{"#fff8c0", "brand-too-pale"}, {"#ffffff", "brand-too-pale"}, {"#e8f5ff", "brand-too-pale"},
	} {
		var codes []string
		for _, concern := range Concerns(mustParse(t, c.hex)) {
			codes = append(codes, concern.Code)
			if concern.Text == "" || concern.Hint == "" {
				t.Errorf("%s: %+v says too little", c.hex, concern)
			}
		}
		if got := strings.Join(codes, " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.hex, got, c.want)
		}
	}
}

// CSS holds colours and nothing else, whatever comes in.
func TestCSS(t *testing.T) {
	p := New(mustParse(t, "#2540c8"), nil)
	css := p.CSS()
	if !regexp.MustCompile(`^(--[a-z-]+:(#[0-9a-f]{6}|light-dark\(#[0-9a-f]{6},#[0-9a-f]{6}\));?)+$`).MatchString(css) {
		t.Error(css)
	}
	if n := len(p.Tokens()); n != strings.Count(css, "--") || n < 20 {
		t.Errorf("%d tokens are in %s", n, css)
	}
}

// A team is told from the other by more than shape where the buyer has a
// colour of its own, and where it has none.
func TestTeamsDiffer(t *testing.T) {
	buyer := mustParse(t, "#0a7d5a")
	for _, b := range []*Color{nil, &buyer} {
		p := New(mustParse(t, "#2540c8"), b)
		if p.Light.Accent == p.Light.Buyer || p.Dark.Accent == p.Dark.Buyer || p.Light.AccentTint == p.Light.BuyerTint || p.Dark.AccentTint == p.Dark.BuyerTint {
			t.Errorf("both teams are %s, or stand on %s", p.Light.Accent, p.Light.AccentTint)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	buyer := Color{0x0a, 0x7d, 0x5a}
	for b.Loop() {
		p := New(Color{0x25, 0x40, 0xc8}, &buyer)
		_ = p.CSS()
	}
}
