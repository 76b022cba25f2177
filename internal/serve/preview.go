package serve

import (
	"context"
	"crypto/rand"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"portico/internal/build"
	"portico/internal/watch"
)

// Options of a preview. Build is needed.
type Options struct {
	Build build.Options
	// Poll looks at the files again and again, rather than have the system
	// tell of changes.
	Poll bool
	// Collector gives the address of one that runs on this machine, to which the
	// pages of sealed deals report; empty while there is none, and they report to
	// nobody. nil for never.
	Collector func() string
	// Tell is called, never twice at once, when there is something to say of
	// the site; Warn of what the machine did.
	Tell func(News)
	Warn func(error)
}

// Preview is a site that is shown while it is worked on.
type Preview struct {
	opts  Options
	own   *build.Preview
	start string // tells this run from another
	watch *watch.Watcher
	base  *lane // the site as it is

	mu      sync.Mutex
	changes int           // so far
	changed chan struct{} // closed by the next one
	// touched counts changes of files that no page holds the text of, such as
	// pictures, by deal; those of none count for all.
	touched map[string]int
	lanes   []*viewed // the latest first
	watched map[string]int
}

// viewed is a lane by what it shows.
type viewed struct {
	view view
	*lane
}

// lanesKept bounds how many views are kept ready besides the site as it is.
const lanesKept = 6

// Open a site to show it. The error is what the machine did; mistakes are on
// the pages.
func Open(ctx context.Context, opts Options) (*Preview, error) {
	own, err := build.NewPreview(opts.Build)
	if err != nil {
		return nil, err
	}
	opts.Build.Memory = build.NewMemory()
	p := &Preview{
		opts: opts, own: own, start: rand.Text(), changed: make(chan struct{}),
		touched: map[string]int{}, watched: map[string]int{}, base: &lane{opts: opts.Build, collector: opts.Collector},
	}
	// Watching comes first, so that nothing is missed.
	if p.watch, err = watch.Start(opts.Build.Source, opts.Poll, opts.Warn); err != nil {
		return nil, err
	}
	e := p.base.current(ctx, 0)
	defer e.release()
	if e.project == nil {
		p.Close()
		return nil, e.err
	}
	return p, nil
}

// Deals is how many there are.
func (p *Preview) Deals() int {
	e := p.base.current(context.Background(), p.count())
	defer e.release()
	return len(e.ids())
}

// Close what was opened.
func (p *Preview) Close() {
	p.watch.Close()
	p.base.close()
	for _, l := range p.lanes {
		l.close()
	}
}

// Handler answers with the site's pages, and with what the preview adds.
func (p *Preview) Handler() http.Handler {
	files := map[string]build.PreviewFile{}
	for _, f := range []build.PreviewFile{p.own.Script, p.own.Style, p.own.List} {
		files[own+f.Name] = f
	}
	return guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		if path == events {
			p.events(w, r)
			return
		}
		if f, ok := files[path]; ok {
			w.Header().Set("Content-Type", build.ContentType(f.Name))
			w.Header().Set("X-Content-Type-Options", "nosniff")
			_, _ = w.Write(f.Data) // the reader may have gone
			return
		}
		v, name, ok := parsePath(path)
		if !ok {
			http.NotFound(w, r)
			return
		}
		p.show(w, r, v, name)
	}))
}

// lane of a view, which is made when it is asked for.
func (p *Preview) lane(v view) (*lane, error) {
	if v == (view{}) {
		return p.base, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.lanes, func(l *viewed) bool { return l.view == v })
	if i >= 0 {
		l := p.lanes[i]
		p.lanes = slices.Insert(slices.Delete(p.lanes, i, i+1), 0, l)
		return l.lane, nil
	}
	opts, err := p.own.View(p.opts.Build, v.day, v.locale)
	if err != nil {
		return nil, err
	}
	l := &viewed{v, &lane{opts: opts, collector: p.opts.Collector}}
	p.lanes = slices.Insert(p.lanes, 0, l)
	if len(p.lanes) > lanesKept {
		p.lanes[lanesKept].close()
		p.lanes = p.lanes[:lanesKept]
	}
	return l.lane, nil
}

// count of the changes so far.
func (p *Preview) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.changes
}

// others counts the changes of files that a deal's pages do not hold.
func (p *Preview) others(id string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.touched[id] + p.touched[""]
}

// next is closed by the next change.
func (p *Preview) next() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.changed
}

// Follow the site's source until ctx ends.
func (p *Preview) Follow(ctx context.Context) {
	happened := make(chan change, 256)
	var telling sync.WaitGroup
	telling.Go(func() { p.tell(ctx, happened) })
	defer telling.Wait()
	happened <- change{} // the site as it is found
	for {
		paths, err := p.watch.Next(ctx)
		if err != nil {
			return
		}
		c := change{paths, time.Now()}
		p.happen(c)
		select {
		case happened <- c:
		case <-ctx.Done():
			return
		}
	}
}

// change of the site's source.
type change struct {
	paths []string
	at    time.Time
}

// happen takes note of a change and wakes who waits for one.
func (p *Preview) happen(c change) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, path := range c.paths {
		if id, ok := other(path); ok {
			p.touched[id]++
		}
	}
	p.changes++
	close(p.changed)
	p.changed = make(chan struct{})
}

// other says whether no page holds the text of a file, and whose it is.
func other(path string) (id string, ok bool) {
	if path == watch.Everything {
		return "", true
	}
	rest, ok := strings.CutPrefix(path, "content/")
	if !ok || strings.HasSuffix(path, ".md") || strings.HasSuffix(path, ".toml") {
		return "", false
	}
	id, name, inside := strings.Cut(rest, "/")
	if strings.HasPrefix(id, "_") {
		id = ""
	}
	return id, inside && strings.Contains(name, ".")
}

// dealOf is the deal whose folder a path lies in, or is.
func dealOf(path string) string {
	rest, ok := strings.CutPrefix(path, "content/")
	if !ok || strings.HasPrefix(rest, "_") {
		return ""
	}
	id, _, _ := strings.Cut(rest, "/")
	return id
}
