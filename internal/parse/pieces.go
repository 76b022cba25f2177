package parse

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"

	"portico/internal/deal"
	"portico/internal/message"
)

// pieces is what goldmark's renderers write to. What they write becomes
// fragments; the renderers below put other pieces between.
type pieces struct {
	source   []byte
	base     int
	inline   bool
	buf      []byte
	list     []deal.Piece
	ends     []int // for a Fragment, where it ends in buf; else -1
	headings []deal.Heading
	findings []deal.Finding
	linked   int // depth of links around
}

func (w *pieces) Write(p []byte) (int, error) { w.buf = append(w.buf, p...); return len(p), nil }

func (w *pieces) WriteString(s string) (int, error) { w.buf = append(w.buf, s...); return len(s), nil }

func (w *pieces) WriteByte(c byte) error { w.buf = append(w.buf, c); return nil }

func (w *pieces) WriteRune(r rune) (int, error) {
	n := len(w.buf)
	w.buf = append(w.buf, string(r)...)
	return len(w.buf) - n, nil
}

func (w *pieces) Available() int { return 1 << 20 }
func (w *pieces) Buffered() int  { return 0 }
func (w *pieces) Flush() error   { return nil }

// cut ends the fragment that is being written.
func (w *pieces) cut() {
	start := 0
	for i := len(w.ends) - 1; i >= 0; i-- {
		if w.ends[i] >= 0 {
			start = w.ends[i]
			break
		}
	}
	if len(w.buf) > start {
		w.list = append(w.list, deal.Piece{Kind: deal.Fragment})
		w.ends = append(w.ends, len(w.buf))
	}
}

func (w *pieces) put(p deal.Piece) {
	w.cut()
	w.list = append(w.list, p)
	w.ends = append(w.ends, -1)
}

// prose gathers the pieces, apart from where they were written; all fragments
// share one string.
func (w *pieces) prose() deal.Prose {
	w.cut()
	all, start := string(w.buf), 0
	for i, end := range w.ends {
		if end >= 0 {
			w.list[i].HTML = all[start:end]
			start = end
		}
	}
	return deal.Prose{Pieces: append([]deal.Piece(nil), w.list...), Headings: w.headings}
}

func (w *pieces) warn(code, says, hint string, start, end int) {
	f := deal.Finding{Code: code, Text: says, Hint: hint, Lenient: true}
	f.Offset, f.Length = w.base+start, max(end-start, 1)
	w.findings = append(w.findings, f)
}

// pieceRenderer writes the nodes that become pieces, those that must not go
// through as they are (raw HTML), and those that goldmark writes with an
// inline style, which the content security policy forbids.
type pieceRenderer struct {
	words   *message.Locale
	dialect dialect
}

func (r *pieceRenderer) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	for kind, write := range map[ast.NodeKind]func(*pieces, ast.Node, bool) ast.WalkStatus{
		ast.KindHeading:           r.heading,
		ast.KindParagraph:         r.paragraph,
		ast.KindTextBlock:         r.textBlock,
		ast.KindLink:              r.link,
		ast.KindAutoLink:          r.autoLink,
		ast.KindImage:             r.image,
		ast.KindHTMLBlock:         r.htmlBlock,
		ast.KindRawHTML:           r.rawHTML,
		ast.KindFencedCodeBlock:   r.code,
		kindMention:               r.mention,
		east.KindTable:            r.table,
		east.KindTableCell:        r.cell,
		east.KindTaskCheckBox:     r.task,
		east.KindFootnoteLink:     r.footnoteLink,
		east.KindFootnoteBacklink: r.footnoteBacklink,
		east.KindFootnote:         r.footnote,
		east.KindFootnoteList:     r.footnoteList,
	} {
		reg.Register(kind, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
			return write(w.(*pieces), n, entering), nil
		})
	}
}

