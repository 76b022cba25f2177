package build

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portico/internal/deal"
	"portico/internal/diag"
	"portico/internal/need"
)

var (
	editCount = flag.Int("edits", 0, "how many random edits TestEdits does")
	editSeed  = flag.Uint64("edits-seed", 0, "the seed of one run of TestEdits that is to be done again")
)

// However a site is changed, a build that takes over what it can, from the
// cache or from memory, comes to the same as one that knows nothing: the same
// bytes, the same messages. Each run does other edits and says which.
func TestEdits(t *testing.T) {
	total := 500
	if need.Long() {
		total = 10_000
	}
	if *editCount > 0 {
		total = *editCount
	}
	// A build makes much garbage and keeps little.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	t.Run("with git", func(t *testing.T) { randomEdits(t, total, true) })
	t.Run("without git", func(t *testing.T) {
		t.Setenv("PATH", "") // where there is one, each build asks it whether this is a repository
		randomEdits(t, total, false)
	})
}

// randomEdits shares out among some sites what they get of the total: a tenth
// has git, whose own time is most of theirs.
func randomEdits(t *testing.T, total int, git bool) {
	const sites = 3
	count := total / 10
	if !git {
		count = total - count
	}
	for i := range sites {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			seed := *editSeed
			if seed == 0 {
				seed = rand.Uint64()
			}
			t.Logf("seed %d: go test ./internal/build -run '^%s$' -edits %d -edits-seed %d", seed, t.Name(), total, seed)
			e := newEdits(t, seed, git)
			for n := range (count + i) / sites {
				e.edit()
				e.compare(n)
			}
		})
	}
}

// edits are a site that is changed at random.
type edits struct {
	*testSite
	random *rand.Rand
	git    bool
	full   Options // of a build that knows nothing
	ref    string
	// log is what was done, the last at the end.
	log []string
}

func newEdits(t *testing.T, seed uint64, git bool) *edits {
	t.Helper()
	e := &edits{testSite: threeDeals(t), random: rand.New(rand.NewPCG(seed, 0)), git: git, ref: t.TempDir()}
	e.write("content/_library/library.toml", libraryTOML)
	e.write("content/_library/soc2.pdf", "%PDF of the library")
	e.write("assets/logo.svg", logoOf("#112233"))
	e.full = e.opts
	e.opts.KeyFile, e.opts.Program, e.opts.Memory = filepath.Join(t.TempDir(), "key"), "the test", NewMemory()
	if git {
		e.commit(noon(), "Mara Lindqvist")
	}
	return e
}

const libraryTOML = "[collateral.soc2]\ntitle = \"SOC 2\"\nfile = \"soc2.pdf\"\n"

func logoOf(color string) string {
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8H0z" fill="` + color + `"/></svg>`
}

// compare the three ways to build the site as it is now.
func (e *edits) compare(n int) {
	e.t.Helper()
	opts := e.opts
	want, wantErr := e.line(e.full, e.ref)
	opts.Memory = nil
	got, gotErr := e.line(opts, "")
	e.same(n, "the messages with a cache", outcome(want, wantErr), outcome(got, gotErr))
	reference := treeOf(e.t, e.ref).content()
	if wantErr == nil {
		e.same(n, "public/ with a cache", reference, e.public().content())
		e.same(n, "the result with a cache", resultOf(want), resultOf(got))
	}
	opts.Memory = e.opts.Memory
	e.same(n, "the messages from memory", outcome(want, wantErr), e.remembered(opts, wantErr == nil, reference))
}

func (e *edits) same(n int, what string, want, got any) {
	e.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		e.t.Fatalf("after edit %d, %s:\n%s\nthe last edits:\n%s", n, what, diff, strings.Join(e.log[max(0, len(e.log)-12):], "\n"))
	}
}

func (e *edits) line(opts Options, dir string) (*Result, error) {
	s := &testSite{t: e.t, dir: e.dir, opts: opts}
	return s.try(dir)
}

