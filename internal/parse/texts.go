package parse

import (
	"fmt"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"

	"portico/internal/deal"
	"portico/internal/diag"
)

// markdownFiles reads the deal's texts: index.md, milestones, notes and pages.
func (d *Deal) markdownFiles() []deal.Finding {
	md := d.site.reader.markdown(d.Locale)
	var findings []deal.Finding
	whole := func(name string) deal.Prose {
		source := d.files.text(name)
		if source == nil {
			return deal.Prose{}
		}
		f := noFrontMatter(source)
		prose, more := md.document([]byte(source.Text), 0)
		findings = append(append(findings, f...), inFile(more, source.Path)...)
		return prose
	}
	d.Index = whole("index.md")
	for _, name := range under(d.Files, "milestones", ".md") {
		m := d.Milestone(byName(name))
		if m == nil {
			findings = append(findings, d.noMilestone(name))
			continue
		}
		m.Prose = whole(name)
	}
	for _, name := range under(d.Files, "notes", ".md") {
		findings = append(findings, d.note(name)...)
	}
	slices.SortStableFunc(d.Notes, func(a, b deal.Note) int { return int(b.Day - a.Day) })
	for _, name := range under(d.Files, "pages", ".md") {
		findings = append(findings, d.page(name)...)
	}
	slices.SortStableFunc(d.Pages, func(a, b deal.Page) int {
		if a.Order != b.Order {
			return a.Order - b.Order
		}
		return strings.Compare(a.Name, b.Name)
	})
	return append(findings, d.misplaced()...)
}

func (d *Deal) noMilestone(name string) deal.Finding {
	id := byName(name)
	var ids []string
	for i := range d.Milestones {
		ids = append(ids, d.Milestones[i].ID)
	}
	f := deal.Finding{Code: "unknown-milestone", Text: fmt.Sprintf("there is no milestone %q", id), Label: diag.DidYouMean(id, ids), Hint: "a file in milestones/ bears the id of its milestone: milestones/<id>.md"}
	f.File = d.File(name)
	return f
}

// misplaced points out Markdown that nothing will show.
func (d *Deal) misplaced() []deal.Finding {
	var findings []deal.Finding
	folders := []string{"milestones", "notes", "pages", "collateral"}
	for _, name := range sorted(d.Files) {
		dir, base, inside := strings.Cut(name, "/")
		ext := strings.ToLower(name[strings.LastIndexByte(name, '.')+1:])
		if d.Files[name] != deal.Regular || ext != "md" && ext != "markdown" || dir == "collateral" {
			continue
		}
		f := deal.Finding{Code: "unknown-file", Text: "nothing shows this file", Lenient: true}
		f.File = d.File(name)
		switch {
		case !inside && strings.EqualFold(name, "readme.md"):
			continue
		case !inside && name != "index.md":
			f.Hint = "texts are index.md, milestones/<id>.md, notes/<date>.md and pages/<name>.md"
			if strings.EqualFold(name, "index.md") {
				f.Hint = "name it index.md, in small letters"
			}
		case inside && slices.Contains(folders, dir) && (strings.Contains(base, "/") || !strings.HasSuffix(name, ".md")):
			f.Hint = fmt.Sprintf("put it straight into %s/, with the ending .md", dir)
		case inside && !slices.Contains(folders, dir):
			near := diag.Nearest(dir, folders)
			if near == "" {
				continue
			}
			f.Label = fmt.Sprintf("did you mean %s/%s?", near, base)
		default:
			continue
		}
		findings = append(findings, f)
	}
	return findings
}

var fence = onDemand(`(?m)^\+\+\+[ \t]*$`)

// frontMatter cuts a text at its TOML front matter. body is where the text
// begins.
func frontMatter(source *diag.Source) (toml string, start, body int, finding *deal.Finding) {
	if !strings.HasPrefix(source.Text, "+++") {
		return "", 0, 0, foreignFront(source)
	}
	fences := fence().FindAllStringIndex(source.Text, 2)
	if len(fences) < 2 || fences[0][0] != 0 {
		f := deal.Finding{Code: "bad-front-matter", Text: "the front matter is not closed", Hint: "it stands between two lines of +++"}
		f.File, f.Length = source.Path, len("+++")
		return "", 0, len(source.Text), &f
	}
	body = min(fences[1][1]+1, len(source.Text))
	return source.Text[fences[0][1]:fences[1][0]], fences[0][1], body, nil
}

var yamlFront = onDemand(`\A---[ \t]*\n(?s:.*?)\n---[ \t]*(\n|\z)`)

