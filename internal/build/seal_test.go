package build

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portico/internal/seal"
)

// sealedDeals are the three, sealed, with a viewer each and a passphrase.
func sealedDeals(t testing.TB) *testSite {
	t.Helper()
	s := threeDeals(t)
	for _, id := range []string{"ash", "beech", "cedar"} {
		s.edit("content/"+id+"/deal.toml", "public = true", "viewers = [\"ana\"]")
	}
	return s
}

// edit replaces a text of a file, which must be there.
func (s *testSite) edit(name, old, new string) {
	s.t.Helper()
	text := s.read(name)
	if !strings.Contains(text, old) {
		s.t.Fatalf("%s holds no %q", name, old)
	}
	s.write(name, strings.Replace(text, old, new, 1))
}

// secrets of a deal of a test's site.
func secrets(t testing.TB, id string) seal.DealSecrets {
	t.Helper()
	key, err := testKey()
	if err != nil {
		t.Fatal(err)
	}
	return key.Deal(id)
}

// unlock a deal in public/ with what a person would type.
func (s *testSite) unlock(id string, typed ...string) (*seal.Opened, error) {
	s.t.Helper()
	o, err := seal.Unlock(os.DirFS(s.path("public/"+folderOf(s.t, id))), typed...)
	if err == nil {
		err = o.Verify()
	}
	return o, err
}

