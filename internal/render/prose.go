package render

import (
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"portico/internal/deal"
	"portico/internal/media"
)

// textAt is where a text stands: what its links are read from, and how its
// headings fit into the page.
type textAt struct {
	scope deal.Scope
	// anchors stands before the ids of its headings and footnotes, so that
	// several texts can share a page.
	anchors string
	// shift is by how much its headings are lowered.
	shift int
}

// Embed is what a block of layouts/blocks is given.
type Embed struct {
	Kind          media.Kind
	Href, Src     template.URL
	Alt, Caption  string
	Title         string
	Label         string // "PDF, 1.2 MB"
	Download      string
	MIME          string
	Poster        *Picture
	Width, Height int             // of an image, in pixels of CSS; 0 where they cannot be told
	SrcSet        template.Srcset // its smaller ones
	Tracks        []Track
	Header        []Cell
	Rows          [][]Cell
	More          string
	Text          template.HTML
	Provider      string // whom a frame's player contacts
	Figure        bool   // stands alone, not in a sentence
	External      bool
	Content       template.HTML // of a link
	Person        *Person
	words         func(key string, args ...any) string
	providerWords string
}

// T is the page's word for a key of internal/message.
func (e *Embed) T(key string) string { return e.words(key) }

// Load words the button that loads a frame.
func (e *Embed) Load() string { return e.providerWords }

// Track is the captions of a film.
type Track struct {
	Src         template.URL
	Lang, Label string
	Default     bool
}

// Cell of a table.
type Cell struct {
	Text    string
	Numeric bool
	// Number is a numeric cell's value, to sort by; empty where there is none.
	Number string
}

// tomlText is a text of deal.toml. The path is for the reader of the code; all
// such texts are read alike.
func (m *pageMaker) tomlText(...any) textAt {
	return textAt{scope: deal.Scope{Root: deal.InDeal, Dir: ".", Library: true}}
}

// inlineHTML lays out a text without blocks. What stands around it, such as a
// label, is for those alone who see any of the text: a page without what is
// restricted has none, and so a layout that shows the label to others makes no
// page.
func (m *pageMaker) inlineHTML(p *deal.Prose, at textAt) template.HTML {
	text, _ := m.solely(m.blockHTML(p, at))
	return text
}

// inlineFor is such a text with who alone sees any of it.
func (m *pageMaker) inlineFor(p *deal.Prose, at textAt) (template.HTML, deal.Audience) {
	return m.solely(m.blockHTML(p, at))
}

// blockHTML lays out a text: its fragments as they are, its references
// resolved, its embeds and links through layouts/blocks.
func (m *pageMaker) blockHTML(p *deal.Prose, at textAt) template.HTML {
	if len(p.Pieces) == 0 {
		return ""
	}
	if len(p.Pieces) == 1 && p.Pieces[0].Kind == deal.Fragment {
		return template.HTML(p.Pieces[0].HTML) // parse made the fragment; see deal.Piece
	}
	buffer := m.buffer()
	html := m.pieces((*buffer)[:0], p, p.Pieces, at)
	text := template.HTML(html) // likewise
	m.done(buffer, html)
	return text
}

func (m *pageMaker) pieces(dst []byte, p *deal.Prose, pieces []deal.Piece, at textAt) []byte {
	for i := 0; i < len(pieces); i++ {
		piece := &pieces[i]
		switch piece.Kind {
		case deal.Fragment:
			dst = append(dst, piece.HTML...)
		case deal.Anchor:
			dst = appendHTML(append(dst, at.anchors...), piece.Name)
		case deal.HeadingStart:
			if o, end := m.onlyHeading(p, pieces[i:], at); o != (Only{}) {
				heading, inside := piece, pieces[i+1:i+end]
				dst = m.within(dst, o, func(dst []byte) []byte {
					return endHeading(m.pieces(startHeading(dst, heading, at), p, inside, at), heading, at)
				})
				i += end
				continue
			}
			dst = startHeading(dst, piece, at)
		case deal.HeadingEnd:
			dst = endHeading(dst, piece, at)
		case deal.Mention:
			dst = m.mention(dst, piece)
		case deal.LinkStart:
			end := i + 1
			for end < len(pieces) && pieces[end].Kind != deal.LinkEnd {
				end++
			}
			m.inLink = true
			content := m.pieces(nil, p, pieces[i+1:end], at)
			m.inLink = false
			dst = m.link(dst, p, piece, content, at)
			i = end
		case deal.Embed:
			dst = m.embed(dst, piece, at)
		}
	}
	return dst
}

