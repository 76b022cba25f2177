package build

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"portico/internal/deal"
	"portico/internal/diag"
	"portico/internal/history"
	"portico/internal/host"
	"portico/internal/parse"
	"portico/internal/render"
)

// Output is the whole site as an fs.FS. It makes a deal's files when the first
// of them is opened, and keeps them until Forget. It may be used by several
// goroutines at once.
type Output struct {
	project *Project
	history *recollection
	// site are the files that belong to no deal, by name.
	site  map[string]*File
	looks map[string]*look
	lock  lock
	ways  *formerWays
	// seals says that there are deals to be sealed.
	seals  bool
	early  sync.Once
	looked chan struct{} // closed once the looks that the site names are there

	mu    sync.Mutex
	deals map[string]*dealOutput
}

// dealOutput is one deal's part of the output. It is made in three steps, each
// once: read and check it, date it by the history, make its pages.
type dealOutput struct {
	id                string
	read, dated, made sync.Once
	messages          diag.List
	*examined
	// left says why the deal is not built; empty where it is.
	left string
	// folder is where it lies in the output: its name or, sealed, one that tells
	// nothing.
	folder string
	// sealed is nil for a deal in the clear.
	sealed  *sealedDeal
	look    *look
	change  history.Change
	summary Summary
	files   map[string]*File
	err     error

	// open guards what is loaded, which a list of deals closes again.
	open sync.Mutex
}

// Summary is what there is to say of a deal in a list of them.
type Summary struct {
	ID, Buyer, Title, Status string
	Health                   deal.Health
	Next                     string
	Changed                  time.Time
	By                       string
	// FromFiles says that git does not know the change.
	FromFiles bool
	Public    bool
	// Left says why the deal is not built; empty where it is.
	Left string
	// Shown says that there are pages to look at, in Folder of the output.
	Shown    bool
	Folder   string
	Messages diag.List
}

// Output prepares the site's files. The messages are mistakes in the theme;
// with an error among them the output has no pages.
func (p *Project) Output(ctx context.Context) (*Output, diag.List, error) {
	past := p.recall(ctx)
	o := &Output{project: p, ways: p.recallWays(ctx, past), history: past, site: map[string]*File{}, looks: map[string]*look{}, deals: map[string]*dealOutput{}, looked: make(chan struct{})}
	defer close(o.looked)
	o.seals = p.anySealed()
	defer o.readAhead()()
	var messages diag.List
	for _, theme := range p.themesInUse() {
		l, more, err := p.makeLook(theme, o.seals)
		if err != nil {
			return nil, nil, err
		}
		messages = append(messages, more...)
		o.looks[theme] = l
	}
	messages.Sort()
	return o, messages, o.siteFiles()
}

// readAhead reads deals until what it returns is called: one core is idle while
// the look is made. A preview is asked for one deal or few, and reads those.
func (o *Output) readAhead() (stop func()) {
	p := o.project
	if p.opts.Memory != nil || p.jobs() == 1 {
		return func() {}
	}
	var enough atomic.Bool
	var reading sync.WaitGroup
	reading.Go(func() {
		whole := 0
		for _, id := range p.selected() {
			if enough.Load() || whole == maxWhole {
				return
			}
			if o.read(id).loaded != nil {
				whole++
			}
		}
	})
	return func() {
		enough.Store(true)
		reading.Wait()
	}
}

// anySealed says whether a deal is sealed, or may be: one that cannot be read is
// no public one. The first that is met mostly settles it.
func (p *Project) anySealed() bool {
	return !p.opts.Clear && slices.ContainsFunc(p.IDs, func(id string) bool {
		root, err := p.folder(id)
		if err != nil {
			return true
		}
		defer root.Close() // opened for reading
		f := &folder{root: root}
		if info, err := f.Stat("deal.toml"); err != nil || !info.Mode().IsRegular() {
			return true
		}
		text, err := f.ReadFile("deal.toml")
		return err != nil || !parse.SaysPublic(string(text))
	})
}

// themesInUse are those of the site and its profiles; a deal's own is made
// ready when it is met.
func (p *Project) themesInUse() []string {
	site := p.Site.Default()
	name := site.Theme
	if _, bad := p.unknownTheme(name); bad || name == "" {
		name = DefaultTheme
	}
	return []string{name}
}

