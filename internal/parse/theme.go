package parse

import (
	"fmt"
	"io/fs"
	"slices"

	"portico/internal/brand"
	"portico/internal/deal"
	"portico/internal/diag"
)

// themeFile is theme.toml while it is being read.
type themeFile struct{ deal.ThemeValues }

func themeTable() *table[themeFile] {
	font := func(get func(*themeFile) *deal.File) *table[themeFile] {
		file := filePath("file", "A font of the theme's folder: .woff2, .woff, .ttf or .otf", get).must()
		inner := file.bind
		file.bind = func(b *binder, t *themeFile, v any) {
			inner(b, t, v)
			if f := get(t); f.IsSet() && !slices.Contains([]string{".woff2", ".woff", ".ttf", ".otf"}, f.Ext()) {
				b.fail("wrong-file", fmt.Sprintf("%s is no font", f), "use .woff2, .woff, .ttf or .otf")
				*f = deal.File{}
			}
		}
		return tableOf([]field[themeFile]{file})
	}
	self := func(t *themeFile) *themeFile { return t }
	return tableOf([]field[themeFile]{
		single("theme", "[theme] holds the theme's values", tableOf(themeFields(false)), func(t *themeFile) *deal.ThemeValues { return &t.ThemeValues }).must(),
		single("font", "[font.text] and [font.display] name its fonts", tableOf([]field[themeFile]{
			single("text", "[font.text] is the font of texts", font(func(t *themeFile) *deal.File { return &t.FontText }), self),
			single("display", "[font.display] is the font of headlines", font(func(t *themeFile) *deal.File { return &t.FontDisplay }), self),
		}), self),
	})
}

// Theme reads the theme.toml of a theme's folder, which bears the name file in
// the site. The messages are located; the error is what the machine did.
func (r *Reader) Theme(folder fs.FS, file string) (deal.ThemeValues, diag.List, error) {
	data, err := readBounded(folder, "theme.toml")
	if err != nil {
		return deal.ThemeValues{}, nil, fmt.Errorf("reading %s: %w", file, err)
	}
	files := sources{read: map[string]*diag.Source{}}
	in := &themeFile{}
	source := files.take(file, data)
	if source != nil {
		doc, findings := parseTOML(source)
		b := &binder{file: file, markdown: r.markdown("en"), locale: "en", ids: doc.ids, scope: deal.Scope{Root: deal.InDeal, Dir: "."}}
		b.topLevel(doc.tree)
		r.grammar.theme.bind(b, in, doc.tree, false)
		files.findings = append(append(files.findings, findings...), b.findings...)
		for key, f := range map[string]deal.File{"text": in.FontText, "display": in.FontDisplay} {
			if _, err := fs.Stat(folder, f.Path); f.IsSet() && err != nil {
				missing := deal.Finding{Place: deal.Place{File: file, Path: deal.At("font", key, "file")}, Code: "missing-file", Text: fmt.Sprintf("there is no file %s in the theme's folder", f), Hint: "fonts are read from the theme's folder"}
				files.findings = append(files.findings, missing)
			}
		}
	}
	if c, err := brand.Parse(in.Color); err == nil {
		for _, concern := range brand.Concerns(c) {
			files.findings = append(files.findings, deal.Finding{Place: deal.Place{File: file, Path: deal.At("theme", "color")}, Code: concern.Code, Text: concern.Text, Hint: concern.Hint, Lenient: true})
		}
	}
	list := files.locate(files.findings)
	list.Sort()
	return in.ThemeValues, list, nil
}
