package parse

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"portico/internal/deal"
	"portico/internal/diag"
)

// binder carries one TOML file's tree into the model and collects every
// mistake on the way. It never stops at one.
type binder struct {
	file     string
	path     []string
	markdown *markdown
	locale   string
	// scope says what a path in this file may name.
	scope    deal.Scope
	ids      map[string][]string
	calendar map[string]deal.Calendar
	findings []deal.Finding
	// mistaken are the paths that could not be read, as they were written.
	mistaken []string
}

// field is one key of a table: how it is called, described, completed and
// read. The tables in deal_table.go and site_table.go are made of nothing
// else, and so is the JSON Schema.
type field[T any] struct {
	name, doc string
	schema    schema
	required  bool
	bind      func(b *binder, into *T, v any)
}

// must makes a field required: the page cannot be made without it.
func (f field[T]) must() field[T] {
	f.required = true
	return f
}

// preset documents the value that an absent key has.
func (f field[T]) preset(value string) field[T] {
	f.schema.preset = value
	return f
}

// over documents that a table may stand over one that has its required keys.
func (f field[T]) over() field[T] {
	f.schema.partial = true
	return f
}

// table binds the keys of a TOML table.
type table[T any] struct {
	fields []field[T]
	byName map[string]*field[T]
	// whole looks at what several keys say together.
	whole func(b *binder, t *T, tree map[string]any)
}

func (t *table[T]) then(whole func(b *binder, t *T, tree map[string]any)) *table[T] {
	t.whole = whole
	return t
}

func tableOf[T any](groups ...[]field[T]) *table[T] {
	t := &table[T]{fields: slices.Concat(groups...)}
	t.byName = make(map[string]*field[T], len(t.fields))
	for i := range t.fields {
		t.byName[t.fields[i].name] = &t.fields[i]
	}
	return t
}

// bind reads v, which must be a table, into a T. Required keys are not asked
// for where partial is set: the T holds them already.
func (t *table[T]) bind(b *binder, into *T, v any, partial bool) {
	tree, ok := v.(map[string]any)
	if !ok {
		if v != nil {
			b.wrongType(v, "a table", "write ["+strings.Join(b.path, ".")+"] and its keys below")
		}
		return
	}
	known := 0
	for i := range t.fields {
		f := &t.fields[i]
		value, given := tree[f.name]
		if !given {
			continue
		}
		known++
		b.in(f.name, func() {
			if _, gone := value.(lost); !gone {
				f.bind(b, into, value)
			} else {
				f.bind(b, into, nil)
			}
		})
	}
	if known != len(tree) {
		t.unknown(b, tree)
		tree = t.meant(tree)
	}
	for i := range t.fields {
		switch f := &t.fields[i]; {
		case f.required && !partial && !has(tree, f.name):
			b.missing(f.name, f.doc)
		case f.required && isEmptyList(tree[f.name]):
			b.in(f.name, func() { b.fail("empty", fmt.Sprintf("%q is empty", f.name), f.doc) })
		}
	}
	if t.whole != nil {
		t.whole(b, into, tree)
	}
}

// unknown reports the keys that no field has.
func (t *table[T]) unknown(b *binder, tree map[string]any) {
	names := t.names()
	for _, key := range sorted(tree) {
		if gone, ok := tree[key].(lost); t.byName[key] != nil || ok && gone.guess {
			continue
		}
		f := deal.Finding{Place: b.place().Of(key), Code: "unknown-key", Text: fmt.Sprintf("unknown key %q", key), Label: diag.DidYouMean(key, names)}
		f.Key = true
		kind := "key"
		if isTable(tree[key]) && len(b.path) == 0 {
			f.Code, f.Text, kind = "unknown-table", fmt.Sprintf("unknown table [%s]", key), "table"
		}
		if near := diag.Nearest(key, names); near != "" {
			f.Hint = t.byName[near].doc
		} else {
			f.Hint = fmt.Sprintf("the %ss here are %s", kind, strings.Join(names, ", "))
		}
		b.findings = append(b.findings, f)
	}
}

