package render

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"portico/internal/deal"
)

// Only are the bounds of what some viewers alone may see. A layout writes Begin
// in front of it and End behind it; both are empty for what everybody sees.
//
// A sealed page is made whole and then cut at these bounds: what lies between
// them becomes a fragment for its audience, and in the page for everybody stands
// an empty place. That page is then held against one that was made of a deal
// without any of it. So a layout that shows a title, a count or a heading
// outside of the bounds stops the build, and leaks nothing.
type Only struct{ Begin, End template.HTML }

// bounds are what a Begin stands for.
type bounds struct {
	who deal.Audience
	// instead is the id of the element that the fragment takes the place of,
	// where that is no empty one.
	instead string
	// always cuts even for a page that all of the audience may see: each of them
	// sees some of it, and none need see the same.
	always bool
}

// cut says whether bounds part something from a page for an audience.
func (b *bounds) cut(to deal.Audience) bool { return b.always || !b.who.Has(to) }

// marks are the bounds of a deal's pages. A mark is a NUL, the bounds' number
// and a NUL: no text holds a NUL, for it is replaced wherever one is escaped.
type marks struct {
	list  []bounds
	sheet *sheet // of paper
}

const mark = 0

// endMark has no number.
const endMark template.HTML = "\x00\x00"

// only are the bounds of what is for an audience: none if that holds all for
// whom the page is.
func (m *pageMaker) only(who deal.Audience) Only { return m.bound(bounds{who: who}) }

func (m *pageMaker) bound(b bounds) Only {
	if m.who == nil || !b.cut(m.to) {
		return Only{}
	}
	i := slices.IndexFunc(m.marks.list, func(o bounds) bool {
		return o.instead == b.instead && o.always == b.always && slices.Equal(o.who, b.who)
	})
	if i < 0 {
		i = len(m.marks.list)
		m.marks.list = append(m.marks.list, b)
	}
	return Only{template.HTML("\x00" + strconv.Itoa(i) + "\x00"), endMark} // a mark, which is cut out
}

// onlyAll are the bounds of a list, if each of its entries is for some viewers
// alone.
func (m *pageMaker) onlyAll(entries []deal.Audience) Only {
	if m.who == nil || len(entries) == 0 {
		return Only{}
	}
	if slices.ContainsFunc(entries, func(who deal.Audience) bool { return who.Has(m.to) }) {
		return Only{}
	}
	return m.bound(bounds{who: anyOf(entries), always: m.to != nil})
}

// Only are the bounds of what stands around a text, such as its label: none if
// everybody sees some of the text.
func (p *Page) Only(text template.HTML) Only {
	if p.maker == nil || p.maker.who == nil {
		return Only{}
	}
	_, who := p.maker.solely(text)
	return p.maker.only(who)
}

// also adds to the audiences of a list's entries; in the clear there are none.
func (m *pageMaker) also(entries []deal.Audience, who deal.Audience) []deal.Audience {
	if m.who == nil {
		return nil
	}
	return append(entries, who)
}

// anyOf is who may see any of some things.
func anyOf(things []deal.Audience) deal.Audience {
	all := deal.Audience{}
	for _, who := range things {
		all = all.Or(who)
	}
	return all
}

// within writes, between bounds, a part of a text. A page without what is
// restricted has the bounds and nothing between them.
func (m *pageMaker) within(dst []byte, o Only, write func([]byte) []byte) []byte {
	dst = append(dst, o.Begin...)
	if !m.bare {
		m.apart++
		dst = write(dst)
		m.apart--
	}
	return append(dst, o.End...)
}

// solely is the audience of a text of which everybody else sees nothing at all,
// and the text, which is then empty on a page without it.
func (m *pageMaker) solely(text template.HTML) (template.HTML, deal.Audience) {
	if m.who == nil || strings.IndexByte(string(text), mark) < 0 {
		return text, nil
	}
	parts, err := m.marks.read([]byte(text))
	if err != nil {
		return text, nil // the whole page will say so
	}
	var readers []deal.Audience
	for _, p := range parts {
		switch {
		case p.only != nil:
			readers = append(readers, p.only.who)
		case len(bytes.TrimSpace(p.text)) > 0:
			return text, nil
		}
	}
	who := anyOf(readers)
	switch {
	case readers == nil || who.Has(m.to):
		return text, nil
	case m.bare:
		return "", who
	}
	return text, who
}

