package build

import (
	"context"
	"os"
	"sync"
	"time"
)

// placed is what a deal's folder in the output was made of, and what the stats
// of its files said once it was there, with its shape if nothing was put there
// for a moment.
type placed struct {
	Made, Stats sum
	Shape       shape
}

// placements are what lies in an output, by deals' ids.
type placements map[string]placed

func (m *placements) code(c *coding) {
	codeMap(c, m, func(p *placed) {
		c.sum(&p.Made)
		c.sum(&p.Stats)
		p.Shape.code(c)
	})
}

// placedName is what the cache calls those of one output.
func placedName(t *target) string { return "placed 3 " + t.dir }

// placedIn an output by the last build of it.
func (p *Project) placedIn(t *target) placements {
	m := placements{}
	if p.opts.Program == "" || p.began.IsZero() || !p.cache.decode(placedName(t), &m) {
		return placements{}
	}
	return m
}

// untouched says whether a deal's folder in the output is what would be made,
// by all that it would be made of and the stats of what is there.
func (w *writer) untouched(d *dealOutput) (bool, error) {
	if err := w.output.dress(d); err != nil {
		return false, err
	}
	kept, made := w.placed()[d.id], w.output.madeOf(d)
	if w.there == nil || made == (sum{}) || kept.Made != made {
		return false, nil
	}
	began := w.began()
	s := rescan(*w.there, d.folder, kept.Shape)
	if !s.whole || s.sum != kept.Stats {
		return false, nil
	}
	if s.shape != kept.Shape && s.still(began) { // it had only just been put there
		w.mu.Lock()
		w.shapes[d.id] = s.shape
		w.mu.Unlock()
	}
	if w.noteDeal(d) {
		return true, nil
	}
	if _, err := w.claim(d); err != nil {
		return false, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.built(d)
	return true, nil
}

// remember what was put in place, for the next build. What was put there a
// moment ago could still change without a trace, and is not.
func (w *writer) remember(ctx context.Context) error {
	p := w.output.project
	defer func() { p.cache.tidy(time.Now()) }() // by files' times, no day of a deal
	if w.there == nil || p.opts.Program == "" || p.began.IsZero() {
		return nil
	}
	p.asking.Wait()
	var beside sync.WaitGroup
	defer beside.Wait()
	beside.Go(func() { p.records.save(p.IDs) })
	if h, err := w.output.history.wait(); err == nil {
		p.keepAsked(h)
	}
	var now time.Time
	if len(w.made) > 0 {
		now = w.target.clock()
	}
	there := w.placed()
	changed := len(w.shapes) > 0
	for id, shape := range w.shapes {
		kept := there[id]
		kept.Shape = shape
		there[id] = kept
	}
	for id := range there {
		if w.folders[id] == "" && len(p.opts.Deals) == 0 {
			delete(there, id)
			changed = true
		}
	}
	err := p.each(ctx, sortedKeys(w.made), func(id string) error {
		s := scanFolder(w.there.open(w.folders[id]))
		if !s.still(now) {
			s.shape = shape{}
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		changed = true
		if delete(there, id); s.steady(now) {
			there[id] = placed{w.made[id], s.sum, s.shape}
		}
		return nil
	})
	if changed {
		p.cache.encode(placedName(w.target), &there)
	}
	return err
}

// clock of the output's file system.
func (t *target) clock() time.Time {
	defer t.tidy()
	if os.MkdirAll(t.state, 0o755) != nil {
		return time.Time{}
	}
	return clockIn(t.state)
}
