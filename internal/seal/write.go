package seal

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Deal is a deal whose access is settled: its keys, and its lock page's header.
type Deal struct {
	secrets   DealSecrets
	audiences [][]string
	epoch     [16]byte
	header    Header
}

// New settles who may open a deal. It refuses what the format does, and what
// would let nobody in.
func New(secrets DealSecrets, access Access) (*Deal, error) {
	access, err := access.normalized()
	if err != nil {
		return nil, err
	}
	d := &Deal{secrets: secrets, audiences: access.Audiences, epoch: secrets.epoch(access)}
	slots, err := secrets.slots(access, d.epoch)
	if err != nil {
		return nil, err
	}
	d.header = Header{
		Key: secrets.key.ID(), Deal: secrets.id, Salt: secrets.salt(), Epoch: d.epoch,
		TwoFactors: access.Ways[0].twoFactors(), Iterations: access.iterations(), Slots: slots,
	}
	return d, nil
}

// Format keeps its keys out of everything that is printed.
func (d *Deal) Format(f fmt.State, _ rune) { hide(f, "the deal "+d.secrets.id.Path()) }

// Header for the deal's lock page.
func (d *Deal) Header() Header { return d.header }

// Item is a page or a file to be sealed.
type Item struct {
	Path string
	// At makes of an audience's page a fragment: it goes into the element of
	// that id in the deal's page of the same path.
	At   string
	Type string
	// Page says that it is a page of ours: the only HTML that is ever shown.
	Page bool
	// Audience is who may read it; empty for all who can open the deal.
	Audience []string
	// Changed and NotAfter are Unix times; 0 is never.
	Changed, NotAfter int64
	// Content is read when it is sealed, and again when its files are made.
	Content *io.SectionReader
}

// Contents is all that a deal holds.
type Contents struct {
	Items []Item
	// Changed is when the deal was last changed, NotAfter when it should not be
	// shown any more; Unix times, 0 is never.
	Changed, NotAfter int64
	Cache             Cache
}

// Seal gives the files of a deal besides its lock page, sorted by name. The
// same contents under the same access give the same files.
func (d *Deal) Seal(c Contents) ([]File, error) {
	if err := d.admit(c); err != nil {
		return nil, err
	}
	z := deflaters.Get().(*deflater)
	defer deflaters.Put(z)
	names := map[string]File{}
	base, err := d.sealFor(names, nil, "", c, z)
	if err != nil {
		return nil, err
	}
	for _, members := range d.audiences {
		if _, err := d.sealFor(names, members, base, c, z); err != nil {
			return nil, err
		}
	}
	files := make([]File, 0, len(names))
	for _, f := range names {
		files = append(files, f)
	}
	slices.SortFunc(files, func(x, y File) int { return strings.Compare(x.Name, y.Name) })
	return files, nil
}

// sealFor seals what is for one audience, or with nil for all, and gives its
// manifest's salt.
func (d *Deal) sealFor(names map[string]File, members []string, base string, c Contents, z *deflater) (string, error) {
	key := d.secrets.dealKey(d.epoch)
	if members != nil {
		key = d.secrets.audienceKey(d.epoch, members)
	}
	m := manifest{changed: c.Changed, notAfter: c.NotAfter, base: base}
	for _, it := range c.Items {
		if !slices.Equal(sorted(it.Audience), members) {
			continue
		}
		o, err := newObject(key.object(), d.secrets.id, it.typed(), c.Cache, z)
		if err != nil {
			return "", fmt.Errorf("sealing %s: %w", it.Path, err)
		}
		for _, f := range o.files() {
			names[f.Name] = f // the same content twice is one object
		}
		e := Entry{Path: it.Path, At: it.At, Type: it.typed().Type, Page: it.Page, Size: o.size, Changed: it.Changed, NotAfter: it.NotAfter,
			stored: o.stored.Size(), deflated: o.deflated, salt: o.salt}
		if it.Page {
			m.pages = append(m.pages, e)
		} else {
			m.files = append(m.files, e)
		}
	}
	for _, list := range [][]Entry{m.pages, m.files} {
		slices.SortFunc(list, compareEntries)
	}
	sealed, err := m.seal(key, d.secrets.id, d.epoch, z)
	if err != nil {
		return "", err
	}
	name := folder + key.name()
	names[name] = File{Name: name, Size: int64(len(sealed)), made: sealed}
	return base64Text(sealed[:saltSize]), nil
}

// typed is the item under the type that its reader gets.
func (it Item) typed() Item {
	if !it.Page {
		it.Type = fileType(it.Type)
	}
	return it
}

// admit refuses what the format doesn't allow in a manifest.
func (d *Deal) admit(c Contents) error {
	if !validTime(c.Changed) || !validTime(c.NotAfter) {
		return errors.New("the deal's times are out of bounds")
	}
	taken := map[[2]string][]Item{}
	for _, it := range c.Items {
		if err := d.admitItem(it); err != nil {
			return fmt.Errorf("sealing %q: %w", it.Path, err)
		}
		place := [2]string{it.Path, it.At}
		for _, other := range taken[place] {
			if it.meets(other) {
				return fmt.Errorf("sealing %q: someone would get two files of that name", it.Path)
			}
		}
		taken[place] = append(taken[place], it)
	}
	return nil
}

func (d *Deal) admitItem(it Item) error {
	audience := sorted(it.Audience)
	switch {
	case !validPath(it.Path):
		return errors.New("a path has no empty, . or .. parts, no backslash, colon or control character")
	case it.Page && it.Type != pageType:
		return errors.New("a page is HTML")
	case it.At != "" && (!it.Page || len(audience) == 0 || !validPlace(it.At)):
		return errors.New("a fragment is an audience's page, and its place the id of an element")
	case len(audience) > 0 && !slices.ContainsFunc(d.audiences, func(a []string) bool { return slices.Equal(a, audience) }):
		return errors.New("the deal's access doesn't know its audience")
	case !validTime(it.Changed) || !validTime(it.NotAfter):
		return errors.New("its times are out of bounds")
	}
	if it.typed().Type == svgType {
		return passive(io.NewSectionReader(it.Content, 0, it.Content.Size()))
	}
	return nil
}

func validTime(t int64) bool { return t >= 0 && t <= maxNumber }

// meets says whether somebody may see both.
func (it Item) meets(other Item) bool {
	return len(it.Audience) == 0 || len(other.Audience) == 0 ||
		slices.ContainsFunc(it.Audience, func(m string) bool { return slices.Contains(other.Audience, m) })
}
