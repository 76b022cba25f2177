// Package browser drives Chromium in tests: it opens pages at a size and
// gathers what the browser has to complain of, and what it asked of whom.
package browser

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/serviceworker"
	"github.com/chromedp/chromedp"

	"portico/internal/need"
)

// Browser is a running Chromium, or a part of one that has storage of its own.
type Browser struct {
	ctx  context.Context
	part cdp.BrowserContextID // "" is the browser's own
}

// patience bounds each action; a slow machine may take long.
const patience = 60 * time.Second

//go:embed fonts.conf
var fonts []byte

// Start a browser for a test, which ends it.
func Start(t testing.TB) *Browser {
	t.Helper()
	ctx, stop, err := start(need.Chromium(t), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return &Browser{ctx: ctx}
}

// start a browser. Its letters are the same on every machine that has the
// fonts, which a file in a folder lists.
func start(program, dir string, more ...chromedp.ExecAllocatorOption) (context.Context, func(), error) {
	config := filepath.Join(dir, "fonts.conf")
	if err := os.WriteFile(config, fonts, 0o644); err != nil {
		return nil, nil, err
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.Env("FONTCONFIG_FILE="+config),
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("hide-scrollbars", true))
	outer, stop := chromedp.NewExecAllocator(context.Background(), append(options, more...)...)
	ctx, leave := chromedp.NewContext(outer)
	if err := chromedp.Do(ctx); err != nil { // starts the browser; a deadline here would end it later
		leave()
		stop()
		return nil, nil, fmt.Errorf("starting Chromium: %w", err)
	}
	return ctx, func() { leave(); stop() }, nil
}

// Page is a tab. It gathers complaints and requests from its start.
type Page struct {
	ctx context.Context
	t   testing.TB

	mu         sync.Mutex
	complaints []string
	requests   []string
	loads      int
	plain      bool // without JavaScript
}

// Page opens a tab of a size.
func (b *Browser) Page(t testing.TB, width, height int) *Page {
	t.Helper()
	p := &Page{t: t}
	ctx, stop := chromedp.NewContext(b.ctx, chromedp.WithListener(p.listen), chromedp.WithExistingBrowserContext(b.part))
	t.Cleanup(stop)
	p.ctx = ctx
	p.do(chromedp.EmulateViewport(int64(width), int64(height)))
	p.call(func(ctx context.Context, s *chromedp.Target) error {
		_, err := cdp.Call(ctx, s, log.Enable, cdp.Empty{})
		return err
	})
	p.call(func(ctx context.Context, s *chromedp.Target) error {
		_, err := cdp.Call(ctx, s, network.Enable, network.EnableParams{})
		return err
	})
	return p
}

func (p *Page) listen(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			p.complaints = append(p.complaints, fmt.Sprintf("%s: %s", e.Entry.Text, e.Entry.URL))
		}
	case *runtime.EventExceptionThrown:
		p.complaints = append(p.complaints, "exception: "+e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning || e.Type == runtime.ConsoleAPICalledTypeAssert {
			p.complaints = append(p.complaints, fmt.Sprintf("console.%s", e.Type))
		}
	case *page.EventLoadEventFired:
		p.loads++
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request.URL)
	}
}

// Complaints are errors and warnings of the console, exceptions and breaches
// of the content security policy, since the tab was opened.
func (p *Page) Complaints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.complaints)
}

// Foreign are the requests to any origin but one.
func (p *Page) Foreign(origin string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(p.requests), func(url string) bool {
		return strings.HasPrefix(url, origin) || strings.HasPrefix(url, "about:") || strings.HasPrefix(url, "data:") // the browser's own signs
	})
}

// settled resolves once a page has left itself alone for five frames, or after
// a while on one that never does.
const settled = `new Promise(done => {
	let quiet = 0;
	const watch = new MutationObserver(() => { quiet = 0; });
	watch.observe(document, {subtree: true, attributes: true, childList: true});
	const frame = () => ++quiet > 5 ? done(true) : requestAnimationFrame(() => setTimeout(frame));
	setTimeout(() => done(true), 5000);
	frame();
})`

// Goto loads an address, and waits for what the page's script does at first.
func (p *Page) Goto(url string) {
	p.t.Helper()
	p.do(chromedp.Navigate(url))
	if !p.plain {
		Await[bool](p, settled)
	}
}

// Loads is how many pages the tab has loaded.
func (p *Page) Loads() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.loads
}

// Leaves waits for a page of its own accord: for one that is loaded after so
// many others.
func (p *Page) Leaves(before int) {
	p.t.Helper()
	for until := time.Now().Add(patience); p.Loads() <= before; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			p.t.Fatal("browser: no other page is loaded")
		}
	}
	Await[bool](p, settled)
}

