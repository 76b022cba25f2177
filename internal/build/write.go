package build

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"portico/internal/check"
	"portico/internal/diag"
)

// Result of a build.
type Result struct {
	// Built are the deals whose files are in place now, Public those of them that
	// are in the clear, Changed those whose files differ from before, Removed
	// what lay in the output and belongs to no deal any more.
	Built, Public, Changed, Removed []string
	// Rekeyed are the deals that somebody has no way into any more.
	Rekeyed []Rekeyed
	// Left are the deals that were not built, by the reason.
	Left map[string][]string
	// FromFiles are the built deals that are dated by their files' times.
	FromFiles []string
	// Files written, and how many bytes.
	Files int
	Bytes int64
	// NoHistory says why there is none; Shallow that it is cut off.
	NoHistory string
	Shallow   bool
	// Messages about everything that was read. With an error among them
	// nothing was put in place.
	Messages diag.List
}

// ErrContent says that mistakes in content kept a build from being put in
// place; the Result's messages tell them.
var ErrContent = errors.New("there are mistakes in the content")

// WriteTo makes every file and puts it in place below a folder: what changed
// is staged, then put there deal by deal. On any error before that the folder
// stays as it was. It waits for another build of the same folder to end.
//
// It returns the folder's full name as well. The result is nil if it came to
// none.
func (o *Output) WriteTo(ctx context.Context, dir string) (*Result, string, error) {
	target, err := o.target(dir)
	if err != nil {
		return nil, "", err
	}
	result, err := o.writeTo(ctx, target)
	return result, target.dir, err
}

func (o *Output) writeTo(ctx context.Context, t *target) (*Result, error) {
	unlock, err := t.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := t.recover(); err != nil {
		return nil, fmt.Errorf("finishing an interrupted build: %w", err)
	}
	w, err := o.newWriter(t)
	if err != nil {
		return nil, err
	}
	defer w.close()
	if err := w.make(ctx); err != nil {
		t.drop(w.stage)
		return w.result, err
	}
	if err := t.commit(w.stage, w.plan); err != nil {
		return w.result, err
	}
	return w.result, w.remember(ctx)
}

// make stages everything and proves it.
func (w *writer) make(ctx context.Context) error {
	o := w.output
	ids := o.project.selected()
	w.progress(0, len(ids))
	err := o.project.each(ctx, ids, w.first)
	if err == nil {
		err = o.project.each(ctx, append(w.whole, w.later...), w.deal)
	}
	w.finish()
	switch {
	case err != nil:
		return err
	case w.result.Messages.Failed():
		return ErrContent
	}
	h, err := o.history.wait()
	if err != nil {
		return err
	}
	w.result.NoHistory, w.result.Shallow = h.Missing, h.Shallow
	for _, step := range []func() error{w.site, w.remove, w.betrayed} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// writer stages what changed.
type writer struct {
	output *Output
	target *target
	there  *dirHandle // the target's folder; nil where stats tell nothing
	stage  string     // new files lie in stage/new

	mu      sync.Mutex
	result  *Result
	plan    plan
	later   []string          // deals that were looked at before the history was there
	whole   []string          // those of them that are in memory whole
	current map[string]bool   // names of the first level that stay
	folders map[string]string // of the deals that were made or left as they are
	placed  func() placements
	shapes  map[string]shape  // of deals that were left as they are, where none was kept
	began   func() time.Time  // by the target's clock, before any of it is scanned
	made    map[string]sum    // what the deals that were made are made of
	sealed  map[string]string // texts that tell of sealed deals, by deal
	failed  bool
	done    int
	total   int
}

// newWriter makes a stage for a target.
func (o *Output) newWriter(t *target) (*writer, error) {
	w := &writer{output: o, target: t, current: map[string]bool{}, folders: map[string]string{}, made: map[string]sum{}, sealed: map[string]string{}, shapes: map[string]shape{}}
	w.began = sync.OnceValue(func() time.Time { return clockIn(w.stage) })
	w.placed = sync.OnceValue(func() placements { return o.project.placedIn(t) })
	o.project.asking.Go(func() { w.placed() }) // while the first deals are read
	w.result = &Result{Left: map[string][]string{}, Messages: slices.Clone(o.project.Messages)}
	w.failed = w.result.Messages.Failed()
	var id [8]byte
	if _, err := io.ReadFull(o.project.opts.Random, id[:]); err != nil {
		return nil, fmt.Errorf("naming the stage: %w", err)
	}
	w.stage = filepath.Join(t.state, "stage", hex.EncodeToString(id[:]))
	for _, sub := range []string{"new", "old"} {
		if err := os.MkdirAll(filepath.Join(w.stage, sub), 0o755); err != nil {
			return nil, fmt.Errorf("making the stage: %w", err)
		}
	}
	if there, err := openFolder(t.dir); err == nil {
		w.there = &there
	}
	return w, nil
}

func (w *writer) close() {
	if w.there != nil {
		w.there.close()
	}
}

func (w *writer) new(name string) string {
	return filepath.Join(w.stage, "new", filepath.FromSlash(name))
}

// maxWhole is how many deals are kept in memory until the history is there.
const maxWhole = 64

// first reads a deal. It is made at once if the history is there, and else put
// aside, so that nobody waits for git. Once the history is there, one that was
// put aside is made after each that was not, so that their memory is free soon.
func (w *writer) first(id string) error {
	if !w.output.history.ready() && w.putAside(w.output.read(id)) {
		return nil
	}
	if err := w.deal(id); err != nil {
		return err
	}
	if id, ok := w.fromAside(); ok {
		return w.deal(id)
	}
	return nil
}

func (w *writer) putAside(d *dealOutput) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if d.examined == nil || d.loaded == nil {
		w.later = append(w.later, d.id)
		return true
	}
	if len(w.whole) == maxWhole {
		return false
	}
	w.whole = append(w.whole, d.id)
	return true
}

