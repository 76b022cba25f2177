package build

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"portico/internal/message"
)

// arabic is a locale that is not built in: its language is written from right
// to left, and has six plural forms.
const arabic = "../message/testdata"

// everythingIn is the golden site with everything, in another locale.
func everythingIn(t *testing.T, locale string) *testSite {
	t.Helper()
	a, err := txtar.ParseFile("testdata/everything.txtar")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range a.Files {
		if f.Name == "want" {
			break
		}
		files[f.Name] = string(f.Data)
	}
	toml := strings.Replace(files["portico.toml"], `locale = "en-GB"`, fmt.Sprintf("locale = %q", locale), 1)
	if toml == files["portico.toml"] {
		t.Fatal("the site has no locale")
	}
	files["portico.toml"] = toml
	s := newSite(t, files)
	s.opts.Words = os.DirFS(arabic)
	return s
}

// TestLanguages builds one site in each language: the pages are in it, with no
// words of another, and there is nothing to say of that.
func TestLanguages(t *testing.T) {
	tests := []struct{ locale, dir, day, money string }{
		{"de-DE", "ltr", "1. März 2027", "45.619,00\u00a0£"},
		{"fr-FR", "ltr", "1er mars 2027", "45\u202f619,00\u00a0£"},
		{"es-ES", "ltr", "1 mar 2027", "45.619,00\u00a0£"},
		{"ar-EG", "rtl", "1 مارس 2027", "45,619.00\u00a0£"},
	}
	keys := []string{"skip", "nav.sections", "section.plan", "section.people", "section.risks", "next.step", "milestone.steps", "milestone.benefit",
		"price.quantity", "footer.questions", "footer.imprint", "document.download", "filter.all", "unfold.all", "since.remember", "state.not_started"}
	words := &message.Catalog{More: os.DirFS(arabic)}
	english := words.Locale("en")
	for _, tt := range tests {
		t.Run(tt.locale, func(t *testing.T) {
			s := everythingIn(t, tt.locale)
			r := s.build()
			for _, m := range r.Messages {
				if strings.HasSuffix(m.Code, "-words") {
					t.Errorf("%s", said(r.Messages))
				}
			}
			page, l := s.read("public/meridian/index.html"), words.Locale(tt.locale)
			if tag := fmt.Sprintf("<html lang=%s dir=%s", tt.locale, tt.dir); !strings.Contains(strings.ReplaceAll(page, `"`, ""), tag) {
				t.Errorf("the page does not begin with %s", tag)
			}
			for _, key := range keys {
				if !strings.Contains(page, l.Say(key)) {
					t.Errorf("the page does not say %q", l.Say(key))
				}
				if en := english.Say(key); en != l.Say(key) && strings.Contains(page, ">"+en+"<") {
					t.Errorf("the page says %q", en)
				}
			}
			for _, text := range []string{tt.day, tt.money} {
				if !strings.Contains(page, text) {
					t.Errorf("the page does not hold %q", text)
				}
			}
		})
	}
}

// What the words of a language lack is said once, however many deals use it.
func TestMissingWordsAreSaidOnce(t *testing.T) {
	s := newSite(t, map[string]string{"words/da.json": `{"words": {"skip": "Gå til indholdet", "skpi": "Gå"}}`})
	for _, id := range []string{"ash", "beech", "cedar"} {
		s.write("content/"+id+"/deal.toml", strings.Replace(planOf("Buyer "+id, ""), "[deal]\n", "[deal]\nlocale = \"da\"\nstatus = \"draft\"\n", 1))
	}
	s.opts.Words = os.DirFS(s.path("words"))
	list, err := s.load().Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range list {
		if strings.HasSuffix(m.Code, "-words") {
			got = append(got, fmt.Sprintf("%s:%d %s", m.File, m.Start.Line, m.Code))
		}
	}
	if want := "content/ash/deal.toml:2 missing-words, content/ash/deal.toml:2 unknown-words"; strings.Join(got, ", ") != want {
		t.Errorf("it says %v", got)
	}
}
