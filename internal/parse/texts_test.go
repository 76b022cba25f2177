package parse

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/internal/deal"
)

// noted reads a deal with one review note.
func noted(t *testing.T, locale, text string) deal.Note {
	t.Helper()
	d := sound(t, map[string]string{
		"content/fern/deal.toml":           whole("[deal]\nowner = \"mara\"\nlocale = \"" + locale + "\"\n"),
		"content/fern/notes/2026-11-06.md": text,
	})
	return d.Notes[0]
}

// TestNoteHeadings wants the three headings in English and in the deal's
// language, in any case and with a colon.
func TestNoteHeadings(t *testing.T) {
	for _, test := range []struct{ locale, heading, section string }{
		{"en", "Decisions", "decisions"}, {"en", "DECISIONS", "decisions"}, {"en", "Decisions:", "decisions"}, {"en", " decisions ##", "decisions"},
		{"en", "Blockers", "blockers"}, {"en", "Next", "next"}, {"en", "Next steps", "next"}, {"en", "Next actions:", "next"}, {"en", "*Next*", "next"},
		{"de", "Decisions", "decisions"}, {"de", "Next steps", "rest"}, {"de", "Next", "next"},
		{"de", "Entscheidungen", "decisions"}, {"de", "Entscheidung:", "decisions"}, {"de", "Beschlüsse", "decisions"},
		{"de", "Hindernisse", "blockers"}, {"de", "HÜRDEN", "blockers"}, {"de", "Blocker", "blockers"},
		{"de", "Nächste Schritte", "next"}, {"de", "Als Nächstes", "next"}, {"de-AT", "Weiteres Vorgehen", "next"},
		{"fr", "Décisions :", "decisions"}, {"fr", "Points de blocage\u00a0:", "blockers"}, {"fr-CA", "Prochaines étapes", "next"}, {"fr", "À faire", "next"},
		{"es", "Decisiones", "decisions"}, {"es", "BLOQUEOS", "blockers"}, {"es-MX", "Siguientes pasos:", "next"},
		{"en", "Entscheidungen", "rest"}, {"en", "Participants", "rest"}, {"en", "The next", "rest"},
	} {
		n := noted(t, test.locale, "## "+test.heading+"\n\n- One\n")
		got := map[string]int{"decisions": len(n.Decisions), "blockers": len(n.Blockers), "next": len(n.Next), "rest": min(1, len(n.Rest.Pieces))}
		for section, items := range got {
			if wanted := section == test.section; (items > 0) != wanted {
				t.Errorf("in %s, %q: %v", test.locale, test.heading, got)
				break
			}
		}
	}
}

// TestNoteBody says what of a note is an item, and what is prose.
func TestNoteBody(t *testing.T) {
	n := noted(t, "en", `We met on *Friday*.

- not an item

# Next

- below a heading of level one

## Decisions

Some words before.

- First
- Second, with **strong** words

1. Third

### Aside

- below another heading

## Next

- Call the bank

  and the insurer
- Loose

## Other

- rest
`)
	items := func(list []deal.NoteItem) (out []string) {
		for i := range list {
			out = append(out, htmlOf(&list[i].Text))
		}
		return out
	}
	if diff := cmp.Diff([]string{"First", "Second, with <strong>strong</strong> words", "Third", "below another heading"}, items(n.Decisions)); diff != "" {
		t.Errorf("decisions (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Call the bank\nand the insurer", "Loose"}, items(n.Next)); diff != "" {
		t.Errorf("next (-want +got):\n%s", diff)
	}
	rest := htmlOf(&n.Rest)
	for _, part := range []string{"<em>Friday</em>", "not an item", "<h1>Next</h1>", "below a heading of level one", "Some words before.", "<h3>Aside</h3>", "<h2>Other</h2>", "<li>rest</li>"} {
		if !strings.Contains(rest, part) {
			t.Errorf("%q is not in the rest:\n%s", part, rest)
		}
	}
	if strings.Contains(rest, "Decisions") || strings.Contains(rest, "First") {
		t.Errorf("the rest is\n%s", rest)
	}
}