func startHeading(dst []byte, piece *deal.Piece, at textAt) []byte {
	dst = fmt.Appendf(dst, "<h%d", min(piece.Level+at.shift, 6))
	if piece.Name != "" {
		dst = append(appendHTML(append(append(dst, ` id="`...), at.anchors...), piece.Name), '"')
	}
	return append(dst, '>')
}

func endHeading(dst []byte, piece *deal.Piece, at textAt) []byte {
	return fmt.Appendf(dst, "</h%d>", min(piece.Level+at.shift, 6))
}

// onlyHeading are the bounds of a heading that holds something restricted: its
// anchor is made of all its words. It says which piece ends it.
func (m *pageMaker) onlyHeading(p *deal.Prose, pieces []deal.Piece, at textAt) (Only, int) {
	if m.who == nil {
		return Only{}, 0
	}
	end := slices.IndexFunc(pieces, func(p deal.Piece) bool { return p.Kind == deal.HeadingEnd })
	return m.only(m.who.Heading(p, pieces, at.scope)), end
}

// block runs one of layouts/blocks. A layout that fails shows on every page;
// its error is kept for the page's own.
func (m *pageMaker) block(dst []byte, name string, e *Embed) []byte {
	e.words = m.words.Say
	out, err := m.engine.execute(dst, "blocks/"+name+".html", e)
	if err != nil && m.err == nil {
		m.err = err
	}
	return out
}

func (m *pageMaker) mention(dst []byte, piece *deal.Piece) []byte {
	p := m.person(piece.Name)
	if p == nil || m.inLink {
		if p != nil {
			return appendHTML(dst, p.Name)
		}
		return appendHTML(dst, piece.Text)
	}
	return m.block(dst, "person", &Embed{Person: p, Href: template.URL(m.root + "#" + p.Anchor)}) // an id is letters, digits and hyphens
}

func (m *pageMaker) link(dst []byte, p *deal.Prose, piece *deal.Piece, content []byte, at textAt) []byte {
	target, bad := deal.ParseTarget(piece.Target, at.scope)
	e := &Embed{Title: piece.Title, Content: template.HTML(content)} // made of pieces
	if bad == nil {
		e.Href = m.href(target, p, at)
	}
	if e.Href == "" {
		return append(dst, content...)
	}
	e.External = target.Kind == deal.ToAddress && strings.HasPrefix(target.URL, "http")
	if target.Kind == deal.ToFile && media.TypeOf(target.File.Path).Kind == media.Other {
		e.Download = target.File.Name()
	}
	_, words := m.solely(e.Content) // a link with nothing to click on goes too
	if o := m.only(m.who.Target(target, p, at.scope).And(words)); o != (Only{}) {
		return m.within(dst, o, func(dst []byte) []byte { return m.block(dst, "link", e) })
	}
	return m.block(dst, "link", e)
}

