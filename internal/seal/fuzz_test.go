package seal

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// What is not exactly what was sealed doesn't open.
func FuzzOpen(f *testing.F) {
	key, ctx := text(32), []byte("context")
	plain := [][]byte{nil, []byte("a"), text(chunkSize - 1), text(chunkSize), text(chunkSize + 1)}
	for i := range plain {
		f.Add(byte(i), uint32(0), byte(0), uint32(0), []byte(nil))
		f.Add(byte(i), uint32(60), byte(1), uint32(3), []byte{1})
	}
	f.Fuzz(func(t *testing.T, which byte, at uint32, flip byte, cut uint32, more []byte) {
		p := plain[int(which)%len(plain)]
		good := Seal(key, ctx, p)
		bad := bytes.Clone(good)
		bad[int(at%uint32(len(bad)))] ^= flip
		bad = append(bad[:len(bad)-int(cut)%len(bad)], more...)
		got, err := Open(key, ctx, bad)
		if bytes.Equal(good, bad) {
			if err != nil || !bytes.Equal(got, p) {
				t.Errorf("what was sealed doesn't open: %v", err)
			}
		} else if !errors.Is(err, Damaged) || got != nil {
			t.Errorf("what was altered opens: %v", err)
		}
	})
}

// Whatever a host serves for a lock page: what parses is written back as it
// was.
func FuzzHeader(f *testing.F) {
	h := newNorthwind().deal(f).Header()
	f.Add(h.marshal())
	f.Add([]byte(magic))
	f.Add([]byte(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := parseHeader(data)
		if err == nil && !bytes.Equal(h.marshal(), data) {
			t.Errorf("%x comes back as %x", data, h.marshal())
		}
		if _, err := FindHeader(data); err == nil && !bytes.Contains(data, []byte(metaBefore)) {
			t.Error("a header is found where there is none")
		}
	})
}

func FuzzManifest(f *testing.F) {
	m := manifest{changed: 7, pages: []Entry{{Path: "index.html", Type: pageType, Page: true, Size: 3, deflated: true, stored: 5}}, files: []Entry{{Path: "a", Type: download}}}
	text, err := m.marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"v":1,"changed":1e2,"not_after":0,"base":"","pages":[],"files":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parseManifest(contentKey{}, data)
		if err != nil {
			return
		}
		written, err := m.marshal()
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseManifest(contentKey{}, written)
		if err != nil {
			t.Fatalf("%s: %v", written, err)
		}
		if twice, err := again.marshal(); err != nil || !bytes.Equal(twice, written) {
			t.Errorf("%s comes back as %s", written, twice)
		}
		for _, e := range append(m.pages, m.files...) {
			if strings.Contains("/"+e.Path+"/", "/../") || e.Page != (e.Type == pageType) {
				t.Errorf("the entry %+v is let pass", e)
			}
		}
	})
}

func FuzzPayload(f *testing.F) {
	n := newNorthwind()
	d := n.deal(f)
	f.Add(d.secrets.payloadOf(n.access, n.access.Ways[0], d.epoch).marshal())
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := parsePayload(data)
		if err == nil && !bytes.HasPrefix(data, p.marshal()) {
			t.Errorf("%x comes back as %x", data, p.marshal())
		}
	})
}

func FuzzCode(f *testing.F) {
	f.Add(testKey(1).Deal("x").Secret("priya", 1).Code())
	f.Add("https://x.example/a/#0000")
	f.Add("#%23i\xffl")
	f.Fuzz(func(t *testing.T, text string) {
		for _, parse := range []func(string) (Secret, bool){ParseCode, LinkCode} {
			if s, ok := parse(text); ok {
				if again, ok := ParseCode(s.Code()); !ok || again != s {
					t.Errorf("%q comes back otherwise", text)
				}
			}
		}
		if n := Normal(text); n != Normal(n) {
			t.Errorf("%q is not normal yet", n)
		}
	})
}

func FuzzTeamKey(f *testing.F) {
	f.Add(testKey(1).Text())
	f.Add("portico-key-1-")
	f.Fuzz(func(t *testing.T, text string) {
		if k, err := ParseTeamKey(text); err == nil && k.Text() != strings.TrimSpace(text) {
			t.Errorf("%q comes back otherwise", text)
		}
	})
}
