package seal

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/fstest"
)

// liar is a writer that has a deal's keys and breaks the format with them.
type liar struct {
	entry    Entry
	content  []byte // as it is stored
	filler   byte
	priced   Entry // what the audience's manifest names
	base     string
	changed  int64
	manifest func([]byte) []byte // what becomes of the plaintext of the deal's
}

// lies are deals of which each breaks one rule, by its name, and one that
// keeps them all.
func lies(t testing.TB) map[string]fstest.MapFS {
	t.Helper()
	z, err := newDeflater().deflate(bytes.NewReader(make([]byte, 1<<20)))
	if err != nil {
		t.Fatal(err)
	}
	truth := liar{entry: Entry{Path: "a.txt", Type: "text/plain", Size: 1 << 20, deflated: true}, content: z, priced: Entry{Path: "b.txt", Type: "text/plain", Size: 1 << 20, deflated: true},
		manifest: func(p []byte) []byte { return p }}
	out := map[string]fstest.MapFS{}
	for name, change := range map[string]func(*liar){
		"truth":     func(*liar) {},
		"bomb":      func(l *liar) { l.entry.Size = 100 },
		"short":     func(l *liar) { l.entry.Size++ },
		"cut":       func(l *liar) { l.content = z[:len(z)-1] },
		"behind":    func(l *liar) { l.content = append(bytes.Clone(z), 0) },
		"filler":    func(l *liar) { l.filler = 1 },
		"noise":     func(l *liar) { l.content = text(len(z)) },
		"twins":     func(l *liar) { l.priced.Path = "a.txt" },
		"base":      func(l *liar) { l.base = "AAAA" },
		"changed":   func(l *liar) { l.changed = 7 },
		"place":     func(l *liar) { l.entry.Type, l.entry.Page, l.entry.At = pageType, true, "x" },
		"path":      func(l *liar) { l.entry.Path = "../a" },
		"length":    func(l *liar) { l.manifest = func(p []byte) []byte { return append(p, make([]byte, 64)...) } },
		"manifest":  func(l *liar) { l.manifest = func(p []byte) []byte { p[len(p)-1] = 1; return p } },
		"count":     func(l *liar) { l.manifest = func(p []byte) []byte { p[0] = 255; return p } },
		"inflation": func(l *liar) { l.manifest = func(p []byte) []byte { p[4] ^= 255; return p } },
	} {
		l := truth
		change(&l)
		out[name] = l.host(t)
	}
	return out
}

func (l liar) host(t testing.TB) fstest.MapFS {
	t.Helper()
	n := newNorthwind()
	n.access.Audiences = [][]string{{"priya"}}
	d := n.deal(t)
	host := fstest.MapFS{lockPage: {Data: []byte(d.header.Meta())}}
	base := l.put(t, host, d, d.secrets.dealKey(d.epoch), manifest{}, l.entry, l.manifest)
	if l.base == "" {
		l.base = base
	}
	same := func(p []byte) []byte { return p }
	l.put(t, host, d, d.secrets.audienceKey(d.epoch, []string{"priya"}), manifest{base: l.base, changed: l.changed}, l.priced, same)
	return host
}

// put a manifest of one entry, and its object, and give the manifest's salt.
func (l liar) put(t testing.TB, host fstest.MapFS, d *Deal, key contentKey, m manifest, e Entry, change func([]byte) []byte) string {
	t.Helper()
	e.stored = int64(len(l.content))
	p := padded(bytes.Clone(l.content))
	p[len(p)-1] = l.filler
	id := d.secrets.id
	object := Seal(key.object(), LP([]byte("object"), id[:]), p)
	copy(e.salt[:], object)
	host[objectName(e.salt[:], int64(len(p)), 0)] = &fstest.MapFile{Data: object}
	if e.Page {
		m.pages = []Entry{e}
	} else {
		m.files = []Entry{e}
	}
	sealed, err := m.seal(key, id, d.epoch, newDeflater())
	if err != nil {
		t.Fatal(err)
	}
	plain, err := Open(key.manifest(), manifestContext(id, d.epoch), sealed)
	if err != nil {
		t.Fatal(err)
	}
	sealed = Seal(key.manifest(), manifestContext(id, d.epoch), change(plain))
	host[folder+key.name()] = &fstest.MapFile{Data: sealed}
	return base64Text(sealed[:saltSize])
}

func TestLies(t *testing.T) {
	for name, host := range lies(t) {
		o, err := Unlock(host, newNorthwind().code("priya", 1))
		if err == nil {
			err = o.Verify()
		}
		if (name == "truth") != (err == nil) || err != nil && !errors.Is(err, Damaged) {
			t.Errorf("%s: %v", name, err)
		}
		if o == nil || name == "truth" {
			continue
		}
		for _, e := range o.Entries {
			var out bytes.Buffer
			if err := o.WriteTo(e, io.Writer(&out)); err != nil && out.Len() > 0 {
				t.Errorf("%s: %d bytes are given out before the end is checked", name, out.Len())
			}
		}
	}
}
