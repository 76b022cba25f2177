package render

import (
	"bytes"
	"fmt"
	"html/template"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"portico/internal/deal"
	"portico/internal/message"
)

// Look is what a theme gives to its pages: layouts, and where on the site its
// files lie.
type Look struct {
	// Layouts by their path below layouts/, minified.
	Layouts map[string]string
	// Density and Hero are the theme's tokens that are no colours.
	Density, Hero string
	// Color is the brand's, #rrggbb.
	Color string
	// Style, Reading, Today, Script and Icon are paths from the site's root.
	Style, Reading, Today, Script, Icon string
	// Notice is the stylesheet of what pages say of what they report, Receipts the
	// script that reports it.
	Notice, Receipts string
	// Gate is the lock page's stylesheet, Unlock its script; Lost is the script of
	// pages that are not found.
	Gate, Unlock, Lost string
	// Files of the site's own assets/, such as the logo, by their path there.
	Files map[string]Image
}

// Image is a picture's place and size.
type Image struct {
	// Path from the site's root, or from the deal's folder for a deal's own;
	// empty where the picture lies at its file's own place.
	Path string
	// Width and Height in pixels of CSS; 0 where they cannot be told.
	Width, Height int
	// Scaled are smaller ones, the narrowest first.
	Scaled []Image
}

// Renderer makes the pages of deals that share a theme. It may be used by
// several goroutines at once.
type Renderer struct {
	look   *Look
	engine *engine
	words  *message.Catalog
	// phrases are words with a number, by locale and key.
	phrases sync.Map
	// policies are the content security policies of sites.
	policies sync.Map
	// palettes are what colours change of the theme's, by the brand's and the
	// buyer's.
	palettes sync.Map
	// buffers are what pages and texts are written into before they are as long
	// as they get.
	buffers sync.Pool
}

// New prepares a theme's layouts. The error names the layout and line that
// cannot be used.
func New(look *Look, words *message.Catalog) (*Renderer, error) {
	types := map[string]reflect.Type{}
	for _, name := range pageLayouts() {
		types[name] = reflect.TypeFor[*Page]()
	}
	types["index.html"] = reflect.TypeFor[*Index]()
	types["lock.html"] = reflect.TypeFor[*Lock]()
	for name := range look.Layouts {
		if strings.HasPrefix(name, "blocks/") {
			types[name] = reflect.TypeFor[*Embed]()
		}
	}
	for _, name := range blocks() {
		types["blocks/"+name+".html"] = reflect.TypeFor[*Embed]()
	}
	e, err := newEngine(look.Layouts, types)
	if err != nil {
		return nil, err
	}
	return &Renderer{look: look, engine: e, words: words}, nil
}

// With is a renderer of another look that has the same layouts, which are not
// prepared again. It is nil where they are others.
func (r *Renderer) With(look *Look, words *message.Catalog) *Renderer {
	if !maps.Equal(r.look.Layouts, look.Layouts) {
		return nil
	}
	return &Renderer{look: look, engine: r.engine, words: words}
}

// pageLayouts are the layouts that make whole pages.
func pageLayouts() []string { return []string{"deal.html", "page.html", "plain.html"} }

// blocks that a text may need.
func blocks() []string {
	return []string{"audio", "document", "file", "frame", "image", "link", "person", "table", "text", "video"}
}

// Interpreted are the layouts that use what the compiled engine does not know
// and so are run, more slowly, by html/template.
func (r *Renderer) Interpreted() []string { return r.engine.interpreted() }

// Input is a deal to make pages of, with what only the build knows.
type Input struct {
	Deal *deal.Deal
	Site *deal.Site
	// AsOf is the day that the pages show.
	AsOf deal.Day
	// Updated is when, and By by whom, the deal was last changed.
	Updated time.Time
	By      string
	// Read and Size look at a file that the deal names.
	Read func(deal.File) ([]byte, error)
	Size func(deal.File) int64
	// Image tells what there is of a picture that the deal names.
	Image func(deal.File) Image
	// Audiences part the pages by who may see what. They are nil in a run in the
	// clear, which shows everything.
	Audiences *deal.Audiences
	// Reporting is nil where nobody is told what is looked at.
	Reporting *Reporting
}

