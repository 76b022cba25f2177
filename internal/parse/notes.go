package parse

import (
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"

	"portico/internal/deal"
)

// noteReader reads the body of a review note: headings of level two that say
// Decisions, Blockers or Next, in English or the deal's language, over lists.
// The rest is prose.
type noteReader struct {
	md       *markdown
	source   []byte
	base     int
	note     *deal.Note
	findings []deal.Finding
}

func (r *noteReader) read() {
	doc := r.md.parse(r.source)
	rest := ast.NewDocument()
	var section *[]deal.NoteItem
	for n := doc.FirstChild(); n != nil; {
		next := n.NextSibling()
		if h, ok := n.(*ast.Heading); ok && h.Level <= 2 {
			section = nil
			if h.Level == 2 {
				section = r.section(plainText(h, r.source))
			}
			if section != nil {
				n = next
				continue
			}
		}
		if list, ok := n.(*ast.List); ok && section != nil {
			for item := list.FirstChild(); item != nil; item = item.NextSibling() {
				*section = append(*section, r.item(item))
			}
			n = next
			continue
		}
		doc.RemoveChild(doc, n)
		rest.AppendChild(rest, n)
		n = next
	}
	r.note.Rest = r.render(rest)
}

// section is where the items below a heading go, or nil.
func (r *noteReader) section(heading string) *[]deal.NoteItem {
	// French has a space before the colon.
	heading = strings.TrimSpace(strings.Trim(strings.ToLower(strings.TrimSpace(heading)), ":"))
	for key, items := range map[string]*[]deal.NoteItem{"decisions": &r.note.Decisions, "blockers": &r.note.Blockers, "next": &r.note.Next} {
		if heading == key || heading == strings.ToLower(r.md.words.Say("note."+key)) {
			return items
		}
		for _, word := range strings.Split(r.md.words.Say("note."+key+".also"), "|") {
			if heading == strings.ToLower(word) {
				return items
			}
		}
	}
	return nil
}

// endDate is a date at the end of an item, with what leads to it. It stands
// alone or behind a blank or a sign: the "am" of "team" leads to nothing.
var endDate = onDemand(`(?:^|[\s,;:(–—-]+)(?:(?i:by|until|bis|bis zum|am|le|pour le|avant le|el|para el|hasta el|antes del)\s+)?\(?(\d{4}-\d{2}-\d{2})\)?\.?\s*$`)

// item reads one entry: its owner is the first person it names, its date the
// one it ends in, which is taken out of the text.
func (r *noteReader) item(n ast.Node) deal.NoteItem {
	var item deal.NoteItem
	block := n.FirstChild()
	if block != nil {
		item.Due = r.takeDate(block)
	}
	holder := ast.NewDocument()
	for c := n.FirstChild(); c != nil; {
		next := c.NextSibling()
		n.RemoveChild(n, c)
		holder.AppendChild(holder, tight(c))
		c = next
	}
	item.Text = r.render(holder)
	for _, p := range item.Text.Pieces {
		if p.Kind == deal.Mention {
			item.Owner = p.Name
			break
		}
	}
	return item
}

// takeDate takes the date that a block ends in out of its text.
func (r *noteReader) takeDate(block ast.Node) deal.Day {
	texts := lastTexts(block)
	if len(texts) == 0 {
		return 0
	}
	start := texts[0].Segment.Start
	value := string(r.source[start:texts[len(texts)-1].Segment.Stop])
	m := endDate().FindStringSubmatchIndex(value)
	if m == nil {
		return 0
	}
	due := r.due(value[m[2]:m[3]], start+m[2])
	if due == 0 {
		return 0
	}
	for _, t := range texts {
		if t.Segment.Start >= start+m[0] {
			block.RemoveChild(block, t)
		} else {
			t.Segment.Stop = min(t.Segment.Stop, start+m[0])
		}
	}
	// A dash that was typed as "--" is no text any more.
	if dash, ok := block.LastChild().(*ast.String); ok && strings.Trim(string(dash.Value), "–—") == "" {
		block.RemoveChild(block, dash)
		if t, ok := block.LastChild().(*ast.Text); ok {
			t.Segment = t.Segment.TrimRightSpace(r.source)
		}
	}
	return due
}

func (r *noteReader) due(text string, at int) deal.Day {
	d, err := deal.ParseDate(text)
	if err, ok := err.(*deal.DateError); ok {
		f := deal.Finding{Code: "bad-date", Text: err.Text, Hint: err.Hint}
		f.Offset, f.Length = r.base+at, len(text)
		r.findings = append(r.findings, f)
	}
	return d.Day
}

// lastTexts are the text that a block ends in: several nodes, since the parser
// cuts it at every sign that could have meant something, such as "-".
func lastTexts(block ast.Node) []*ast.Text {
	var texts []*ast.Text
	for n := block.LastChild(); n != nil; n = n.PreviousSibling() {
		t, ok := n.(*ast.Text)
		if !ok || len(texts) > 0 && t.Segment.Stop != texts[0].Segment.Start {
			break
		}
		texts = slices.Insert(texts, 0, t)
	}
	return texts
}

// tight turns a paragraph of a loose list into a text without its tags.
func tight(n ast.Node) ast.Node {
	p, ok := n.(*ast.Paragraph)
	if !ok {
		return n
	}
	t := ast.NewTextBlock()
	t.SetLines(p.Lines())
	for c := p.FirstChild(); c != nil; {
		next := c.NextSibling()
		p.RemoveChild(p, c)
		t.AppendChild(t, c)
		c = next
	}
	return t
}

func (r *noteReader) render(n ast.Node) deal.Prose {
	prose, findings := r.md.rendered(n, r.source, r.base)
	r.findings = append(r.findings, findings...)
	return prose
}
