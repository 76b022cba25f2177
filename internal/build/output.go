package build

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"sort"
	"strings"
	"sync"
	"time"

	"portico/internal/deal"
	"portico/internal/diag"
	"portico/internal/history"
	"portico/internal/media"
	"portico/internal/render"
)

// Output is the whole site as an fs.FS. It makes a deal's files when the first
// of them is opened, and keeps them until Forget. It may be used by several
// goroutines at once.
type Output struct {
	project *Project
	ctx     context.Context // of the history, which is read in the background
	history *recalled
	// site are the files that belong to no deal, by name.
	site  map[string]*File
	looks map[string]*look
	lock  lock
	ways  formerWays

	mu    sync.Mutex
	deals map[string]*dealOutput
}

// dealOutput is one deal's part of the output. It is made in three steps, each
// once: read and check it, date it by the history, make its pages.
type dealOutput struct {
	read, dated, made sync.Once
	messages          diag.List
	// left says why the deal is not built; empty where it is.
	left string
	// folder is where it lies in the output: its name, or sealed one that tells
	// nothing.
	folder string
	// sealed is nil for a deal in the clear.
	sealed  *sealedDeal
	loaded  *loaded
	change  history.Change
	summary Summary
	files   map[string]*File
	err     error
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
	o := &Output{project: p, ctx: ctx, ways: formerWays{done: make(chan struct{})}, history: p.recall(ctx), site: map[string]*File{}, looks: map[string]*look{}, deals: map[string]*dealOutput{}}
	var messages diag.List
	for _, theme := range p.themesInUse() {
		l, more, err := p.makeLook(theme)
		if err != nil {
			return nil, nil, err
		}
		messages = append(messages, more...)
		o.looks[theme] = l
	}
	messages.Sort()
	return o, messages, o.siteFiles()
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
	l, messages, err := o.project.makeLook(name)
	if err != nil {
		return nil, nil, err
	}
	o.looks[name] = l
	return l, messages, o.admitLook(l)
}

func (o *Output) admitLook(l *look) error {
	for name, data := range l.files {
		full := shared(name)
		f, err := o.admit(nil, full, File{data: data, size: int64(len(data))})
		if err != nil {
			return err
		}
		o.site[full] = f
	}
	return nil
}

// siteFiles are those that lie beside the deals.
func (o *Output) siteFiles() error {
	site := o.project.Site.Default()
	main := o.looks[o.project.themesInUse()[0]]
	if err := o.admitLook(main); err != nil {
		return err
	}
	files := map[string][]byte{
		// GitHub Pages would leave out the folder "_".
		".nojekyll":  nil,
		"robots.txt": []byte("User-agent: *\nDisallow: /\n"),
	}
	if main.renderer != nil {
		// The root says no more than a page that is not there: no list of
		// deals, nor a listing by the host. A host shows 404.html at any
		// depth, so its links start from the site's root.
		for name, root := range map[string]string{"404.html": basePath(site.BaseURL), "index.html": ""} {
			page, err := main.renderer.Plain(site, root, "notfound.title", "notfound.text")
			if err != nil {
				return o.project.layoutError(main.theme, main.out, err, func(r *render.Renderer) error {
					_, err := r.Plain(site, root, "notfound.title", "notfound.text")
					return err
				})
			}
			files[name] = page
		}
	}
	for name, data := range files {
		f, err := o.admit(nil, name, File{data: data, size: int64(len(data))})
		if err != nil {
			return err
		}
		o.site[name] = f
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
		if d.err != nil || d.left != "" || !d.loaded.Readable() || d.messages.Failed() {
			return
		}
		d.files, d.err = o.files(d)
	})
	return d
}

// read a deal and check it, once.
func (o *Output) read(id string) *dealOutput {
	o.mu.Lock()
	d := o.deals[id]
	if d == nil {
		d = &dealOutput{}
		o.deals[id] = d
	}
	o.mu.Unlock()
	d.read.Do(func() { o.load(id, d) })
	return d
}

