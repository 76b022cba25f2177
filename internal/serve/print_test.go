package serve_test

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"portico/internal/browser"
	"portico/internal/need"
)

// papers in inches.
var papers = []struct {
	name          string
	width, height float64
}{{"A4", 8.27, 11.69}, {"Letter", 8.5, 11}}

// point is 1/72 of an inch, as a PDF counts; pixels of CSS are 1/96.
const point = 72

// margin of a sheet, in points, but for a hair.
const margin = 27

// ruler puts two marks on a page, 300 pixels apart: a browser shrinks a sheet
// that something sticks out of, and no style of the page tells by how much.
const ruler = `["<<<", ">>>"].forEach((text, i) => {
	const mark = document.createElement("i");
	mark.textContent = text;
	mark.style.cssText = "position: absolute; font: 9px/1 sans-serif; color: #fff; top: 0; left: " + 300 * i + "px";
	document.body.append(mark);
}), true`

// A word of a sheet, where it stands in points from its left and upper edge.
type word struct {
	text             string
	left, right, low float64
}

// printed is what stands on sheets of paper, read from the PDF itself.
type printed struct {
	file   string
	sheets int
	words  []word          // of the first sheet
	text   string          // of all, without blanks
	turned map[string]bool // the letters of each word, in no order
}

var inPDF = regexp.MustCompile(`<(page) |<word xMin="([\d.-]+)" yMin="[\d.-]+" xMax="([\d.-]+)" yMax="([\d.-]+)">([^<]*)</word>`)

// read a PDF by poppler's programs.
func read(t *testing.T, pdf []byte) printed {
	t.Helper()
	file := filepath.Join(t.TempDir(), "printed.pdf")
	if err := os.WriteFile(file, pdf, 0o644); err != nil {
		t.Fatal(err)
	}
	text := string(poppler(t, "pdftotext", "-raw", file, "-")) // a cell of a table at once
	p := printed{file: file, text: plain.Replace(strings.Join(strings.Fields(text), "")), turned: map[string]bool{}}
	for _, w := range strings.FieldsFunc(text, notLetter) {
		p.turned[letters(w)] = true
	}
	for _, m := range inPDF.FindAllStringSubmatch(string(poppler(t, "pdftotext", "-bbox", file, "-")), -1) {
		if m[1] != "" {
			p.sheets++
			continue
		}
		w := word{text: entities.Replace(m[5])}
		for i, at := range []*float64{&w.left, &w.right, &w.low} {
			v, err := strconv.ParseFloat(m[2+i], 64)
			if err != nil {
				t.Fatal(err)
			}
			*at = v
		}
		if p.sheets == 1 {
			p.words = append(p.words, w)
		}
	}
	return p
}

// poppler runs one of its programs.
func poppler(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	out, err := exec.Command(need.Program(t, name), args...).Output()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return out
}

// plain leaves out what depends on where lines are broken.
var plain = strings.NewReplacer("-", "", "\u00ad", "", "\u00a0", "")

var entities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&amp;", "&")

// notLetter is so of whatever divides words.
func notLetter(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }

// letters of a word, in an order of their own.
func letters(word string) string {
	list := []rune(word)
	slices.Sort(list)
	return string(list)
}

// has says whether a text stands on the paper. What is written from right to
// left a PDF holds as it is drawn: words the other way round, and ligatures.
func (p printed) has(text string) bool {
	if words := strings.FieldsFunc(text, notLetter); strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Arabic, r) }) {
		return !slices.ContainsFunc(words, func(w string) bool { return !p.turned[letters(w)] })
	}
	return strings.Contains(p.text, plain.Replace(strings.Join(strings.Fields(text), "")))
}

// scale is by how much the sheet was shrunk: 1 if not at all.
func (p printed) scale() float64 {
	var at [2]float64
	for _, w := range p.words {
		switch w.text {
		case "<<<":
			at[0] = w.left
		case ">>>":
			at[1] = w.left
		}
	}
	return (at[1] - at[0]) / (300 * point / 96)
}

// low is how far down the first sheet words reach, as a part of its height.
func (p printed) low(height float64) float64 {
	low := 0.0
	for _, w := range p.words {
		low = max(low, w.low)
	}
	return low / (height * point)
}

// contents is what a page holds that should, or should not, be on paper.
type contents struct {
	Open, Folded, Shown []string // titles of open milestones, of those in folded stages, of all others
	Details             []string // benefits, definitions of done and risks that have room
	Closed              int      // milestones whose detail has none
	Contact             []string
	Calendar            []string // months and today
}

