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
func (p *Project) Themes() []string {
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
	theme    *Theme
	renderer *render.Renderer
	out      render.Look // what the renderer was made of
	// files lie in the site's folder `_`, by name.
	files map[string][]byte
	// assets are the site's own files, such as logos, by their path in assets/.
	assets map[string]render.Image
	// failed says that a mistake, which was reported, keeps it from being used.
	failed bool
}

// sharedDir is where files lie that are the same for every deal.
const sharedDir = "_"

// makeLook bundles a theme's assets and prepares its layouts.
func (p *Project) makeLook(name string) (*look, diag.List, error) {
	t, messages, err := p.Theme(name)
	if err != nil {
		return nil, nil, err
	}
	l := &look{theme: t, files: map[string][]byte{}, assets: map[string]render.Image{}}
	assets, more, err := bundle.Build(withFonts{t.Assets, t}, t.Assets.Where, tokens(t))
	messages = append(messages, more...)
	if err != nil {
		return nil, nil, err
	}
	for _, f := range assets.Files {
		l.files[f.Name] = f.Data
	}
	var scripts readerScripts
	if !p.opts.Clear {
		if scripts, err = p.sealed(); err != nil {
			return nil, nil, err
		}
		for _, f := range scripts.shared {
			l.files[f.Name] = f.Data
		}
	}
	if err := p.siteFiles(l); err != nil {
		return nil, nil, err
	}
	layouts, err := bundle.Layouts(t.Layouts)
	if err != nil {
		return nil, nil, err
	}
	out := render.Look{
		Layouts: layouts, Style: shared(assets.Style), Reading: shared(assets.Reading), Preview: shared(assets.Preview), Today: shared(assets.Today), Script: shared(assets.Script), Icon: shared(l.icon(t)),
		Gate: shared(assets.Gate), Unlock: shared(scripts.lock), Lost: shared(scripts.lost),
		Files: l.assets, Color: t.values.Color, Density: t.values.Density, Hero: t.values.Hero,
	}
	l.failed = messages.Failed()
	if l.failed {
		return l, messages, nil
	}
	l.out = out
	l.renderer, err = render.New(&out, p.words)
	if err != nil {
		return nil, nil, p.layoutError(t, out, err, func(*render.Renderer) error { return nil })
	}
	return l, messages, nil
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
	l.files[name] = data
	return name
}

// siteFiles takes in what portico.toml names under assets/: the logos and the
// team's photos.
func (p *Project) siteFiles(l *look) error {
	for _, f := range p.namedAssets() {
		if _, done := l.assets[f.File.Path]; done {
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
		l.assets[f.File.Path] = img
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