// fromAside takes back a deal that is in memory whole.
func (w *writer) fromAside() (string, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	last := len(w.whole) - 1
	if last < 0 {
		return "", false
	}
	id := w.whole[last]
	w.whole = w.whole[:last]
	return id, true
}

func (w *writer) progress(more, total int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.done += more
	w.total = max(w.total, total)
	if p := w.output.project.opts.Progress; p != nil {
		p(w.done, w.total)
	}
}

// deal makes one deal and stages it if it changed.
func (w *writer) deal(id string) error {
	d := w.output.dated(id)
	defer w.output.Forget(id)
	defer w.progress(1, 0)
	if d.err != nil {
		return d.err
	}
	// With mistakes in the site itself nothing comes of it; a theme that does not
	// exist, say, would end the build before all was said.
	if d.buildable() && !w.output.project.Messages.Failed() {
		if ok, err := w.untouched(d); err != nil || ok {
			return err
		}
		if w.output.deal(id); d.err != nil {
			return d.err
		}
	}
	if failed := w.noteDeal(d); d.left != "" || d.files == nil || failed {
		return nil
	}
	before, err := w.claim(d)
	if err != nil {
		return err
	}
	changed, err := w.stageFolder(d.folder, d.files)
	if err == nil && changed {
		err = w.prove(d)
	}
	if err != nil {
		return fmt.Errorf("staging the deal %s: %w", id, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.built(d)
	if made := w.output.madeOf(d); made != (sum{}) {
		w.made[id] = made
	}
	if changed {
		w.result.Changed = append(w.result.Changed, id)
		w.plan.folders = append(w.plan.folders, d.folder)
		w.rekeyed(d, before)
	}
	return nil
}

// noteDeal takes over what there is to say of a deal, and says whether
// anything that was said so far stops the build.
func (w *writer) noteDeal(d *dealOutput) (failed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.result.Messages = append(w.result.Messages, d.messages...)
	w.failed = w.failed || d.messages.Failed()
	if d.left != "" {
		w.result.Left[d.left] = append(w.result.Left[d.left], d.id)
	}
	return w.failed
}

// built notes a deal whose files will be in place.
func (w *writer) built(d *dealOutput) {
	w.folders[d.id] = d.folder
	w.result.Built = append(w.result.Built, d.id)
	if sealed := w.output.project.sealed(d.record); sealed {
		w.sealed[d.id] = d.record.Tell
	} else if d.record.Public {
		w.result.Public = append(w.result.Public, d.id)
	}
	if d.summary.FromFiles {
		w.result.FromFiles = append(w.result.FromFiles, d.id)
	}
}

// stageFolder stages a deal's folder as a whole. Files that did not change are
// linked from where they are, so that they stay untouched. It says whether
// anything changed.
func (w *writer) stageFolder(folder string, files map[string]*File) (bool, error) {
	old, err := w.target.list(folder)
	if err != nil {
		return false, err
	}
	same := make(map[string]bool, len(files))
	changed := len(old) != len(files)
	for _, name := range sortedKeys(files) {
		if old[name] {
			ok, err := w.target.same(name, files[name])
			if err != nil {
				return false, err
			}
			same[name] = ok
		}
		changed = changed || !same[name]
	}
	if !changed {
		return false, nil
	}
	if err := makeDir(w.new(folder)); err != nil {
		return false, err
	}
	made := map[string]bool{w.new(folder): true}
	for _, name := range sortedKeys(files) {
		to := w.new(name)
		if dir := filepath.Dir(to); !made[dir] {
			if err := makeDir(dir); err != nil {
				return false, err
			}
			made[dir] = true
		}
		if same[name] && os.Link(w.target.path(name), to) == nil {
			continue
		}
		if err := write(to, files[name]); err != nil {
			return false, err
		}
		w.note(files[name])
	}
	return true, nil
}

// makeDir is os.MkdirAll for a folder whose parent is most often there.
func makeDir(dir string) error {
	err := os.Mkdir(dir, 0o755)
	if errors.Is(err, fs.ErrNotExist) {
		return os.MkdirAll(dir, 0o755)
	}
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// note that a file was written.
func (w *writer) note(f *File) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.result.Files++
	w.result.Bytes += f.size
}

// write a file of the output. One that is not as long as it was when it came
// through the door is an error.
func write(to string, f *File) error {
	if f.open == nil {
		out, err := create(to)
		if err != nil {
			return err
		}
		_, err = out.Write(f.data)
		return errors.Join(err, out.Close())
	}
	from, err := f.open()
	if err != nil {
		return err
	}
	defer from.Close() // opened for reading
	out, err := create(to)
	if err != nil {
		return err
	}
	n, err := io.Copy(out, from)
	if err == nil && n != f.size {
		err = fmt.Errorf("%s changed while it was read: build again", f.name)
	}
	return errors.Join(err, out.Close())
}

// create a file that is not there.
func create(to string) (*os.File, error) {
	return os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL|nonblock, 0o644)
}

// finish sorts what several workers gathered.
func (w *writer) finish() {
	r := w.result
	sort.Strings(r.Built)
	sort.Strings(r.Public)
	sort.Strings(r.Changed)
	slices.SortFunc(r.Rekeyed, func(a, b Rekeyed) int { return strings.Compare(a.Deal, b.Deal) })
	sort.Strings(r.FromFiles)
	sort.Strings(w.plan.folders)
	for _, ids := range r.Left {
		sort.Strings(ids)
	}
	r.Messages.Sort()
	r.Messages = check.Once(r.Messages)
}

// site stages the files beside the deals.
func (w *writer) site() error {
	o := w.output
	o.mu.Lock()
	defer o.mu.Unlock()
	folder := w.target.isFolder(sharedDir)
	for _, name := range sortedKeys(o.site) {
		f := o.site[name]
		first, _, inside := strings.Cut(name, "/")
		w.current[first] = true
		if folder || !inside { // else something lies in the folder's way
			if ok, err := w.target.same(name, f); err != nil {
				return err
			} else if ok {
				continue
			}
		}
		to := w.new(name)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return fmt.Errorf("staging %s: %w", name, err)
		}
		if err := write(to, f); err != nil {
			return fmt.Errorf("staging %s: %w", name, err)
		}
		w.note(f)
		w.plan.files = append(w.plan.files, name)
	}
	return nil
}

// remove finds what nothing owns any more. A build of some deals only leaves
// the others alone, and what git keeps in the folder is never touched: it may
// be a work tree that the site is published from.
func (w *writer) remove() error {
	entries, err := os.ReadDir(w.target.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the output: %w", err)
	}
	some := len(w.output.project.opts.Deals) > 0
	for _, e := range entries {
		name := e.Name()
		if w.current[name] || name == ".gitignore" || name == ".git" || name == stateDir {
			continue
		}
		id, err := w.output.whose(name)
		if err != nil { // without a key there is no telling, nor a deal that is sealed
			id = ""
		}
		if some && !slices.Contains(w.output.project.opts.Deals, id) {
			continue
		}
		w.plan.removals = append(w.plan.removals, name)
		w.result.Removed = append(w.result.Removed, cmp.Or(id, name))
	}
	if some || !w.target.isFolder(sharedDir) {
		return nil // another deal's theme may still need a file of `_`
	}
	if entries, err = os.ReadDir(w.target.path(sharedDir)); err != nil {
		return fmt.Errorf("reading the output: %w", err)
	}
	for _, e := range entries {
		if name := shared(e.Name()); w.output.site[name] == nil {
			w.plan.removals = append(w.plan.removals, name)
		}
	}
	return nil
}
