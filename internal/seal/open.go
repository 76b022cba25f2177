package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
)

// lockPage is the file that holds a deal's header.
const lockPage = "index.html"

// Opened is a deal as someone with a way in sees it.
type Opened struct {
	Header Header
	// Viewer, Cap and the slot's NotAfter are zero for who opened it with the
	// team key.
	Viewer ViewerID
	Cap    []byte
	// NotAfter is the earlier of the slot's and the deal's; 0 for never.
	NotAfter int64
	// Changed is when the deal was last changed.
	Changed int64
	// Entries are all pages and files, sorted by path and place.
	Entries []Entry

	files     fs.FS
	manifests []string
}

// Unlock opens a deal's folder with what a person would type or click: a
// link, a code, a phrase; two of them where the deal asks for two factors.
func Unlock(files fs.FS, typed ...string) (*Opened, error) {
	h, err := readHeader(files)
	if err != nil {
		return nil, err
	}
	for _, try := range tries(h.TwoFactors, typed) {
		root, err := rootOf(h.Salt, h.Iterations, try.secret, try.words)
		if err != nil {
			return nil, err
		}
		slot, found := h.find(root.locator(h.Deal, h.Epoch))
		if !found {
			continue
		}
		data, err := Open(root.wrap(), slotContext(h.Deal, h.Key, h.Epoch, slot.Locator), slot.Box)
		if err != nil {
			return nil, fmt.Errorf("opening the slot: %w", err)
		}
		p, err := parsePayload(data)
		if err != nil {
			return nil, err
		}
		o := Opened{Header: h, Viewer: p.viewer, Cap: p.cap, NotAfter: p.notAfter, files: files}
		return o.read(p.deal, p.audiences)
	}
	return nil, Wrong
}

// UnlockWithKey opens a deal's folder with the team key. It shows the parts for
// the audiences that are named, each by its members' ids: nothing in the folder
// tells who they are.
func UnlockWithKey(files fs.FS, key TeamKey, audiences ...[]string) (*Opened, error) {
	h, err := readHeader(files)
	if err != nil {
		return nil, err
	}
	if h.Key != key.ID() {
		return nil, Wrong
	}
	secrets := key.DealByID(h.Deal)
	var keys []contentKey
	for _, members := range audiences {
		keys = append(keys, secrets.audienceKey(h.Epoch, sorted(members)))
	}
	slices.SortFunc(keys, func(x, y contentKey) int { return bytes.Compare(x[:], y[:]) })
	o := Opened{Header: h, files: files}
	return o.read(secrets.dealKey(h.Epoch), slices.Compact(keys))
}

func readHeader(files fs.FS) (Header, error) {
	page, err := readFile(files, lockPage, maxManifest*4)
	if err != nil {
		return Header{}, err
	}
	return FindHeader(page)
}

type try struct {
	secret []byte
	words  string
}

// tries are the readings of what was typed, in the order of the lock page: a
// code if it is one, then a phrase.
func tries(twoFactors bool, typed []string) []try {
	var secrets [][]byte
	var words, codes []string // a code can be a phrase too, and hardly ever is
	for _, text := range typed {
		s, ok := LinkCode(text)
		if !ok {
			s, ok = ParseCode(text)
		}
		w := Normal(text)
		switch {
		case ok:
			secrets = append(secrets, s[:])
			codes = append(codes, w)
		case w != "":
			words = append(words, w)
		}
	}
	words = append(words, codes...)
	var out []try
	if !twoFactors {
		for _, s := range secrets {
			out = append(out, try{secret: s})
		}
		for _, w := range words {
			out = append(out, try{words: w})
		}
		return out
	}
	for _, s := range secrets {
		for _, w := range words {
			out = append(out, try{s, w})
		}
	}
	return out
}

// read the manifests that the keys open, and hold them against each other.
func (o Opened) read(deal contentKey, audiences []contentKey) (*Opened, error) {
	first, salt, err := o.readManifest(deal)
	if err != nil {
		return nil, err
	}
	if first.base != "" || slices.ContainsFunc(first.pages, func(e Entry) bool { return e.At != "" }) {
		return nil, damaged("the deal's manifest is not the deal's")
	}
	o.Changed = first.changed
	o.NotAfter = earlier(o.NotAfter, first.notAfter)
	o.Entries = append(first.pages, first.files...)
	for _, key := range audiences {
		m, _, err := o.readManifest(key)
		if err != nil {
			return nil, err
		}
		// Else a host could put an old price into a new plan.
		if m.base != base64Text(salt) || m.changed != first.changed {
			return nil, damaged("a part of the deal belongs to another state of it")
		}
		o.Entries = append(append(o.Entries, m.pages...), m.files...)
	}
	slices.SortFunc(o.Entries, compareEntries)
	for i := range max(len(o.Entries), 1) - 1 {
		if a, b := o.Entries[i], o.Entries[i+1]; a.Path == b.Path && a.At == b.At {
			return nil, damaged("two files have the path %q", a.Path)
		}
	}
	return &o, nil
}

func (o *Opened) readManifest(key contentKey) (manifest, []byte, error) {
	name := folder + key.name()
	sealed, err := readFile(o.files, name, sealedLength(pad(maxManifest*2)))
	if err != nil {
		return manifest{}, nil, err
	}
	m, err := openManifest(key, o.Header.Deal, o.Header.Epoch, sealed)
	if err != nil {
		return manifest{}, nil, fmt.Errorf("opening the manifest %s: %w", name, err)
	}
	o.manifests = append(o.manifests, name)
	return m, sealed[:saltSize], nil
}

// Find an entry by its path and place.
func (o *Opened) Find(path, at string) (Entry, bool) {
	i, found := slices.BinarySearchFunc(o.Entries, Entry{Path: path, At: at}, compareEntries)
	if !found {
		return Entry{}, false
	}
	return o.Entries[i], true
}

// Check says whether the deal should be shown now: Expired, or Older than one
// that was seen before. seen is 0 for none.
func (o *Opened) Check(now, seen int64) error {
	if o.NotAfter != 0 && now >= o.NotAfter {
		return Expired
	}
	if o.Changed < seen {
		return Older
	}
	return nil
}

// Names are the files below the deal's folder that this way in leads to,
// sorted. With the team key and every audience they are all there should be.
func (o *Opened) Names() []string {
	names := append([]string{lockPage}, o.manifests...)
	for _, e := range o.Entries {
		n := pad(e.stored)
		for i := range partsOf(n) {
			names = append(names, objectName(e.salt[:], n, i))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Verify opens every page and file, and tells of each that is not as sealed.
func (o *Opened) Verify() error {
	var all []error
	for _, e := range o.Entries {
		all = append(all, o.stream(e, io.Discard))
	}
	return errors.Join(all...)
}

func earlier(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

func readFile(files fs.FS, name string, most int64) ([]byte, error) {
	f, err := openFile(files, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if int64(len(data)) > most {
		return nil, damaged("%s is too long", name)
	}
	return data, nil
}

func openFile(files fs.FS, name string) (fs.File, error) {
	f, err := files.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", Missing, name)
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return f, nil
}
