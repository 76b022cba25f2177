package parse

import (
	"fmt"
	"net/mail"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/text/currency"
	"golang.org/x/text/language"

	"portico/internal/deal"
	"portico/internal/diag"
)

// The constructors below make the kinds of field that the format knows. get
// says where in T the value goes.

// collect reads a list, which takes the place of what was there: a deal's
// person may stand over one of the team.
func collect[E any](b *binder, v any, into *[]E, one func(v any) (E, bool)) {
	if v == nil {
		return
	}
	var list []E
	b.each(v, func(v any) {
		if e, ok := one(v); ok {
			list = append(list, e)
		}
	})
	*into = list
}

// plain text: a title or a name.
func plain[T any](name, doc string, get func(*T) *string) field[T] {
	return field[T]{name: name, doc: doc, schema: schema{kind: "string"}, bind: func(b *binder, t *T, v any) {
		if s, ok := b.text(v); ok {
			*get(t) = s
		}
	}}
}

// localPlain is plain text that may differ by language.
func localPlain[T any](name, doc string, get func(*T) *string) field[T] {
	return field[T]{name: name, doc: doc, schema: schema{kind: "string", local: true}, bind: func(b *binder, t *T, v any) {
		if s, ok := b.localText(v); ok {
			*get(t) = s
		}
	}}
}

// inline Markdown.
func inline[T any](name, doc string, get func(*T) *deal.Prose) field[T] {
	return field[T]{name: name, doc: doc, schema: schema{kind: "string"}, bind: func(b *binder, t *T, v any) {
		if p, ok := b.prose(v, false); ok {
			*get(t) = p
		}
	}}
}

// localInline is inline Markdown that may differ by language.
func localInline[T any](name, doc string, get func(*T) *deal.Prose) field[T] {
	f := inline(name, doc, get)
	f.schema.local = true
	f.bind = func(b *binder, t *T, v any) {
		if p, ok := b.prose(v, true); ok {
			*get(t) = p
		}
	}
	return f
}

// inlines is a list of inline Markdown.
func inlines[T any](name, doc string, get func(*T) *[]deal.Prose) field[T] {
	return field[T]{name: name, doc: doc, schema: schema{kind: "string", list: true}, bind: func(b *binder, t *T, v any) {
		collect(b, v, get(t), func(v any) (deal.Prose, bool) { return b.prose(v, false) })
	}}
}

// flag is true or false.
func flag[T any](name, doc string, get func(*T) *bool) field[T] {
	return field[T]{name: name, doc: doc, schema: schema{kind: "boolean"}, bind: func(b *binder, t *T, v any) {
		switch v := v.(type) {
		case nil:
		case bool:
			*get(t) = v
		default:
			b.wrongType(v, "true or false", "write true or false, without quotes")
		}
	}}
}

// count is a whole number between two bounds.
func count[T any](name, doc string, low, high int, get func(*T) *int) field[T] {
	return field[T]{name: name, doc: doc, schema: schema{kind: "integer", low: &low, high: &high}, bind: func(b *binder, t *T, v any) {
		switch v := v.(type) {
		case nil:
		case int64:
			if v < int64(low) || v > int64(high) {
				b.fail("out-of-range", fmt.Sprintf("%q is %d", b.key(), v), fmt.Sprintf("it runs from %d to %d", low, high))
				return
			}
			*get(t) = int(v)
		default:
			b.wrongType(v, "a whole number", "write a whole number, without quotes")
		}
	}}
}

// choice is one of a list of values. Case, spaces, "-" and "_" are alike.
func choice[T any, S ~string](name, doc string, values []string, get func(*T) *S) field[T] {
	return field[T]{name: name, doc: doc, schema: schema{kind: "string", values: values}, bind: func(b *binder, t *T, v any) {
		if s, ok := b.listed(v, values); ok {
			*get(t) = S(s)
		}
	}}
}

// choices is one of the values, or a list of them.
func choices[T any](name, doc string, values []string, get func(*T) *[]string) field[T] {
	return field[T]{name: name, doc: doc, schema: schema{kind: "string", values: values, list: true}, bind: func(b *binder, t *T, v any) {
		collect(b, v, get(t), func(v any) (string, bool) { return b.listed(v, values) })
	}}
}

