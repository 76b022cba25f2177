package watch

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// burst gathers the files that change together. Its zero value is empty.
type burst struct {
	// paths that changed, and whether each was new when it was met.
	paths       map[string]bool
	first, last time.Time // when something happened
}

const (
	// pause is how long one file stays untouched before it counts as written;
	// each further file adds as much, up to the pause of many.
	pause       = 2 * time.Millisecond
	pauseOfMany = 100 * time.Millisecond
	// patience is how long changes may go on before they are looked at.
	patience = time.Second
	// abandoned is how long nothing has to happen under git's lock for it to
	// be taken for one that was left behind, or that an editor of a commit's
	// message holds.
	abandoned = time.Second
)

func (b *burst) add(path string, created bool, now time.Time) {
	if len(b.paths) == 0 {
		b.paths, b.first = map[string]bool{}, now
	}
	if _, met := b.paths[path]; !met {
		b.paths[path] = created
	}
	b.last = now
}

// wait tells how long to let the burst go on: hardly, for one file, and longer
// the more there are. While git holds its lock the files are neither of one
// commit nor of the other. unfinished says that a file seems half written.
func (b *burst) wait(now time.Time, locked, unfinished bool) time.Duration {
	if locked {
		return b.last.Add(abandoned).Sub(now)
	}
	calm := min(time.Duration(len(b.paths))*pause, pauseOfMany)
	if unfinished {
		calm = pauseOfMany
	}
	return min(b.last.Add(calm).Sub(now), b.first.Add(patience).Sub(now))
}

// take the paths, in order. Everything stands for all of them. What came and
// went meanwhile, as the files do that an editor writes and then renames, is
// left out.
func (b *burst) take(there func(path string) bool) []string {
	met := b.paths
	b.paths = nil
	if _, all := met[Everything]; all {
		return []string{Everything}
	}
	var paths []string
	for _, path := range slices.Sorted(maps.Keys(met)) {
		if created := met[path]; !created || there(path) {
			paths = append(paths, path)
		}
	}
	return paths
}

// few files can be looked at without being slow.
const few = 8

// unfinished says whether one of a few files is empty. Most programs empty a
// file before they write it.
func (w *Watcher) unfinished() bool {
	if len(w.paths) > few {
		return false
	}
	for p := range w.paths {
		info, err := os.Lstat(w.path(p))
		if err == nil && info.Mode().IsRegular() && info.Size() == 0 {
			return true
		}
	}
	return false
}

// there says whether a file is.
func (w *Watcher) there(path string) bool {
	_, err := os.Lstat(w.path(path))
	return err == nil
}

func (w *Watcher) path(rel string) string { return filepath.Join(w.dir, filepath.FromSlash(rel)) }
