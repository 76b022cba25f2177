package watch

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// stamp of a file: where it differs, the file does.
type stamp struct {
	size     int64
	modified time.Time
	mode     fs.FileMode
}

// rest between two looks at the files: half a second, or longer where a look
// takes long, so that it is never more than a tenth of the time.
func rest(took time.Duration) time.Duration { return max(500*time.Millisecond, 10*took) }

// poll looks at all files again and again.
func (w *Watcher) poll(ctx context.Context) {
	before := w.look()
	w.ends.Go(func() {
		for took := time.Duration(0); ; {
			select {
			case <-ctx.Done():
				return
			case <-time.After(rest(took)):
			}
			began := time.Now()
			now := w.look()
			w.compare(before, now)
			before, took = now, time.Since(began)
		}
	})
}

// compare two looks and note the difference.
func (w *Watcher) compare(before, now map[string]stamp) {
	var changed []string
	for path, s := range now {
		if old, ok := before[path]; !ok || old != s {
			changed = append(changed, path)
		}
	}
	for path := range before {
		if _, ok := now[path]; !ok {
			changed = append(changed, path)
		}
	}
	if len(changed) > 0 {
		w.note(false, changed...)
	}
}

// look at every file of the source. Folders count by their names alone.
func (w *Watcher) look() map[string]stamp {
	seen := map[string]stamp{}
	file := func(path string, info fs.FileInfo) {
		if rel := w.rel(path); source(rel) {
			seen[rel] = stamp{info.Size(), info.ModTime(), info.Mode()}
		}
	}
	if info, err := os.Lstat(filepath.Join(w.dir, settings)); err == nil {
		file(filepath.Join(w.dir, settings), info)
	}
	for _, name := range folders() {
		walk(filepath.Join(w.dir, name), file)
	}
	w.mu.Lock()
	if !w.repo.known() {
		w.repo = findRepository(w.dir)
	}
	repo := w.repo
	w.mu.Unlock()
	newest := stamp{}
	git := func(path string, info fs.FileInfo) {
		if _, moved := repo.holds(path); moved && info.ModTime().After(newest.modified) {
			newest.modified = info.ModTime()
		}
	}
	flat, deep := repo.folders()
	for _, dir := range flat {
		for _, name := range []string{"HEAD", "packed-refs"} {
			if info, err := os.Lstat(filepath.Join(dir, name)); err == nil {
				git(filepath.Join(dir, name), info)
			}
		}
	}
	for _, dir := range deep {
		walk(dir, git)
	}
	seen[Commits] = newest
	return seen
}

// walk over what lies below a folder; what is gone by now is left out.
func walk(dir string, file func(string, fs.FileInfo)) {
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // gone, or not for us to read, which a build will say
		}
		if path != dir && passing(d.Name()) {
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return nil
		}
		if d.IsDir() {
			info = folder{info}
		}
		file(path, info)
		return nil
	})
}

// folder is a FileInfo that tells no time and no size: what changes in a
// folder is told by its files.
type folder struct{ fs.FileInfo }

func (folder) Size() int64        { return 0 }
func (folder) ModTime() time.Time { return time.Time{} }
