package message

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// nn is a narrow no-break space.
const nn = "\u202f"

// withArabic is a catalog with a language that is not built in, and written
// from right to left.
func withArabic() *Catalog { return &Catalog{More: os.DirFS("testdata")} }

// TestTongues says the same in each locale, in the order of said.
func TestTongues(t *testing.T) {
	said := []struct {
		what string
		say  func(l *Locale) string
	}{
		{"a day", func(l *Locale) string { return l.Day(on(t, "2026-11-20")) }},
		{"a month's first day", func(l *Locale) string { return l.Day(on(t, "2027-03-01")) }},
		{"a day of two ones", func(l *Locale) string { return l.Day(on(t, "2027-01-11")) }},
		{"long", func(l *Locale) string { return l.DayLong(on(t, "2026-08-01")) }},
		{"short", func(l *Locale) string { return l.DayShort(on(t, "2027-09-30")) }},
		{"with its weekday", func(l *Locale) string { return l.Weekday(on(t, "2026-12-16")) }},
		{"a month", func(l *Locale) string { return l.MonthShort(2) }},
		{"in a month", func(l *Locale) string { return l.Range(on(t, "2026-11-01"), on(t, "2026-11-20")) }},
		{"in a year", func(l *Locale) string { return l.Range(on(t, "2026-11-28"), on(t, "2026-12-04")) }},
		{"over two years", func(l *Locale) string { return l.Range(on(t, "2026-12-18"), on(t, "2027-01-08")) }},
		{"a short range", func(l *Locale) string { return l.RangeShort(on(t, "2026-11-16"), on(t, "2026-11-20")) }},
		{"a short range over months", func(l *Locale) string { return l.RangeShort(on(t, "2026-11-28"), on(t, "2026-12-01")) }},
		{"a time", func(l *Locale) string { return l.Time(15, 5) }},
		{"a number", func(l *Locale) string { return l.Number(amount(t, "1250.5"), 2) }},
		{"five digits", func(l *Locale) string { return l.Count(12500) }},
		{"seven digits below nothing", func(l *Locale) string { return l.Count(-1234567) }},
		{"a percentage", func(l *Locale) string { return l.Percent(amount(t, "12.5")) }},
		{"euros", func(l *Locale) string { return l.Money(amount(t, "1250.5"), "EUR", false) }},
		{"whole euros", func(l *Locale) string { return l.Money(amount(t, "48000"), "EUR", true) }},
		{"a credit in dollars", func(l *Locale) string { return l.Money(amount(t, "-250"), "USD", true) }},
		{"Canadian dollars", func(l *Locale) string { return l.Money(amount(t, "99"), "CAD", true) }},
		{"Swiss francs", func(l *Locale) string { return l.Money(amount(t, "12500.5"), "CHF", false) }},
		{"pesos", func(l *Locale) string { return l.Money(amount(t, "12500"), "MXN", true) }},
		{"yen", func(l *Locale) string { return l.Money(amount(t, "125000"), "JPY", false) }},
	}
	french := []string{"20 nov. 2026", "1er mars 2027", "11 janv. 2027", "1er août 2026", "30 sept.", "mercredi 16 déc. 2026", "févr.",
		"1er – 20 nov. 2026", "28 nov. – 4 déc. 2026", "18 déc. 2026 – 8 janv. 2027", "16 – 20 nov.", "28 nov. – 1er déc.", "15:05"}
	spanish := []string{"20 nov 2026", "1 mar 2027", "11 ene 2027", "1 de agosto de 2026", "30 sept", "miércoles, 16 dic 2026", "feb",
		"1 – 20 nov 2026", "28 nov – 4 dic 2026", "18 dic 2026 – 8 ene 2027", "16 – 20 nov", "28 nov – 1 dic", "15:05"}
	tests := []struct {
		tag  string
		want []string
	}{
		{"fr-FR", append(slices.Clip(french), "1"+nn+"250,50", "12"+nn+"500", "−1"+nn+"234"+nn+"567", "12,5"+nb+"%",
			"1"+nn+"250,50"+nb+"€", "48"+nn+"000"+nb+"€", "−250"+nb+"$US", "99"+nb+"CAD", "12"+nn+"500,50"+nb+"CHF", "12"+nn+"500"+nb+"MXN", "125"+nn+"000"+nb+"¥")},
		{"fr-CA", append(slices.Clip(french), "1"+nb+"250,50", "12"+nb+"500", "−1"+nb+"234"+nb+"567", "12,5"+nb+"%",
			"1"+nb+"250,50"+nb+"€", "48"+nb+"000"+nb+"€", "−250"+nb+"$"+nb+"US", "99"+nb+"$", "12"+nb+"500,50"+nb+"CHF", "12"+nb+"500"+nb+"MXN", "125"+nb+"000"+nb+"¥")},
		{"fr-CH", append(slices.Clip(french), "1"+nn+"250,50", "12"+nn+"500", "−1"+nn+"234"+nn+"567", "12,5%",
			"1"+nn+"250.50"+nb+"€", "48"+nn+"000"+nb+"€", "−250"+nb+"$", "99"+nb+"CAD", "12"+nn+"500.50"+nb+"CHF", "12"+nn+"500"+nb+"MXN", "125"+nn+"000"+nb+"¥")},
		{"es-ES", append(slices.Clip(spanish), "1250,50", "12.500", "−1.234.567", "12,5"+nb+"%",
			"1250,50"+nb+"€", "48.000"+nb+"€", "−250"+nb+"US$", "99"+nb+"CAD", "12.500,50"+nb+"CHF", "12.500"+nb+"MXN", "125.000"+nb+"¥")},
		{"es-MX", append(slices.Clip(spanish), "1,250.50", "12,500", "−1,234,567", "12.5%",
			"€1,250.50", "€48,000", "−US$250", "CAD"+nb+"99", "CHF"+nb+"12,500.50", "$12,500", "¥125,000")},
		{"ar", []string{"20 نوفمبر 2026", "1 مارس 2027", "11 يناير 2027", "1 أغسطس 2026", "30 سبتمبر", "الأربعاء، 16 ديسمبر 2026", "فبراير",
			"1 – 20 نوفمبر 2026", "28 نوفمبر – 4 ديسمبر 2026", "18 ديسمبر 2026 – 8 يناير 2027", "16 – 20 نوفمبر", "28 نوفمبر – 1 ديسمبر", "15:05",
			"1,250.50", "12,500", "−1,234,567", "12.5%",
			"1,250.50" + nb + "€", "48,000" + nb + "€", "−250" + nb + "US$", "99" + nb + "CAD", "12,500.50" + nb + "CHF", "12,500" + nb + "MXN", "125,000" + nb + "¥"}},
	}
	c := withArabic()
	for _, tt := range tests {
		t.Run(tt.tag, func(t *testing.T) {
			l := c.Locale(tt.tag)
			if len(tt.want) != len(said) {
				t.Fatalf("%d are wanted of %d", len(tt.want), len(said))
			}
			for i, s := range said {
				if got := s.say(l); got != tt.want[i] {
					t.Errorf("%s is %q, want %q", s.what, got, tt.want[i])
				}
			}
		})
	}
}

