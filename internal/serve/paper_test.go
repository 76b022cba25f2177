package serve_test

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"portico/internal/build"
	"portico/internal/need"
)

// packed is how many bytes a text takes on its way, as servers pack it.
func packed(t *testing.T, text []byte) int {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

var linked = regexp.MustCompile(`<link rel="?stylesheet"? href="?([^">]+)"?>|<script(?: type="?module"?)? src="?([^">]+)"?>`)

// A page of 19 milestones is light, and what its first screen needs comes in
// the first packets.
func TestBytes(t *testing.T) {
	_, o := others(t, "plan")
	read := func(name string) []byte {
		data, err := fs.ReadFile(o, name)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	html := read("halden/index.html")
	var style, script int
	for _, m := range linked.FindAllStringSubmatch(string(html), -1) {
		if m[1] != "" {
			style += packed(t, read(path.Join("halden", m[1])))
		} else {
			script += packed(t, read(path.Join("halden", m[2])))
		}
	}
	hero := bytes.Index(html, []byte(`class="tabs"`))
	if style == 0 || script == 0 || hero < 0 {
		t.Fatalf("style of %d bytes, script of %d, the hero's end at %d", style, script, hero)
	}
	page, first := packed(t, html)+style+script, packed(t, html[:hero])+style
	t.Logf("page %d, style %d, script %d, first screen %d", page, style, script, first)
	for _, c := range []struct {
		what       string
		size, most int
	}{{"the page", page, 24 << 10}, {"its style", style, 8 << 10}, {"its script", script, 4 << 10}, {"style and HTML to the hero's end", first, 14 << 10}} {
		if c.size > c.most {
			t.Errorf("%s takes %d bytes, more than %d", c.what, c.size, c.most)
		}
	}
}

// A page links the stylesheet for what it reads if it holds any of that, and
// only then.
func TestReadingIsLinkedWhereItIsNeeded(t *testing.T) {
	_, shown := demonstration(t, november21)
	_, own := others(t, "plan")
	needs := regexp.MustCompile(`class="?(prose|image|thumb|video|audio|frame|table|text|documents|notes|pages|viewer)[" >]`)
	with, without := 0, 0
	for _, o := range []*build.Output{shown, own} {
		for _, name := range pagesOf(t, o) {
			data, err := fs.ReadFile(o, name)
			if err != nil {
				t.Fatal(err)
			}
			need, linked := needs.Find(data), bytes.Contains(data, []byte("_/reading-"))
			if linked != (need != nil) {
				t.Errorf("%s holds %q, and the stylesheet is linked: %v", name, need, linked)
			}
			if linked {
				with++
			} else {
				without++
			}
		}
	}
	if with == 0 || without == 0 {
		t.Errorf("%d pages with the stylesheet and %d without: that shows nothing", with, without)
	}
}

// No page holds a style or script of its own, or an image within its text: the
// content security policy allows none.
func TestNothingInline(t *testing.T) {
	_, o := demonstration(t, november21)
	inline := regexp.MustCompile(`(?i)<[^>]*\s(style|on[a-z]+)\s*=|<style|<script[^>]*>[^<]|(src|href)="?(data|javascript):`)
	for _, name := range append(pagesOf(t, o), "404.html", "index.html") {
		data, err := fs.ReadFile(o, name)
		if err != nil {
			t.Fatal(err)
		}
		if found := inline.Find(data); found != nil {
			t.Errorf("%s has %q", name, found)
		}
	}
}

// The stylesheets follow stylelint's standard rules.
func TestStylelint(t *testing.T) {
	node, lint := need.Program(t, "node"), need.Tool(t, "stylelint/bin/stylelint.mjs")
	root := need.Root(t)
	cmd := exec.Command(node, lint, "--config", ".ci/stylelint.json", "assets/**/*.css", "themes/**/*.css")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, strings.ReplaceAll(string(out), root+string(filepath.Separator), ""))
	}
}
