package build

import (
	"context"
	"crypto/rand"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"portico/internal/check"
	"portico/internal/deal"
	"portico/internal/diag"
	"portico/internal/message"
	"portico/internal/parse"
)

// Project is a site that was opened: its settings are read, its deals are
// known by name and read when they are needed.
type Project struct {
	Site *parse.Site
	// Messages about portico.toml, the library and content/ itself.
	Messages diag.List
	// IDs of all deals, in order.
	IDs []string

	opts   Options
	key    teamKey
	words  *message.Catalog
	reader *parse.Reader
	// scripts open sealed deals in browsers.
	scripts func() (readerScripts, error)
	cache   *cache

	// began is when the project was opened, by the clock of its file system.
	began time.Time
	// reading is the sum of all that reading and checking any deal depends on;
	// steady says that nothing of it is in the middle of changing.
	reading sum
	steady  bool
	records *records
	// themeNames are those of all themes, in order.
	themeNames []string

	root, content, library *os.Root
	// deals is content/ as a scan goes through it; nil where nothing is kept.
	deals               *dirHandle
	siteAssets          fs.FS
	siteLayouts, themes fs.FS
	closers             []*os.Root
	// asking is what goes on beside, questions to git for instance, that nobody
	// may have waited for.
	asking sync.WaitGroup
}

// UnknownDeal is the error of a deal that does not exist.
type UnknownDeal struct {
	ID   string
	Near string
}

func (e *UnknownDeal) Error() string {
	s := fmt.Sprintf("there is no deal %q in content/", e.ID)
	if e.Near != "" {
		s += fmt.Sprintf("; did you mean %q?", e.Near)
	}
	return s
}

// Load opens a site, reads its settings and library, and lists its deals. The
// error is what the machine did; mistakes in content are Messages.
func Load(opts Options) (*Project, error) {
	if opts.Random == nil {
		opts.Random = rand.Reader
	}
	p := &Project{opts: opts, key: teamKey{ask: opts.Key}, words: opts.Memory.catalog(opts.Words), scripts: sync.OnceValues(bundleReader)}
	p.reader = parse.NewReader(p.words)
	p.reader.Locale, p.reader.Collector = opts.Locale, opts.Collector
	if err := p.open(); err != nil {
		p.Close()
		return nil, err
	}
	if err := p.read(); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// Close the folders of the site, once nothing is read or kept any more.
func (p *Project) Close() {
	p.asking.Wait()
	for _, r := range p.closers {
		_ = r.Close() // opened for reading
	}
	if p.deals != nil {
		p.deals.close()
	}
}

func (p *Project) open() error {
	source, err := filepath.Abs(p.opts.Source)
	if err != nil {
		return fmt.Errorf("finding the site's folder: %w", err)
	}
	p.opts.Source = source
	if p.root, err = os.OpenRoot(source); err != nil {
		return fmt.Errorf("opening the site's folder: %w", err)
	}
	p.closers = append(p.closers, p.root)
	for name, into := range map[string]*fs.FS{"assets": &p.siteAssets, "layouts": &p.siteLayouts, "themes": &p.themes} {
		r, err := p.sub(p.root, name)
		if err != nil {
			return err
		}
		if r != nil {
			*into = r.FS()
		}
	}
	if p.content, err = p.sub(p.root, "content"); err != nil {
		return err
	}
	if p.content != nil {
		if p.library, err = p.sub(p.content, "_library"); err != nil {
			return err
		}
	}
	if p.cache, err = p.cacheIn(filepath.Join(source, stateDir, "cache")); err != nil {
		return err
	}
	p.began = p.clock()
	p.records = p.kept()
	p.asking.Go(p.records.prepare) // while the site's own files are read
	p.openDeals()
	return nil
}

// cacheIn a folder, under the key that the site's caches have.
func (p *Project) cacheIn(dir string) (*cache, error) {
	if p.opts.CacheKey != nil {
		return cacheUnder(p.opts.CacheKey, dir, p.opts.Random)
	}
	return openCache(dir, p.opts.KeyFile, p.opts.Random)
}

// openDeals opens content/ for scans, where they tell anything.
func (p *Project) openDeals() {
	if p.content == nil || p.began.IsZero() {
		return
	}
	file, err := p.content.Open(".")
	if err != nil {
		return // it is said where deals are listed
	}
	defer file.Close() // opened for reading
	if f, err := asFolder(file); err == nil {
		p.deals = &f
	}
}

// stateDir is the program's own folder in a site.
const stateDir = ".portico"

// sub opens a folder of the site as a root of its own, which is closed with
// the project.
func (p *Project) sub(parent *os.Root, name string) (*os.Root, error) {
	r, err := openRoot(parent, name)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", name, err)
	}
	if r != nil {
		p.closers = append(p.closers, r)
	}
	return r, nil
}

