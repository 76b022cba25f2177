package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func testKey(b byte) TeamKey { return newTeamKey([32]byte(bytes.Repeat([]byte{b}, 32))) }

func text(n int) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(i % 251)
	}
	return p
}

// edges are where chunks begin and end.
var edges = [...]int{0, 1, 16_383, 16_384, 16_385, 32_768}

func refused(t *testing.T, what string, key, ctx, sealed []byte) {
	t.Helper()
	if p, err := Open(key, ctx, sealed); !errors.Is(err, Damaged) || p != nil {
		t.Errorf("%s: %v, and %d bytes are given out", what, err, len(p))
	}
}

func TestSealedTextIsCutNowhere(t *testing.T) {
	key, ctx := text(32), []byte("context")
	for _, n := range edges {
		sealed := Seal(key, ctx, text(n))
		for cut := range sealed {
			if len(sealed) > 2000 && cut%997 != 0 && cut > 100 && !nearChunk(cut) {
				continue
			}
			refused(t, fmt.Sprintf("%d bytes cut at %d", n, cut), key, ctx, sealed[:cut])
		}
		for _, more := range []int{1, 15, 16, 17, chunkSize, sealedSize} {
			refused(t, fmt.Sprintf("%d bytes behind %d", more, n), key, ctx, append(bytes.Clone(sealed), make([]byte, more)...))
		}
		refused(t, "another key", text(33)[1:], ctx, sealed)
		refused(t, "another context", key, []byte("contexu"), sealed)
	}
}

// nearChunk says whether a place is next to where a chunk or a tag ends.
func nearChunk(at int) bool {
	const near = 2
	in := (at - headSize + near) % sealedSize
	return in <= 2*near || in >= chunkSize && in <= chunkSize+2*near
}

func TestChunksKeepTheirPlaces(t *testing.T) {
	key, ctx := text(32), []byte("context")
	sealed := Seal(key, ctx, text(4*chunkSize+100))
	other := Seal(key, ctx, text(4*chunkSize+101))
	chunk := func(of []byte, i int) []byte {
		return of[headSize+i*sealedSize : min(headSize+(i+1)*sealedSize, len(of))]
	}
	join := func(parts ...[]byte) []byte { return slices.Concat(parts...) }
	head := sealed[:headSize]
	for what, forged := range map[string][]byte{
		"dropped":       join(head, chunk(sealed, 0), chunk(sealed, 2), chunk(sealed, 3), chunk(sealed, 4)),
		"doubled":       join(head, chunk(sealed, 0), chunk(sealed, 0), chunk(sealed, 1), chunk(sealed, 2), chunk(sealed, 3), chunk(sealed, 4)),
		"swapped":       join(head, chunk(sealed, 1), chunk(sealed, 0), chunk(sealed, 2), chunk(sealed, 3), chunk(sealed, 4)),
		"spliced":       join(head, chunk(sealed, 0), chunk(other, 1), chunk(sealed, 2), chunk(sealed, 3), chunk(sealed, 4)),
		"last dropped":  join(head, chunk(sealed, 0), chunk(sealed, 1), chunk(sealed, 2), chunk(sealed, 3)),
		"last early":    join(head, chunk(sealed, 0), chunk(sealed, 4)),
		"another head":  join(other[:headSize], sealed[headSize:]),
		"another salt":  join(other[:saltSize], sealed[saltSize:]),
		"no commitment": join(sealed[:saltSize], make([]byte, 32), sealed[headSize:]),
	} {
		refused(t, what, key, ctx, forged)
	}
}

// northwind is a deal with everything that attacks are about.
type northwind struct {
	key      TeamKey
	access   Access
	contents Contents
}

func newNorthwind() northwind {
	page := func(path, at, text string, audience ...string) Item {
		return Item{Path: path, At: at, Type: pageType, Page: true, Audience: audience, Changed: 1000, Content: section([]byte(text))}
	}
	file := func(path, mime string, data []byte, audience ...string) Item {
		return Item{Path: path, Type: mime, Changed: 1000, Audience: audience, Content: section(data)}
	}
	return northwind{testKey(3), Access{
		Generation: 1,
		Ways: Policy{Generation: 1, Phrase: true, Viewers: []Viewer{
			{ID: "priya", Generation: 1, Cap: []byte("priya's")}, {ID: "sam", Generation: 1}, {ID: "lena", Generation: 2, NotAfter: 4_000_000_000},
		}}.Ways(nil),
		Audiences: [][]string{{"sam", "priya"}, {"priya"}},
	}, Contents{Changed: 1000, Items: []Item{
		page("index.html", "", "<h1>Plan</h1>"), page("index.html", "pricing", "<p>42</p>", "sam", "priya"), page("index.html", "terms", "<p>net 30</p>", "priya"),
		page("security/index.html", "", "<h1>Security</h1>"),
		file("files/roi.csv", "text/csv", bytes.Repeat([]byte("a,b\n"), 300)), file("files/logo.svg", svgType, []byte(`<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h1"/></svg>`)),
		file("files/deck.pdf", "application/pdf", text(40_000)), file("files/quote.pdf", "application/pdf", text(2000), "priya", "sam"),
		file("files/evil.html", "text/html", []byte("<script>")),
	}}}
}

