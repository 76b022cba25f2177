package scaffold_test

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portico/assets"
	"portico/content"
	"portico/internal/build"
	"portico/internal/deal"
	"portico/internal/scaffold"
	"portico/layouts"
	"portico/themes"
)

// today of these tests.
var today = deal.DayOf(2026, 11, 21)

var templates = []string{"enterprise", "mid-market", "renewal", "smb"}

// site is a new one, as `portico init` makes it.
type site struct {
	t   *testing.T
	dir string
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t, filepath.Join(t.TempDir(), "site")}
	if err := scaffold.Init(s.dir, content.Templates(), scaffold.Site{Seller: "Lumen", OwnerName: "Mara Lindqvist", Domain: "plans.lumen.example"}); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *site) write(name, text string) {
	s.t.Helper()
	file := filepath.Join(s.dir, filepath.FromSlash(name))
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) read(name string) string {
	s.t.Helper()
	data, err := os.ReadFile(filepath.Join(s.dir, filepath.FromSlash(name)))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(data)
}

func (s *site) load() *build.Project {
	s.t.Helper()
	p, err := build.Load(build.Options{
		Source: s.dir, Clear: true, AsOf: today, LockDir: s.t.TempDir(),
		Now:  func() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) },
		Look: build.Builtin{Layouts: layouts.FS(), Assets: assets.FS(), Themes: themes.FS()},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(p.Close)
	return p
}

// new writes a deal.
func (s *site) new(d scaffold.Deal) (*scaffold.Made, error) {
	s.t.Helper()
	d.Today = today
	return scaffold.New(s.load(), s.dir, content.Templates(), d)
}

// must write a deal.
func (s *site) must(d scaffold.Deal) *scaffold.Made {
	s.t.Helper()
	made, err := s.new(d)
	if err != nil {
		s.t.Fatalf("%+v: %v", d, err)
	}
	return made
}

// clean wants no message about anything, and a build of every deal. It
// returns the built site.
func (s *site) clean() fs.FS {
	s.t.Helper()
	p := s.load()
	messages, err := p.Check(context.Background())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, m := range messages {
		s.t.Errorf("%s:%d: %s: %s [%s]", m.File, m.Start.Line, m.Severity, m.Text, m.Code)
	}
	o, messages, err := p.Output(context.Background())
	if err != nil || len(messages) > 0 {
		s.t.Fatal(err, messages)
	}
	dir := s.t.TempDir()
	r, _, err := o.WriteTo(context.Background(), dir)
	if err != nil {
		s.t.Fatal(err)
	}
	if diff := cmp.Diff(p.IDs, r.Built); diff != "" {
		s.t.Errorf("deals, and those that were built: %s", diff)
	}
	return os.DirFS(dir)
}

