package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// movie is the vectors' large file.
func movie() []byte {
	data := make([]byte, 9_437_184)
	for i := range data {
		data[i] = byte(7*i + 13*(i>>8) + i>>16)
	}
	return data
}

// section is content for an Item.
func section(data []byte) *io.SectionReader {
	return io.NewSectionReader(bytes.NewReader(data), 0, int64(len(data)))
}

func TestItemRefusals(t *testing.T) {
	n := newNorthwind()
	svg := func(text string) Item {
		return Item{Path: "a.svg", Type: svgType, Content: section([]byte(text))}
	}
	page := Item{Path: "a.html", Type: pageType, Page: true, Content: section(nil)}
	with := func(change func(*Item)) Item {
		it := page
		change(&it)
		return it
	}
	for what, c := range map[string]struct {
		items []Item
		why   string
	}{
		"no path":          {[]Item{with(func(it *Item) { it.Path = "" })}, "a path has"},
		"from the root":    {[]Item{with(func(it *Item) { it.Path = "/a" })}, "a path has"},
		"upwards":          {[]Item{with(func(it *Item) { it.Path = "a/../b" })}, "a path has"},
		"dot":              {[]Item{with(func(it *Item) { it.Path = "./a" })}, "a path has"},
		"backslash":        {[]Item{with(func(it *Item) { it.Path = `a\b` })}, "a path has"},
		"colon":            {[]Item{with(func(it *Item) { it.Path = "javascript:a" })}, "a path has"},
		"control":          {[]Item{with(func(it *Item) { it.Path = "a\u0085" })}, "a path has"},
		"line":             {[]Item{with(func(it *Item) { it.Path = "a\u2028" })}, "a path has"},
		"not UTF-8":        {[]Item{with(func(it *Item) { it.Path = "a\xff" })}, "a path has"},
		"page type":        {[]Item{with(func(it *Item) { it.Type = "text/plain" })}, "a page is HTML"},
		"place for all":    {[]Item{with(func(it *Item) { it.At = "x" })}, "a fragment"},
		"file's place":     {[]Item{with(func(it *Item) { it.At, it.Page, it.Audience = "x", false, []string{"priya"} })}, "a fragment"},
		"place with space": {[]Item{with(func(it *Item) { it.At, it.Audience = "x y", []string{"priya"} })}, "a fragment"},
		"audience":         {[]Item{with(func(it *Item) { it.Audience = []string{"lena"} })}, "doesn't know"},
		"time":             {[]Item{with(func(it *Item) { it.NotAfter = -1 })}, "times"},
		"twice":            {[]Item{page, page}, "two files"},
		"twice for one":    {[]Item{page, with(func(it *Item) { it.Audience = []string{"priya"} })}, "two files"},
		"shared member":    {[]Item{with(func(it *Item) { it.Audience = []string{"priya", "sam"} }), with(func(it *Item) { it.Audience = []string{"priya"} })}, "two files"},
		"script":           {[]Item{svg(`<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`)}, "<script>"},
		"handler":          {[]Item{svg(`<svg xmlns="http://www.w3.org/2000/svg" onload="x"/>`)}, "event handler"},
		"foreign":          {[]Item{svg(`<svg xmlns="http://www.w3.org/2000/svg"><foreignObject/></svg>`)}, "<foreignobject>"},
		"entities":         {[]Item{svg(`<!DOCTYPE svg [<!ENTITY a "b">]><svg/>`)}, "entities"},
		"broken drawing":   {[]Item{svg(`<svg`)}, "cannot be read"},
	} {
		if _, err := n.deal(t).Seal(Contents{Items: c.items}); err == nil || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: %v, want %q", what, err, c.why)
		}
	}
	n.access.Audiences = [][]string{{"priya"}, {"sam"}}
	apart := []Item{with(func(it *Item) { it.Audience = []string{"priya"} }), with(func(it *Item) { it.Audience = []string{"sam"} })}
	if _, err := n.deal(t).Seal(Contents{Items: apart}); err != nil {
		t.Errorf("the same path for two audiences that nobody shares: %v", err)
	}
}

// shifting changes after it was read once.
type shifting struct{ reads *int }

func (s shifting) ReadAt(p []byte, at int64) (int, error) {
	*s.reads++
	for i := range p {
		p[i] = byte(*s.reads)
	}
	return len(p), nil
}

// The keys of an object belong to its content: to encrypt other content under
// them would give both away.
func TestContentThatChangesIsRefused(t *testing.T) {
	n := newNorthwind()
	reads := 0
	files, err := n.deal(t).Seal(Contents{Items: []Item{{Path: "a.bin", Content: io.NewSectionReader(shifting{&reads}, 0, 1000)}}})
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for _, f := range files {
		if _, err := f.Bytes(); err != nil {
			if !strings.Contains(err.Error(), "changed while it was read") {
				t.Error(err)
			}
			refused++
		}
	}
	if refused != 1 {
		t.Errorf("%d files are refused", refused)
	}
	_, err = n.deal(t).Seal(Contents{Items: []Item{{Path: "a.csv", Type: "text/csv", Content: io.NewSectionReader(shifting{&reads}, 0, 1000)}}})
	if err == nil || !strings.Contains(err.Error(), "changed while it was read") {
		t.Errorf("a table: %v", err)
	}
}

