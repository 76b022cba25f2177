package parse

import (
	goflag "flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"portico/internal/need"
)

var updateDocs = goflag.Bool("update-docs", false, "rewrite the tables of fields in docs/deal-format.md")

// The tables of fields in docs/deal-format.md are made of the same tables that
// bind the files, so that they cannot say anything else.
func TestDocsListEveryField(t *testing.T) {
	file := filepath.Join(need.Root(t), "docs", "deal-format.md")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- fields: made by `go test ./internal/parse -update-docs` -->\n", "<!-- end of fields -->\n"
	before, rest, ok1 := strings.Cut(string(data), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatal("docs/deal-format.md has no marks for the tables of fields")
	}
	want := before + begin + "\n" + fieldTables() + end + after
	if *updateDocs {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != string(data) {
		t.Error("docs/deal-format.md is not up to date: run go test ./internal/parse -update-docs")
	}
}

func fieldTables() string {
	g := newGrammar()
	var b strings.Builder
	b.WriteString("## deal.toml, field by field\n\n")
	documentTable(&b, "", g.deal.fields)
	b.WriteString("## portico.toml, field by field\n\n")
	documentTable(&b, "", g.site.fields)
	b.WriteString("## content/_library/library.toml\n\n")
	documentTable(&b, "", g.library.fields)
	b.WriteString("## themes/&lt;name&gt;/theme.toml\n\n")
	documentTable(&b, "", g.theme.fields)
	b.WriteString("## Front matter of notes\n\n")
	documentFields(&b, g.note.fields)
	b.WriteString("## Front matter of pages\n\n")
	documentFields(&b, g.page.fields)
	return b.String()
}

// described is a field without its type parameter.
type described struct {
	name, doc string
	schema    schema
	required  bool
}

func describedFields[T any](fields []field[T]) []described {
	list := make([]described, len(fields))
	for i, f := range fields {
		list[i] = described{f.name, f.doc, f.schema, f.required}
	}
	return list
}

// lister is a table of any type.
type lister interface{ list() []described }

func (t *table[T]) list() []described { return describedFields(t.fields) }

func documentTable[T any](b *strings.Builder, prefix string, fields []field[T]) {
	for _, f := range describedFields(fields) {
		documentOne(b, prefix, f)
	}
}

func documentOne(b *strings.Builder, prefix string, f described) {
	header := tableHeader(prefix, f)
	about := strings.TrimPrefix(strings.TrimPrefix(f.doc, header+": "), header+" ")
	fmt.Fprintf(b, "### `%s`\n\n%s%s.\n\n", header, strings.ToUpper(about[:1]), about[1:])
	inner := f.schema.of.(lister).list()
	var plain, nested []described
	for _, x := range inner {
		if x.schema.of != nil && x.name != "step" {
			nested = append(nested, x)
		} else {
			plain = append(plain, x)
		}
	}
	writeFields(b, plain)
	below := strings.Trim(header, "[]") + "."
	for _, x := range nested {
		documentOne(b, below, x)
	}
	for _, x := range plain {
		if x.name == "step" {
			fmt.Fprintf(b, "A `step`:\n\n")
			writeFields(b, x.schema.of.(lister).list())
		}
	}
}

func tableHeader(prefix string, f described) string {
	name := prefix + f.name
	switch {
	case f.schema.keyed && f.name == "check":
		return "[" + name + ".<CODE>]"
	case f.schema.keyed:
		return "[" + name + ".<id>]"
	case f.schema.list:
		return "[[" + name + "]]"
	}
	return "[" + name + "]"
}

func documentFields[T any](b *strings.Builder, fields []field[T]) {
	writeFields(b, describedFields(fields))
}

func writeFields(b *strings.Builder, fields []described) {
	if len(fields) == 0 {
		return
	}
	b.WriteString("| key | what it says | form |\n| --- | --- | --- |\n")
	for _, f := range fields {
		name := "`" + f.name + "`"
		if f.required {
			name = "**" + name + "**"
		}
		doc, _, _ := strings.Cut(strings.ReplaceAll(f.doc, "|", "\\|"), ": a day, or counted")
		if f.schema.preset != "" {
			doc += " *(" + f.schema.preset + ")*"
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", name, doc, form(f.schema))
	}
	b.WriteByte('\n')
}

// form words what a value looks like.
func form(s schema) string {
	words := map[string]string{"boolean": "true or false", "integer": "whole number", "number": "whole number, or decimal in quotes", "measure": "number, or a change such as \"-20%\"", "date": "day", "done": "true, or a day", "reasons": "table", "limits": "table", "table": "list of tables", "string": "text"}
	text := words[s.kind]
	switch {
	case s.relative:
		text = "day, or counted"
	case s.values != nil:
		text = strings.Join(s.values, ", ")
	case s.pattern == idPattern, s.pattern == audiencePattern:
		text = "id"
	case s.low != nil:
		text = fmt.Sprintf("%d to %d", *s.low, *s.high)
	}
	if s.local {
		text += ", or by language"
	}
	if s.list && s.kind != "table" {
		text = "list: " + text
	}
	return text
}
