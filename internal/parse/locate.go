package parse

import (
	"strconv"

	"portico/internal/deal"
	"portico/internal/diag"
)

// Locate gives findings their places. source is the file that all of them are
// in. A path that the file does not hold is found at the nearest table around
// it, so that a missing key is shown at its table's header.
func Locate(source *diag.Source, findings []deal.Finding) diag.List {
	return locate(source, source, findings)
}

// locate looks key paths up in toml, which has its lines where source has them.
func locate(source, toml *diag.Source, findings []deal.Finding) diag.List {
	var lines *reading
	list := make(diag.List, len(findings))
	for i, f := range findings {
		span := diag.Span{Start: f.Offset, End: f.Offset + f.Length}
		if f.Path.Len() > 0 {
			if lines == nil {
				lines = read(toml)
			}
			span = lines.span(f.Place)
		}
		list[i] = located(f).At(source, span)
	}
	return list
}

func located(f deal.Finding) diag.Message {
	severity := diag.Error
	switch {
	case f.Advice:
		severity = diag.Advice
	case f.Lenient:
		severity = diag.Warning
	}
	return diag.Message{Severity: severity, Code: f.Code, Text: f.Text, Label: f.Label, Hint: f.Hint}
}

func (r *reading) span(p deal.Place) diag.Span {
	n := r.root
	for i := range p.Path.Len() {
		step := p.Path.Step(i)
		var next *node
		switch {
		case n.children != nil:
			if next = n.children[step]; next == nil && step == "0" && i == p.Path.Len()-1 {
				next = n // what should have been a list
			}
		case n.isArray:
			if at, err := strconv.Atoi(step); err == nil && at >= 0 && at < len(n.items) {
				next = n.items[at]
				if next.key == (diag.Span{}) && next.span == (diag.Span{}) {
					return n.span // a list within a list tells no place of its own
				}
			}
		default:
			// A single value stands for a list of one.
			if step == "0" && i == p.Path.Len()-1 {
				next = n
			}
		}
		if next == nil {
			return n.key
		}
		n = next
	}
	switch {
	case p.Length > 0 && n.text.End > 0:
		start := min(n.text.Start+p.Offset, n.text.End)
		return diag.Span{Start: start, End: min(start+p.Length, n.text.End)}
	case p.Key, n.children != nil && n.span == (diag.Span{}):
		return n.key
	}
	return n.span
}
