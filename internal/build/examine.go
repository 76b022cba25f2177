package build

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// examined is a deal of which is known what reading and checking it comes to:
// from a record, or because it was read.
type examined struct {
	// source is the sum of all that this depends on.
	source sum
	stats  scan
	record *record
	// loaded is the deal itself; nil where the record said enough.
	loaded *loaded
}

func (e *examined) close() {
	if e.loaded != nil {
		e.loaded.close()
	}
}

// clock of the site's file system; the zero time where there is neither a cache
// nor a memory to keep anything in.
func (p *Project) clock() time.Time {
	if p.cache == nil && p.opts.Memory == nil {
		return time.Time{}
	}
	dir := filepath.Join(p.opts.Source, stateDir)
	if os.MkdirAll(dir, 0o755) != nil {
		return time.Time{}
	}
	return clockIn(dir)
}

// kept are the records of earlier runs, in this process or in the cache. Those
// of another program are not to be trusted: its rules may have been others.
func (p *Project) kept() *records {
	r := &records{}
	if p.opts.Memory != nil {
		r = &p.opts.Memory.records
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if p.opts.Program != "" {
		r.cache = p.cache
	}
	return r
}

// readingSum is the sum of what all deals share when they are read. Rules that
// look at anything else, the clock say, would have to put it in here.
func (p *Project) readingSum(library scan) sum {
	s := newSum("reading 1")
	s.text(p.opts.Program, p.opts.Locale, p.opts.Collector)
	s.bytes(library.sum[:])
	p.Site.EachText(func(file, text string) { s.text(file, text) })
	assets := p.Site.Default().Assets
	for _, name := range sortedKeys(assets) {
		s.text(name)
		s.number(int64(assets[name]))
	}
	s.text(p.themeNames...)
	s.words(p)
	return s.sum()
}

// words takes in those that a test or a site of its own brings along.
func (s *summer) words(p *Project) {
	s.text("words")
	if p.opts.Words != nil && s.files(p.opts.Words) != nil {
		s.text("unreadable")
	}
}

// examine a deal: look at its files, and read it if they, or anything else that
// it depends on, are not as they were.
func (p *Project) examine(id string) (*examined, error) { return p.inspectDeal(id, false) }

// openDeal examines a deal and reads it whether there is a record or not.
func (p *Project) openDeal(id string) (*examined, error) { return p.inspectDeal(id, true) }

func (p *Project) inspectDeal(id string, open bool) (*examined, error) {
	if !open {
		if e := p.recorded(id); e != nil {
			return e, nil
		}
	}
	root, err := p.folder(id)
	if err != nil {
		return nil, err
	}
	e, f := &examined{}, &folder{root: root}
	if !p.began.IsZero() {
		e.stats, f.seen = lookInto(openRegular(root, ".")) // before anything is read, not after
		e.source = p.sourceSum(id, e.stats)
		if e.stats.whole {
			e.record = p.records.get(id, e.source)
		}
	}
	if e.record != nil && !open {
		_ = root.Close() // opened for reading
		return e, nil
	}
	if k := p.opts.Memory.deal(id, e.source); k != nil && e.stats.whole {
		e.loaded = k.loaded.in(p, f)
	} else if e.loaded, err = p.loadFrom(id, f); err != nil {
		return nil, err
	}
	if e.record == nil {
		e.record = e.loaded.record(e.source)
		p.keep(id, e)
	}
	return e, nil
}

// recorded is a deal of which there is a record that holds, or nil. Nothing is
// read of it, so that its folder need not be a root.
func (p *Project) recorded(id string) *examined {
	if p.deals == nil {
		return nil
	}
	known, there := p.records.shape(id)
	if !there {
		return nil
	}
	e := &examined{stats: rescan(*p.deals, id, known)}
	e.source = p.sourceSum(id, e.stats)
	if e.stats.whole {
		e.record = p.records.get(id, e.source)
	}
	if e.record == nil {
		return nil
	}
	if e.stats.shape != known && e.stats.still(p.began) { // it was not still when the record was made
		p.keep(id, e)
	}
	return e
}

// sourceSum is the sum of all that reading and checking a deal depends on.
func (p *Project) sourceSum(id string, files scan) sum {
	s := newSum("deal 1")
	s.text(id)
	s.bytes(p.reading[:])
	s.bytes(files.sum[:])
	return s.sum()
}

// keep what was found out, unless it could change so fast that a later change
// might not show.
func (p *Project) keep(id string, e *examined) {
	if !p.lasting(e) {
		return
	}
	if e.record.Shape = (shape{}); e.stats.still(p.began) {
		e.record.Shape = e.stats.shape
	}
	p.records.put(id, *e.record)
}

func (p *Project) lasting(e *examined) bool { return p.steady && e.stats.steady(p.began) }

// folder of a deal, as a root of its own.
func (p *Project) folder(id string) (*os.Root, error) {
	root, err := openRoot(p.content, id)
	if err != nil {
		return nil, fmt.Errorf("opening the deal %s: %w", id, err)
	}
	if root == nil {
		return nil, fmt.Errorf("the deal %s is gone", id)
	}
	return root, nil
}