func TestCache(t *testing.T) {
	n := newNorthwind()
	kept := map[string][]byte{}
	loads := 0
	cache := Cache{func(name string) []byte {
		if kept[name] != nil {
			loads++
		}
		return kept[name]
	}, func(name string, sealed []byte) { kept[name] = bytes.Clone(sealed) }}
	plain := n.host(t)
	n.contents.Cache = cache
	for round := range 2 {
		host := n.host(t)
		for name, f := range plain {
			if !bytes.Equal(host[name].Data, f.Data) {
				t.Errorf("round %d: %s is another with a cache", round, name)
			}
		}
		if len(host) != len(plain) {
			t.Errorf("%d files, and %d without a cache", len(host), len(plain))
		}
	}
	if len(kept) != 6 || loads != 6 {
		t.Errorf("%d are kept, %d were used", len(kept), loads)
	}
	for name, data := range kept {
		if bytes.Contains(data, []byte("Plan")) || strings.Contains(name, "index") {
			t.Errorf("the cache tells what it keeps")
		}
		kept[name] = data[:20]
	}
	if host := n.host(t); len(host) != len(plain) {
		t.Error("a cache cut off is not made good")
	}
	other := newNorthwind()
	other.key, other.contents.Cache = testKey(5), cache
	loads = 0
	other.host(t)
	if loads != 0 {
		t.Errorf("another team's deal uses %d of the cache", loads)
	}
}

// Around the size at which objects go into parts.
func TestParts(t *testing.T) {
	n := newNorthwind()
	code := n.code("lena", 2)
	for _, size := range []int{8 << 20, 8_257_536, 8_388_608 - 9000, 10_485_760, 10_500_000} {
		n.contents = Contents{Items: []Item{{Path: "a.bin", Content: section(text(size))}}}
		host := n.host(t)
		o, err := Unlock(host, code)
		if err != nil {
			t.Fatal(err)
		}
		e, _ := o.Find("a.bin", "")
		var out bytes.Buffer
		if err := o.WriteTo(e, &out); err != nil || !bytes.Equal(out.Bytes(), text(size)) {
			t.Errorf("%d bytes: %v, %d come back", size, err, out.Len())
		}
		view, err := o.FS()
		if err != nil {
			t.Fatal(err)
		}
		if data, err := fs.ReadFile(view, "a.bin"); err != nil || !bytes.Equal(data, text(size)) {
			t.Errorf("%d bytes as a file: %v, %d come back", size, err, len(data))
		}
		parts := partsOf(pad(e.stored))
		total := 0
		for i := range parts {
			name := objectName(e.salt[:], pad(e.stored), i)
			total += len(host[name].Data)
			attackPart(t, o, e, host, name)
		}
		if int64(total) != sealedLength(pad(int64(size))) || (parts > 1) != (total > 8_388_608) {
			t.Errorf("%d bytes lie in %d parts of %d", size, parts, total)
		}
	}
}

func attackPart(t *testing.T, o *Opened, e Entry, host fstest.MapFS, name string) {
	t.Helper()
	good := host[name].Data
	for what, bad := range map[string][]byte{
		"cut": good[:len(good)-1], "longer": append(bytes.Clone(good), 0), "empty": {}, "zeros": make([]byte, len(good)),
	} {
		host[name].Data = bad
		var out bytes.Buffer
		if view, err := o.FS(); err != nil {
			t.Fatal(err)
		} else if _, err := view.Open("a.bin"); !errors.Is(err, Damaged) {
			t.Errorf("%s, %s: it can be opened: %v", name, what, err)
		}
		if err := o.WriteTo(e, &out); !errors.Is(err, Damaged) || out.Len() > 0 {
			t.Errorf("%s, %s: %v, and %d bytes are given out", name, what, err, out.Len())
		}
	}
	host[name].Data = good
}

