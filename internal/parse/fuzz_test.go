package parse

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"golang.org/x/net/html"

	"portico/internal/deal"
	"portico/internal/diag"
	"portico/internal/message"
	"portico/internal/need"
)

// given are the texts of the demonstration deals and of the fixtures whose
// names end in some way, by their names.
func given(t testing.TB, ending string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	take := func(name string, data []byte) {
		if strings.HasSuffix(name, ending) {
			texts[name] = string(data)
		}
	}
	for _, dir := range []string{filepath.Join(need.Root(t), "content"), filepath.Join(need.Root(t), "portico.toml"), "testdata/recovery", "testdata/whole"} {
		err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			take(filepath.ToSlash(name), data)
			if filepath.Ext(name) == ".txtar" {
				for _, file := range txtar.Parse(data).Files {
					take(filepath.ToSlash(name)+"/"+file.Name, file.Data)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(texts) == 0 {
		t.Fatalf("there is no text that ends in %s", ending)
	}
	return texts
}

// parts are the paragraphs of texts, or their tables: a fuzzer gets on with
// many short texts, and not with a few long ones.
func parts(texts map[string]string) []string {
	var all []string
	for _, name := range sorted(texts) {
		for _, part := range strings.Split(texts[name], "\n\n") {
			if len(part) < 2000 {
				all = append(all, part+"\n")
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// TestGiven reads the texts that come with the program, each of them whole, in
// the way in which the fuzzers read theirs.
func TestGiven(t *testing.T) {
	for name, text := range given(t, "/deal.toml") {
		t.Run(name, func(t *testing.T) { readAny(t, map[string]string{"content/fern/deal.toml": text}) })
	}
	for name, text := range given(t, ".md") {
		t.Run(name, func(t *testing.T) { readAny(t, everywhere(text)) })
	}
	library := given(t, "/library.toml")
	for name, text := range given(t, "/portico.toml") {
		t.Run(name, func(t *testing.T) {
			for _, shared := range library {
				readAnySite(t, text, shared)
			}
		})
	}
}

// FuzzDealFile reads any deal.toml.
func FuzzDealFile(f *testing.F) {
	for _, text := range parts(given(f, "/deal.toml")) {
		f.Add(text)
	}
	f.Add(whole("[buyer]\nname = \"<script>\"\nwebsite = \"javascript:alert(1)\"\nlogo = \"../../etc/passwd\"\n[milestone.a]\nbenefit = \"@mara <b>x</b> [y](javascript:z) ![](data:x)\"\nlink = \"vbscript:x\"\n"))
	f.Fuzz(func(t *testing.T, text string) {
		readAny(t, map[string]string{"content/fern/deal.toml": text})
	})
}

// FuzzFront reads any front matter, of a page and of a note.
func FuzzFront(f *testing.F) {
	for _, text := range given(f, ".md") {
		if rest, ok := strings.CutPrefix(text, "+++\n"); ok {
			front, _, _ := strings.Cut(rest, "+++\n")
			f.Add(front)
		}
	}
	for _, front := range []string{"title = \"x", "order = 1001\n", "audience = [\"ana\", 5]\n", "[moved]\npilot = \"<b>why</b>\"\nx = 1\n", "author = \"mara\"\ninternal = 1\n", "titel = \"x\"\n", "\"\" = 1\n", "+++\n+++"} {
		f.Add(front)
	}
	f.Fuzz(func(t *testing.T, front string) {
		text := "+++\n" + front + "\n+++\n# Über *uns*\n\n<b>x</b> @mara\n"
		readAny(t, map[string]string{"content/fern/deal.toml": whole(""), "content/fern/pages/faq.md": text, "content/fern/notes/2026-11-06.md": text})
	})
}

// FuzzMarkdown reads any Markdown file: as a milestone's text, a page, a note
// and a file that is shown, and in one line as a text of deal.toml.
func FuzzMarkdown(f *testing.F) {
	for _, text := range parts(given(f, ".md")) {
		f.Add(text)
	}
	for _, text := range hostile {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		readAny(t, everywhere(text))
	})
}

// FuzzAddresses holds texts that are first read without the search for bare
// addresses against those that are read with it at once.
func FuzzAddresses(f *testing.F) {
	for _, text := range slices.Concat(parts(given(f, ".md")), hostile, bare) {
		f.Add(text)
	}
	m := newMarkdown((&message.Catalog{}).Locale("en"), portico)
	f.Fuzz(func(t *testing.T, text string) {
		want, wantFindings := m.rendered(readWith(m.blocks, []byte(text)), []byte(text), 7)
		prose, findings := m.document([]byte(text), 7)
		for _, all := range [][]deal.Piece{prose.Pieces, want.Pieces} {
			for i := range all {
				all[i].HTML = blankEnds.ReplaceAllString(all[i].HTML, "$1")
			}
		}
		if !reflect.DeepEqual(prose, want) || !reflect.DeepEqual(findings, wantFindings) {
			t.Errorf("%q is read as\n%+v %+v\nand with the search for addresses at once as\n%+v %+v", text, prose, findings, want, wantFindings)
		}
	})
}

// blankEnds are blanks that no reader sees: the search has goldmark leave some.
var blankEnds = regexp.MustCompile(`[ \t]+(\n|<br>)`)

// bare are addresses in all places where they are looked for, and some where
// they are not.
var bare = []string{
	"https://fern.example", "See http://fern.example/a(b), and more", "*ftp://fern.example*", "**_http://fern.example_**", "~~https://fern.example~~", "(https://fern.example)", "a https://x", "xhttps://fern.example",
	"www.fern.example", "(www.fern.example/x).", "Www.fern.example", "ana@fern.example", "Ask ana.b+c@fern.example.", "@ana", "(@ana)", "*@ana*", "x-@ana-.b", "_@fern.example", "`@fern.example`",
	"[a](https://fern.example)", "[a](https://fern.example b)", "a](https://fern.example", "\\[a](https://fern.example)", "[https://fern.example](x)", "[a https://fern.example", "[a]: https://fern.example\n\n[a] [b]", "[^1]\n\n[^1]: https://fern.example",
	"| https://fern.example | b |\n|---|---|\n|www.fern.example|ana@fern.example|", "> https://fern.example", "- https://fern.example\n- [x] http://fern.example", "# https://fern.example\n", "https://fern.example\n===", "term\n: https://fern.example",
	"`https://fern.example`", "    https://fern.example", "```\nhttps://fern.example\n```", "<https://fern.example>", "<a href=\"https://fern.example\">", "![https://fern.example](x)", "a  \nhttps://fern.example  \nb", "a\\\nhttps://fern.example", "http:\\//fern.example", "https&colon;//fern.example", "http\u00ad://fern.example",
	"http://fern.example... 'x'", "\"https://fern.example\"", "--https://fern.example", "https://fern.example--x", "www...fern.example", "a www.-b.example *c*", "\u00a0https://fern.example", "a\thttps://fern.example",
}

// everywhere is a deal in which a text stands wherever one can.
func everywhere(text string) map[string]string {
	line := strings.Map(func(r rune) rune {
		if r == '\'' || isControl(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, text)
	return map[string]string{
		"content/fern/deal.toml":           whole("[dates]\ngo_live = 2027-02-15\ngo_live_reason = '" + line + "'\n[milestone.pilot]\ntitle = \"Pilot\"\ndue = 2026-11-30\n[collateral.scope]\nfile = \"collateral/scope.md\"\n"),
		"content/fern/index.md":            text,
		"content/fern/milestones/pilot.md": text,
		"content/fern/notes/2026-11-06.md": text,
		"content/fern/pages/faq.md":        text,
		"content/fern/collateral/scope.md": text,
	}
}

// hostile are texts that try to become more than text.
var hostile = []string{
	"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "[x](JaVaScRiPt&colon;alert(1))", "![x](data:text/html,x \"\\\"><script>\")",
	"<javascript:alert(1)>", "[x]: javascript:alert(1)\n[x]", "```\"><script>\nx\n```\n", "```html <script>\n<script>\n```\n", "# <b>x</b> {onclick=x}\n", "[^1]\n\n[^1]: <script>\n",
	"| <b> | `<i>` |\n| :-: | --: |\n| [x](y\"z) | @mara |\n", "<!-- x -->\n<!-- y", "<div\nonclick=x>\n\nx", "a&lt;b&#60;c&#0;\x00", "- [ ] <b>\n- [x] @ana by 2026-11-06\n", "term\n: <b>\n", "## Next\n\n- @mara -- 2026-11-31\n- x (2026-11-06)\n",
	"https://fern.example/<b>\"' <ana@fern.example> www.fern.example", "7. x\n8. y\n", "'\"x\"' -- ... << >>", "![*a* @b <c>](collateral/x.pdf)\n![](d)\n", "[![a](b)](c)", "<?php ?><![CDATA[x]]><!DOCTYPE x>", "x\\\ny  \nz", "> # @a\n> ***\n", "~~x~~ **y _z_** `<b>`",
}

// FuzzSiteFile reads any portico.toml, and any library.toml.
func FuzzSiteFile(f *testing.F) {
	for _, text := range parts(given(f, "/portico.toml")) {
		f.Add(text, "")
	}
	for _, text := range parts(given(f, "/library.toml")) {
		f.Add("", text)
	}
	f.Add("[seller]\nname = { de = \"x\", en = 5, \"\" = \"z\" }\ncolor = \"#fff\"\nlogo = \"assets/../x\"\nconfidentiality = { en = \"<b>@mara\" }\n[profile.x]\nlimits = { MAP1 = 2 }\n", "[collateral.x]\nurl = \"javascript:x\"\n")
	f.Fuzz(readAnySite)
}

// readAnySite does the same for the site's own files.
func readAnySite(t *testing.T, toml, library string) {
	m := site(map[string]string{"portico.toml": toml, "content/_library/library.toml": library})
	s, list := readSite(t, m)
	inOrder(t, list)
	onTheirLines(t, list, m)
	_, findings := s.bind(s.locale)
	inside(t, &s.files, slices.Concat(s.files.findings, findings))
	for _, locale := range []string{s.locale, "de-DE"} {
		harmless(t, reflect.ValueOf(s.In(locale)).Elem(), "")
	}
	if _, again := readSite(t, m); !cmp.Equal(list, again) {
		t.Errorf("a second time it says\n%s\nand not\n%s", printed(again), printed(list))
	}
}

func inOrder(t *testing.T, list diag.List) {
	t.Helper()
	sorted := slices.Clone(list)
	sorted.Sort()
	if diff := cmp.Diff(sorted, list); diff != "" {
		t.Errorf("the messages are not sorted (-sorted +got):\n%s", diff)
	}
}

// FuzzThemeFile reads any theme.toml.
func FuzzThemeFile(f *testing.F) {
	for _, text := range []string{
		"", "[theme]\ntitle = \"Plan\"\ncolor = \"#fff\"\nradius = \"8px\"\ndensity = \"airy\"\nhero = \"band\"\n[font.text]\nfile = \"fonts/inter.woff2\"\n[font.display]\nfile = \"c.OTF\"\n",
		"[theme]\nradius = \"8px;}\"\ncolor = \"red\"\n[font]\ntext = 1\n[font.display]\nfile = \"../x.woff\"\n", "[font.text]\nfile = \"missing.woff\"\n", "theme = 1\n", "[theme\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, toml string) {
		const file = "themes/plan/theme.toml"
		folder := fstest.MapFS{"theme.toml": {Data: []byte(toml)}, "fonts/inter.woff2": {Data: nil}}
		values, list, err := reader().Theme(folder, file)
		if err != nil {
			t.Fatal(err)
		}
		inOrder(t, list)
		onTheirLines(t, list, fstest.MapFS{file: folder["theme.toml"]})
		harmless(t, reflect.ValueOf(values), "")
	})
}

// readAny reads the deal of some files, whatever is in them, and wants what it
// gives to be sound.
func readAny(t *testing.T, files map[string]string) {
	m := site(files)
	s, list := readSite(t, m)
	want(t, list)
	root := below(m, "content/fern")
	d, findings, err := s.Deal("fern", root)
	if err != nil {
		t.Fatal(err)
	}
	inside(t, &d.files, findings)
	list = d.Locate(findings)
	list.Sort()
	onTheirLines(t, list, m)
	harmless(t, reflect.ValueOf(d.Deal).Elem(), "")
	d.EachText(d.TOML(), func(x deal.Text) {
		for i := range x.Pieces {
			placed(t, d, &x, &x.Pieces[i])
		}
	})
	if _, again := readDeal(t, s, "fern", root); !cmp.Equal(list, again) {
		t.Errorf("a second time it says\n%s\nand not\n%s", printed(again), printed(list))
	}
}

// inside wants findings to lie within what they are about, before their places
// are moved there.
func inside(t *testing.T, files *sources, findings []deal.Finding) {
	t.Helper()
	for _, f := range findings {
		source := files.read[f.File]
		if source == nil {
			t.Errorf("[%s] %s is about %q, which was not read", f.Code, f.Text, f.File)
			continue
		}
		span := diag.Span{Start: f.Offset, End: f.Offset + f.Length}
		if f.Path.Len() > 0 {
			toml := source
			if front := files.fronts[f.File]; front != nil {
				toml = front
			}
			span = read(toml).span(f.Place)
		}
		if span.Start < 0 || span.Start > span.End || span.End > len(source.Text) {
			t.Errorf("%s: [%s] %s lies at %d to %d of %d bytes", f.File, f.Code, f.Text, span.Start, span.End, len(source.Text))
		}
		if f.Code == "" || f.Text == "" || strings.HasSuffix(f.Text, ".") || strings.HasSuffix(f.Text, "\n") {
			t.Errorf("%s: [%s] says %q", f.File, f.Code, f.Text)
		}
	}
}

// onTheirLines wants each message's place to be one of the file that it names, and
// its excerpt to be the line there.
func onTheirLines(t *testing.T, list diag.List, files fstest.MapFS) {
	t.Helper()
	for _, m := range list {
		file := files[m.File]
		if file == nil {
			t.Errorf("[%s] %s is about %q, which does not exist", m.Code, m.Text, m.File)
			continue
		}
		source, _ := diag.NewSource(m.File, file.Data)
		if wide := string(file.Data[:min(2, len(file.Data))]); wide == "\xff\xfe" || wide == "\xfe\xff" {
			source = &diag.Source{Path: m.File} // nothing of it can be shown
		}
		if m.Start != source.Position(m.Start.Offset) || m.End != source.Position(m.End.Offset) || m.Start.Offset > m.End.Offset {
			t.Errorf("[%s] %s lies at %v to %v", m.Code, m.Text, m.Start, m.End)
		}
		if line := source.Line(m.Start.Line); m.Excerpt != line {
			t.Errorf("[%s] %s shows %q, and line %d is %q", m.Code, m.Text, m.Excerpt, m.Start.Line, line)
		}
	}
}

// placed wants a piece of a Markdown file to lie where its text does.
func placed(t *testing.T, d *Deal, x *deal.Text, p *deal.Piece) {
	if p.Kind != deal.Mention && p.Kind != deal.LinkStart && p.Kind != deal.Embed {
		return
	}
	if x.Path.Len() > 0 {
		return // what counts is where the value stands; TestOffsetsInTexts
	}
	source := d.files.read[x.File]
	if source == nil || p.Offset < 0 || p.Length < 1 || p.Offset+p.Length > len(source.Text) {
		t.Errorf("%s: %+v lies outside", x.File, *p)
		return
	}
	if at := source.Text[p.Offset : p.Offset+p.Length]; p.Kind == deal.Mention && at != p.Text {
		t.Errorf("%s: %q lies where %q is", x.File, p.Text, at)
	}
}

// harmless wants all that was read to be what the type or the name of its field
// promises: fragments of HTML without a person's own tags, addresses that a
// browser may be sent to, paths that stay in their folder, colours.
func harmless(t *testing.T, v reflect.Value, name string) {
	switch x := v.Interface().(type) {
	case deal.Prose:
		harmlessProse(t, &x, name)
		return
	case deal.File:
		if x.IsSet() && (!fs.ValidPath(x.Path) || x.Path == "." || strings.ContainsAny(x.Path, "\\:\x00")) {
			t.Errorf("%s is the path %q", name, x.Path)
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			harmless(t, v.Elem(), name)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				harmless(t, v.Field(i), f.Name)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			harmless(t, v.Index(i), name)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			harmless(t, v.MapIndex(k), name)
		}
	case reflect.String:
		harmlessText(t, v.String(), name)
	}
}

var (
	hexOnly    = regexp.MustCompile(`^#[0-9a-f]{6}$`)
	anchorOnly = regexp.MustCompile(`^[\pL\pN-]+$`)
)

func harmlessText(t *testing.T, s, name string) {
	if s == "" {
		return
	}
	bad := strings.ContainsFunc(s, isControl) || !utf8.ValidString(s)
	switch name {
	case "URL", "Link", "Website", "Imprint", "Privacy", "BaseURL", "CRMURL":
		bad = bad || !deal.SafeAddress(s)
	case "Color":
		bad = !hexOnly.MatchString(s)
	case "Radius":
		bad = !radii().MatchString(s)
	case "ID", "File", "Name", "Milestone": // of tables and files; refused as ids
		bad = false
	}
	if bad {
		t.Errorf("%s is %q", name, s)
	}
}

// known are the tags that a fragment may hold, with the attributes of each and
// what their values may be.
var known = map[string]map[string]*regexp.Regexp{
	"p": nil, "em": nil, "strong": nil, "del": nil, "blockquote": nil, "pre": nil, "ul": nil, "dl": nil, "dt": nil, "dd": nil, "hr": nil, "br": nil, "thead": nil, "tbody": nil, "tr": nil, "table": nil,
	"code":    {"class": regexp.MustCompile(`^language-`)},
	"span":    {"class": regexp.MustCompile(`^(h[cskn]|task)$`)},
	"div":     {"class": regexp.MustCompile(`^scroll$`), "tabindex": regexp.MustCompile(`^0$`)},
	"section": {"class": regexp.MustCompile(`^footnotes$`)},
	"ol":      {"start": regexp.MustCompile(`^\d+$`)},
	"li":      {"id": anchorOnly},
	"sup":     {"id": anchorOnly},
	"a":       {"href": regexp.MustCompile(`^#[\pL\pN-]+$`), "role": regexp.MustCompile(`^doc-(noteref|backlink)$`), "aria-label": regexp.MustCompile(`^[^<>]+$`)},
	"td":      {"class": regexp.MustCompile(`^(mid|end)$`)},
	"th":      {"class": regexp.MustCompile(`^(mid|end)$`), "scope": regexp.MustCompile(`^col$`)},
	// What a page puts for other pieces.
	"b": nil, "img": nil, "h2": nil,
}

var escapes = regexp.MustCompile(`&(lt|gt|quot|amp|#39);`)

// harmlessProse puts the pieces of a text together as a page does and reads
// that as a browser does.
func harmlessProse(t *testing.T, p *deal.Prose, name string) {
	var b strings.Builder
	for i := range p.Pieces {
		x := &p.Pieces[i]
		switch x.Kind {
		case deal.Fragment:
			b.WriteString(x.HTML)
			if strings.Contains(escapes.ReplaceAllString(x.HTML, ""), "&") {
				t.Errorf("%s: Plain does not know what is escaped in %q", name, x.HTML)
			}
			if !utf8.ValidString(x.HTML) || strings.Contains(x.HTML, "\x00") {
				t.Errorf("%s: %q is no text", name, x.HTML)
			}
		case deal.Mention:
			b.WriteString("<b></b>")
			if strings.Trim(x.Text, "@"+x.Name) != "" || strings.ContainsFunc(x.Name, func(r rune) bool { return r >= utf8.RuneSelf || !isIDByte(byte(r)) }) {
				t.Errorf("%s: %q names %q", name, x.Text, x.Name)
			}
		case deal.LinkStart:
			b.WriteString(`<a href="#x">`)
		case deal.LinkEnd:
			b.WriteString("</a>")
		case deal.Embed:
			b.WriteString("<img>")
		case deal.Anchor:
			b.WriteString(x.Name)
		case deal.HeadingStart:
			b.WriteString("<h2>")
			if !anchorOnly.MatchString(x.Name) || x.Level < 1 || x.Level > 6 {
				t.Errorf("%s: a heading of level %d has the anchor %q", name, x.Level, x.Name)
			}
		case deal.HeadingEnd:
			b.WriteString("</h2>")
		}
		if x.Kind == deal.LinkStart || x.Kind == deal.Embed {
			if target, err := deal.ParseTarget(x.Target, deal.Scope{Root: deal.InDeal, Dir: ".", Library: true}); err == nil && target.Kind == deal.ToAddress && !deal.SafeAddress(target.URL) {
				t.Errorf("%s: a link to %q", name, target.URL)
			}
		}
	}
	harmlessHTML(t, b.String(), name)
}

// harmlessHTML wants tags that are known, with attributes that are, each ended
// in its turn.
func harmlessHTML(t *testing.T, text, name string) {
	tokens := html.NewTokenizer(strings.NewReader(text))
	var open []string
	for {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			break
		}
		token := tokens.Token()
		attributes, ok := known[token.Data]
		switch kind {
		case html.TextToken:
			continue
		case html.StartTagToken, html.SelfClosingTagToken:
			if !ok {
				t.Errorf("%s: <%s> in %q", name, token.Data, text)
			}
			for _, a := range token.Attr {
				if values := attributes[a.Key]; values == nil || !values.MatchString(a.Val) {
					t.Errorf("%s: %s=%q in %q", name, a.Key, a.Val, text)
				}
			}
			if token.Data != "img" && token.Data != "br" && token.Data != "hr" {
				open = append(open, token.Data)
			}
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != token.Data {
				t.Errorf("%s: </%s> ends nothing, or too much, in %q", name, token.Data, text)
				return
			}
			open = open[:len(open)-1]
		default:
			t.Errorf("%s: %s in %q", name, token, text)
		}
	}
	if len(open) > 0 {
		t.Errorf("%s: <%s> is not ended in %q", name, strings.Join(open, "> <"), text)
	}
}