// remembered looks at the site as a preview does, and compares its files.
func (e *edits) remembered(opts Options, whole bool, want map[string]string) string {
	p, err := Load(opts)
	if err != nil {
		return outcome(nil, err)
	}
	defer p.Close()
	o, messages, err := p.Output(context.Background())
	if err != nil {
		return outcome(nil, err)
	}
	p.Messages = append(p.Messages, messages...)
	list, err := p.Check(context.Background())
	if err != nil {
		return outcome(nil, err)
	}
	if !whole {
		for _, id := range p.IDs { // whatever comes of it is kept
			_ = o.deal(id)
		}
		if list.Failed() {
			err = ErrContent
		} else {
			_, err = o.ReadDir(".")
			for err != nil && errors.Unwrap(err) != nil {
				err = errors.Unwrap(err)
			}
		}
		return outcome(&Result{Messages: list}, err)
	}
	got := map[string]string{}
	if err := fs.WalkDir(o, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(o, name)
		got[name] = string(data)
		return err
	}); err != nil {
		return outcome(nil, err)
	}
	e.same(0, "the files from memory", want, got)
	return outcome(&Result{Messages: list}, nil)
}

// outcome of a build: what it said. Advice of one theme's is said when that is
// met, which a check doesn't.
func outcome(r *Result, err error) string {
	for err != nil && !errors.Is(err, ErrContent) && errors.Unwrap(err) != nil {
		err = errors.Unwrap(err)
	}
	if r == nil || err != nil && !errors.Is(err, ErrContent) {
		return fmt.Sprint(err)
	}
	return fmt.Sprint(err, "\n", said(slices.DeleteFunc(slices.Clone(r.Messages), func(m diag.Message) bool { return m.Code == "bad-asset" })))
}

func resultOf(r *Result) []any { return []any{r.Built, r.Left, r.FromFiles, r.NoHistory} }

// edit the site, or how it is built, once.
func (e *edits) edit() {
	all := []func() string{
		e.editDeal, e.editDeal, e.editDeal, e.editText, e.editText, e.editFile, e.editFile, e.editLibrary, e.editLook, e.editLook,
		e.editSite, e.moveDeal, e.moveFile, e.editOptions, e.editOptions, e.editOutput, e.editCache, e.editHidden, e.undo,
	}
	if e.git {
		all = append(all, e.editHistory, e.editHistory)
	}
	e.log = append(e.log, all[e.random.IntN(len(all))]())
}

func (e *edits) one(of ...string) string { return of[e.random.IntN(len(of))] }

func (e *edits) word() string { return e.one("amber", "birch", "coral", "delta", "ember") }

func (e *edits) deals() []string {
	entries, err := os.ReadDir(e.path("content"))
	if err != nil {
		e.t.Fatal(err)
	}
	var ids []string
	for _, d := range entries {
		if d.Name()[0] != '_' {
			ids = append(ids, d.Name())
		}
	}
	return ids
}

func (e *edits) deal() string { return e.one(e.deals()...) }

// put writes a file as an editor does, in place or by a rename; now and then
// with the time that every file of the test has.
func (e *edits) put(name, text string) string {
	aside := e.path(".portico/aside")
	switch e.random.IntN(3) {
	case 0:
		e.write(name, text)
	case 1:
		e.write(".portico/aside"+filepath.Ext(name), text)
		if err := errors.Join(os.MkdirAll(filepath.Dir(e.path(name)), 0o755), os.Rename(aside+filepath.Ext(name), e.path(name))); err != nil {
			e.t.Fatal(err)
		}
	default:
		e.write(name, text)
		now := time.Now().Add(-time.Duration(e.random.IntN(100)) * time.Hour)
		if err := os.Chtimes(e.path(name), now, now); err != nil {
			e.t.Fatal(err)
		}
	}
	return fmt.Sprintf("wrote %s: %.400q", name, text)
}

func (e *edits) drop(name string) string {
	if !e.exists(name) {
		return "there is no " + name
	}
	e.remove(name)
	return "removed " + name
}

func (e *edits) editDeal() string {
	more := e.one("", "", "[collateral.deck]\nfile = \"collateral/deck.pdf\"\n", "[collateral.deck]\nfile = \"collateral/gone.pdf\"\n",
		"[collateral.pic]\nfile = \"collateral/pic.png\"\n", "[milestone.next]\ntitle = \"Next\"\ndue = \"go_live\"\ncollateral = [\"soc2\"]\nowner = [\"mara\", \"ana\"]\n",
		"[kpi.wrong]\n")
	text := planOf("Buyer "+e.word(), more)
	if e.random.IntN(2) == 0 {
		key := e.one("status = \"draft\"", "status = \"lost\"", "expires = 2026-11-25", "theme = \"ledger\"", "theme = \"none\"", "locale = \"de\"", "timezone = \"Pacific/Auckland\"", "profile = 3", "title = \""+e.word()+"\"")
		text = strings.Replace(text, "owner =", key+"\nowner =", 1)
	}
	if e.random.IntN(4) == 0 {
		text = strings.Replace(text, "public = true", "public = false", 1)
	}
	return e.put("content/"+e.deal()+"/deal.toml", text)
}

