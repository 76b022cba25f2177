package serve

import (
	"io/fs"
	"log/slog"
	"net/http"
	"strings"

	"portico/internal/build"
)

// Handler answers with an output's files as they are built, for tests of the
// look; the page at the root lists the deals. A preview adds its script to the
// same pages.
func Handler(o *build.Output, log *slog.Logger) http.Handler {
	return guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		setHeaders(w, o.Headers())
		fail := func(err error) {
			log.Error("a page could not be made", "error", err)
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
		name := strings.TrimPrefix(r.URL.Path, "/")
		if name == "" {
			page, err := o.Index(r.Context())
			if err != nil {
				fail(err)
				return
			}
			writePage(w, http.StatusOK, page)
			return
		}
		found, err := serveFile(w, r, o, "/", inFolder(name))
		if err != nil {
			fail(err)
		}
		if found || err != nil {
			return
		}
		page, err := fs.ReadFile(o, "404.html")
		if err != nil {
			fail(err)
			return
		}
		writePage(w, http.StatusNotFound, page)
	}))
}
