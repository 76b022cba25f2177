package deal

import "strings"

// Reference is one thing in a deal naming another by its id.
type Reference struct {
	Place
	Kind RefKind
	ID   string
	// Shown says that what names it is on the buyer's site.
	Shown bool
}

// RefKind says what a Reference must lead to.
type RefKind uint8

const (
	RefPerson    RefKind = iota // of the deal or the team
	RefMember                   // of the team
	RefMilestone                // a milestone
	RefPlan                     // a milestone or an event
	RefStage                    // a stage of the deal
	RefItem                     // collateral, or a library: file
	RefAudience                 // a person or a role
)

// EachReference calls yield for every reference in the deal's TOML file and notes,
// in no particular order; those in Markdown are in its Texts.
func (d *Deal) EachReference(tomlFile string, yield func(Reference)) {
	r := refs{Place{File: tomlFile}, yield}
	r.one(RefMember, d.Owner, true, "deal", "owner")
	r.each(RefMember, d.SellerTeam, true, "seller", "team")
	r.one(RefPerson, d.Value.AgreedBy, true, "value", "agreed_by")
	for i := range d.Milestones {
		r.milestone(&d.Milestones[i])
	}
	for i := range d.Risks {
		k := &d.Risks[i]
		r.one(RefPerson, k.Owner, !k.Internal, "risk", k.ID, "owner")
		r.one(RefMilestone, k.Milestone, !k.Internal, "risk", k.ID, "milestone")
	}
	for i := range d.Collateral {
		if c := &d.Collateral[i]; !c.OfLibrary {
			r.each(RefAudience, c.Audience, !c.Internal, "collateral", c.ID, "audience")
		}
	}
	r.each(RefAudience, d.Pricing.Audience, !d.Pricing.Internal, "pricing", "audience")
	for i := range d.ReferenceCalls {
		c := &d.ReferenceCalls[i]
		r.each(RefPerson, c.With, !c.Internal, "reference_call", i, "with")
	}
	r.each(RefPerson, d.Access.Viewers, false, "access", "viewers")
	for _, id := range sortedKeys(d.Access.Viewer) {
		r.yield(Reference{Place: r.keyed("access", "viewer", id), Kind: RefPerson, ID: id})
	}
	for i := range d.Beacon.Alerts {
		if !d.Own["beacon.alert"] {
			break // they are portico.toml's, and checked with it
		}
		r.each(RefMember, d.Beacon.Alerts[i].To, false, "beacon", "alert", i, "to")
	}
	for i := range d.Notes {
		r.note(&d.Notes[i])
	}
	for i := range d.Pages {
		p := &d.Pages[i]
		r.Place = Place{File: p.File}
		r.each(RefAudience, p.Audience, !p.Internal, "audience")
	}
}

type refs struct {
	Place
	yield func(Reference)
}

func (r *refs) keyed(steps ...any) Place {
	at := r.Of(steps...)
	at.Key = true
	return at
}

func (r *refs) one(kind RefKind, id string, shown bool, steps ...any) {
	if id != "" {
		r.yield(Reference{Place: r.Of(steps...), Kind: kind, ID: id, Shown: shown})
	}
}

func (r *refs) each(kind RefKind, ids []string, shown bool, steps ...any) {
	if len(ids) == 0 {
		return
	}
	at := r.Of(steps...)
	for i, id := range ids {
		r.yield(Reference{Place: at.Of(i), Kind: kind, ID: id, Shown: shown})
	}
}

func (r *refs) milestone(m *Milestone) {
	shown := !m.Internal
	r.each(RefPerson, m.Owners, shown, "milestone", m.ID, "owner")
	r.one(RefStage, m.Stage, shown, "milestone", m.ID, "stage")
	r.each(RefPlan, m.After, shown, "milestone", m.ID, "after")
	r.each(RefItem, m.Collateral, shown, "milestone", m.ID, "collateral")
	for i := range m.Steps {
		s := &m.Steps[i]
		r.each(RefPerson, s.Owners, shown && !s.Internal, "milestone", m.ID, "step", i, "owner")
	}
}

func (r *refs) note(n *Note) {
	r.Place = Place{File: n.File}
	r.one(RefPerson, n.Author, !n.Internal, "author")
	for _, move := range n.Moved {
		r.yield(Reference{Place: r.keyed("moved", move.Milestone), Kind: RefMilestone, ID: move.Milestone, Shown: !n.Internal})
	}
}