func (e *edits) editText() string {
	name := "content/" + e.deal() + "/" + e.one("index.md", "pages/more.md", "pages/other.md", "notes/2026-11-20.md", "milestones/trial.md")
	if e.random.IntN(4) == 0 {
		return e.drop(name)
	}
	return e.put(name, "# A "+e.word()+"\n\nSee [the deck]("+e.one("collateral/deck.pdf", "collateral/no.pdf", "https://example.com")+") of "+e.word()+".\n")
}

func (e *edits) editFile() string {
	name := "content/" + e.deal() + "/collateral/" + e.one("deck.pdf", "pic.png", "gone.pdf")
	if e.random.IntN(3) == 0 {
		return e.drop(name)
	}
	return e.put(name, "%PDF "+e.word())
}

func (e *edits) editLibrary() string {
	switch e.random.IntN(3) {
	case 0:
		return e.drop("content/_library/soc2.pdf")
	case 1:
		return e.put("content/_library/soc2.pdf", "%PDF "+e.word())
	}
	return e.put("content/_library/library.toml", libraryTOML+e.one("", "", "[collateral.more]\n", "[collateral.web]\ntitle = \""+e.word()+"\"\nurl = \"https://example.com\"\n"))
}

func (e *edits) editLook() string {
	name := e.one("layouts/plain.html", "layouts/sections/hero.html", "assets/theme.css", "assets/base.css", "assets/logo.svg", "themes/own/theme.toml", "themes/ledger/assets/theme.css")
	if e.random.IntN(3) == 0 {
		return e.drop(name)
	}
	text := map[string]string{
		".html": e.one("<p>"+e.word()+"</p>", "<p>"+e.word()+"</p>", "{{ .Nonsense }}", "{{ if }}"),
		".css":  e.one(".a{color:red}", ".b{color:"+e.word()+"}", "@import \"./gone.css\";", "a{"),
		".svg":  logoOf(e.one("#101010", "#202020")),
		".toml": "title = \"" + e.word() + "\"\n",
	}[filepath.Ext(name)]
	return e.put(name, text)
}

func (e *edits) editSite() string {
	text := sellerTOML
	switch e.random.IntN(5) {
	case 0:
		text = strings.Replace(text, "Lumen", "Lumen "+e.word(), 1)
	case 1:
		text = strings.Replace(text, "[seller]", "theme = \""+e.one("ledger", "plan", "own")+"\"\n\n[seller]", 1)
	case 2:
		text += "\n[theme.plan]\ncolor = \"#" + e.one("114422", "771122") + "\"\n"
	case 3:
		text = strings.Replace(text, "color =", "logo = \"assets/logo.svg\"\ncolor =", 1)
	case 4:
		text = strings.Replace(text, "en-GB", e.one("de", "fr", "en-US"), 1)
	}
	return e.put(deal.SiteFile, text)
}

// moveDeal adds, removes, renames or exchanges deals.
func (e *edits) moveDeal() string {
	id, other := e.deal(), e.one("ash", "beech", "cedar", "dogwood", "elm")
	from, to := e.path("content/"+id), e.path("content/"+other)
	if len(e.deals()) > 3 && e.random.IntN(3) == 0 {
		return e.drop("content/" + id)
	}
	there := e.exists("content/" + other)
	var err error
	switch {
	case id == other:
	case there:
		aside := e.path("content/_aside")
		err = errors.Join(os.Rename(from, aside), os.Rename(to, from), os.Rename(aside, to))
	case e.random.IntN(2) == 0:
		err = os.Rename(from, to)
	default:
		err = os.CopyFS(to, os.DirFS(from))
	}
	if err != nil {
		e.t.Fatal(err)
	}
	return "moved the deal " + id + " to " + other
}

func (e *edits) moveFile() string {
	dir := "content/" + e.deal() + "/"
	from, to := dir+e.one("collateral/deck.pdf", "pages/more.md", "index.md"), dir+e.one("collateral/gone.pdf", "pages/other.md", "collateral/deck.pdf")
	if !e.exists(from) {
		return "moved nothing"
	}
	if err := errors.Join(os.MkdirAll(filepath.Dir(e.path(to)), 0o755), os.Rename(e.path(from), e.path(to))); err != nil {
		e.t.Fatal(err)
	}
	return "moved " + from + " to " + to
}

