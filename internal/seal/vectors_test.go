package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// vectors are testdata/vectors/portico-1.json.
type vectors struct {
	Input struct {
		TeamKey        string   `json:"team_key"`
		ID             string   `json:"id"`
		DealGeneration uint32   `json:"deal_generation"`
		Iterations     uint32   `json:"iterations"`
		Audience       []string `json:"audience"`
		Changed        int64    `json:"changed"`
		WordsSHA256    string   `json:"words_sha256"`
	} `json:"input"`
	Derived           derivedVector     `json:"derived"`
	DerivedTwoFactors derivedVector     `json:"derived_two_factors"`
	Header            string            `json:"header"`
	HeaderTwoFactors  string            `json:"header_two_factors"`
	Files             map[string]string `json:"files"`
	FilesSHA256       map[string]string `json:"files_sha256"`
	Padded            map[string]int64  `json:"padded"`
	Plaintext         map[string]string `json:"plaintext"`
	Seal              []struct {
		Length       int    `json:"length"`
		Header       string `json:"header"`
		SealedLength int    `json:"sealed_length"`
		SHA256       string `json:"sha256"`
	} `json:"seal"`
}

type derivedVector struct {
	AudienceKeys map[string]string `json:"audience_keys"`
	DealKey      string            `json:"deal_key"`
	DID          string            `json:"did"`
	Epoch        string            `json:"epoch"`
	KID          string            `json:"kid"`
	ManifestName string            `json:"manifest_name"`
	Path         string            `json:"path"`
	Salt         string            `json:"salt"`
	TeamKeyText  string            `json:"team_key_text"`
	Ways         []wayVector       `json:"ways"`
}

type wayVector struct {
	Cap              string `json:"cap"`
	Code             string `json:"code"`
	Kind             string `json:"kind"`
	LinkGeneration   uint32 `json:"link_generation"`
	Locator          string `json:"locator"`
	NotAfter         int64  `json:"not_after"`
	PhraseGeneration uint32 `json:"phrase_generation"`
	PhraseOwner      string `json:"phrase_owner"`
	PRK              string `json:"prk"`
	Phrase           string `json:"phrase"`
	Secret           string `json:"secret"`
	Stretched        string `json:"stretched"`
	VID              string `json:"vid"`
	Who              string `json:"who"`
}

