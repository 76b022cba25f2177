package seal

import (
	"bytes"
	"cmp"
	"compress/flate"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

const (
	folder      = "o/"
	maxManifest = 32 << 20
	// maxNumber is the largest that every reader of JSON keeps exact.
	maxNumber = 1<<53 - 1
)

// Entry is a page or a file as a manifest names it.
type Entry struct {
	Path string
	// At is the id of the element that a page's fragment belongs into; empty
	// for whole pages and for files.
	At   string
	Type string
	Page bool
	// Size is the content's. Changed and NotAfter are Unix times; 0 is never.
	Size, Changed, NotAfter int64

	stored   int64
	deflated bool
	salt     [saltSize]byte
	// object gives the key; a function, as TeamKey's, for fmt to leave alone.
	object func() []byte
}

// Format keeps its key out of everything that is printed.
func (e Entry) Format(f fmt.State, _ rune) { hide(f, strings.TrimSuffix(e.Path+"#"+e.At, "#")) }

func compareEntries(x, y Entry) int {
	return cmp.Or(strings.Compare(x.Path, y.Path), strings.Compare(x.At, y.At))
}

// manifest is what one key opens.
type manifest struct {
	changed, notAfter int64
	base              string
	pages, files      []Entry
}

// The members in the order in which they are written.
type manifestJSON struct {
	V        int         `json:"v"`
	Changed  int64       `json:"changed"`
	NotAfter int64       `json:"not_after"`
	Base     string      `json:"base"`
	Pages    []entryJSON `json:"pages"`
	Files    []entryJSON `json:"files"`
}

type entryJSON struct {
	Path     string `json:"path"`
	Type     string `json:"type"`
	Size     int64  `json:"size"`
	Stored   int64  `json:"stored"`
	Deflated bool   `json:"deflated"`
	Salt     string `json:"salt"`
	Changed  int64  `json:"changed"`
	NotAfter int64  `json:"not_after"`
	At       string `json:"at,omitempty"`
}

func (m manifest) marshal() ([]byte, error) {
	out := manifestJSON{1, m.changed, m.notAfter, m.base, entriesJSON(m.pages), entriesJSON(m.files)}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(out); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

func entriesJSON(list []Entry) []entryJSON {
	out := make([]entryJSON, 0, len(list)) // an empty list is [], not null
	for _, e := range list {
		out = append(out, entryJSON{e.Path, e.Type, e.Size, e.stored, e.deflated, base64Text(e.salt[:]), e.Changed, e.NotAfter, e.At})
	}
	return out
}

func manifestContext(d DealID, epoch [16]byte) []byte {
	return LP([]byte("manifest"), d[:], epoch[:])
}

// seal gives the manifest's file, whose salt others build on.
func (m manifest) seal(key contentKey, d DealID, epoch [16]byte, def *deflater) ([]byte, error) {
	text, err := m.marshal()
	if err != nil {
		return nil, fmt.Errorf("writing the manifest: %w", err)
	}
	if len(text) > maxManifest {
		return nil, fmt.Errorf("the deal has too many files: their list is %d MiB long", len(text)>>20)
	}
	z, err := def.deflate(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("compressing the manifest: %w", err)
	}
	return Seal(key.manifest(), manifestContext(d, epoch), padded(append(u32(uint32(len(z))), z...))), nil
}

// openManifest undoes seal, and holds every number and path to its bounds.
func openManifest(key contentKey, d DealID, epoch [16]byte, sealed []byte) (manifest, error) {
	p, err := Open(key.manifest(), manifestContext(d, epoch), sealed)
	if err != nil {
		return manifest{}, err
	}
	if len(p) < 4 {
		return manifest{}, damaged("the manifest is empty")
	}
	n := int64(binary.BigEndian.Uint32(p))
	if n+4 > int64(len(p)) || pad(n+4) != int64(len(p)) || !filler(p[n+4:]) {
		return manifest{}, damaged("the manifest's length is not what it says")
	}
	source := bytes.NewReader(p[4 : n+4])
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(source), maxManifest+1))
	if err != nil || source.Len() > 0 || len(text) > maxManifest {
		return manifest{}, damaged("the manifest cannot be inflated")
	}
	return parseManifest(key, text)
}

// parseManifest reads any JSON. It goes through maps, for structs would take
// members in other cases for their own.
func parseManifest(key contentKey, text []byte) (manifest, error) {
	var top map[string]any
	if err := json.Unmarshal(text, &top); err != nil || !utf8.Valid(text) {
		return manifest{}, damaged("the manifest is no JSON")
	}
	if v, ok := top["v"].(float64); !ok || v != 1 {
		return manifest{}, fmt.Errorf("%w: the manifest is a newer one", Version)
	}
	f := fields{top, true}
	m := manifest{changed: f.number("changed"), notAfter: f.number("not_after"), base: f.text("base")}
	pages, files := f.list("pages"), f.list("files")
	if !f.ok {
		return manifest{}, damaged("the manifest lacks what it must say")
	}
	for i, list := range [][]any{pages, files} {
		for _, v := range list {
			e, err := parseEntry(v, i == 0)
			if err != nil {
				return manifest{}, err
			}
			e.object = key.object
			if e.Page {
				m.pages = append(m.pages, e)
			} else {
				m.files = append(m.files, e)
			}
		}
	}
	return m, nil
}

func parseEntry(v any, page bool) (Entry, error) {
	members, ok := v.(map[string]any)
	f := fields{members, ok}
	e := Entry{Path: f.text("path"), Type: f.text("type"), Page: page, Size: f.number("size"), Changed: f.number("changed"), NotAfter: f.number("not_after"),
		stored: f.number("stored"), deflated: f.flag("deflated")}
	salt, err := parseBase64(f.text("salt"))
	if _, found := members["at"]; found {
		e.At = f.text("at")
		f.ok = f.ok && page && validPlace(e.At)
	}
	switch {
	case !f.ok || err != nil || len(salt) != saltSize:
		return Entry{}, damaged("an entry of the manifest is not whole")
	case !validPath(e.Path):
		return Entry{}, damaged("the manifest has the path %q", e.Path)
	case page && e.Type != pageType:
		return Entry{}, damaged("the page %q is not HTML", e.Path)
	case e.Size > maxContent || e.stored > maxContent || !e.deflated && e.stored != e.Size:
		return Entry{}, damaged("the size of %q is out of bounds", e.Path)
	}
	if !page {
		e.Type = fileType(e.Type)
	}
	copy(e.salt[:], salt)
	return e, nil
}

// fields reads an object's members; ok is false once one is not as it must be.
type fields struct {
	members map[string]any
	ok      bool
}

func (f *fields) number(name string) int64 {
	v, ok := f.members[name].(float64)
	if !ok || v < 0 || v > maxNumber || v != math.Trunc(v) {
		f.ok = false
		return 0
	}
	return int64(v)
}

func (f *fields) text(name string) string { return member[string](f, name) }
func (f *fields) flag(name string) bool   { return member[bool](f, name) }
func (f *fields) list(name string) []any  { return member[[]any](f, name) }

func member[T any](f *fields, name string) T {
	v, ok := f.members[name].(T)
	f.ok = f.ok && ok
	return v
}
