package serve_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"portico/internal/browser"
	"portico/internal/need"
	"portico/internal/seal"
)

// film reads one and makes it as large as is wanted, by something behind it that
// no player looks into.
func film(t testing.TB, file string, size int) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	free := make([]byte, size-len(data))
	switch filepath.Ext(file) {
	case ".mp4":
		binary.BigEndian.PutUint32(free, uint32(len(free)))
		copy(free[4:], "free")
	case ".webm":
		binary.BigEndian.PutUint64(free[1:], uint64(len(free)-9)|1<<56)
		free[0] = 0xEC // Void
	}
	return append(data, free...)
}

// withFilm seals kestrel-motion with a film in the place of its own.
func withFilm(t testing.TB, film []byte, kind string) *host {
	t.Helper()
	h := sealedHost(t, "kestrel-motion")
	for i, it := range h.items {
		if it.Path == "collateral/rundgang.mp4" {
			h.items[i] = item(it.Path, film)
			h.items[i].Type = kind
		}
	}
	h.put(t, access(), seal.Contents{Items: h.items, Changed: lastChange})
	return h
}

// withLargeFilm seals its own film, above the size that is decrypted whole.
func withLargeFilm(t testing.TB) *host {
	t.Helper()
	file := filepath.Join(need.Root(t), "content", "kestrel-motion", "collateral", "rundgang.mp4")
	return withFilm(t, film(t, file, largeFilm), "video/mp4")
}

const largeFilm = 66 << 20

const player = `document.querySelector("#documents video")`

// plays starts the film as a click on its button does, and seeks.
func plays(t *testing.T, p *browser.Page) {
	t.Helper()
	must(t, p, "a player", player+` && `+player+`.controls && !`+player+`.error`)
	if !browser.Await[bool](p, `new Promise(done => {
		const film = `+player+`;
		film.muted = true;
		film.scrollIntoView();
		film.addEventListener("timeupdate", () => film.currentTime > .1 && film.videoWidth > 100 && done(film.duration > 1));
		film.play().catch(() => 0); // it is not this that plays in the end
	})`) {
		t.Error("the film has no length")
	}
	must(t, p, "it seeks", `globalThis.sought !== document.body ? (`+player+`.currentTime = `+player+`.duration - 1, globalThis.sought = document.body, false) : !`+player+`.seeking && `+player+`.currentTime >= `+player+`.duration - 1.1 && `+player+`.readyState >= 2`)
	must(t, p, "nothing is wrong", `!`+player+`.error && !document.querySelector(".portico-notice")`)
}

// A small film is decrypted whole, with its captions, once it is started.
func TestFilm(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	h := sealedHost(t, "kestrel-motion")
	p := unlocked(t, b, h, "")
	must(t, p, "a poster", player+`.scrollIntoView(), `+player+`.poster.startsWith("blob:")`)
	plays(t, p)
	must(t, p, "it is a blob, with captions", player+`.src.startsWith("blob:") && `+player+`.querySelector("track").src.startsWith("blob:") && `+player+`.textTracks[0].cues?.length > 0`)
	quiet(t, p, h)
}

// A large one is decrypted piece by piece by a worker, which may be stopped, or
// passed by when the page is loaded anew; it goes when the plan is locked.
func TestLargeFilm(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	h := withLargeFilm(t)
	p := unlocked(t, b, h, "")
	plays(t, p)
	must(t, p, "the worker gives it out", player+`.currentSrc.startsWith(`+quote(h.url()+"m/")+`)`)
	p.StopWorkers()
	must(t, p, "it seeks again", `globalThis.again ??= (`+player+`.currentTime = 0.5, true), !`+player+`.seeking && `+player+`.readyState >= 2 && `+player+`.currentTime < 1.5`)
	p.Reload()
	enter(t, p, h.secrets.Phrase(seal.Everyone, 1))
	must(t, p, "the plan", `document.querySelector("body.deal #plan")`)
	must(t, p, "a page past its worker", `!navigator.serviceWorker.controller`)
	plays(t, p)
	must(t, p, "the worker gives it out", player+`.currentSrc.startsWith(`+quote(h.url()+"m/")+`)`)
	must(t, p, "nothing else", `globalThis.other ??= fetch(`+player+`.currentSrc).then(r => globalThis.answered = r.status), globalThis.answered === 404`)
	before := p.Loads()
	browser.Eval[bool](p, `document.querySelector("[data-do=lock]").click(), true`)
	p.Leaves(before)
	must(t, p, "no worker is left", `globalThis.asked ??= navigator.serviceWorker.getRegistrations().then(r => globalThis.left = r.length), globalThis.left === 0`)
}

// Where a browser has no workers a large film is decrypted whole.
func TestLargeFilmWithoutWorkers(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	h := withLargeFilm(t)
	p := b.Page(t, 1200, 900)
	p.Script(`Object.defineProperty(navigator, "serviceWorker", {value: undefined})`)
	p.Goto(h.url())
	enter(t, p, h.secrets.Phrase(seal.Everyone, 1))
	must(t, p, "the plan", `document.querySelector("body.deal #plan")`)
	plays(t, p)
	must(t, p, "it is a blob", player+`.src.startsWith("blob:")`)
	quiet(t, p, h)
}
