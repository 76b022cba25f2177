package main

import (
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// patience is how long a build may take before a bar shows.
const patience = 700 * time.Millisecond

// bar shows how far long work has got, on a terminal and nowhere else. It may
// be used by several goroutines.
type bar struct {
	mu    sync.Mutex
	show  bool
	began time.Time
	now   func() time.Time
	bar   *progressbar.ProgressBar
}

func (a *app) progress() *bar {
	return &bar{show: !a.quiet && terminal(a.err) && a.env("TERM") != "dumb", began: a.now(), now: a.now}
}

func (b *bar) set(done, total int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.show || b.now().Sub(b.began) < patience {
		return
	}
	if b.bar == nil {
		b.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetDescription("deals"),
			progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30), progressbar.OptionThrottle(80*time.Millisecond))
	}
	_ = b.bar.Set(done) // a bar that can't be drawn is no reason to fail
}

// end takes the bar away.
func (b *bar) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bar != nil {
		_ = b.bar.Clear() // likewise
		b.bar = nil
	}
	b.show = false
}
