package build

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/internal/deal"
	"portico/internal/diag"
	"portico/internal/seal"
)

// testSite is a site in a folder of its own, built in this process.
type testSite struct {
	t   testing.TB
	dir string
	// opts are changed by whoever needs to; Source and what a build can't do
	// without are set.
	opts Options
}

// noon is the clock of a test's builds.
func noon() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }

// testKey is the key of every test's team.
func testKey() (seal.TeamKey, error) {
	return seal.NewTeamKey(strings.NewReader(strings.Repeat("k", 32)))
}

// folderOf a deal of a test's site in public/, if it is sealed.
func folderOf(t testing.TB, id string) string {
	t.Helper()
	key, err := testKey()
	if err != nil {
		t.Fatal(err)
	}
	return key.Deal(id).ID().Path()
}

// sellerTOML is the portico.toml that most tests begin with.
const sellerTOML = `[site]
base_url = "https://plans.example"
locale = "en-GB"
timezone = "Europe/London"

[seller]
name = "Lumen"
color = "#2540c8"

[person.mara]
name = "Mara Lindqvist"
title = "Account Executive"
email = "mara@lumen.example"
`

// planOf is a small deal.toml that anyone may read; more stands behind it.
func planOf(buyer, more string) string {
	return fmt.Sprintf(`[deal]
owner = "mara"
profile = "smb"

[buyer]
name = %q

[value]
summary = "What %s gains."

[dates]
go_live = 2027-02-15

[person.ana]
name = "Ana Costa"
title = "Owner"

[milestone.trial]
title = "Trial"
due = "go_live - 4w"
owner = ["mara", "ana"]

[access]
public = true

%s`, buyer, buyer, more)
}

// newSite writes files, by their names, into a new site.
func newSite(t testing.TB, files map[string]string) *testSite {
	t.Helper()
	s := &testSite{t: t, dir: t.TempDir()}
	s.opts = Options{Source: s.dir, Key: testKey, AsOf: deal.DayOf(2026, 11, 21), Look: builtinLook(), Now: noon, LockDir: t.TempDir()}
	if _, ok := files[deal.SiteFile]; !ok {
		s.write(deal.SiteFile, sellerTOML)
	}
	for name, text := range files {
		s.write(name, text)
	}
	return s
}

// threeDeals is a site of the deals ash, beech and cedar.
func threeDeals(t testing.TB) *testSite {
	t.Helper()
	files := map[string]string{}
	for _, id := range []string{"ash", "beech", "cedar"} {
		files["content/"+id+"/deal.toml"] = planOf("Buyer "+id, "[collateral.deck]\nfile = \"collateral/deck.pdf\"\n")
		files["content/"+id+"/collateral/deck.pdf"] = "%PDF of " + id
		files["content/"+id+"/pages/more.md"] = "# More of " + id + "\n"
	}
	return newSite(t, files)
}

func (s *testSite) path(name string) string { return filepath.Join(s.dir, filepath.FromSlash(name)) }

func (s *testSite) write(name, text string) {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Dir(s.path(name)), 0o755); err != nil {
		s.t.Fatal(err)
	}
	data := []byte(text)
	if isPicture(name) {
		data = pictureOf(s.t, text)
	}
	if err := os.WriteFile(s.path(name), data, 0o644); err != nil {
		s.t.Fatal(err)
	}
	// Without git a deal is as old as its newest file.
	if err := os.Chtimes(s.path(name), written, written); err != nil {
		s.t.Fatal(err)
	}
}

// pictureOf is a small picture whose pixels follow a text, and which carries
// the text where cameras write down where they were.
func pictureOf(t testing.TB, text string) []byte {
	t.Helper()
	sum := sha256.Sum256([]byte(text))
	m := image.NewNRGBA(image.Rect(0, 0, 8, 1))
	copy(m.Pix, sum[:])
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	const beforeEnd = 12
	data := b.Bytes()
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len("Comment\x00"+text)))
	body := []byte("tEXtComment\x00" + text)
	chunk = append(chunk, body...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(body))
	return slices.Concat(data[:len(data)-beforeEnd], chunk, data[len(data)-beforeEnd:])
}

var written = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

