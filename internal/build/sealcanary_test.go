package build

import (
	"compress/flate"
	"encoding/base64"
	"encoding/hex"
	"io"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	"portico/internal/seal"
)

// forms in which a text could lie in a file unseen.
func forms(text string) []string {
	list := []string{text, hex.EncodeToString([]byte(text))}
	// Base64 of a text differs with what stands before it; the symbols at its ends
	// are made of others as well.
	for before, own := range []int{0, 2, 3} {
		symbols := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", before) + text))
		end := len(symbols)
		if (before+len(text))%3 != 0 {
			end -= 4
		}
		list = append(list, symbols[own:end])
	}
	return list
}

// inflated is what a file gives where it holds compressed text: at its start, or
// behind the heads that sealed files have.
func inflated(data string) string {
	var all strings.Builder
	for _, skip := range []int{0, 4, 16, 24, 56, 60, 72} {
		if skip < len(data) {
			_, _ = io.Copy(&all, io.LimitReader(flate.NewReader(strings.NewReader(data[skip:])), 1<<20)) // most is nothing
		}
	}
	return all.String()
}

// canaryStart is how much of a canary it is looked up by.
const canaryStart = 8

// hidden wants none of the canaries anywhere in files.
func hidden(t *testing.T, files map[string]string, canaries []string) {
	t.Helper()
	byStart := map[string][]string{}
	for _, c := range canaries {
		for _, form := range forms(c) {
			if len(form) < canaryStart {
				t.Fatalf("%q is too short to look for", form)
			}
			byStart[form[:canaryStart]] = append(byStart[form[:canaryStart]], form)
		}
	}
	for name, data := range files {
		for _, text := range []string{name, data, inflated(data)} {
			for i := 0; i+canaryStart <= len(text); i++ {
				for _, form := range byStart[text[i:i+canaryStart]] {
					if strings.HasPrefix(text[i:], form) {
						t.Errorf("%s holds %q", name, form)
					}
				}
			}
		}
	}
}

// Every text, name and file of a hundred deals carries a mark, and none of them
// is in what a build writes. Who opens a deal finds its own and no other's, and
// nothing that is internal or for another audience.
func TestSealedCanaries(t *testing.T) {
	const n = 100
	s := canaries(t, n)
	s.opts.Clear = false
	s.build()
	all := []string{}
	for i := range n {
		shown, secret := mark(i)
		all = append(all, shown, secret, strings.ToUpper(shown), strings.ToUpper(secret))
	}
	public := s.public().content()
	if len(public) < 10*n {
		t.Fatalf("there are only %d files", len(public))
	}
	hidden(t, public, all)
	for _, i := range []int{0, 7, n - 1} {
		shown, secret := mark(i)
		id := shown + "-bank"
		ana := shown + "-ana"
		files := s.mustUnlock(id, code(t, id, ana, 5), secrets(t, id).Phrase(ana, 5))
		own := 0
		for name, data := range files {
			text := strings.ToLower(name + " " + data)
			own += strings.Count(text, shown)
			if strings.Contains(text, secret) {
				t.Errorf("%s of %s holds what is internal", name, id)
			}
			for j := range n {
				if other, _ := mark(j); j != i && strings.Contains(text, other) {
					t.Errorf("%s of %s holds %s", name, id, other)
				}
			}
		}
		if own < 100 {
			t.Errorf("%s shows its own mark %d times: this looks at nothing", id, own)
		}
	}
}

// What is for an audience is in nobody else's files, whatever of the deal they
// open; who is in it has it besides what all have.
func TestSealedAudience(t *testing.T) {
	s := sealedDeals(t)
	s.edit("content/ash/deal.toml", `viewers = ["ana"]`, `viewers = ["ana", "ben"]

[person.ben]
name = "Ben Ode"
title = "CFO"
role = "economic_buyer"

[pricing]
audience = ["economic_buyer"]
note = "Kanarienpreis"

[[pricing.line]]
item = "Kanarienposten"
unit_price = 987654

[collateral.terms]
file = "collateral/kanarienvertrag.pdf"
title = "Kanarienvertrag"
audience = ["ben"]
`)
	s.write("content/ash/collateral/kanarienvertrag.pdf", "%PDF Kanariendatei")
	s.write("content/ash/pages/board.md", "+++\naudience = [\"ben\"]\n+++\n# Kanarienseite\n")
	s.build()
	hidden(t, s.public().content(), []string{"Kanarien", "kanarien"})
	count := func(typed string) int {
		n := 0
		for name, data := range s.mustUnlock("ash", typed) {
			n += strings.Count(strings.ToLower(name+data), "kanarien")
		}
		return n
	}
	for _, typed := range []string{code(t, "ash", "ana", 1), secrets(t, "ash").Phrase(seal.Everyone, 1)} {
		if n := count(typed); n > 0 {
			t.Errorf("who is in no audience sees %d canaries", n)
		}
	}
	if n := count(code(t, "ash", "ben", 1)); n < 8 {
		t.Errorf("who is in the audience sees %d canaries", n)
	}
	// Without the only one who may see it, it is published for nobody.
	s.edit("content/ash/deal.toml", `viewers = ["ana", "ben"]`, "viewers = [\"ana\", \"ben\"]\n[access.viewer.ben]\nexpires = 2026-11-20\n")
	s.build()
	if n := count(code(t, "ash", "ana", 1)); n > 0 {
		t.Errorf("after ben's time ana sees %d canaries", n)
	}
}