// href is where a target lies, seen from the page.
func (m *pageMaker) href(t deal.Target, p *deal.Prose, at textAt) template.URL {
	to := func(s string) template.URL { return template.URL(s) } // the scheme was checked by deal.ParseTarget
	switch t.Kind {
	case deal.ToAddress:
		return safeLink(t.URL)
	case deal.ToAnchor:
		for _, h := range p.Headings {
			if h.Anchor == t.Fragment {
				return to("#" + escapeFragment(at.anchors+t.Fragment))
			}
		}
		return to(m.planURL(t.Fragment))
	case deal.ToPlan:
		return to(m.planURL(t.Fragment))
	case deal.ToPage:
		return to(m.root + "pages/" + escapePath(t.Name) + ".html" + fragment("h.", t.Fragment))
	case deal.ToMilestone:
		return to(m.planRoot() + "#" + milestoneAnchor(escapeFragment(t.Name)) + suffix(t.Fragment))
	case deal.ToNote:
		return to(m.planRoot() + "#n-" + escapeFragment(t.Name) + suffix(t.Fragment))
	}
	return m.fileURLAt(t.File, t.Fragment)
}

// planRoot is the address of the deal's first page.
func (m *pageMaker) planRoot() string {
	if m.root == "" {
		return ""
	}
	return m.root
}

// planURL is a place on the deal's first page: a section, a milestone, an
// event, or a heading of index.md.
func (m *pageMaker) planURL(name string) string {
	switch {
	case name == "":
		if m.root == "" {
			return "#"
		}
		return m.root
	case m.deal.Milestone(name) != nil:
		return m.root + "#" + milestoneAnchor(name)
	case m.deal.Event(name) != nil:
		return m.root + "#" + eventAnchor(name)
	}
	for _, h := range m.deal.Index.Headings {
		if h.Anchor == name {
			return m.root + "#i." + escapeFragment(name)
		}
	}
	return m.root + "#" + escapeFragment(name)
}

func fragment(prefix, name string) string {
	if name == "" {
		return ""
	}
	return "#" + prefix + escapeFragment(name)
}

func suffix(name string) string {
	if name == "" {
		return ""
	}
	return "." + escapeFragment(name)
}

func (m *pageMaker) embed(dst []byte, piece *deal.Piece, at textAt) []byte {
	target, bad := deal.ParseTarget(piece.Target, at.scope)
	switch {
	case bad != nil:
		return appendHTML(dst, piece.Text)
	}
	// A part of the plan cannot be shown within it: it is linked to.
	e := &Embed{Href: m.href(target, &deal.Prose{}, at), Content: template.HTML(appendHTML(nil, piece.Text))} // escaped
	show := func(dst []byte) []byte {
		switch target.Kind {
		case deal.ToFile:
			return m.embedFile(dst, target.File, piece, nil)
		case deal.ToAddress:
			return m.frame(dst, target.URL, piece)
		}
		return m.block(dst, "link", e)
	}
	if o := m.only(m.who.Target(target, &deal.Prose{}, at.scope)); o != (Only{}) {
		return m.within(dst, o, show)
	}
	return show(dst)
}

// frame is somebody else's player, or a link where it cannot be framed.
func (m *pageMaker) frame(dst []byte, address string, piece *deal.Piece) []byte {
	e := &Embed{Href: safeLink(address), Caption: piece.Text, Alt: piece.Text, Title: piece.Title, Figure: piece.Figure, External: true}
	if f, ok := media.FrameOf(address, m.site.EmbedHosts); ok && piece.Figure {
		e.Src, e.Provider = safeLink(f.URL), f.Provider
		e.providerWords = m.words.Say("frame.load", "provider", f.Provider)
		return m.block(dst, "frame", e)
	}
	if e.Caption == "" {
		e.Caption = linkText(address)
	}
	e.Content = template.HTML(appendHTML(nil, e.Caption)) // escaped
	return m.block(dst, "link", e)
}

// maxNesting is how deep Markdown files may show each other in place.
const maxNesting = 3

