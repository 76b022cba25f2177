package build

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"golang.org/x/net/html"

	"portico/internal/deal"
	"portico/internal/render"
)

// audienceSite is a deal of which much is for some viewers alone.
func audienceSite(t *testing.T) *testSite {
	t.Helper()
	a, err := txtar.ParseFile("testdata/audience/deal.txtar")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range a.Files {
		files[f.Name] = string(f.Data)
	}
	s := newSite(t, files)
	s.opts.Clear = true
	return s
}

// parted are the pages of a deal, in the clear and by who may see what.
func parted(t *testing.T, o *Output, id string) (whole, parts []render.Output, audiences *deal.Audiences) {
	t.Helper()
	d := o.dated(id)
	if d.err != nil || d.messages.Failed() {
		t.Fatal(d.err, said(d.messages))
	}
	l := d.loaded
	look, messages, err := o.look(l.Theme)
	if err != nil || messages.Failed() {
		t.Fatal(err, said(messages))
	}
	in := render.Input{
		Deal: l.Deal.Deal, Site: l.site, AsOf: o.asOf(d), Updated: d.change.Time, By: d.change.Author,
		Read: l.read, Size: l.size, Image: l.image,
	}
	r, err := o.project.renderer(look)
	if err != nil {
		t.Fatal(err)
	}
	if whole, err = r.Deal(in); err != nil {
		t.Fatal(err)
	}
	in.Audiences = deal.NewAudiences(l.Deal.Deal, l.site, l.Access.Viewers)
	if parts, err = r.Deal(in); err != nil {
		t.Fatal(err)
	}
	return whole, parts, in.Audiences
}

// embedded are the numbers of texts that are shown in place: those that not all
// see have their own.
var embedded = regexp.MustCompile(`"#?[tu]\d+\.`)