// meant is the tree with the keys that were meant by those that no field has,
// as lost: they were given, and reported as unknown.
func (t *table[T]) meant(tree map[string]any) map[string]any {
	names, all := t.names(), maps.Clone(tree)
	for key := range tree {
		if near := diag.Nearest(key, names); t.byName[key] == nil && near != "" && !has(tree, near) {
			all[near] = lost{}
		}
	}
	return all
}

func (t *table[T]) names() []string {
	names := make([]string, len(t.fields))
	for i := range t.fields {
		names[i] = t.fields[i].name
	}
	return names
}

func (b *binder) in(step string, do func()) {
	b.path = append(b.path, step)
	do()
	b.path = b.path[:len(b.path)-1]
}

// place is where the binder is.
func (b *binder) place() deal.Place {
	at := deal.Place{File: b.file}
	for _, step := range b.path {
		at = at.Of(step)
	}
	return at
}

func (b *binder) fail(code, text, hint string) {
	b.failAt(b.place(), code, text, "", hint)
}

func (b *binder) failAt(at deal.Place, code, text, label, hint string) {
	b.findings = append(b.findings, deal.Finding{Place: at, Code: code, Text: text, Label: label, Hint: hint})
}

func (b *binder) warn(code, text, hint string) {
	b.findings = append(b.findings, deal.Finding{Place: b.place(), Code: code, Text: text, Hint: hint, Lenient: true})
}

func (b *binder) missing(key, doc string) {
	at := b.place()
	at.Key = true
	what := "the file"
	if len(b.path) > 0 {
		what = tableName(b.path)
	}
	code, key2 := "missing-key", fmt.Sprintf("%q", key)
	if len(b.path) == 0 {
		code, key2 = "missing-table", "["+key+"]"
	}
	b.failAt(at, code, fmt.Sprintf("%s has no %s", what, key2), "", doc)
}

// tableName is how a person would call the table at a path.
func tableName(p []string) string {
	if _, err := strconv.Atoi(p[len(p)-1]); err == nil {
		return "this entry of " + strings.Join(p[:len(p)-1], ".")
	}
	return "[" + strings.Join(p, ".") + "]"
}

// wrongType reports a value of another type than the key takes.
func (b *binder) wrongType(v any, want, hint string) {
	if _, gone := v.(lost); gone {
		return // reported where it was lost
	}
	b.fail("wrong-type", fmt.Sprintf("%s is %s, not %s", strconv.Quote(b.key()), typeName(v), want), hint)
}

// key is the name of the key that is being read, for messages.
func (b *binder) key() string {
	for i := len(b.path) - 1; i >= 0; i-- {
		if _, err := strconv.Atoi(b.path[i]); err != nil {
			return b.path[i]
		}
	}
	return b.file
}

func typeName(v any) string {
	switch v.(type) {
	case string:
		return "text"
	case int64:
		return "a whole number"
	case float64:
		return "a decimal number"
	case bool:
		return "true or false"
	case time.Time, writtenDate:
		return "a date"
	case []any, []map[string]any:
		return "a list"
	case map[string]any:
		return "a table"
	}
	return "a value"
}

func isTable(v any) bool {
	switch v := v.(type) {
	case map[string]any, []map[string]any:
		return true
	case []any:
		return len(v) > 0 && isTable(v[0])
	}
	return false
}

// each calls do for every entry of a list. A single value stands for a list of
// one.
func (b *binder) each(v any, do func(v any)) {
	switch v := v.(type) {
	case nil, lost:
	case []any:
		for i, item := range v {
			b.in(strconv.Itoa(i), func() { do(item) })
		}
	case []map[string]any:
		for i, item := range v {
			b.in(strconv.Itoa(i), func() { do(item) })
		}
	default:
		b.in("0", func() { do(v) })
	}
}