// A writer that knows the keys and breaks the format.
func TestHostileManifests(t *testing.T) {
	const entry = `{"path":"a","type":"text/html","size":1,"stored":1,"deflated":false,"salt":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","changed":0,"not_after":0}`
	top := func(pages, files string) string {
		return `{"v":1,"changed":0,"not_after":0,"base":"","pages":[` + pages + `],"files":[` + files + `],"more":{"x":[null]}}`
	}
	for _, good := range []string{top("", ""), top(entry, entry), strings.ReplaceAll(top(entry, ""), `"v":1`, `"PAGES":7,"v":1.0`), top(strings.Replace(entry, `{`, `{"at":"x",`, 1), "")} {
		m, err := parseManifest(contentKey{}, []byte(good))
		if err != nil {
			t.Errorf("%s: %v", good, err)
		}
		for _, f := range m.files {
			if f.Type != download {
				t.Errorf("a file is of the type %s", f.Type)
			}
		}
	}
	change := func(old, now string) string { return top(strings.Replace(entry, old, now, 1), "") }
	for _, bad := range []string{
		"", "[]", "null", "{}", `{"v":1}`, top("null", ""), top("[]", ""), top("", strings.Replace(entry, `{`, `{"at":"x",`, 1)),
		change(`"a"`, `"../a"`), change(`"a"`, `"a//b"`), change(`"a"`, `"a:b"`), change(`"a"`, `"\u2029"`), change(`"a"`, `7`), change(`"path"`, `"Path"`),
		change(`text/html`, `text/plain`), change(`"size":1`, `"size":-1`), change(`"size":1`, `"size":1.5`), change(`"size":1`, `"size":2`), change(`"size":1`, `"size":1e300`), change(`"size":1`, `"size":"1"`),
		change(`"stored":1,"deflated":false`, `"stored":4294967297,"deflated":true`), change(`false`, `0`), change(`AAAA`, `AAA`), change(`AAAA`, `AA=A`), change(`"changed":0`, `"changed":9007199254740993`),
	} {
		if _, err := parseManifest(contentKey{}, []byte(bad)); !errors.Is(err, Damaged) && !errors.Is(err, Version) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if _, err := parseManifest(contentKey{}, []byte(strings.Replace(top("", ""), `"v":1`, `"v":2`, 1))); !errors.Is(err, Version) {
		t.Errorf("a newer one: %v", err)
	}
}

func TestTeamKeyText(t *testing.T) {
	key := testKey(7)
	got, err := ParseTeamKey(" " + key.Text() + "\n")
	if err != nil || got.secret() != key.secret() {
		t.Errorf("it comes back otherwise: %v", err)
	}
	good := key.Text()
	for _, bad := range []string{"", "portico-key-1-", good[:len(good)-1], good + "A", strings.ToUpper(good), strings.Replace(good, "Bw", "Cw", 1), "portico-key-2-" + good[14:]} {
		if _, err := ParseTeamKey(bad); err == nil || strings.Contains(err.Error(), good[20:40]) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := NewTeamKey(strings.NewReader("short")); err == nil {
		t.Error("a key is made of too little")
	}
}

// A key and a personal secret stay out of whatever is printed.
func TestSecretsDontPrint(t *testing.T) {
	key := testKey(0xab)
	secret := key.Deal("x").Secret("y", 1)
	access := Access{Generation: 1, Password: "hunter2", Ways: []Way{{Who: Everyone, Password: true}}}
	deal, err := New(key.Deal("x"), access)
	if err != nil {
		t.Fatal(err)
	}
	content := deal.secrets.dealKey(deal.epoch)
	type within struct {
		key     TeamKey
		secrets DealSecrets
		deal    *Deal
		entry   Entry
	}
	all := []any{key, secret, deal, key.Deal("x"), access, Entry{object: content.object}, within{key, key.Deal("x"), deal, Entry{object: content.object}}}
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "key", key, "inside", struct{ K TeamKey }{key}, "secret", secret)
	encoded, err := json.Marshal(map[string]any{"key": key, "secret": secret})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(encoded)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d"} {
		fmt.Fprintf(&out, verb, all)
		for _, v := range all {
			fmt.Fprintf(&out, verb, v)
		}
	}
	for _, leak := range []string{"abab", "ABAB", "171 171", "171, 171", "q6ur", "hunter2", fmt.Sprintf("%x", content[:]), fmt.Sprint(content[:]), fmt.Sprintf("%x", secret[:]), fmt.Sprint(secret[:]), key.Text()[14:]} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("%q shows in %s", leak, out.String())
		}
	}
}

func TestNormal(t *testing.T) {
	for _, typed := range []string{"Show-Case 'shy' \"7+\"", "SHOWCASE\u00a0SHY\u20147+", "show‑case–shy’7`+"} {
		if got := Normal(typed); got != "showcaseshy7+" {
			t.Errorf("%q comes to %q", typed, got)
		}
	}
}

// The words are the format's, in its order.
func TestWords(t *testing.T) {
	sum := sha256.New()
	for i := range listSize {
		fmt.Fprintln(sum, word(i))
	}
	same(t, "the list", sum.Sum(nil), readVectors(t).Input.WordsSHA256)
}

func TestCodes(t *testing.T) {
	s := testKey(1).Deal("x").Secret("priya", 1)
	code := s.Code()
	for i := range code {
		for _, r := range "0123456789abcdefghjkmnpqrstvwxyz" {
			if code[i] == '-' || rune(code[i]) == r {
				continue
			}
			if got, ok := ParseCode(code[:i] + string(r) + code[i+1:]); ok && got == s {
				t.Errorf("a mistake at %d is not seen", i)
			}
		}
	}
	if _, ok := LinkCode("https://x/#/security"); ok {
		t.Error("a route is a code")
	}
	if !slices.Equal(strings.Split(code, "-"), strings.Fields(strings.ReplaceAll(code, "-", " "))) || len(code) != 34 {
		t.Errorf("the code is written %s", code)
	}
}