// TestNoteItems reads the owner and the date at the end of an item.
func TestNoteItems(t *testing.T) {
	for _, test := range []struct{ item, text, owner, due string }{
		{"Send the draft", "Send the draft", "", ""},
		{"@ana sends the draft", "<b>ana</b> sends the draft", "ana", ""},
		{"@ana and @ben call, 2026-11-20", "<b>ana</b> and <b>ben</b> call", "ana", "2026-11-20"},
		{"Send the draft 2026-11-20", "Send the draft", "", "2026-11-20"},
		{"Send the draft, 2026-11-20.", "Send the draft", "", "2026-11-20"},
		{"Send the draft: 2026-11-20", "Send the draft", "", "2026-11-20"},
		{"Send the draft (2026-11-20)", "Send the draft", "", "2026-11-20"},
		{"Send the draft – 2026-11-20", "Send the draft", "", "2026-11-20"},
		{"Send the draft -- 2026-11-20", "Send the draft", "", "2026-11-20"},
		{"Send the draft by 2026-11-20", "Send the draft", "", "2026-11-20"},
		{"Send the draft, By 2026-11-20", "Send the draft", "", "2026-11-20"},
		{"Entwurf senden, @ana, bis 2026-11-20", "Entwurf senden, <b>ana</b>", "ana", "2026-11-20"},
		{"Entwurf bis zum 2026-11-20", "Entwurf", "", "2026-11-20"},
		{"Envoyer le projet avant le 2026-11-20", "Envoyer le projet", "", "2026-11-20"},
		{"Enviar el borrador, @ana, para el 2026-11-20", "Enviar el borrador, <b>ana</b>", "ana", "2026-11-20"},
		{"Reunión el 2026-11-20", "Reunión", "", "2026-11-20"},
		{"Ein Kanzel 2026-11-20", "Ein Kanzel", "", "2026-11-20"},
		{"Review with the team 2026-11-20", "Review with the team", "", "2026-11-20"},
		{"On standby 2026-11-20", "On standby", "", "2026-11-20"},
		{"The **draft** 2026-11-20", "The <strong>draft</strong>", "", "2026-11-20"},
		{"The draft of @ana 2026-11-20", "The draft of <b>ana</b>", "ana", "2026-11-20"},
		{"2026-11-20", "", "", "2026-11-20"},
		{"On 2026-11-20 the board meets", "On 2026-11-20 the board meets", "", ""},
		{"Version 12026-11-20", "Version 12026-11-20", "", ""},
		{"Release v2026-11-20", "Release v2026-11-20", "", ""},
		{"`2026-11-20`", "<code>2026-11-20</code>", "", ""},
		{"Mail ana@fern.example 2026-11-20", `Mail <a href="mailto:ana@fern.example">ana@fern.example</a>`, "", "2026-11-20"},
		{"One\n  two 2026-11-20", "One\ntwo", "", "2026-11-20"},
		{"Outer 2026-11-20\n  - inner", "Outer<ul>\n<li>inner</li>\n</ul>\n", "", "2026-11-20"},
		{"[x] Done 2026-11-20", `<span class="task">☑</span> Done`, "", "2026-11-20"},
	} {
		n := noted(t, "en", "## Next\n\n- "+test.item+"\n")
		if len(n.Next) != 1 {
			t.Errorf("%q is %d items", test.item, len(n.Next))
			continue
		}
		got := n.Next[0]
		if html := strings.TrimRight(htmlOf(&got.Text), " "); html != test.text && html != strings.Replace(test.text, "<ul>", "\n<ul>", 1) || got.Owner != test.owner || got.Due.String() != test.due {
			t.Errorf("%q is %q of %q by %q", test.item, html, got.Owner, got.Due)
		}
	}
}

// TestNotes reads names and front matter.
func TestNotes(t *testing.T) {
	d, list := readFern(t, site(map[string]string{
		"content/fern/deal.toml":           whole(""),
		"content/fern/notes/2026-11-06.md": "+++\nauthor = \"mara\"\ninternal = true\n\n[moved]\npilot = \"Ana was  ill\"\ntrial = \"\"\"\nThe room\nwas taken\"\"\"\n+++\n\n## Next\n\n- Call 2026-11-31\n",
		"content/fern/notes/2026-11-20.md": "newest",
		"content/fern/notes/2026-11-13.md": "",
		"content/fern/notes/13.11.2026.md": "named wrongly",
		"content/fern/notes/go_live.md":    "no day",
		"content/fern/notes/W3.md":         "no day",
		"content/fern/notes/2026-11-31.md": "no such day",
	}))
	want(t, list,
		"notes/13.11.2026.md:1:1: error [bad-name]",
		"notes/2026-11-06.md:14:8: error [bad-date]",
		"notes/2026-11-31.md:1:1: error [bad-name]",
		"notes/W3.md:1:1: error [bad-name]",
		"notes/go_live.md:1:1: error [bad-name]")
	var days []string
	for _, n := range d.Notes {
		days = append(days, n.Day.String())
	}
	if diff := cmp.Diff([]string{"2026-11-20", "2026-11-13", "2026-11-06"}, days); diff != "" {
		t.Errorf("the newest is not first (-want +got):\n%s", diff)
	}
	n := d.Notes[2]
	if diff := cmp.Diff([]deal.Move{{Milestone: "pilot", Why: "Ana was ill"}, {Milestone: "trial", Why: "The room was taken"}}, n.Moved); diff != "" || n.Author != "mara" || !n.Internal {
		t.Errorf("%+v\n%s", n, diff)
	}
}