// Text is a Prose of a deal with where it stands.
type Text struct {
	*Prose
	// Place of the TOML value; a Place without a Path is a Markdown file, in
	// which the offsets of pieces count.
	Place
	// Shown says that it is on the buyer's site.
	Shown bool
	// Scope is what paths in it may name.
	Scope Scope
}

// At is the place of a piece of the text.
func (t *Text) At(p *Piece) Place { return t.Part(p.Offset, p.Length) }

// EachText calls yield for every text of the deal: those in deal.toml, those in
// Markdown, and the Markdown files that something shows as text.
func (d *Deal) EachText(tomlFile string, yield func(Text)) {
	t := texts{at: Place{File: tomlFile}, scope: Scope{Root: InDeal, Dir: ".", Library: true}, yield: yield}
	t.toml(d)
	t.markdown(d)
}

type texts struct {
	at    Place
	scope Scope
	yield func(Text)
}

func (t *texts) put(p *Prose, shown bool, steps ...any) {
	if len(p.Pieces) > 1 || len(p.Pieces) == 1 && p.Pieces[0].Kind != Fragment {
		t.yield(Text{Prose: p, Place: t.at.Of(steps...), Shown: shown, Scope: t.scope})
	}
}

func (t *texts) toml(d *Deal) {
	t.put(&d.Value.Summary, true, "value", "summary")
	t.put(&d.Value.Priority, true, "value", "priority")
	t.put(&d.Value.ForSeller, true, "value", "for_seller")
	t.put(&d.GoLiveReason, true, "dates", "go_live_reason")
	for i := range d.Objectives {
		o := &d.Objectives[i]
		t.put(&o.Challenge, !o.Internal, "objective", i, "challenge")
		t.put(&o.Outcome, !o.Internal, "objective", i, "outcome")
		t.put(&o.Deliverable, !o.Internal, "objective", i, "deliverable")
	}
	for i := range d.KPIs {
		k := &d.KPIs[i]
		t.put(&k.Sample, !k.Internal, "kpi", i, "sample")
		t.put(&k.Window, !k.Internal, "kpi", i, "window")
	}
	for i := range d.Constraints {
		t.put(&d.Constraints[i].Text, !d.Constraints[i].Internal, "constraint", i, "text")
	}
	for i := range d.Milestones {
		m := &d.Milestones[i]
		t.put(&m.RiskNote, !m.Internal, "milestone", m.ID, "risk_note")
		t.put(&m.Benefit, !m.Internal, "milestone", m.ID, "benefit")
		t.put(&m.DoneWhen, !m.Internal, "milestone", m.ID, "done_when")
		for j := range m.Agenda {
			t.put(&m.Agenda[j], !m.Internal, "milestone", m.ID, "agenda", j)
		}
	}
	for i := range d.Risks {
		t.put(&d.Risks[i].Counter, !d.Risks[i].Internal, "risk", d.Risks[i].ID, "counter")
	}
	p := &d.Pricing
	t.put(&p.PaymentTerms, !p.Internal, "pricing", "payment_terms")
	t.put(&p.Note, !p.Internal, "pricing", "note")
	for i := range p.Lines {
		t.put(&p.Lines[i].Description, !p.Internal && !p.Lines[i].Internal, "pricing", "line", i, "description")
	}
	for i := range d.ReferenceCalls {
		c := &d.ReferenceCalls[i]
		t.put(&c.Who, !c.Internal, "reference_call", i, "who")
		t.put(&c.Objective, !c.Internal, "reference_call", i, "objective")
	}
	for i := range d.Collateral {
		if c := &d.Collateral[i]; !c.OfLibrary {
			t.put(&c.Description, !c.Internal, "collateral", c.ID, "description")
		}
	}
	t.shared(d)
}

// shared are the texts that come from portico.toml and the library.
func (t *texts) shared(d *Deal) {
	own := *t
	ofSite := *t
	ofSite.at, ofSite.scope = Place{File: SiteFile}, Scope{Root: InAssets, Dir: ".", Library: true, Assets: true}
	from := func(table, key string) *texts {
		if d.Own[table+"."+key] {
			return &own
		}
		return &ofSite
	}
	from("seller", "confidentiality").put(&d.Seller.Confidentiality, true, "seller", "confidentiality")
	from("beacon", "notice").put(&d.Beacon.Notice, true, "beacon", "notice")
	t.at, t.scope = Place{File: LibraryFile}, Scope{Root: InLibrary, Dir: ".", Library: true}
	for i := range d.Collateral {
		if c := &d.Collateral[i]; c.OfLibrary {
			t.put(&c.Description, !c.Internal, "collateral", c.ID, "description")
		}
	}
	*t = own
}

