package seal

import (
	"bytes"
	"strings"
	"testing"
)

func TestRatePassword(t *testing.T) {
	names := []string{"Meridian Bank", "Lumen", "Zürich Re"}
	for _, c := range []struct{ password, why string }{
		{"", "too easy"}, {"---", "too easy"}, {"password", "too easy"}, {"Tr0ub4dor&3", "too easy"},
		{"correct horse battery staple", "too easy"}, {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "too easy"},
		{"abcdefghijklmnopqrstuvwxyz0123456789", "too easy"}, {"qwertyuiopasdfghjklzxcvbnm1234567890", "too easy"},
		{"hunter2 hunter2 hunter2 hunter2 hunter2", "too easy"}, {"liverpoolfootballclub", "too easy"}, {"1qaz2wsx3edc4rfv5tgb", "too easy"},
		{"drowsilyylisworddrowsily", "too easy"}, {"p@$$w0rd p@$$w0rd p@$$w0rd", "too easy"},
		{"showcase shy drowsily blinked oncoming 2026", "a year"}, {"showcase1987shydrowsilyblinkedoncoming", "a year"},
		{"showcase shy drowsily blinked meridian", "Meridian Bank"}, {"showcase shy drowsily blinked m3r1d14n", "Meridian Bank"},
		{"showcase shy drowsily blinked LU-MEN", "Lumen"}, {"showcase shy drowsily blinked zurich", "Zürich Re"},
		{"showcase shy drowsily blinked zuerichre", "Zürich Re"},
	} {
		err := RatePassword(c.password, names...)
		if err == nil || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%q: %v, want %s", c.password, err, c.why)
		} else if len(c.password) > 8 && strings.Contains(err.Error(), c.password) {
			t.Errorf("the error tells the password: %v", err)
		}
	}
	for _, good := range []string{
		"showcase shy drowsily blinked oncoming relatable", "gj5k2n9xq8wz7vtr4m6b", "k9#vTq2$wZ8x!pQm4&zR7",
	} {
		if err := RatePassword(good, names...); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
}

// What is drawn is never refused for being easy: 60 bits are less than seven
// words come to by the same measure.
func TestDrawnPhrasesAreStrong(t *testing.T) {
	key, err := NewTeamKey(bytes.NewReader(make([]byte, 32)))
	if err != nil {
		t.Fatal(err)
	}
	g := newGuesser()
	for generation := range uint32(200) {
		phrase := key.Deal("northwind-bank").Phrase(Everyone, generation+1)
		if bits := g.bits(Normal(phrase)); bits < leastBits {
			t.Errorf("%s comes to %.0f bits", phrase, bits)
		}
	}
}

func BenchmarkRatePassword(b *testing.B) {
	for b.Loop() {
		if err := RatePassword("showcase shy drowsily blinked oncoming relatable"); err != nil {
			b.Fatal(err)
		}
	}
}