func foreignFront(source *diag.Source) *deal.Finding {
	if !yamlFront().MatchString(source.Text) {
		return nil
	}
	f := deal.Finding{Code: "bad-front-matter", Text: "front matter in YAML is shown as text", Hint: "write TOML between two lines of +++"}
	f.File, f.Length = source.Path, len("---")
	return &f
}

func noFrontMatter(source *diag.Source) []deal.Finding {
	_, _, body, f := frontMatter(source)
	if f == nil && body > 0 {
		f = &deal.Finding{Code: "bad-front-matter", Text: "this file takes no front matter", Hint: "what a milestone or a deal has to say in keys stands in deal.toml"}
		f.File, f.Length = source.Path, len("+++")
	}
	if f == nil {
		return nil
	}
	return []deal.Finding{*f}
}

// front binds a text's front matter and returns where its body begins.
func front[T any](d *Deal, source *diag.Source, t *table[T], into *T) (body int, findings []deal.Finding) {
	text, start, body, bad := frontMatter(source)
	if bad != nil {
		return body, []deal.Finding{*bad}
	}
	if body == 0 {
		return 0, nil
	}
	// The front matter keeps its place in the file, so that what is found in
	// it is found there.
	padded := &diag.Source{Path: source.Path, Text: blank(source.Text[:start]) + text}
	doc, findings := parseTOML(padded)
	d.files.fronts[source.Path] = padded
	b := &binder{file: source.Path, locale: d.Locale, markdown: d.site.reader.markdown(d.Locale), ids: doc.ids}
	b.scope = deal.Scope{Root: deal.InDeal, Dir: ".", Library: true}
	t.bind(b, into, doc.tree, false)
	return body, append(findings, b.findings...)
}

// blank keeps line breaks and nothing else.
func blank(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' {
			return r
		}
		return ' '
	}, s)
}

func (d *Deal) note(name string) []deal.Finding {
	source := d.files.text(name)
	if source == nil {
		return nil
	}
	n := deal.Note{File: source.Path}
	when, err := deal.ParseDate(byName(name))
	if err != nil || when.Relative() {
		f := deal.Finding{Code: "bad-name", Text: fmt.Sprintf("a note is named by its day, not %q", byName(name)), Hint: "rename it to the day of the review: notes/2026-11-14.md"}
		f.File = source.Path
		return []deal.Finding{f}
	}
	n.Day = when.Day
	body, findings := front(d, source, d.site.reader.grammar.note, &n)
	reader := &noteReader{md: d.site.reader.markdown(d.Locale), source: []byte(source.Text[body:]), base: body, note: &n}
	reader.read()
	d.Notes = append(d.Notes, n)
	return append(findings, inFile(reader.findings, source.Path)...)
}

func (d *Deal) page(name string) []deal.Finding {
	source := d.files.text(name)
	if source == nil {
		return nil
	}
	p := deal.Page{File: source.Path, Name: byName(name)}
	var findings []deal.Finding
	if !deal.ValidID(p.Name) {
		f := deal.Finding{Code: "bad-name", Text: fmt.Sprintf("%q is no name for a page", p.Name), Hint: "pages are named in small letters, digits and hyphens: the name is a part of its address"}
		if s := slug(p.Name); deal.ValidID(s) {
			f.Hint = fmt.Sprintf("rename it to pages/%s.md", s)
		}
		f.File = source.Path
		findings = append(findings, f)
	}
	body, more := front(d, source, d.site.reader.grammar.page, &p)
	findings = append(findings, more...)
	md, text := d.site.reader.markdown(d.Locale), []byte(source.Text[body:])
	doc := md.parse(text)
	if p.Title == "" {
		var heading ast.Node
		if p.Title, heading = takeTitle(doc, text); heading != nil {
			p.Heading, more = md.rendered(heading, text, body)
			findings = append(findings, inFile(more, source.Path)...)
		}
	}
	if p.Title == "" {
		p.Title = p.Name
	}
	p.Body, more = md.rendered(doc, text, body)
	d.Pages = append(d.Pages, p)
	return append(findings, inFile(more, source.Path)...)
}

// takeTitle takes the first heading out of a text, so that it doesn't stand
// there twice.
func takeTitle(doc ast.Node, text []byte) (string, ast.Node) {
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if h, ok := n.(*ast.Heading); ok {
			title := strings.Map(func(r rune) rune {
				if isControl(r) { // a line break of an underlined heading
					return ' '
				}
				return r
			}, plainText(h, text))
			doc.RemoveChild(doc, h)
			return strings.TrimSpace(title), h
		}
	}
	return "", nil
}
