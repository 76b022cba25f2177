package build

import (
	"context"
	"sync"
	"time"

	"portico/internal/history"
)

// recollection is the site's history, which is read while the first deals are.
type recollection struct {
	ctx     context.Context
	done    chan struct{}
	history *keptHistory
	err     error
}

// recall begins to read the history, unless memory holds one that still is true.
func (p *Project) recall(ctx context.Context) *recollection {
	r := &recollection{ctx: ctx, done: make(chan struct{})}
	store := history.Store{}
	if p.cache != nil {
		store.Load = func() []byte { return p.cache.get("history") }
		store.Save = func(data []byte) { p.cache.put("history", data) }
	}
	p.asking.Go(func() {
		defer close(r.done)
		if r.history = p.opts.Memory.past(p.IDs); r.history != nil {
			return
		}
		began := p.began
		h, err := history.Read(ctx, p.opts.Source, p.IDs, store)
		if r.err = err; err == nil {
			r.history = &keptHistory{History: h, began: began, dirty: map[string]dealState{}}
			p.opts.Memory.keepPast(r.history)
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
	// began is when git was first asked.
	began time.Time

	mu    sync.Mutex
	dirty map[string]dealState
}

// dealState is whether git took a deal for changed when its files were these.
type dealState struct {
	files sum
	dirty bool
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
	if h.began.Equal(o.project.began) || d.stats.still(h.began) {
		return h.Dirty[d.id], nil
	}
	h.mu.Lock()
	s, known := h.dirty[d.id]
	h.mu.Unlock()
	if known && s.files == d.stats.sum {
		return s.dirty, nil
	}
	dirty, err := h.IsDirty(o.history.ctx, d.id)
	if err == nil && d.stats.steady(o.project.began) {
		h.mu.Lock()
		h.dirty[d.id] = dealState{d.stats.sum, dirty}
		h.mu.Unlock()
	}
	return dirty, err
}