const onThePage = `(() => {
	const titles = s => [...document.querySelectorAll(s)].map(e => e.querySelector(".title").textContent);
	const texts = s => [...document.querySelectorAll(s)].map(e => e.textContent);
	return {
		Open: titles('.milestone:not([data-state="done"], [data-state="cancelled"])'),
		Folded: titles('.stage[data-paper] .milestone'),
		Shown: titles('.stage:not([data-paper]) .milestone'),
		Details: texts('.milestone[data-paper] .main > div:not(:has(.plain)) > p:not(.label), .milestone[data-paper] .alert span'),
		Closed: document.querySelectorAll('.milestone:not([data-paper], [data-state="done"], [data-state="cancelled"]) > details, .stage[data-paper]').length,
		Contact: texts(".contact .paper"),
		Calendar: texts(".ticks span, .today:not([hidden]) span"),
	};
})()`

// A plan of up to 16 open milestones prints on one page, of either paper, as
// large as the style says; a larger one folds the stages that have not begun.
func TestPrint(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	details, folded := 0, 0
	p := b.Page(t, 1440, 900)
	p.Script(clock("2026-11-21")) // on another day more may be overdue
	for n, at := range everyDeal(t, "sixteen", "arabic") {
		p.Goto(at.url())
		browser.Eval[bool](p, ruler)
		has := browser.Eval[contents](p, onThePage)
		details, folded = details+len(has.Details), folded+len(has.Folded)
		if (at.id == "sixteen") != (len(has.Open) == 16) {
			t.Errorf("%s has %d open milestones", at.name(), len(has.Open))
		}
		n += slices.Index(builtin, at.theme) // what is on the one paper in one theme is on the other in the next
		var first printed
		for i, paper := range papers {
			if !need.Turn(n+i, 2) {
				continue
			}
			got := read(t, p.Print(paper.width, paper.height))
			if i == 0 {
				first = got
			}
			for _, wrong := range onPaper(got, has, paper.width, paper.height) {
				t.Errorf("%s on %s: %s", at.name(), paper.name, wrong)
			}
		}
		for _, wrong := range asStyled(p) {
			t.Errorf("%s: %s", at.name(), wrong)
		}
		if !need.Turn(n, 2) {
			continue
		}
		disturb(p)
		if !same(t, first, read(t, p.Print(papers[0].width, papers[0].height))) {
			t.Errorf("%s prints otherwise from a dark screen, filtered and unfolded", at.name())
		}
		if hidden := browser.Eval[int](p, `document.querySelectorAll(".milestone[hidden]").length`); hidden == 0 && len(has.Open) > 2 {
			t.Errorf("%s is no longer filtered after it was printed", at.name())
		}
		p.Scheme("light")
	}
	if details == 0 || folded == 0 {
		t.Errorf("%d texts of details and %d milestones in folded stages: that shows little", details, folded)
	}
}

// onPaper lists what is wrong with a printed plan.
func onPaper(got printed, has contents, width, height float64) []string {
	var wrong []string
	fail := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if most := 1 + len(has.Open)/17; got.sheets == 0 || got.sheets > most {
		fail("%d sheets for %d open milestones", got.sheets, len(has.Open))
	}
	if scale := got.scale(); math.Abs(scale-1) > .002 {
		fail("letters are %.1f %% of their size", scale*100)
	}
	for _, w := range got.words {
		if w.left < margin || w.right > width*point-margin {
			fail("%q stands in the margin", w.text)
		}
	}
	for _, text := range slices.Concat(has.Shown, has.Details, has.Contact, has.Calendar) {
		if !got.has(text) {
			fail("%q is missing", text)
		}
	}
	if len(has.Contact) != 2 || len(has.Calendar) == 0 {
		fail("the contact has %q, the calendar %q", has.Contact, has.Calendar)
	}
	for _, title := range has.Folded {
		if got.has(title) {
			fail("%q is of a stage that is folded", title)
		}
	}
	if len(has.Open) <= 16 {
		for _, title := range has.Open {
			if !got.has(title) {
				fail("%q is open and missing", title)
			}
		}
		if low := got.low(height); has.Closed > 0 && low < .78 { // of A4, when Letter has no more room
			fail("%.0f %% of it are empty, and %d parts are folded", (1-low)*100, has.Closed)
		}
	}
	return wrong
}