// Output is one finished file, or a part of one for fewer viewers.
type Output struct {
	// Path within the deal's folder.
	Path string
	// At is empty for a whole file. Else this is a fragment, which takes the
	// place of the element of that id in the page at Path, or in another
	// fragment of it whose At comes before.
	At string
	// Audience is who alone may see it; nil is everybody.
	Audience deal.Audience
	Data     []byte
}

// Deal makes every page of a deal: the plan, the further pages, and one for
// each Markdown file that it shows; and the stylesheet with its colours and
// numbers, which an inline style may not hold.
func (r *Renderer) Deal(in Input) ([]Output, error) {
	all := pages{plan: r.newMaker(in), elsewhere: map[makerKey]*pageMaker{}}
	if err := all.add("index.html", nil, (*pageMaker).dealPage); err != nil {
		return nil, err
	}
	all.out = append(all.out, Output{Path: tokensFile, Data: all.maker("index.html", nil, all.plan.who != nil).stylesheet()})
	for i := range in.Deal.Pages {
		p := &in.Deal.Pages[i]
		if p.Internal {
			continue
		}
		err := all.add(PagePath(p.Name), all.plan.who.Page(p.Name), func(m *pageMaker) ([]byte, error) { return m.further(p) })
		if err != nil {
			return nil, err
		}
	}
	for i := range in.Deal.Texts {
		t := &in.Deal.Texts[i]
		if !t.Shown {
			continue
		}
		err := all.add(TextPath(t.File), all.plan.who.File(t.File), func(m *pageMaker) ([]byte, error) { return m.textPage(t) })
		if err != nil {
			return nil, err
		}
	}
	return all.out, nil
}

// pages of a deal that are being made.
type pages struct {
	plan      *pageMaker
	elsewhere map[makerKey]*pageMaker
	out       []Output
}

// makerKey is where pages lie, for whom they are, and whether they are made
// without the rest.
type makerKey struct {
	root, to string
	bare     bool
}

// add a page for an audience. Where anything in the deal is for some viewers
// alone, it is made once more without what its audience may not see.
func (a *pages) add(path string, to deal.Audience, page func(*pageMaker) ([]byte, error)) error {
	if to.Nobody() {
		return nil
	}
	m := a.maker(path, to, false)
	html, err := page(m)
	if err == nil {
		err = m.noticed(html)
	}
	if err != nil {
		return err
	}
	if m.who == nil {
		a.out = append(a.out, m.withParts(Output{Path: path, Data: html}))
		return nil
	}
	bare, err := page(a.maker(path, to, true))
	if err != nil {
		return err
	}
	parts, err := m.split(path, html, bare)
	for _, part := range parts {
		a.out = append(a.out, m.withParts(part))
	}
	return err
}

// maker of a page. Those in one folder and for one audience share what they
// link to.
func (a *pages) maker(path string, to deal.Audience, bare bool) *pageMaker {
	if path == "index.html" && !bare {
		return a.plan
	}
	n := a.plan.at(path, to)
	key := makerKey{n.root, strings.Join(to, " "), bare}
	if same := a.elsewhere[key]; same != nil {
		return same
	}
	if bare {
		n.leaveOut()
	}
	a.elsewhere[key] = n
	return n
}

// pageMaker makes the pages of one deal.
type pageMaker struct {
	*Renderer
	in    Input
	deal  *deal.Deal
	site  *deal.Site
	words *message.Locale
	asOf  deal.Day

	root     string // leads to the deal's folder
	siteRoot string
	people   map[string]*Person
	items    map[string]Item
	states   map[deal.State]string // their words
	grouped  []group
	inLink   bool
	nesting  int
	embedded int
	// embeddedApart are those within bounds: they must not count for others.
	embeddedApart int

	err   error            // of a block
	rules *strings.Builder // of the deal's stylesheet

	// who may see what; nil where everything is for everybody. to are those for
	// whom the page is, and bare says that it is made without the rest.
	who   *deal.Audiences
	to    deal.Audience
	bare  bool
	marks *marks
	apart int // how many bounds there are around
}

