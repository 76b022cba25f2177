package build

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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

// commit puts a stage in place.
func (t *target) commit(stage string, p plan) error {
	if len(p.files)+len(p.folders)+len(p.removals) == 0 {
		t.tidy()
		return nil
	}
	rel, err := filepath.Rel(t.state, stage)
	if err != nil {
		return fmt.Errorf("writing the journal: %w", err)
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
		return fmt.Errorf("writing the journal: %w", err)
	}
	if err := replaceFile(t.journal(), data, 0o600); err != nil {
		return fmt.Errorf("writing the journal: %w", err)
	}
	return t.apply(j)
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
	if err := json.Unmarshal(data, &j); err != nil || j.Version != 1 || !filepath.IsLocal(filepath.FromSlash(j.Stage)) {
		return fmt.Errorf("%s cannot be read; delete it and build again", t.journal())
	}
	if err := t.apply(j); err != nil {
		return err
	}
	return t.clear()
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
	old := filepath.Join(stage, "old")
	if err := os.MkdirAll(old, 0o755); err != nil {
		return fmt.Errorf("putting the build in place: %w", err)
	}
	for _, o := range j.Ops {
		if !filepath.IsLocal(filepath.FromSlash(o.Path)) {
			return fmt.Errorf("the journal names %q, which lies outside of the output", o.Path)
		}
		staged, there := filepath.Join(stage, "new", filepath.FromSlash(o.Path)), t.path(o.Path)
		var err error
		switch o.Do {
		case "put":
			err = put(staged, there)
		case "swap":
			err = t.swap(staged, there, filepath.Join(old, o.Path), o.Inode)
		case "remove":
			err = take(there, filepath.Join(old, "removed", filepath.FromSlash(o.Path)))
		default:
			err = fmt.Errorf("the journal holds an unknown step %q", o.Do)
		}
		if err != nil {
			return fmt.Errorf("putting %s in place: %w", o.Path, err)
		}
	}
	// The commit is whole; the rest is clearing up, which the next run would
	// do as well.
	if err := os.Remove(t.journal()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("ending the journal: %w", err)
	}
	_ = os.RemoveAll(stage)
	t.tidy()
	return nil
}

// tidy leaves nothing of the state in an output that lies elsewhere.
func (t *target) tidy() {
	if t.state == filepath.Join(t.dir, stateDir) {
		_ = os.RemoveAll(filepath.Join(t.state, "stage")) // the next run would do it
		_ = os.Remove(t.state)                            // only if it is empty
	}
}

// put moves a staged file to its place, over the one that is there.
func put(staged, there string) error {
	if err := os.MkdirAll(filepath.Dir(there), 0o755); err != nil {
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