func readVectors(t testing.TB) vectors {
	t.Helper()
	data, err := os.ReadFile("testdata/vectors/portico-1.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	data, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func unbase64(t testing.TB, text string) []byte {
	t.Helper()
	data, err := parseBase64(text)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func (v vectors) key(t testing.TB) TeamKey {
	return newTeamKey([32]byte(unhex(t, v.Input.TeamKey)))
}

// access that the vectors' ways come from.
func (d derivedVector) access(t testing.TB, v vectors) Access {
	a := Access{Generation: v.Input.DealGeneration, Audiences: [][]string{v.Input.Audience}}
	for _, w := range d.Ways {
		way := Way{Who: w.Who, Link: w.LinkGeneration, Owner: w.PhraseOwner, Phrase: w.PhraseGeneration, NotAfter: w.NotAfter, Cap: unhex(t, w.Cap)}
		if w.Kind == "password" || w.Kind == "link+password" {
			way.Password, a.Password = true, w.Phrase
		}
		a.Ways = append(a.Ways, way)
	}
	return a
}

func (v vectors) contents() Contents {
	item := func(path, mime string, changed int64, text string) Item {
		return Item{Path: path, Type: mime, Page: mime == pageType, Changed: changed, Content: section([]byte(text))}
	}
	pricing := item("pricing", pageType, 1_795_100_000, v.Plaintext["pricing"])
	pricing.Audience = v.Input.Audience
	roi := strings.Repeat("year,saving\r\n1,100\r\n", 200)
	return Contents{Changed: v.Input.Changed, Items: []Item{
		item("index", pageType, v.Input.Changed, v.Plaintext["index"]), pricing,
		item("roi.csv", "text/csv", 1_795_000_000, roi), item("empty.txt", "text/plain", 1_795_000_000, ""),
		item("demo.mp4", "video/mp4", 1_795_000_000, string(movie())),
	}}
}

func TestVectorsOfKeys(t *testing.T) {
	v := readVectors(t)
	key := v.key(t)
	for _, d := range []derivedVector{v.Derived, v.DerivedTwoFactors} {
		secrets := key.Deal(v.Input.ID)
		access, err := d.access(t, v).normalized()
		if err != nil {
			t.Fatal(err)
		}
		epoch := secrets.epoch(access)
		id, salt, kid := secrets.ID(), secrets.salt(), key.ID()
		deal := secrets.dealKey(epoch)
		same(t, "did", id[:], d.DID)
		same(t, "kid", kid[:], d.KID)
		same(t, "salt", salt[:], d.Salt)
		same(t, "epoch", epoch[:], d.Epoch)
		same(t, "deal key", deal[:], d.DealKey)
		for members, want := range d.AudienceKeys {
			got := secrets.audienceKey(epoch, []string{members})
			same(t, "audience key", got[:], want)
		}
		if id.Path() != d.Path || key.Text() != d.TeamKeyText || deal.name() != d.ManifestName {
			t.Errorf("path %s, key %s, name %s", id.Path(), key.Text(), deal.name())
		}
		for i, w := range d.Ways {
			testWay(t, secrets, access, access.Ways[i], w, epoch)
		}
	}
}

func testWay(t *testing.T, secrets DealSecrets, access Access, way Way, w wayVector, epoch [16]byte) {
	t.Helper()
	if way.kind() != w.Kind {
		t.Errorf("%s is of the kind %s", w.Kind, way.kind())
	}
	viewer := secrets.Viewer(w.Who)
	same(t, "vid", viewer[:], w.VID)
	if w.LinkGeneration > 0 {
		s := secrets.Secret(w.Who, w.LinkGeneration)
		same(t, "secret", s[:], w.Secret)
		if s.Code() != w.Code {
			t.Errorf("code %s, want %s", s.Code(), w.Code)
		}
	}
	if w.PhraseGeneration > 0 {
		if got := secrets.Phrase(w.PhraseOwner, w.PhraseGeneration); got != w.Phrase {
			t.Errorf("phrase %s, want %s", got, w.Phrase)
		}
	}
	root, err := secrets.root(access, way)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "prk", root[:], w.PRK)
	at := root.locator(secrets.id, epoch)
	same(t, "locator", at[:], w.Locator)
}

func same(t testing.TB, what string, got []byte, want string) {
	t.Helper()
	if hex.EncodeToString(got) != want {
		t.Errorf("%s is %x, want %s", what, got, want)
	}
}

func TestVectorsOfSeal(t *testing.T) {
	v := readVectors(t)
	key := v.key(t).derive(32, "test")
	if len(v.Seal) < 6 {
		t.Fatalf("only %d vectors", len(v.Seal))
	}
	for _, s := range v.Seal {
		p := make([]byte, s.Length)
		for i := range p {
			p[i] = byte(i % 251)
		}
		ctx := LP([]byte("test"), u32(uint32(s.Length)))
		sealed := Seal(key, ctx, p)
		sum := sha256.Sum256(sealed)
		same(t, "head", sealed[:headSize], s.Header)
		same(t, "sum", sum[:], s.SHA256)
		if len(sealed) != s.SealedLength || int64(len(sealed)) != sealedLength(int64(s.Length)) {
			t.Errorf("%d bytes are sealed in %d", s.Length, len(sealed))
		}
		if back, err := Open(key, ctx, sealed); err != nil || !bytes.Equal(back, p) {
			t.Errorf("%d bytes: %v", s.Length, err)
		}
	}
	for n, want := range v.Padded {
		var length int64
		if _, err := fmt.Sscan(n, &length); err != nil {
			t.Fatal(err)
		}
		if got := pad(length); got != want {
			t.Errorf("pad(%s) = %d, want %d", n, got, want)
		}
	}
}

func TestVectorsOfHeader(t *testing.T) {
	v := readVectors(t)
	for _, c := range []struct {
		d    derivedVector
		want string
	}{{v.Derived, v.Header}, {v.DerivedTwoFactors, v.HeaderTwoFactors}} {
		d, err := New(v.key(t).Deal(v.Input.ID), c.d.access(t, v))
		if err != nil {
			t.Fatal(err)
		}
		if got := base64Text(d.Header().marshal()); got != c.want {
			t.Errorf("the header is\n%s, want\n%s", got, c.want)
		}
		h, err := FindHeader([]byte("<head>" + d.Header().Meta() + "</head>"))
		if err != nil || !bytes.Equal(h.marshal(), d.Header().marshal()) {
			t.Errorf("the header comes back otherwise: %v", err)
		}
	}
}

// bytesByName makes all files.
func bytesByName(t testing.TB, files []File) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, f := range files {
		data, err := f.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(data)) != f.Size || len(data) > wholeSize {
			t.Errorf("%s has %d bytes, and says %d", f.Name, len(data), f.Size)
		}
		out[f.Name] = data
	}
	return out
}