// asStyled lists what is wrong with the style that a page has for paper, on a
// dark screen.
func asStyled(p *browser.Page) []string {
	p.Media("print", "prefers-color-scheme", "dark")
	p.Resize(718, 1054) // A4 less the margins
	defer p.Media("", "prefers-color-scheme", "light")
	defer p.Resize(1440, 900)
	var wrong []string
	const small = `[...document.querySelectorAll("body *")].filter(e => e.checkVisibility() && !e.closest(".vh, [aria-hidden=true]") && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())).map(e => [e, parseFloat(getComputedStyle(e).fontSize) * .75]).filter(([, size]) => size < 6.75).map(([e, size]) => size.toFixed(2) + " pt " + e.localName + "." + e.className + " " + e.textContent.trim().slice(0, 30)).slice(0, 5)`
	if found := browser.Eval[[]string](p, small); len(found) > 0 {
		wrong = append(wrong, fmt.Sprintf("letters too small to read: %q", found))
	}
	if found := browser.Eval[[]string](p, cut); len(found) > 0 {
		wrong = append(wrong, fmt.Sprintf("paper cuts off %q", found))
	}
	if paper := browser.Eval[string](p, `getComputedStyle(document.body).backgroundColor + getComputedStyle(document.documentElement).colorScheme`); paper != "rgb(255, 255, 255)light" {
		wrong = append(wrong, "the paper is "+paper)
	}
	return wrong
}

// disturb does to a page what a reader may have done before printing: a dark
// screen, one side and one person chosen, everything folded or unfolded that
// was not.
func disturb(p *browser.Page) {
	p.Scheme("dark")
	browser.Eval[bool](p, `(() => {
		document.querySelectorAll("main details:not(.since)").forEach(e => e.open = !e.open);
		document.querySelector("#f-seller").click();
		const who = document.querySelector('[data-do="who"]');
		if (who) { // where there is a choice
			who.value = document.querySelector(".milestone").dataset.who.split(" ")[0];
			who.dispatchEvent(new Event("change"));
		}
		return true;
	})()`)
}

// same says whether two sheets have the same letters and look the same.
func same(t *testing.T, a, b printed) bool {
	t.Helper()
	picture := func(p printed) []byte { return poppler(t, "pdftoppm", "-r", "60", "-gray", p.file) }
	return a.text == b.text && bytes.Equal(picture(a), picture(b))
}

// Without JavaScript the sheet is the same.
func TestPrintWithoutJavaScript(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	with, without := b.Page(t, 1440, 900), b.Page(t, 1440, 900)
	with.Script(clock("2026-11-21"))
	without.NoScript()
	own, _ := others(t, "plan")
	for _, id := range []string{"halden", "large"} {
		with.Goto(own.URL + "/" + id + "/")
		without.Goto(own.URL + "/" + id + "/")
		if !same(t, read(t, with.Print(8.27, 11.69)), read(t, without.Print(8.27, 11.69))) {
			t.Errorf("%s prints otherwise without JavaScript", id)
		}
	}
}

// Further pages print in full: nothing is shrunk, what is folded is open, and
// no button or player is left.
func TestPrintPages(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	s, o := demonstration(t, november21)
	p := b.Page(t, 1440, 900)
	n := 0
	for _, name := range pagesOf(t, o) {
		if !strings.Contains(name, "/pages/") {
			continue
		}
		n++
		p.Goto(s.URL + "/" + name)
		browser.Eval[bool](p, ruler)
		got := read(t, p.Print(8.27, 11.69))
		if scale := got.scale(); math.Abs(scale-1) > .002 {
			t.Errorf("%s: letters are %.1f %% of their size", name, scale*100)
		}
		for _, text := range browser.Eval[[]string](p, `[...document.querySelectorAll("article :is(h1, h2, p, li, td)")].filter(e => !e.querySelector("*")).map(e => e.textContent)`) {
			if !got.has(text) {
				t.Errorf("%s: %q is missing", name, text)
			}
		}
		for _, text := range browser.Eval[[]string](p, `[...document.querySelectorAll("button:not(th *), .skip")].map(e => e.textContent).filter(text => text.trim())`) {
			if got.has(text) {
				t.Errorf("%s: %q is of no use on paper", name, text)
			}
		}
	}
	if n < 10 {
		t.Errorf("there are %d further pages", n)
	}
}
