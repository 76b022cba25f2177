package build

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"sync"

	"portico/internal/deal"
	"portico/internal/render"
	"portico/internal/seal"
)

// ErrNoKey is the error of a deal that has to be sealed, and no key to do it
// with.
var ErrNoKey = errors.New("there is no team key to seal deals with")

// sealedDeal is what there is to know of a deal that was sealed, besides its
// files.
type sealedDeal struct {
	*people
	header    seal.Header
	audiences [][]string
	past      []deal.FormerAccess
	pieces    int
}

// piece is a page or a file of a deal before it is sealed, or written as it is.
type piece struct {
	path string // within the deal's folder
	// at is the place of a fragment in the page at path.
	at string
	// audience is who alone may see it; nil is everybody with a way in.
	audience []string
	mime     string
	data     []byte
	// open reads a file that is not kept in memory; size is its length.
	open  func() (fs.File, error)
	size  int64
	until deal.Day // the last day on which it is valid
}

// pageType is the type of the pages that this program makes, and of no file: an
// HTML document among the collateral has the name of a download.
const pageType = "text/html"

// pieceOf what the renderer made. The manifest's table of types has no style:
// the lock page's script adopts that of a deal as text.
func pieceOf(out render.Output) piece {
	p := piece{path: out.Path, at: out.At, audience: out.Audience, data: out.Data, mime: pageType}
	if path.Ext(out.Path) == ".css" {
		p.mime = "text/plain"
	}
	return p
}

// clear is a piece as a file that anyone may read.
func (p piece) clear() File {
	if p.open == nil {
		return File{data: p.data, size: int64(len(p.data))}
	}
	return File{open: func() (io.ReadCloser, error) { return p.open() }, size: p.size}
}

// lockPage and worker are what every sealed deal has, the same in each but for
// the header.
const (
	lockPage   = "index.html"
	workerFile = "sw.js"
)

// sealPieces is the only way by which a deal that is not public becomes files
// of the output: its lock page, and everything else encrypted under names that
// tell nothing. With findings there are none.
func (o *Output) sealPieces(d *dealOutput, pieces []piece) (map[string]*File, []deal.Finding, error) {
	l := d.loaded
	if !o.seals {
		return nil, nil, fmt.Errorf("internal error: the deal %s is to be sealed, and there is no lock page", l.ID)
	}
	who, err := o.project.peopleOf(l.Deal.Deal, l.site)
	if err != nil {
		return nil, nil, err
	}
	past, err := o.ways.of(l.ID)
	if err != nil {
		return nil, nil, err
	}
	findings := append(who.findings(l.Deal.Deal, l.TOML()), regained(l.Deal.Deal, l.site, l.TOML(), past)...)
	if len(findings) > 0 {
		return nil, findings, nil
	}
	audiences := audiencesOf(pieces)
	sealed, err := seal.New(who.secrets, who.access(audiences))
	if err != nil {
		return nil, nil, fmt.Errorf("settling who may open the deal %s: %w", l.ID, err)
	}
	d.sealed = &sealedDeal{people: who, header: sealed.Header(), audiences: audiences, past: past, pieces: len(pieces)}
	contents := seal.Contents{Changed: max(0, d.change.Time.Unix()), NotAfter: who.policy.NotAfter}
	reader := &oneFile{}
	defer reader.close()
	for _, p := range pieces {
		contents.Items = append(contents.Items, p.item(reader, contents.Changed, l.Deal.Deal))
	}
	kept := o.project.keptObjects(d.folder)
	contents.Cache = kept.cache()
	objects, err := sealed.Seal(contents)
	if err != nil {
		return nil, nil, fmt.Errorf("sealing the deal %s: %w", l.ID, err)
	}
	kept.save(o.project, d.folder)
	files, err := o.admitSealed(d, sealed.Header(), objects, reader)
	return files, nil, err
}

func audiencesOf(pieces []piece) [][]string {
	var all [][]string
	for _, p := range pieces {
		if p.audience != nil {
			all = append(all, p.audience)
		}
	}
	return all
}

