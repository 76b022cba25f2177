package watch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/fsnotify/fsnotify"
)

// notifier hears from the system what happens in each folder of a site. A
// system watches no tree, so that folders are added and dropped as they come
// and go.
type notifier struct {
	*Watcher
	system *fsnotify.Watcher
	// add has the system watch a folder.
	add func(string) error
	// dirs are the folders that are watched.
	dirs map[string]bool
}

// systemNotifier asks the system for what it has to watch with.
func systemNotifier() (*notifier, error) {
	system, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	return &notifier{system: system, add: system.Add, dirs: map[string]bool{}}, nil
}

// notify watches by what the system tells. Where it cannot, the error says why.
func (w *Watcher) notify(ctx context.Context, open func() (*notifier, error)) error {
	n, err := open()
	if err != nil {
		return unwatched(err)
	}
	n.Watcher = w
	if err := n.everything(); err != nil {
		_ = n.system.Close() // it is of no use
		return unwatched(err)
	}
	w.ends.Go(func() {
		err := n.listen(ctx)
		_ = n.system.Close() // nobody listens
		if err != nil {
			w.warn(unwatched(err))
			w.note(false, Everything)
			w.poll(ctx)
		}
	})
	return nil
}

// unwatched words why a system does not watch, and what to do.
func unwatched(err error) error {
	const instead = "files are looked at again and again instead, which is slower"
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("the system watches no more folders; %s\nhint: sudo sysctl fs.inotify.max_user_watches=524288", instead)
	case errors.Is(err, syscall.EMFILE):
		return fmt.Errorf("the system lets no more programs watch folders; %s\nhint: sudo sysctl fs.inotify.max_user_instances=512", instead)
	}
	return fmt.Errorf("the system does not watch the site's folders (%w); %s", err, instead)
}

// listen until ctx ends, or the system can no longer watch.
func (n *notifier) listen(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case e, open := <-n.system.Events:
			if !open {
				return errors.New("the watch ended")
			}
			if err := n.heard(e); err != nil {
				return err
			}
		case err, open := <-n.system.Errors:
			if !open {
				return errors.New("the watch ended")
			}
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				return err
			}
			// Events were lost, of folders too.
			if err := n.everything(); err != nil {
				return err
			}
			n.note(false, Everything)
		}
	}
}

// heard of one event.
func (n *notifier) heard(e fsnotify.Event) error {
	if e.Op == fsnotify.Chmod || e.Name == "" {
		return nil // no page shows a file's mode
	}
	gone := e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename)
	if gone {
		n.drop(e.Name, e.Has(fsnotify.Rename))
	}
	if holds, moved := n.repo.holds(e.Name); holds {
		return n.ofGit(e, moved)
	}
	path := n.rel(e.Name)
	if path == Commits && e.Has(fsnotify.Create) { // git init
		n.mu.Lock()
		n.repo = findRepository(n.dir)
		n.mu.Unlock()
		n.note(false, Commits)
		return n.repositories()
	}
	if !source(path) {
		return nil
	}
	n.note(e.Has(fsnotify.Create), path)
	if !e.Has(fsnotify.Create) {
		return nil
	}
	// What was put into a new folder before it was watched made no event.
	return n.tree(e.Name, func(file string) { n.note(true, n.rel(file)) })
}

func (n *notifier) ofGit(e fsnotify.Event, moved bool) error {
	n.poke() // the lock may be gone
	if moved {
		n.note(false, Commits)
	}
	if !e.Has(fsnotify.Create) {
		return nil
	}
	// A repository that is being made, or a branch with a slash in its name:
	// what was put into a new folder before it was watched made no event.
	before := len(n.dirs)
	err := n.branches()
	if len(n.dirs) > before {
		n.note(false, Commits)
	}
	return err
}

// everything watches all folders that there are, and forgets those that are
// gone.
func (n *notifier) everything() error {
	for dir := range n.dirs {
		if info, err := os.Lstat(dir); err != nil || !info.IsDir() {
			n.drop(dir, false)
		}
	}
	if err := n.watch(n.dir); err != nil {
		return err
	}
	for _, name := range folders() {
		if err := n.tree(filepath.Join(n.dir, name), func(string) {}); err != nil {
			return err
		}
	}
	return n.repositories()
}

func (n *notifier) repositories() error {
	flat, _ := n.repo.folders()
	for _, dir := range flat {
		if err := n.watch(dir); err != nil {
			return err
		}
	}
	return n.branches()
}

// branches watches the folders that git keeps branches in.
func (n *notifier) branches() error {
	_, deep := n.repo.folders()
	for _, dir := range deep {
		if err := n.tree(dir, func(string) {}); err != nil {
			return err
		}
	}
	return nil
}

// tree watches a folder and all below it, and tells of the files there. A path
// that is no folder is fine, and so is one that is gone by now.
func (n *notifier) tree(dir string, file func(string)) error {
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() {
		return nil
	}
	// The watch comes first: what is made after it is told, what was made
	// before it is listed.
	if err := n.watch(dir); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil // gone, or not for us to read, which a build will say
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch {
		case passing(e.Name()):
		case e.IsDir():
			if err := n.tree(path, file); err != nil {
				return err
			}
		default:
			file(path)
		}
	}
	return nil
}

func (n *notifier) watch(dir string) error {
	if n.dirs[dir] {
		return nil
	}
	err := n.add(dir)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, fs.ErrPermission) {
		return nil
	}
	if err == nil {
		n.dirs[dir] = true
	}
	return err
}

// drop a folder that is gone. One that was moved away takes all below it along,
// which the system would go on to watch under the names that they had.
func (n *notifier) drop(dir string, moved bool) {
	if !n.dirs[dir] {
		return
	}
	gone := []string{dir}
	for d := range n.dirs {
		if moved && d != dir && within(d, dir) {
			gone = append(gone, d)
		}
	}
	for _, d := range gone {
		delete(n.dirs, d)
		_ = n.system.Remove(d) // the system may have done it
	}
}