func (t *texts) markdown(d *Deal) {
	file := func(name string, dir string) {
		t.at, t.scope = Place{File: d.File(name)}, Scope{Root: InDeal, Dir: dir, Library: true}
	}
	file("index.md", ".")
	t.put(&d.Index, true)
	for i := range d.Milestones {
		m := &d.Milestones[i]
		file("milestones/"+m.ID+".md", "milestones")
		t.put(&m.Prose, !m.Internal)
	}
	for i := range d.Notes {
		n := &d.Notes[i]
		t.at, t.scope = Place{File: n.File}, Scope{Root: InDeal, Dir: "notes", Library: true}
		for _, items := range [][]NoteItem{n.Decisions, n.Blockers, n.Next} {
			for j := range items {
				t.put(&items[j].Text, !n.Internal)
			}
		}
		t.put(&n.Rest, !n.Internal)
	}
	for i := range d.Pages {
		p := &d.Pages[i]
		t.at, t.scope = Place{File: p.File}, Scope{Root: InDeal, Dir: "pages", Library: true}
		t.put(&p.Body, !p.Internal)
	}
	for i := range d.Texts {
		x := &d.Texts[i]
		t.at, t.scope = Place{File: d.SourceOf(x.File)}, Scope{Root: x.File.Root, Dir: x.Dir(), Library: true}
		t.put(&x.Prose, x.Shown)
	}
}

// EachFile calls yield for every file that the deal names, in deal.toml, in
// its texts and, as far as the deal shows it, in portico.toml and the library.
// What a text names with an address or a path that cannot be is left out.
func (d *Deal) EachFile(tomlFile string, yield func(NamedFile)) {
	put := func(f File, at Place, shown bool) {
		if f.IsSet() {
			yield(NamedFile{File: f, Place: at, Shown: shown})
		}
	}
	toml, site := Place{File: tomlFile}, Place{File: SiteFile}
	put(d.Buyer.Logo, toml.Of("buyer", "logo"), true)
	put(d.Seller.Logo, d.ownOr(toml, site, "seller", "logo").Of("seller", "logo"), true)
	put(d.Seller.LogoDark, d.ownOr(toml, site, "seller", "logo_dark").Of("seller", "logo_dark"), true)
	for i := range d.People {
		p := &d.People[i]
		at := toml
		if p.OfTeam && p.Photo.Root != InDeal {
			at = site
		}
		put(p.Photo, at.Of("person", p.ID, "photo"), !p.Internal)
	}
	for i := range d.Collateral {
		c, at := &d.Collateral[i], toml
		if c.OfLibrary {
			at = Place{File: LibraryFile}
		}
		put(c.File, at.Of("collateral", c.ID, "file"), !c.Internal)
		put(c.Poster, at.Of("collateral", c.ID, "poster"), !c.Internal)
	}
	for i := range d.Milestones {
		m := &d.Milestones[i]
		for j, name := range m.Collateral {
			if f, ok := LibraryItem(name); ok {
				put(f, toml.Of("milestone", m.ID, "collateral", j), !m.Internal)
			}
		}
	}
	d.EachText(tomlFile, func(t Text) {
		for i := range t.Pieces {
			p := &t.Pieces[i]
			if p.Kind != Embed && p.Kind != LinkStart || strings.HasPrefix(p.Target, "https://") {
				continue
			}
			if target, err := ParseTarget(p.Target, t.Scope); err == nil && target.Kind == ToFile {
				put(target.File, t.At(p), t.Shown)
			}
		}
	})
}

// ownOr is the deal's own file where deal.toml itself gives a key that else
// comes from portico.toml.
func (d *Deal) ownOr(own, site Place, table, key string) Place {
	if d.Own[table+"."+key] {
		return own
	}
	return site
}

// LibraryItem is the file of a "library:…" reference.
func LibraryItem(name string) (File, bool) {
	if !strings.HasPrefix(name, LibraryPrefix) {
		return File{}, false
	}
	f, err := ParsePath(name, Scope{Root: InDeal, Dir: ".", Library: true})
	return f, err == nil
}

// Sections are the ids of the parts of a deal's page, in their order.
func Sections() []string {
	return []string{"summary", "timeline", "plan", "measures", "risks", "people", "pricing", "documents", "notes"}
}
