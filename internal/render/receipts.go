package render

import (
	"bytes"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"portico/internal/deal"
	"portico/internal/media"
)

// Reporting is how pages tell the deal's seller what is looked at.
type Reporting struct {
	// To is the collector's address.
	To string
	// Part is what a part of the deal is called there, by its kind and its id.
	Part func(kind, id string) string
}

// Receipts are what a page needs to report what is looked at, and to say so.
type Receipts struct {
	Style, Script template.URL
	// To is where the script reports to.
	To string
	// Notice says who learns what. Switch stands beside the box that ends it.
	Notice template.HTML
	Switch string
}

// noticeSwitch is what the script looks for: on a page that shows none it
// reports nothing.
const noticeSwitch = `data-do="receipts"`

func (m *pageMaker) receipts(url func(string) template.URL) *Receipts {
	r := m.in.Reporting
	if r == nil {
		return nil
	}
	v := &Receipts{Style: url(m.look.Notice), Script: url(m.look.Receipts), To: reportTo(m.site, r.To), Switch: m.words.Say("receipts.switch", "seller", m.deal.Seller.Name)}
	at := textAt{scope: deal.Scope{Root: deal.InAssets, Dir: ".", Library: true, Assets: true}}
	if m.deal.Own["beacon.notice"] {
		at = m.tomlText("beacon", "notice")
	}
	v.Notice = m.inlineHTML(&m.deal.Beacon.Notice, at)
	if v.Notice == "" {
		v.Notice = template.HTML(appendHTML(nil, m.words.Say("receipts.notice", "seller", m.deal.Seller.Name))) // escaped
	}
	return v
}

// noticed wants a page that reports to say so.
func (m *pageMaker) noticed(page []byte) error {
	if m.in.Reporting != nil && !bytes.Contains(page, []byte(noticeSwitch)) {
		return fmt.Errorf("making a page of %s: a layout leaves out what is said of what the page reports: put {{template \"parts/receipts.html\" .}} where its footer is, or write `off = true` in [beacon]", m.deal.ID)
	}
	return nil
}

// withParts names in a page, or a fragment of one, the parts of the deal that are
// reported: its sections and milestones, whatever leads to an entry of
// collateral, and what of one can be unfolded. It goes by the ids and addresses
// that every layout has to have, so that no theme needs to know of it. A fragment
// names what is in it, and so tells nobody of anything else.
func (m *pageMaker) withParts(out Output) Output {
	if m.in.Reporting == nil {
		return out
	}
	p := partMarker{m: m, out: out, links: m.linkedParts(out.Audience), root: "body", data: make([]byte, 0, len(out.Data)+len(out.Data)/16)}
	if bytes.Contains(out.Data, []byte("<main")) {
		p.root = "main" // of a page that is read, without what is above and below it
	}
	for z := html.NewTokenizer(bytes.NewReader(out.Data)); ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			break // the end: a page is read from memory
		}
		p.data = append(p.data, z.Raw()...)
		switch kind {
		case html.StartTagToken:
			p.start(z)
		case html.EndTagToken:
			p.end(z)
		}
	}
	out.Data = p.data
	return out
}

// partMarker is a page on its way through withParts.
type partMarker struct {
	m     *pageMaker
	out   Output
	links map[string]string
	root  string
	data  []byte
	// figures are those that are open, the innermost last.
	figures []openFigure
}

// openFigure may unfold a text or a table. What that is called is known by the
// link that stands below it.
type openFigure struct {
	// fold is where the first tag of what it unfolds ends; 0 where there is none.
	fold int
	// next says that it is the next tag's.
	next bool
	// inside counts the folds that are open within it.
	inside int
}

func (p *partMarker) figure() *openFigure {
	if len(p.figures) == 0 {
		return &openFigure{}
	}
	return &p.figures[len(p.figures)-1]
}

func (p *partMarker) start(z *html.Tokenizer) {
	name, more := z.TagName()
	end := len(p.data) - 1
	if f := p.figure(); f.next {
		f.fold, f.next = end, false
	}
	switch string(name) {
	case "figure":
		p.figures = append(p.figures, openFigure{})
	case "details":
		p.figure().inside++
	}
	part := p.partOf(string(name), z, more)
	if part == "" {
		return
	}
	p.mark(end, part)
	if f := p.figure(); string(name) == "a" && f.fold > 0 && f.inside == 0 {
		p.mark(f.fold, part)
		f.fold = 0
	}
}

func (p *partMarker) end(z *html.Tokenizer) {
	f := p.figure()
	switch name, _ := z.TagName(); string(name) {
	case "figure":
		p.figures = p.figures[:max(0, len(p.figures)-1)]
	case "details":
		f.inside--
	case "summary":
		f.next = f.inside == 1 && f.fold == 0
	}
}

// mark an element at the end of its first tag.
func (p *partMarker) mark(at int, part string) {
	p.data = slices.Insert(p.data, at, []byte(` data-part="`+part+`"`)...)
}

// partOf the deal that an element is or leads to; empty for most.
func (p *partMarker) partOf(name string, z *html.Tokenizer, more bool) string {
	if name == p.root {
		return p.m.partOfPage(p.out.Path)
	}
	link := name == "a"
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		switch {
		case link && string(key) == "href":
			return p.links[string(value)]
		case !link && string(key) == "id":
			return p.m.partAt(string(value))
		}
	}
	return ""
}

// partAt an element of the plan.
func (m *pageMaker) partAt(id string) string {
	if slices.Contains(deal.Sections(), id) {
		return m.part(deal.PartSection, id)
	}
	if of, ok := strings.CutPrefix(id, milestoneAnchor("")); ok && m.deal.Milestone(of) != nil {
		return m.part(deal.PartMilestone, of)
	}
	return ""
}

// partOfPage is what a further page is as a whole.
func (m *pageMaker) partOfPage(path string) string {
	for i := range m.deal.Pages {
		if name := m.deal.Pages[i].Name; path == PagePath(name) {
			return m.part(deal.PartSection, deal.PartOfPage(name))
		}
	}
	for i := range m.deal.Collateral {
		c := &m.deal.Collateral[i]
		if !c.Internal && media.TypeOf(c.File.Path).Kind == media.Text && path == TextPath(c.File) {
			return m.part(deal.PartDocument, c.ID)
		}
	}
	return ""
}

// linkedParts are the entries that an audience may see, by the addresses that
// lead to them. Of two with one address the first counts.
func (m *pageMaker) linkedParts(to deal.Audience) map[string]string {
	links := map[string]string{}
	for i := range m.deal.Collateral {
		c := &m.deal.Collateral[i]
		if c.Internal || !m.who.Item(c.ID).Has(to) {
			continue
		}
		address, part := string(safeLink(c.URL)), m.part(deal.PartLink, c.ID)
		if c.File.IsSet() {
			address, part = string(m.fileURL(c.File)), m.part(deal.PartDocument, c.ID)
			if media.TypeOf(c.File.Path).Kind == media.Video {
				part = m.part(deal.PartVideo, c.ID)
			}
		}
		if _, taken := links[address]; !taken && address != "" {
			links[address] = part
		}
	}
	return links
}

// part as the page's script reads it: its kind, and what it is called.
func (m *pageMaker) part(kind, id string) string { return kind + " " + m.in.Reporting.Part(kind, id) }
