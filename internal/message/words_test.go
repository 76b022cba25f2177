package message

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// localeFiles are the names of all files, without their ending.
func localeFiles(t *testing.T) []string {
	t.Helper()
	entries, err := files.ReadDir("locales")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".json")
		if !ok {
			t.Errorf("%s is no locale", e.Name())
		}
		names = append(names, name)
	}
	if len(names) < 5 {
		t.Fatalf("there are only %d locales", len(names))
	}
	return names
}

// others are the languages that are held against English.
func others(t *testing.T) []string {
	t.Helper()
	langs := slices.DeleteFunc((&Catalog{}).Languages(), func(lang string) bool { return lang == fallback })
	if len(langs) == 0 {
		t.Fatal("there is no language but English")
	}
	return langs
}

// wordsOf are the words of one file alone.
func wordsOf(name string) map[string]entry {
	words := map[string]entry{}
	(&Catalog{}).merge(name, &form{}, words)
	return words
}

func keys[V any](m map[string]V) []string {
	var all []string
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

func TestLanguages(t *testing.T) {
	if diff := cmp.Diff([]string{"de", "en", "es", "fr"}, (&Catalog{}).Languages()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEveryLanguageHasTheSameKeys(t *testing.T) {
	english := keys(wordsOf(fallback))
	if len(english) < 100 {
		t.Fatalf("English has only %d keys", len(english))
	}
	for _, lang := range others(t) {
		if diff := cmp.Diff(english, keys(wordsOf(lang))); diff != "" {
			t.Errorf("%s (-en +%s):\n%s", lang, lang, diff)
		}
		if missing := (&Catalog{}).Locale(lang).Missing; len(missing) > 0 {
			t.Errorf("%s misses %v", lang, missing)
		}
	}
}

// A region changes words that its language has, and brings none of its own.
func TestRegionsHaveNoKeysOfTheirOwn(t *testing.T) {
	for _, name := range localeFiles(t) {
		lang, _, isRegion := strings.Cut(name, "-")
		if !isRegion {
			continue
		}
		if !slices.Contains((&Catalog{}).Languages(), lang) {
			t.Errorf("%s is a region of no language", name)
		}
		language := wordsOf(lang)
		for key := range wordsOf(name) {
			if language[key] == nil {
				t.Errorf("%s has the key %q, and %s has not", name, key, lang)
			}
		}
	}
}

func placeholders(t text) []string {
	var names []string
	for i := 1; i < len(t); i += 2 {
		names = append(names, t[i])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// used are the placeholders of all forms of an entry. A form for one may leave
// out the number: "one day".
func used(e entry) []string {
	var all []string
	for _, t := range e {
		all = append(all, placeholders(t)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestPlaceholdersAgreeBetweenLanguages(t *testing.T) {
	english := wordsOf(fallback)
	with := 0
	for _, name := range localeFiles(t) {
		if unlike := (&Catalog{}).Locale(name).Unlike; len(unlike) > 0 {
			t.Errorf("%s fills in something else than English in %v", name, unlike)
		}
		for key, e := range wordsOf(name) {
			if want := used(english[key]); !slices.Equal(want, used(e)) {
				t.Errorf("%s: %q has %v, and English has %v", name, key, used(e), want)
			}
			if len(used(e)) > 0 {
				with++
			}
		}
	}
	if with < 20 {
		t.Errorf("only %d texts have placeholders", with)
	}
}

func TestPlaceholdersAreClosed(t *testing.T) {
	for _, name := range localeFiles(t) {
		for key, forms := range rawWords(t, name) {
			for form, s := range forms {
				if strings.Count(s, "{") != strings.Count(s, "}") {
					t.Errorf("%s: %q (%s) is %q", name, key, form, s)
				}
				for _, p := range placeholders(parseText(s)) {
					if p == "" || strings.Trim(p, "abcdefghijklmnopqrstuvwxyz") != "" {
						t.Errorf("%s: %q (%s) has the placeholder %q", name, key, form, p)
					}
				}
			}
		}
	}
}

// rawWords are the words of a file as they are written, by key and form; a key
// that stands twice is a mistake, since a JSON reader takes the last in
// silence.
func rawWords(t *testing.T, name string) map[string]map[string]string {
	t.Helper()
	data, err := files.ReadFile("locales/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Words map[string]json.RawMessage `json:"words"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	words := map[string]map[string]string{}
	for key, raw := range file.Words {
		var s string
		if json.Unmarshal(raw, &s) == nil {
			words[key] = map[string]string{"other": s}
			continue
		}
		forms := map[string]string{}
		if err := json.Unmarshal(raw, &forms); err != nil {
			t.Errorf("%s: %q: %v", name, key, err)
		}
		words[key] = forms
	}
	return words
}

func TestNoTextIsEmpty(t *testing.T) {
	for _, name := range localeFiles(t) {
		for key, forms := range rawWords(t, name) {
			for form, s := range forms {
				if s == "" || key != "list.comma" && key != "list.colon" && strings.TrimSpace(s) != s {
					t.Errorf("%s: %q (%s) is %q", name, key, form, s)
				}
			}
		}
	}
}

// signs that no text may hold, by language; "" is for all.
var signs = map[string]*regexp.Regexp{
	"":   regexp.MustCompile(`['"\x60´\t\n]|\.\.\.| - |[ \x{a0}\x{202f}]{2}| [.,;:!?]`),
	"en": regexp.MustCompile(`[\x{a0}\x{202f}„«»¿¡]`),
	"de": regexp.MustCompile(`”|[«»]|[\x{a0}\x{202f}][:;!?]`),
	"fr": regexp.MustCompile(`[“”„]|[^\x{a0}]:|[^\x{202f}][;!?]|«[^\x{a0}]|[^\x{a0}]»`),
	"es": regexp.MustCompile(`[“”„]|«[ \x{a0}]|[ \x{a0}]»|[\x{a0}\x{202f}][:;!?]`),
}

func TestTypography(t *testing.T) {
	for _, name := range localeFiles(t) {
		lang, _, _ := strings.Cut(name, "-")
		for key, forms := range rawWords(t, name) {
			for form, s := range forms {
				for _, bad := range []*regexp.Regexp{signs[""], signs[lang]} {
					if bad != nil && bad.MatchString(s) {
						t.Errorf("%s: %q (%s) is %q, with %q", name, key, form, s, bad.FindString(s))
					}
				}
			}
		}
	}
}

// What asks opens with its sign in Spanish, and other headings of notes are
// told from each other.
func TestTextsOfTheirOwnForm(t *testing.T) {
	for _, name := range localeFiles(t) {
		taken := map[string]string{}
		for key, forms := range rawWords(t, name) {
			s := forms["other"]
			if strings.HasPrefix(name, "es") && strings.Count(s, "?") != strings.Count(s, "¿") {
				t.Errorf("%s: %q is %q", name, key, s)
			}
			if !strings.HasPrefix(key, "note.") {
				continue
			}
			for heading := range strings.SplitSeq(s, "|") {
				if heading == "" || strings.TrimSpace(heading) != heading || taken[strings.ToLower(heading)] != "" {
					t.Errorf("%s: %q has the heading %q, as %q has", name, key, heading, taken[strings.ToLower(heading)])
				}
				taken[strings.ToLower(heading)] = key
			}
		}
	}
}

func TestNoKeyStandsTwice(t *testing.T) {
	for _, name := range localeFiles(t) {
		data, err := files.ReadFile("locales/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range twice(t, data) {
			t.Errorf("%s has %s twice", name, key)
		}
	}
	if got := twice(t, []byte(`{"a": {"b": 1, "c": [{"b": 1}, {"b": 1}], "b": 2}, "b": 1}`)); !slices.Equal(got, []string{".a.b"}) {
		t.Errorf("what stands twice is found to be %v", got)
	}
}

// twice are the keys that stand in one JSON object more than once.
func twice(t *testing.T, data []byte) []string {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	var found []string
	var value func(path string)
	next := func() json.Token {
		token, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	value = func(path string) {
		switch next() {
		case json.Delim('{'):
			seen := map[string]bool{}
			for d.More() {
				key := path + "." + next().(string)
				if seen[key] {
					found = append(found, key)
				}
				seen[key] = true
				value(key)
			}
			next()
		case json.Delim('['):
			for i := 0; d.More(); i++ {
				value(fmt.Sprint(path, ".", i))
			}
			next()
		}
	}
	value("")
	if _, err := d.Token(); err != io.EOF {
		t.Errorf("something stands behind the file's end: %v", err)
	}
	return found
}

// formsOf are the plural forms that a language has for whole numbers.
func formsOf(lang string) []string {
	tag, forms := language.Make(lang), map[plural.Form]string{
		plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many", plural.Other: "other",
	}
	needed := map[string]bool{"other": true}
	for n := range 2000 {
		needed[forms[plural.Cardinal.MatchPlural(tag, n, 0, 0, 0, 0)]] = true
	}
	for _, n := range []int{10_000, 100_000, 1_000_000, 2_000_000, 5_000_001} {
		needed[forms[plural.Cardinal.MatchPlural(tag, n, 0, 0, 0, 0)]] = true
	}
	return keys(needed)
}

func TestFormsOfLanguages(t *testing.T) {
	for lang, want := range map[string][]string{
		"en": {"one", "other"}, "de": {"one", "other"}, "fr": {"one", "other"}, "es": {"one", "other"},
		"ar": {"few", "many", "one", "other", "two", "zero"}, "ja": {"other"},
	} {
		if diff := cmp.Diff(want, formsOf(lang)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", lang, diff)
		}
	}
}

// A text with forms has every form that its language needs, and no other.
func TestPluralFormsArePresent(t *testing.T) {
	some := 0
	for _, lang := range (&Catalog{}).Languages() {
		needed := formsOf(lang)
		for key, forms := range rawWords(t, lang) {
			if forms["other"] == "" {
				t.Errorf("%s: %q has no form for other numbers", lang, key)
			}
			if len(forms) == 1 {
				continue
			}
			some++
			if diff := cmp.Diff(needed, keys(forms)); diff != "" {
				t.Errorf("%s: %q (-needed +written):\n%s", lang, key, diff)
			}
		}
	}
	if some < 10 {
		t.Errorf("only %d texts have forms", some)
	}
}

// Where English tells numbers apart, every language does.
func TestPluralsAreTheSameKeys(t *testing.T) {
	english := wordsOf(fallback)
	for _, lang := range others(t) {
		for key, e := range wordsOf(lang) {
			if len(e) > 1 != (len(english[key]) > 1) {
				t.Errorf("%s: %q has %d forms, and English has %d", lang, key, len(e), len(english[key]))
			}
		}
	}
}

func TestEveryFormIsWhole(t *testing.T) {
	for _, name := range localeFiles(t) {
		l := (&Catalog{}).Locale(name)
		f := l.form
		if len(f.Months) != 12 || len(f.Mon) != 12 || len(f.Weekdays) != 7 {
			t.Errorf("%s has %d months, %d short ones and %d weekdays", name, len(f.Months), len(f.Mon), len(f.Weekdays))
		}
		if f.Dir != "ltr" && f.Dir != "rtl" || l.Dir() != f.Dir {
			t.Errorf("%s is written %q", name, f.Dir)
		}
		if f.Clock != "12" && f.Clock != "24" {
			t.Errorf("%s has the clock %q", name, f.Clock)
		}
		for i, q := range l.Quotes() {
			if q == "" {
				t.Errorf("%s has no quote %d", name, i)
			}
		}
		patterns := map[string][]string{
			f.Date.Day: {"d", "mon", "y"}, f.Date.Long: {"d", "month", "y"}, f.Date.Short: {"d", "mon"},
			f.Date.Range: {"from", "to"}, f.Date.Weekday: {"date", "weekday"},
			f.Number.Percent: {"n"}, f.Money.Pattern: {"n", "symbol"}, f.Money.Code: {"n", "symbol"},
		}
		if f.Date.DayOnly != "" {
			patterns[f.Date.DayOnly] = []string{"d"}
		}
		for pattern, want := range patterns {
			if got := placeholders(parseText(pattern)); !slices.Equal(got, want) {
				t.Errorf("%s: the pattern %q holds %v, want %v", name, pattern, got, want)
			}
		}
		if f.Number.Decimal == "" || f.Number.Group == "" || f.Number.Decimal == f.Number.Group || f.Number.Minus == "" {
			t.Errorf("%s writes numbers with %q, %q and %q", name, f.Number.Decimal, f.Number.Group, f.Number.Minus)
		}
	}
}

func TestNamesOfDaysAndMonthsDiffer(t *testing.T) {
	for _, name := range localeFiles(t) {
		f := (&Catalog{}).Locale(name).form
		for _, list := range [][]string{f.Months, f.Mon, f.Weekdays} {
			seen := map[string]bool{}
			for _, s := range list {
				if s == "" || seen[s] {
					t.Errorf("%s: %q stands twice or is empty", name, s)
				}
				seen[s] = true
			}
		}
	}
}