func (r *Renderer) newMaker(in Input) *pageMaker {
	m := &pageMaker{Renderer: r, in: in, deal: in.Deal, site: in.Site, words: r.words.Locale(in.Deal.Locale), asOf: in.AsOf, siteRoot: "../", people: map[string]*Person{}, items: map[string]Item{}, states: map[deal.State]string{}, rules: new(strings.Builder)}
	if in.Audiences.Restrict() {
		m.who, m.marks = in.Audiences, &marks{}
	}
	for _, s := range []deal.State{deal.StateDone, deal.StateCancelled, deal.StateOverdue, deal.StateBlocked, deal.StateOffTrack, deal.StateAtRisk, deal.StateInProgress, deal.StateNotStarted} {
		m.states[s] = m.words.Say("state." + string(s))
	}
	return m
}

// at is a maker for a page elsewhere in the deal's folder.
func (m *pageMaker) at(path string, to deal.Audience) *pageMaker {
	n := *m
	n.to = to
	n.root = strings.Repeat("../", strings.Count(path, "/"))
	n.siteRoot = n.root + "../"
	n.people, n.items = map[string]*Person{}, map[string]Item{} // what they link to lies elsewhere, seen from here
	n.inLink, n.nesting, n.embedded, n.embeddedApart, n.err = false, 0, 0, 0, nil
	return &n
}

func (m *pageMaker) date(d deal.Day) Date {
	if d == 0 {
		return Date{}
	}
	date := Date{ISO: d.String(), Text: m.words.Day(d)}
	date.Short = date.Text
	if away := d - m.asOf; away > -nearby && away < nearby {
		date.Short = m.words.DayShort(d)
	}
	return date
}

// nearby is within how many days a date needs no year.
const nearby = 300

func (m *pageMaker) clock(c deal.Clock) string {
	if c == 0 {
		return ""
	}
	return m.words.Time(c.Hour())
}

// page fills in what every page of a deal has.
func (m *pageMaker) page(kind, title string) *Page {
	d, l := m.deal, m.look
	url := func(path string) template.URL {
		if path == "" {
			return ""
		}
		return template.URL(m.siteRoot + escapePath(path)) // a path of our own
	}
	p := &Page{
		Kind: kind, Lang: m.words.Lang, Dir: m.words.Dir(), Title: title, Root: m.root, Policy: m.policy(m.site),
		Style: url(l.Style), Reading: url(l.Reading), Today: url(l.Today), Script: url(l.Script), Icon: url(l.Icon), words: m.words, maker: m, Day: int(m.asOf),
		Headline: title, UpdatedBy: m.in.By,
	}
	p.Theme.Density, p.Theme.Hero = l.Density, l.Hero
	if m.words.Lang == language(d.Locale) {
		p.Lang = d.Locale
	}
	p.Tokens = template.URL(m.root + tokensFile) // a path of our own
	p.Receipts = m.receipts(url)
	p.Seller = m.seller()
	p.Buyer = Company{Name: d.Buyer.Name, Initial: initial(d.Buyer.Name), Website: m.shownTo(d.Buyer.Website)}
	if d.Buyer.Logo.IsSet() && m.sees(d.Buyer.Logo) {
		p.Buyer.Logo = m.picture(d.Buyer.Logo, d.Buyer.Name)
	}
	p.Contact = m.person(d.Owner)
	if !m.in.Updated.IsZero() {
		p.Updated = m.date(deal.DayIn(m.in.Updated, d.Timezone))
	}
	p.AsOf = m.words.Say("asof", "day", m.words.Day(m.asOf))
	p.Confidential = m.inlineHTML(&d.Seller.Confidentiality, m.sellerText("confidentiality"))
	var readers []deal.Audience
	for i := range d.Pages {
		if pg := &d.Pages[i]; !pg.Hidden && !pg.Internal {
			who := m.who.Page(pg.Name)
			readers = m.also(readers, who)
			p.Pages = append(p.Pages, Link{Href: template.URL(m.root + escapePath(PagePath(pg.Name))), Text: m.pageTitle(pg), Current: kind == "page" && m.pageTitle(pg) == title, Only: m.only(who)}) // escaped
		}
	}
	p.Parts.Pages = m.onlyAll(readers)
	return p
}

