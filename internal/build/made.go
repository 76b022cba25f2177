package build

import (
	"fmt"
	"io"

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
	files := map[string]*File{}
	add := func(name string, f File) error {
		full := l.ID + "/" + name
		if files[full] != nil {
			return fmt.Errorf("internal error: two files of the deal %s lie at %s", l.ID, name)
		}
		admitted, err := o.admit(l.Deal.Deal, full, f)
		if err == nil {
			files[full] = admitted
		}
		return err
	}
	pages, err := o.pages(d)
	if err != nil {
		return nil, err
	}
	for _, p := range pages {
		if err := add(p.Path, File{data: p.Data, size: int64(len(p.Data))}); err != nil {
			return nil, err
		}
	}
	for _, n := range l.Named {
		if !n.Shown || n.File.Root == deal.InAssets || media.TypeOf(n.File.Path).Kind == media.Text {
			continue
		}
		if isPicture(n.File.Path) {
			if err := l.pictureFiles(n.File, add); err != nil {
				return nil, err
			}
			continue
		}
		file := n.File
		open := func() (io.ReadCloser, error) {
			f, _, err := l.open(file)
			return f, err
		}
		if err := add(render.FilePath(file), File{open: open, size: l.size(file)}); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// pages of a deal, from memory if they were made of the same.
func (o *Output) pages(d *dealOutput) (pages []render.Output, err error) {
	memory, l, made := o.project.opts.Memory, d.loaded, o.madeOf(d)
	if k := memory.deal(l.ID, d.source); k != nil && made != (sum{}) && k.made == made {
		return k.pages, nil
	}
	in := render.Input{
		Deal: l.Deal.Deal, Site: l.site, AsOf: o.asOf(d), Updated: d.change.Time, By: d.change.Author,
		Read: l.read, Size: l.size, Image: l.image,
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
	if o.project.opts.Clear {
		s.text("in the clear")
	}
	return s.sum()
}
