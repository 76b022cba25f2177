// Package message holds the words of every page in every language, and how a
// locale writes dates, numbers and money. All of it lies in locales/, one JSON
// file for each language and a small one for a region that differs.
//
// It knows nothing of deals.
package message

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

//go:embed locales/*.json
var files embed.FS

// fallback is the language whose words stand in for missing ones.
const fallback = "en"

// Catalog hands out locales; each is read once. Its zero value is ready, and
// it may be used by several goroutines at once.
type Catalog struct{ locales sync.Map }

// Locale is a language with its region's ways.
type Locale struct {
	// Tag is what was asked for, such as "de-AT"; Lang the language that its
	// words are in, such as "de".
	Tag, Lang string
	// Missing are the keys that the language has no words for.
	Missing []string

	plural language.Tag
	form   form
	words  map[string]entry
	// plain are the texts without placeholders and forms.
	plain map[string]string
	days  sync.Map // written out, by year, month and day
}

// form is everything in a file but its words.
type form struct {
	Dir      string    `json:"dir"`
	Quotes   [4]string `json:"quotes"` // double, then single
	Months   []string  `json:"months"`
	Mon      []string  `json:"mon"`
	Weekdays []string  `json:"weekdays"` // from Sunday
	Date     struct {
		Day      string `json:"day"`      // {d} {mon} {y}
		Long     string `json:"long"`     // {d} {month} {y}
		Short    string `json:"short"`    // {d} {mon}
		DayOnly  string `json:"dayOnly"`  // {d}, before a range's end in the same month
		Range    string `json:"range"`    // {from} – {to}
		Weekday  string `json:"weekday"`  // {weekday}, {date}
		TimeZone string `json:"timeZone"` // {time} {zone}
	} `json:"date"`
	Clock  string `json:"clock"` // "24" or "12"
	Number struct {
		Decimal string `json:"decimal"`
		Group   string `json:"group"`
		// MinGroup is how many digits must stand before a group's mark.
		MinGroup int    `json:"minGroup"`
		Percent  string `json:"percent"` // {n} %
		Minus    string `json:"minus"`
	} `json:"number"`
	Money struct {
		Pattern string            `json:"pattern"` // {symbol}{n}
		Symbols map[string]string `json:"symbols"`
		Code    string            `json:"code"` // for currencies without a symbol: {symbol} {n}
	} `json:"money"`
}

// entry is a text by plural form; one without forms has "other" alone.
type entry map[string]text

// Locale for a BCP 47 tag. A language without a file is written in English,
// whole: words of one language with dates of another would be worse.
func (c *Catalog) Locale(tag string) *Locale {
	if l, ok := c.locales.Load(tag); ok {
		return l.(*Locale)
	}
	l, _ := c.locales.LoadOrStore(tag, read(tag))
	return l.(*Locale)
}

// Languages that there are words for.
func Languages() []string {
	entries, err := files.ReadDir("locales")
	if err != nil {
		panic("internal error: " + err.Error())
	}
	var langs []string
	for _, e := range entries {
		if name := strings.TrimSuffix(e.Name(), ".json"); !strings.Contains(name, "-") {
			langs = append(langs, name)
		}
	}
	return langs
}

func read(tag string) *Locale {
	base, _, _ := strings.Cut(tag, "-")
	if !slices.Contains(Languages(), base) {
		base = fallback
	}
	l := &Locale{Tag: tag, Lang: base, words: map[string]entry{}}
	l.plural = language.Make(base)
	english := map[string]entry{}
	merge(fallback, &form{}, english)
	merge(base, &l.form, l.words)
	if base != fallback || strings.HasPrefix(tag, fallback+"-") {
		merge(tag, &l.form, l.words)
	}
	for key, e := range english {
		if l.words[key] == nil {
			l.words[key] = e
			l.Missing = append(l.Missing, key)
		}
	}
	slices.Sort(l.Missing)
	l.plain = map[string]string{}
	for key, e := range l.words {
		if t := e["other"]; len(e) == 1 && len(t) == 1 {
			l.plain[key] = t[0]
		}
	}
	return l
}

// merge reads a file over what is there. A file that does not exist changes
// nothing; one that cannot be read is a mistake in the program.
func merge(name string, f *form, words map[string]entry) {
	data, err := files.ReadFile("locales/" + name + ".json")
	if err != nil {
		return
	}
	var file struct {
		Form  json.RawMessage            `json:"form"`
		Words map[string]json.RawMessage `json:"words"`
	}
	must(name, json.Unmarshal(data, &file))
	if file.Form != nil {
		must(name, json.Unmarshal(file.Form, f))
	}
	for key, raw := range file.Words {
		words[key] = parseEntry(name, raw)
	}
}

func must(name string, err error) {
	if err != nil {
		panic(fmt.Sprintf("internal error: locales/%s.json: %v", name, err))
	}
}

func parseEntry(name string, raw json.RawMessage) entry {
	var single string
	if json.Unmarshal(raw, &single) == nil {
		return entry{"other": parseText(single)}
	}
	var forms map[string]string
	must(name, json.Unmarshal(raw, &forms))
	e := entry{}
	for form, s := range forms {
		e[form] = parseText(s)
	}
	return e
}

// text is a sentence cut at its placeholders: odd elements are their names.
type text []string

func parseText(s string) text {
	var t text
	for {
		before, rest, found := strings.Cut(s, "{")
		t = append(t, before)
		if !found {
			return t
		}
		name, after, _ := strings.Cut(rest, "}")
		t = append(t, name)
		s = after
	}
}

// fill puts values in place of placeholders; args are names and values in
// turn.
func (t text) fill(args []any) string {
	if len(t) == 1 {
		return t[0]
	}
	var b strings.Builder
	for i, part := range t {
		if i%2 == 0 {
			b.WriteString(part)
			continue
		}
		for j := 0; j+1 < len(args); j += 2 {
			if args[j] == part {
				switch v := args[j+1].(type) {
				case string:
					b.WriteString(v)
				case int:
					b.WriteString(strconv.Itoa(v))
				default:
					fmt.Fprint(&b, v)
				}
				break
			}
		}
	}
	return b.String()
}

// Say is the text of a key. args are names and values of its placeholders in
// turn; an int called "n" chooses the plural form. An unknown key is shown as
// itself, so that a theme's author sees it.
func (l *Locale) Say(key string, args ...any) string {
	if text, ok := l.plain[key]; ok {
		return text
	}
	e, ok := l.words[key]
	if !ok {
		return key
	}
	if len(e) > 1 {
		for j := 0; j+1 < len(args); j += 2 {
			if n, isInt := args[j+1].(int); isInt && args[j] == "n" {
				if t, ok := e[l.pluralForm(n)]; ok {
					return t.fill(args)
				}
			}
		}
	}
	return e["other"].fill(args)
}

// Has says whether there are words for a key.
func (l *Locale) Has(key string) bool { _, ok := l.words[key]; return ok }

func (l *Locale) pluralForm(n int) string {
	n = max(n, -n)
	switch plural.Cardinal.MatchPlural(l.plural, n, 0, 0, 0, 0) {
	case plural.Zero:
		return "zero"
	case plural.One:
		return "one"
	case plural.Two:
		return "two"
	case plural.Few:
		return "few"
	case plural.Many:
		return "many"
	}
	return "other"
}

// Dir is the direction of writing: ltr or rtl.
func (l *Locale) Dir() string { return l.form.Dir }

// Quotes are the opening and closing double quotes, then the single ones.
func (l *Locale) Quotes() [4]string { return l.form.Quotes }
