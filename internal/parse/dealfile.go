package parse

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"portico/internal/deal"
	"portico/internal/diag"
)

// Deal is a deal that was read, with what it takes to locate a mistake in it.
type Deal struct {
	*deal.Deal
	site  *Site
	files sources
}

// TOML is the name of the deal's deal.toml in the site.
func (d *Deal) TOML() string { return d.File("deal.toml") }

// Locate gives findings their places, in the deal's files or the site's.
func (d *Deal) Locate(findings []deal.Finding) diag.List {
	var own, ofSite []deal.Finding
	for _, f := range findings {
		if f.File == deal.SiteFile || f.File == deal.LibraryFile {
			ofSite = append(ofSite, f)
		} else {
			own = append(own, f)
		}
	}
	return append(d.files.locate(own), d.site.Locate(ofSite)...)
}

// Deal reads the deal of a folder. root is that folder and nothing else. The
// error is what the machine did.
func (s *Site) Deal(id string, root fs.FS) (*Deal, []deal.Finding, error) {
	d := &Deal{Deal: &deal.Deal{ID: id}, site: s}
	var err error
	if d.Files, err = walk(root); err != nil {
		return nil, nil, fmt.Errorf("deal %s: %w", id, err)
	}
	d.files = sources{prefix: d.File(""), root: root, files: d.Files, read: map[string]*diag.Source{}, fronts: map[string]*diag.Source{}}
	findings := d.folderName()
	source := d.files.text("deal.toml")
	if source == nil && len(d.files.findings) == 0 && d.files.err == nil {
		f := deal.Finding{Code: "missing-file", Text: "this folder has no deal.toml", Hint: "every folder under content/ is a deal; begin its name with _ if this one is not"}
		f.File = d.TOML()
		findings = append(findings, f)
	}
	if source != nil {
		findings = append(findings, d.bind(source)...)
		findings = append(findings, d.markdownFiles()...)
		findings = append(findings, d.Resolve(d.TOML(), s.In(d.Locale))...)
		d.finish()
	}
	if d.files.err != nil {
		return nil, nil, d.files.err
	}
	return d, append(d.files.findings, findings...), nil
}

// Readable says whether there was a deal.toml to read.
func (d *Deal) Readable() bool { return d.Locale != "" }

func (d *Deal) folderName() []deal.Finding {
	if deal.ValidID(d.ID) {
		return nil
	}
	f := deal.Finding{Code: "bad-id", Text: fmt.Sprintf("the folder's name %q is no id", d.ID), Hint: "a deal's folder is named in small letters, digits and single hyphens, such as northwind-bank"}
	f.File = d.TOML()
	if s := slug(d.ID); deal.ValidID(s) {
		f.Hint = fmt.Sprintf("rename the folder to %q", s)
	}
	return []deal.Finding{f}
}

// bind reads deal.toml over the site's defaults.
func (d *Deal) bind(source *diag.Source) []deal.Finding {
	doc, findings := parseTOML(source)
	locale := cmp.Or(d.site.reader.Locale, localeOf(doc.tree, "deal", d.site.locale))
	site := d.site.In(locale)
	in := &dealFile{site: site}
	in.ID, in.Files = d.ID, d.Files
	in.Status, in.Locale, in.Timezone, in.Currency = "active", locale, site.Timezone, site.Currency
	in.Seller, in.Beacon = site.Seller, site.Beacon
	in.Access = deal.Access{Passphrase: site.Access.Passphrase, Factors: site.Access.Factors, Generation: 1}
	in.Pricing.TermMonths = 12
	in.Own = ownKeys(doc.tree)

	b := &binder{file: d.TOML(), locale: locale, markdown: d.site.reader.markdown(locale), ids: doc.ids, calendar: site.Calendars}
	b.scope = deal.Scope{Root: deal.InDeal, Dir: ".", Library: true}
	b.topLevel(doc.tree)
	d.site.reader.grammar.deal.bind(b, in, doc.tree, false)
	in.Locale = locale
	d.site.reader.redirect(&in.Beacon)
	d.profile(b, in, site)
	in.Mistaken = b.mistaken
	*d.Deal = in.Deal
	return append(findings, b.findings...)
}

func ownKeys(tree map[string]any) map[string]bool {
	own := map[string]bool{}
	for _, table := range []string{"seller", "beacon"} {
		if t, ok := tree[table].(map[string]any); ok {
			for key := range t {
				own[table+"."+key] = true
			}
		}
	}
	return own
}

// profile settles what the deal takes from its profile: stages and theme.
func (d *Deal) profile(b *binder, in *dealFile, site *deal.Site) {
	name := in.profile
	if name == "" {
		name = site.Profile
	}
	profile, known := site.Profiles[name]
	if !known {
		if in.profile != "" { // the site's own was reported once, with the site
			b.in("deal", func() {
				b.in("profile", func() {
					b.unknownIn("profile", name, sorted(site.Profiles), "profiles are "+strings.Join(sorted(site.Profiles), ", "))
				})
			})
		}
		profile = site.Profiles["mid-market"]
	}
	in.Profile = profile
	if in.Stages == nil {
		in.Stages = profile.Stages
	}
	for _, theme := range []string{profile.Theme, site.Theme} {
		if in.Theme == "" {
			in.Theme = theme
		}
	}
}

// finish gathers what the deal takes from the team and the library, the
// Markdown files that it shows, and the list of files to publish.
func (d *Deal) finish() {
	d.collateral()
	d.texts()
	d.people()
	d.name()
}

