package build

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// plan is what a commit does, in this order: shared files are added, so that
// no page ever names one that is not there; then each changed deal's folder is
// exchanged by one rename; then goes what nothing owns any more.
type plan struct {
	files, folders, removals []string
}

// journal is a plan on disk. From the moment it is there the commit will be
// finished, by this run or by the next.
type journal struct {
	Version int    `json:"version"`
	Stage   string `json:"stage"` // below the state folder
	Ops     []op   `json:"ops"`
}

// op is one step. Doing it twice does no harm.
type op struct {
	Do   string `json:"do"` // put, swap, remove
	Path string `json:"path"`
	// Inode of the staged folder of a swap: it is done once that lies in the
	// output. 0 where the system tells none.
	Inode uint64 `json:"inode,omitempty"`
}

const journalName = "journal.json"

func (t *target) journal() string { return filepath.Join(t.state, journalName) }

// commit puts a stage in place. If that fails halfway the stage stays, and with
// it the journal: the next run needs both to go on.
func (t *target) commit(stage string, p plan) error {
	if len(p.files)+len(p.folders)+len(p.removals) == 0 {
		t.drop(stage)
		return nil
	}
	j, err := t.begin(stage, p)
	if err != nil {
		t.drop(stage)
		return fmt.Errorf("writing the journal: %w", err)
	}
	return t.apply(j)
}

// begin puts the journal of a commit on disk.
func (t *target) begin(stage string, p plan) (journal, error) {
	rel, err := filepath.Rel(t.state, stage)
	if err != nil {
		return journal{}, err
	}
	j := journal{Version: 1, Stage: filepath.ToSlash(rel)}
	for _, name := range p.files {
		if strings.HasPrefix(name, sharedDir+"/") {
			j.Ops = append(j.Ops, op{Do: "put", Path: name})
		}
	}
	for _, id := range p.folders {
		j.Ops = append(j.Ops, op{Do: "swap", Path: id, Inode: inode(filepath.Join(stage, "new", id))})
	}
	for _, name := range p.files {
		if !strings.HasPrefix(name, sharedDir+"/") {
			j.Ops = append(j.Ops, op{Do: "put", Path: name})
		}
	}
	for _, name := range p.removals {
		j.Ops = append(j.Ops, op{Do: "remove", Path: name})
	}
	data, err := json.Marshal(j)
	if err != nil {
		return journal{}, err
	}
	return j, replaceFile(t.journal(), data, 0o600)
}

// recover finishes a commit that was interrupted, and clears away what an
// interrupted staging left.
func (t *target) recover() error {
	data, err := os.ReadFile(t.journal())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return t.clear()
	case err != nil:
		return err
	}
	var j journal
	if err := json.Unmarshal(data, &j); err != nil || !t.ownJournal(j) {
		return fmt.Errorf("%s cannot be read; delete it and build again", t.journal())
	}
	if err := t.apply(j); err != nil {
		return err
	}
	return t.clear()
}

// ownJournal says whether this program can have written a journal for this
// target. It may have come with somebody else's repository, and a commit moves
// and removes what a journal names.
func (t *target) ownJournal(j journal) bool {
	stage, id, _ := strings.Cut(j.Stage, "/")
	if info, err := os.Lstat(filepath.Join(t.state, "stage")); err != nil || !info.IsDir() {
		return false
	}
	if j.Version != 1 || stage != "stage" || len(id) != 16 || strings.Trim(id, "0123456789abcdef") != "" {
		return false
	}
	return !slices.ContainsFunc(j.Ops, func(o op) bool {
		first, rest, inside := strings.Cut(o.Path, "/")
		if inside && (o.Do == "swap" || first != sharedDir || strings.Contains(rest, "/")) {
			return true
		}
		return !fs.ValidPath(o.Path) || !filepath.IsLocal(filepath.FromSlash(o.Path)) || slices.Contains([]string{".", ".git", stateDir}, first) || !slices.Contains([]string{"put", "swap", "remove"}, o.Do)
	})
}

// clear removes stages that no journal names.
func (t *target) clear() error {
	err := os.RemoveAll(filepath.Join(t.state, "stage"))
	if err != nil {
		return fmt.Errorf("removing an old stage: %w", err)
	}
	return nil
}

// apply does what a journal says. What is done already is passed over.
func (t *target) apply(j journal) error {
	stage := filepath.Join(t.state, filepath.FromSlash(j.Stage))
	if err := os.MkdirAll(filepath.Join(stage, "old"), 0o755); err != nil {
		return fmt.Errorf("putting the build in place: %w", err)
	}
	for _, o := range j.Ops {
		if err := t.step(stage, o); err != nil {
			return fmt.Errorf("putting %s in place: %w", o.Path, err)
		}
	}
	// The commit is whole; the rest is clearing up.
	if err := os.Remove(t.journal()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("ending the journal: %w", err)
	}
	t.drop(stage)
	return nil
}

// step does one op of a journal.
func (t *target) step(stage string, o op) error {
	name, old := filepath.FromSlash(o.Path), filepath.Join(stage, "old")
	staged, there := filepath.Join(stage, "new", name), t.path(o.Path)
	switch o.Do {
	case "put":
		return put(staged, there)
	case "swap":
		return t.swap(staged, there, filepath.Join(old, name), o.Inode)
	case "remove":
		return take(there, filepath.Join(old, "removed", name))
	}
	return fmt.Errorf("the journal holds an unknown step %q", o.Do)
}

// drop a stage that nothing will be made of.
func (t *target) drop(stage string) {
	_ = os.RemoveAll(stage) // the next run would do it
	t.tidy()
}

// tidy leaves nothing of the state in an output that lies elsewhere.
func (t *target) tidy() {
	if t.state == filepath.Join(t.dir, stateDir) {
		_ = os.RemoveAll(filepath.Join(t.state, "stage")) // the next run would do it
		_ = os.Remove(t.state)                            // only if it is empty
	}
}

// put moves a staged file to its place, over whatever is there. A file or a
// link in the way of the folder that it goes into gives way as well: a link
// could lead anywhere.
func put(staged, there string) error {
	folder := filepath.Dir(there)
	if info, err := os.Lstat(folder); err == nil && !info.IsDir() {
		if err := os.Remove(folder); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if info, err := os.Lstat(there); err == nil && info.IsDir() {
		if err := os.RemoveAll(there); err != nil {
			return err
		}
	}
	err := os.Rename(staged, there)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(there); err == nil {
			return nil // done before
		}
	}
	return err
}

// take moves something out of the output.
func take(there, aside string) error {
	if err := os.MkdirAll(filepath.Dir(aside), 0o755); err != nil {
		return err
	}
	err := os.Rename(there, aside)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // done before
	}
	return err
}

// swap puts a staged folder in the place of the one that is there, by one
// rename where the system can exchange two folders. Where it can't, the old
// one is moved aside first.
func (t *target) swap(staged, there, aside string, inodeOfNew uint64) error {
	_, err := os.Lstat(staged)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // done before, by moving aside
	}
	if err != nil {
		return err
	}
	info, err := os.Lstat(there)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return os.Rename(staged, there)
	case err != nil:
		return err
	case inodeOfNew != 0 && inode(there) == inodeOfNew:
		return nil // done before, by exchange
	case !info.IsDir():
		if err := os.Remove(there); err != nil {
			return err
		}
		return os.Rename(staged, there)
	}
	if t.exchange != nil {
		err := t.exchange(staged, there)
		if err == nil || !errors.Is(err, errors.ErrUnsupported) {
			return err
		}
	}
	if err := os.Rename(there, aside); err != nil {
		return err
	}
	return os.Rename(staged, there)
}
