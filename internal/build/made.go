package build

import (
	"fmt"
	"io/fs"

	"portico/internal/deal"
	"portico/internal/media"
	"portico/internal/render"
)

// files makes the pages of a deal and gathers the files that they name.
func (o *Output) files(d *dealOutput) (map[string]*File, error) {
	l := d.loaded
	if err := o.dress(d); err != nil || d.look.failed {
		return nil, err
	}
	pages, err := o.pages(d)
	if err != nil {
		return nil, err
	}
	pieces, err := l.pieces(pages, o.audiences(d))
	if err != nil {
		return nil, err
	}
	if o.project.sealed(d.record) {
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
func (o *Output) audiences(d *dealOutput) *deal.Audiences {
	l := d.loaded
	if !o.project.sealed(d.record) {
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

// pages of a deal, from memory if they were made of the same.
func (o *Output) pages(d *dealOutput) (pages []render.Output, err error) {
	memory, l, made := o.project.opts.Memory, d.loaded, o.madeOf(d)
	if k := memory.deal(l.ID, d.source); k != nil && made != (sum{}) && k.made == made {
		return k.pages, nil
	}
	reporting, err := o.reporting(l.Deal.Deal)
	if err != nil {
		return nil, err
	}
	in := render.Input{
		Deal: l.Deal.Deal, Site: l.site, AsOf: o.asOf(d), Updated: d.change.Time, By: d.change.Author,
		Read: l.read, Size: l.size, Image: l.image, Audiences: o.audiences(d), Reporting: reporting,
	}
	err = o.project.render(d.look, func(r *render.Renderer) (err error) {
		pages, err = r.Deal(in)
		return err
	})
	if err == nil && made != (sum{}) && o.project.lasting(d.examined) {
		memory.keepDeal(l.ID, d.source, l, made, pages)
	}
	return pages, err
}

// dress finds the look of a deal.
func (o *Output) dress(d *dealOutput) error {
	if d.look != nil {
		return nil
	}
	look, messages, err := o.look(d.record.Theme)
	if err == nil {
		d.look = look
		d.messages = append(d.messages[:len(d.messages):len(d.messages)], messages...)
	}
	return err
}

// madeOf is the sum of all that a deal's files are made of; zero if that is not
// known.
func (o *Output) madeOf(d *dealOutput) sum {
	if d.look.failed || d.look.key == (sum{}) || o.project.began.IsZero() {
		return sum{}
	}
	s := newSum("made 1")
	s.bytes(d.source[:])
	s.bytes(d.look.key[:])
	s.number(d.change.Time.UnixNano(), int64(o.asOf(d)))
	s.text(d.change.Author)
	if !o.project.sealed(d.record) {
		s.text("in the clear")
	} else if !o.sealedOf(d, &s) {
		return sum{}
	}
	return s.sum()
}
