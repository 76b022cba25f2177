package parse

import (
	"fmt"
	"strings"

	"portico/internal/deal"
	"portico/internal/diag"
)

// single is a table that stands once: [value].
func single[T, E any](name, doc string, t *table[E], get func(*T) *E) field[T] {
	return field[T]{name: name, doc: doc, schema: schema{kind: "table", of: t}, bind: func(b *binder, into *T, v any) {
		t.bind(b, get(into), v, false)
	}}
}

// list is [[kpi]], or a list of tables in braces.
func list[T, E any](name, doc string, t *table[E], fresh func() E, get func(*T) *[]E) field[T] {
	return field[T]{name: name, doc: doc, schema: schema{kind: "table", of: t, list: true}, bind: func(b *binder, into *T, v any) {
		if _, one := v.(map[string]any); one {
			b.fail("wrong-type", fmt.Sprintf("[%s] is written as a single table", strings.Join(b.path, ".")), fmt.Sprintf("there can be several: write [[%s]], in double brackets", strings.Join(b.path, ".")))
			return
		}
		if v != nil && !isTable(v) && !isEmptyList(v) {
			b.wrongType(v, "a list of tables", fmt.Sprintf("write [[%s]] and its keys below", strings.Join(b.path, ".")))
			return
		}
		collect(b, v, get(into), func(v any) (E, bool) {
			e := fresh()
			t.bind(b, &e, v, false)
			return e, true
		})
	}}
}

func isEmptyList(v any) bool {
	l, ok := v.([]any)
	return ok && len(l) == 0
}

// keyed says how the tables of one name are told apart.
type keyed struct {
	// valid says whether a header's id may be one.
	valid func(id string) bool
	// bad words the finding where it may not.
	bad func(id string) (text, label, hint string)
}

// byID are ids in headers: [person.priya].
func byID() keyed {
	return keyed{
		valid: func(id string) bool { return deal.ValidID(id) && !deal.ReservedID(id) },
		bad: func(id string) (string, string, string) {
			if deal.ValidID(id) {
				return fmt.Sprintf("%q cannot be an id", id), "", "in a date it would mean something else; choose another word"
			}
			label := ""
			if s := slug(id); s != "" && deal.ValidID(s) {
				label = fmt.Sprintf("write %q", s)
			}
			return fmt.Sprintf("%q is no id", id), label, fmt.Sprintf("ids are small letters, digits and single hyphens, at most %d characters", deal.MaxID)
		},
	}
}

// byRule are the codes of rules: [check.MAP007].
func byRule() keyed {
	return keyed{
		valid: func(code string) bool { return ruleCode().MatchString(code) },
		bad: func(id string) (string, string, string) {
			return fmt.Sprintf("%q is no rule", id), "", "rules are called MAP and three digits, such as MAP007"
		},
	}
}

// slug makes an id of a name.
func slug(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.TrimSuffix(b.String(), "-")
}

// tables are those of one name, told apart by an id in their headers, in file
// order. start makes the value that a table is bound over, and says whether
// it has its required keys already.
func tables[T, E any](name, doc string, t *table[E], k keyed, start func(into *T, id string) (E, bool), put func(into *T, id string, e E)) field[T] {
	return field[T]{name: name, doc: doc, schema: schema{kind: "table", of: t, keyed: true}, bind: func(b *binder, into *T, v any) {
		if v == nil {
			return
		}
		tree, ok := v.(map[string]any)
		if !ok {
			if l, isList := v.([]map[string]any); isList && len(l) > 0 {
				b.fail("wrong-type", fmt.Sprintf("[[%s]] needs an id", name), fmt.Sprintf("others refer to it: write [%s.some-id]", name))
			} else {
				b.wrongType(v, "a table", fmt.Sprintf("write [%s.some-id] and its keys below", name))
			}
			return
		}
		for _, id := range b.inOrder(name, tree) {
			b.in(id, func() {
				if !isTable(tree[id]) {
					if _, gone := tree[id].(lost); !gone {
						at := b.place()
						at.Key = true
						b.failAt(at, "missing-id", fmt.Sprintf("[%s] has no id", name), "", fmt.Sprintf("others refer to it: write [%s.some-id] and its keys below", name))
					}
					return
				}
				if !k.valid(id) {
					at := b.place()
					at.Key = true
					text, label, hint := k.bad(id)
					b.failAt(at, "bad-id", text, label, hint)
				}
				e, whole := start(into, id)
				t.bind(b, &e, tree[id], whole)
				put(into, id, e)
			})
		}
	}}
}

// inOrder lists a table's keys as the file has them.
func (b *binder) inOrder(name string, tree map[string]any) []string {
	if len(b.path) == 1 {
		if order := b.ids[name]; len(order) == len(tree) {
			return order
		}
	}
	return sorted(tree)
}

// internalFields may stand in every table that others may see.
func internalFields[T any](get func(*T) (internal *bool, note *string)) []field[T] {
	return []field[T]{
		flag("internal", "true: for the seller's roll-up alone, never on the buyer's site", func(t *T) *bool { i, _ := get(t); return i }),
		plain("internal_note", "A note for the seller's roll-up, never on the buyer's site", func(t *T) *string { _, n := get(t); return n }),
	}
}

// unknownIn is used for lists of names that the site itself defines.
func (b *binder) unknownIn(kind, name string, known []string, hint string) {
	b.failAt(b.place(), "unknown-"+kind, fmt.Sprintf("there is no %s %q", kind, name), diag.DidYouMean(name, known), hint)
}