// sellerText is a text of [seller], which is the deal's own or portico.toml's.
func (m *pageMaker) sellerText(key string) textAt {
	if m.deal.Own["seller."+key] {
		return m.tomlText("seller", key)
	}
	return textAt{scope: deal.Scope{Root: deal.InAssets, Dir: ".", Library: true, Assets: true}}
}

func language(tag string) string {
	base, _, _ := strings.Cut(tag, "-")
	return base
}

func (m *pageMaker) seller() Seller {
	s := &m.deal.Seller
	v := Seller{Name: s.Name, Initial: initial(s.Name), Website: m.shownTo(s.Website), Imprint: m.shownTo(s.Imprint), Privacy: m.shownTo(s.Privacy),
		Email: mailto(s.Email), Phone: tel(s.Phone), EmailText: s.Email, PhoneText: s.Phone}
	if s.Logo.IsSet() && m.sees(s.Logo) {
		v.Logo = m.picture(s.Logo, s.Name)
	}
	if s.LogoDark.IsSet() && m.sees(s.LogoDark) {
		v.LogoDark = m.picture(s.LogoDark, s.Name)
	}
	return v
}

// initial of a company without a logo.
func initial(name string) string {
	p := deal.Person{Name: name}
	letters := p.Initials()
	_, size := utf8.DecodeRuneInString(letters)
	return letters[:size]
}

// policy of a site, worked out once.
func (r *Renderer) policy(site *deal.Site) string {
	if p, ok := r.policies.Load(site); ok {
		return p.(string)
	}
	p, _ := r.policies.LoadOrStore(site, Policy(site))
	return p.(string)
}

func (m *pageMaker) run(layout string, p *Page) ([]byte, error) {
	buffer := m.buffer()
	html, err := m.engine.execute((*buffer)[:0], layout, p)
	if err == nil {
		err = m.err
	}
	if err != nil {
		return nil, fmt.Errorf("making a page of %s: %w", m.deal.ID, err)
	}
	page := bytes.Clone(html)
	m.done(buffer, html)
	return page, nil
}

// buffer to write into, which may still hold what somebody else wrote.
func (r *Renderer) buffer() *[]byte {
	if b, ok := r.buffers.Get().(*[]byte); ok {
		return b
	}
	return new([]byte)
}

// done gives a buffer back, grown to what was written into it.
func (r *Renderer) done(buffer *[]byte, written []byte) {
	*buffer = written
	r.buffers.Put(buffer)
}

// Plain is a page of no deal: one that is not found, say. root leads to the
// site's root.
func (r *Renderer) Plain(site *deal.Site, root, titleKey, textKey string) ([]byte, error) {
	words := r.words.Locale(site.Locale)
	p := &Page{Kind: "plain", Lang: words.Lang, Dir: words.Dir(), Title: words.Say(titleKey), Headline: words.Say(titleKey), Policy: Policy(site), words: words}
	url := func(path string) template.URL { return template.URL(root + escapePath(path)) } // a path of our own
	p.Style, p.Icon = url(r.look.Style), url(r.look.Icon)
	if r.look.Lost != "" {
		p.Script = url(r.look.Lost)
	}
	p.Seller.Name = site.Seller.Name
	p.Body = template.HTML("<p>" + string(appendHTML(nil, words.Say(textKey))) + "</p>") // escaped
	return r.engine.execute(nil, "plain.html", p)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