func (s *testSite) remove(name string) {
	s.t.Helper()
	if _, err := os.Lstat(s.path(name)); err != nil {
		s.t.Fatal(err)
	}
	if err := os.RemoveAll(s.path(name)); err != nil {
		s.t.Fatal(err)
	}
}

func (s *testSite) read(name string) string {
	s.t.Helper()
	data, err := os.ReadFile(s.path(name))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(data)
}

func (s *testSite) exists(name string) bool {
	_, err := os.Lstat(s.path(name))
	return err == nil
}

// load opens the site, for as long as the test runs.
func (s *testSite) load() *Project {
	s.t.Helper()
	p, err := Load(s.opts)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(p.Close)
	return p
}

// output of the site, without writing it.
func (s *testSite) output() *Output {
	s.t.Helper()
	o, messages, err := s.load().Output(context.Background())
	if err != nil || messages.Failed() {
		s.t.Fatal(err, said(messages))
	}
	return o
}

// writer of an output into public/, before it has staged anything.
func (s *testSite) writer(o *Output) *writer {
	s.t.Helper()
	target, err := o.target("")
	if err != nil {
		s.t.Fatal(err)
	}
	w, err := o.newWriter(target)
	if err != nil {
		s.t.Fatal(err)
	}
	return w
}

// try builds into a folder; "" is public/.
func (s *testSite) try(dir string) (*Result, error) {
	s.t.Helper()
	p, err := Load(s.opts)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	o, messages, err := p.Output(context.Background())
	if err != nil {
		return nil, err
	}
	p.Messages = append(p.Messages, messages...)
	r, _, err := o.WriteTo(context.Background(), dir)
	return r, err
}

// build into public/, which must go well.
func (s *testSite) build() *Result { s.t.Helper(); return s.buildTo("") }

func (s *testSite) buildTo(dir string) *Result {
	s.t.Helper()
	r, err := s.try(dir)
	if err != nil {
		if r != nil {
			s.t.Log(said(r.Messages))
		}
		s.t.Fatal(err)
	}
	return r
}

func said(l diag.List) string {
	var b strings.Builder
	if err := l.WriteText(&b, false); err != nil {
		return err.Error()
	}
	return b.String()
}

// tree is what lies in a folder.
type tree map[string]node

type node struct {
	info fs.FileInfo
	data string
}

// treeOf a folder, by the files' slash-separated names; folders are among
// them, with nothing in them.
func treeOf(t testing.TB, dir string) tree {
	t.Helper()
	out := tree{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || p == dir {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		n := node{}
		if n.info, err = d.Info(); err != nil {
			return err
		}
		switch {
		case d.Type().IsRegular():
			data, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			n.data = string(data)
		case d.Type()&fs.ModeSymlink != 0:
			to, err := os.Readlink(p)
			if err != nil {
				return err
			}
			n.data = "-> " + to
		}
		out[filepath.ToSlash(rel)] = n
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return out
}

// public is what the site's public/ holds.
func (s *testSite) public() tree { s.t.Helper(); return treeOf(s.t, s.path("public")) }

// content of the files, without folders.
func (x tree) content() map[string]string {
	out := map[string]string{}
	for name, n := range x {
		if !n.info.IsDir() {
			out[name] = n.data
		}
	}
	return out
}

// under is the part of the tree in a folder, named from there.
func (x tree) under(dir string) tree {
	out := tree{}
	for name, n := range x {
		if rest, ok := strings.CutPrefix(name, dir+"/"); ok {
			out[rest] = n
		}
	}
	return out
}

func (x tree) names() []string { return slices.Sorted(maps.Keys(x)) }

// touched are the names of what is not the same file with the same time in
// both trees.
func touched(before, after tree) []string {
	names := map[string]bool{}
	for name, n := range before {
		m, ok := after[name]
		if !ok || !os.SameFile(n.info, m.info) || !n.info.ModTime().Equal(m.info.ModTime()) || n.data != m.data {
			names[name] = true
		}
	}
	for name := range after {
		if _, ok := before[name]; !ok {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// codes of messages, each with its place.
func codes(l diag.List) []string {
	var list []string
	for _, m := range l {
		list = append(list, fmt.Sprintf("%s:%d:%d %s %s", m.File, m.Start.Line, m.Start.Column, m.Severity, m.Code))
	}
	return list
}
