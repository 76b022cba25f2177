// Package serve shows a site on this machine: its deals as a buyer would see
// them, in the clear, and a list of them with what is wrong in each. It
// listens on a loopback address and answers nobody else.
package serve

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"path"
	"strings"
	"time"

	"portico/internal/build"
)

// Handler answers with an output's files. The page at the root lists the
// deals.
func Handler(o *build.Output, log *slog.Logger) http.Handler {
	h := &handler{output: o, log: log}
	return http.HandlerFunc(h.serve)
}

type handler struct {
	output *build.Output
	log    *slog.Logger
}

func (h *handler) serve(w http.ResponseWriter, r *http.Request) {
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
	for name, value := range h.output.Headers() {
		w.Header().Set(name, value)
	}
	w.Header().Set("Cache-Control", "no-store")
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name == "" {
		h.index(w, r)
		return
	}
	h.file(w, r, name)
}

// local says whether a Host header names this machine.
func local(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.Trim(name, "[]")
	if strings.EqualFold(name, "localhost") {
		return true
	}
	ip := net.ParseIP(name)
	return ip != nil && ip.IsLoopback()
}

func (h *handler) index(w http.ResponseWriter, r *http.Request) {
	page, err := h.output.Index(r.Context())
	if err != nil {
		h.fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(page) // the reader may have gone
}

func (h *handler) file(w http.ResponseWriter, r *http.Request, name string) {
	if strings.HasSuffix(name, "/") {
		name += "index.html"
	}
	f, err := h.output.Open(path.Clean(name))
	if err == nil {
		defer f.Close() // opened for reading
		info, err := f.Stat()
		switch {
		case err != nil:
			h.fail(w, err)
		case info.IsDir():
			http.Redirect(w, r, "/"+path.Clean(name)+"/", http.StatusFound)
		default:
			h.content(w, r, name, f)
		}
		return
	}
	if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrInvalid) {
		h.fail(w, err)
		return
	}
	h.missing(w)
}

func (h *handler) content(w http.ResponseWriter, r *http.Request, name string, f fs.File) {
	seeker, ok := f.(interface {
		fs.File
		Seek(offset int64, whence int) (int64, error)
	})
	if !ok {
		h.fail(w, fmt.Errorf("%s cannot be read in any order", name))
		return
	}
	w.Header().Set("Content-Type", build.ContentType(name))
	http.ServeContent(w, r, name, time.Time{}, seeker)
}

func (h *handler) missing(w http.ResponseWriter) {
	page, err := fs.ReadFile(h.output, "404.html")
	if err != nil {
		http.Error(w, "there is nothing here", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusNotFound)
	_, _ = w.Write(page) // the reader may have gone
}

// fail says on the page and in the log what went wrong.
func (h *handler) fail(w http.ResponseWriter, err error) {
	h.log.Error("a page could not be made", "error", err)
	http.Error(w, "this page could not be made:\n\n"+err.Error(), http.StatusInternalServerError)
}

// BadAddress is the error of an address that is not this machine's own.
type BadAddress struct{ Addr string }

func (e *BadAddress) Error() string {
	return fmt.Sprintf("%s is not an address of this machine alone: a preview shows every deal in the clear, so it listens on 127.0.0.1 or localhost", e.Addr)
}

// tries is how many ports are tried, if the first is taken.
const tries = 20

// Listen on a loopback address. Where its port is taken the next free one is
// used.
func Listen(ctx context.Context, addr string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		host, port = addr, "8080"
	}
	if host == "" {
		host = "127.0.0.1"
	}
	if !local(host) {
		return nil, &BadAddress{addr}
	}
	n, err := net.LookupPort("tcp", port)
	if err != nil {
		return nil, fmt.Errorf("the port %q: %w", port, err)
	}
	var config net.ListenConfig
	for i := range tries {
		l, err := config.Listen(ctx, "tcp", net.JoinHostPort(host, fmt.Sprint(n+i)))
		if err == nil || n == 0 {
			return l, err
		}
		if !taken(err) {
			return nil, fmt.Errorf("listening: %w", err)
		}
	}
	return nil, fmt.Errorf("the ports %d to %d are all taken; name another with --addr", n, n+tries-1)
}

// Run answers requests until ctx ends.
func Run(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		// Nobody waits for a preview: what is under way is cut off.
		_ = server.Close()
		return nil
	}
}
