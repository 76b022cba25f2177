package message

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What a page says in a language that nobody has translated is English, whole:
// dates, numbers and words of one language together.
func TestLocaleOfAnUnknownLanguage(t *testing.T) {
	var c Catalog
	for _, tag := range []string{"nl", "nl-BE", "pt-BR", "zh-Hans-CN", "xx", "", "-", "deu", "english", "../en", "de/../en"} {
		t.Run(tag, func(t *testing.T) {
			l := c.Locale(tag)
			if l.Tag != tag || l.Lang != "en" || len(l.Missing) > 0 {
				t.Errorf("it is %q in %q, missing %v", l.Tag, l.Lang, l.Missing)
			}
			if got := l.Say("skip") + ", " + l.Day(on(t, "2026-11-20")) + ", " + l.Number(amount(t, "1250.5"), 0); got != "Skip to content, 20 Nov 2026, 1,250.5" {
				t.Errorf("it says %q", got)
			}
		})
	}
}

func TestLocaleOfAKnownLanguage(t *testing.T) {
	tests := []struct{ tag, lang, skip, day, number string }{
		{"en", "en", "Skip to content", "20 Nov 2026", "1,250"},
		{"en-GB", "en", "Skip to content", "20 Nov 2026", "1,250"},
		{"en-AU", "en", "Skip to content", "20 Nov 2026", "1,250"},
		{"en-US", "en", "Skip to content", "Nov 20, 2026", "1,250"},
		{"de", "de", "Zum Inhalt springen", "20. Nov. 2026", "1.250"},
		{"de-LI", "de", "Zum Inhalt springen", "20. Nov. 2026", "1.250"},
		{"de-CH", "de", "Zum Inhalt springen", "20. Nov. 2026", "1’250"},
		{"fr", "fr", "Aller au contenu", "20 nov. 2026", "1\u202f250"},
		{"fr-BE", "fr", "Aller au contenu", "20 nov. 2026", "1\u202f250"},
		{"es-419", "es", "Ir al contenido", "20 nov 2026", "1250"},
		{"es-MX", "es", "Ir al contenido", "20 nov 2026", "1,250"},
	}
	var c Catalog
	for _, tt := range tests {
		t.Run(tt.tag, func(t *testing.T) {
			l := c.Locale(tt.tag)
			got := []string{l.Tag, l.Lang, l.Say("skip"), l.Day(on(t, "2026-11-20")), l.Number(amount(t, "1250"), 0)}
			if diff := cmp.Diff([]string{tt.tag, tt.lang, tt.skip, tt.day, tt.number}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if c.Locale(tt.tag) != l {
				t.Error("it is read a second time")
			}
		})
	}
}

func TestQuotes(t *testing.T) {
	var c Catalog
	for tag, want := range map[string][4]string{"en-GB": {"“", "”", "‘", "’"}, "de-DE": {"„", "“", "‚", "‘"}, "de-CH": {"«", "»", "‹", "›"}, "de-AT": {"„", "“", "‚", "‘"}, "fr-FR": {"«\u00a0", "\u00a0»", "“", "”"}, "es-ES": {"«", "»", "“", "”"}} {
		if got := c.Locale(tag).Quotes(); got != want {
			t.Errorf("%s quotes with %v", tag, got)
		}
	}
}

func TestSay(t *testing.T) {
	tests := []struct {
		name, tag, key string
		args           []any
		want           string
	}{
		{"words", "en", "due", nil, "Due"},
		{"words in German", "de", "due", nil, "Fällig am"},
		{"arguments that the words do not take", "en", "due", []any{"n", 3, "day", "x"}, "Due"},
		{"a placeholder", "en", "plan.for", []any{"buyer", "Fern & Vale"}, "Mutual action plan for Fern & Vale"},
		{"several placeholders, in any order", "de", "page.title", []any{"seller", "Lumen", "title", "Plan", "buyer", "Fern"}, "Plan – Fern und Lumen"},
		{"a placeholder without a value is empty", "en", "plan.for", nil, "Mutual action plan for "},
		{"a name without a value is passed over", "en", "plan.for", []any{"buyer"}, "Mutual action plan for "},
		{"a value is no pattern", "en", "plan.for", []any{"buyer", "{buyer} {n}"}, "Mutual action plan for {buyer} {n}"},
		{"a number", "en", "price.inyear", []any{"year", 2, "amount", "€5"}, "Year 2: €5"},
		{"anything else", "en", "plan.for", []any{"buyer", time.November}, "Mutual action plan for November"},
		{"one", "en", "in.days", []any{"n", 1}, "in 1 day"},
		{"many", "en", "in.days", []any{"n", 101}, "in 101 days"},
		{"none", "en", "in.days", []any{"n", 0}, "in 0 days"},
		{"minus one", "en", "in.days", []any{"n", -1}, "in -1 day"},
		{"one in German", "de", "in.days", []any{"n", 1}, "in 1 Tag"},
		{"many in German", "de", "overdue.days", []any{"n", 12}, "12 Tage überfällig"},
		{"none is one in French", "fr", "overdue.days", []any{"n", 0}, "0\u00a0jour de retard"},
		{"one in French", "fr", "overdue.days", []any{"n", 1}, "1\u00a0jour de retard"},
		{"two in French", "fr", "overdue.days", []any{"n", 2}, "2\u00a0jours de retard"},
		{"none in Spanish", "es", "overdue.days", []any{"n", 0}, "0\u00a0días de retraso"},
		{"one in Spanish", "es", "overdue.days", []any{"n", 1}, "1\u00a0día de retraso"},
		{"the number chooses the form and need not be shown", "en", "progress.milestones", []any{"done", 1, "total", 1, "n", 1}, "1 of 1 milestone done"},
		{"a number that is no int chooses nothing", "en", "in.days", []any{"n", "1"}, "in 1 days"},
		{"no number", "en", "in.days", nil, "in  days"},
		{"an unknown key is shown", "en", "no.such.key", nil, "no.such.key"},
		{"an unknown key with arguments", "de", "no.such.key", []any{"n", 1}, "no.such.key"},
		{"no key", "en", "", nil, ""},
	}
	var c Catalog
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := c.Locale(tt.tag).Say(tt.key, tt.args...); got != tt.want {
				t.Errorf("it says %q, want %q", got, tt.want)
			}
		})
	}
}

