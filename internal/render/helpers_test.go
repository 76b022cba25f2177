package render

import (
	"testing"
	"time"

	"portico/internal/deal"
	"portico/internal/message"
)

func newTestRenderer(t testing.TB) *Renderer {
	t.Helper()
	r, err := New(builtinLook(t), &message.Catalog{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// input is a deal with everything around it that a page needs.
func input(d *deal.Deal) Input {
	if d.Timezone == nil {
		d.Timezone = time.UTC
	}
	if d.Locale == "" {
		d.Locale = "en-GB"
	}
	return Input{
		Deal: d, Site: &deal.Site{Locale: "en-GB", Timezone: time.UTC, Seller: d.Seller},
		AsOf: deal.DayOf(2026, 11, 21), Updated: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC),
		Read: func(deal.File) ([]byte, error) { return []byte("a,b\n1,2\n"), nil },
		Size: func(deal.File) int64 { return 1234 }, Image: func(deal.File) Image { return Image{Width: 640, Height: 480} },
	}
}