func (e *edits) editOptions() string {
	days := []deal.Day{0, 0, deal.DayOf(2026, 11, 21), deal.DayOf(2026, 11, 28)}
	clocks := []time.Time{noon(), noon().AddDate(0, 0, 9)}
	as, now := days[e.random.IntN(len(days))], clocks[e.random.IntN(len(clocks))]
	drafts, inClear := e.random.IntN(2) == 0, e.random.IntN(3) > 0
	for _, o := range []*Options{&e.opts, &e.full} {
		o.AsOf, o.Drafts, o.Clear, o.Now = as, drafts, inClear, func() time.Time { return now }
	}
	return fmt.Sprintf("as of %s, now %s, drafts %v, in the clear %v", as, now, drafts, inClear)
}

// editOutput does to public/ what nobody should.
func (e *edits) editOutput() string {
	names := slices.DeleteFunc(e.public().names(), func(name string) bool { return !strings.Contains(name, ".") })
	if len(names) == 0 {
		return "there is no output yet"
	}
	name := "public/" + e.one(names...)
	switch e.random.IntN(3) {
	case 0:
		return e.drop(name)
	case 1:
		e.write(filepath.Dir(name)+"/stray.txt", "stray")
		return "put something beside " + name
	}
	data := []byte(e.read(name))
	for i := range data {
		data[i] = 'x'
	}
	if err := os.WriteFile(e.path(name), data, 0o644); err != nil {
		e.t.Fatal(err)
	}
	return "overwrote " + name
}

// editCache does to the cache what somebody without its key can.
func (e *edits) editCache() string {
	names := treeOf(e.t, e.path(".portico/cache")).names()
	if len(names) < 2 {
		return "there is no cache yet"
	}
	a, b := e.path(".portico/cache/"+e.one(names...)), e.path(".portico/cache/"+e.one(names...))
	var err error
	switch e.random.IntN(4) {
	case 0:
		err = os.Remove(a)
	case 1:
		err = os.WriteFile(a, []byte("nonsense"), 0o600)
	case 2:
		var data []byte
		if data, err = os.ReadFile(b); err == nil {
			err = os.WriteFile(a, data, 0o600)
		}
	default:
		err = os.Truncate(a, 20)
	}
	if err != nil {
		e.t.Fatal(err)
	}
	return "spoilt the cache"
}

// editHidden leaves or clears away what an editor leaves beside a file.
func (e *edits) editHidden() string {
	name := "content/" + e.deal() + "/.deal.toml.swp"
	if e.exists(name) {
		return e.drop(name)
	}
	return e.put(name, "swap")
}

// undo makes a deal's file what it was at first.
func (e *edits) undo() string {
	id := e.deal()
	return e.put("content/"+id+"/deal.toml", planOf("Buyer "+id, "[collateral.deck]\nfile = \"collateral/deck.pdf\"\n"))
}

func (e *edits) editHistory() string {
	program := need.Program(e.t, "git")
	if e.random.IntN(3) == 0 {
		e.testSite.git(program, nil, "checkout", "-q", "HEAD", "--", ".")
		return "checked everything out"
	}
	when := noon().AddDate(0, 0, -e.random.IntN(90))
	who := e.one("Mara Lindqvist", "Daniel Okafor")
	e.commit(when, who)
	return fmt.Sprintf("committed everything on %s by %s", when, who)
}

// A deal's record and its pages are found by its own name: even a deal that is
// the same to the byte and the stats, as a hard link is, has its own.
func TestOneDealsPagesAreNoOthers(t *testing.T) {
	s := threeDeals(t)
	s.opts.KeyFile, s.opts.Program = filepath.Join(t.TempDir(), "key"), "the test"
	s.opts.Clear = true
	time.Sleep(2 * clockStep) // so that what is read is kept
	s.build()
	kept := s.load()
	a, err := kept.examine("ash")
	if err != nil {
		t.Fatal(err)
	}
	if a.loaded != nil {
		t.Fatal("ash was read again")
	}
	if kept.sourceSum("ash", a.stats) == kept.sourceSum("beech", a.stats) {
		t.Error("two deals of the same files have one sum")
	}
	if got := slices.Sorted(maps.Keys(kept.records.byDeal)); len(got) != 3 {
		t.Errorf("records are kept of %q", got)
	}
}
