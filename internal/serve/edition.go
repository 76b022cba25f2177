package serve

import (
	"context"
	"slices"
	"sync"

	"portico/internal/build"
	"portico/internal/diag"
)

// edition is the site as it was when it was last read. It is closed when the
// last who uses it lets it go.
type edition struct {
	project *build.Project // nil where the site could not be read
	output  *build.Output  // nil where err is set
	err     error
	// messages are about the site as a whole.
	messages diag.List

	mu    sync.Mutex
	users int
	list  []byte // the page that lists the deals, once it was asked for
}

// newEdition reads the site. Whoever calls it uses what is returned.
func newEdition(ctx context.Context, opts build.Options) *edition {
	e := &edition{users: 1}
	if e.project, e.err = build.Load(opts); e.err != nil {
		return e
	}
	e.messages = e.project.Messages
	output, messages, err := e.project.Output(ctx)
	if err != nil {
		e.err = err
		return e
	}
	e.output = output
	e.project.Messages = append(e.project.Messages, messages...)
	e.project.Messages.Sort()
	e.messages = e.project.Messages
	return e
}

func (e *edition) use() *edition {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.users++
	return e
}

func (e *edition) release() {
	e.mu.Lock()
	e.users--
	last := e.users == 0
	e.mu.Unlock()
	if !last {
		return
	}
	if e.output != nil {
		e.output.Close()
	}
	if e.project != nil {
		e.project.Close()
	}
}

// index is the page that lists the deals, made once.
func (e *edition) index(ctx context.Context) ([]byte, error) {
	e.mu.Lock()
	page := e.list
	e.mu.Unlock()
	if page != nil {
		return page, nil
	}
	page, err := e.output.Index(ctx)
	if err == nil {
		e.mu.Lock()
		e.list = page
		e.mu.Unlock()
	}
	return page, err
}

// ids of the deals, in order.
func (e *edition) ids() []string {
	if e.project == nil {
		return nil
	}
	return e.project.IDs
}

// lane is one view of the site, as of a day and in a locale, with the newest
// edition of it, and older ones that hold what was good last.
type lane struct {
	opts      build.Options
	collector func() string

	mu     sync.Mutex
	number int // of the change that the newest edition knows
	newest *edition
	// good are the deals that were shown without a mistake, the latest first,
	// each with the edition that it was shown from. The list of deals has no
	// name.
	good []good
}

type good struct {
	id      string
	edition *edition
}

// goods bounds how many deals are kept as they were good last, and with them
// how many editions.
const goods = 16

// current is the newest edition, which is read if a change came since, or a
// collector has come or gone. Whoever
// calls it has to release what is returned.
func (l *lane) current(ctx context.Context, number int) *edition {
	l.mu.Lock()
	defer l.mu.Unlock()
	to := ""
	if l.collector != nil {
		to = l.collector()
	}
	if l.newest == nil || l.number < number || l.opts.Collector != to {
		l.opts.Collector, l.opts.Silent = to, to == ""
		// It is for all who come, and does not end with who came first.
		e := newEdition(context.WithoutCancel(ctx), l.opts)
		if l.newest != nil {
			l.newest.release()
		}
		l.newest, l.number = e, number
	}
	return l.newest.use()
}

// keep an edition in which a deal is good.
func (l *lane) keep(id string, e *edition) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.good) > 0 && l.good[0].id == id && l.good[0].edition == e {
		return
	}
	l.forget(id)
	l.good = slices.Insert(l.good, 0, good{id, e.use()})
	if len(l.good) > goods {
		l.good[goods].edition.release()
		l.good = l.good[:goods]
	}
}

// drop what was good of a deal that is not shown any more.
func (l *lane) drop(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget(id)
}

func (l *lane) forget(id string) {
	l.good = slices.DeleteFunc(l.good, func(g good) bool {
		if g.id == id {
			g.edition.release()
		}
		return g.id == id
	})
}

// kept is the edition in which a deal was good last, or nil. Whoever calls it
// has to release what is returned.
func (l *lane) kept(id string) *edition {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, g := range l.good {
		if g.id == id {
			return g.edition.use()
		}
	}
	return nil
}

// editions are all that are kept, the latest first. Whoever calls it has to
// release them.
func (l *lane) editions() []*edition {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []*edition
	for _, g := range l.good {
		if !slices.Contains(all, g.edition) {
			all = append(all, g.edition.use())
		}
	}
	return all
}

// close the lane.
func (l *lane) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, g := range l.good {
		g.edition.release()
	}
	l.good = nil
	if l.newest != nil {
		l.newest.release()
		l.newest = nil
	}
}