// texts of a deal's sources that nobody else has: whole lines and strings, and
// the names of its files.
func tellingTexts(t *testing.T, dir string) []string {
	t.Helper()
	quotes := regexp.MustCompile(`"([^"\n]{14,})"`)
	var all []string
	for name, n := range treeOf(t, dir) {
		if n.info.IsDir() {
			continue
		}
		if base := path.Base(name); len(base) > 11 { // deal.toml and index.md are everywhere
			all = append(all, base)
		}
		switch path.Ext(name) {
		case ".toml":
			for _, m := range quotes.FindAllStringSubmatch(n.data, -1) {
				all = append(all, m[1])
			}
		case ".md", ".csv", ".svg", ".vtt":
			for line := range strings.Lines(n.data) {
				if line = strings.TrimSpace(line); len(line) > 24 {
					all = append(all, line[:24])
				}
			}
		default:
			if middle := n.data[len(n.data)/2:]; strings.Trim(middle[:24], "\x00 \n0") != "" {
				all = append(all, middle[:24])
			}
		}
	}
	return all
}

// The same for the demonstration deals, whose texts are marks enough.
func TestDemonstrationStaysHidden(t *testing.T) {
	s := newSite(t, nil)
	for _, dir := range []string{"content", "assets"} {
		if err := os.CopyFS(s.path(dir), os.DirFS("../../"+dir)); err != nil {
			t.Fatal(err)
		}
	}
	s.remove("content/_templates")
	settings, err := os.ReadFile("../../portico.toml")
	if err != nil {
		t.Fatal(err)
	}
	s.write("portico.toml", string(settings))
	r := s.build()
	if len(r.Built) != 3 || len(r.Public) > 0 {
		t.Fatalf("built %q, public %q", r.Built, r.Public)
	}
	known := string(settings)
	for name, data := range s.public().content() {
		if path.Dir(name) == "_" {
			known += data // the style has words of its own
		}
	}
	var all []string
	for _, id := range r.Built {
		all = append(all, id)
		for _, text := range tellingTexts(t, s.path("content/"+id)) {
			if !strings.Contains(known, text) {
				all = append(all, text)
			}
		}
	}
	if len(all) < 300 {
		t.Fatalf("only %d texts are looked for", len(all))
	}
	hidden(t, s.public().content(), all)
}

func TestBetrayal(t *testing.T) {
	const name = "Northwind & Sons"
	sealed := func(t *testing.T) *testSite {
		s := threeDeals(t)
		s.write("content/ash/deal.toml", strings.Replace(planOf(name, ""), "public = true", "viewers = [\"ana\"]", 1))
		return s
	}
	document := func(s *testSite, name, data, more string) {
		s.write("content/beech/collateral/"+name, data)
		s.write("content/beech/deal.toml", planOf("Buyer beech", "[collateral.list]\nfile = \"collateral/"+name+"\"\n"+more+"\n"))
	}
	css := ".plan{--note:\"for Northwind & Sons\"}\n"
	tests := map[string]struct {
		plant func(s *testSite)
		want  string
	}{
		"nothing":               {func(*testSite) {}, ""},
		"a style of the site's": {func(s *testSite) { s.write("assets/style.css", css) }, "_/style-"},
		"what portico.toml says": {func(s *testSite) {
			s.edit("portico.toml", "name = \"Lumen\"", "name = \"Lumen\"\nconfidentiality = \"As for Northwind & Sons\"")
		}, ""},
		"what a public deal says": {func(s *testSite) { s.write("content/beech/index.md", "As with Northwind & Sons.\n") }, ""},
		"a layout": {func(s *testSite) {
			s.write("layouts/plain.html", "<!doctype html><html lang=\"en\">{{template \"parts/head.html\" .}}<body>Northwind &amp; Sons</body></html>")
		}, "404.html"},
		"a layout of all public deals": {func(s *testSite) { s.write("layouts/sections/notes.html", "<p>Northwind &amp; Sons</p>") }, "beech/index.html"},
		"another buyer's table":        {func(s *testSite) { document(s, "list.csv", "Name,Price\nNorthwind & Sons,5\n", "") }, "beech/collateral/list.csv"},
		"another buyer's text":         {func(s *testSite) { document(s, "list.md", "# List\n\nFor Northwind & Sons.\n", "") }, "beech/collateral/list.html"},
		"another buyer's drawing": {func(s *testSite) {
			document(s, "list.svg", `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>Northwind &amp; Sons</text></svg>`, "")
		}, "beech/collateral/list.svg"},
		"another buyer's data": {func(s *testSite) { document(s, "list.json", `{"buyer": "Northwind & Sons"}`, "") }, "beech/collateral/list.json"},
		"a reference, and meant": {func(s *testSite) {
			document(s, "list.txt", "Northwind & Sons", "title = \"Northwind & Sons, a reference\"")
		}, ""},
		"of the library": {func(s *testSite) {
			s.write("content/_library/list.txt", "Northwind & Sons")
			document(s, "deck.txt", "Deck", "")
			s.edit("content/beech/deal.toml", "collateral/deck.txt", "library:list.txt")
		}, "beech/library/list.txt"},
		"within another word": {func(s *testSite) { s.write("layouts/sections/notes.html", "<p>Northwind &amp; Sonships</p>") }, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := sealed(t)
			test.plant(s)
			_, err := s.try("")
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "only the sealed deal ash knows")):
				t.Errorf("the error is %v", err)
			case test.want != "" && len(s.public()) > 0:
				t.Error("something was written")
			}
		})
	}
}
