package build

import (
	"context"
	"path/filepath"
	"sync"
	"time"

	"portico/internal/history"
)

// asked is what git said in an earlier run. It would say the same as long as
// all that decides it is as it was: State is the sum of the files outside of the
// deals and of the environment, and each deal has the sum of its own.
type asked struct {
	Answers history.Answers
	State   sum
	Deals   map[string]dealState
}

// dealState is whether git took a deal for changed when its files were these.
type dealState struct {
	Files sum
	Dirty bool
}

func (a *asked) code(c *coding) {
	c.texts(&a.Answers.Head, &a.Answers.Prefix)
	codeList(c, &a.Answers.Files, c.text)
	c.sum(&a.State)
	codeMap(c, &a.Deals, func(s *dealState) {
		c.sum(&s.Files)
		c.flag(&s.Dirty)
	})
}

// askedName is what the cache calls it.
const askedName = "git 2"

// maxSingle is how many deals git is asked about one by one: it goes through all
// of them in the time that it takes to start a few times.
const maxSingle = 4

// askedBefore is the history as it was in an earlier run, if git would still
// say the same; nil where it has to be asked.
func (p *Project) askedBefore(ctx context.Context, store history.Store) *keptHistory {
	var kept asked
	if p.opts.Program == "" || p.began.IsZero() || !p.cache.decode(askedName, &kept) {
		return nil
	}
	h := history.Resume(ctx, p.opts.Source, kept.Answers, p.IDs, store)
	if h == nil {
		return nil
	}
	unknown := 0
	for id := range h.Deals {
		if _, ok := kept.Deals[id]; !ok {
			unknown++
		}
	}
	state, _, ok := surroundings(kept.Answers.Files)
	if !ok || state != kept.State || unknown > maxSingle {
		return nil
	}
	return &keptHistory{History: h, began: p.began, resumed: true, asked: kept}
}

// fresh takes in what has to hold for a history that was just read to be gone on
// from. Whatever changed while it was read makes it of no use to others.
func (h *keptHistory) fresh(ctx context.Context, began time.Time) {
	answers, ok := h.Answers(ctx)
	if !ok {
		return
	}
	state, settled, ok := surroundings(answers.Files)
	if !ok || !settled.Before(began) {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked.Answers, h.asked.State, h.changed = answers, state, true
}

// keepAsked for the next run.
func (p *Project) keepAsked(h *keptHistory) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.changed && h.asked.State != (sum{}) && p.opts.Program != "" {
		p.cache.encode(askedName, &h.asked)
		h.changed = false
	}
}

// surroundings are the sum of the files outside of the deals that decide what
// git says, and when the last change of any of them could no longer be followed
// by another that leaves the same. Of a file that is not there its folder tells
// when it went.
func surroundings(files []string) (_ sum, settled time.Time, ok bool) {
	if !canScan || len(files) == 0 {
		return sum{}, time.Time{}, false
	}
	s := newSum("surroundings 1")
	s.text(history.Surroundings()...)
	for _, file := range files {
		s.text(file)
		st, there := statAt(file)
		if !there {
			above, _ := statAt(filepath.Dir(file))
			settled = later(settled, above.settled())
			continue
		}
		settled = later(settled, st.settled())
		s.number(st.mode, st.size, st.inode, st.modified.UnixNano(), st.changed.UnixNano())
		if real, err := filepath.EvalSymlinks(file); err == nil && real != file {
			st, _ = statAt(real)
			settled = later(settled, st.settled())
			s.text(real)
			s.number(st.mode, st.size, st.inode, st.modified.UnixNano(), st.changed.UnixNano())
		}
	}
	return s.sum(), settled, true
}

// everyDeal is what git says of all deals, once it was asked in this run.
type everyDeal struct {
	once  sync.Once
	dirty map[string]bool
	err   error
}