// sees says whether all for whom a page is may see a file.
func (m *pageMaker) sees(f deal.File) bool { return m.who.File(f).Has(m.to) }

// leaveOut of the deal what not all may see for whom a page is.
func (m *pageMaker) leaveOut() {
	m.bare, m.grouped, m.rules = true, nil, new(strings.Builder)
	d := *m.deal
	d.Collateral = slices.DeleteFunc(slices.Clone(d.Collateral), func(c deal.Collateral) bool { return !m.who.Item(c.ID).Has(m.to) })
	d.Pages = slices.DeleteFunc(slices.Clone(d.Pages), func(p deal.Page) bool { return !m.who.Page(p.Name).Has(m.to) })
	if !m.who.Pricing().Has(m.to) {
		d.Pricing = deal.Pricing{}
	}
	m.deal = &d
}

// part of a page: text, or what lies between bounds.
type part struct {
	text []byte
	only *bounds
	kids []part
}

// read a page's marks.
func (k *marks) read(page []byte) ([]part, error) {
	parts, rest, err := k.readUntilEnd(page, 0)
	if err == nil && len(rest) > 0 {
		err = errors.New("an Only.End has no Only.Begin before it")
	}
	return parts, err
}

func (k *marks) readUntilEnd(page []byte, depth int) (parts []part, rest []byte, err error) {
	for {
		i := bytes.IndexByte(page, mark)
		if i < 0 {
			if depth > 0 {
				return nil, nil, errors.New("an Only.Begin has no Only.End behind it")
			}
			return gather(append(parts, part{text: page})), nil, nil
		}
		if i > 0 {
			parts = append(parts, part{text: page[:i]})
		}
		number, after, _ := bytes.Cut(page[i+1:], []byte{mark})
		if len(number) == 0 {
			if depth == 0 {
				return parts, page[i:], nil
			}
			return gather(parts), after, nil
		}
		n, err := strconv.Atoi(string(number))
		if err != nil || n >= len(k.list) {
			return nil, nil, errors.New("internal error: a page holds a mark that nobody made")
		}
		p := part{only: &k.list[n]}
		if p.kids, page, err = k.readUntilEnd(after, depth+1); err != nil {
			return nil, nil, err
		}
		parts = append(parts, p)
	}
}

// wrappers are the elements of a text that go with what is in them: a
// paragraph of which everybody else sees nothing would be a gap.
func wrappers() []string {
	return []string{"p", "li", "ul", "ol", "dl", "dt", "dd", "blockquote", "em", "strong", "del"}
}

// gather takes an element that holds nothing but restricted parts into one with
// them, for all who see any of it.
func gather(parts []part) []part {
	for i := 1; i < len(parts); i++ {
		if parts[i].only == nil || parts[i-1].only != nil {
			continue
		}
		end := i
		for end < len(parts) && (parts[end].only != nil || len(bytes.TrimSpace(parts[end].text)) == 0) {
			end++
		}
		if end == len(parts) {
			return parts
		}
		before, after := parts[i-1].text, parts[end].text
		open, closing, found := enclosing(before, after)
		if !found {
			continue
		}
		whole := part{only: &bounds{who: deal.Audience{}}, kids: []part{{text: before[open:]}}}
		for _, p := range parts[i:end] {
			whole.kids = append(whole.kids, p)
			if p.only != nil {
				whole.only.who = whole.only.who.Or(p.only.who)
			}
		}
		whole.kids = append(whole.kids, part{text: after[:closing]})
		parts[i-1].text, parts[end].text = before[:open], after[closing:]
		parts = slices.Replace(parts, i, end, whole)
		i-- // it may lie alone in an element too
	}
	return parts
}

