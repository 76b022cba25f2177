package check

import (
	"fmt"
	"slices"
	"strings"

	"portico/internal/deal"
)

// audiences wants whoever is to see something alone to have a way in.
func audiences(v *visit) {
	if v.Access.Public {
		v.noAudiences()
		return
	}
	a := deal.NewAudiences(v.Deal, v.site, v.Access.Viewers)
	if !a.Restrict() {
		return
	}
	if !v.Pricing.Internal {
		v.reaches(a, v.Pricing.Audience, v.at("pricing", "audience"))
	}
	for i := range v.Pages {
		if p := &v.Pages[i]; !p.Internal {
			v.reaches(a, p.Audience, deal.Place{File: p.File, Path: deal.At("audience")})
			v.title(a, p)
		}
	}
	for i := range v.Collateral {
		if c := &v.Collateral[i]; !c.Internal {
			v.entry(a, c)
		}
	}
	v.pictures(a)
	v.addresses(a)
}

func (v *visit) entry(a *deal.Audiences, c *deal.Collateral) {
	if c.OfLibrary {
		if a.Item(c.ID).Nobody() {
			v.warn(v.at("access", "viewers"), "empty-audience", fmt.Sprintf("the library shows %q to some roles alone, and no viewer of this deal holds one: nobody will see it", c.ID), "", v.who())
		}
		return
	}
	v.reaches(a, c.Audience, v.at("collateral", c.ID, "audience"))
	if a.Item(c.ID).Nobody() && !a.Of(c.Audience).Nobody() {
		v.fail(v.at("collateral", c.ID), "empty-audience", "nobody would see this: another entry shows the same file to others alone", "", "give both entries one audience, or delete one")
	}
	if c.Poster.IsSet() && !a.File(c.Poster).Has(a.Item(c.ID)) {
		v.leftOut(v.at("collateral", c.ID, "poster"))
	}
}

// reaches wants an audience to hold a viewer, and every person in it to be one.
func (v *visit) reaches(a *deal.Audiences, members []string, at deal.Place) {
	unknown := func(id string) bool { return v.lookup(id) == nil && !slices.Contains(deal.Roles(), id) }
	switch {
	case len(members) == 0 || slices.ContainsFunc(members, unknown): // reported
	case a.Of(members).Nobody():
		v.fail(at, "empty-audience", "nobody would see this: no viewer of this deal is in its audience", "", v.who())
	default:
		for i, id := range members {
			if v.lookup(id) != nil && !slices.Contains(v.Access.Viewers, id) {
				v.warn(at.Of(i), "no-way-in", fmt.Sprintf("%q is no viewer of this deal and will not see this", id), "", "add the id to `viewers` in [access], or take it out here")
			}
		}
	}
}

// title of a page is one text for all who see the page: what a link of the
// heading that it was taken from says cannot be cut out of it.
func (v *visit) title(a *deal.Audiences, p *deal.Page) {
	if a.Title(p).Has(a.Page(p.Name)) {
		return
	}
	for i := range p.Heading.Pieces {
		if k := p.Heading.Pieces[i].Kind; k == deal.LinkStart || k == deal.Embed {
			t := deal.Text{Prose: &p.Heading, Place: deal.Place{File: p.File}}
			v.fail(t.At(&p.Heading.Pieces[i]), "restricted-title", "the page's title is taken from this heading, and not all who see the page may see what the heading links to: its words would be shown to them", "", "write `title` between lines of +++ at the top of the page, or take the link out of the heading")
			return
		}
	}
}

// who lists the viewers with their roles.
func (v *visit) who() string {
	var list []string
	for _, id := range v.Access.Viewers {
		if p := v.lookup(id); p != nil && len(p.Roles) > 0 {
			id += " (" + strings.Join(p.Roles, ", ") + ")"
		}
		list = append(list, id)
	}
	if list == nil {
		return "only viewers can be told apart: name people in `viewers` of [access]"
	}
	return "viewers are " + strings.Join(list, ", ") + "; whoever knows the passphrase alone is none"
}

// pictures are shown with something that more people see than may see them.
func (v *visit) pictures(a *deal.Audiences) {
	for i := range v.People {
		if p := &v.People[i]; p.Photo.IsSet() && !p.Internal && !a.File(p.Photo).Everybody() {
			v.leftOut(v.at("person", p.ID, "photo"))
		}
	}
	if v.Buyer.Logo.IsSet() && !a.File(v.Buyer.Logo).Everybody() {
		v.leftOut(v.at("buyer", "logo"))
	}
}

// addresses of both companies stand in the footer of every page.
func (v *visit) addresses(a *deal.Audiences) {
	for _, x := range []struct{ address, table, key string }{
		{v.Buyer.Website, "buyer", "website"}, {v.Seller.Website, "seller", "website"}, {v.Seller.Imprint, "seller", "imprint"}, {v.Seller.Privacy, "seller", "privacy"},
	} {
		if a.Address(x.address).Everybody() {
			continue
		}
		at := v.at(x.table, x.key)
		if x.table == "seller" && !v.Own["seller."+x.key] {
			at = deal.Place{File: deal.SiteFile, Path: deal.At(x.table, x.key)}
		}
		v.warn(at, "hidden-address", "this address belongs to collateral that some who see this may not see: a sealed page leaves it out", "", "give another address here, or take `audience` out of the entry")
	}
}

func (v *visit) leftOut(at deal.Place) {
	v.warn(at, "hidden-picture", "this picture belongs to collateral that some who see this may not see: a sealed page leaves it out", "", "use another file here, or take `audience` out of the entry")
}

// noAudiences refuses them in a deal that is built in the clear.
func (v *visit) noAudiences() {
	fail := func(list []string, at deal.Place) {
		if len(list) > 0 {
			v.fail(at, "audience-in-public", "a public deal has no audiences: anyone can read it", "", "delete `audience`, or `public = true` in [access]")
		}
	}
	fail(v.Pricing.Audience, v.at("pricing", "audience"))
	for i := range v.Collateral {
		if c := &v.Collateral[i]; !c.OfLibrary {
			fail(c.Audience, v.at("collateral", c.ID, "audience"))
		} else if len(c.Audience) > 0 {
			v.fail(v.at("access", "public"), "audience-in-public", fmt.Sprintf("the library gives %q an audience, and a public deal has none", c.ID), "", "do not name it in this deal, or delete `public = true`")
		}
	}
	for i := range v.Pages {
		fail(v.Pages[i].Audience, deal.Place{File: v.Pages[i].File, Path: deal.At("audience")})
	}
}