// look of a theme, made ready when the first deal needs it.
func (o *Output) look(name string) (*look, diag.List, error) {
	if name == "" {
		name = DefaultTheme
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if l := o.looks[name]; l != nil {
		return l, nil, nil
	}
	l, messages, err := o.project.makeLook(name, o.seals)
	if err != nil {
		return nil, nil, err
	}
	o.looks[name] = l
	return l, messages, o.admitLook(l)
}

func (o *Output) admitLook(l *look) error {
	for name, data := range l.Files {
		if err := o.admitSite(shared(name), data); err != nil {
			return err
		}
	}
	return nil
}

// admitSite takes in a file that belongs to no deal.
func (o *Output) admitSite(name string, data []byte) error {
	f, err := o.admit(nil, name, File{data: data, size: int64(len(data))})
	if err == nil {
		o.site[name] = f
	}
	return err
}

// siteFiles are those that lie beside the deals.
func (o *Output) siteFiles() error {
	main := o.looks[o.project.themesInUse()[0]]
	if err := o.admitLook(main); err != nil {
		return err
	}
	files := map[string][]byte{
		// GitHub Pages would leave out the folder "_".
		".nojekyll":  nil,
		"robots.txt": []byte("User-agent: *\nDisallow: /\n"),
	}
	maps.Copy(files, main.Plain)
	site := o.project.Site.Default()
	hosts, err := host.Site{Base: basePath(site.BaseURL), Headers: o.Headers()}.Files(site.Hosts)
	if err != nil {
		return err
	}
	maps.Copy(files, hosts)
	for name, data := range files {
		if err := o.admitSite(name, data); err != nil {
			return err
		}
	}
	return nil
}

// basePath is the path that a site is published under.
func basePath(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "/"
	}
	return strings.TrimSuffix(u.Path, "/") + "/"
}

// deal makes a deal's files, once.
func (o *Output) deal(id string) *dealOutput {
	d := o.dated(id)
	d.made.Do(func() {
		if !d.buildable() {
			return
		}
		d.open.Lock()
		defer d.open.Unlock()
		if d.err = o.load(d); d.err == nil && d.buildable() {
			d.files, d.err = o.files(d)
		}
		if d.files != nil {
			o.follow(d)
		}
	})
	return d
}

// buildable says whether there is anything to be made of a deal.
func (d *dealOutput) buildable() bool {
	return d.err == nil && d.left == "" && d.record.Readable && !d.messages.Failed()
}

// read a deal and check it, once.
func (o *Output) read(id string) *dealOutput {
	o.mu.Lock()
	d := o.deals[id]
	if d == nil {
		d = &dealOutput{id: id}
		o.deals[id] = d
	}
	o.mu.Unlock()
	d.read.Do(func() {
		if d.examined, d.err = o.project.examine(id); d.err == nil {
			if d.loaded != nil {
				o.early.Do(o.ahead)
			}
			d.found()
		}
	})
	return d
}

// ahead begins to make what the pages of every deal take: git is asked about the
// first that is made again in the meantime.
func (o *Output) ahead() {
	o.project.asking.Go(func() {
		<-o.looked
		main, err := o.mainLook()
		if err != nil || main.failed {
			return // it is said where a page is made
		}
		_, _ = o.project.renderer(main) // likewise
	})
}

// found takes over what an examination found.
func (d *dealOutput) found() {
	d.messages = d.record.Messages
	d.summary = Summary{ID: d.id, Messages: d.messages}
}

// load a deal of which there was but a record. It is examined again, since it
// may have changed in the meantime.
func (o *Output) load(d *dealOutput) error {
	if d.loaded != nil {
		return nil
	}
	e, err := o.project.openDeal(d.id)
	if err != nil {
		return err
	}
	same := e.source == d.source && !o.project.began.IsZero()
	d.examined = e
	if same {
		return nil
	}
	d.found()
	if !d.record.Readable {
		return nil
	}
	return o.date(d)
}

// dated is a deal with its place in time. It waits for the history.
func (o *Output) dated(id string) *dealOutput {
	d := o.read(id)
	d.dated.Do(func() {
		if d.err != nil || !d.record.Readable {
			return
		}
		d.open.Lock()
		defer d.open.Unlock()
		if d.err = o.date(d); d.err != nil {
			d.summary.Shown = false
		}
	})
	return d
}

// Forget a deal's files, so that memory does not grow with the number of
// deals.
func (o *Output) Forget(id string) {
	o.mu.Lock()
	d := o.deals[id]
	delete(o.deals, id)
	o.mu.Unlock()
	if d != nil && d.examined != nil {
		d.close()
	}
}

