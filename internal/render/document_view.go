package render

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"portico/internal/deal"
	"portico/internal/media"
)

// Group is the collateral of one kind.
type Group struct {
	Title string
	Items []Item
	Only  Only
}

// Item is a document, a film, an address.
type Item struct {
	Anchor      string
	Title, Kind string
	Description template.HTML
	Href        template.URL
	// Download is the name to save the file under; empty where it may not be.
	Download   string
	Label      string // "PDF, 1.2 MB"
	External   bool   // leads to another site
	Poster     *Picture
	ValidUntil Date
	Expired    Changing
	Audience   string
	Only       Only
	// View says how the browser's script may show the file in place: "pdf",
	// "image"; empty where it is opened.
	View string
	// Icon stands where there is no poster. Shape is "wide" for what needs the
	// width of two cards, "full" for that of the page.
	Icon, Shape string
	// Embed is what the page shows of it in place.
	Embed template.HTML
}

// documentKinds in the order in which a page lists them.
func documentKinds() []string {
	return []string{"deck", "video", "case_study", "proof", "scope", "security", "legal", "pricing", "reference", "notes", "other"}
}

func (m *pageMaker) documents(c *clockwork) ([]Group, Only) {
	var groups []Group
	var all []deal.Audience
	for _, kind := range documentKinds() {
		g, before := Group{Title: m.words.Say("document." + kind)}, len(all)
		for i := range m.deal.Collateral {
			d := &m.deal.Collateral[i]
			if d.Internal || d.Kind != kind {
				continue
			}
			all = m.also(all, m.who.Item(d.ID))
			g.Items = append(g.Items, m.document(c, d))
		}
		g.Only = m.onlyAll(all[before:])
		if g.Items != nil {
			groups = append(groups, g)
		}
	}
	return groups, m.onlyAll(all)
}

// document is an entry with what the page shows of it in place.
func (m *pageMaker) document(c *clockwork, d *deal.Collateral) Item {
	item := m.item(d)
	item.Embed = m.itemEmbed(d)
	item.Shape = shape(d, item.Embed != "")
	if d.ValidUntil.Day != 0 {
		item.Expired = c.changing([]deal.Day{d.ValidUntil.Day + 1}, func(day deal.Day) string {
			if day > d.ValidUntil.Day {
				return m.words.Say("document.expired")
			}
			return ""
		})
	}
	return item
}

// shape is how much room an entry needs.
func shape(c *deal.Collateral, embedded bool) string {
	switch kind := media.TypeOf(c.File.Path).Kind; {
	case !embedded:
		return ""
	case c.File.IsSet() && kind == media.Table:
		return "full"
	case c.File.IsSet() && kind == media.Image:
		return ""
	}
	return "wide"
}

// viewOf says how the browser's script may show a file.
func viewOf(f deal.File) string {
	switch media.TypeOf(f.Path).Kind {
	case media.Document:
		return "pdf"
	case media.Image:
		return "image"
	}
	return ""
}

// itemNamed is collateral by its id, or a file of the library.
func (m *pageMaker) itemNamed(name string) (Item, bool) {
	if item, ok := m.items[name]; ok {
		return item, true
	}
	if c := m.deal.Item(name); c != nil {
		if c.Internal {
			return Item{}, false
		}
		item := m.item(c)
		item.Anchor = ""
		m.items[name] = item
		return item, true
	}
	f, ok := deal.LibraryItem(name)
	if !ok {
		return Item{}, false
	}
	title := strings.TrimSuffix(f.Name(), f.Ext())
	return Item{Title: title, Icon: "document", View: viewOf(f), Href: m.fileURL(f), Label: m.fileLabel(f), Download: f.Name(), Only: m.only(m.who.File(f))}, true
}

// mayName is who may see collateral by its id, or a file of the library.
func (m *pageMaker) mayName(name string) deal.Audience {
	if f, ok := deal.LibraryItem(name); ok {
		return m.who.File(f)
	}
	return m.who.Item(name)
}

