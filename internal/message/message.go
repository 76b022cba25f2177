// Package message holds the words of every page in every language, and how a
// locale writes dates, numbers and money. All of it lies in locales/, one JSON
// file for each language and a small one for a region that differs.
//
// It knows nothing of deals.
package message

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

//go:embed locales/*.json
var files embed.FS

// fallback is the language whose words stand in for missing ones.
const fallback = "en"

// Catalog hands out locales; each is read once. Its zero value holds what is
// built in, and it may be used by several goroutines at once.
type Catalog struct {
	// More holds further files, such as ar.json, which go over the built-in
	// ones of the same name; nil for none.
	More    fs.FS
	locales sync.Map
}

// Locale is a language with its region's ways.
type Locale struct {
	// Tag is what was asked for, such as "de-AT"; Lang the language that its
	// words are in, such as "de".
	Tag, Lang string
	// Missing are the keys that the language has no words for, Unknown those
	// that English has none for, and nothing asks for. Unlike are those whose
	// words have other placeholders than the English ones. All are sorted.
	Missing, Unknown, Unlike []string

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
		First    string `json:"first"`    // a month's first day, where it is no plain number: 1er
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
		Decimal string            `json:"decimal"` // where it is not that of numbers
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
	l, _ := c.locales.LoadOrStore(tag, c.read(tag))
	return l.(*Locale)
}

// Languages that there are words for.
func (c *Catalog) Languages() []string {
	return slices.DeleteFunc(c.Locales(), func(tag string) bool { return strings.Contains(tag, "-") })
}

// Locales that there are words for: languages, and regions that differ.
func (c *Catalog) Locales() []string {
	tags := map[string]bool{}
	for _, layer := range c.layers() {
		names, err := fs.Glob(layer, "*.json")
		if err != nil {
			panic("internal error: " + err.Error())
		}
		for _, name := range names {
			tags[strings.TrimSuffix(name, ".json")] = true
		}
	}
	return slices.Sorted(maps.Keys(tags))
}

// layers are the folders that hold files, those below first.
func (c *Catalog) layers() []fs.FS {
	builtin, err := fs.Sub(files, "locales")
	if err != nil {
		panic("internal error: " + err.Error())
	}
	if c.More == nil {
		return []fs.FS{builtin}
	}
	return []fs.FS{builtin, c.More}
}

func (c *Catalog) read(tag string) *Locale {
	base, _, _ := strings.Cut(tag, "-")
	if !slices.Contains(c.Languages(), base) {
		base = fallback
	}
	l := &Locale{Tag: tag, Lang: base, words: map[string]entry{}}
	l.plural = language.Make(base)
	c.merge(base, &l.form, l.words)
	english := map[string]entry{}
	if base == fallback && c.More == nil { // these are the words
		maps.Copy(english, l.words)
	} else {
		(&Catalog{}).merge(fallback, &form{}, english)
	}
	if base != fallback || strings.HasPrefix(tag, fallback+"-") {
		c.merge(tag, &l.form, l.words)
	}
	for key, e := range l.words {
		switch wanted, known := english[key]; {
		case !known:
			l.Unknown = append(l.Unknown, key)
		case !e.fits(wanted):
			l.Unlike = append(l.Unlike, key)
		}
	}
	for key, e := range english {
		if l.words[key] == nil {
			l.words[key] = e
			l.Missing = append(l.Missing, key)
		}
	}
	slices.Sort(l.Missing)
	slices.Sort(l.Unknown)
	slices.Sort(l.Unlike)
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
func (c *Catalog) merge(name string, f *form, words map[string]entry) {
	if strings.ContainsFunc(name, func(r rune) bool { return r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		return // it is no tag, and might lead elsewhere
	}
	for _, layer := range c.layers() {
		data, err := fs.ReadFile(layer, name+".json")
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		must(name, err)
		var file struct {
			Form  json.RawMessage `json:"form"`
			Words map[string]any  `json:"words"`
		}
		must(name, json.Unmarshal(data, &file))
		if file.Form != nil {
			must(name, json.Unmarshal(file.Form, f))
		}
		for key, written := range file.Words {
			words[key] = parseEntry(name, written)
		}
	}
}

func must(name string, err error) {
	if err != nil {
		panic(fmt.Sprintf("internal error: locales/%s.json: %v", name, err))
	}
}

// parseEntry takes a text, or texts by their form.
func parseEntry(name string, written any) entry {
	if single, ok := written.(string); ok {
		return entry{"other": parseText(single)}
	}
	forms, ok := written.(map[string]any)
	e := entry{}
	for form, s := range forms {
		single, isText := s.(string)
		ok = ok && isText
		e[form] = parseText(single)
	}
	if !ok {
		must(name, fmt.Errorf("%v is no text", written))
	}
	return e
}

// fits says whether an entry has the placeholders that another has. A form for
// none, one or two may leave out the number: "one day".
func (e entry) fits(wanted entry) bool {
	names := map[string]bool{}
	for _, t := range wanted {
		for i := 1; i < len(t); i += 2 {
			names[t[i]] = true
		}
	}
	for form, t := range e {
		left := maps.Clone(names)
		for i := 1; i < len(t); i += 2 {
			if !names[t[i]] {
				return false
			}
			delete(left, t[i])
		}
		if form == "zero" || form == "one" || form == "two" {
			delete(left, "n")
		}
		if len(left) > 0 {
			return false
		}
	}
	return e["other"] != nil
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

// Keys are those that begin with a prefix, sorted.
func (l *Locale) Keys(prefix string) []string {
	var keys []string
	for key := range l.words {
		if strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

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