// date a deal that was read.
func (o *Output) date(d *dealOutput) error {
	var err error
	s := &d.summary
	if d.change, s.FromFiles, err = o.changed(d); err != nil {
		return err
	}
	r := d.record
	d.left = o.leaveOut(r)
	s.Buyer, s.Title, s.Status, s.Public, s.Left = r.Buyer, r.Title, r.Status, r.Public, d.left
	s.Changed, s.By = d.change.Time, d.change.Author
	s.Shown = d.left == "" && !d.messages.Failed()
	if s.Shown {
		d.folder, err = o.project.folderOf(d.id, r.Public)
		s.Folder = d.folder
	}
	return err
}

// summarised is a deal's summary with where it stands.
func (o *Output) summarised(d *dealOutput) Summary {
	d.open.Lock()
	defer d.open.Unlock()
	if d.err != nil || !d.record.Readable {
		return d.summary
	}
	if day := o.asOf(d); d.record.AsOf != day {
		if err := o.load(d); err != nil || !d.record.Readable {
			return d.summary
		}
		d.record.standing(d.loaded, o.asOf(d))
		o.project.keep(d.id, d.examined)
	}
	d.summary.Health, d.summary.Next = d.record.Health, d.record.Next
	if d.files == nil && d.loaded != nil { // a list needs no more of it
		d.loaded.close()
		d.loaded = nil
	}
	return d.summary
}

// asOf is the day that a deal's pages show.
func (o *Output) asOf(d *dealOutput) deal.Day {
	if day := o.project.opts.AsOf; day != 0 {
		return day
	}
	// A clock that was wrong by decades is no day for a page to speak of.
	if y := d.change.Time.Year(); y < 2000 || y >= 2200 {
		return d.record.Start
	}
	return deal.DayIn(d.change.Time, d.record.zone)
}

// Reasons for which a deal is left out of a build.
const (
	LeftDraft    = "draft"
	LeftLost     = "lost"
	LeftArchived = "archived"
	LeftExpired  = "expired"
)

// leaveOut says why a deal is not built, or "".
func (o *Output) leaveOut(r *record) string {
	today := o.project.today(r.zone)
	switch {
	case r.Status == "draft" && !o.project.opts.Drafts:
		return LeftDraft
	case r.Status == "lost":
		return LeftLost
	case r.Status == "archived":
		return LeftArchived
	case r.Expires != 0 && today > r.Expires:
		return LeftExpired
	}
	return ""
}

// Summaries of all deals, in order. Every deal is read for it.
func (o *Output) Summaries(ctx context.Context) ([]Summary, error) {
	var mu sync.Mutex
	var list []Summary
	err := o.project.each(ctx, o.project.IDs, func(id string) error {
		d := o.dated(id)
		if d.examined == nil {
			return d.err
		}
		s := o.summarised(d)
		mu.Lock()
		defer mu.Unlock()
		list = append(list, s)
		return nil
	})
	sort.Slice(list, func(i, j int) bool { return list[i].ID < list[j].ID })
	return list, err
}

// Headers that a host should send with every page.
func (o *Output) Headers() map[string]string { return render.Headers(o.project.Site.Default()) }

// Index is the page that lists every deal, for whoever previews the site.
func (o *Output) Index(ctx context.Context) ([]byte, error) {
	summaries, err := o.Summaries(ctx)
	if err != nil {
		return nil, err
	}
	main := o.looks[o.project.themesInUse()[0]]
	if main.failed {
		return nil, errors.New("the theme cannot be used; `portico check` says why")
	}
	site := o.project.Site.Default()
	r, err := o.project.renderer(main)
	if err != nil {
		return nil, err
	}
	entries := make([]render.IndexEntry, len(summaries))
	for i, s := range summaries {
		e := render.IndexEntry{ID: s.ID, Folder: s.Folder, Buyer: s.Buyer, Title: s.Title, Status: s.Status, Health: s.Health, Next: s.Next, By: s.By, FromFiles: s.FromFiles, Left: s.Left, Shown: s.Shown, Messages: s.Messages}
		if !s.Changed.IsZero() {
			e.Changed = deal.DayIn(s.Changed, site.Timezone)
		}
		entries[i] = e
	}
	return r.Index(site, entries, o.project.Messages, !o.project.opts.Clear)
}
