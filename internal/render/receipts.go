package render

import (
	"bytes"
	"errors"
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
		return errors.New(`a layout leaves out what its page has to say of what it reports: put {{template "parts/receipts.html" .}} where its footer is, or write ` + "`off = true` in [beacon]")
	}
	return nil
}

// withParts names in a page, or a fragment of one, the parts of the deal that are
// reported: its sections and milestones, and whatever leads to an entry of
// collateral. It goes by the ids and addresses that every layout has to have, so
// that no theme needs to know of it. A fragment names what is in it, and so tells
// nobody of anything else.
func (m *pageMaker) withParts(out Output) Output {
	if m.in.Reporting == nil {
		return out
	}
	links := m.linkedParts(out.Audience)
	var b bytes.Buffer
	b.Grow(len(out.Data) + len(out.Data)/16)
	for z := html.NewTokenizer(bytes.NewReader(out.Data)); ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			break // the end: a page is read from memory
		}
		raw := z.Raw()
		if kind != html.StartTagToken {
			b.Write(raw)
			continue
		}
		b.Write(raw[:len(raw)-1])
		if part := m.partOf(z, out, links); part != "" {
			fmt.Fprintf(&b, ` data-part="%s"`, part)
		}
		b.WriteByte('>')
	}
	out.Data = b.Bytes()
	return out
}

// partOf the deal that an element is or leads to; empty for most.
func (m *pageMaker) partOf(z *html.Tokenizer, out Output, links map[string]string) string {
	name, more := z.TagName()
	if string(name) == "body" {
		return m.partOfPage(out.Path)
	}
	link := string(name) == "a"
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		switch {
		case link && string(key) == "href":
			return links[string(value)]
		case !link && string(key) == "id":
			return m.partAt(string(value))
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
