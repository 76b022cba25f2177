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
	"net/url"
	"strconv"
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
	// Another site's page may not find out what there is by showing it.
	w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
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
	if name == "." { // the list has one address alone
		h.missing(w)
		return
	}
	f, err := h.output.Open(name) // which refuses every ".." and "//"
	if err == nil {
		defer f.Close() // opened for reading
		info, err := f.Stat()
		switch {
		case err != nil:
			h.fail(w, err)
		case info.IsDir():
			http.Redirect(w, r, (&url.URL{Path: "/" + name + "/"}).String(), http.StatusFound)
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

// BadAddress is the error of an address that a preview cannot have.
type BadAddress struct{ Addr, Why string }

func (e *BadAddress) Error() string { return e.Addr + " " + e.Why }

// tries is how many ports are tried, if the first is taken.
const tries = 20

// Listen on a loopback address: a host and a port, or one of them. Where its
// port is taken the next free one is used, and moved says so. Port 0 is any.
func Listen(ctx context.Context, addr string) (l net.Listener, moved bool, err error) {
	host, n, err := parseAddress(addr)
	if err != nil {
		return nil, false, err
	}
	last := min(n+tries-1, 65535)
	if n == 0 {
		last = 0
	}
	var config net.ListenConfig
	for port := n; port <= last; port++ {
		l, err := config.Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err == nil {
			return l, port != n, nil
		}
		if !taken(err) {
			return nil, false, fmt.Errorf("listening: %w", err)
		}
	}
	return nil, false, fmt.Errorf("none of the ports %d to %d can be had; name another with --addr", n, last)
}

func parseAddress(addr string) (host string, port int, err error) {
	host, service, err := net.SplitHostPort(addr)
	if err != nil { // only one of them, or an IPv6 address
		host, service = strings.Trim(addr, "[]"), "8080"
		if _, err := strconv.Atoi(addr); err == nil {
			host, service = "", addr
		}
	}
	if host == "" {
		host = "127.0.0.1"
	}
	if !local(host) {
		return "", 0, &BadAddress{addr, "is not an address of this machine alone: a preview shows every deal in the clear, so it listens on 127.0.0.1 or localhost"}
	}
	if port, err = net.LookupPort("tcp", service); err != nil {
		return "", 0, &BadAddress{addr, "has no port that there is: it is a number up to 65535"}
	}
	return host, port, nil
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