func (m *pageMaker) item(c *deal.Collateral) Item {
	scope, path := deal.Scope{Root: deal.InDeal, Dir: ".", Library: true}, m.tomlText("collateral", c.ID, "description")
	if c.OfLibrary {
		scope.Root = deal.InLibrary
	}
	path.scope = scope
	v := Item{
		Anchor: "c-" + c.ID, Title: c.Title, Kind: m.words.Say("document." + c.Kind), Description: m.inlineHTML(&c.Description, path),
		ValidUntil: m.date(c.ValidUntil.Day), Audience: m.audience(c.Audience),
		Only: m.only(m.who.Item(c.ID)), Poster: m.poster(c, 480),
	}
	if !c.File.IsSet() {
		v.Href, v.External, v.Label, v.Icon = safeLink(c.URL), true, linkHost(c.URL), "link"
		return v
	}
	v.Icon, v.View = "document", viewOf(c.File)
	v.Href, v.Label = m.fileURL(c.File), m.fileLabel(c.File)
	if c.Download && media.TypeOf(c.File.Path).Kind != media.Text {
		v.Download = c.File.Name()
	}
	return v
}

// poster of an entry, unless some who see the entry may not see the picture.
func (m *pageMaker) poster(c *deal.Collateral, width int) *Picture {
	if !c.Poster.IsSet() || !m.who.File(c.Poster).Has(m.who.Item(c.ID).And(m.to)) {
		return nil
	}
	return m.small(c.Poster, width)
}

// itemEmbed shows in place what reads best there: films, tables, pictures and
// players of others. A text is a page of its own.
func (m *pageMaker) itemEmbed(c *deal.Collateral) template.HTML {
	piece := deal.Piece{Kind: deal.Embed, Text: c.Title, Figure: true}
	if !c.File.IsSet() {
		if _, ok := media.FrameOf(c.URL, m.site.EmbedHosts); !ok {
			return ""
		}
		return template.HTML(m.frame(nil, c.URL, &piece))
	}
	switch media.TypeOf(c.File.Path).Kind {
	case media.Image, media.Video, media.Audio, media.Table:
		return template.HTML(m.embedFile(nil, c.File, &piece, c))
	}
	return ""
}

// audience words who alone sees something.
func (m *pageMaker) audience(members []string) string {
	if len(members) == 0 {
		return ""
	}
	var names []string
	for _, id := range members {
		if p := m.deal.Person(id); p != nil {
			names = append(names, p.Called())
		} else {
			names = append(names, m.words.Say("role."+id))
		}
	}
	return m.words.Say("audience", "who", strings.Join(names, m.words.Say("list.comma")))
}

// fileLabel says what a file is: "PDF, 1.2 MB".
func (m *pageMaker) fileLabel(f deal.File) string {
	t := media.TypeOf(f.Path)
	if t.Kind == media.Text {
		return m.words.Say("file.text")
	}
	if size := m.in.Size(f); size > 0 {
		return t.Label + m.words.Say("list.comma") + m.size(size)
	}
	return t.Label
}

// size in units of 1000, with two digits.
func (m *pageMaker) size(n int64) string {
	units := []string{"B", "kB", "MB", "GB"}
	x, u := float64(n), 0
	for x >= 1000 && u < len(units)-1 {
		x, u = x/1000, u+1
	}
	digits := 0
	if x < 9.95 && u > 0 {
		digits = 1
	}
	number, err := deal.NumberOf(fmt.Sprintf("%.*f", digits, x))
	if err != nil {
		return ""
	}
	return m.words.Number(number.Decimal, int32(digits)) + "\u00a0" + units[u]
}

func linkHost(address string) string {
	host, _, _ := strings.Cut(linkText(address), "/")
	return strings.TrimPrefix(host, "www.")
}

// Note is the minutes of a weekly review.
type Note struct {
	Anchor                    string
	Date                      Date
	Author                    *Person
	Moved                     []Move
	Decisions, Blockers, Next []NoteItem
	Rest                      template.HTML
	Words                     NoteWords
	// Only are the bounds of a note of which some viewers alone see anything, Parts
	// those of its lists and of Rest.
	Only  Only
	Parts struct{ Decisions, Blockers, Next, Rest Only }
}

// NoteWords are a note's headings.
type NoteWords struct{ Moved, Decisions, Blockers, Next string }

