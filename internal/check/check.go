// Package check holds a deal against what must be true for a page to be made
// from it: references lead somewhere, files exist, nothing internal shows. It
// is a table of rules over the model; it reports places by file and key path
// and never looks at a file.
package check

import (
	"portico/internal/brand"
	"portico/internal/deal"
	"portico/internal/message"
)

// rule is one thing to hold a deal against.
type rule struct {
	name string
	run  func(*visit)
}

// rules run in this order; the order of what they find is that of the files.
func rules() []rule {
	return []rule{
		{"references lead to what they name", references},
		{"milestones and events share one name space", names},
		{"nothing waits for itself", waits},
		{"files exist and are files", files},
		{"links and mentions lead somewhere", texts},
		{"no file lies about unpublished", unpublished},
		{"published files have names that every disk can tell apart", clashes},
		{"audiences hold viewers, and a public deal has none", audiences},
		{"spans of days begin before they end", spans},
		{"numbers are within their bounds", numbers},
		{"viewers' settings belong to viewers", viewers},
		{"pages report to the site's collector", collector},
		{"alerts reach those whom they name", ownAlerts},
		{"colours can be told from each other", colours},
		{"the pages' words are in the deal's language", language},
	}
}

// visit is the checking of one deal.
type visit struct {
	*deal.Deal
	site  *deal.Site
	toml  string
	words *message.Catalog
	// hidden are the files of internal collateral, by the id of the entry.
	hidden map[deal.File]string
	// meant are the names, folded, of files that a mistaken path may have meant.
	meant    map[string]bool
	findings []deal.Finding
}

// Deal holds one deal against every rule. site is in the deal's locale; words
// are those that pages are written with.
func Deal(d *deal.Deal, site *deal.Site, words *message.Catalog) []deal.Finding {
	v := &visit{Deal: d, site: site, toml: d.File("deal.toml"), words: words, hidden: hiddenFiles(d, site), meant: map[string]bool{}}
	for _, written := range d.Mistaken {
		v.means(written)
	}
	for _, r := range rules() {
		r.run(v)
	}
	return v.findings
}

func (v *visit) fail(at deal.Place, code, text, label, hint string) {
	v.findings = append(v.findings, deal.Finding{Place: at, Code: code, Text: text, Label: label, Hint: hint})
}

func (v *visit) warn(at deal.Place, code, text, label, hint string) {
	v.findings = append(v.findings, deal.Finding{Place: at, Code: code, Text: text, Label: label, Hint: hint, Lenient: true})
}

// at is a place in deal.toml.
func (v *visit) at(steps ...any) deal.Place {
	return deal.Place{File: v.toml, Path: deal.At(steps...)}
}

// Site holds portico.toml and the library against their rules.
func Site(s *deal.Site, words *message.Catalog) []deal.Finding {
	v := &visit{Deal: &deal.Deal{}, site: s, words: words, meant: map[string]bool{}}
	v.siteReferences()
	v.siteFiles()
	v.siteColours()
	v.alerts(s.Beacon.Alerts, s.Beacon.URL, deal.SiteFile)
	v.wordsOf(s.Locale, deal.Place{File: deal.SiteFile, Path: deal.At("site", "locale")})
	return v.findings
}

// Colour holds a brand's colour, which stands at a place, against what it is
// used for.
func Colour(written string, at deal.Place) []deal.Finding {
	c, err := brand.Parse(written)
	if err != nil {
		return nil // reported where it was read, or not given
	}
	var findings []deal.Finding
	for _, concern := range brand.Concerns(c) {
		findings = append(findings, deal.Finding{Place: at, Code: concern.Code, Text: concern.Text, Hint: concern.Hint, Lenient: true})
	}
	return findings
}
