package serve_test

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"portico/internal/seal"
)

// Firefox opens a deal, shows its pictures, documents and films, and locks it.
func TestUnlockInFirefox(t *testing.T) {
	t.Parallel()
	// A film that a Firefox without the system's codecs plays.
	h := withFilm(t, film(t, filepath.Join("testdata", "film.webm"), largeFilm), "video/webm")
	once := func(act string) string { return `(globalThis[` + quote(act) + `] ??= (` + act + `, true))` }
	steps, err := json.Marshal([][2]string{
		{"the plan", `document.querySelector("body.deal #plan") && getComputedStyle(document.documentElement).visibility === "visible"`},
		{"a picture", `document.querySelector("#documents").scrollIntoView(), [...document.querySelectorAll("#documents img")].some(e => e.src.startsWith("blob:") && e.naturalWidth > 100)`},
		{"a document", once(`document.querySelector('#documents .about a[data-view="pdf"]').click()`) + ` && (document.querySelector(".viewer iframe")?.src.startsWith("blob:") || !navigator.pdfViewerEnabled)`},
		{"it closes", once(`document.querySelector(".viewer button").click()`) + ` && !document.querySelector(".viewer").open`},
		{"a film", once(player+`.muted = true, `+player+`.scrollIntoView(), `+player+`.play().catch(() => 0)`) + ` && ` + player + `.currentTime > .1 && ` + player + `.videoWidth > 100 && ` + player + `.currentSrc.startsWith(` + quote(h.url()+"m/") + `)`},
		{"it seeks", once(player+`.currentTime = `+player+`.duration - 1`) + ` && !` + player + `.seeking && ` + player + `.currentTime >= ` + player + `.duration - 1.1`},
		{"a page", once(`location.hash = "#/pages/glossar"`) + ` && document.querySelector("body.page h1")`},
		{"locked", once(`document.querySelector("[data-do=lock]")?.click()`) + ` && document.querySelector("body.gate #key")?.checkVisibility() && !document.documentElement.outerHTML.includes("Kestrel")`},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range inFirefox(t, "unlock.mjs", h.url(), h.secrets.Phrase(seal.Everyone, 1), string(steps)) {
		t.Error(f)
	}
}