// folders of content/, hidden ones too.
func (s *site) folders() []string {
	s.t.Helper()
	entries, err := os.ReadDir(filepath.Join(s.dir, "content"))
	if err != nil {
		s.t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// Whenever the buyer goes live, the plan is one that nothing is said against.
func TestEveryTemplateAtAnyTime(t *testing.T) {
	days := map[string]deal.Day{
		"monday": deal.DayOf(2027, 3, 1), "sunday": deal.DayOf(2027, 8, 15), "new-year": deal.DayOf(2027, 1, 1), "new-years-eve": deal.DayOf(2027, 12, 31),
		"leap-day": deal.DayOf(2028, 2, 29), "february": deal.DayOf(2027, 2, 28), "long-past": deal.DayOf(2019, 5, 4), "yesterday": today - 1, "today": today,
		"tomorrow": today + 1, "soon": today + 30, "far": deal.DayOf(2031, 7, 6), "last": deal.DayOf(2198, 10, 31),
	}
	s := newSite(t)
	if got := scaffold.Templates(s.dir, content.Templates()); !slices.Equal(got, templates) {
		t.Fatalf("templates are %v", got)
	}
	for _, template := range templates {
		for name, day := range days {
			made := s.must(scaffold.Deal{ID: template + "-" + name, Template: template, Buyer: "Northwind", GoLive: day})
			if made.Start > today || made.Start > day && day < today {
				t.Errorf("%s at %s begins on %s", template, day, made.Start)
			}
			text := s.read("content/" + template + "-" + name + "/deal.toml")
			if !strings.Contains(text, fmt.Sprintf("go_live = %q\n", day)) || !strings.Contains(text, fmt.Sprintf("start = %q\n", made.Start)) {
				t.Errorf("%s at %s: the file holds other dates", template, day)
			}
		}
	}
	s.clean()
}

// A name is a name, whatever signs it has.
func TestNames(t *testing.T) {
	names := map[string]string{ // as it is typed, and as it is written
		`Smith "Best" & Sons`: "", `C:\new\table`: "", "O'Neill's": "", "Müller & Groß GmbH": "", "🚀 Rocket 🇩🇪": "", "株式会社サンプル": "", "شركة المثال": "",
		"<script>alert(1)</script>": "", "*Bold* _and_ `code`": "", "[link](https://evil.example)": "", "![x](library:x.pdf)": "", "# One": "", "1. First": "",
		"a|b|c": "", "AT&amp;T": "", "@mara": "", "Team @home": "", "100% & $5": "", "{{seller}}": "", "{{seller_prose}}": "", "- dash": "", "7) Seventh": "", "{{.Title}} {{template}}": "", "''' \"\"\"": "", "~~gone~~": "",
		"www.example.com": "", "--- draft": "", "trailing \\": "",
		"two\nlines":            "two lines",
		"a\r\n# [access]\tb":    "a # [access] b",
		"  blanks  \u00a0 and ": "blanks and",
		"bell\a\x00\x7f":        "bell",
		"broken \xff\xfe":       "broken \uFFFD",
	}
	s := newSite(t)
	typed := make([]string, 0, len(names))
	for name := range names {
		typed = append(typed, name)
	}
	slices.Sort(typed)
	for i, name := range typed {
		for _, template := range []string{"enterprise", "smb"} {
			s.must(scaffold.Deal{ID: fmt.Sprintf("%s-%d", template, i), Template: template, Buyer: name, GoLive: deal.DayOf(2027, 9, 1)})
		}
	}
	want := func(name string) string {
		if w := names[name]; w != "" {
			return w
		}
		return name
	}
	p := s.load()
	for i, name := range typed {
		for _, template := range []string{"enterprise", "smb"} {
			id := fmt.Sprintf("%s-%d", template, i)
			d, _, err := p.Read(id, os.DirFS(filepath.Join(s.dir, "content", id)))
			if err != nil {
				t.Fatal(err)
			}
			if d.Buyer.Name != want(name) {
				t.Errorf("%s: %q became %q", template, name, d.Buyer.Name)
			}
		}
	}
	public := s.clean()
	for i, name := range typed {
		page, err := fs.ReadFile(public, fmt.Sprintf("smb-%d/index.html", i))
		if err != nil {
			t.Fatal(err)
		}
		want := want(name) + " gets back a fifth"
		if text := plain.Replace(html.UnescapeString(tag.ReplaceAllString(string(page), ""))); !strings.Contains(text, want) {
			t.Errorf("no page says %q", want)
		}
	}
}

var (
	tag = regexp.MustCompile(`</?[a-z][^>]*>`)
	// Markdown makes quotes and dashes of what is typed.
	plain = strings.NewReplacer("“", `"`, "”", `"`, "‘", "'", "’", "'", "—", "---", "–", "--")
)

// The site's own language and place make no difference to whether it builds.
func TestLocales(t *testing.T) {
	for _, locale := range []string{"de-DE", "fr", "ar", "ja-JP", "pt-BR"} {
		t.Run(locale, func(t *testing.T) {
			s := newSite(t)
			text := s.read("portico.toml")
			s.write("portico.toml", strings.Replace(text, `locale = "en"`, fmt.Sprintf("locale = %q", locale), 1))
			for _, template := range templates {
				s.must(scaffold.Deal{ID: template, Template: template, Buyer: "Nordwind", GoLive: deal.DayOf(2027, 9, 1)})
			}
			p := s.load()
			messages, err := p.Check(context.Background())
			if err != nil || messages.Failed() {
				t.Error(err, messages)
			}
		})
	}
}

var example = regexp.MustCompile(`(?m)^# (\[|[a-z_]+ = |id = )`)

// What a comment shows as an example is right: without its "# " every field is
// known, and of the right kind.
func TestExamplesInComments(t *testing.T) {
	for _, template := range templates {
		t.Run(template, func(t *testing.T) {
			s := newSite(t)
			s.must(scaffold.Deal{ID: "deal", Template: template, Buyer: "Northwind", GoLive: deal.DayOf(2027, 9, 1)})
			text := s.read("content/deal/deal.toml")
			if n := len(example.FindAllString(text, -1)); n < 20 {
				t.Errorf("%d examples in comments", n)
			}
			if !strings.HasPrefix(text, "# How to use this file: ") {
				t.Error("the file does not begin with how to use it")
			}
			s.write("content/deal/deal.toml", example.ReplaceAllString(text, "$1"))
			messages, err := s.load().Check(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range messages {
				if m.Code != "missing-file" { // the examples name files to put there
					t.Errorf("%s:%d: %s: %s [%s]", m.File, m.Start.Line, m.Severity, m.Text, m.Code)
				}
			}
		})
	}
	t.Run("portico.toml", func(t *testing.T) {
		s := newSite(t)
		text := s.read("portico.toml")
		if n := len(example.FindAllString(text, -1)); n < 20 {
			t.Errorf("%d examples in comments", n)
		}
		s.write("portico.toml", example.ReplaceAllString(text, "$1"))
		for _, m := range s.load().Messages {
			if m.Code != "missing-file" && m.Code != "unknown-theme" {
				t.Errorf("%s:%d: %s: %s [%s]", m.File, m.Start.Line, m.Severity, m.Text, m.Code)
			}
		}
	})
}

// Whatever is wrong, nothing is written.
func TestNothingIsHalfWritten(t *testing.T) {
	good := scaffold.Deal{ID: "northwind", Template: "smb", Buyer: "Northwind", GoLive: deal.DayOf(2027, 3, 1)}
	tests := []struct {
		name   string
		change func(*scaffold.Deal)
		want   string
	}{
		{"no id", func(d *scaffold.Deal) { d.ID = "" }, `"" is no name`},
		{"capitals", func(d *scaffold.Deal) { d.ID = "Northwind" }, `try "northwind"`},
		{"accents", func(d *scaffold.Deal) { d.ID = "Société Générale" }, `try "societe-generale"`},
		{"a path", func(d *scaffold.Deal) { d.ID = "../../northwind" }, `"../../northwind" is no name`},
		{"the library", func(d *scaffold.Deal) { d.ID = "_library" }, `try "library"`},
		{"hidden", func(d *scaffold.Deal) { d.ID = ".git" }, `".git" is no name`},
		{"too long", func(d *scaffold.Deal) { d.ID = strings.Repeat("a", 65) }, "is no name"},
		{"two lines", func(d *scaffold.Deal) { d.ID = "a\nb" }, `try "a-b"`},
		{"taken", func(d *scaffold.Deal) { d.ID = "taken" }, "is there already"},
		{"taken by a file", func(d *scaffold.Deal) { d.ID = "file" }, "is there already"},
		{"taken by a broken link", func(d *scaffold.Deal) { d.ID = "link" }, "is there already"},
		{"no template", func(d *scaffold.Deal) { d.Template = "" }, `there is no template ""`},
		{"a path as template", func(d *scaffold.Deal) { d.Template = "../smb" }, `there is no template "../smb"`},
		{"the site's skeleton", func(d *scaffold.Deal) { d.Template = "_site" }, `there is no template "_site"`},
		{"a template with mistakes", func(d *scaffold.Deal) { d.Template = "wrong" }, "makes a deal with mistakes"},
		{"a template that is no deal", func(d *scaffold.Deal) { d.Template = "nothing" }, "makes a deal with mistakes"},
		{"a template that leads elsewhere", func(d *scaffold.Deal) { d.Template = "escape" }, "escapes"},
		{"no buyer", func(d *scaffold.Deal) { d.Buyer = " \n" }, "the buyer has no name"},
		{"no such owner", func(d *scaffold.Deal) { d.Owner = "ana" }, `there is no member of the team "ana"`},
	}
	s := newSite(t)
	s.write("content/taken/deal.toml", "mine")
	s.write("content/file", "mine")
	s.write("content/_templates/wrong/deal.toml", "[deal]\nonwer = 1\n")
	s.write("content/_templates/nothing/readme.md", "# Nothing\n")
	s.write("content/_templates/escape/deal.toml", "")
	for link, to := range map[string]string{"link": "nowhere", "_templates/escape/index.md": "../../../portico.toml"} {
		if err := os.Symlink(to, filepath.Join(s.dir, "content", filepath.FromSlash(link))); err != nil {
			t.Fatal(err)
		}
	}
	before := s.folders()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := good
			test.change(&d)
			_, err := s.new(d)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, without %q", err, test.want)
			}
			if diff := cmp.Diff(before, s.folders()); diff != "" {
				t.Errorf("content/ before and after: %s", diff)
			}
		})
	}
	if s.read("content/taken/deal.toml") != "mine" || s.read("content/file") != "mine" {
		t.Error("what was there is not as it was")
	}
	s.must(good)
}

