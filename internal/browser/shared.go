package browser

import (
	"context"
	"os"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"portico/internal/need"
)

// Shared is a Chromium that the tests of a package have between them: to start
// one, or a process for a tab, takes several times what a page does. It starts
// when the first of them asks for it.
type Shared struct {
	once sync.Once
	dir  string
	ctx  context.Context
	stop func()
	err  error
}

// Browser is a part of it that keeps what a test's pages store, and that no
// other test sees. Its pages are computed one after the other.
func (s *Shared) Browser(t testing.TB) *Browser {
	t.Helper()
	program := need.Chromium(t)
	s.once.Do(func() { s.start(program) })
	if s.err != nil {
		t.Fatal(s.err)
	}
	c := chromedp.FromContext(s.ctx)
	made, err := cdp.Call(s.ctx, c.Browser, target.CreateBrowserContext, target.CreateBrowserContextParams{})
	if err != nil {
		t.Fatalf("browser: %v", err)
	}
	t.Cleanup(func() {
		_, err := cdp.Call(s.ctx, c.Browser, target.DisposeBrowserContext, target.DisposeBrowserContextParams{BrowserContextID: made.BrowserContextID})
		if err != nil {
			t.Errorf("browser: %v", err)
		}
	})
	return &Browser{s.ctx, made.BrowserContextID}
}

func (s *Shared) start(program string) {
	if s.dir, s.err = os.MkdirTemp("", "portico-browser-"); s.err == nil {
		s.ctx, s.stop, s.err = start(program, s.dir, chromedp.Flag("renderer-process-limit", "1"))
	}
}

// Close ends the browser, if it was started.
func (s *Shared) Close() error {
	if s.stop != nil {
		s.stop()
	}
	if s.dir == "" {
		return nil
	}
	return os.RemoveAll(s.dir)
}