// dated is a deal with its place in time. It waits for the history.
func (o *Output) dated(id string) *dealOutput {
	d := o.read(id)
	d.dated.Do(func() {
		if d.err != nil || !d.loaded.Readable() {
			return
		}
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
	if d != nil && d.loaded != nil {
		d.loaded.close()
	}
}

func (o *Output) load(id string, d *dealOutput) {
	l, err := o.project.load(id)
	if err != nil {
		d.err = err
		return
	}
	d.loaded, d.messages = l, l.messages
	d.summary = Summary{ID: id, Messages: l.messages}
}

// date a deal that was read.
func (o *Output) date(d *dealOutput) error {
	h, err := o.history.wait()
	if err != nil {
		return err
	}
	l, s := d.loaded, &d.summary
	d.change, s.FromFiles = l.changed(h)
	d.left = o.leaveOut(l.Deal.Deal)
	standing := l.StandingOn(o.asOf(l.Deal.Deal, d.change))
	s.Buyer, s.Title, s.Status, s.Health, s.Public = l.Buyer.Name, l.Title, l.Status, standing.Health, l.Access.Public
	s.Changed, s.By, s.Left = d.change.Time, d.change.Author, d.left
	s.Shown = d.left == "" && !l.messages.Failed()
	if s.Shown {
		d.folder, err = o.project.folderOf(l.ID, l.Access.Public)
		s.Folder = d.folder
		if !l.Access.Public && !o.project.opts.Clear {
			o.ways.begin(o.ctx, o.project)
		}
	}
	if standing.Next != nil {
		s.Next = standing.Next.Title()
	}
	return err
}

// asOf is the day that a deal's pages show.
func (o *Output) asOf(d *deal.Deal, c history.Change) deal.Day {
	if day := o.project.opts.AsOf; day != 0 {
		return day
	}
	// A clock that was wrong by decades is no day for a page to speak of.
	if y := c.Time.Year(); y < 2000 || y >= 2200 {
		return d.Start
	}
	return deal.DayIn(c.Time, d.Timezone)
}

// Reasons for which a deal is left out of a build.
const (
	LeftDraft    = "draft"
	LeftLost     = "lost"
	LeftArchived = "archived"
	LeftExpired  = "expired"
)

// leaveOut says why a deal is not built, or "".
func (o *Output) leaveOut(d *deal.Deal) string {
	today := o.project.today(d.Timezone)
	switch {
	case d.Status == "draft" && !o.project.opts.Drafts:
		return LeftDraft
	case d.Status == "lost":
		return LeftLost
	case d.Status == "archived":
		return LeftArchived
	case d.Expires.Day != 0 && today > d.Expires.Day:
		return LeftExpired
	}
	return ""
}

// files makes the pages of a deal and gathers the files that they name.
func (o *Output) files(d *dealOutput) (map[string]*File, error) {
	l, c := d.loaded, d.change
	look, messages, err := o.look(l.Theme)
	if err != nil {
		return nil, err
	}
	d.messages = append(d.messages, messages...)
	if look.failed {
		return nil, nil
	}
	in := render.Input{
		Deal: l.Deal.Deal, Site: l.site, AsOf: o.asOf(l.Deal.Deal, c), Updated: c.Time, By: c.Author,
		Read: l.read, Size: l.size, Image: l.image, Audiences: o.audiences(l),
	}
	pages, err := look.renderer.Deal(in)
	if err != nil {
		return nil, o.project.layoutError(look.theme, look.out, err, func(r *render.Renderer) error {
			_, err := r.Deal(in)
			return err
		})
	}
	pieces, err := l.pieces(pages, in.Audiences)
	if err != nil {
		return nil, err
	}
	if !l.Access.Public && !o.project.opts.Clear {
		files, findings, err := o.sealPieces(d, pieces)
		d.messages = append(d.messages, l.Locate(findings)...)
		return files, err
	}
	files := make(map[string]*File, len(pieces))
	for _, p := range pieces {
		full := d.folder + "/" + p.path
		if files[full] != nil {
			return nil, fmt.Errorf("internal error: two files of the deal %s lie at %s", l.ID, p.path)
		}
		if files[full], err = o.admit(l.Deal.Deal, full, p.clear()); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// audiences of a deal that is sealed; nil for one that anyone may read.
func (o *Output) audiences(l *loaded) *deal.Audiences {
	if l.Access.Public || o.project.opts.Clear {
		return nil
	}
	return deal.NewAudiences(l.Deal.Deal, l.site, currentViewers(l.Deal.Deal, o.project.today(l.Timezone)))
}

// pieces of a deal: its pages and the files that they name.
func (l *loaded) pieces(pages []render.Output, who *deal.Audiences) ([]piece, error) {
	var all []piece
	for _, p := range pages {
		all = append(all, pieceOf(p))
	}
	for _, n := range l.Named {
		if !n.Shown || n.File.Root == deal.InAssets || media.TypeOf(n.File.Path).Kind == media.Text {
			continue
		}
		file, to := n.File, who.File(n.File)
		if to.Nobody() {
			continue
		}
		p := piece{path: render.FilePath(file), mime: media.TypeOf(file.Path).MIME, audience: to, until: l.validUntil(file)}
		if isPicture(file.Path) {
			pictures, err := l.pictureFiles(file, p)
			if err != nil {
				return nil, err
			}
			all = append(all, pictures...)
			continue
		}
		p.size = l.size(file)
		p.open = func() (fs.File, error) {
			f, _, err := l.open(file)
			return f, err
		}
		all = append(all, p)
	}
	return all, nil
}

// validUntil is the last day on which a file is valid; 0 where it has none.
func (l *loaded) validUntil(f deal.File) deal.Day {
	var last deal.Day
	for i := range l.Collateral {
		if c := &l.Collateral[i]; c.File == f && !c.Internal {
			if c.ValidUntil.Day == 0 {
				return 0
			}
			last = max(last, c.ValidUntil.Day)
		}
	}
	return last
}

// Summaries of all deals, in order. Every deal is read for it.
func (o *Output) Summaries(ctx context.Context) ([]Summary, error) {
	var mu sync.Mutex
	var list []Summary
	err := o.project.each(ctx, o.project.IDs, func(id string) error {
		d := o.dated(id)
		if d.loaded == nil {
			return d.err
		}
		mu.Lock()
		defer mu.Unlock()
		list = append(list, d.summary)
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
	if main.renderer == nil {
		return nil, errors.New("the theme cannot be used; `portico check` says why")
	}
	site := o.project.Site.Default()
	entries := make([]render.IndexEntry, len(summaries))
	for i, s := range summaries {
		e := render.IndexEntry{ID: s.ID, Folder: s.Folder, Buyer: s.Buyer, Title: s.Title, Status: s.Status, Health: s.Health, Next: s.Next, By: s.By, FromFiles: s.FromFiles, Left: s.Left, Shown: s.Shown, Messages: s.Messages}
		if !s.Changed.IsZero() {
			e.Changed = deal.DayIn(s.Changed, site.Timezone)
		}
		entries[i] = e
	}
	return main.renderer.Index(site, entries, o.project.Messages)
}