// paged reads a deal with one page.
func paged(t *testing.T, text string) deal.Page {
	t.Helper()
	return sound(t, map[string]string{"content/fern/pages/faq.md": text}).Pages[0]
}

// TestPageTitles wants a page's title from its front matter, its first heading
// or its name, and a heading that became the title not to stand twice.
func TestPageTitles(t *testing.T) {
	for _, test := range []struct{ name, text, title, body string }{
		{"first heading", "# All *questions*\n\nText\n\n# Second\n", "All questions", "<p>Text</p>\n<h1>Second</h1>\n"},
		{"of any level", "### Small\n\nText\n", "Small", "<p>Text</p>\n"},
		{"underlined", "Big\n===\n\nText\n", "Big", "<p>Text</p>\n"},
		{"behind a text", "Text\n\n## Late\n", "Late", "<p>Text</p>\n"},
		{"with signs", "# A & B <br> `c` \\* @ana &amp; “d”\n", "A & B  c * @ana & “d”", ""},
		{"no heading", "Text\n", "faq", "<p>Text</p>\n"},
		{"an empty heading", "#\n\nText\n", "faq", "<p>Text</p>\n"},
		{"nothing", "", "faq", ""},
		{"front matter", "+++\ntitle = \"Given\"\n+++\n# Heading\n", "Given", "<h1>Heading</h1>\n"},
		{"front matter without a title", "+++\norder = 1\n+++\n# Heading\n", "Heading", ""},
		{"empty front matter", "+++\n+++\n# Heading\n", "Heading", ""},
		{"a heading in a quote is not the page's", "> # Quoted\n", "faq", "<blockquote>\n<h1>Quoted</h1>\n</blockquote>\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, _ := readFern(t, site(map[string]string{"content/fern/deal.toml": whole(""), "content/fern/pages/faq.md": test.text}))
			p := d.Pages[0]
			if p.Title != test.title || htmlOf(&p.Body) != test.body {
				t.Errorf("%q over %q", p.Title, htmlOf(&p.Body))
			}
			if slices.ContainsFunc(p.Body.Headings, func(h deal.Heading) bool { return h.Text == p.Title }) {
				t.Error("the title is a heading of the text as well")
			}
		})
	}
}

// TestPages reads names, order and what hides a page.
func TestPages(t *testing.T) {
	d, list := readFern(t, site(map[string]string{
		"content/fern/deal.toml":             whole(""),
		"content/fern/pages/zeta.md":         "+++\norder = -1\n+++\n",
		"content/fern/pages/beta.md":         "",
		"content/fern/pages/alpha.md":        "+++\nhidden = true\ninternal = true\naudience = [\"ana\", \"legal\"]\n+++\n",
		"content/fern/pages/last.md":         "+++\norder = 7\n+++\n",
		"content/fern/pages/Security FAQ.md": "# Security\n",
		"content/fern/pages/über.md":         "",
	}))
	want(t, list, "pages/Security FAQ.md:1:1: error [bad-name]", "pages/über.md:1:1: error [bad-name]")
	if list[0].Hint != "rename it to pages/security-faq.md" {
		t.Error(list[0].Hint)
	}
	var names []string
	for _, p := range d.Pages {
		names = append(names, p.Name)
	}
	if diff := cmp.Diff([]string{"zeta", "Security FAQ", "alpha", "beta", "über", "last"}, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	p := d.Page("alpha")
	if !p.Hidden || !p.Internal || !slices.Equal(p.Audience, []string{"ana", "legal"}) {
		t.Errorf("%+v", p)
	}
}

// TestFrontMatter wants mistakes in front matter to be found in the file, and
// its text below to keep its place.
func TestFrontMatter(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"an unknown key", "+++\ntitle = \"Ünï\"\nordr = 2\n+++\ntext\n", []string{"pages/faq.md:3:1: error [unknown-key]"}},
		{"a wrong type", "+++\n\n\norder = \"first\"\n+++\ntext\n", []string{"pages/faq.md:4:9: error [wrong-type]"}},
		{"a mistake in its syntax", "+++\ntitle = FAQ\nordr = 2\n+++\n<b>x</b>\n", []string{"pages/faq.md:2:9: error [bad-syntax]", "pages/faq.md:3:1: error [unknown-key]", "pages/faq.md:5:1: warning [raw-html]"}},
		{"a table", "+++\n[page]\ntitle = \"x\"\n+++\n", []string{"pages/faq.md:2:2: error [unknown-table]"}},
		{"CR LF", "+++\r\ntitle = \"x\"\r\nordr = 2\r\n+++\r\n<b>x</b>\r\n", []string{"pages/faq.md:3:1: error [unknown-key]", "pages/faq.md:5:1: warning [raw-html]"}},
		{"a byte-order mark", "\uFEFF+++\nordr = 2\n+++\n<b>x</b>\n", []string{"pages/faq.md:2:1: error [unknown-key]", "pages/faq.md:4:1: warning [raw-html]"}},
		{"blanks behind the fences", "+++ \t\norder = 2\n+++  \n<b>x</b>\n", []string{"pages/faq.md:4:1: warning [raw-html]"}},
		{"not closed", "+++\ntitle = \"x\"\n<b>x</b>\n", []string{"pages/faq.md:1:1: error [bad-front-matter]"}},
		{"text behind the fence", "+++ title\norder = 2\n+++\n", []string{"pages/faq.md:1:1: error [bad-front-matter]"}},
		{"YAML", "---\ntitle: x\n---\ntext\n", []string{"pages/faq.md:1:1: error [bad-front-matter]"}},
		{"a rule is no YAML", "---\n\ntext\n", nil},
		{"not at the top", "\n+++\ntitle = \"x\"\n+++\n", nil},
		{"ended by the file", "+++\nordr = 2\n+++", []string{"pages/faq.md:2:1: error [unknown-key]"}},
		{"multi-byte text around", "+++\ntitle = \"Größe 大きさ\"\n+++\nGröße 大 <b>x</b>\n", []string{"pages/faq.md:4:9: warning [raw-html]"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, list := readFern(t, site(map[string]string{"content/fern/deal.toml": whole(""), "content/fern/pages/faq.md": test.text}))
			want(t, list, test.want...)
		})
	}
}