// The site's own template stands over the built-in one of its name.
func TestOwnTemplates(t *testing.T) {
	s := newSite(t)
	smb, err := fs.ReadFile(content.Templates(), "smb/deal.toml")
	if err != nil {
		t.Fatal(err)
	}
	s.write("content/_templates/smb/deal.toml", "# Ours\n"+string(smb))
	s.write("content/_templates/quick/deal.toml", "# Quick\n"+string(smb))
	s.write("content/_templates/quick/collateral/deck.pdf", "%PDF {{buyer}}")
	s.write("content/_templates/.hidden/deal.toml", "")
	if diff := cmp.Diff([]string{"enterprise", "mid-market", "quick", "renewal", "smb"}, scaffold.Templates(s.dir, content.Templates())); diff != "" {
		t.Error(diff)
	}
	s.must(scaffold.Deal{ID: "a", Template: "smb", Buyer: "A", GoLive: deal.DayOf(2027, 3, 1)})
	s.must(scaffold.Deal{ID: "b", Template: "quick", Buyer: "B", GoLive: deal.DayOf(2027, 3, 1)})
	if text := s.read("content/a/deal.toml"); !strings.HasPrefix(text, "# Ours\n") {
		t.Errorf("the deal is made of %.20q", text)
	}
	if text := s.read("content/b/collateral/deck.pdf"); text != "%PDF {{buyer}}" {
		t.Errorf("a file that is no text became %q", text)
	}
}