// Reload loads the page anew, past every cache and worker.
func (p *Page) Reload() {
	p.t.Helper()
	before := p.Loads()
	p.call(func(ctx context.Context, s *chromedp.Target) error {
		_, err := cdp.Call(ctx, s, page.Reload, page.ReloadParams{IgnoreCache: new(true)})
		return err
	})
	p.Leaves(before)
}

// Close the tab, as somebody who has seen enough does.
func (p *Page) Close() {
	p.t.Helper()
	p.call(func(ctx context.Context, s *chromedp.Target) error {
		_, err := cdp.Call(ctx, s, page.Close, cdp.Empty{})
		return err
	})
}

// StopWorkers ends every service worker, as a browser does when it wants its
// memory.
func (p *Page) StopWorkers() {
	p.t.Helper()
	p.call(func(ctx context.Context, s *chromedp.Target) error {
		if _, err := cdp.Call(ctx, s, serviceworker.Enable, cdp.Empty{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, s, serviceworker.StopAllWorkers, cdp.Empty{})
		return err
	})
}

// Script runs before any page that is loaded from now on.
func (p *Page) Script(source string) {
	p.t.Helper()
	p.call(func(ctx context.Context, s *chromedp.Target) error {
		_, err := cdp.Call(ctx, s, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: source})
		return err
	})
}

// NoScript loads pages from now on as a browser without JavaScript does.
func (p *Page) NoScript() {
	p.t.Helper()
	p.plain = true
	p.call(func(ctx context.Context, s *chromedp.Target) error {
		_, err := cdp.Call(ctx, s, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	})
}

// Point moves the pointer to the middle of what a CSS selector finds.
func (p *Page) Point(selector string) {
	p.t.Helper()
	at := Eval[[2]float64](p, fmt.Sprintf(`(r => [r.x + r.width / 2, r.y + r.height / 2])(document.querySelector(%q).getBoundingClientRect())`, selector))
	p.do(chromedp.MouseEvent(chromedp.MouseMoved, at[0], at[1]))
}

// Click what a CSS selector finds.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.do(chromedp.Click(chromedp.CSS(selector)))
}

func (p *Page) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	if chromedp.FromContext(p.ctx).Target == nil {
		ctx = p.ctx // the first action opens the tab, which must outlive it
	}
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatalf("browser: %v", err)
	}
}

func (p *Page) call(f func(context.Context, *chromedp.Target) error) {
	p.t.Helper()
	p.do(chromedp.Func(f))
}

// Try evaluates an expression on a page that may be left at any moment.
func Try[T any](p *Page, expression string) (T, error) {
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression))
}

// Eval evaluates an expression on the page.
func Eval[T any](p *Page, expression string) T {
	p.t.Helper()
	v, err := Try[T](p, expression)
	if err != nil {
		p.t.Fatalf("browser: %s: %v", expression, err)
	}
	return v
}

// Await evaluates an expression that gives a promise, and waits for it.
func Await[T any](p *Page, expression string) T {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("browser: %s: %v", expression, err)
	}
	return v
}

// Scheme makes the page light or dark.
func (p *Page) Scheme(name string) {
	p.t.Helper()
	p.Media("", "prefers-color-scheme", name)
}

// Media makes the page believe in a medium, such as print, or in the screen
// where that is "", and in features of it, each a name and its value.
func (p *Page) Media(medium string, features ...string) {
	p.t.Helper()
	params := emulation.SetEmulatedMediaParams{Media: medium}
	for i := 0; i < len(features); i += 2 {
		params.Features = append(params.Features, &emulation.MediaFeature{Name: features[i], Value: features[i+1]})
	}
	p.call(func(ctx context.Context, s *chromedp.Target) error {
		_, err := cdp.Call(ctx, s, emulation.SetEmulatedMedia, params)
		return err
	})
}

// Resize gives the tab another size.
func (p *Page) Resize(width, height int) {
	p.t.Helper()
	p.do(chromedp.EmulateViewport(int64(width), int64(height)))
}

// Press a key, such as "\t".
func (p *Page) Press(key string) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(key))
}

// PressShifted presses a key with the shift key held.
func (p *Page) PressShifted(key string) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(key, chromedp.KeyModifiers(chromedp.ModifierShift)))
}

// Print is the page on paper, as a PDF. Sizes are in inches; the margins are
// the page's own.
func (p *Page) Print(width, height float64) []byte {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	data, err := chromedp.Run(ctx, chromedp.PrintToPDF(func(o *page.PrintToPDFParams) {
		o.PaperWidth, o.PaperHeight = width, height
	}))
	if err != nil {
		p.t.Fatalf("browser: %v", err)
	}
	return data
}

// View is what stands in the window, as a PNG.
func (p *Page) View() []byte {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	data, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatalf("browser: %v", err)
	}
	return data
}
