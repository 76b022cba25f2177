// Package watch tells when the source of a site changes: which files, once
// whoever writes them seems to be done. It knows folders, git's way of
// changing many files at once, and what systems offer to watch with; what the
// files mean is for others.
package watch

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Paths that stand for more than one file.
const (
	// Everything may have changed: what did is not known.
	Everything = "."
	// Commits says that git has another commit, branch or tag.
	Commits = ".git"
)

// Watcher follows the source of one site.
type Watcher struct {
	dir  string
	warn func(error)
	stop context.CancelFunc
	ends sync.WaitGroup

	wake chan struct{} // has room for one
	mu   sync.Mutex
	burst
	repo repository
}

// Start watching a site's folder. With poll its files are looked at again and
// again, which works on every file system; so it is, and warn says why, where
// the system cannot watch.
func Start(dir string, poll bool, warn func(error)) (*Watcher, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("finding the site's folder: %w", err)
	}
	// A folder is watched by its one true name, or its events could not be
	// told apart from those of another.
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, fmt.Errorf("finding the site's folder: %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	w := &Watcher{dir: dir, warn: warn, stop: stop, wake: make(chan struct{}, 1), repo: findRepository(dir)}
	if !poll {
		if err = w.notify(ctx, systemNotifier); err != nil {
			warn(err)
		}
	}
	if poll || err != nil {
		w.poll(ctx)
	}
	return w, nil
}

// Close ends the watching.
func (w *Watcher) Close() {
	w.stop()
	w.ends.Wait()
}

// Next waits for a change that has settled, and tells the paths of the files,
// from the site's folder and in order, or Everything or Commits.
func (w *Watcher) Next(ctx context.Context) ([]string, error) {
	for {
		paths, wait := w.take()
		if paths != nil {
			return paths, nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-w.wake:
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, context.Cause(ctx)
		}
		timer.Stop()
	}
}

// take what has settled, or tell how long to wait.
func (w *Watcher) take() ([]string, time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.paths) == 0 {
		return nil, time.Hour // until something wakes
	}
	wait := w.burst.wait(time.Now(), w.repo.locked(), w.unfinished())
	if wait > 0 {
		return nil, wait
	}
	return w.burst.take(w.there), 0
}

// note that files changed, or that they are new.
func (w *Watcher) note(created bool, paths ...string) {
	w.mu.Lock()
	now := time.Now()
	for _, p := range paths {
		w.burst.add(p, created, now)
	}
	w.mu.Unlock()
	w.poke()
}

// poke has Next look again.
func (w *Watcher) poke() {
	select {
	case w.wake <- struct{}{}:
	default: // it will
	}
}

// folders are those parts of a site that hold its source.
func folders() []string { return []string{"content", "layouts", "assets", "themes"} }

// settings is the one file of the site's own folder that matters.
const settings = "portico.toml"

// source says whether a path, from the site's folder, may be of its source:
// what editors and systems put beside files while they are written is not.
func source(path string) bool {
	parts := strings.Split(path, "/")
	if len(parts) == 1 && path == settings {
		return true
	}
	return slices.Contains(folders(), parts[0]) && !slices.ContainsFunc(parts, passing)
}

// passing says whether a name is of something that no page is made of.
func passing(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "#") || strings.HasSuffix(name, "~") || name == "node_modules"
}

// rel is a path from the site's folder, with slashes; empty where it lies
// elsewhere.
func (w *Watcher) rel(path string) string {
	rel, err := filepath.Rel(w.dir, path)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return ""
	}
	return filepath.ToSlash(rel)
}
