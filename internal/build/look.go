package build

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"portico/internal/brand"
	"portico/internal/bundle"
	"portico/internal/deal"
	"portico/internal/diag"
	"portico/internal/media"
	"portico/internal/render"
)

// DefaultTheme is the theme of a site that names none.
const DefaultTheme = "plan"

// Token is a value that a theme sets, with where it comes from.
type Token struct{ Name, Value, From string }

// Theme is one theme as it stands in force: the site's files over the theme's
// over the built-in ones.
type Theme struct {
	Name            string
	Title           string
	Layouts, Assets Overlay
	Tokens          []Token

	values deal.ThemeValues
	folder fs.FS
}

// Themes of a site, built-in ones included, by name.
func (p *Project) Themes() []string { return p.themeNames }

func (p *Project) listThemes() []string {
	names := map[string]bool{}
	for _, root := range p.themeRoots() {
		entries, err := fs.ReadDir(root.FS, ".")
		if err != nil {
			continue
		}
		for _, e := range entries {
			if _, err := fs.Stat(root.FS, e.Name()+"/theme.toml"); err == nil {
				names[e.Name()] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// themeRoots are the folders that hold themes, the site's first.
func (p *Project) themeRoots() Overlay {
	o := Overlay{}
	if p.themes != nil {
		o = append(o, Layer{"site", "themes", p.themes})
	}
	return append(o, Layer{"built in", "", p.opts.Look.Themes})
}

// Theme reads a theme. The messages are mistakes in its theme.toml.
func (p *Project) Theme(name string) (*Theme, diag.List, error) {
	if name == "" {
		name = DefaultTheme
	}
	t := &Theme{Name: name}
	var own []Layer
	for _, root := range p.themeRoots() {
		if _, err := fs.Stat(root.FS, name+"/theme.toml"); err != nil || !fs.ValidPath(name) {
			continue
		}
		sub, err := fs.Sub(root.FS, name)
		if err != nil {
			return nil, nil, fmt.Errorf("theme %s: %w", name, err)
		}
		prefix := ""
		if root.Prefix != "" {
			prefix = root.Prefix + "/" + name
		}
		own = append(own, Layer{"theme " + name, prefix, sub})
	}
	if own == nil {
		return nil, nil, &UnknownTheme{name, p.Themes()}
	}
	t.folder = own[0].FS
	values, messages, err := p.reader.Theme(t.folder, path.Join("themes", name, "theme.toml"))
	if err != nil {
		return nil, nil, err
	}
	t.Title = values.Title
	t.values = p.override(t, values)
	t.Layouts = p.overlay("layouts", p.siteLayouts, own, p.opts.Look.Layouts)
	t.Assets = p.overlay("assets", p.siteAssets, own, p.opts.Look.Assets)
	return t, messages, nil
}

// UnknownTheme is the error of a theme that does not exist.
type UnknownTheme struct {
	Name  string
	Known []string
}

func (e *UnknownTheme) Error() string {
	return fmt.Sprintf("there is no theme %q; themes are %s", e.Name, strings.Join(e.Known, ", "))
}

func (p *Project) overlay(folder string, site fs.FS, theme []Layer, builtin fs.FS) Overlay {
	var o Overlay
	if site != nil {
		o = append(o, Layer{"site", folder, site})
	}
	for _, l := range theme {
		sub, err := fs.Sub(l.FS, folder)
		if err == nil {
			if l.Prefix != "" {
				l.Prefix += "/" + folder
			}
			o = append(o, Layer{l.Name, l.Prefix, sub})
		}
	}
	return append(o, Layer{"built in", "", builtin})
}

// override puts the site's own values over the theme's, and notes where each
// comes from.
func (p *Project) override(t *Theme, v deal.ThemeValues) deal.ThemeValues {
	site := p.Site.Default().Themes[t.Name]
	set := func(name string, value *string, over, preset string) {
		from := "theme " + t.Name
		switch {
		case over != "":
			*value, from = over, "portico.toml"
		case *value == "":
			*value, from = preset, "built in"
		}
		t.Tokens = append(t.Tokens, Token{name, *value, from})
	}
	if site.Title != "" {
		t.Title = site.Title
	}
	seller := p.Site.Default().Seller.Color
	set("color", &v.Color, site.Color, "")
	if v.Color == "" {
		v.Color = seller
		t.Tokens[len(t.Tokens)-1] = Token{"color", seller, "portico.toml, [seller]"}
	}
	set("radius", &v.Radius, site.Radius, "0.75rem")
	set("density", &v.Density, site.Density, "normal")
	set("hero", &v.Hero, site.Hero, "split")
	for name, f := range map[string]deal.File{"font.text": v.FontText, "font.display": v.FontDisplay} {
		value, from := f.Path, "theme "+t.Name
		if value == "" {
			value, from = "system-ui", "built in"
		}
		t.Tokens = append(t.Tokens, Token{name, value, from})
	}
	slices.SortStableFunc(t.Tokens[4:], func(a, b Token) int { return strings.Compare(a.Name, b.Name) })
	if c, err := brand.Parse(v.Color); err == nil {
		palette := brand.New(c, nil)
		for _, p := range palette.Tokens() {
			t.Tokens = append(t.Tokens, Token{"--" + p.Name, p.Light.String() + " " + p.Dark.String(), "made from color"})
		}
	}
	return v
}

// look is a theme made ready to be used.
type look struct {
	*bundled
	theme     *Theme
	renderers *renderers
	// key is the sum of all that it was made of; zero if that is not known.
	key   sum
	seals bool
	// failed says that a mistake, which was reported, keeps it from being used.
	failed bool
}

// bundled is what a theme's assets and layouts come to.
type bundled struct {
	// Files lie in the site's folder `_`, by name.
	Files map[string][]byte
	// Out is what a renderer is made of.
	Out render.Look
	// Worker is the script that serves large media of a sealed deal.
	Worker []byte
	// Lock is the page that every sealed deal of the site opens with, a mark in
	// the place of its header.
	Lock []byte
	// Plain are the pages that belong to no deal, by where they lie.
	Plain map[string][]byte
}

func (b *bundled) code(c *coding) {
	codeMap(c, &b.Files, c.bytes)
	o := &b.Out
	codeMap(c, &o.Layouts, c.text)
	c.texts(&o.Density, &o.Hero, &o.Color, &o.Style, &o.Reading, &o.Today, &o.Script, &o.Icon, &o.Notice, &o.Receipts, &o.Gate, &o.Unlock, &o.Lost)
	codeMap(c, &o.Files, func(i *render.Image) { codeImage(c, i) })
	c.bytes(&b.Worker)
	c.bytes(&b.Lock)
	codeMap(c, &b.Plain, c.bytes)
}

func codeImage(c *coding, i *render.Image) {
	c.text(&i.Path)
	codeNumber(c, &i.Width)
	codeNumber(c, &i.Height)
	codeList(c, &i.Scaled, func(smaller *render.Image) { codeImage(c, smaller) })
}

// renderers makes the one renderer of a look when a page is asked for: a build
// in which nothing changed needs none.
type renderers struct {
	once     sync.Once
	renderer atomic.Pointer[render.Renderer]
	err      error
}

// renderer of a look. One that was kept lends the layouts that it prepared, if
// they are the same.
func (p *Project) renderer(l *look) (*render.Renderer, error) {
	l.renderers.once.Do(func() {
		r := p.opts.Memory.renderer(&l.Out, p.words)
		if r == nil {
			r, l.renderers.err = render.New(&l.Out, p.words)
		}
		l.renderers.renderer.Store(r)
	})
	return l.renderers.renderer.Load(), l.renderers.err
}

// sharedDir is where files lie that are the same for every deal.
const sharedDir = "_"

// makeLook bundles a theme's assets and prepares its layouts, or takes over what
// was kept.
//
// The lock page and what opens a deal are made if seals says that there is a
// deal to be sealed.
func (p *Project) makeLook(name string, seals bool) (*look, diag.List, error) {
	t, messages, err := p.Theme(name)
	if err != nil {
		return nil, nil, err
	}
	l := &look{theme: t, renderers: &renderers{}}
	l.seals = seals
	l.key = p.lookSum(t, seals)
	if p.recalled(l) {
		return l, messages, nil
	}
	l.bundled = &bundled{Files: map[string][]byte{}}
	more, err := p.bundle(l)
	if err != nil {
		return nil, nil, err
	}
	messages = append(messages, more...)
	if l.failed = messages.Failed(); l.failed {
		return l, messages, nil
	}
	if err := p.plainPages(l); err != nil {
		return nil, nil, err
	}
	if len(messages) == 0 { // they name files, which may come to lie elsewhere
		p.keepLook(l)
	}
	return l, messages, nil
}

func (p *Project) bundle(l *look) (diag.List, error) {
	t := l.theme
	assets, messages, err := bundle.Build(withFonts{t.Assets, t}, t.Assets.Where, tokens(t))
	if err != nil {
		return nil, err
	}
	for _, f := range assets.Files {
		if (l.seals || f.Name != assets.Gate) && (f.Name != assets.Notice || p.mayReport()) {
			l.Files[f.Name] = f.Data
		}
	}
	l.Out = render.Look{Files: map[string]render.Image{}}
	if l.seals {
		if err := l.addReader(p); err != nil {
			return nil, err
		}
	}
	if err := p.siteFiles(l); err != nil {
		return nil, err
	}
	if l.Out.Layouts, err = bundle.Layouts(t.Layouts); err != nil {
		return nil, err
	}
	l.Out.Style, l.Out.Reading, l.Out.Today, l.Out.Script = shared(assets.Style), shared(assets.Reading), shared(assets.Today), shared(assets.Script)
	l.Out.Icon, l.Out.Gate, l.Out.Notice = shared(l.icon(t)), shared(assets.Gate), shared(assets.Notice)
	l.Out.Color, l.Out.Density, l.Out.Hero = t.values.Color, t.values.Density, t.values.Hero
	return messages, nil
}

// addReader takes in the scripts that open sealed deals.
func (l *look) addReader(p *Project) error {
	scripts, err := p.scripts()
	if err != nil {
		return err
	}
	for _, f := range scripts.shared {
		l.Files[f.Name] = f.Data
	}
	l.Out.Unlock, l.Out.Lost, l.Worker = shared(scripts.lock), shared(scripts.lost), scripts.worker
	if p.mayReport() {
		l.Files[scripts.receipts.Name] = scripts.receipts.Data
		l.Out.Receipts = shared(scripts.receipts.Name)
	}
	return nil
}

// plainPages are the same for all deals. The root says no more than a page that
// is not there: no list of deals, nor a listing by the host. A host shows
// 404.html at any depth, so its links start from the site's root.
func (p *Project) plainPages(l *look) error {
	site := p.Site.Default()
	l.Plain = map[string][]byte{}
	for name, root := range map[string]string{"404.html": basePath(site.BaseURL), "index.html": ""} {
		err := p.render(l, func(r *render.Renderer) error {
			page, err := r.Plain(site, root, "notfound.title", "notfound.text")
			l.Plain[name] = withMark(page)
			return err
		})
		if err != nil {
			return err
		}
	}
	if !l.seals {
		return nil
	}
	return p.render(l, func(r *render.Renderer) (err error) {
		l.Lock, err = r.Lock(site, "../")
		return err
	})
}

// render runs a look's layouts. Its error names the place in them as their
// author wrote it.
func (p *Project) render(l *look, run func(*render.Renderer) error) error {
	r, err := p.renderer(l)
	if err == nil {
		err = run(r)
	}
	if err != nil {
		return p.layoutError(l.theme, l.Out, err, run)
	}
	return nil
}

// layoutError looks for a mistake in the layouts as they were written, whose
// lines are those that their author knows. It is made anew, by running them
// again.
func (p *Project) layoutError(t *Theme, out render.Look, err error, run func(*render.Renderer) error) error {
	written := map[string]string{}
	for name := range out.Layouts {
		data, err := fs.ReadFile(t.Layouts, name)
		if err != nil {
			return fmt.Errorf("reading layout %s: %w", name, err)
		}
		written[name] = string(data)
	}
	out.Layouts = written
	r, same := render.New(&out, p.words)
	if same == nil {
		same = run(r)
	}
	return cmp.Or(same, err)
}

func shared(name string) string {
	if name == "" {
		return ""
	}
	return sharedDir + "/" + name
}

// tokens are the theme's values as CSS. Colours of a deal are in the deal's
// own stylesheet.
func tokens(t *Theme) string {
	var b strings.Builder
	for name, f := range map[string]deal.File{"text": t.values.FontText, "display": t.values.FontDisplay} {
		if _, err := fs.Stat(t.folder, f.Path); f.IsSet() && err == nil { // one that is missing was reported
			fmt.Fprintf(&b, "@font-face{font-family:\"portico %s\";src:url(%q);font-display:swap}\n", name, "./"+fontPrefix+f.Path)
			fmt.Fprintf(&b, ":root{--font-%s:\"portico %s\"}\n", name, name)
		}
	}
	fmt.Fprintf(&b, ":root{--radius:%s;%s}\n", t.values.Radius, render.ThemePalette(t.values.Color))
	return sortLines(b.String())
}

// sortLines makes CSS that was gathered from a map the same on every run.
func sortLines(s string) string {
	lines := strings.SplitAfter(s, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// fontPrefix is where a theme's fonts seem to lie in its assets.
const fontPrefix = "theme-font/"

// withFonts shows the fonts that theme.toml names beside the theme's assets.
type withFonts struct {
	Overlay
	theme *Theme
}

func (w withFonts) Open(name string) (fs.File, error) {
	if p, ok := strings.CutPrefix(name, fontPrefix); ok {
		return w.theme.folder.Open(p)
	}
	return w.Overlay.Open(name)
}

func (w withFonts) Stat(name string) (fs.FileInfo, error) {
	if p, ok := strings.CutPrefix(name, fontPrefix); ok {
		return fs.Stat(w.theme.folder, p)
	}
	return w.Overlay.Stat(name)
}

// icon of the browser's tab: a square of the brand's colour.
func (l *look) icon(t *Theme) string {
	svg := fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="%s"/></svg>`, t.values.Color)
	return l.add("icon.svg", svg)
}

// add a file under a name that holds a hash of what it holds.
func (l *look) add(name string, data []byte) string {
	sum := sha256.Sum256(data)
	hash := base32.StdEncoding.EncodeToString(sum[:])[:8]
	ext := path.Ext(name)
	name = strings.TrimSuffix(path.Base(name), ext) + "-" + hash + ext
	l.Files[name] = data
	return name
}

// siteFiles takes in what portico.toml names under assets/: the logos and the
// team's photos.
func (p *Project) siteFiles(l *look) error {
	for _, f := range p.namedAssets() {
		if _, done := l.Out.Files[f.File.Path]; done {
			continue
		}
		data, err := p.asset(f.File)
		if err != nil {
			return fmt.Errorf("reading %s: %w", f.File, err)
		}
		var img render.Image
		switch {
		case f.File.Ext() == ".svg":
			if media.SafeSVG(data) != nil {
				continue // inspectAssets has said so
			}
			img.Width, img.Height = media.Size(f.File.Path, data)
			data = bundle.SVG(data)
		case isPicture(f.File.Path):
			pic, err := p.prepare(f.File.Path, data, siteWidths)
			if err != nil {
				continue // likewise
			}
			img.Width, img.Height, data = pic.Width, pic.Height, pic.Data
			for _, s := range pic.Scaled {
				img.Scaled = append(img.Scaled, render.Image{Path: shared(l.add(media.PublishedName(f.File.Path), s.Data)), Width: s.Width, Height: s.Height})
			}
		}
		img.Path = shared(l.add(media.PublishedName(f.File.Path), data))
		l.Out.Files[f.File.Path] = img
	}
	return nil
}

// namedAssets are the files under assets/ that portico.toml names and that are
// there; check has reported the others.
func (p *Project) namedAssets() []deal.NamedFile {
	s := p.Site.Default()
	var files []deal.NamedFile
	add := func(f deal.File, steps ...any) {
		if _, kind, ok := s.Assets.Find(f.Path); ok && kind == deal.Regular && f.Root == deal.InAssets {
			files = append(files, deal.NamedFile{File: f, Place: deal.Place{File: deal.SiteFile, Path: deal.At(steps...)}, Shown: true})
		}
	}
	add(s.Seller.Logo, "seller", "logo")
	add(s.Seller.LogoDark, "seller", "logo_dark")
	for i := range s.Team {
		add(s.Team[i].Photo, "person", s.Team[i].ID, "photo")
	}
	return files
}

// asset reads a file under assets/, by its name on disk.
func (p *Project) asset(f deal.File) ([]byte, error) {
	name, _, _ := p.Site.Default().Assets.Find(f.Path)
	return fs.ReadFile(p.siteAssets, name)
}

// inspectAssets wants drawings of the site's own to hold nothing that runs.
func (p *Project) inspectAssets() []deal.Finding {
	var findings []deal.Finding
	for _, f := range p.namedAssets() {
		data, err := p.asset(f.File)
		if err != nil {
			continue // making the look will say so
		}
		switch {
		case f.File.Ext() == ".svg":
			if err := media.SafeSVG(data); err != nil {
				findings = append(findings, activeSVG(f, err))
			}
		case isPicture(f.File.Path):
			if _, err := p.prepare(f.File.Path, data, siteWidths); err != nil {
				findings = append(findings, badPicture(f, err))
			}
		}
	}
	return findings
}

// openRoot opens a folder as a root of its own, or gives nil where there is
// none.
func openRoot(parent *os.Root, name string) (*os.Root, error) {
	info, err := parent.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s is no folder; a link to one is not followed", filepath.Join(parent.Name(), name))
	}
	return parent.OpenRoot(name)
}

// mainLook is that of the site, which the lock page has whatever the deal's.
func (o *Output) mainLook() (*look, error) {
	main, _, err := o.look(o.project.themesInUse()[0])
	return main, err
}
