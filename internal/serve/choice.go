package serve

import (
	"context"

	"portico/internal/diag"
)

// choice is the edition that a page is shown from, and what is wrong with the
// newest one.
type choice struct {
	*edition // to be released; nil where there is nothing to show but mistakes
	trouble
	// list is the page that lists the deals, where that was asked for.
	list []byte
}

// trouble is why a page cannot be shown as it was written last.
type trouble struct {
	mistakes diag.List
	err      error
}

func (t trouble) any() bool { return t.err != nil || len(t.mistakes) > 0 }

// forDeal chooses what a deal is shown from: the newest edition, or while that
// has a mistake, the one in which it was good last.
func (l *lane) forDeal(now *edition, id string) choice {
	t := trouble{mistakes: now.messages.Errors(), err: now.err}
	shown := false
	if now.err == nil {
		messages, made, err := now.output.Made(id)
		t.mistakes, t.err, shown = append(t.mistakes, messages.Errors()...), err, made
	}
	if !t.any() {
		if shown {
			l.keep(id, now)
		} else {
			l.drop(id)
		}
		return choice{edition: now.use()}
	}
	if e := l.kept(id); e != nil {
		return choice{edition: e, trouble: t}
	}
	if shown { // what is wrong is not in this deal
		return choice{edition: now.use(), trouble: t}
	}
	return choice{trouble: t}
}

// forList chooses what the list of deals is shown from. It tells of mistakes
// itself.
func (l *lane) forList(ctx context.Context, now *edition) choice {
	t := trouble{err: now.err}
	if t.err == nil {
		var page []byte
		if page, t.err = now.index(ctx); t.err == nil {
			l.keep("", now)
			return choice{edition: now.use(), list: page}
		}
	}
	t.mistakes = now.messages.Errors()
	if e := l.kept(""); e != nil {
		if page, err := e.index(ctx); err == nil {
			return choice{edition: e, trouble: t, list: page}
		}
		e.release()
	}
	return choice{trouble: t}
}