// Move is a milestone whose date changed.
type Move struct {
	Title string
	Href  template.URL
	Why   string
}

// NoteItem is one item of a note.
type NoteItem struct {
	Text template.HTML
	Due  Date
	Only Only
}

// recentNotes are unfolded; older ones are a click away.
const recentNotes = 2

// notes of weekly reviews, the newest first.
func (m *pageMaker) notes(p *Page) {
	var all []deal.Audience
	words := NoteWords{m.words.Say("note.moved"), m.words.Say("note.decisions"), m.words.Say("note.blockers"), m.words.Say("note.next")}
	for i := range m.deal.Notes {
		n := &m.deal.Notes[i]
		if n.Internal {
			continue
		}
		at := textAt{scope: deal.Scope{Root: deal.InDeal, Dir: "notes", Library: true}, anchors: "n-" + n.Day.String() + ".", shift: 2}
		v := Note{Words: words, Anchor: "n-" + n.Day.String(), Date: m.date(n.Day), Author: m.person(n.Author)}
		var parts []deal.Audience
		items := func(list []deal.NoteItem) ([]NoteItem, Only) {
			items, readers := m.noteItems(list, at)
			parts = append(parts, readers...)
			return items, m.onlyAll(readers)
		}
		v.Decisions, v.Parts.Decisions = items(n.Decisions)
		v.Blockers, v.Parts.Blockers = items(n.Blockers)
		v.Next, v.Parts.Next = items(n.Next)
		rest, who := m.solely(m.blockHTML(&n.Rest, at))
		if v.Rest, v.Parts.Rest = rest, m.only(who); rest != "" || who != nil {
			parts = m.also(parts, who)
		}
		for _, move := range n.Moved {
			if ms := m.deal.Milestone(move.Milestone); ms != nil && !ms.Internal {
				v.Moved = append(v.Moved, Move{Title: ms.Title, Href: template.URL("#" + milestoneAnchor(ms.ID)), Why: move.Why})
				parts = m.also(parts, nil)
			}
		}
		if len(parts) == 0 {
			parts = m.also(parts, nil) // it holds nothing, for everybody
		}
		v.Only, all = m.onlyAll(parts), m.also(all, anyOf(parts))
		p.Notes = append(p.Notes, v)
	}
	p.Parts.Notes = m.onlyAll(all)
	if len(p.Notes) > recentNotes {
		p.Notes, p.Older = p.Notes[:recentNotes], p.Notes[recentNotes:]
	}
	if len(all) > recentNotes {
		p.Parts.Older = m.onlyAll(all[recentNotes:])
	}
}

// noteItems with who may see each: a day alone is no item.
func (m *pageMaker) noteItems(items []deal.NoteItem, at textAt) (list []NoteItem, readers []deal.Audience) {
	for i := range items {
		text, who := m.solely(m.blockHTML(&items[i].Text, at))
		list = append(list, NoteItem{text, m.date(items[i].Due), m.only(who)})
		readers = m.also(readers, who)
	}
	return list, readers
}

// tracks are the captions that lie beside a film: tour.vtt, or tour.de.vtt.
func (m *pageMaker) tracks(f deal.File) []Track {
	base := strings.TrimSuffix(f.Path, f.Ext())
	var tracks []Track
	for _, n := range m.deal.Named {
		if n.File.Root != f.Root || n.File.Ext() != ".vtt" || !n.Shown || !m.who.File(n.File).Has(m.who.File(f).And(m.to)) {
			continue
		}
		name := strings.TrimSuffix(n.File.Path, ".vtt")
		lang, isOurs := strings.CutPrefix(name, base)
		if !isOurs || lang != "" && lang[0] != '.' {
			continue
		}
		lang = strings.TrimPrefix(lang, ".")
		if lang == "" {
			lang = m.deal.Locale
		}
		tracks = append(tracks, Track{Src: m.fileURL(n.File), Lang: lang, Label: m.words.Say("video.captions", "lang", lang), Default: strings.HasPrefix(m.deal.Locale, lang) || lang == m.deal.Locale})
	}
	slices.SortFunc(tracks, func(a, b Track) int { return strings.Compare(a.Lang, b.Lang) })
	return tracks
}