func TestHas(t *testing.T) {
	l := (&Catalog{}).Locale("de-AT")
	for key, want := range map[string]bool{"due": true, "in.days": true, "no.such.key": false, "": false} {
		if l.Has(key) != want {
			t.Errorf("Has(%q) is %v", key, !want)
		}
	}
}

// A catalog is shared by all that make pages at once.
func TestCatalogIsSharedByGoroutines(t *testing.T) {
	tags := []string{"en", "en-US", "en-GB", "de", "de-AT", "de-CH", "fr", "fr-CA", "es-MX", "nl"}
	want := map[string]string{}
	say := func(l *Locale, n int) string {
		at := time.Date(2026, 1, 1+n%400, 0, 0, 0, 0, time.UTC)
		return fmt.Sprint(l.Say("in.days", "n", n), l.Day(at), l.Weekday(at), l.Money(amount(t, "1250.5"), "EUR", false))
	}
	for _, tag := range tags {
		var c Catalog // of its own, so that nothing was read before
		for n := range 100 {
			want[fmt.Sprint(tag, n)] = say(c.Locale(tag), n)
		}
	}
	var c Catalog
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			for n := range 100 {
				for i := range tags {
					tag := tags[(i+worker)%len(tags)]
					if got := say(c.Locale(tag), n); got != want[fmt.Sprint(tag, n)] {
						t.Errorf("%s says %q, want %q", tag, got, want[fmt.Sprint(tag, n)])
					}
				}
			}
		})
	}
	group.Wait()
	for _, tag := range tags {
		if c.Locale(tag) != c.Locale(tag) {
			t.Errorf("%s is read a second time", tag)
		}
	}
}
