package build

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"portico/internal/browser"
	"portico/internal/render"
)

// putInPlace does with the parts of a page what the reader of a sealed deal
// does: each takes the place of the element of its id, in the order of the ids,
// and the places that nothing is for go away.
const putInPlace = `(parts => {
	const policy = trustedTypes.createPolicy("portico", {createHTML: s => s});
	const range = document.createRange();
	for (const {At, Data} of parts.sort((a, b) => a.At < b.At ? -1 : 1)) {
		const place = document.getElementById(At);
		range.selectNode(place);
		place.replaceWith(range.createContextualFragment(policy.createHTML(Data)));
	}
	const left = document.querySelectorAll("template");
	for (const place of left) place.remove();
	return left.length === 0 ? parts.length : 0;
})(%s)`

// layOutAll unfolds and loads what else waits until it is near the screen.
// Players lose their controls, which the browser draws when it likes.
const layOutAll = `(async () => {
	for (const e of document.querySelectorAll(".flow > section, .video, .audio, details")) { e.style.contentVisibility = "visible"; e.open = true; }
	for (const e of document.images) e.loading = "eager";
	for (const e of document.querySelectorAll("audio, video")) e.controls = false;
	await document.fonts.ready;
	await Promise.allSettled([...document.images].map(e => e.decode()));
	return true;
})()`

// script is left out: it works on what is there when it begins, and a reader
// begins it when everything is.
var script = regexp.MustCompile(`<script[^>]*></script>`)

// The page of a viewer who may see everything looks as it does in the clear, to
// the pixel, and links lead to what was put in place.
func TestPartsLookLikeTheWhole(t *testing.T) {
	t.Parallel()
	const id = "fern"
	o := audienceSite(t).output()
	whole, parts, _ := parted(t, o, id)
	files := http.FileServerFS(o)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, list := range map[string][]render.Output{"/fern/clear.html": whole, "/fern/sealed.html": parts} {
			if r.URL.Path == name {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				_, _ = w.Write(script.ReplaceAll(list[0].Data, nil)) // the browser says if it is cut off
				return
			}
		}
		files.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	type part struct{ At, Data string }
	var fragments []part
	for _, p := range parts {
		if p.Path == "index.html" && p.At != "" {
			fragments = append(fragments, part{p.At, string(p.Data)})
		}
	}
	data, err := json.Marshal(fragments)
	if err != nil {
		t.Fatal(err)
	}
	b := browser.Start(t)
	clear, sealed := b.Page(t, 1440, 900), b.Page(t, 1440, 900)
	for p, name := range map[*browser.Page]string{clear: "clear", sealed: "sealed"} {
		p.Media("", "prefers-reduced-motion", "reduce")
		p.Goto(s.URL + "/fern/" + name + ".html")
		if p == sealed && browser.Eval[int](p, fmt.Sprintf(putInPlace, data)) != len(fragments) {
			t.Fatal("not every part is in its place")
		}
		browser.Await[bool](p, layOutAll)
	}
	for _, width := range []int{1440, 834, 390} {
		height := 0
		for _, p := range []*browser.Page{clear, sealed} {
			p.Resize(width, 900)
			height = max(height, browser.Eval[int](p, "document.documentElement.scrollHeight"))
		}
		clear.Resize(width, height)
		sealed.Resize(width, height)
		if !bytes.Equal(clear.View(), sealed.View()) { // one of them may not be at rest yet
			same(t, fmt.Sprintf("at %d", width), still(clear), still(sealed))
		}
	}
	text := func(p *browser.Page) string { return browser.Eval[string](p, "document.body.innerText") }
	if a, b := text(clear), text(sealed); a != b || !strings.Contains(a, "Only for") {
		t.Error("the page reads otherwise with its parts in place")
	}
	for _, hash := range []string{"#pricing", "#documents", "#c-geheimx-offer", "#m-review"} {
		top := fmt.Sprintf(`(location.hash = %q, document.querySelector(%q).getBoundingClientRect().top | 0)`, hash, hash)
		if a, b := browser.Eval[int](clear, top), browser.Eval[int](sealed, top); a != b {
			t.Errorf("%s is at %d, in the clear at %d", hash, b, a)
		}
	}
	if c := sealed.Complaints(); len(c) > 0 {
		t.Error(c)
	}
}

// still is a page that has come to rest.
func still(p *browser.Page) []byte {
	shot := p.View()
	for range 5 {
		again := p.View()
		if bytes.Equal(shot, again) {
			break
		}
		shot = again
	}
	return shot
}

// same wants two screenshots to be one.
func same(t *testing.T, what string, a, b []byte) {
	t.Helper()
	var pictures [2]*image.NRGBA
	for i, data := range [][]byte{a, b} {
		decoded, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		pictures[i] = image.NewNRGBA(decoded.Bounds())
		draw.Draw(pictures[i], decoded.Bounds(), decoded, decoded.Bounds().Min, draw.Src)
	}
	if pictures[0].Rect != pictures[1].Rect {
		t.Errorf("%s it is %v in the clear, %v with its parts in place", what, pictures[0].Rect, pictures[1].Rect)
	} else if where := unlike(pictures[0], pictures[1]); !where.Empty() {
		t.Errorf("%s pixels differ within %v with its parts in place", what, where)
	}
}

// unlike is the smallest rectangle that holds every pixel in which a and b
// differ.
func unlike(a, b *image.NRGBA) image.Rectangle {
	var where image.Rectangle
	for y := a.Rect.Min.Y; y < a.Rect.Max.Y; y++ {
		for x := a.Rect.Min.X; x < a.Rect.Max.X; x++ {
			if a.NRGBAAt(x, y) != b.NRGBAAt(x, y) {
				where = where.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return where
}
