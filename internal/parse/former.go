package parse

import (
	"strings"

	"github.com/BurntSushi/toml"

	"portico/internal/deal"
)

// FormerAccess reads who could open a deal out of an old deal.toml, of which
// nothing else matters any more: of a whole history only the tables that tell
// are decoded. It is false for a text that is no TOML.
func FormerAccess(text string) (deal.FormerAccess, bool) {
	tables := tablesOf(text)
	access, ok := decode(tables["access"])
	if !ok || tables["access"] == "" && strings.Contains(text, "access") {
		// It is written in some other way, or seems to stand within a text.
		if access, ok = decode(text); !ok {
			return deal.FormerAccess{}, false
		}
	}
	former := formerAccess(access)
	for id := range former.Viewers {
		people := access
		if people["person"] == nil {
			people, _ = decode(tables["person."+id]) // without a name the id will do
		}
		if name, ok := at(people, "person", id, "name").(string); ok {
			former.Names[id] = name
		}
	}
	return former, true
}

// SaysPublic says whether a deal.toml declares its deal public, without reading
// the rest: one that is no TOML does not.
func SaysPublic(text string) bool {
	if !strings.Contains(text, "public") {
		return false
	}
	tree, ok := decode(text)
	return ok && at(tree, "access", "public") == true
}

// tablesOf gathers the text of all tables below [access], and of each person's.
func tablesOf(text string) map[string]string {
	tables := map[string]string{}
	name, from := "", 0 // of the table that is open, if it is one of those
	take := func(end int) {
		if name != "" {
			tables[name] += text[from:end]
		}
	}
	for at := 0; at < len(text); {
		end := len(text)
		if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		if first, second, ok := opensTable(text[at:end]); ok {
			take(at)
			name, from = "", at
			switch {
			case first == "access":
				name = first
			case first == "person" && second != "":
				name = first + "." + second
			}
		}
		at = end
	}
	take(len(text))
	return tables
}

// opensTable says whether a line is the header of a table, and gives the first
// of its names, and the second where it has one.
func opensTable(line string) (first, second string, ok bool) {
	rest, ok := strings.CutPrefix(strings.TrimLeft(line, " \t"), "[")
	if !ok {
		return "", "", false
	}
	first, rest = nameIn(strings.TrimPrefix(rest, "["))
	if first == "" || rest == "" || rest[0] != '.' && rest[0] != ']' {
		return "", "", false
	}
	if rest[0] == '.' {
		second, _ = nameIn(rest[1:])
	}
	return first, second, true
}

// nameIn is the name that a part of a header begins with, bare or in quotes,
// and what follows it.
func nameIn(s string) (name, rest string) {
	s = strings.TrimLeft(s, " \t")
	if s != "" && (s[0] == '"' || s[0] == '\'') {
		s = s[1:]
	}
	n := 0
	for n < len(s) && isIDByte(s[n]) {
		n++
	}
	name, rest = s[:n], s[n:]
	if rest != "" && (rest[0] == '"' || rest[0] == '\'') {
		rest = rest[1:]
	}
	return name, strings.TrimLeft(rest, " \t")
}

func decode(text string) (map[string]any, bool) {
	var tree map[string]any
	_, err := toml.Decode(text, &tree)
	return tree, err == nil
}

func at(tree map[string]any, path ...string) any {
	var v any = tree
	for _, step := range path {
		table, _ := v.(map[string]any)
		v = table[step]
	}
	return v
}

// formerAccess leaves out what is no value of its kind: that version was never
// built.
func formerAccess(tree map[string]any) deal.FormerAccess {
	former := deal.FormerAccess{Generation: 1, Viewers: map[string]uint32{}, Names: map[string]string{}}
	generation := func(v any, preset uint32) uint32 {
		if n, ok := v.(int64); ok && n > 0 && n <= 1<<30 {
			return uint32(n)
		}
		return preset
	}
	former.Generation = generation(at(tree, "access", "generation"), 1)
	if phrase, ok := at(tree, "access", "passphrase").(bool); ok {
		former.Passphrase = &phrase
	}
	viewers, _ := at(tree, "access", "viewers").([]any)
	if one, ok := at(tree, "access", "viewers").(string); ok {
		viewers = []any{one}
	}
	for _, v := range viewers {
		if id, ok := v.(string); ok {
			former.Viewers[id] = generation(at(tree, "access", "viewer", id, "generation"), 1)
		}
	}
	return former
}
