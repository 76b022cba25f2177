package build

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"portico/internal/history"
)

// recollection is the site's history, which is read while the first deals are.
type recollection struct {
	ctx     context.Context
	done    chan struct{}
	history *keptHistory
	err     error
	// tried is closed once it is known whether git has to be asked; before is the
	// history if not.
	tried  chan struct{}
	before *keptHistory

	// single counts the deals that git was asked about one by one.
	single atomic.Int32
	every  everyDeal
}

// recall begins to read the history, unless memory holds one that still is true.
func (p *Project) recall(ctx context.Context) *recollection {
	r := &recollection{ctx: ctx, done: make(chan struct{}), tried: make(chan struct{})}
	store := history.Store{}
	if p.cache != nil {
		store.Load = func() []byte { return p.cache.get("history") }
		store.Save = func(data []byte) { p.cache.put("history", data) }
	}
	p.asking.Go(func() {
		defer close(r.done)
		if r.before = p.opts.Memory.past(p.IDs); r.before == nil {
			if r.before = p.askedBefore(ctx, store); r.before != nil {
				p.opts.Memory.keepPast(r.before)
			}
		}
		close(r.tried)
		if r.history = r.before; r.history != nil {
			return
		}
		h, err := history.Read(ctx, p.opts.Source, p.IDs, store)
		if r.err = err; err == nil {
			r.history = &keptHistory{History: h, began: p.began, asked: asked{Deals: map[string]dealState{}}}
			p.opts.Memory.keepPast(r.history)
			if p.opts.Memory == nil && p.opts.Program != "" && !p.began.IsZero() {
				p.asking.Go(func() { r.history.fresh(ctx, p.began) })
			}
		}
	})
	return r
}

// ready says whether waiting would take no time.
func (r *recollection) ready() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

func (r *recollection) wait() (*keptHistory, error) {
	<-r.done
	return r.history, r.err
}

// keptHistory is a history with what was found out about single deals since.
type keptHistory struct {
	*history.History
	// began is when git was first asked, in this process.
	began time.Time
	// resumed says that it was not asked of all deals since.
	resumed bool

	mu      sync.Mutex
	asked   asked
	changed bool // since it was kept
	// texts of the deals that somebody looks at, as git has them.
	texts map[string]history.Texts
}

// of a deal whose files are these, if git was asked about it.
func (h *keptHistory) of(id string, files scan) (s dealState, known bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s, known = h.asked.Deals[id]
	return s, known && files.whole && s.Files == files.sum
}

// learn what git said of a deal.
func (h *keptHistory) learn(id string, files scan, dirty bool) {
	if files.nested {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked.Deals[id], h.changed = dealState{files.sum, dirty}, true
}

// past is the history that was read last, if it is still true of the repository
// and tells of all deals.
func (m *Memory) past(ids []string) *keptHistory {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	h := m.history
	m.mu.Unlock()
	if h == nil || !h.Current(ids) {
		return nil
	}
	return h
}

func (m *Memory) keepPast(h *keptHistory) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.history = h
}

// changed is when a deal was last changed and by whom, from git, or for what
// git does not know, from the times of its files.
func (o *Output) changed(d *dealOutput) (c history.Change, fromFiles bool, err error) {
	h, err := o.history.wait()
	if err != nil {
		return c, false, err
	}
	if c, ok := h.Deals[d.id]; ok {
		dirty, err := o.dirty(h, d)
		if err != nil || !dirty {
			return c, false, err
		}
	}
	if d.record.Modified.IsZero() {
		if err := o.load(d); err != nil {
			return c, false, err
		}
		d.record.Modified = d.loaded.modified()
		o.project.keep(d.id, d.examined)
	}
	return history.Change{Time: d.record.Modified}, true, nil
}

// dirty says whether a deal has changes that git does not know. Of one whose
// files changed after the history was read git is asked again.
func (o *Output) dirty(h *keptHistory, d *dealOutput) (bool, error) {
	if s, known := h.of(d.id, d.stats); known {
		return s.Dirty, nil
	}
	began := o.project.began
	if still := d.stats.still(h.began); !h.resumed && (still || h.began.Equal(began)) {
		dirty := h.Dirty[d.id]
		if still {
			h.learn(d.id, d.stats, dirty)
		}
		return dirty, nil
	}
	dirty, err := h.differs(d), error(nil)
	if !dirty {
		dirty, err = o.history.ask(h, d, began)
	}
	if err == nil && d.stats.steady(began) {
		h.learn(d.id, d.stats, dirty)
	}
	return dirty, err
}

// follow a deal that somebody looks at: git's names of its texts are asked for
// once, so that a text that is saved next starts no git.
func (o *Output) follow(d *dealOutput) {
	if o.project.opts.Memory == nil || !hasPlainTexts(d.loaded.folder.seen) {
		return
	}
	h, err := o.history.wait()
	if err != nil {
		return // the deal has said so
	}
	if _, known := h.Deals[d.id]; !known {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, asked := h.texts[d.id]; asked {
		return
	}
	if h.texts == nil {
		h.texts = map[string]history.Texts{}
	}
	h.texts[d.id] = nil
	o.project.asking.Go(func() {
		texts, err := h.Texts(o.history.ctx, d.id)
		if err != nil {
			return // git is asked of each save, and says the same
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		h.texts[d.id] = texts
	})
}

// differs says whether a deal is certainly not as git has it.
func (h *keptHistory) differs(d *dealOutput) bool {
	h.mu.Lock()
	texts := h.texts[d.id]
	h.mu.Unlock()
	return texts != nil && d.loaded != nil && hasPlainTexts(d.loaded.folder.seen) && texts.Differ(d.loaded.folder)
}

// hasPlainTexts says whether a deal's folder was seen and holds no attributes
// for git of its own, which could come and go with a save.
func hasPlainTexts(seen contents) bool {
	for _, entries := range seen {
		for _, e := range entries {
			if strings.EqualFold(e.Name(), ".gitattributes") {
				return false
			}
		}
	}
	return seen != nil
}

// ask git about one deal, or where there are many, about all of them at once;
// of what may have changed since then that does not tell.
func (r *recollection) ask(h *keptHistory, d *dealOutput, began time.Time) (bool, error) {
	if r.single.Add(1) <= maxSingle || !d.stats.still(began) {
		return h.IsDirty(r.ctx, d.id)
	}
	r.every.once.Do(func() { r.every.dirty, r.every.err = h.AllDirty(r.ctx) })
	return r.every.dirty[d.id], r.every.err
}