// item is a piece as it will be sealed.
func (p piece) item(reader *oneFile, changed int64, d *deal.Deal) seal.Item {
	it := seal.Item{
		Path: p.path, At: p.at, Type: p.mime, Page: p.mime == pageType, Audience: p.audience,
		Changed: changed, NotAfter: endOf(p.until, d.Timezone),
	}
	if p.open == nil {
		it.Content = io.NewSectionReader(bytes.NewReader(p.data), 0, int64(len(p.data)))
	} else {
		it.Content = io.NewSectionReader(&turn{reader, p.open}, 0, p.size)
	}
	return it
}

// admitSealed takes in the files of a sealed deal.
func (o *Output) admitSealed(d *dealOutput, h seal.Header, objects []seal.File, reader *oneFile) (map[string]*File, error) {
	page, err := o.lock.page(o)
	if err != nil {
		return nil, err
	}
	files := make(map[string]*File, len(objects)+2)
	add := func(name string, f File) error {
		full := d.folder + "/" + name
		admitted, err := o.admit(d.loaded.Deal.Deal, full, f)
		files[full] = admitted
		return err
	}
	locked := page.of(h)
	err = add(lockPage, File{data: locked, size: int64(len(locked))})
	if err == nil {
		err = add(workerFile, File{data: page.worker, size: int64(len(page.worker))})
	}
	for _, object := range objects {
		if err == nil {
			err = add(object.Name, File{object: &object, open: opener(object, reader), size: object.Size})
		}
	}
	return files, err
}

// opener gives what a sealed file holds. It is encrypted when it is asked for.
func opener(f seal.File, reader *oneFile) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		defer reader.close()
		data, err := f.Bytes()
		return inMemory{bytes.NewReader(data)}, err
	}
}

// inMemory is a file that can be read in any order.
type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }

// lock is the site's lock page, the same for every deal, with the worker that
// lies beside it.
type lock struct {
	once          sync.Once
	before, after []byte // of the header
	worker        []byte
	err           error
}

func (k *lock) page(o *Output) (*lock, error) {
	k.once.Do(func() {
		main, err := o.mainLook()
		if err == nil && main.failed {
			err = errors.New("the theme cannot be used; `portico check` says why")
		}
		if k.err = err; err == nil {
			k.worker = main.Worker
			k.before, k.after, _ = bytes.Cut(main.Lock, []byte(render.HeaderMark))
		}
	})
	return k, k.err
}

// of a deal, by its header.
func (k *lock) of(h seal.Header) []byte {
	return slices.Concat(k.before, []byte(h.Meta()), k.after)
}

// is says whether a page is the lock page with a header and nothing else, and
// gives that.
func (k *lock) is(page []byte) (seal.Header, bool) {
	h, err := seal.FindHeader(page)
	return h, err == nil && bytes.Equal(page, k.of(h))
}

// oneFile reads files of a deal one after the other, each when it is asked for,
// and holds open but one, so that neither memory nor open files grow with what
// a deal has. It is used by one goroutine after the other.
type oneFile struct {
	mu   sync.Mutex
	of   *turn
	file fs.File
}

// turn is the reading of one of them.
type turn struct {
	*oneFile
	open func() (fs.File, error)
}

func (p *turn) ReadAt(buf []byte, at int64) (int, error) {
	o := p.oneFile
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.of != p {
		o.closeFile()
		f, err := p.open()
		if err != nil {
			return 0, err
		}
		o.of, o.file = p, f
	}
	r, ok := o.file.(io.ReaderAt)
	if !ok {
		return 0, errors.New("the file cannot be read in any order")
	}
	return r.ReadAt(buf, at)
}

func (o *oneFile) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closeFile()
}

func (o *oneFile) closeFile() {
	if o.file != nil {
		_ = o.file.Close() // opened for reading
	}
	o.of, o.file = nil, nil
}
