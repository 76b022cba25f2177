package parse

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// schema is what a field's JSON Schema says beyond its name.
type schema struct {
	kind     string // string, boolean, integer, number, measure, date, done, table
	preset   string // what an absent key means
	values   []string
	list     bool // one, or a list of them
	local    bool // may differ by language
	relative bool // a date that may be counted from another
	keyed    bool // tables told apart by an id
	partial  bool // they may stand over ones that have the required keys
	low      *int
	high     *int
	pattern  string
	of       describer // the table's own fields
}

// describer is a table that can be described.
type describer interface{ describe() map[string]any }

// Schema is the JSON Schema (draft 7, which editors of TOML read) of
// "deal.toml" or "portico.toml", made from the tables that bind them.
func Schema(file string) ([]byte, error) {
	g := newGrammar()
	var top map[string]any
	switch file {
	case "portico.toml":
		top = g.site.describe()
		top["title"] = "portico.toml, the settings of a Portico site"
	default:
		top = g.deal.describe()
		top["title"] = "deal.toml, the facts of one deal"
	}
	top["$schema"] = "http://json-schema.org/draft-07/schema#"
	data, err := json.MarshalIndent(top, "", "  ")
	return append(data, '\n'), err
}

func (t *table[T]) describe() map[string]any {
	properties := map[string]any{}
	var required []string
	for i := range t.fields {
		f := &t.fields[i]
		p := f.schema.json()
		p["description"] = f.doc + presetText(f.schema.preset)
		properties[f.name] = p
		if f.required {
			required = append(required, f.name)
		}
	}
	out := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if required != nil {
		out["required"] = required
	}
	return out
}

func presetText(preset string) string {
	if preset == "" {
		return ""
	}
	return ". If absent: " + preset
}

func (s schema) json() map[string]any {
	one := s.single()
	if s.local {
		one = map[string]any{"anyOf": []any{one, map[string]any{"type": "object", "additionalProperties": map[string]any{"type": "string"}, "minProperties": 1}}}
	}
	switch {
	case s.keyed:
		return map[string]any{"type": "object", "additionalProperties": one}
	case s.list && s.of != nil:
		return map[string]any{"type": "array", "items": one}
	case s.list:
		return map[string]any{"anyOf": []any{one, map[string]any{"type": "array", "items": s.single()}}}
	}
	return one
}

func (s schema) single() map[string]any {
	if s.of != nil {
		m := s.of.describe()
		if s.partial {
			delete(m, "required")
		}
		return m
	}
	m := map[string]any{}
	switch s.kind {
	case "date":
		// A TOML date reaches a validator as a string in some editors and as a
		// date in others, so its type is left open.
		text := map[string]any{"type": "string", "pattern": `^\d{4}-\d{2}-\d{2}$`}
		if s.relative {
			text = map[string]any{"type": "string", "pattern": relativePattern}
		}
		return map[string]any{"anyOf": []any{text, map[string]any{"not": map[string]any{"type": []any{"string", "number", "boolean", "array", "object"}}}}}
	case "done":
		return map[string]any{"anyOf": []any{map[string]any{"type": "boolean"}, schema{kind: "date"}.single()}}
	case "number":
		return map[string]any{"anyOf": []any{map[string]any{"type": "integer"}, map[string]any{"type": "string", "pattern": exactNumber().String()}}}
	case "reasons":
		return map[string]any{"type": "object", "additionalProperties": map[string]any{"type": "string"}}
	case "limits":
		return map[string]any{"type": "object", "patternProperties": map[string]any{ruleCode().String(): map[string]any{"type": "integer"}}, "additionalProperties": false}
	case "measure":
		return map[string]any{"anyOf": []any{map[string]any{"type": "number"}, map[string]any{"type": "string", "pattern": measurePattern}}}
	}
	m["type"] = s.kind
	if s.values != nil {
		// The first is for completion, the second lets other spellings pass.
		m["anyOf"] = []any{map[string]any{"enum": s.values}, map[string]any{"pattern": anySpelling(s.values)}}
	}
	if s.pattern != "" {
		m["pattern"] = s.pattern
	}
	if s.low != nil {
		m["minimum"], m["maximum"] = *s.low, *s.high
	}
	return m
}

// measurePattern is what binder.measure takes as text.
const measurePattern = `^([+−-]\d{1,12}(\.\d{1,6})? ?%?|-?\d{1,15}(\.\d{1,9})?)$`

// anySpelling is a pattern of what fold makes one of some values.
func anySpelling(values []string) string {
	var b strings.Builder
	b.WriteString(`^[ _-]*(`)
	for i, v := range values {
		if i > 0 {
			b.WriteByte('|')
		}
		for _, r := range fold(v) {
			if upper := unicode.ToUpper(r); upper != r {
				fmt.Fprintf(&b, "[%c%c][ _-]*", r, upper)
			} else {
				b.WriteString(regexp.QuoteMeta(string(r)) + "[ _-]*")
			}
		}
	}
	b.WriteString(`)$`)
	return b.String()
}

// relativePattern is the grammar of deal.ParseDate.
var relativePattern = `^(\d{4}-\d{2}-\d{2}|(W[0-9]+( (Mon|Tue|Wed|Thu|Fri|Sat|Sun))?|go_live|` +
	strings.Trim(idPattern, "^$") + `)( [+-] [0-9]{1,3}(d|bd|w|m))*)$`
