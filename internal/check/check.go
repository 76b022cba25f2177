// Package check holds a deal against what must be true for a page to be made
// from it: references lead somewhere, files exist, nothing internal shows. It
// is a table of rules over the model; it reports places by file and key path
// and never looks at a file.
package check

import (
	"portico/internal/deal"
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
		{"a public deal has no audiences", audiences},
		{"spans of days begin before they end", spans},
		{"numbers are within their bounds", numbers},
		{"viewers' settings belong to viewers", viewers},
		{"the pages' words are in the deal's language", language},
	}
}

// visit is the checking of one deal.
type visit struct {
	*deal.Deal
	site     *deal.Site
	toml     string
	hasWords func(locale string) bool
	// hidden are the files of internal collateral, by the id of the entry.
	hidden map[deal.File]string
	// meant are the names, folded, of files that a mistaken path may have meant.
	meant    map[string]bool
	findings []deal.Finding
}

// Deal holds one deal against every rule. site is in the deal's locale;
// hasWords says whether pages can be written in a locale's language.
func Deal(d *deal.Deal, site *deal.Site, hasWords func(locale string) bool) []deal.Finding {
	v := &visit{Deal: d, site: site, toml: d.File("deal.toml"), hasWords: hasWords, hidden: hiddenFiles(d, site), meant: map[string]bool{}}
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
func Site(s *deal.Site) []deal.Finding {
	v := &visit{Deal: &deal.Deal{}, site: s, meant: map[string]bool{}}
	v.siteReferences()
	v.siteFiles()
	return v.findings
}