// onHost is a deal's folder as a host has it.
func onHost(t testing.TB, d *Deal, files []File) fstest.MapFS {
	t.Helper()
	host := fstest.MapFS{lockPage: {Data: []byte("<!doctype html>\n" + d.Header().Meta() + "\n")}}
	for name, data := range bytesByName(t, files) {
		host[name] = &fstest.MapFile{Data: data}
	}
	return host
}

func TestVectorsOfFiles(t *testing.T) {
	v := readVectors(t)
	d, err := New(v.key(t).Deal(v.Input.ID), v.Derived.access(t, v))
	if err != nil {
		t.Fatal(err)
	}
	files, err := d.Seal(v.contents())
	if err != nil {
		t.Fatal(err)
	}
	made := bytesByName(t, files)
	for name, want := range v.FilesSHA256 {
		data, ok := made[name]
		if !ok {
			t.Errorf("%s is not made", name)
			continue
		}
		sum := sha256.Sum256(data)
		same(t, name, sum[:], want)
	}
	for _, f := range files {
		if v.FilesSHA256[f.Name] == "" {
			t.Errorf("%s is too many", f.Name)
		}
	}
	if !slices.IsSortedFunc(files, func(a, b File) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) }) {
		t.Error("the files are not sorted")
	}
}

// The deal of two factors has the same contents under other keys.
func TestVectorsOfTwoFactors(t *testing.T) {
	v := readVectors(t)
	d, err := New(v.key(t).Deal(v.Input.ID), v.DerivedTwoFactors.access(t, v))
	if err != nil {
		t.Fatal(err)
	}
	files, err := d.Seal(v.contents())
	if err != nil {
		t.Fatal(err)
	}
	// Its manifest's salt is of contents that the vectors don't tell.
	host := onHost(t, d, files)
	if host[folder+v.DerivedTwoFactors.ManifestName] == nil {
		t.Errorf("the manifest has another name")
	}
	for _, w := range v.DerivedTwoFactors.Ways {
		o, err := Unlock(host, w.Code, w.Phrase)
		if err != nil {
			t.Fatalf("%s: %v", w.Who, err)
		}
		same(t, "vid", o.Viewer[:], w.VID)
		for _, alone := range [][]string{{w.Phrase}, {w.Phrase, w.Phrase}} {
			if _, err := Unlock(host, alone...); !errors.Is(err, Wrong) {
				t.Errorf("%s: one factor gives %v", w.Who, err)
			}
		}
	}
}

// What the vectors hold opens with every way in, and is what was put in.
func TestVectorsOpen(t *testing.T) {
	v := readVectors(t)
	host := v.onHost(t)
	want := map[string]string{"index": v.Plaintext["index"], "pricing": v.Plaintext["pricing"], "empty.txt": "",
		"roi.csv": strings.Repeat("year,saving\r\n1,100\r\n", 200), "demo.mp4": string(movie())}
	for _, w := range v.Derived.Ways {
		typed := strings.ToUpper(strings.ReplaceAll(w.Phrase, "-", " "))
		if w.LinkGeneration > 0 {
			typed = "https://plans.example/" + v.Derived.Path + "/#" + w.Code
		}
		o, err := Unlock(host, typed)
		if err != nil {
			t.Fatalf("%s: %v", w.Who, err)
		}
		same(t, "cap", o.Cap, w.Cap)
		if o.NotAfter != w.NotAfter || o.Changed != v.Input.Changed {
			t.Errorf("%s: not after %d, changed %d", w.Who, o.NotAfter, o.Changed)
		}
		if _, found := o.Find("pricing", ""); found != (w.Who == "priya") {
			t.Errorf("%s sees the price: %t", w.Who, found)
		}
		for _, e := range o.Entries {
			data, err := o.ReadFile(e)
			if err != nil || string(data) != want[e.Path] {
				t.Errorf("%s: %s: %v, %d bytes", w.Who, e.Path, err, len(data))
			}
		}
	}
}

// onHost adds the parts that only sums are given of.
func (v vectors) onHost(t testing.TB) fstest.MapFS {
	t.Helper()
	d, err := New(v.key(t).Deal(v.Input.ID), v.Derived.access(t, v))
	if err != nil {
		t.Fatal(err)
	}
	files, err := d.Seal(v.contents())
	if err != nil {
		t.Fatal(err)
	}
	host := onHost(t, d, files)
	host[lockPage].Data = []byte(metaBefore + v.Header + metaAfter)
	for name, text := range v.Files {
		host[name].Data = unbase64(t, text)
	}
	return host
}