// Who owns a deal if nobody is named: an account executive, or else anybody
// who is still there.
func TestOwner(t *testing.T) {
	tests := []struct{ name, team, owner, want string }{
		{"the first account executive", "[person.a]\nname = \"A\"\ntitle = \"T\"\nrole = \"legal\"\n[person.b]\nname = \"B\"\ntitle = \"T\"\nrole = \"account_executive\"\n", "", "b"},
		{"not a former one", "[person.a]\nname = \"A\"\ntitle = \"T\"\nrole = \"account_executive\"\nformer = true\n[person.b]\nname = \"B\"\ntitle = \"T\"\n", "", "b"},
		{"whoever is named", "[person.a]\nname = \"A\"\ntitle = \"T\"\nrole = \"account_executive\"\n[person.b]\nname = \"B\"\ntitle = \"T\"\n", "b", "b"},
		{"nobody", "", "", ""},
		{"only a former one", "[person.a]\nname = \"A\"\ntitle = \"T\"\nformer = true\n", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newSite(t)
			s.write("portico.toml", "[site]\nbase_url = \"https://x.example\"\n[seller]\nname = \"Lumen\"\ncolor = \"#2f5d8a\"\n"+test.team)
			_, err := s.new(scaffold.Deal{ID: "deal", Template: "smb", Buyer: "B", GoLive: deal.DayOf(2027, 3, 1), Owner: test.owner})
			if test.want == "" {
				problem := (*scaffold.Problem)(nil)
				if !errors.As(err, &problem) {
					t.Errorf("%v is no problem", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(s.read("content/deal/deal.toml"), fmt.Sprintf("\nowner = %q\n", test.want)) {
				t.Errorf("%s does not own it", test.want)
			}
		})
	}
}
