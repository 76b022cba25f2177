package deal

import (
	"slices"

	"golang.org/x/text/unicode/norm"
)

// Audience is who may see a part of a deal: the ids of viewers, sorted, each
// once. Nil is everybody who has a way in; an empty one that is not nil is
// nobody.
type Audience []string

// Everybody says whether nothing narrows the audience.
func (a Audience) Everybody() bool { return a == nil }

// Nobody says whether no viewer is in it.
func (a Audience) Nobody() bool { return a != nil && len(a) == 0 }

// And is who is in both.
func (a Audience) And(b Audience) Audience {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	both := Audience{}
	for _, id := range a {
		if slices.Contains(b, id) {
			both = append(both, id)
		}
	}
	return both
}

// Or is who is in either.
func (a Audience) Or(b Audience) Audience {
	if a == nil || b == nil {
		return nil
	}
	return audienceOf(slices.Concat(a, b))
}

// Has says whether all of b are in a.
func (a Audience) Has(b Audience) bool {
	return a == nil || b != nil && !slices.ContainsFunc(b, func(id string) bool { return !slices.Contains(a, id) })
}

// audienceOf is the audience of some viewers, which is never nil.
func audienceOf(ids []string) Audience {
	a := Audience(slices.Clone(ids))
	if a == nil {
		return Audience{}
	}
	slices.Sort(a)
	return slices.Compact(a)
}

// Audiences are who may see what of a deal. One that is nil restricts nothing:
// that of a run in the clear.
//
// A file belongs to one audience, since a viewer may find it in one manifest
// only. Where an entry of collateral that names it has an audience, that is the
// file's, wherever else it is named; of several entries the narrowest in common
// is. Else it is that of everything that shows or names the file.
type Audiences struct {
	deal    *Deal
	site    *Site
	viewers []string

	pricing   Audience
	items     map[string]Audience // by the id of the entry
	pages     map[string]Audience // by name
	files     map[File]Audience
	addresses map[string]Audience // as sameAddress has them
	// restrict says that anything is for some viewers alone.
	restrict bool
}

// NewAudiences works out who may see what. viewers are those who have a way in
// of their own; who knows a shared phrase alone is in no audience. The site is
// in the deal's language.
func NewAudiences(d *Deal, s *Site, viewers []string) *Audiences {
	a := &Audiences{deal: d, site: s, viewers: viewers, items: map[string]Audience{}, pages: map[string]Audience{}, files: map[File]Audience{}, addresses: map[string]Audience{}}
	if !d.Pricing.Internal {
		a.pricing = a.Of(d.Pricing.Audience)
	}
	for i := range d.Pages {
		if p := &d.Pages[i]; !p.Internal {
			a.pages[p.Name] = a.Of(p.Audience)
		}
	}
	a.entries()
	if a.restrict = a.narrow(); a.restrict {
		a.named()
	}
	return a
}

// Of is who the members of an `audience` are: ids of people, and roles of
// viewers. A person's id goes before a role of the same name.
func (a *Audiences) Of(members []string) Audience {
	if len(members) == 0 {
		return nil
	}
	var ids []string
	for _, member := range members {
		if a.person(member) != nil {
			if slices.Contains(a.viewers, member) {
				ids = append(ids, member)
			}
			continue
		}
		for _, id := range a.viewers {
			if p := a.person(id); p != nil && p.Has(member) {
				ids = append(ids, id)
			}
		}
	}
	return audienceOf(ids)
}

// person of the deal or, behind that, of the team.
func (a *Audiences) person(id string) *Person {
	if p := a.deal.Person(id); p != nil {
		return p
	}
	return a.site.Member(id)
}

// entries are what collateral itself restricts: files and addresses.
func (a *Audiences) entries() {
	restrict := func(c *Collateral) {
		if len(c.Audience) == 0 || c.Internal {
			return
		}
		if c.File.IsSet() {
			a.files[c.File.composed()] = a.files[c.File.composed()].And(a.Of(c.Audience))
		} else {
			at := sameAddress(c.URL)
			a.addresses[at] = a.addresses[at].And(a.Of(c.Audience))
		}
	}
	own := map[string]bool{}
	for i := range a.deal.Collateral {
		if c := &a.deal.Collateral[i]; !c.OfLibrary {
			own[c.ID] = true
			restrict(c)
		}
	}
	for i := range a.site.Library.Collateral {
		// A text may name a file whose entry the deal does not.
		if c := &a.site.Library.Collateral[i]; !own[c.ID] {
			restrict(c)
		}
	}
	for i := range a.deal.Collateral {
		if c := &a.deal.Collateral[i]; !c.Internal {
			a.items[c.ID] = a.Of(c.Audience).And(a.files[c.File.composed()]).And(a.addresses[sameAddress(c.URL)])
		}
	}
}

