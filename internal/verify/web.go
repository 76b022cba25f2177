package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"
)

// Web shows a deployed site by its address. Its folders cannot be listed.
func Web(ctx context.Context, base *url.URL) fs.FS {
	return &web{ctx: ctx, base: base, client: &http.Client{Timeout: 2 * time.Minute, CheckRedirect: near}}
}

// near follows a host that adds or takes away the end of an address, and none
// that leads elsewhere: that is another site.
func near(r *http.Request, via []*http.Request) error {
	if len(via) > 5 {
		return errors.New("it leads from one address to the next without end")
	}
	if first := via[0].URL; r.URL.Host != first.Host || first.Scheme == "https" && r.URL.Scheme != "https" {
		return fmt.Errorf("it leads to %s, which is another site", r.URL.Redacted())
	}
	return nil
}

type web struct {
	ctx    context.Context
	base   *url.URL
	client *http.Client
}

// unlisted tells Compare that nothing can be listed.
func (*web) unlisted() {}

func (w *web) Open(name string) (fs.File, error) {
	fail := func(err error) (fs.File, error) { return nil, &fs.PathError{Op: "open", Path: name, Err: err} }
	if !fs.ValidPath(name) {
		return fail(fs.ErrInvalid)
	}
	address := w.base.JoinPath(name)
	if path.Base(name) == "index.html" { // as readers ask for it
		address.Path = strings.TrimSuffix(address.Path, "index.html")
	}
	r, err := http.NewRequestWithContext(w.ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return fail(err)
	}
	r.Header.Set("Cache-Control", "no-cache")
	answer, err := w.client.Do(r)
	if err != nil {
		return fail(err)
	}
	switch answer.StatusCode {
	case http.StatusOK:
		return &page{answer.Body, path.Base(name), answer.ContentLength, answer.Header}, nil
	case http.StatusNotFound, http.StatusForbidden, http.StatusGone:
		err = fs.ErrNotExist
	default:
		err = fmt.Errorf("the host answers %s", answer.Status)
	}
	_ = answer.Body.Close() // it was not wanted
	return fail(err)
}

// page is an answer as a file.
type page struct {
	io.ReadCloser
	name string
	size int64
	sent http.Header
}

func (p *page) header() http.Header { return p.sent }

func (p *page) Stat() (fs.FileInfo, error) { return info{p.name, p.size}, nil }

type info struct {
	name string
	size int64
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return max(0, i.size) }
func (i info) Mode() fs.FileMode  { return 0o444 }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return false }
func (i info) Sys() any           { return nil }