// embedFile shows a file in place, as its kind can be shown. of is the
// collateral that it belongs to, if the embed is that.
func (m *pageMaker) embedFile(dst []byte, f deal.File, piece *deal.Piece, of *deal.Collateral) []byte {
	t := media.TypeOf(f.Path)
	e := &Embed{Kind: t.Kind, Href: m.fileURL(f), Src: m.fileURL(f), Alt: piece.Text, Caption: piece.Text, Title: piece.Title, Label: m.fileLabel(f), MIME: t.MIME, Figure: piece.Figure}
	if of != nil {
		e.Caption = "" // the entry has its title above
		e.Poster = m.poster(of, 960)
	} else if c := m.itemOf(f); c != nil {
		e.Poster = m.poster(c, 960)
		if e.Alt == "" {
			e.Alt, e.Caption = c.Title, c.Title
		}
	}
	if t.Kind == media.Other || t.Kind == media.Document {
		e.Download = f.Name()
	}
	if e.Alt == "" && t.Kind != media.Image {
		e.Alt, e.Caption = f.Name(), f.Name()
	}
	switch {
	case t.Kind == media.Image:
		img := m.image(f)
		e.Width, e.Height, e.SrcSet = img.Width, img.Height, m.srcset(f)
		return m.block(dst, "image", e)
	case !piece.Figure:
		e.Content = template.HTML(appendHTML(nil, e.Alt)) // escaped
		if m.inLink {
			return append(dst, e.Content...)
		}
		return m.block(dst, "link", e)
	case t.Kind == media.Document:
		return m.block(dst, "document", e)
	case t.Kind == media.Video:
		e.Tracks = m.tracks(f)
		return m.block(dst, "video", e)
	case t.Kind == media.Audio:
		return m.block(dst, "audio", e)
	case t.Kind == media.Table:
		return m.table(dst, f, e)
	case t.Kind == media.Text:
		return m.text(dst, f, e)
	}
	return m.block(dst, "file", e)
}

// itemOf is the collateral that a file belongs to.
func (m *pageMaker) itemOf(f deal.File) *deal.Collateral {
	for i := range m.deal.Collateral {
		if c := &m.deal.Collateral[i]; c.File == f && !c.Internal {
			return c
		}
	}
	return nil
}

func (m *pageMaker) table(dst []byte, f deal.File, e *Embed) []byte {
	data, err := m.in.Read(f)
	var sheet media.Sheet
	if err == nil {
		sheet, err = media.ReadCSV(data)
	}
	if err != nil { // the check before the build says why; the file is there all the same
		return m.block(dst, "file", e)
	}
	for c, text := range sheet.Header {
		e.Header = append(e.Header, Cell{Text: text, Numeric: sheet.Numeric[c]})
	}
	for _, row := range sheet.Rows {
		cells := make([]Cell, len(row))
		for c, text := range row {
			cells[c] = Cell{Text: text, Numeric: sheet.Numeric[c]}
			if sheet.Numeric[c] {
				cells[c].Number = media.Number(text)
			}
		}
		e.Rows = append(e.Rows, cells)
	}
	if sheet.More > 0 {
		e.More = m.words.Say("table.more", "n", sheet.More)
	}
	e.Download = f.Name()
	return m.block(dst, "table", e)
}

// text shows a Markdown file in place.
func (m *pageMaker) text(dst []byte, f deal.File, e *Embed) []byte {
	text := m.textOf(f)
	if text == nil || m.nesting >= maxNesting {
		return m.block(dst, "file", e)
	}
	m.nesting++
	at := fileText(f)
	if m.apart > 0 {
		m.embeddedApart++
		at.anchors = "u" + strconv.Itoa(m.embeddedApart) + "."
	} else {
		m.embedded++
		at.anchors = "t" + strconv.Itoa(m.embedded) + "."
	}
	at.shift = 3
	e.Text = m.blockHTML(&text.Prose, at)
	m.nesting--
	return m.block(dst, "text", e)
}

func (m *pageMaker) textOf(f deal.File) *deal.MarkdownFile {
	for i := range m.deal.Texts {
		if t := &m.deal.Texts[i]; t.File == f && t.Shown {
			return t
		}
	}
	return nil
}

func fileText(f deal.File) textAt {
	return textAt{scope: deal.Scope{Root: f.Root, Dir: f.Dir(), Library: true}}
}