func (n northwind) deal(t testing.TB) *Deal {
	t.Helper()
	d, err := New(n.key.Deal("northwind"), n.access)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (n northwind) host(t testing.TB) fstest.MapFS {
	t.Helper()
	d := n.deal(t)
	files, err := d.Seal(n.contents)
	if err != nil {
		t.Fatal(err)
	}
	return onHost(t, d, files)
}

func (n northwind) code(who string, generation uint32) string {
	return n.key.Deal("northwind").Secret(who, generation).Code()
}

func TestOpenedDeal(t *testing.T) {
	n := newNorthwind()
	host := n.host(t)
	for who, want := range map[string]int{n.code("priya", 1): 9, n.code("sam", 1): 8, n.code("lena", 2): 6, n.key.Deal("northwind").Phrase(Everyone, 1): 6} {
		o, err := Unlock(host, who)
		if err != nil {
			t.Fatal(err)
		}
		if len(o.Entries) != want {
			t.Errorf("%s sees %d of %d", who, len(o.Entries), want)
		}
		if err := o.Verify(); err != nil {
			t.Error(err)
		}
		if e, _ := o.Find("files/evil.html", ""); e.Type != download {
			t.Errorf("foreign HTML is of the type %q", e.Type)
		}
		view, err := o.FS()
		if err != nil {
			t.Fatal(err)
		}
		if err := fstest.TestFS(view, "index.html", "files/roi.csv", "security/index.html"); err != nil {
			t.Error(err)
		}
	}
	o, err := UnlockWithKey(host, n.key, []string{"priya", "sam"}, []string{"priya"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := o.Names(), slices.Sorted(maps.Keys(host)); !slices.Equal(got, want) {
		t.Errorf("the key leads to %v, and there are %v", got, want)
	}
	if _, err := UnlockWithKey(host, testKey(4)); !errors.Is(err, Wrong) {
		t.Errorf("another team's key: %v", err)
	}
}

func TestWrongWaysIn(t *testing.T) {
	n := newNorthwind()
	host := n.host(t)
	code := n.code("priya", 1)
	for _, typed := range []string{"", "-", n.code("priya", 2), n.code("lena", 1), n.code("mallory", 1), code[:len(code)-1], code + "0", "#" + code[:20], "showcase shy drowsily"} {
		if o, err := Unlock(host, typed); !errors.Is(err, Wrong) || o != nil {
			t.Errorf("%q: %v", typed, err)
		}
	}
	for _, typed := range []string{strings.ToUpper(code), strings.ReplaceAll(code, "-", " "), "https://x.example/a/#" + code + "?utm=1", "https://x.example/a/%23" + code, strings.NewReplacer("0", "O", "1", "l").Replace(code)} {
		if _, err := Unlock(host, typed); err != nil {
			t.Errorf("%q: %v", typed, err)
		}
	}
}

// opens says whether everything that a host serves is what was sealed.
func opens(host fstest.MapFS, typed string) error {
	o, err := Unlock(host, typed)
	if err != nil {
		if o != nil {
			return errors.New("something is given out beside an error")
		}
		return err
	}
	return o.Verify()
}

// Every byte of manifests and objects is altered in turn, and the way in that
// leads to it finds out.
func TestEveryByteCounts(t *testing.T) {
	n := newNorthwind()
	host := n.host(t)
	code := n.code("priya", 1)
	o, err := Unlock(host, code)
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	flip := func(name string, open func() error) {
		good := host[name].Data
		for i := 0; i < len(good); i += 1 + len(good)/2000 {
			altered := bytes.Clone(good)
			altered[i] ^= 1 << (i % 8)
			host[name].Data = altered
			if err := open(); !errors.Is(err, Damaged) {
				t.Fatalf("byte %d of %s altered: %v", i, name, err)
			}
			tried++
		}
		host[name].Data = good
	}
	for _, name := range o.manifests {
		flip(name, func() error { _, err := Unlock(host, code); return err })
	}
	for _, e := range o.Entries {
		flip(objectName(e.salt[:], pad(e.stored), 0), func() error { return o.stream(e, io.Discard) })
	}
	if err := opens(host, code); err != nil || tried < 5000 {
		t.Fatalf("%v after %d tries", err, tried)
	}
}

// Header and slot: whatever is altered, the deal opens as before or not at
// all, and never as another.
func TestEveryByteOfTheHeaderCounts(t *testing.T) {
	n := newNorthwind()
	host := n.host(t)
	code := n.code("priya", 1)
	header := n.deal(t).Header()
	data := header.marshal()
	mine, _ := Unlock(host, code)
	root, err := rootOf(header.Salt, header.Iterations, secretOf(n, "priya"), "")
	if err != nil {
		t.Fatal(err)
	}
	slot := bytes.Index(data, header.Slots[slices.IndexFunc(header.Slots, func(s Slot) bool { return s.Locator == root.locator(header.Deal, header.Epoch) })].Box) - 16
	for i := range data {
		// Of the others' slots one byte in sixteen will do; iterations concern words.
		own := i >= slot && i < slot+16+len(header.Slots[0].Box)
		if !own && i >= headerSize && i%16 != 0 {
			continue
		}
		altered := bytes.Clone(data)
		altered[i] ^= 1
		host[lockPage].Data = []byte(metaBefore + base64Text(altered) + metaAfter)
		o, err := Unlock(host, code)
		switch foreign := i >= headerSize && !own || i >= 55 && i < 59; {
		case foreign && err == nil && o.Viewer == mine.Viewer:
		case errors.Is(err, Damaged) || errors.Is(err, Wrong) || i < 8 && errors.Is(err, Version):
		default:
			t.Fatalf("byte %d of the header altered: %v", i, err)
		}
	}
}

func secretOf(n northwind, who string) []byte {
	s := n.key.Deal("northwind").Secret(who, 1)
	return s[:]
}

func TestHeaderBounds(t *testing.T) {
	good := newNorthwind().deal(t).Header()
	for what, change := range map[string]func(*Header){
		"few iterations":  func(h *Header) { h.Iterations = 9_999 },
		"many iterations": func(h *Header) { h.Iterations = 5_000_001 },
		"seven slots":     func(h *Header) { h.Slots = h.Slots[:7] },
		"four slots":      func(h *Header) { h.Slots = h.Slots[:4] },
		"a slot twice":    func(h *Header) { h.Slots[1] = h.Slots[0] },
		"out of order":    func(h *Header) { h.Slots[0], h.Slots[1] = h.Slots[1], h.Slots[0] },
		"short boxes": func(h *Header) {
			for i := range h.Slots {
				h.Slots[i].Box = h.Slots[i].Box[:100]
			}
		},
	} {
		h := good
		h.Slots = slices.Clone(good.Slots)
		change(&h)
		if _, err := parseHeader(h.marshal()); !errors.Is(err, Damaged) {
			t.Errorf("%s: %v", what, err)
		}
	}
	page := []byte(good.Meta())
	for what, p := range map[string][]byte{"two headers": append(page, page...), "cut off": page[:100], "not base64": []byte(metaBefore + "!" + metaAfter)} {
		if _, err := FindHeader(p); !errors.Is(err, Damaged) {
			t.Errorf("%s: %v", what, err)
		}
	}
	newer := append([]byte("PORTICO2"), good.marshal()[8:]...)
	for what, p := range map[string][]byte{"nothing": nil, "empty": []byte(metaBefore + metaAfter), "newer": []byte(metaBefore + base64Text(newer) + metaAfter)} {
		if _, err := FindHeader(p); !errors.Is(err, Version) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Whole files in each other's places: of one deal, of two, of two epochs.
func TestFilesKeepTheirPlaces(t *testing.T) {
	n := newNorthwind()
	code := n.code("priya", 1)
	other := newNorthwind()
	other.key = testKey(9)
	later := newNorthwind()
	later.access.Generation = 2
	for what, from := range map[string]fstest.MapFS{"this deal": n.host(t), "another deal": other.host(t), "another epoch": later.host(t)} {
		host := n.host(t)
		for name, file := range host {
			if name == lockPage {
				continue
			}
			good := file.Data
			for foreign, f := range from {
				if foreign == lockPage || bytes.Equal(f.Data, good) {
					continue
				}
				host[name].Data = f.Data
				if err := opens(host, code); !errors.Is(err, Damaged) {
					t.Fatalf("%s of %s in the place of %s: %v", foreign, what, name, err)
				}
			}
			host[name].Data = good
		}
		if what == "this deal" {
			continue
		}
		host[lockPage] = from[lockPage]
		if err := opens(host, code); err == nil {
			t.Errorf("the header of %s opens this deal", what)
		}
	}
}

func TestMissingFiles(t *testing.T) {
	n := newNorthwind()
	host := n.host(t)
	for name, file := range host {
		delete(host, name)
		if err := opens(host, n.code("priya", 1)); !errors.Is(err, Missing) {
			t.Errorf("without %s: %v", name, err)
		}
		host[name] = file
	}
}

func TestExpiredAndOlder(t *testing.T) {
	n := newNorthwind()
	n.contents.NotAfter = 5_000_000_000
	o, err := Unlock(n.host(t), n.code("lena", 2))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		now, seen int64
		want      error
	}{{3_999_999_999, 1000, nil}, {4_000_000_000, 0, Expired}, {1, 1001, Older}} {
		if err := o.Check(c.now, c.seen); !errors.Is(err, c.want) {
			t.Errorf("at %d, having seen %d: %v", c.now, c.seen, err)
		}
	}
}