func (b *binder) listed(v any, values []string) (string, bool) {
	s, ok := b.text(v)
	if !ok {
		return "", false
	}
	folded := fold(s)
	for _, value := range values {
		if fold(value) == folded {
			return value, true
		}
	}
	b.failAt(b.place(), "unknown-value", fmt.Sprintf("%q is not a value of %q", s, b.key()), diag.DidYouMean(s, values), "it is one of "+strings.Join(values, ", "))
	return "", false
}

var folder = strings.NewReplacer("-", "", "_", "", " ", "")

func fold(s string) string { return folder.Replace(strings.ToLower(s)) }

// ids are references: one id, or a list of them. check says whether they lead
// anywhere.
func ids[T any](name, doc string, get func(*T) *[]string) field[T] {
	return field[T]{name: name, doc: doc, schema: schema{kind: "string", list: true, pattern: idPattern}, bind: func(b *binder, t *T, v any) {
		collect(b, v, get(t), b.text)
	}}
}

// id is one reference.
func id[T any](name, doc string, get func(*T) *string) field[T] {
	f := plain(name, doc, get)
	f.schema.pattern = idPattern
	return f
}

// audience is a list of people's ids and of roles, which have underscores.
func audience[T any](name, doc string, get func(*T) *[]string) field[T] {
	f := ids(name, doc, get)
	f.schema.pattern = audiencePattern
	return f
}

const (
	idPattern       = `^[a-z0-9]+(-[a-z0-9]+)*$`
	audiencePattern = `^[a-z0-9]+([_-][a-z0-9]+)*$`
)

// texts is a list of plain text.
func texts[T any](name, doc string, get func(*T) *[]string) field[T] {
	f := ids(name, doc, get)
	f.schema.pattern = ""
	return f
}

// when is a date, absolute or relative.
func when[T any](name, doc string, get func(*T) *deal.Date) field[T] {
	return field[T]{name: name, doc: doc + ": a day, or counted from another date, such as \"go_live - 6w\"", schema: schema{kind: "date", relative: true}, bind: func(b *binder, t *T, v any) {
		*get(t) = b.date(v)
	}}
}

// day is an absolute date.
func day[T any](name, doc string, get func(*T) *deal.Day) field[T] {
	return field[T]{name: name, doc: doc, schema: schema{kind: "date"}, bind: func(b *binder, t *T, v any) {
		*get(t) = b.day(v)
	}}
}

// days is a list of absolute dates.
func days[T any](name, doc string, get func(*T) *[]deal.Day) field[T] {
	return field[T]{name: name, doc: doc, schema: schema{kind: "date", list: true}, bind: func(b *binder, t *T, v any) {
		collect(b, v, get(t), func(v any) (deal.Day, bool) { d := b.day(v); return d, d != 0 })
	}}
}

func (b *binder) date(v any) deal.Date {
	switch v := v.(type) {
	case time.Time:
		if !isLocalDate(v) {
			return b.notADay(v.Format("2006-01-02"), v.Year() > 0)
		}
		y, m, d := v.Date()
		if day := deal.DayOf(y, m, d); day != 0 {
			return deal.On(day)
		}
		return b.parseDate(v.Format("2006-01-02"))
	case writtenDate:
		if strings.Contains(string(v), ":") {
			day, _, _ := strings.Cut(string(v[:min(len(v), len("2006-01-02"))]), ":")
			return b.notADay(day, strings.Contains(day, "-"))
		}
		return b.parseDate(string(v))
	case string:
		return b.parseDate(v)
	case nil:
	default:
		b.wrongType(v, "a date", `write 2026-11-05, or a sum such as "go_live - 6w"`)
	}
	return deal.BrokenDate()
}

// notADay reports a moment, or a time of day.
func (b *binder) notADay(day string, hasDay bool) deal.Date {
	if hasDay {
		b.fail("wrong-type", fmt.Sprintf("%q is a day with a time, not a day", b.key()), "write the day alone: "+day)
	} else {
		b.fail("wrong-type", fmt.Sprintf("%q is a time of day, not a day", b.key()), `write 2026-11-05, or a sum such as "go_live - 6w"`)
	}
	return deal.BrokenDate()
}