// text reads plain text: trimmed, with line breaks as spaces. It is "" where
// the value is none, which has then been reported.
func (b *binder) text(v any) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "", false
	case string:
		s := v
		if strings.ContainsAny(s, "\n\t") || strings.Contains(s, "  ") || s != strings.TrimSpace(s) {
			s = strings.Join(strings.Fields(s), " ")
		}
		if s == "" {
			b.fail("empty", fmt.Sprintf("%q is empty", b.key()), "fill it in, or delete the key")
			return "", false
		}
		if strings.ContainsFunc(s, isControl) {
			b.fail("control-character", fmt.Sprintf("%q holds a control character", b.key()), "delete it and type the text again")
			return "", false
		}
		return s, true
	case int64:
		b.wrongType(v, "text", fmt.Sprintf("write it in quotes: \"%d\"", v))
	case float64:
		b.wrongType(v, "text", "write it in quotes")
	default:
		b.wrongType(v, "text", "write it in quotes")
	}
	return "", false
}

func isControl(r rune) bool {
	return r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0
}

// localText reads text that may differ by language, and chooses the locale's.
func (b *binder) localText(v any) (string, bool) {
	byLang, ok := v.(map[string]any)
	if !ok {
		return b.text(v)
	}
	lang := chooseLanguage(byLang, b.locale)
	chosen, found := "", false
	for _, key := range sorted(byLang) {
		b.in(key, func() {
			if !isLanguage(key) {
				b.fail("bad-locale", fmt.Sprintf("%q is no language", key), `languages are written as en, de or pt-BR: { en = "…", de = "…" }`)
				return
			}
			if s, ok := b.text(byLang[key]); ok && key == lang {
				chosen, found = s, true
			}
		})
	}
	if len(byLang) == 0 {
		b.fail("empty", fmt.Sprintf("%q is empty", b.key()), `write one text, or one for each language: { en = "…", de = "…" }`)
	}
	return chosen, found
}

// chooseLanguage is the key for a locale: itself, its language, the same
// language of another region, English, or the first by name.
func chooseLanguage(byLang map[string]any, locale string) string {
	keys := sorted(byLang)
	for _, fits := range []func(key string) bool{
		func(key string) bool { return strings.EqualFold(strings.ReplaceAll(key, "_", "-"), locale) },
		func(key string) bool { return strings.EqualFold(key, languageOf(locale)) },
		func(key string) bool { return strings.EqualFold(languageOf(key), languageOf(locale)) },
		func(key string) bool { return strings.EqualFold(languageOf(key), "en") },
	} {
		if i := slices.IndexFunc(keys, fits); i >= 0 {
			return keys[i]
		}
	}
	if len(keys) > 0 {
		return keys[0]
	}
	return ""
}

// languageOf is the language of a locale.
func languageOf(locale string) string {
	if i := strings.IndexAny(locale, "-_"); i >= 0 {
		return locale[:i]
	}
	return locale
}

// prose reads inline Markdown.
func (b *binder) prose(v any, local bool) (deal.Prose, bool) {
	if byLang, ok := v.(map[string]any); ok && local {
		if _, ok := b.localText(v); !ok {
			return deal.Prose{}, false
		}
		lang := chooseLanguage(byLang, b.locale)
		var p deal.Prose
		b.in(lang, func() { p = b.inline(byLang[lang].(string)) })
		return p, true
	}
	raw, ok := v.(string)
	if _, good := b.text(v); !good || !ok {
		return deal.Prose{}, false
	}
	return b.inline(raw), true
}

// inline renders inline Markdown; its offsets count in the text as it is
// written, so s has not been trimmed.
func (b *binder) inline(s string) deal.Prose {
	p, mistakes := b.markdown.inline(s)
	for _, m := range mistakes {
		m.Place = b.place().Part(m.Offset, m.Length)
		b.findings = append(b.findings, m)
	}
	return p
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