// mustUnlock gives the content of a deal by its paths, as a viewer has it.
func (s *testSite) mustUnlock(id string, typed ...string) map[string]string {
	s.t.Helper()
	o, err := s.unlock(id, typed...)
	if err != nil {
		s.t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range o.Entries {
		data, err := o.ReadFile(e)
		if err != nil {
			s.t.Fatal(err)
		}
		name := e.Path
		if e.At != "" {
			name += "#" + e.At
		}
		files[name] = string(data)
	}
	return files
}

func code(t testing.TB, id, who string, generation uint32) string {
	return secrets(t, id).Secret(who, generation).Code()
}

// What a viewer opens is what a build in the clear would have written.
func TestSealedIsWhatTheClearIs(t *testing.T) {
	s := sealedDeals(t)
	r := s.build()
	if !slices.Equal(r.Built, []string{"ash", "beech", "cedar"}) || len(r.Public)+len(r.Rekeyed) > 0 {
		t.Errorf("built %q, public %q, rekeyed %v", r.Built, r.Public, r.Rekeyed)
	}
	clear := *s
	clear.opts.Clear = true
	clear.opts.LockDir = t.TempDir()
	out := t.TempDir()
	clear.buildTo(out)
	for _, id := range r.Built {
		want := treeOf(t, filepath.Join(out, id)).content()
		for _, way := range []string{code(t, id, "ana", 1), secrets(t, id).Phrase(seal.Everyone, 1)} {
			if diff := cmp.Diff(want, s.mustUnlock(id, way)); diff != "" {
				t.Errorf("%s (-clear +sealed):\n%s", id, diff)
			}
		}
		if _, err := s.unlock(id, code(t, "ash", "ana", 1), "some other words"); id != "ash" && !errors.Is(err, seal.Wrong) {
			t.Errorf("another deal's code opens %s: %v", id, err)
		}
	}
	for name := range s.public().content() {
		folder, _, _ := strings.Cut(name, "/")
		if len(folder) == 16 && opaque.FindString(name) == "" {
			t.Errorf("%s is no name of a sealed file", name)
		}
	}
}

// The same source gives the same bytes on any day, in any folder and time zone,
// by any number of processors, under any user's name.
func TestSealedAnywhere(t *testing.T) {
	make := func(change func(*testSite)) map[string]string {
		s := sealedDeals(t)
		s.opts.AsOf = 0
		change(s)
		s.build()
		return s.public().content()
	}
	want := make(func(*testSite) {})
	t.Setenv("TZ", "Pacific/Kiritimati")
	t.Setenv("LANG", "de_DE.UTF-8")
	t.Setenv("USER", "somebody")
	got := make(func(s *testSite) {
		s.opts.Now = func() time.Time { return noon().AddDate(0, 1, 3).Add(5 * time.Hour).In(time.FixedZone("x", -9*3600)) }
		s.opts.Jobs = 7
	})
	if diff := cmp.Diff(want, got); diff != "" || len(want) < 15 {
		t.Errorf("of %d files (-want +got):\n%s", len(want), diff)
	}
}

// One word changed in one deal changes that deal's files; one viewer less, all of
// them. No other deal is touched.
func TestSealedChanges(t *testing.T) {
	s := sealedDeals(t)
	s.build()
	before := s.public()
	folder := folderOf(t, "beech")
	s.edit("content/beech/pages/more.md", "More", "Less")
	if r := s.build(); !slices.Equal(r.Changed, []string{"beech"}) || len(r.Rekeyed) > 0 {
		t.Errorf("changed %q, rekeyed %v", r.Changed, r.Rekeyed)
	}
	after := s.public()
	for _, name := range touched(before, after) {
		if name != folder && !strings.HasPrefix(name, folder+"/") {
			t.Errorf("%s was touched", name)
		}
	}
	one := changedNames(before.under(folder), after.under(folder))
	if len(one) == 0 || len(one) > 6 { // the page and the manifest, each gone and come, and what names the page
		t.Errorf("one word changed %q", one)
	}

	s.edit("content/beech/deal.toml", "viewers = [\"ana\"]", "viewers = []")
	s.build()
	before, after = after, s.public()
	for _, name := range touched(before, after) {
		if name != folder && !strings.HasPrefix(name, folder+"/") {
			t.Errorf("%s was touched", name)
		}
	}
	for name, n := range after.under(folder).content() {
		if old, there := before.under(folder).content()[name]; there && old == n && name != workerFile {
			t.Errorf("%s is the same under another epoch", name)
		}
	}
	if _, err := s.unlock("beech", code(t, "beech", "ana", 1)); !errors.Is(err, seal.Wrong) {
		t.Errorf("who was removed gets %v", err)
	}
	if _, err := s.unlock("beech", secrets(t, "beech").Phrase(seal.Everyone, 1)); err != nil {
		t.Error(err)
	}
}

func changedNames(a, b tree) []string {
	names := map[string]bool{}
	x, y := a.content(), b.content()
	for name := range maps.Keys(x) {
		names[name] = x[name] != y[name]
	}
	for name := range maps.Keys(y) {
		names[name] = x[name] != y[name]
	}
	maps.DeleteFunc(names, func(_ string, changed bool) bool { return !changed })
	return sortedKeys(names)
}

func TestWhoGetsIn(t *testing.T) {
	const file = "content/ash/deal.toml"
	phrase := secrets(t, "ash").Phrase(seal.Everyone, 1)
	tests := []struct {
		name, access string
		today        time.Time
		in, out      [][]string
		notAfter     int64
	}{
		{"a passphrase alone", `generation = 1`, noon(), [][]string{{phrase}}, [][]string{{code(t, "ash", "ana", 1)}}, 0},
		{"links alone", "viewers = [\"ana\"]\npassphrase = false", noon(), [][]string{{code(t, "ash", "ana", 1)}}, [][]string{{phrase}}, 0},
		{"a new link", "viewers = [\"ana\"]\n[access.viewer.ana]\ngeneration = 2", noon(), [][]string{{code(t, "ash", "ana", 2)}, {phrase}}, [][]string{{code(t, "ash", "ana", 1)}}, 0},
		{"a new passphrase", "viewers = [\"ana\"]\ngeneration = 2", noon(), [][]string{{code(t, "ash", "ana", 1)}, {secrets(t, "ash").Phrase(seal.Everyone, 2)}}, [][]string{{phrase}}, 0},
		{"two factors", "viewers = [\"ana\"]\nfactors = \"link+passphrase\"", noon(), [][]string{{code(t, "ash", "ana", 1), phrase}}, [][]string{{phrase}, {code(t, "ash", "ana", 1)}}, 0},
		{"two factors of one's own", "viewers = [\"ana\"]\nfactors = \"link+passphrase\"\npassphrase = false", noon(), [][]string{{code(t, "ash", "ana", 1), secrets(t, "ash").Phrase("ana", 1)}}, [][]string{{code(t, "ash", "ana", 1), phrase}}, 0},
		{"the last day of a viewer", "viewers = [\"ana\"]\n[access.viewer.ana]\nexpires = 2026-11-21", noon(), [][]string{{code(t, "ash", "ana", 1)}}, nil, time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC).Unix()},
		{"the day after", "viewers = [\"ana\"]\n[access.viewer.ana]\nexpires = 2026-11-21", noon().AddDate(0, 0, 1), [][]string{{phrase}}, [][]string{{code(t, "ash", "ana", 1)}}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := sealedDeals(t)
			s.opts.AsOf, s.opts.Now = 0, func() time.Time { return test.today }
			s.edit(file, `viewers = ["ana"]`, test.access)
			s.build()
			for _, typed := range test.in {
				o, err := s.unlock("ash", typed...)
				if err != nil {
					t.Fatal(err)
				}
				if o.NotAfter != test.notAfter {
					t.Errorf("it ends at %d, not %d", o.NotAfter, test.notAfter)
				}
			}
			for _, typed := range test.out {
				if _, err := s.unlock("ash", typed...); !errors.Is(err, seal.Wrong) {
					t.Errorf("what should open nothing gets %v", err)
				}
			}
		})
	}
}