func (b *binder) parseDate(s string) deal.Date {
	d, err := deal.ParseDate(s)
	if e, ok := err.(*deal.DateError); ok {
		at := b.place()
		if e.Length < len(s) {
			at = at.Part(e.Offset, e.Length)
		}
		b.failAt(at, "bad-date", e.Text, "", e.Hint)
	}
	return d
}

func (b *binder) day(v any) deal.Day {
	d := b.date(v)
	if d.Relative() {
		b.fail("relative-date", fmt.Sprintf("%q cannot be counted from another date", b.key()), "write the day itself, such as 2026-11-05")
		return 0
	}
	return d.Day
}

// clock is a time of day.
func clock[T any](name, doc string, get func(*T) *deal.Clock) field[T] {
	return field[T]{name: name, doc: doc, schema: schema{kind: "string", pattern: `^([01]\d|2[0-3]):[0-5]\d$`}, bind: func(b *binder, t *T, v any) {
		var s string
		switch v := v.(type) {
		case nil:
			return
		case string:
			s = v
		case time.Time: // 15:00:00 without quotes
			s = v.Format("15:04")
			if v.Location().String() != "time-local" {
				b.wrongType(v, "a time of day", `write "15:00"`)
				return
			}
		case writtenDate:
			s = string(v)
			if at, err := time.Parse("15:04:05", s); err == nil {
				s = at.Format("15:04")
			}
		default:
			b.wrongType(v, "a time of day", `write "15:00"`)
			return
		}
		at, err := time.Parse("15:04", s)
		if err != nil || len(s) != len("15:04") {
			b.fail("bad-time", fmt.Sprintf("%q is no time of day", s), `write hours and minutes, such as "15:00" or "09:30"`)
			return
		}
		*get(t) = deal.ClockAt(at.Hour(), at.Minute())
	}}
}

// number is money or a quantity: exact.
func number[T any](name, doc string, get func(*T) *deal.Number) field[T] {
	return field[T]{name: name, doc: doc, schema: schema{kind: "number"}, bind: func(b *binder, t *T, v any) {
		if n := b.number(v); n.Set {
			*get(t) = n
		}
	}}
}

// numbers is one number or a list of them.
func numbers[T any](name, doc string, get func(*T) *[]deal.Number) field[T] {
	return field[T]{name: name, doc: doc, schema: schema{kind: "number", list: true}, bind: func(b *binder, t *T, v any) {
		collect(b, v, get(t), func(v any) (deal.Number, bool) { n := b.number(v); return n, n.Set })
	}}
}

var exactNumber = onDemand(`^-?\d{1,15}(\.\d{1,9})?$`)

func (b *binder) number(v any) deal.Number {
	switch v := v.(type) {
	case nil:
	case int64:
		if v <= -1e15 || v >= 1e15 {
			b.fail("bad-number", "this number is too large", "whole numbers have up to 15 digits")
			break
		}
		return deal.Number{Decimal: decimal.NewFromInt(v), Set: true}
	case float64:
		b.fail("bare-decimal", fmt.Sprintf("%q is a decimal without quotes, which is not exact", b.key()), fmt.Sprintf("write %q, in quotes, or a whole number", strconv.FormatFloat(v, 'f', -1, 64)))
	case string:
		if !exactNumber().MatchString(v) {
			b.fail("bad-number", fmt.Sprintf("%q is no number", v), `write digits and one point only: "1250.50"; no thousands separator, no currency sign`)
			break
		}
		n, _ := deal.NumberOf(v)
		return n
	default:
		b.wrongType(v, "a number", `write 1250, or a decimal in quotes: "1250.50"`)
	}
	return deal.Number{}
}

// measure is a number of any kind, or a change against the baseline.
func measure[T any](name, doc string, get func(*T) *deal.Measure) field[T] {
	return field[T]{name: name, doc: doc, schema: schema{kind: "measure"}, bind: func(b *binder, t *T, v any) {
		*get(t) = b.measure(v)
	}}
}

var change = onDemand(`^([+-]\d{1,12}(?:\.\d{1,6})?) ?(%?)$`)

