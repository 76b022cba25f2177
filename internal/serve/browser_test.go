package serve_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"portico/internal/browser"
	"portico/internal/deal"
	"portico/internal/need"
)

// pagesOf lists every page of an output.
func pagesOf(t *testing.T, o fs.FS) []string {
	t.Helper()
	var pages []string
	err := fs.WalkDir(o, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(name, ".html") && strings.Contains(name, "/") {
			pages = append(pages, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(pages) < 3 {
		t.Fatalf("there are %d pages", len(pages))
	}
	return pages
}

// Every page keeps its content security policy, which stands in its own meta
// element and in a header, asks nothing of anybody else, and fits the screen.
func TestPagesInABrowser(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	s, o := demonstration(t, november21)
	pages := append(pagesOf(t, o), "", "nothing/here.html")
	p := b.Page(t, 1440, 900)
	for _, name := range pages {
		p.Goto(s.URL + "/" + name)
		for _, width := range []int{390, 834, 1440} {
			p.Resize(width, 900)
			if over := browser.Eval[int](p, "document.documentElement.scrollWidth - innerWidth"); over > 0 {
				t.Errorf("/%s is %d px wider than a screen of %d", name, over, width)
			}
		}
	}
	for _, c := range p.Complaints() {
		if !strings.Contains(c, "nothing/here.html") { // a 404 is one on purpose
			t.Error(c)
		}
	}
	if foreign := p.Foreign(s.URL); len(foreign) > 0 {
		t.Errorf("requests to others: %v", foreign)
	}
}

// clock makes a page believe that it is another day.
func clock(day string) string {
	return fmt.Sprintf(`{ const Real = Date, at = Real.parse(%q);
globalThis.Date = class extends Real { constructor(...a) { super(...(a.length ? a : [at])); } static now() { return at; } }; }`, day+"T12:00:00")
}

// What stands on a page that was built weeks ago is what a page built today
// says, without a script.
func TestTodayIsTrueLater(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	built, _ := demonstration(t, november21)
	old, now := b.Page(t, 1200, 900), b.Page(t, 1200, 900)
	for i, day := range []string{"2026-11-21", "2026-11-22", "2026-11-25", "2026-12-02", "2026-12-12", "2026-12-25", "2027-01-15", "2027-03-01", "2027-03-02", "2027-05-20"} {
		d, err := deal.ParseDate(day)
		if err != nil {
			t.Fatal(err)
		}
		fresh, _ := demonstration(t, d.Day)
		old.Script(clock(day))
		for j, id := range []string{"meridian-bank", "kestrel-motion", "alder-insurance"} {
			if !need.Turn(i+j, 3) {
				continue
			}
			old.Goto(built.URL + "/" + id + "/")
			html, err := json.Marshal(body(t, ask(fresh.Config.Handler, "GET", "/"+id+"/")))
			if err != nil {
				t.Fatal(err)
			}
			browser.Eval[bool](now, fmt.Sprintf(`globalThis.fresh = new DOMParser().parseFromString(%s, "text/html"), true`, html))
			for _, e := range []string{
				`[...%s.querySelectorAll("[data-days],[data-to]")].map(e => e.textContent).join("\n")`,
				`[...%s.querySelectorAll("[data-state]")].map(e => e.dataset.state).join("\n")`,
			} {
				got, want := browser.Eval[string](old, fmt.Sprintf(e, "document")), browser.Eval[string](now, fmt.Sprintf(e, "fresh"))
				if got != want || want == "" {
					t.Errorf("%s on %s:\n the old page says %q\nthe fresh one says %q", id, day, got, want)
				}
			}
		}
	}
}

func TestALinkOpensWhatItPointsTo(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	s, _ := demonstration(t, november21)
	p := b.Page(t, 1200, 900)
	p.Goto(s.URL + "/meridian-bank/#m-legal-review")
	if !browser.Eval[bool](p, `document.querySelector("#m-legal-review > details").open`) {
		t.Error("the milestone that the address names is folded")
	}
	if browser.Eval[bool](p, `document.querySelector("#m-checkpoint > details").open`) {
		t.Error("another milestone is unfolded")
	}
	// The page answers the new address a moment after the click.
	unfolded := `new Promise(done => {
		const milestone = document.querySelector("#m-pilot-result > details");
		milestone.addEventListener("toggle", () => done(milestone.open));
		document.querySelector('.next a[href="#m-pilot-result"]').click();
	})`
	if !browser.Await[bool](p, unfolded) {
		t.Error("the milestone of the next step stays folded")
	}
}

// Nobody else is contacted before a click on a button that says whom.
func TestFramesLoadOnAClick(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	s, _ := demonstration(t, november21)
	p := b.Page(t, 1200, 900)
	p.Goto(s.URL + "/meridian-bank/")
	const frame = `[data-frame*="loom.com"]`
	if text := browser.Eval[string](p, fmt.Sprintf("document.querySelector(%q).innerText", frame+" button")); !strings.Contains(text, "Loom") {
		t.Errorf("the button says %q", text)
	}
	if n := browser.Eval[int](p, `document.querySelectorAll("iframe").length`); n != 0 {
		t.Errorf("%d frames before a click", n)
	}
	p.Click(frame + " button")
	if src := browser.Eval[string](p, `document.querySelector("iframe").src`); !strings.HasPrefix(src, "https://www.loom.com/embed/") {
		t.Errorf("the frame loads %q", src)
	}
}

// All of the content is there without JavaScript.
func TestWithoutJavaScript(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	s, _ := demonstration(t, november21)
	with, without := b.Page(t, 1200, 900), b.Page(t, 1200, 900)
	without.NoScript()
	for _, id := range []string{"meridian-bank", "kestrel-motion", "alder-insurance"} {
		with.Script(clock("2026-11-21"))
		with.Goto(s.URL + "/" + id + "/")
		without.Goto(s.URL + "/" + id + "/")
		const text = `[...document.querySelectorAll("main *")].filter(e => e.localName !== "button" || e.closest("th")).map(e => [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data.trim()).join("")).filter(Boolean).join("\n")`
		if got, want := browser.Eval[string](without, text), browser.Eval[string](with, text); got != want || len(got) < 3000 {
			t.Errorf("%s says something else without JavaScript (%d characters against %d)", id, len(got), len(want))
		}
	}
}

// The Nu HTML checker finds no error on any page.
func TestHTMLIsValid(t *testing.T) {
	t.Parallel()
	_, o := demonstration(t, november21)
	pages := map[string][]byte{}
	for _, name := range append(pagesOf(t, o), "404.html", "index.html") {
		data, err := fs.ReadFile(o, name)
		if err != nil {
			t.Fatal(err)
		}
		pages[name] = data
	}
	valid(t, pages)
}

// valid holds pages, by their names, to the Nu HTML checker.
func valid(t *testing.T, pages map[string][]byte) {
	t.Helper()
	java, jar := need.Program(t, "java"), need.Tool(t, "vnu-jar/build/dist/vnu.jar")
	dir := t.TempDir()
	for name, data := range pages {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(java, "-Xss8m", "-jar", jar, "--errors-only", "--filterpattern", "CSS: .*", dir)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, strings.ReplaceAll(string(out), dir, ""))
	}
}

// The script is TypeScript that its own compiler finds nothing wrong with.
func TestTypeScript(t *testing.T) {
	tsc := need.Tool(t, ".bin/tsc")
	if out, err := exec.Command(tsc, "-p", filepath.Join(need.Root(t), ".ci", "tsconfig.json")).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