// TestNoFrontMatter wants none where none is taken.
func TestNoFrontMatter(t *testing.T) {
	_, list := readFern(t, site(map[string]string{
		"content/fern/deal.toml":           whole("[milestone.pilot]\ntitle = \"Pilot\"\ndue = 2026-11-30\n"),
		"content/fern/index.md":            "+++\ntitle = \"x\"\n+++\ntext\n",
		"content/fern/milestones/pilot.md": "+++\n",
	}))
	want(t, list, "index.md:1:1: error [bad-front-matter]", "milestones/pilot.md:1:1: error [bad-front-matter]")
}

// TestMilestoneTexts wants each text to go to its milestone.
func TestMilestoneTexts(t *testing.T) {
	d, list := readFern(t, site(map[string]string{
		"content/fern/deal.toml":              whole("[milestone.pilot]\ntitle = \"Pilot\"\ndue = 2026-11-30\n[milestone.result]\ntitle = \"R\"\ndue = 2026-10-30\n"),
		"content/fern/milestones/pilot.md":    "# The pilot\n",
		"content/fern/milestones/pilott.md":   "<b>not read</b>",
		"content/fern/milestones/decision.md": "",
	}))
	want(t, list, "milestones/decision.md:1:1: error [unknown-milestone]", "milestones/pilott.md:1:1: error [unknown-milestone]")
	if list[1].Label != `did you mean "pilot"?` {
		t.Error(list[1].Label)
	}
	if html := htmlOf(&milestone(t, d, "pilot").Prose); html != "<h1>The pilot</h1>\n" {
		t.Error(html)
	}
	if !milestone(t, d, "result").Prose.IsEmpty() {
		t.Error("the other milestone has a text too")
	}
}

// TestMisplaced wants Markdown that nothing shows to be pointed out.
func TestMisplaced(t *testing.T) {
	files := map[string]string{"content/fern/deal.toml": whole("")}
	for _, name := range []string{
		"README.md", "readme.MD", "collateral/scope.md", "collateral/deep/scope.markdown", "other/notes.md", "notes/2026-11-06.md", "pages/faq.md", ".hidden.md", "notes/.draft.md", "notes/agenda.txt",
		"Index.md", "plan.md", "pages/deep/faq.md", "notes/2026-11-07.markdown", "pages/FAQ.MD", "page/faq.md", "note/2026-11-06.md", "Milestones/pilot.md", "colateral/scope.md",
	} {
		files["content/fern/"+name] = ""
	}
	_, list := readFern(t, site(files))
	want(t, list,
		"Index.md:1:1: warning [unknown-file]",
		"Milestones/pilot.md:1:1: warning [unknown-file]",
		"colateral/scope.md:1:1: warning [unknown-file]",
		"note/2026-11-06.md:1:1: warning [unknown-file]",
		"notes/2026-11-07.markdown:1:1: warning [unknown-file]",
		"page/faq.md:1:1: warning [unknown-file]",
		"pages/FAQ.MD:1:1: warning [unknown-file]",
		"pages/deep/faq.md:1:1: warning [unknown-file]",
		"plan.md:1:1: warning [unknown-file]")
	for _, m := range list {
		if m.Label == "" && m.Hint == "" {
			t.Errorf("%s: nothing says what to do", m.File)
		}
	}
}