func (r *pieceRenderer) heading(w *pieces, node ast.Node, entering bool) ast.WalkStatus {
	n := node.(*ast.Heading)
	if !entering {
		w.put(deal.Piece{Kind: deal.HeadingEnd, Level: n.Level})
		_ = w.WriteByte('\n')
		return ast.WalkContinue
	}
	anchor := ""
	if id, ok := n.AttributeString("id"); ok {
		anchor = string(id.([]byte))
	}
	w.headings = append(w.headings, deal.Heading{Anchor: anchor, Level: n.Level, Text: plainText(n, w.source)})
	w.put(deal.Piece{Kind: deal.HeadingStart, Level: n.Level, Name: anchor})
	return ast.WalkContinue
}

// paragraph leaves its tags out around embeds that stand alone, which become
// figures, and around a text that is inline.
func (r *pieceRenderer) paragraph(w *pieces, n ast.Node, entering bool) ast.WalkStatus {
	if w.inline || r.onlyEmbeds(n) {
		return ast.WalkContinue
	}
	if entering {
		_, _ = w.WriteString("<p>")
	} else {
		_, _ = w.WriteString("</p>\n")
	}
	return ast.WalkContinue
}

func (r *pieceRenderer) textBlock(w *pieces, n ast.Node, entering bool) ast.WalkStatus {
	if !entering && n.NextSibling() != nil && n.FirstChild() != nil {
		_ = w.WriteByte('\n')
	}
	return ast.WalkContinue
}

// onlyEmbeds says whether a paragraph holds embeds and nothing else.
func (r *pieceRenderer) onlyEmbeds(n ast.Node) bool {
	if r.dialect == commonMark || n.FirstChild() == nil {
		return false
	}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Image:
		case *ast.Text:
			if c.Segment.Len() > 0 {
				return false
			}
		default:
			return false
		}
	}
	return true
}

func (r *pieceRenderer) link(w *pieces, node ast.Node, entering bool) ast.WalkStatus {
	n := node.(*ast.Link)
	if !entering {
		w.linked--
		w.put(deal.Piece{Kind: deal.LinkEnd})
		return ast.WalkContinue
	}
	w.linked++
	p := deal.Piece{Kind: deal.LinkStart, Target: destination(n.Destination), Title: unescapeText(n.Title)}
	p.Offset, p.Length = w.where(n, n.Destination)
	w.put(p)
	return ast.WalkContinue
}

func (r *pieceRenderer) autoLink(w *pieces, node ast.Node, entering bool) ast.WalkStatus {
	if !entering {
		return ast.WalkContinue
	}
	n := node.(*ast.AutoLink)
	target, label := string(n.URL(w.source)), string(n.Label(w.source))
	if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(target), "mailto:") {
		target = "mailto:" + target
	}
	p := deal.Piece{Kind: deal.LinkStart, Target: target}
	p.Offset, p.Length = w.where(n, []byte(label))
	w.put(p)
	_, _ = w.WriteString(escapeText(label))
	w.put(deal.Piece{Kind: deal.LinkEnd})
	return ast.WalkContinue
}

func (r *pieceRenderer) image(w *pieces, node ast.Node, entering bool) ast.WalkStatus {
	if !entering {
		return ast.WalkContinue
	}
	n := node.(*ast.Image)
	p := deal.Piece{Kind: deal.Embed, Target: destination(n.Destination), Title: unescapeText(n.Title), Text: plainText(n, w.source)}
	p.Figure = n.Parent().Kind() == ast.KindParagraph && w.linked == 0 && !w.inline && r.onlyEmbeds(n.Parent())
	p.Offset, p.Length = w.where(n, n.Destination)
	w.put(p)
	return ast.WalkSkipChildren
}

// where is the place of a node: that of its destination, where it can be found
// behind the node's start.
func (w *pieces) where(n ast.Node, destination []byte) (offset, length int) {
	start := max(n.Pos(), 0)
	if start > len(w.source) {
		start = len(w.source)
	}
	if i := bytes.Index(w.source[start:], destination); i >= 0 && len(destination) > 0 && i < 2000 {
		return w.base + start + i, len(destination)
	}
	return w.base + start, 1
}

// destination is a link's target as goldmark leaves it, with the backslash
// escapes and entities of Markdown resolved.
func destination(b []byte) string {
	return string(util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(b))))
}

func unescapeText(b []byte) string { return destination(b) }