// named are the files that no entry restricts: each is for whoever may see
// something that names it. What a Markdown file names depends on who may see
// that file, so this goes on until nothing widens any more.
func (a *Audiences) named() {
	type use struct {
		file File
		in   Audience
		text File // in which it is named, where it is a Markdown file
	}
	texts := map[string]File{}
	for i := range a.deal.Texts {
		t := &a.deal.Texts[i]
		texts[a.deal.SourceOf(t.File)] = t.File.composed()
	}
	var uses []use
	fixed := make(map[File]bool, len(a.files))
	for f := range a.files {
		fixed[f] = true
	}
	a.deal.EachFile(a.deal.File("deal.toml"), func(n NamedFile) {
		if f := n.File.composed(); n.Shown && !fixed[f] {
			uses = append(uses, use{f, a.At(n.Place), texts[n.Place.File]})
			a.files[f] = Audience{}
		}
	})
	for widened := true; widened; {
		widened = false
		for _, u := range uses {
			in := u.in
			if u.text.IsSet() {
				in = a.File(u.text)
			}
			if before := a.files[u.file]; !before.Has(in) {
				a.files[u.file], widened = before.Or(in), true
			}
		}
	}
}

// At is who may see what stands at a place of deal.toml, of the library or of a
// Markdown file.
func (a *Audiences) At(p Place) Audience {
	table, id := "", ""
	if p.Path.Len() > 0 {
		table = p.Path.Step(0)
	}
	if p.Path.Len() > 1 {
		id = p.Path.Step(1)
	}
	switch {
	case table == "pricing":
		return a.pricing
	case table == "collateral":
		return a.items[id]
	}
	for i := range a.deal.Pages {
		if g := &a.deal.Pages[i]; g.File == p.File {
			return a.pages[g.Name]
		}
	}
	return nil
}

// Restrict says whether anything is for some viewers alone.
func (a *Audiences) Restrict() bool { return a != nil && a.restrict }

// narrow says whether anything that was read so far is.
func (a *Audiences) narrow() bool {
	for _, m := range []map[string]Audience{a.items, a.pages, a.addresses} {
		for _, who := range m {
			if !who.Everybody() {
				return true
			}
		}
	}
	return len(a.files) > 0 || !a.pricing.Everybody()
}

// Pricing is who may see the offer.
func (a *Audiences) Pricing() Audience {
	if a == nil {
		return nil
	}
	return a.pricing
}

// Page is who may see a further page.
func (a *Audiences) Page(name string) Audience {
	if a == nil {
		return nil
	}
	return a.pages[name]
}

// Item is who may see an entry of collateral.
func (a *Audiences) Item(id string) Audience {
	if a == nil {
		return nil
	}
	return a.items[id]
}

// Documents is who may see any entry of collateral.
func (a *Audiences) Documents() Audience {
	if a == nil || len(a.items) == 0 {
		return nil
	}
	any := Audience{}
	for _, of := range a.items {
		any = any.Or(of)
	}
	return any
}

// Address is who may see a link to another site.
func (a *Audiences) Address(url string) Audience {
	if a == nil {
		return nil
	}
	return a.addresses[sameAddress(url)]
}

// File is who may see a file. Captions, which no one names, are for whoever may
// see the film that they lie beside. What nothing on the site names is for
// nobody.
func (a *Audiences) File(f File) Audience {
	if !a.Restrict() || f.Root == InAssets {
		return nil
	}
	if of, ok := a.files[f.composed()]; ok {
		return of
	}
	captions := Audience{}
	for film, of := range a.files {
		if f.CaptionsOf(film) {
			captions = captions.Or(of)
		}
	}
	return captions
}

// composed is the file by its name as every disk may spell it.
func (f File) composed() File { return File{f.Root, norm.NFC.String(f.Path)} }