func TestNobodyGetsIn(t *testing.T) {
	s := sealedDeals(t)
	s.edit("content/ash/deal.toml", `viewers = ["ana"]`, "passphrase = false")
	r, err := s.try("")
	if !errors.Is(err, ErrContent) || !slices.Contains(codes(r.Messages), "content/ash/deal.toml:23:2 error no-way-in") {
		t.Errorf("%v: %q", err, codes(r.Messages))
	}
	if len(s.public()) > 0 {
		t.Error("something was written")
	}
}

// A password that somebody chose takes the place of the words that are drawn, if
// it holds.
func TestPassword(t *testing.T) {
	const good = "Gravel.Otter/Lantern_Quilt:Mosaic"
	s := sealedDeals(t)
	chosen := ""
	s.opts.Password = func(id string) string {
		if id == "ash" {
			return chosen
		}
		return ""
	}
	s.build()
	before := s.public().under(folderOf(t, "ash"))["index.html"].data
	for _, bad := range []string{"hunter2", "Buyer of ash and twelve more words 4711", "summer of 2026 is long and warm, they say"} {
		chosen = bad
		_, err := s.try("")
		if refused := (*BadPassword)(nil); !errors.As(err, &refused) || !strings.Contains(err.Error(), "PORTICO_PASSWORD_ASH") || strings.Contains(err.Error(), bad) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	chosen = good
	if r := s.build(); !slices.Equal(r.Changed, []string{"ash"}) {
		t.Errorf("changed %q", r.Changed)
	}
	if _, err := s.unlock("ash", strings.ToUpper(good)); err != nil {
		t.Error(err)
	}
	for _, old := range []string{secrets(t, "ash").Phrase(seal.Everyone, 1), "gravel otter"} {
		if _, err := s.unlock("ash", old); !errors.Is(err, seal.Wrong) {
			t.Errorf("%q: %v", old, err)
		}
	}
	if before == s.public().under(folderOf(t, "ash"))["index.html"].data {
		t.Error("the deal has its old keys")
	}
}

// A film goes through sealing piece by piece, and comes out as it went in.
func TestSealedFilm(t *testing.T) {
	s := sealedDeals(t)
	film := strings.Repeat("0123456789abcdef", 20<<20/16) + "end"
	s.write("content/ash/collateral/tour.mp4", film)
	s.edit("content/ash/deal.toml", "[collateral.deck]", "[collateral.tour]\nfile = \"collateral/tour.mp4\"\n\n[collateral.deck]")
	s.build()
	parts := 0
	for name := range s.public().content() {
		if strings.Contains(name, "-2") && strings.HasPrefix(name, folderOf(t, "ash")+"/o/") {
			parts++
		}
	}
	if parts != 1 || s.mustUnlock("ash", code(t, "ash", "ana", 1))["collateral/tour.mp4"] != film {
		t.Errorf("%d third parts, or it is not the film", parts)
	}
	before := s.public()
	if r := s.build(); len(r.Changed) > 0 || len(touched(before, s.public())) > 0 {
		t.Errorf("changed %q", r.Changed)
	}
}

// A deal's way from anyone's to nobody's, and back.
func TestFromPublicToSealed(t *testing.T) {
	s := threeDeals(t)
	s.build()
	s.edit("content/ash/deal.toml", "public = true", "viewers = [\"ana\"]")
	s.opts.Deals = []string{"ash"}
	r := s.build()
	if s.exists("public/ash") || !slices.Equal(r.Removed, []string{"ash"}) || !s.exists("public/beech/index.html") {
		t.Errorf("removed %q", r.Removed)
	}
	s.edit("content/ash/deal.toml", "viewers = [\"ana\"]", "public = true")
	if r := s.build(); s.exists("public/"+folderOf(t, "ash")) || !slices.Equal(r.Removed, []string{"ash"}) || !s.exists("public/ash/index.html") {
		t.Errorf("removed %q", r.Removed)
	}
}

// The name of a sealed deal's folder is on the host for everyone to see. A deal
// of that name shall not come to lie there.
func TestFolderOfAnother(t *testing.T) {
	s := sealedDeals(t)
	folder := folderOf(t, "ash")
	s.write("content/"+folder+"/deal.toml", planOf("Mallory", ""))
	_, err := s.try("")
	if err == nil || !strings.Contains(err.Error(), "in the folder "+folder) {
		t.Errorf("the error is %v", err)
	}
	if files := s.public(); len(files) > 0 {
		t.Errorf("public holds %q", files.names())
	}
}

// Nothing but what package seal made comes through the door for a sealed deal.
func TestDoorOfSealed(t *testing.T) {
	s := sealedDeals(t)
	o := s.output()
	d := o.deal("ash")
	if d.err != nil {
		t.Fatal(d.err)
	}
	other := o.deal("beech")
	page := d.files[d.folder+"/"+lockPage]
	for name, try := range map[string]struct {
		at string
		f  File
	}{
		"a page in the clear":              {d.folder + "/index.html", File{data: []byte("<!doctype html>the plan")}},
		"a lock page that says more":       {d.folder + "/index.html", File{data: append(bytes.Clone(page.data), " Buyer ash"...)}},
		"another deal's lock page":         {d.folder + "/index.html", *other.files[other.folder+"/"+lockPage]},
		"the lock page elsewhere":          {d.folder + "/o/index.html", *page},
		"the lock page under its own name": {"ash/index.html", *page},
		"another worker":                   {d.folder + "/sw.js", File{data: []byte("postMessage(1)")}},
		"a file without an object":         {d.folder + "/o/0123456789abcdefghjkmnpqrs", File{data: []byte("x")}},
	} {
		if f, err := o.admit(d.loaded.Deal.Deal, try.at, try.f); err == nil || f != nil {
			t.Errorf("%s came through", name)
		}
	}
	for name, f := range d.files {
		if f.state != Sealed {
			t.Errorf("%s is in state %d", name, f.state)
		}
	}
}

// What was staged is opened once more before any of it is put in place.
func TestProofOfSealed(t *testing.T) {
	for name, forge := range map[string]func(dir string) error{
		"a byte of an object": func(dir string) error {
			objects, err := os.ReadDir(filepath.Join(dir, "o"))
			if err != nil {
				return err
			}
			file := filepath.Join(dir, "o", objects[2].Name())
			data, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			data[len(data)/2] ^= 1
			return os.WriteFile(file, data, 0o644)
		},
		"a word in the lock page": func(dir string) error {
			data, err := os.ReadFile(filepath.Join(dir, lockPage))
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, lockPage), bytes.Replace(data, []byte("</body>"), []byte("Buyer ash</body>"), 1), 0o644)
		},
		"another worker": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, workerFile), []byte("postMessage(1)"), 0o644)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := sealedDeals(t)
			o := s.output()
			w := s.writer(o)
			d := o.deal("ash")
			if _, err := w.stageFolder(d.folder, d.files); err != nil {
				t.Fatal(err)
			}
			if err := w.prove(d); err != nil {
				t.Fatal(err)
			}
			if err := forge(w.new(d.folder)); err != nil {
				t.Fatal(err)
			}
			if err := w.prove(d); err == nil || !strings.Contains(err.Error(), "internal error") {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

// The key is in nothing that a build writes, into public/ or beside it, and in
// nothing that it says.
func TestKeyStaysSecret(t *testing.T) {
	s := sealedDeals(t)
	s.opts.KeyFile, s.opts.Program = s.path("cache.key"), "test"
	s.edit("content/ash/deal.toml", "viewers = [\"ana\"]", "viewers = [\"ana\", \"nobody\"]")
	r, err := s.try("")
	if !errors.Is(err, ErrContent) {
		t.Fatal(err)
	}
	text := said(r.Messages)
	s.edit("content/ash/deal.toml", ", \"nobody\"", "")
	s.build()
	key, err := testKey()
	if err != nil {
		t.Fatal(err)
	}
	phrase := secrets(t, "ash").Phrase(seal.Everyone, 1)
	for name, data := range treeOf(t, s.dir).content() {
		text += name + data
	}
	for _, secret := range []string{key.Text(), strings.TrimPrefix(key.Text(), "portico-key-1-"), strings.Repeat("k", 32), phrase, seal.Normal(phrase), code(t, "ash", "ana", 1)} {
		if strings.Contains(text, secret) {
			t.Errorf("%d symbols of a secret are somewhere", len(secret))
		}
	}
}

// A key that cannot be had stops a build before anything is done, unless there
// is nothing to seal.
func TestWithoutKey(t *testing.T) {
	s := sealedDeals(t)
	gone := errors.New("no key today")
	s.opts.Key = func() (seal.TeamKey, error) { return seal.TeamKey{}, gone }
	if _, err := s.try(""); !errors.Is(err, gone) {
		t.Errorf("the error is %v", err)
	}
	s.opts.Key = nil
	if _, err := s.try(""); !errors.Is(err, ErrNoKey) {
		t.Errorf("the error is %v", err)
	}
	if files := s.public(); len(files) > 0 {
		t.Errorf("public holds %q", files.names())
	}
	public := threeDeals(t)
	public.opts.Key = nil
	public.build()
	public.opts.Key = func() (seal.TeamKey, error) { t.Error("a key was asked for"); return seal.TeamKey{}, gone }
	public.edit("content/ash/deal.toml", "public = true", "")
	public.edit("content/ash/deal.toml", "[deal]", "[deal]\nstatus = \"draft\"")
	if r := public.build(); len(r.Built) != 2 {
		t.Errorf("built %q", r.Built)
	}
}

// Beside public/ there is no plaintext either: not in the cache, not in the
// stage, not in the journal.
func TestNoPlaintextBeside(t *testing.T) {
	s := canaries(t, 2)
	s.opts.Clear = false
	s.opts.KeyFile, s.opts.Program = filepath.Join(t.TempDir(), "cache.key"), "test"
	w := s.writer(s.output())
	if err := w.make(context.Background()); err != nil {
		t.Fatal(err, said(w.result.Messages))
	}
	j, err := w.target.begin(w.stage, w.plan)
	if err != nil {
		t.Fatal(err)
	}
	look := func(least int) {
		t.Helper()
		files := treeOf(t, s.path(stateDir)).content()
		if len(files) < least {
			t.Errorf("there are only %d files", len(files))
		}
		for name, data := range files {
			for i := range 2 {
				shown, secret := mark(i)
				for _, canary := range []string{shown, secret, "mara lindqvist", "ana costa"} {
					if lower := strings.ToLower(name + data); strings.Contains(lower, canary) {
						t.Errorf("%s holds %s", name, canary)
					}
				}
			}
		}
	}
	look(20)
	if err := w.target.apply(j); err != nil {
		t.Fatal(err)
	}
	s.build()
	look(2)
}

// The whole site as a file system has a sealed deal where a build puts it, and
// nowhere else.
func TestSealedAsFS(t *testing.T) {
	s := sealedDeals(t)
	o := s.output()
	if _, err := fs.Stat(o, "ash/index.html"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a sealed deal is found by its name: %v", err)
	}
	if _, err := fs.Stat(o, folderOf(t, "ash")+"/index.html"); err != nil {
		t.Error(err)
	}
	page, err := o.Index(context.Background())
	if err != nil || !bytes.Contains(page, []byte("/"+folderOf(t, "ash")+"/")) {
		t.Errorf("the list leads elsewhere: %v", err)
	}
}

// A site of public deals alone has none of what opens a sealed one; one sealed
// deal brings it all.
func TestPublicSiteHasNoLock(t *testing.T) {
	s := threeDeals(t)
	ofLock := func() (found []string) {
		for name := range s.public().content() {
			for _, part := range []string{"_/lock-", "_/plan-", "_/lost-", "_/gate-"} {
				if strings.HasPrefix(name, part) {
					found = append(found, part)
				}
			}
		}
		slices.Sort(found)
		return found
	}
	s.build()
	if got := ofLock(); got != nil {
		t.Errorf("there is %q", got)
	}
	if page := s.read("public/404.html"); strings.Contains(page, "<script") {
		t.Errorf("a page that is not there runs a script: %s", page)
	}
	s.edit("content/ash/deal.toml", "public = true", "viewers = [\"ana\"]")
	s.build()
	if got := ofLock(); len(got) < 4 {
		t.Errorf("there is only %q", got)
	}
	s.edit("content/ash/deal.toml", "viewers = [\"ana\"]", "public = true")
	s.build()
	if got := ofLock(); got != nil {
		t.Errorf("there still is %q", got)
	}
}
