package deal

import (
	"net/url"
	"slices"
	"strings"
)

// Target is who may see what a link or an embed of a text leads to. The scope
// is the text's own. A heading with a restricted link is for that link's
// audience, since its anchor is made of all its words; so is a link to it.
func (a *Audiences) Target(t Target, from *Prose, scope Scope) Audience {
	if !a.Restrict() {
		return nil
	}
	return a.target(t, scoped{from, scope}, nil)
}

// scoped is a Prose with what its links are read from.
type scoped struct {
	*Prose
	Scope
}

// headingOf is a heading that is being looked at, by its text: two may name each
// other.
type headingOf struct {
	in     *Prose
	anchor string
}

func (a *Audiences) target(t Target, from scoped, seen []headingOf) Audience {
	switch t.Kind {
	case ToAddress:
		return a.Address(t.URL)
	case ToAnchor:
		if slices.ContainsFunc(from.Headings, func(h Heading) bool { return h.Anchor == t.Fragment }) {
			return a.heading(from, t.Fragment, seen)
		}
		return a.plan(t.Fragment, seen)
	case ToPlan:
		return a.plan(t.Fragment, seen)
	case ToFile:
		return a.File(t.File).And(a.heading(a.deal.shownText(t.File), t.Fragment, seen))
	case ToPage:
		if p := a.deal.Page(t.Name); p != nil {
			return a.pages[t.Name].And(a.heading(scoped{&p.Body, pageScope()}, t.Fragment, seen))
		}
	case ToMilestone:
		if m := a.deal.Milestone(t.Name); m != nil {
			return a.heading(scoped{&m.Prose, Scope{Root: InDeal, Dir: "milestones", Library: true}}, t.Fragment, seen)
		}
	case ToNote:
		for i := range a.deal.Notes {
			if n := &a.deal.Notes[i]; n.Day.String() == t.Name {
				return a.heading(scoped{&n.Rest, Scope{Root: InDeal, Dir: "notes", Library: true}}, t.Fragment, seen)
			}
		}
	}
	return nil
}

// plan is who may see a place of the first page: a milestone or an event, which
// everybody sees, a heading of index.md, or a section.
func (a *Audiences) plan(name string, seen []headingOf) Audience {
	if a.deal.Milestone(name) != nil || a.deal.Event(name) != nil {
		return nil
	}
	index := scoped{&a.deal.Index, Scope{Root: InDeal, Dir: ".", Library: true}}
	if slices.ContainsFunc(index.Headings, func(h Heading) bool { return h.Anchor == name }) {
		return a.heading(index, name, seen)
	}
	switch name {
	case "pricing":
		return a.pricing
	case "documents":
		return a.Documents()
	}
	return nil
}

// heading is who may see one of a text's headings.
func (a *Audiences) heading(in scoped, anchor string, seen []headingOf) Audience {
	if in.Prose == nil || anchor == "" || slices.Contains(seen, headingOf{in.Prose, anchor}) {
		return nil
	}
	for i := range in.Pieces {
		if p := &in.Pieces[i]; p.Kind == HeadingStart && p.Name == anchor {
			return a.links(in, in.Pieces[i+1:], append(seen, headingOf{in.Prose, anchor}))
		}
	}
	return nil
}

// Heading is who may see a heading: those who may follow all its links. The
// pieces are what stands behind its beginning.
func (a *Audiences) Heading(from *Prose, pieces []Piece, scope Scope) Audience {
	if !a.Restrict() {
		return nil
	}
	return a.links(scoped{from, scope}, pieces, nil)
}

// links of a heading; of a text that is one heading, where none ends.
func (a *Audiences) links(in scoped, pieces []Piece, seen []headingOf) (who Audience) {
	for i := range pieces {
		switch p := &pieces[i]; p.Kind {
		case HeadingEnd:
			return who
		case LinkStart, Embed:
			if t, bad := ParseTarget(p.Target, in.Scope); bad == nil {
				who = who.And(a.target(t, in, seen))
			}
		}
	}
	return who
}

// Title is who may see all that a page's title says, where it was taken from a
// heading.
func (a *Audiences) Title(p *Page) Audience {
	return a.Heading(&p.Heading, p.Heading.Pieces, pageScope())
}

func pageScope() Scope { return Scope{Root: InDeal, Dir: "pages", Library: true} }

// shownText is a Markdown file that something shows, or nothing.
func (d *Deal) shownText(f File) scoped {
	for i := range d.Texts {
		if t := &d.Texts[i]; t.File == f {
			return scoped{&t.Prose, Scope{Root: f.Root, Dir: f.Dir(), Library: true}}
		}
	}
	return scoped{}
}

// sameAddress is what the spellings of an address have in common that lead to
// one page: an address that is for some alone must not get to others by another
// of them. It errs on the careful side.
func sameAddress(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if port := u.Port(); port != "" && port != "80" && port != "443" {
		host += ":" + port
	}
	return strings.TrimPrefix(host, "www.") + strings.TrimRight(u.Path, "/") + "?" + u.RawQuery
}