// Arabic has six forms, of which three do not show the number.
func TestArabic(t *testing.T) {
	l := withArabic().Locale("ar-EG")
	if l.Tag != "ar-EG" || l.Lang != "ar" || l.Dir() != "rtl" {
		t.Errorf("it is %q in %q, written %s", l.Tag, l.Lang, l.Dir())
	}
	for n, want := range map[int]string{
		0: "بعد 0 يوم", 1: "بعد يوم واحد", 2: "بعد يومين", 3: "بعد 3 أيام", 10: "بعد 10 أيام", 11: "بعد 11 يومًا", 99: "بعد 99 يومًا",
		100: "بعد 100 يوم", 102: "بعد 102 يوم", 103: "بعد 103 أيام", 111: "بعد 111 يومًا", -2: "بعد يومين",
	} {
		if got := l.Say("in.days", "n", n); got != want {
			t.Errorf("%d days are %q, want %q", n, got, want)
		}
	}
	if len(l.Missing)+len(l.Unknown)+len(l.Unlike) > 0 {
		t.Errorf("it misses %v, has %v for nothing, and fills %v otherwise", l.Missing, l.Unknown, l.Unlike)
	}
	if got := (&Catalog{}).Locale("ar").Lang; got != fallback {
		t.Errorf("without its file it is written in %q", got)
	}
}

