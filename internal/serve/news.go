package serve

import (
	"context"
	"slices"
	"strings"
	"time"

	"portico/internal/diag"
	"portico/internal/watch"
)

// News is what there is to say of the site after a change, or at the start.
type News struct {
	// Paths are the files that changed; none at the start.
	Paths []string
	// Took is how long it took from there to know all this.
	Took time.Duration
	// Deals is how many there are.
	Deals int
	// All messages, and New, those that were not there before.
	All, New diag.List
	// Mended says that something was wrong and nothing is any more.
	Mended bool
	// Err is what keeps the site, or a deal that is looked at, from being made.
	Err error
}

// known is what was said last.
type known struct {
	site, deals diag.List
	failed      bool
}

// tell of every change. Where checking takes longer than they come, several
// are told of as one.
func (p *Preview) tell(ctx context.Context, happened <-chan change) {
	var k known
	for {
		var c change
		select {
		case c = <-happened:
		case <-ctx.Done():
			return
		}
		for len(happened) > 0 {
			c.paths = append(c.paths, (<-happened).paths...)
		}
		slices.Sort(c.paths)
		c.paths = slices.Compact(c.paths)
		news := p.learn(ctx, &k, c)
		if ctx.Err() != nil {
			return
		}
		if p.opts.Tell != nil {
			p.opts.Tell(news)
		}
	}
}

// learn what a change came to.
func (p *Preview) learn(ctx context.Context, k *known, c change) News {
	e := p.base.current(ctx, p.count())
	defer e.release()
	news := News{Paths: c.paths, Deals: len(e.ids()), Err: e.err}
	before := append(slices.Clone(k.site), k.deals...)
	if e.project != nil {
		if err := k.check(ctx, e, c.paths); err != nil && news.Err == nil {
			news.Err = err
		}
	}
	if news.Err == nil {
		news.Err = p.viewedErr(e)
	}
	news.All = append(slices.Clone(k.site), k.deals...)
	news.All.Sort()
	news.New = slices.DeleteFunc(slices.Clone(news.All), func(m diag.Message) bool {
		return slices.ContainsFunc(before, func(old diag.Message) bool {
			return old.File == m.File && old.Code == m.Code && old.Text == m.Text && old.Excerpt == m.Excerpt
		})
	})
	failed := news.Err != nil || news.All.Failed()
	news.Mended = k.failed && !failed
	k.failed = failed
	if !c.at.IsZero() {
		news.Took = time.Since(c.at)
	}
	return news
}

// check the deals that a change concerns.
func (k *known) check(ctx context.Context, e *edition, paths []string) error {
	ids, all := concerned(paths)
	if all {
		ids, k.deals = e.ids(), nil
	}
	k.site = e.messages
	k.deals = slices.DeleteFunc(k.deals, func(m diag.Message) bool {
		id := dealOf(m.File)
		return id != "" && (slices.Contains(ids, id) || !slices.Contains(e.ids(), id))
	})
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !slices.Contains(e.ids(), id) })
	if len(ids) == 0 {
		return nil
	}
	list, err := e.project.Check(ctx, ids...)
	for _, m := range list {
		if !slices.Contains(k.site, m) && !slices.Contains(k.deals, m) {
			k.deals = append(k.deals, m)
		}
	}
	return err
}

// concerned are the deals that some files belong to, or all. A style, a layout
// or a commit changes how deals look, and nothing that could be wrong in them.
func concerned(paths []string) (ids []string, all bool) {
	for _, path := range paths {
		switch id := dealOf(path); {
		case id != "":
			ids = append(ids, id)
		case path == watch.Everything, path == "portico.toml", path == "content",
			strings.HasPrefix(path, "content/_library"), strings.HasSuffix(path, "/theme.toml"):
			return nil, true
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), len(paths) == 0
}

// viewedErr is what keeps a deal that is looked at from being made.
func (p *Preview) viewedErr(e *edition) error {
	p.mu.Lock()
	var ids []string
	for id := range p.watched {
		ids = append(ids, id)
	}
	p.mu.Unlock()
	slices.Sort(ids)
	for _, id := range ids {
		if !e.output.Has(id) {
			continue
		}
		if _, _, err := e.output.Made(id); err != nil {
			return err
		}
	}
	return nil
}