// plainText is what a reader sees of a node's text.
func plainText(n ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(c ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch c := c.(type) {
		case *ast.Text:
			value := c.Value(source)
			if !c.IsRaw() {
				value = []byte(unescapeText(value))
			}
			b.Write(value)
			if c.SoftLineBreak() || c.HardLineBreak() {
				b.WriteByte('\n')
			}
		case *ast.String:
			b.Write(c.Value)
		case *ast.AutoLink:
			b.Write(c.Label(source))
		case *mention:
			b.WriteString("@" + c.id)
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

const rawHint = "Markdown is enough for a plan; `\\<` is a plain <"

// htmlBlock shows raw HTML as text, and leaves comments out: whoever writes
// one does not mean it for the buyer.
func (r *pieceRenderer) htmlBlock(w *pieces, node ast.Node, entering bool) ast.WalkStatus {
	if !entering {
		return ast.WalkContinue
	}
	n := node.(*ast.HTMLBlock)
	var raw []byte
	start, end := n.Pos(), n.Pos()
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		if i == 0 {
			start = line.Start
		}
		end = line.Stop
		raw = append(raw, line.Value(w.source)...)
	}
	if n.HasClosure() {
		raw = append(raw, n.ClosureLine.Value(w.source)...)
		end = max(end, n.ClosureLine.Stop)
	}
	text := strings.TrimSpace(string(raw))
	first, _, _ := bytes.Cut(w.source[max(start, 0):max(end, start, 0)], []byte("\n"))
	end = max(start, 0) + len(first)
	if strings.HasPrefix(text, "<!--") && strings.Index(text, "-->") == len(text)-len("-->") {
		w.warn("html-comment", "this comment is left out of the page", "whoever reads the repository can read it all the same; delete it, or put it into deal.toml as internal_note", start, end)
		return ast.WalkSkipChildren
	}
	w.warn("raw-html", "HTML is shown as text, not obeyed", rawHint, start, end)
	_, _ = w.WriteString("<p>" + escapeText(text) + "</p>\n")
	return ast.WalkSkipChildren
}

func (r *pieceRenderer) rawHTML(w *pieces, node ast.Node, entering bool) ast.WalkStatus {
	if !entering {
		return ast.WalkContinue
	}
	n := node.(*ast.RawHTML)
	var raw []byte
	start, end := max(n.Pos(), 0), max(n.Pos(), 0)+1
	for i := range n.Segments.Len() {
		s := n.Segments.At(i)
		if i == 0 {
			start, end = s.Start, s.Stop
		}
		raw = append(raw, s.Value(w.source)...)
	}
	if bytes.HasPrefix(raw, []byte("<!--")) {
		w.warn("html-comment", "this comment is left out of the page", "whoever reads the repository can read it all the same; delete it, or put it into deal.toml as internal_note", start, end)
		return ast.WalkSkipChildren
	}
	if !bytes.HasPrefix(raw, []byte("</")) { // its beginning was reported
		w.warn("raw-html", "HTML is shown as text, not obeyed", rawHint, start, end)
	}
	_, _ = w.WriteString(escapeText(string(raw)))
	return ast.WalkSkipChildren
}

func (r *pieceRenderer) code(w *pieces, node ast.Node, entering bool) ast.WalkStatus {
	if !entering {
		return ast.WalkContinue
	}
	n := node.(*ast.FencedCodeBlock)
	var code []byte
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		code = append(code, line.Value(w.source)...)
	}
	language := unescapeText(n.Language(w.source))
	_, _ = w.WriteString("<pre><code")
	if language != "" {
		_, _ = w.WriteString(` class="language-` + escapeText(language) + `"`)
	}
	_ = w.WriteByte('>')
	if r.dialect == portico {
		w.buf = highlight(w.buf, string(code), language)
	} else {
		_, _ = w.WriteString(escapeText(string(code)))
	}
	_, _ = w.WriteString("</code></pre>\n")
	return ast.WalkSkipChildren
}

func (r *pieceRenderer) mention(w *pieces, node ast.Node, entering bool) ast.WalkStatus {
	if entering {
		n := node.(*mention)
		w.put(deal.Piece{Kind: deal.Mention, Name: n.id, Text: "@" + n.id, Offset: w.base + max(n.Pos(), 0), Length: len(n.id) + 1})
	}
	return ast.WalkContinue
}

// table is put into a box that scrolls, for narrow screens.
func (r *pieceRenderer) table(w *pieces, n ast.Node, entering bool) ast.WalkStatus {
	if entering {
		_, _ = w.WriteString("<div class=\"scroll\" tabindex=\"0\"><table>\n")
		return ast.WalkContinue
	}
	_, _ = w.WriteString("</table></div>\n")
	return ast.WalkContinue
}

func (r *pieceRenderer) cell(w *pieces, node ast.Node, entering bool) ast.WalkStatus {
	n := node.(*east.TableCell)
	tag := "td"
	if n.Parent().Kind() == east.KindTableHeader && n.FirstChild() != nil {
		tag = "th" // an empty corner heads nothing
	}
	if !entering {
		_, _ = w.WriteString("</" + tag + ">\n")
		return ast.WalkContinue
	}
	_, _ = w.WriteString("<" + tag)
	switch n.Alignment {
	case east.AlignRight:
		_, _ = w.WriteString(` class="end"`)
	case east.AlignCenter:
		_, _ = w.WriteString(` class="mid"`)
	}
	if tag == "th" {
		_, _ = w.WriteString(` scope="col"`)
	}
	_ = w.WriteByte('>')
	return ast.WalkContinue
}

// task is a sign, not a form's field: nothing on a page can be ticked.
func (r *pieceRenderer) task(w *pieces, node ast.Node, entering bool) ast.WalkStatus {
	if entering {
		if node.(*east.TaskCheckBox).IsChecked {
			_, _ = w.WriteString(`<span class="task">☑</span> `)
		} else {
			_, _ = w.WriteString(`<span class="task">☐</span> `)
		}
	}
	return ast.WalkContinue
}

func (r *pieceRenderer) footnoteLink(w *pieces, node ast.Node, entering bool) ast.WalkStatus {
	if !entering {
		return ast.WalkContinue
	}
	n := node.(*east.FootnoteLink)
	_, _ = w.WriteString(`<sup id="`)
	w.put(deal.Piece{Kind: deal.Anchor, Name: footnoteRef(n.Index, n.RefIndex)})
	_, _ = w.WriteString(`"><a href="#`)
	w.put(deal.Piece{Kind: deal.Anchor, Name: "fn-" + strconv.Itoa(n.Index)})
	_, _ = fmt.Fprintf(w, `" role="doc-noteref">%d</a></sup>`, n.Index)
	return ast.WalkContinue
}

func footnoteRef(index, ref int) string {
	if ref > 0 {
		return fmt.Sprintf("fnref-%d-%d", index, ref)
	}
	return fmt.Sprintf("fnref-%d", index)
}

func (r *pieceRenderer) footnoteBacklink(w *pieces, node ast.Node, entering bool) ast.WalkStatus {
	if !entering {
		return ast.WalkContinue
	}
	n := node.(*east.FootnoteBacklink)
	_, _ = w.WriteString(` <a href="#`)
	w.put(deal.Piece{Kind: deal.Anchor, Name: footnoteRef(n.Index, n.RefIndex)})
	_, _ = w.WriteString(`" role="doc-backlink" aria-label="` + escapeText(r.words.Say("prose.back")) + `">↩︎</a>`)
	return ast.WalkContinue
}

func (r *pieceRenderer) footnote(w *pieces, node ast.Node, entering bool) ast.WalkStatus {
	if entering {
		_, _ = w.WriteString(`<li id="`)
		w.put(deal.Piece{Kind: deal.Anchor, Name: "fn-" + strconv.Itoa(node.(*east.Footnote).Index)})
		_, _ = w.WriteString("\">\n")
	} else {
		_, _ = w.WriteString("</li>\n")
	}
	return ast.WalkContinue
}

func (r *pieceRenderer) footnoteList(w *pieces, _ ast.Node, entering bool) ast.WalkStatus {
	if entering {
		_, _ = w.WriteString("<section class=\"footnotes\">\n<ol>\n")
	} else {
		_, _ = w.WriteString("</ol>\n</section>\n")
	}
	return ast.WalkContinue
}
