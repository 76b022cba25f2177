package main

import (
	"bytes"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/internal/browser"
	"portico/internal/need"
	"portico/internal/seal"
)

// demonstration copies the site of this repository.
func demonstration(t *testing.T) string {
	t.Helper()
	root, site := need.Root(t), t.TempDir()
	for _, name := range []string{"content", "assets"} {
		if err := os.CopyFS(filepath.Join(site, name), os.DirFS(filepath.Join(root, name))); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(filepath.Join(root, "portico.toml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(site, "portico.toml"), text, 0o644); err != nil {
		t.Fatal(err)
	}
	return site
}

// ran runs the program as it is compiled into the test.
func ran(t *testing.T, args ...string) string {
	t.Helper()
	key, err := seal.NewTeamKey(strings.NewReader(strings.Repeat("p", 32)))
	if err != nil {
		t.Fatal(err)
	}
	var out, said bytes.Buffer
	a := &app{in: strings.NewReader(""), out: &out, err: &said, now: time.Now, env: func(name string) string {
		if name == keyVariable {
			return key.Text()
		}
		return ""
	}}
	if code := run(t.Context(), args, a); code != 0 {
		t.Fatalf("%v: exit code %d: %s", args, code, said.String())
	}
	return out.String()
}

// invitedTo gives the code of a deal's viewer.
func invitedTo(t *testing.T, site, id string) string {
	t.Helper()
	var i struct{ Viewers []struct{ ID, Code string } }
	if err := json.Unmarshal([]byte(ran(t, "invite", id, "--source", site, "--json")), &i); err != nil {
		t.Fatal(err)
	}
	return i.Viewers[0].Code
}

// packedDeal is a demonstration deal as one file, with a code that opens it.
func packedDeal(t *testing.T, id string) (file, code string) {
	t.Helper()
	site := demonstration(t)
	file = filepath.Join(t.TempDir(), "plan.html")
	ran(t, "pack", id, "--source", site, "--output", file)
	return file, invitedTo(t, site, id)
}

// unlocked types a code into a packed deal that was opened from the disk.
func unlocked(p *browser.Page, file, code string) {
	p.Goto((&url.URL{Scheme: "file", Path: file}).String())
	browser.Eval[bool](p, `(document.querySelector("#key").value = "`+code+`", true)`)
	p.Click(`[type="submit"]`)
	browser.Await[bool](p, `new Promise((done, failed) => {
		const end = setTimeout(() => failed(new Error("it stays locked: " + document.querySelector("#state")?.textContent)), 10000);
		const look = () => document.querySelector("body.gate") ? setTimeout(look, 50) : (clearTimeout(end), setTimeout(() => done(true), 500));
		look();
	})`)
}

// A packed deal opens from a disk, asks for nothing, and shows what a host would
// show: pages, styles, pictures, documents.
func TestPackedDealInABrowser(t *testing.T) {
	t.Parallel()
	file, code := packedDeal(t, "meridian-bank")
	p := browser.Start(t).Page(t, 1440, 900)
	unlocked(p, file, code)
	if text := browser.Eval[string](p, "document.body.innerText"); !strings.Contains(text, "Meridian Bank") {
		t.Fatalf("%.200s", text)
	}
	if font, grid := browser.Eval[string](p, `getComputedStyle(document.body).fontFamily`), browser.Eval[int](p, "document.adoptedStyleSheets.length"); grid < 2 || font == `"Times New Roman"` {
		t.Errorf("the page has no style: %s, %d sheets", font, grid)
	}
	broken := browser.Await[[]string](p, `(async () => {
		for (const e of document.querySelectorAll(".flow > section, details")) { e.style.contentVisibility = "visible"; e.open = true; }
		for (const e of document.images) {
			e.loading = "eager";
			e.scrollIntoView();
			await new Promise(done => setTimeout(done, 300));
		}
		return [...document.images].filter(e => e.checkVisibility() && (!e.complete || !e.naturalWidth || !/^(blob|data):/.test(e.src))).map(e => e.alt + " " + e.src.slice(0, 60));
	})()`)
	if len(broken) > 0 {
		t.Errorf("pictures that do not show: %q", broken)
	}
	if n := browser.Eval[int](p, "document.images.length"); n < 3 {
		t.Errorf("%d pictures", n)
	}
	browser.Eval[string](p, `location.hash = "#/pages/security"`)
	title := browser.Await[string](p, `new Promise(done => setTimeout(() => done(document.querySelector("main").innerText), 1000))`)
	if !strings.Contains(strings.ToLower(title), "security") {
		t.Errorf("the route shows %.200s", title)
	}
	kind := browser.Await[string](p, `(async () => {
		const link = [...document.querySelectorAll('a[href*=".pdf"]')][0] ?? null;
		if (!link) { location.hash = "#/"; await new Promise(done => setTimeout(done, 1000)); }
		const pdf = link ?? document.querySelector('a[href*=".pdf"]');
		let type = "";
		const made = URL.createObjectURL;
		URL.createObjectURL = b => { type = b.type; return made(b); };
		addEventListener("click", e => { if (e.target.closest?.("a")?.href.startsWith("blob:")) e.preventDefault(); }, true);
		pdf.click();
		await new Promise(done => setTimeout(done, 1500));
		return type;
	})()`)
	if kind != "application/pdf" {
		t.Errorf("a document opens as %q", kind)
	}
	if c := p.Complaints(); len(c) > 0 {
		t.Error(c)
	}
	asked := slices.DeleteFunc(p.Foreign("file://"), func(u string) bool { return strings.HasPrefix(u, "blob:") })
	if len(asked) > 0 {
		t.Errorf("it asked for %v", asked)
	}
}

// What is locked again shows nothing, and asks anew.
func TestPackedDealLocks(t *testing.T) {
	t.Parallel()
	file, code := packedDeal(t, "meridian-bank")
	p := browser.Start(t).Page(t, 390, 800)
	unlocked(p, file, code)
	loads := p.Loads()
	browser.Eval[bool](p, `(document.querySelector('[data-do="lock"]').click(), true)`)
	p.Leaves(loads)
	if !browser.Await[bool](p, `new Promise(done => setTimeout(() => done(document.querySelector("body.gate #key").value === ""), 500))`) {
		t.Error("the field is not empty")
	}
	if text := browser.Eval[string](p, "document.documentElement.innerText"); strings.Contains(text, "Meridian") {
		t.Errorf("%.200s", text)
	}
	if !browser.Eval[bool](p, `document.querySelector(".remember").hidden`) {
		t.Error("a file on a disk offers to be remembered")
	}
}

func TestPackedDealInFirefox(t *testing.T) {
	t.Parallel()
	file, code := packedDeal(t, "meridian-bank")
	got := browser.Firefox(t, filepath.Join("testdata", "firefox.mjs"), (&url.URL{Scheme: "file", Path: file}).String(), code)
	if len(got) != 2 || !strings.Contains(got[0], "Meridian Bank") || got[1] != "true" {
		t.Errorf("%.400q", got)
	}
}
