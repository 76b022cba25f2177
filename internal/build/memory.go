package build

import (
	"io/fs"
	"maps"
	"slices"
	"sync"

	"portico/internal/deal"
	"portico/internal/message"
	"portico/internal/render"
)

// Memory is what one run of the line leaves for the next in the same process:
// deals that were read, their pages, looks, the history. Everything in it is
// found by the sum of what it was made of, so that a change is never missed,
// and nothing in it needs a folder that was opened. Projects of one site may
// share it, at once if need be.
type Memory struct {
	records records
	// words are those of the program, where nothing is put over them.
	words message.Catalog

	mu      sync.Mutex
	deals   []*keptDeal // the last used first
	looks   []*keptLook // likewise
	history *keptHistory
}

// NewMemory is one that knows nothing yet.
func NewMemory() *Memory { return &Memory{} }

// How much is kept: of deals those that somebody is looking at, since a record
// is enough to list the others.
const (
	maxKeptDeals = 32
	maxKeptLooks = 4
)

// keptDeal is a deal that was read, and its pages if they were made.
type keptDeal struct {
	id     string
	source sum
	loaded *loaded // with its folder closed; nothing in it is written any more
	made   sum
	pages  []render.Output
}

// keptLook is a bundled look and what makes pages with it.
type keptLook struct {
	key       sum
	bundled   *bundled
	renderers *renderers
}

// catalog of the words of every page, with more over the program's own.
func (m *Memory) catalog(more fs.FS) *message.Catalog {
	if m == nil || more != nil {
		return &message.Catalog{More: more}
	}
	return &m.words
}

// deal that was read from the same; nil where there is none.
func (m *Memory) deal(id string, source sum) *keptDeal {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.deals, func(k *keptDeal) bool { return k.id == id && k.source == source })
	if i < 0 {
		return nil
	}
	k := m.deals[i]
	m.deals = slices.Insert(slices.Delete(m.deals, i, i+1), 0, k)
	return k
}

// keepDeal in the place of what was known of it.
func (m *Memory) keepDeal(id string, source sum, l *loaded, made sum, pages []render.Output) {
	if m == nil {
		return
	}
	k := &keptDeal{id: id, source: source, loaded: l.apart(), made: made, pages: pages}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.deals = slices.DeleteFunc(m.deals, func(k *keptDeal) bool { return k.id == id })
	m.deals = slices.Insert(m.deals, 0, k)
	m.deals = m.deals[:min(len(m.deals), maxKeptDeals)]
}

// apart is a deal without what is open, and without its pictures, which are
// large and in the cache.
func (l *loaded) apart() *loaded {
	return &loaded{Deal: l.Deal, site: l.site, messages: l.messages, sizes: maps.Clone(l.sizes), pictures: map[deal.File]madePicture{}}
}

// in a project that is open, such a deal can be made again.
func (l *loaded) in(p *Project, f *folder) *loaded {
	again := l.apart()
	again.project, again.folder = p, f
	return again
}

// look that was made of the same; nil where there is none.
func (m *Memory) look(key sum) *keptLook {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.looks, func(k *keptLook) bool { return k.key == key })
	if i < 0 {
		return nil
	}
	k := m.looks[i]
	m.looks = slices.Insert(slices.Delete(m.looks, i, i+1), 0, k)
	return k
}

// renderer of a look out of one that was kept and has the same layouts; nil
// where there is none.
func (m *Memory) renderer(look *render.Look, words *message.Catalog) *render.Renderer {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range m.looks {
		if r := k.renderers.renderer.Load(); r != nil {
			if r = r.With(look, words); r != nil {
				return r
			}
		}
	}
	return nil
}

func (m *Memory) keepLook(k *keptLook) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.looks = slices.Insert(m.looks, 0, k)
	m.looks = m.looks[:min(len(m.looks), maxKeptLooks)]
}