// collateral takes over the library's entries that the deal names.
func (d *Deal) collateral() {
	site := d.site.In(d.Locale)
	named := map[string]bool{}
	d.EachReference(d.TOML(), func(r deal.Reference) {
		if r.Kind == deal.RefItem && d.Item(r.ID) == nil {
			named[r.ID] = named[r.ID] || r.Shown
		}
	})
	for i := range site.Library.Collateral {
		c := site.Library.Collateral[i]
		shown, ok := named[c.ID]
		if !ok {
			continue
		}
		c.Internal = c.Internal || !shown
		d.Collateral = append(d.Collateral, c)
	}
	for i := range d.Collateral {
		if c := &d.Collateral[i]; c.Title == "" {
			c.Title = title(c)
		}
	}
}

// title of collateral that has none of its own.
func title(c *deal.Collateral) string {
	if c.File.IsSet() {
		return strings.TrimSuffix(c.File.Name(), c.File.Ext())
	}
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(c.URL, "https://"), "http://"), "/")
}

// texts reads the Markdown files among the named ones, and those that these
// name in turn.
func (d *Deal) texts() {
	seen := map[deal.File]int{}
	for round := -1; round < len(d.Texts); {
		round = len(d.Texts)
		d.EachFile(d.TOML(), func(f deal.NamedFile) {
			if f.Ext() != ".md" {
				return
			}
			if i, ok := seen[f.File]; ok {
				if i >= 0 {
					d.Texts[i].Shown = d.Texts[i].Shown || f.Shown
				}
				return
			}
			seen[f.File] = -1
			if text, ok := d.text(f.File); ok {
				seen[f.File] = len(d.Texts)
				d.Texts = append(d.Texts, deal.MarkdownFile{File: f.File, Prose: text, Shown: f.Shown})
			}
		})
		if len(d.Texts) == round {
			return
		}
	}
}

// text reads one Markdown file of the deal or the library.
func (d *Deal) text(f deal.File) (deal.Prose, bool) {
	from := &d.files
	switch f.Root {
	case deal.InLibrary:
		from = &sources{prefix: "content/_library/", root: d.site.roots.Library, files: d.site.shared, read: d.files.read}
	case deal.InAssets:
		return deal.Prose{}, false
	}
	if kind, ok := from.files[f.Path]; !ok || kind != deal.Regular {
		return deal.Prose{}, false // check says so where it is named
	}
	source := from.text(f.Path)
	if from != &d.files {
		d.files.findings = append(d.files.findings, from.findings...)
		d.files.err = errors.Join(d.files.err, from.err)
	}
	if source == nil {
		return deal.Prose{}, false
	}
	prose, findings := d.site.reader.markdown(d.Locale).document([]byte(source.Text), 0)
	d.files.findings = append(d.files.findings, inFile(findings, source.Path)...)
	return prose, true
}

// people takes over the members of the team whom the deal names.
func (d *Deal) people() {
	site := d.site.In(d.Locale)
	named := map[string]bool{d.Owner: true}
	for _, id := range d.SellerTeam {
		named[id] = true
	}
	d.EachReference(d.TOML(), func(r deal.Reference) {
		if r.Shown && (r.Kind == deal.RefPerson || r.Kind == deal.RefMember) {
			named[r.ID] = true
		}
	})
	d.EachText(d.TOML(), func(t deal.Text) {
		for _, p := range t.Pieces {
			if p.Kind == deal.Mention && t.Shown {
				named[p.Name] = true
			}
		}
	})
	for i := range site.Team {
		if p := &site.Team[i]; named[p.ID] && d.Person(p.ID) == nil {
			d.People = append(d.People, *p)
		}
	}
}

// name lists each named file once.
func (d *Deal) name() {
	at := map[deal.File]int{}
	d.EachFile(d.TOML(), func(f deal.NamedFile) {
		if onDisk, _, ok := d.onDisk(f.File); ok {
			f.File.Path = onDisk
		}
		if i, ok := at[f.File]; ok {
			d.Named[i].Shown = d.Named[i].Shown || f.Shown
			return
		}
		at[f.File] = len(d.Named)
		d.Named = append(d.Named, f)
	})
	d.captions()
}

// captions of a film lie beside it, tour.vtt or tour.de.vtt beside tour.mp4,
// and are named with it.
func (d *Deal) captions() {
	for _, f := range d.Named {
		film := f.File
		if !film.IsFilm() {
			continue
		}
		for _, name := range sorted(d.listing(film.Root)) {
			if f.File.Path = name; !f.File.CaptionsOf(film) {
				continue
			}
			if !slices.ContainsFunc(d.Named, func(n deal.NamedFile) bool { return n.File == f.File }) {
				d.Named = append(d.Named, f)
			}
		}
	}
}

func (d *Deal) onDisk(f deal.File) (string, deal.FileKind, bool) {
	return d.listing(f.Root).Find(f.Path)
}

// listing is what lies in a root.
func (d *Deal) listing(root deal.Root) deal.Files {
	switch root {
	case deal.InLibrary:
		return d.site.shared
	case deal.InAssets:
		return d.site.assets
	}
	return d.Files
}

func inFile(findings []deal.Finding, file string) []deal.Finding {
	for i := range findings {
		findings[i].File = file
	}
	return findings
}

// byName finds a file's name without folder and ending.
func byName(file string) string {
	name := file[strings.LastIndexByte(file, '/')+1:]
	return name[:strings.LastIndexByte(name, '.')]
}
