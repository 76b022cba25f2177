package build

import (
	"encoding/hex"
	"io/fs"
)

// lookSum is the sum of all that a look is made of: every file that stands in
// force in it, the texts of portico.toml and the library, and the program. It is
// zero where something cannot be read, or where nothing is kept.
func (p *Project) lookSum(t *Theme, seals bool) sum {
	if p.began.IsZero() {
		return sum{}
	}
	s := newSum("look 1")
	s.text(p.opts.Program, p.opts.Locale, p.opts.Collector, t.Name)
	if !seals {
		s.text("nothing sealed")
	}
	p.Site.EachText(func(file, text string) { s.text(file, text) })
	s.words(p)
	for _, files := range []fs.FS{t.folder, t.Layouts, t.Assets} {
		s.text("files")
		if s.files(files) != nil {
			return sum{}
		}
	}
	return s.sum()
}

// recalled takes over a look that was made of the same.
func (p *Project) recalled(l *look) bool {
	if l.key == (sum{}) {
		return false
	}
	if k := p.opts.Memory.look(l.key); k != nil {
		l.bundled, l.renderers = k.bundled, k.renderers
		return true
	}
	var b bundled
	if p.opts.Program == "" || !p.cache.decode(lookName(l.key), &b) {
		return false
	}
	l.bundled = &b
	p.opts.Memory.keepLook(&keptLook{l.key, l.bundled, l.renderers})
	return true
}

// keepLook for the next run, if what it was made of is still there: a file may
// have changed between its being summed and its being bundled.
func (p *Project) keepLook(l *look) {
	if l.key == (sum{}) {
		return
	}
	if p.lookSum(l.theme, l.seals) != l.key {
		l.key = sum{}
		return
	}
	p.opts.Memory.keepLook(&keptLook{l.key, l.bundled, l.renderers})
	if p.opts.Program != "" {
		p.cache.encode(lookName(l.key), l.bundled)
	}
}

func lookName(key sum) string { return "look 3 " + hex.EncodeToString(key[:]) }
