package deal

import "strings"

// Prose is Markdown that was read and not yet laid out: fragments of finished
// HTML, and between them what only the page can decide, such as where a link
// leads. It depends on the text and the locale alone.
type Prose struct {
	Pieces   []Piece
	Headings []Heading
}

// Piece is one part of Prose.
type Piece struct {
	Kind PieceKind
	// HTML is the finished fragment of a Fragment. Only parse makes it.
	HTML string
	// Name is the person's id of a Mention, and the anchor of an Anchor or
	// HeadingStart, unique within its Prose.
	Name string
	// Target of a LinkStart or Embed, as it was written.
	Target string
	// Text is the alternative text of an Embed and the spelling of a Mention.
	Text string
	// Title of a LinkStart or Embed.
	Title string
	// Level of a heading, 1 to 6.
	Level int
	// Figure is an Embed that stands alone in its paragraph.
	Figure bool
	// Offset and Length are where it stands in the text that was read.
	Offset, Length int
}

// PieceKind says what a Piece is.
type PieceKind uint8

const (
	Fragment PieceKind = iota
	Mention
	LinkStart
	LinkEnd
	Embed
	// Anchor is the value of an id, or of a link to one, within this Prose. A
	// page that holds several texts tells their anchors apart.
	Anchor
	HeadingStart
	HeadingEnd
)

// Heading of a Prose, for links to it.
type Heading struct {
	Anchor, Text string
	Level        int
}

// IsEmpty says whether there is nothing to show.
func (p *Prose) IsEmpty() bool { return len(p.Pieces) == 0 }

// Plain is the text without any markup, for places that take no more: a
// description, a table's cell, the measuring of a summary.
func (p *Prose) Plain() string {
	var b strings.Builder
	inTag := false // an Anchor stands within one, between two fragments
	for _, piece := range p.Pieces {
		switch piece.Kind {
		case Fragment:
			inTag = text(&b, piece.HTML, inTag)
		case Mention:
			b.WriteString(piece.Text)
		case Embed:
			b.WriteString(piece.Text)
		}
	}
	return strings.TrimSpace(b.String())
}

// text writes what stands between the tags of a fragment that parse made. It
// says whether the fragment ends within a tag.
func text(b *strings.Builder, html string, inTag bool) bool {
	for html != "" {
		if inTag {
			_, rest, closed := strings.Cut(html, ">")
			if !closed {
				return true
			}
			html, inTag = rest, false
			continue
		}
		var before string
		before, html, inTag = strings.Cut(html, "<")
		b.WriteString(entities.Replace(before))
	}
	return inTag
}

// entities are the only ones that fragments hold.
var entities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&#39;", "'", "&amp;", "&")
