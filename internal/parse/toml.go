package parse

import (
	"time"

	"github.com/BurntSushi/toml"

	"portico/internal/deal"
	"portico/internal/diag"
)

// document is a TOML file as a generic tree: map[string]any, []map[string]any,
// []any, string, int64, float64, bool, time.Time.
type document struct {
	source *diag.Source
	tree   map[string]any
	// ids are the keys of each table of the first level, in file order: a map
	// has none, and file order is page order.
	ids map[string][]string
	// lines is the second reading, made where there is something to locate.
	lines *reading
}

// writtenDate is a date or time as it was spelt, from a file that BurntSushi
// refused: it may be one that no calendar has.
type writtenDate string

// lost is a value that could not be read, so that nobody calls it missing.
// guess says that its key may be no key at all.
type lost struct{ guess bool }

// parseTOML reads a file. What it can't read is in the findings, and the rest
// of the file is in the document all the same.
func parseTOML(source *diag.Source) (*document, []deal.Finding) {
	doc := &document{source: source, ids: map[string][]string{}}
	meta, err := toml.Decode(source.Text, &doc.tree)
	if err == nil {
		doc.order(meta.Keys())
		return doc, nil
	}
	doc.lines = read(source)
	findings := doc.lines.problems
	doc.tree = doc.lines.root.generic().(map[string]any)
	for _, name := range doc.lines.root.order {
		if table := doc.lines.root.children[name]; table.children != nil {
			doc.ids[name] = table.order
		}
	}
	if len(findings) == 0 && !doc.lines.badDates {
		findings = append(findings, refused(source, err))
	}
	return doc, findings
}

// refused reports BurntSushi's own error, for the rare one that the second
// reading doesn't see.
func refused(source *diag.Source, err error) deal.Finding {
	f := deal.Finding{Code: "bad-syntax", Text: err.Error(), Hint: "this file is not TOML 1.0"}
	f.File = source.Path
	if p, ok := err.(toml.ParseError); ok {
		f.Text = p.Message
		f.Offset, f.Length = p.Position.Start, max(p.Position.Len, 1)
	}
	return f
}

func (d *document) order(keys []toml.Key) {
	seen := make(map[[2]string]bool, len(keys)/4)
	for _, k := range keys {
		if len(k) < 2 {
			continue
		}
		if id := [2]string{k[0], k[1]}; !seen[id] {
			seen[id] = true
			d.ids[k[0]] = append(d.ids[k[0]], k[1])
		}
	}
}

// isLocalDate says whether BurntSushi read a day without a time; it marks one
// by the name of its location.
func isLocalDate(t time.Time) bool { return t.Location().String() == "date-local" }
