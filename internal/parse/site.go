// Package parse reads deal folders: TOML and Markdown into a deal.Site and its
// deals. It is the only room that reads TOML and the only one that knows
// goldmark. It takes folders as fs.FS, one for each root that a path may name,
// and opens nothing itself.
//
// It judges spelling, types and what stands within one table; whether
// references lead anywhere is for check.
package parse

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/language"

	"portico/internal/deal"
	"portico/internal/diag"
	"portico/internal/message"
)

// Reader reads sites. It may be used by several goroutines at once.
type Reader struct {
	grammar *grammar
	words   *message.Catalog
	texts   sync.Map // *markdown by locale

	// Locale is that of every deal, whatever it says itself, where it is set.
	Locale string
	// Collector is where every page reports to that reports at all, whatever is
	// written, where it is set.
	Collector string
}

// NewReader makes a Reader that words what it writes into pages with a catalog.
func NewReader(words *message.Catalog) *Reader {
	return &Reader{grammar: newGrammar(), words: words}
}

func (r *Reader) markdown(locale string) *markdown {
	if m, ok := r.texts.Load(locale); ok {
		return m.(*markdown)
	}
	m, _ := r.texts.LoadOrStore(locale, newMarkdown(r.words.Locale(locale), portico))
	return m.(*markdown)
}

// Roots are the folders that a site is read from.
type Roots struct {
	// Site holds portico.toml; nothing else of it is read.
	Site fs.FS
	// Library is content/_library, Assets the site's own assets/; nil where
	// there is none.
	Library, Assets fs.FS
}

// Site is a site that was read, ready to read its deals.
type Site struct {
	reader  *Reader
	roots   Roots
	locale  string
	toml    *document
	library *document
	files   sources
	shared  deal.Files // of the library
	assets  deal.Files

	mu      sync.Mutex
	locales map[string]*deal.Site
}

// Site reads portico.toml and the library. The messages are located and
// sorted; the error is what the machine did.
func (r *Reader) Site(roots Roots) (*Site, diag.List, error) {
	s := &Site{reader: r, roots: roots, locales: map[string]*deal.Site{}, shared: deal.Files{}}
	s.files = sources{root: roots.Site, files: deal.Files{}, read: map[string]*diag.Source{}}
	if err := s.list(); err != nil {
		return nil, nil, err
	}
	source := s.files.text(deal.SiteFile)
	if source == nil && len(s.files.findings) == 0 && s.files.err == nil {
		f := deal.Finding{Code: "missing-file", Text: "there is no portico.toml in this folder", Hint: "run portico in a site's folder, name one with --source, or make one with `portico init`"}
		f.File = deal.SiteFile
		s.files.findings = append(s.files.findings, f)
	}
	s.locale = "en"
	if source != nil {
		s.toml = s.parse(source)
		s.locale = localeOf(s.toml.tree, "site", s.locale)
	}
	if roots.Library != nil {
		library := s.files
		library.root, library.files, library.prefix, library.findings = roots.Library, s.shared, "content/_library/", nil
		if source := library.text("library.toml"); source != nil {
			s.library = s.parse(source)
		}
		s.files.findings, s.files.err = append(s.files.findings, library.findings...), library.err
	}
	if s.files.err != nil {
		return nil, nil, s.files.err
	}
	site, findings := s.bind(s.locale)
	s.locales[s.locale] = site
	list := s.Locate(append(s.files.findings, findings...))
	list.Sort()
	return s, list, nil
}

func (s *Site) list() error {
	info, err := fs.ReadDir(s.roots.Site, ".")
	if err != nil {
		return fmt.Errorf("reading the site's folder: %w", err)
	}
	l := listing{root: s.roots.Site}
	for _, e := range info {
		if e.Name() == deal.SiteFile {
			s.files.files[e.Name()] = l.kind(e.Name(), e.Type())
		}
	}
	if s.roots.Library != nil {
		if s.shared, err = walk(s.roots.Library); err != nil {
			return err
		}
	}
	if s.roots.Assets != nil {
		s.assets, err = walk(s.roots.Assets)
	}
	return err
}

func (s *Site) parse(source *diag.Source) *document {
	doc, findings := parseTOML(source)
	s.files.findings = append(s.files.findings, findings...)
	return doc
}

// localeOf is the locale that a table gives, before the file is bound, or else
// another. It is spelt as BCP 47 has it: pages look words up by it.
func localeOf(tree map[string]any, table, other string) string {
	t, _ := tree[table].(map[string]any)
	if s, ok := t["locale"].(string); ok {
		if s = strings.TrimSpace(s); isLanguage(s) {
			return language.MustParse(s).String()
		}
	}
	return other
}

