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

// tableOpening is a line that opens a table: its first name, and the second.
var tableOpening = onDemand(`(?m)^[ \t]*\[\[?[ \t]*["']?([A-Za-z0-9_-]+)["']?[ \t]*(?:\.[ \t]*["']?([A-Za-z0-9_-]+)["']?[ \t]*)?[.\]]`)

// tablesOf gathers the text of all tables below [access], and of each person's.
func tablesOf(text string) map[string]string {
	tables := map[string]string{}
	headers := tableOpening().FindAllStringSubmatchIndex(text, -1)
	for i, h := range headers {
		end := len(text)
		if i+1 < len(headers) {
			end = headers[i+1][0]
		}
		name := text[h[2]:h[3]]
		if name == "person" && h[4] >= 0 {
			name += "." + text[h[4]:h[5]]
		}
		if name == "access" || strings.HasPrefix(name, "person.") {
			tables[name] += text[h[0]:end]
		}
	}
	return tables
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