func (p *Project) read() error {
	roots := parse.Roots{Site: p.root.FS(), Assets: p.siteAssets}
	library := scan{whole: true}
	if p.library != nil {
		roots.Library = p.library.FS()
		library = scanOpen(p.library.Open(".")) // before it is read, not after
	}
	var err error
	if p.Site, p.Messages, err = p.reader.Site(roots); err != nil {
		return err
	}
	site := p.Site.Default()
	p.themeNames = p.listThemes()
	p.reading, p.steady = p.readingSum(library), library.steady(p.began)
	findings := append(check.Site(site, p.words), p.inspectAssets()...)
	p.Messages = append(p.Messages, p.Site.Locate(findings)...)
	p.Messages = append(p.Messages, p.checkThemes(site)...)
	if err := p.list(); err != nil {
		return err
	}
	p.Messages.Sort()
	for _, id := range p.opts.Deals {
		if !slices.Contains(p.IDs, id) {
			return &UnknownDeal{id, diag.Nearest(id, p.IDs)}
		}
	}
	return nil
}

// checkThemes wants the themes that portico.toml names to exist.
func (p *Project) checkThemes(site *deal.Site) diag.List {
	var findings []deal.Finding
	want := func(name string, steps ...any) {
		if f, bad := p.unknownTheme(name); bad {
			f.Place = deal.Place{File: deal.SiteFile, Path: deal.At(steps...)}
			findings = append(findings, f)
		}
	}
	want(site.Theme, "site", "theme")
	for _, id := range sortedKeys(site.Profiles) {
		want(site.Profiles[id].Theme, "profile", id, "theme")
	}
	return p.Site.Locate(findings)
}

func (p *Project) unknownTheme(name string) (deal.Finding, bool) {
	themes := p.Themes()
	if name == "" || slices.Contains(themes, name) {
		return deal.Finding{}, false
	}
	return deal.Finding{Code: "unknown-theme", Text: fmt.Sprintf("there is no theme %q", name), Label: diag.DidYouMean(name, themes), Hint: "themes are " + strings.Join(themes, ", ")}, true
}

// list finds the deals: every folder of content/ whose name begins with
// neither _ nor a dot.
func (p *Project) list() error {
	if p.content == nil {
		return nil
	}
	entries, err := p.entries()
	if err != nil {
		return fmt.Errorf("reading content/: %w", err)
	}
	for _, e := range entries {
		switch name := e.Name(); {
		case strings.HasPrefix(name, "_") || strings.HasPrefix(name, "."):
		case e.IsDir():
			p.IDs = append(p.IDs, name)
		case e.Type()&fs.ModeSymlink != 0:
			p.Messages = append(p.Messages, aside("content/"+name, "path-escape", "this is a link, not a deal's folder", "put the folder itself there: a link could show one buyer another's deal", diag.Error))
		case strings.HasSuffix(name, ".md") && !strings.EqualFold(name, "readme.md"), strings.HasSuffix(name, ".toml"):
			p.Messages = append(p.Messages, aside("content/"+name, "unknown-file", "nothing shows this file", "every deal is a folder of its own under content/", diag.Warning))
		}
	}
	return nil
}

// entries of content/, in order. A root would be asked about each of them.
func (p *Project) entries() ([]fs.DirEntry, error) {
	if p.deals == nil {
		return fs.ReadDir(p.content.FS(), ".")
	}
	f, err := p.deals.open(".")
	if err != nil {
		return nil, err
	}
	defer f.close()
	return entriesOf(f)
}

// aside is a message about a file as a whole.
func aside(file, code, text, hint string, severity diag.Severity) diag.Message {
	m := diag.Message{Severity: severity, Code: code, Text: text, Hint: hint}
	return m.At(&diag.Source{Path: file}, diag.Span{})
}

// jobs is how many deals are made at once.
func (p *Project) jobs() int {
	if p.opts.Jobs > 0 {
		return p.opts.Jobs
	}
	return max(1, runtime.GOMAXPROCS(0))
}

// selected are the deals to build.
func (p *Project) selected() []string {
	if len(p.opts.Deals) == 0 {
		return p.IDs
	}
	ids := slices.Clone(p.opts.Deals)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Check reads and checks deals without making anything of them; none means
// all. The messages are sorted and hold those about the site.
func (p *Project) Check(ctx context.Context, ids ...string) (diag.List, error) {
	if len(ids) == 0 {
		ids = p.IDs
	}
	for _, id := range ids {
		if !slices.Contains(p.IDs, id) {
			return nil, &UnknownDeal{id, diag.Nearest(id, p.IDs)}
		}
	}
	var mu sync.Mutex
	list := slices.Clone(p.Messages)
	err := p.each(ctx, ids, func(id string) error {
		e, err := p.examine(id)
		if err != nil {
			return err
		}
		defer e.close()
		mu.Lock()
		defer mu.Unlock()
		list = append(list, e.record.Messages...)
		return nil
	})
	if err == nil && len(ids) == len(p.IDs) {
		p.records.save(p.IDs)
	}
	list.Sort()
	return check.Once(list), err
}

// each calls do for every deal, several at once. It stops at the first error
// and returns it.
func (p *Project) each(ctx context.Context, ids []string, do func(id string) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(p.jobs(), len(ids)) {
		workers.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(ids) {
					return
				}
				if err := do(ids[i]); err != nil {
					stop(err)
				}
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}
