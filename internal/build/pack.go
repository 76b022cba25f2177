package build

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"portico/internal/bundle"
	"portico/internal/diag"
	"portico/internal/render"
	"portico/internal/seal"
)

// MaxPacked is the most that a packed deal holds, in bytes: browsers keep all of
// it in memory, and a third more as text.
const MaxPacked = 48 << 20

// TooLarge is the error of a deal that cannot be packed.
type TooLarge struct {
	Deal string
	Size int64
}

func (e *TooLarge) Error() string {
	return fmt.Sprintf("the deal %s comes to %d MiB sealed; one file holds %d\nhint: link to its films, or hand over the built folder", e.Deal, e.Size>>20, MaxPacked>>20)
}

// Pack makes one page of a sealed deal that holds everything in itself, sealed
// as on a host, in a project that is silent. With mistakes in the deal there is none, but the messages.
func (o *Output) Pack(id string) ([]byte, diag.List, error) {
	if !slices.Contains(o.project.IDs, id) {
		return nil, nil, &UnknownDeal{id, diag.Nearest(id, o.project.IDs)}
	}
	d := o.deal(id)
	switch {
	case d.err != nil:
		return nil, nil, d.err
	case d.messages.Failed() || d.record == nil || !d.record.Readable:
		return nil, d.messages, nil
	case d.left != "":
		return nil, nil, &NoInvitation{fmt.Sprintf("the deal %s is %s, and a build leaves it out", id, d.left), ""}
	case d.sealed == nil:
		return nil, nil, &NoInvitation{fmt.Sprintf("the deal %s is public: there is nothing to seal", id), "delete `public = true` in [access]"}
	}
	if o.project.mayReport() && !o.project.opts.Silent {
		return nil, nil, errors.New("internal error: a packed deal reports to nobody")
	}
	p, err := o.packed(d)
	if err != nil {
		return nil, nil, err
	}
	lock := slices.Concat(o.lock.before, []byte(render.HeaderMark), o.lock.after)
	page, err := render.Pack(o.project.Site.Default(), lock, p)
	if err != nil {
		return nil, nil, err
	}
	return bytes.Replace(page, []byte(render.HeaderMark), []byte(d.sealed.header.Meta()), 1), nil, nil
}

func (o *Output) packed(d *dealOutput) (render.Packed, error) {
	var p render.Packed
	var size int64
	for _, f := range d.files {
		size += f.size
	}
	if size > MaxPacked {
		return p, &TooLarge{d.id, size}
	}
	for _, name := range sortedKeys(d.files) {
		below := strings.TrimPrefix(name, d.folder+"/")
		if below == lockPage || below == workerFile {
			continue
		}
		data, err := contentOf(d.files[name])
		if err != nil {
			return p, fmt.Errorf("packing %s: %w", name, err)
		}
		p.Sealed = append(p.Sealed, render.PackedFile{Name: below, Type: "application/octet-stream", Data: data})
	}
	pages, err := o.plainPages(d)
	if err != nil {
		return p, err
	}
	p.Shared = o.named(append(pages, d.files[d.folder+"/"+lockPage].data))
	p.Reader, err = bundle.Inline(seal.Browser(), "lock.ts")
	return p, err
}

func contentOf(f *File) ([]byte, error) {
	r, err := f.reader()
	if err != nil {
		return nil, err
	}
	defer r.Close() // opened for reading
	return io.ReadAll(r)
}

// plainPages opens the deal as it was sealed: its pages tell what of the site
// they need.
func (o *Output) plainPages(d *dealOutput) ([][]byte, error) {
	key, err := o.project.key.get()
	if err != nil {
		return nil, err
	}
	files, err := fs.Sub(o, d.folder)
	if err != nil {
		return nil, err
	}
	opened, err := seal.UnlockWithKey(files, key, d.sealed.audiences...)
	if err != nil {
		return nil, fmt.Errorf("opening the deal %s: %w", d.id, err)
	}
	var pages [][]byte
	for _, e := range opened.Entries {
		if !e.Page {
			continue
		}
		data, err := opened.ReadFile(e)
		if err != nil {
			return nil, fmt.Errorf("opening the deal %s: %w", d.id, err)
		}
		pages = append(pages, data)
	}
	return pages, nil
}

// named are the shared files that some pages name, with those that these name in
// turn, but for the reader's scripts: a packed page has its own.
func (o *Output) named(texts [][]byte) []render.PackedFile {
	o.mu.Lock()
	defer o.mu.Unlock()
	reader := map[string]bool{}
	for _, l := range o.looks {
		reader[l.Out.Unlock], reader[l.Out.Lost] = true, true
	}
	found := map[string]render.PackedFile{}
	for len(texts) > 0 {
		text := texts[0]
		texts = texts[1:]
		for name, f := range o.site {
			if _, has := found[name]; has || reader[name] || !strings.HasPrefix(name, sharedDir+"/") || !bytes.Contains(text, []byte(path.Base(name))) {
				continue
			}
			found[name] = render.PackedFile{Name: name, Type: ContentType(name), Data: f.data}
			texts = append(texts, f.data)
		}
	}
	var list []render.PackedFile
	for _, name := range sortedKeys(found) {
		list = append(list, found[name])
	}
	return list
}
