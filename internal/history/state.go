package history

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// state is what the stats of git's own files said before git was asked: as long
// as they say the same, it would answer the same of files that did not change.
type state struct {
	files []string
	// stats of the files, one line each; empty where git has to be asked again.
	stats string
	// settled is when the last change of any of them could no longer be followed
	// by another that leaves the same stats.
	settled time.Time
}

// clockStep is more than any file system's clock steps by, unless it shows
// whole seconds only.
const clockStep = 30 * time.Millisecond

// stateOf a repository, by what git says of it: where it keeps what belongs to
// this work tree and what all work trees share, and the way up to the top.
func stateOf(site, own, common, up string) state {
	at := func(dir string) string {
		if filepath.IsAbs(dir) {
			return dir
		}
		return filepath.Join(site, dir)
	}
	own, common = at(own), at(common)
	var s state
	for _, name := range []string{"HEAD", "index", "config.worktree", "reftable/tables.list"} {
		s.files = append(s.files, filepath.Join(own, filepath.FromSlash(name)))
	}
	for _, name := range []string{"config", "packed-refs", "shallow", "info/exclude", "info/attributes", "reftable/tables.list", "refs/replace", "info/grafts"} {
		s.files = append(s.files, filepath.Join(common, filepath.FromSlash(name)))
	}
	s.branch(common, filepath.Join(own, "HEAD"))
	// What is ignored or filtered is said on the way from the top to content/.
	// There a repository of its own would come between.
	dir := filepath.Join(site, "content")
	for range strings.Count(up, "../") + 1 {
		s.files = append(s.files, filepath.Join(dir, ".gitignore"), filepath.Join(dir, ".gitattributes"), filepath.Join(dir, ".git"))
		dir = filepath.Dir(dir)
	}
	s.files = append(s.files, filepath.Join(dir, ".gitignore"), filepath.Join(dir, ".gitattributes"))
	s.look()
	return s
}

// branch that a file names, which may name another.
func (s *state) branch(common, file string) {
	for range maxBranches {
		head, err := os.ReadFile(file)
		if err != nil {
			return
		}
		ref, ok := strings.CutPrefix(strings.TrimSpace(string(head)), "ref: ")
		if !ok || !filepath.IsLocal(ref) {
			return
		}
		file = filepath.Join(common, filepath.FromSlash(ref))
		s.files = append(s.files, file)
	}
}

// maxBranches is how many git follows itself.
const maxBranches = 5

// stateOfNone is that of a folder in no repository, which changes when one is
// made in it or above it.
func stateOfNone(site string, known bool) state {
	var s state
	if !known {
		return s
	}
	for dir := site; ; dir = filepath.Dir(dir) {
		s.files = append(s.files, filepath.Join(dir, ".git"), filepath.Join(dir, "HEAD"))
		if dir == filepath.Dir(dir) {
			break
		}
	}
	s.look()
	return s
}

func (s *state) look() {
	s.settled = time.Time{}
	var b strings.Builder
	for _, file := range s.files {
		info, err := os.Lstat(file)
		if err != nil {
			b.WriteString("none\n")
			continue
		}
		fmt.Fprintf(&b, "%s %d %d\n", info.Mode(), info.Size(), info.ModTime().UnixNano())
		if t := settledAt(info.ModTime()); t.After(s.settled) {
			s.settled = t
		}
	}
	s.stats = b.String()
}

func settledAt(t time.Time) time.Time {
	if t.Nanosecond() == 0 {
		return t.Add(2 * time.Second)
	}
	return t.Add(clockStep)
}

// Current says whether git would still answer as it did: nothing of its own
// changed since, and it was asked of all these deals. A deal whose files changed
// may have become dirty, or clean; IsDirty tells.
func (h *History) Current(deals []string) bool {
	now := h.state
	if now.stats == "" || !now.settled.Before(h.began) {
		return false
	}
	for _, id := range deals {
		if !h.asked[id] && h.asked != nil {
			return false
		}
	}
	now.look()
	return now.stats == h.state.stats
}