func TestFilesOverBuiltInOnes(t *testing.T) {
	c := &Catalog{More: fstest.MapFS{
		"de.json":    {Data: []byte(`{"form": {"clock": "12"}, "words": {"due": "Bis"}}`)},
		"de-CH.json": {Data: []byte(`{"words": {"skip": "Zum Text"}}`)},
		"da.json":    {Data: []byte(`{"words": {"due": "Frist", "deu": "Frist", "asof": "Pr. {dag}", "in.days": {"one": "om en dag", "other": "om dage"}}}`)},
		"notes.txt":  {Data: []byte("no locale")},
	}}
	if diff := cmp.Diff([]string{"da", "de", "en", "es", "fr"}, c.Languages()); diff != "" {
		t.Errorf("languages (-want +got):\n%s", diff)
	}
	swiss := c.Locale("de-CH")
	got := []string{swiss.Say("due"), swiss.Say("skip"), swiss.Say("today"), swiss.Time(15, 0), swiss.Count(1250)}
	if diff := cmp.Diff([]string{"Bis", "Zum Text", "Heute", "3:00 PM", "1’250"}, got); diff != "" {
		t.Errorf("de-CH (-want +got):\n%s", diff)
	}
	if got := c.Locale("de").Say("skip"); got != "Zum Inhalt springen" {
		t.Errorf("de says %q", got)
	}
	danish := c.Locale("da")
	if diff := cmp.Diff([]string{"deu"}, danish.Unknown); diff != "" {
		t.Errorf("unknown (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"asof", "in.days"}, danish.Unlike); diff != "" {
		t.Errorf("unlike (-want +got):\n%s", diff)
	}
	if all := len(wordsOf(fallback)); len(danish.Missing) != all-3 || slices.Contains(danish.Missing, "due") || !slices.IsSorted(danish.Missing) {
		t.Errorf("of %d it misses %v", all, danish.Missing)
	}
	if got := danish.Say("due") + ", " + danish.Say("skip"); got != "Frist, Skip to content" {
		t.Errorf("it says %q", got)
	}
	for _, tag := range []string{"../de", "da/../de", "no\x00tag", "da.json"} {
		if got := c.Locale(tag).Say("skip"); got != "Skip to content" {
			t.Errorf("%q says %q", tag, got)
		}
	}
}

func TestFits(t *testing.T) {
	tests := []struct {
		name, english, other string
		want                 bool
	}{
		{"no placeholders", `"a"`, `"b"`, true},
		{"the same", `"a {x} {y}"`, `"{y} b {x}"`, true},
		{"one that English has not", `"a {x}"`, `"b {x} {y}"`, false},
		{"one less than English", `"a {x} {y}"`, `"b {y}"`, false},
		{"one twice", `"a {x}"`, `"{x} b {x}"`, true},
		{"no number for one", `{"one": "{n} a", "other": "{n} a"}`, `{"one": "a", "other": "{n} a"}`, true},
		{"no number for others", `{"one": "{n} a", "other": "{n} a"}`, `{"one": "{n} a", "other": "a"}`, false},
		{"no number for few", `{"one": "{n} a", "other": "{n} a"}`, `{"one": "a", "few": "a", "other": "{n} a"}`, false},
		{"something else less for one", `{"one": "{n} {x}", "other": "{n} {x}"}`, `{"one": "{n}", "other": "{n} {x}"}`, false},
		{"no form for others", `{"one": "a", "other": "a"}`, `{"one": "a"}`, false},
	}
	for _, tt := range tests {
		if got := parseEntry("test", decoded(t, tt.other)).fits(parseEntry("test", decoded(t, tt.english))); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

func decoded(t *testing.T, text string) (value any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	return value
}