func (b *binder) measure(v any) deal.Measure {
	switch v := v.(type) {
	case nil:
	case int64:
		return deal.Measure{Number: deal.Number{Decimal: decimal.NewFromInt(v), Set: true}}
	case float64:
		if v != v || v > 1e15 || v < -1e15 {
			b.fail("bad-number", fmt.Sprintf("%q is no number", b.key()), "write a number such as 6.1")
			break
		}
		return deal.Measure{Number: deal.Number{Decimal: decimal.NewFromFloat(v), Set: true}}
	case string:
		if m := change().FindStringSubmatch(strings.Replace(v, "−", "-", 1)); m != nil {
			n, _ := deal.NumberOf(m[1])
			return deal.Measure{Number: n, Change: true, Percent: m[2] != ""}
		}
		if exactNumber().MatchString(v) {
			n, _ := deal.NumberOf(v)
			return deal.Measure{Number: n}
		}
		b.fail("bad-number", fmt.Sprintf("%q is no measure", v), `write a number such as 6.1, or a change against the baseline: "-20%" or "+10"; the unit goes into unit`)
	default:
		b.wrongType(v, "a number", `write a number such as 6.1, or a change against the baseline: "-20%"`)
	}
	return deal.Measure{}
}

// webAddress is an http or https address.
func webAddress[T any](name, doc string, get func(*T) *string) field[T] {
	return field[T]{name: name, doc: doc, schema: schema{kind: "string", pattern: `^https?://`}, bind: func(b *binder, t *T, v any) {
		s, ok := b.text(v)
		if !ok {
			return
		}
		if err := deal.WebAddress(s); err != nil {
			b.fail(err.Code, err.Text, err.Hint)
			return
		}
		*get(t) = s
	}}
}

// address is where a link may lead: the web, a mail address or a telephone.
func address[T any](name, doc string, get func(*T) *string) field[T] {
	return field[T]{name: name, doc: doc, schema: schema{kind: "string", pattern: `^(https?://|mailto:|tel:)`}, bind: func(b *binder, t *T, v any) {
		s, ok := b.text(v)
		if !ok {
			return
		}
		target, err := deal.ParseTarget(s, deal.Scope{})
		if err == nil && target.Kind != deal.ToAddress {
			err = deal.WebAddress(s)
		}
		if err != nil {
			b.fail(err.Code, err.Text, err.Hint)
			return
		}
		*get(t) = target.URL
	}}
}