// Locate gives findings in portico.toml and library.toml their places.
func (s *Site) Locate(findings []deal.Finding) diag.List { return s.files.locate(findings) }

// EachText is called for every text that the site was read from, in order.
func (s *Site) EachText(do func(file, text string)) {
	for _, file := range sorted(s.files.read) {
		do(file, s.files.read[file].Text)
	}
}

// In is the site in a locale.
func (s *Site) In(locale string) *deal.Site {
	s.mu.Lock()
	defer s.mu.Unlock()
	site := s.locales[locale]
	if site == nil {
		site, _ = s.bind(locale) // the findings are those of the first locale
		s.locales[locale] = site
	}
	return site
}

// Default is the site in its own locale.
func (s *Site) Default() *deal.Site { return s.In(s.locale) }

// bind reads the site's trees in a locale.
func (s *Site) bind(locale string) (*deal.Site, []deal.Finding) {
	in := &siteFile{}
	in.Locale, in.Timezone, in.Currency, in.Profile = "en", time.UTC, "EUR", "mid-market"
	in.Access = deal.AccessDefaults{Passphrase: true, Factors: "link", RememberDays: 30}
	var findings []deal.Finding
	if s.toml != nil {
		b := &binder{file: deal.SiteFile, locale: locale, markdown: s.reader.markdown(locale), ids: s.toml.ids}
		b.scope = deal.Scope{Root: deal.InDeal, Dir: ".", Library: true, Assets: true}
		b.topLevel(s.toml.tree)
		s.reader.grammar.site.bind(b, in, s.toml.tree, false)
		s.profiles(b, in)
		findings = b.findings
	}
	s.reader.redirect(&in.Beacon)
	if in.Title == "" {
		in.Title = in.Seller.Name
	}
	in.Library.Files, in.Assets = s.shared, s.assets
	if s.library != nil {
		b := &binder{file: deal.LibraryFile, locale: locale, markdown: s.reader.markdown(locale), ids: s.library.ids}
		b.scope = deal.Scope{Root: deal.InLibrary, Dir: ".", Library: true}
		b.topLevel(s.library.tree)
		s.reader.grammar.library.bind(b, &in.Library, s.library.tree, false)
		findings = append(findings, b.findings...)
	}
	return &in.Site, findings
}

// redirect puts another collector in the place of the one that is written.
func (r *Reader) redirect(b *deal.Beacon) {
	if r.Collector != "" {
		b.URL = r.Collector
	}
}

// topLevel reports keys that stand above the first table, and takes them out.
func (b *binder) topLevel(tree map[string]any) {
	for _, key := range sorted(tree) {
		v := tree[key]
		if _, gone := v.(lost); gone || isTable(v) || isEmptyList(v) {
			if gone {
				delete(tree, key)
			}
			continue
		}
		at := b.place().Of(key)
		at.Key = true
		b.failAt(at, "key-above-table", fmt.Sprintf("%q stands above the first table", key), "", "move it below the table that it belongs to, such as [deal] or [site]")
		delete(tree, key)
	}
}

// stages of the built-in profiles; their titles are the locale's words.
func builtInStages(profile string) []string {
	switch profile {
	case "mid-market", "enterprise":
		return []string{"prove", "approve", "deploy", "value"}
	case "renewal":
		return []string{"prove", "agree", "grow"}
	}
	return nil
}

// profiles completes the site's own over the built-in ones.
func (s *Site) profiles(b *binder, in *siteFile) {
	words := s.reader.words.Locale(b.locale)
	in.Profiles = map[string]deal.Profile{}
	for _, id := range builtIn {
		p := deal.Profile{ID: id, Extends: id}
		for _, stage := range builtInStages(id) {
			p.Stages = append(p.Stages, deal.Stage{ID: stage, Title: words.Say("stage." + stage)})
		}
		in.Profiles[id] = p
	}
	for _, p := range in.profiles {
		if p.Extends == "" && slices.Contains(builtIn, p.ID) {
			p.Extends = p.ID
		}
		if p.Stages == nil {
			for _, stage := range builtInStages(p.Extends) {
				p.Stages = append(p.Stages, deal.Stage{ID: stage, Title: words.Say("stage." + stage)})
			}
		}
		in.Profiles[p.ID] = p
	}
	if _, ok := in.Profiles[in.Profile]; !ok {
		b.in("site", func() {
			b.in("profile", func() {
				b.unknownIn("profile", in.Profile, sorted(in.Profiles), "profiles are "+strings.Join(sorted(in.Profiles), ", "))
			})
		})
		in.Profile = "mid-market"
	}
}