// enclosing finds the element that begins at the end of one text and ends at
// the beginning of another: where its tags begin and end.
func enclosing(before, after []byte) (open, closing int, found bool) {
	tagged, rest := bytes.TrimRight(before, " \n"), bytes.TrimLeft(after, " \n")
	for _, box := range []string{`<span class="task">☐</span>`, `<span class="task">☑</span>`} {
		if item, found := bytes.CutSuffix(tagged, []byte(box)); found && bytes.HasSuffix(item, []byte("<li>")) {
			tagged = item
		}
	}
	open = bytes.LastIndexByte(tagged, '<')
	if open < 0 || !bytes.HasSuffix(tagged, []byte(">")) {
		return 0, 0, false
	}
	name, attributes, _ := strings.Cut(string(tagged[open+1:len(tagged)-1]), " ")
	if attributes != "" && !strings.HasPrefix(attributes, "start=") || !slices.Contains(wrappers(), name) || !bytes.HasPrefix(rest, []byte("</"+name+">")) {
		return 0, 0, false
	}
	return open, len(after) - len(rest) + len(name) + 3, true
}

// splitting is the cutting of one page.
type splitting struct {
	path      string
	page      holder
	fragments []Output
}

// holder is what places lie in: the page, or what fills a place of it.
type holder struct {
	id string
	n  int // how many lie in it
}

// next is the id of a further place. In the order of a manifest it comes after
// that of the place around it, so that what is put in place in that order finds
// its own.
func (h *holder) next() string {
	h.n++
	if h.id == "" {
		return "r" + strconv.Itoa(h.n)
	}
	return h.id + "-" + strconv.Itoa(h.n)
}

// split a page into what all see for whom it is, and the fragments for narrower
// audiences. bare is the page of a deal without what is restricted.
func (m *pageMaker) split(path string, page, bare []byte) ([]Output, error) {
	parts, err := m.marks.read(page)
	if err != nil {
		return nil, fmt.Errorf("making %s of %s: %w", path, m.deal.ID, err)
	}
	check, err := m.marks.read(bare)
	if err != nil || !bytes.Equal(rest(nil, parts, m.to), rest(nil, check, m.to)) {
		return nil, fmt.Errorf("making %s of %s: a layout shows outside of Only.Begin and Only.End what only some viewers may see, or something that depends on it", path, m.deal.ID)
	}
	s := splitting{path: path}
	whole := Output{Path: path, Audience: m.to, Data: s.write(nil, parts, m.to, &s.page)}
	return append([]Output{whole}, s.fragments...), nil
}

// rest is what a page shows outside of bounds.
func rest(dst []byte, parts []part, to deal.Audience) []byte {
	for _, p := range parts {
		switch {
		case p.only == nil:
			dst = append(dst, p.text...)
		case !p.only.cut(to):
			dst = rest(dst, p.kids, to)
		}
	}
	return dst
}

// write what an audience sees of some parts, with empty places for what is for
// fewer.
func (s *splitting) write(dst []byte, parts []part, to deal.Audience, in *holder) []byte {
	for _, p := range parts {
		switch {
		case p.only == nil:
			dst = append(dst, p.text...)
		case p.only.who.Has(to) && !(p.only.always && in == &s.page):
			dst = s.write(dst, p.kids, to, in)
		case p.only.instead != "":
			s.fragment(p, to, p.only.instead, &s.page)
		case !p.only.who.And(to).Nobody():
			at := in.next()
			dst = fmt.Appendf(dst, `<template id="%s"></template>`, at)
			s.fragment(p, to, at, &holder{id: at})
		}
	}
	return dst
}

func (s *splitting) fragment(p part, to deal.Audience, at string, in *holder) {
	who, i := p.only.who.And(to), len(s.fragments)
	if who.Nobody() {
		return
	}
	s.fragments = append(s.fragments, Output{Path: s.path, At: at, Audience: who})
	s.fragments[i].Data = s.write(nil, p.kids, who, in)
}