// email is one mail address.
func email[T any](name, doc string, get func(*T) *string) field[T] {
	return field[T]{name: name, doc: doc, schema: schema{kind: "string", pattern: `^[^@ ]+@[^@ ]+$`}, bind: func(b *binder, t *T, v any) {
		s, ok := b.text(v)
		if !ok {
			return
		}
		a, err := mail.ParseAddress(s)
		if err != nil || a.Address != s || strings.ContainsAny(s, `?&"<>%\`) {
			b.fail("bad-email", fmt.Sprintf("%q is no mail address", s), "write one address, such as ana@example.com")
			return
		}
		*get(t) = s
	}}
}

var phoneNumber = onDemand(`^\+?[0-9(][0-9 ()/.-]{3,30}( ?(x|ext\.?) ?[0-9]{1,6})?$`)

// phone is one telephone number.
func phone[T any](name, doc string, get func(*T) *string) field[T] {
	return field[T]{name: name, doc: doc, schema: schema{kind: "string"}, bind: func(b *binder, t *T, v any) {
		s, ok := b.text(v)
		if !ok {
			return
		}
		if !phoneNumber().MatchString(s) {
			b.fail("bad-phone", fmt.Sprintf("%q is no telephone number", s), "write it with the country's code: +44 20 7946 0011")
			return
		}
		*get(t) = s
	}}
}

var hexColor = onDemand(`^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$`)

// color is #rgb or #rrggbb.
func color[T any](name, doc string, get func(*T) *string) field[T] {
	return field[T]{name: name, doc: doc, schema: schema{kind: "string", pattern: hexColor().String()}, bind: func(b *binder, t *T, v any) {
		s, ok := b.text(v)
		if !ok {
			return
		}
		if !hexColor().MatchString(s) {
			b.fail("bad-color", fmt.Sprintf("%q is no colour", s), `write "#" and six hexadecimal digits: "#2540c8"`)
			return
		}
		if len(s) == 4 {
			s = string([]byte{'#', s[1], s[1], s[2], s[2], s[3], s[3]})
		}
		*get(t) = strings.ToLower(s)
	}}
}

// filePath is a file that the scope of the TOML file allows.
func filePath[T any](name, doc string, get func(*T) *deal.File) field[T] {
	return field[T]{name: name, doc: doc, schema: schema{kind: "string"}, bind: func(b *binder, t *T, v any) {
		s, ok := b.text(v)
		if !ok {
			return
		}
		if raw := v.(string); raw != s { // blanks and control characters count in a path
			s = raw
		}
		f, err := deal.ParsePath(s, b.scope)
		if err != nil {
			b.fail(err.Code, err.Text, err.Hint)
			b.mistaken = append(b.mistaken, s)
			return
		}
		*get(t) = f
	}}
}

func isLanguage(s string) bool {
	tag, err := language.Parse(s)
	return err == nil && tag != language.Und && len(s) >= 2
}

// locale is a BCP 47 tag.
func locale[T any](name, doc string, get func(*T) *string) field[T] {
	return field[T]{name: name, doc: doc, schema: schema{kind: "string"}, bind: func(b *binder, t *T, v any) {
		s, ok := b.text(v)
		if !ok {
			return
		}
		if !isLanguage(s) {
			b.fail("bad-locale", fmt.Sprintf("%q is no locale", s), "write a language and a region, such as en-GB, de-DE or fr")
			return
		}
		*get(t) = language.MustParse(s).String()
	}}
}

// zone is an IANA time zone.
func zone[T any](name, doc string, get func(*T) **time.Location) field[T] {
	return field[T]{name: name, doc: doc, schema: schema{kind: "string"}, bind: func(b *binder, t *T, v any) {
		s, ok := b.text(v)
		if !ok {
			return
		}
		loc, err := loadZone(s)
		if err != nil {
			b.fail("bad-timezone", fmt.Sprintf("%q is no time zone", s), "write a region and a city, such as Europe/Berlin, America/New_York or UTC")
			return
		}
		*get(t) = loc
	}}
}

// loadZone refuses what would make a page depend on the machine: "Local", and
// the files in small letters that lie beside some machines' zones, such as
// "localtime".
func loadZone(name string) (*time.Location, error) {
	if name == "Local" || name == "" || name[0] >= 'a' && name[0] <= 'z' {
		return nil, fmt.Errorf("%q is no time zone", name)
	}
	return time.LoadLocation(name)
}

// zoneName is a time zone kept by its name.
func zoneName[T any](name, doc string, get func(*T) *string) field[T] {
	return field[T]{name: name, doc: doc, schema: schema{kind: "string"}, bind: func(b *binder, t *T, v any) {
		var loc *time.Location
		zone(name, doc, func(*T) **time.Location { return &loc }).bind(b, t, v)
		if loc != nil {
			*get(t) = loc.String()
		}
	}}
}

// money is an ISO 4217 code.
func money[T any](name, doc string, get func(*T) *string) field[T] {
	return field[T]{name: name, doc: doc, schema: schema{kind: "string", pattern: `^[A-Za-z]{3}$`}, bind: func(b *binder, t *T, v any) {
		s, ok := b.text(v)
		if !ok {
			return
		}
		unit, err := currency.ParseISO(s)
		if err != nil || unit.String() != strings.ToUpper(s) {
			b.fail("bad-currency", fmt.Sprintf("%q is no currency", s), "write its three letters, such as EUR, GBP or USD")
			return
		}
		*get(t) = unit.String()
	}}
}

var lengthOfTime = onDemand(`^(\d{1,4}) ?([dwm])$`)

// span is a length of time.
func span[T any](name, doc string, get func(*T) *deal.Span) field[T] {
	return field[T]{name: name, doc: doc, schema: schema{kind: "string", pattern: lengthOfTime().String()}, bind: func(b *binder, t *T, v any) {
		s, ok := b.text(v)
		if !ok {
			return
		}
		m, n := lengthOfTime().FindStringSubmatch(s), 0
		if m != nil {
			n, _ = strconv.Atoi(m[1])
		}
		if n == 0 {
			b.fail("bad-length", fmt.Sprintf("%q is no length of time", s), "write a number and d, w or m: 90d, 12w, 3m")
			return
		}
		*get(t) = deal.Span{N: n, Unit: m[2]}
	}}
}

// ruleCode is a rule's code in the model: MAP and three digits.
var ruleCode = onDemand(`^MAP\d{3}$`)