func document(t *testing.T, page []byte) *html.Node {
	t.Helper()
	n, err := html.Parse(bytes.NewReader(embedded.ReplaceAll(page, []byte(`"t.`))))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// opened is a page with what a viewer may see in its place, and no other place;
// for no viewer in particular, with everything in its place.
func opened(t *testing.T, parts []render.Output, path, viewer string) *html.Node {
	t.Helper()
	of := slices.DeleteFunc(slices.Clone(parts), func(o render.Output) bool {
		return o.Path != path || o.Audience != nil && viewer != "" && !slices.Contains(o.Audience, viewer)
	})
	slices.SortFunc(of, func(a, b render.Output) int { return strings.Compare(a.At, b.At) })
	page := document(t, of[0].Data)
	var left []*html.Node
	for _, o := range of[1:] {
		place := byID(page, o.At)
		if place == nil {
			t.Fatalf("%s has no place %s", path, o.At)
		}
		nodes, err := html.ParseFragment(strings.NewReader(embedded.ReplaceAllString(string(o.Data), `"t.`)), place.Parent)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range nodes {
			place.Parent.InsertBefore(n, place)
		}
		place.Parent.RemoveChild(place)
	}
	for n := range page.Descendants() {
		if n.Data == "template" && viewer != "" {
			left = append(left, n)
		}
	}
	for _, n := range left {
		n.Parent.RemoveChild(n)
	}
	return page
}

func byID(n *html.Node, id string) *html.Node {
	for d := range n.Descendants() {
		if slices.ContainsFunc(d.Attr, func(a html.Attribute) bool { return a.Key == "id" && a.Val == id }) {
			return d
		}
	}
	return nil
}

func source(t *testing.T, n *html.Node) []string {
	t.Helper()
	var b strings.Builder
	if err := html.Render(&b, n); err != nil {
		t.Fatal(err)
	}
	// What the sheet has room for is not reckoned where anything is restricted.
	text := regexp.MustCompile(` data-paper="[a-z]*"`).ReplaceAllString(b.String(), "")
	return strings.Split(strings.ReplaceAll(text, "><", ">\n<"), "\n")
}

// A deal with every part in its place is what it is in the clear, element by
// element, so that it looks and works alike.
func TestPartsMakeTheWhole(t *testing.T) {
	site := newSite(t, nil)
	site.opts.Source, site.opts.Clear = "../..", true
	demo := site.output()
	for id, o := range map[string]*Output{"fern": audienceSite(t).output(), "meridian-bank": demo, "kestrel-motion": demo, "alder-insurance": demo} {
		t.Run(id, func(t *testing.T) {
			whole, parts, audiences := parted(t, o, id)
			if id != "alder-insurance" && len(parts) < len(whole)+4 {
				t.Fatalf("%d files have %d parts: this looks at nothing", len(whole), len(parts))
			}
			for _, w := range whole {
				if !strings.HasSuffix(w.Path, ".html") || w.Path == "collateral/titled.html" { // whose title is then its name
					continue
				}
				if diff := cmp.Diff(source(t, document(t, w.Data)), source(t, opened(t, parts, w.Path, ""))); diff != "" {
					t.Errorf("%s (-clear +parts in place):\n%s", w.Path, diff)
				}
			}
			if id == "alder-insurance" && (audiences.Restrict() || !cmp.Equal(whole, parts)) {
				t.Error("a deal that restricts nothing has other pages when sealed")
			}
		})
	}
}

// What is for some viewers alone is in nothing that anybody else is given, and
// neither is a title, a link, a name of a file or a number that comes of it.
func TestAudienceCanaries(t *testing.T) {
	o := audienceSite(t).output()
	_, parts, audiences := parted(t, o, "fern")
	may := map[string]deal.Audience{"geheimx": {"ana", "leo"}, "geheimy": {"leo", "tom"}, "geheimz": {"leo"}, "987001": {"ana", "leo"}, "987,001": {"ana", "leo"}, "987,002": {"ana", "leo"}}
	seen := map[string]int{}
	for _, p := range parts {
		for canary, who := range may {
			if !holds(strings.ToLower(string(p.Data)), canary) {
				continue
			}
			seen[canary]++
			if p.Audience == nil || !who.Has(p.Audience) {
				t.Errorf("%s at %q, for %q, holds %s", p.Path, p.At, p.Audience, canary)
			}
		}
		if strings.Contains(string(p.Data), "\x00") || strings.Contains(string(p.Data), "\uFFFD") {
			t.Errorf("%s at %q holds a mark", p.Path, p.At)
		}
		if strings.Contains(p.At, "geheim") {
			t.Errorf("the place %s tells what it is for", p.At)
		}
	}
	for canary, least := range map[string]int{"geheimx": 20, "geheimy": 15, "geheimz": 4, "987,001": 1} {
		if seen[canary] < least {
			t.Errorf("%d parts hold %s, not %d: this looks at too little", seen[canary], canary, least)
		}
	}
	for _, n := range o.read("fern").loaded.Named {
		for canary, who := range may {
			if got := audiences.File(n.File); strings.Contains(n.File.Path, canary) && !slices.Equal(got, who) {
				t.Errorf("%s is for %q, not %q", n.File, got, who)
			}
		}
		if got := audiences.File(n.File); !strings.Contains(n.File.Path, "geheim") && got != nil {
			t.Errorf("%s is for %q alone", n.File, got)
		}
	}
}

// Nothing is left where something was taken out: no empty paragraph, item,
// section or heading, and no milestone that unfolds to nothing.
func TestNoGaps(t *testing.T) {
	_, parts, _ := parted(t, audienceSite(t).output(), "fern")
	for viewer, want := range map[string][]string{
		"ivy": {"documents/Security 1", "review folds", "sign unfolds", "prepare folds"},
		"ana": {"documents/Security 3", "review unfolds", "sign unfolds", "prepare unfolds"},
		"tom": {"documents/Security 2", "review unfolds", "sign unfolds", "prepare unfolds"},
		"leo": {"documents/Security 4", "review unfolds", "sign unfolds", "prepare unfolds"},
	} {
		page := opened(t, parts, "index.html", viewer)
		var got []string
		for n := range page.Descendants() {
			switch {
			case n.Type != html.ElementNode:
			case slices.Contains([]string{"p", "li", "ul", "ol", "blockquote", "section", "nav"}, n.Data):
				if words(n) == "" && attr(n, "class") == "" && attr(n.Parent, "aria-labelledby") != "h-since" {
					t.Errorf("%s is shown an empty %s", viewer, n.Data)
				}
			}
			if attr(n, "class") == "group" && attr(n, "aria-label") == "Security" {
				cards := 0
				for li := range n.Descendants() {
					if strings.HasPrefix(attr(li, "class"), "card") {
						cards++
					}
				}
				got = append(got, "documents/Security "+string(rune('0'+cards)))
			}
		}
		for _, id := range []string{"review", "sign", "prepare"} {
			folds := " folds"
			for n := range byID(page, "m-"+id).Descendants() {
				if n.Data == "details" {
					folds = " unfolds"
				}
			}
			got = append(got, id+folds)
		}
		slices.Sort(want[1:])
		slices.Sort(got[1:])
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", viewer, diff)
		}
		if there := byID(page, "pricing") != nil; there != slices.Contains([]string{"ana", "leo"}, viewer) {
			t.Errorf("%s sees prices: %v", viewer, there)
		}
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// words of an element, and of what has none a sign that it is there.
func words(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		switch {
		case d.Type == html.TextNode:
			b.WriteString(d.Data)
		case d.Data == "img" || d.Data == "svg" || d.Data == "video":
			b.WriteString("*")
		}
	}
	return strings.TrimSpace(b.String())
}

// A layout that shows something of what is restricted outside of the bounds
// makes no page.
func TestLayoutThatTellsTooMuch(t *testing.T) {
	for name, layout := range map[string]string{
		"a count":         `{{len .Pages}} pages`,
		"a title":         `{{range .Documents}}{{range .Items}}{{.Title}}{{end}}{{end}}`,
		"a heading":       `{{if .Pricing}}Prices{{end}}`,
		"no end":          `{{with .Pricing}}{{.Only.Begin}}{{end}}`,
		"no beginning":    `{{with .Pricing}}{{.Only.End}}{{end}}`,
		"an attribute":    `<i title="{{.Intro}}"></i>`,
		"bounds too late": `{{with .Pricing}}<b>{{.Only.Begin}}x{{.Only.End}}</b>{{end}}`,
	} {
		t.Run(name, func(t *testing.T) {
			s := audienceSite(t)
			s.write("layouts/sections/notes.html", layout)
			o := s.output()
			l := o.dated("fern").loaded
			look, _, err := o.look(l.Theme)
			if err != nil {
				t.Fatal(err)
			}
			in := render.Input{Deal: l.Deal.Deal, Site: l.site, AsOf: s.opts.AsOf, Read: l.read, Size: l.size, Image: l.image}
			r, err := o.project.renderer(look)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := r.Deal(in); err != nil {
				t.Fatalf("in the clear: %v", err)
			}
			in.Audiences = deal.NewAudiences(l.Deal.Deal, l.site, l.Access.Viewers)
			_, err = r.Deal(in)
			if err == nil || !strings.Contains(err.Error(), "index.html of fern") || strings.Contains(err.Error(), "geheim") {
				t.Errorf("the error is %v", err)
			}
		})
	}
}
