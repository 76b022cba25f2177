// Package serve shows a site on this machine while it is worked on: its deals
// as a buyer would see them, in the clear, and a list of them with what is
// wrong in each. What is changed shows by itself. It listens on a loopback
// address and answers nobody else.
//
// What a page holds is the build's affair; here a script is added to it, which
// is told of changes and of mistakes.
package serve

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"

	"portico/internal/build"
)

// guard lets through what a browser on this machine asks of this server by its
// own name.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !local(r.Host) {
			// A page of somebody else's could otherwise reach this server by a
			// name of its own that leads to this machine (DNS rebinding).
			http.Error(w, "this preview answers to localhost alone", http.StatusMisdirectedRequest)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		// Another site's page may not find out what there is by showing it.
		w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

func setHeaders(w http.ResponseWriter, headers map[string]string) {
	for name, value := range headers {
		w.Header().Set(name, value)
	}
}

// inFolder is the name of the file that a path leads to.
func inFolder(name string) string {
	if strings.HasSuffix(name, "/") {
		name += "index.html"
	}
	return name
}

// serveFile answers with a file of an output, or says that there is none.
// prefix is the path that the output lies under.
func serveFile(w http.ResponseWriter, r *http.Request, o fs.FS, prefix, name string) (found bool, err error) {
	if name == "." { // the list has one address alone
		return false, nil
	}
	f, err := o.Open(name) // which refuses every ".." and "//"
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close() // opened for reading
	info, err := f.Stat()
	if err != nil {
		return false, err
	}
	if info.IsDir() {
		http.Redirect(w, r, (&url.URL{Path: prefix + name + "/"}).String(), http.StatusFound)
		return true, nil
	}
	seeker, ok := f.(interface {
		fs.File
		Seek(offset int64, whence int) (int64, error)
	})
	if !ok {
		return false, fmt.Errorf("%s cannot be read in any order", name)
	}
	w.Header().Set("Content-Type", build.ContentType(name))
	http.ServeContent(w, r, name, time.Time{}, seeker)
	return true, nil
}

// writePage answers with a finished page.
func writePage(w http.ResponseWriter, status int, page []byte) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(page) // the reader may have gone
}
