package build

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"portico/internal/deal"
	"portico/internal/history"
	"portico/internal/parse"
	"portico/internal/seal"
)

// formerWays are who could open which deal at some time, as git tells. They are
// read while the first deals are.
type formerWays struct {
	done     chan struct{}
	versions history.Versions
	err      error
}

// recallWays begins to read them, where deals are sealed. Where the history is
// gone on from, git has nothing new to tell of them either; past is nil where
// nobody asks for that.
func (p *Project) recallWays(ctx context.Context, past *recollection) *formerWays {
	f := &formerWays{done: make(chan struct{})}
	if p.opts.Clear || p.opts.Key == nil {
		close(f.done)
		return f
	}
	store := history.Store{}
	if p.cache != nil {
		store.Load = func() []byte { return p.cache.get("ways in 1") }
		store.Save = func(data []byte) { p.cache.put("ways in 1", data) }
	}
	p.asking.Go(func() {
		defer close(f.done)
		if f.versions = past.ways(store); f.versions != nil {
			return
		}
		f.versions, f.err = history.ReadVersions(ctx, p.opts.Source, tellWays, store)
	})
	return f
}

// ways that are known of a history that is gone on from; nil where git has to be
// asked.
func (r *recollection) ways(store history.Store) history.Versions {
	if r == nil {
		return nil
	}
	if <-r.tried; r.before == nil {
		return nil
	}
	return r.before.Versions(store)
}

// tellWays is what matters of an old deal.toml.
func tellWays(text []byte) (string, bool) {
	former, ok := parse.FormerAccess(string(text))
	if !ok {
		return "", false
	}
	data, err := json.Marshal(former)
	if err != nil {
		panic("internal error: " + err.Error()) // it is made of texts and numbers
	}
	return string(data), true
}

// of a deal, the oldest first.
func (f *formerWays) of(id string) ([]deal.FormerAccess, error) {
	<-f.done
	if f.err != nil {
		return nil, fmt.Errorf("reading who could open the deal %s before: %w", id, f.err)
	}
	var list []deal.FormerAccess
	for _, told := range f.versions[id] {
		var former deal.FormerAccess
		if err := json.Unmarshal([]byte(told), &former); err != nil {
			return nil, fmt.Errorf("reading who could open the deal %s before: %w", id, err)
		}
		list = append(list, former)
	}
	return list, nil
}

// ofDeal stands for the deal's own generation, which must not go back though
// the deal has no passphrase.
const ofDeal = ""

// holders of ways in at some time, by the generation of each.
func holders(a deal.FormerAccess, site *deal.Site) seal.Former {
	f := seal.Former{ofDeal: a.Generation}
	phrase := site.Access.Passphrase
	if a.Passphrase != nil {
		phrase = *a.Passphrase
	}
	if phrase {
		f[seal.Everyone] = a.Generation
	}
	for id, generation := range a.Viewers {
		f[id] = generation
	}
	return f
}

// accessNow of a deal in the same words.
func accessNow(d *deal.Deal) deal.FormerAccess {
	now := deal.FormerAccess{Generation: uint32(d.Access.Generation), Passphrase: &d.Access.Passphrase, Viewers: map[string]uint32{}}
	for _, id := range d.Access.Viewers {
		now.Viewers[id] = generationOf(d, id)
	}
	return now
}

// regained finds ways in that were taken away and would open the deal again.
func regained(d *deal.Deal, site *deal.Site, file string, past []deal.FormerAccess) []deal.Finding {
	var before []seal.Former
	for _, a := range past {
		before = append(before, holders(a, site))
	}
	now := holders(accessNow(d), site)
	var findings []deal.Finding
	for _, who := range sortedKeys(now) {
		var r *seal.Regained
		if err := seal.CheckGenerations(before, seal.Former{who: now[who]}); !errors.As(err, &r) {
			continue
		}
		if who == seal.Everyone && len(findings) > 0 {
			continue // the deal's own generation, which is the same, was reported
		}
		findings = append(findings, regainedBy(r, d, file))
	}
	return findings
}

func regainedBy(r *seal.Regained, d *deal.Deal, file string) deal.Finding {
	f := deal.Finding{Place: deal.Place{File: file, Path: deal.At("access", "viewer", r.Who, "generation")}, Code: "old-way-in"}
	whose, table := fmt.Sprintf("the link of %q", r.Who), fmt.Sprintf("[access.viewer.%s]", r.Who)
	switch _, has := d.Access.Viewer[r.Who]; {
	case r.Who == seal.Everyone || r.Who == ofDeal:
		whose, table = "the deal's passphrase", "[access]"
		f.Path = deal.At("access", "generation")
	case !has:
		f.Path = deal.At("access", "viewers", slices.Index(d.Access.Viewers, r.Who))
	}
	f.Text = fmt.Sprintf("%s had generation %d before, and now has %d: an old one would open the deal again", whose, r.Had, r.Now)
	if r.Removed {
		f.Text = fmt.Sprintf("%s was taken away and is back with generation %d: the old one would open the deal again", whose, r.Now)
	}
	f.Hint = fmt.Sprintf("write `generation = %d` in %s", r.Least(), table)
	return f
}

// Rekeyed is a deal that somebody has no way into any more.
type Rekeyed struct {
	Deal string
	// Gone are their names.
	Gone []string
	// Words says that who of them knows the deal's passphrase or password still
	// gets in: its generation is the same as then.
	Words bool
}

// gone are the viewers of a deal who had a way in and have none any more, by
// their names: those whom git shows since the deal's generation was raised, or
// with last, in the version before this one, and those whose time is over. knows
// says that some of them may know the deal's words as they are now.
func (o *Output) gone(d *dealOutput, last bool) (list []string, knows bool) {
	now, l := accessNow(d.loaded.Deal.Deal), d.loaded
	names := map[string]string{}
	note := func(then deal.FormerAccess) {
		for id := range then.Viewers {
			if _, in := now.Viewers[id]; !in {
				names[id] = l.nameOf(id, then.Names[id])
				knows = knows || then.Generation == now.Generation
			}
		}
	}
	for _, then := range slices.Backward(d.sealed.past) {
		if then.Generation == now.Generation {
			note(then)
		}
		if last && !slices.Equal(sortedKeys(then.Viewers), sortedKeys(now.Viewers)) {
			note(then)
			last = false
		}
	}
	for _, id := range l.Access.Viewers {
		if !slices.Contains(d.sealed.viewers, id) {
			names[id], knows = l.nameOf(id, ""), true
		}
	}
	for _, id := range sortedKeys(names) {
		list = append(list, names[id])
	}
	return list, knows && d.sealed.words
}

// nameOf a person, who may be in the deal no more.
func (l *loaded) nameOf(id, once string) string {
	for _, p := range []*deal.Person{l.Person(id), l.site.Member(id)} {
		if p != nil && p.Name != "" {
			return p.Name
		}
	}
	if once != "" {
		return once
	}
	return id
}

// rekeyed notes who has no way into a deal any more. before is the header of its
// lock page as it was; the zero one where there was none.
func (w *writer) rekeyed(d *dealOutput, before seal.Header) {
	if d.sealed == nil || before.Deal == d.sealed.header.Deal && before.Epoch == d.sealed.header.Epoch {
		return
	}
	there := before.Deal == d.sealed.header.Deal
	if gone, knows := w.output.gone(d, there); len(gone) > 0 && (there || knows) {
		w.result.Rekeyed = append(w.result.Rekeyed, Rekeyed{Deal: d.loaded.ID, Gone: gone, Words: knows})
	}
}
