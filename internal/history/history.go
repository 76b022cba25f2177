// Package history reads git: when each deal was last changed, and by whom. It
// makes one pass over the repository and continues it, next time, from the
// commit that it had reached.
//
// It runs the git program, which is faster at this than any library.
package history

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// Change is when something was last changed, and by whom.
type Change struct {
	Time   time.Time `json:"t"`
	Author string    `json:"by"`
}

// History of the deals of a site.
type History struct {
	// Deals that git knows, by id.
	Deals map[string]Change
	// Dirty are the deals with changes that are not committed.
	Dirty map[string]bool
	// Missing says why there is no history; empty where there is one.
	Missing string
	// Shallow says that the clone holds the newest commits only, so that a
	// change may be older than it seems.
	Shallow bool
}

// Store keeps what one run found for the next. Both functions may be nil.
type Store struct {
	Load func() []byte
	Save func([]byte)
}

// memory is what a Store holds.
type memory struct {
	Head  string            `json:"head"`
	Deals map[string]Change `json:"deals"`
}

// Read the history of some deals of the site in a folder. Where there is no
// git or no repository, the History says so; the error is for what else goes
// wrong.
func Read(ctx context.Context, site string, deals []string, store Store) (*History, error) {
	g := git{ctx: ctx, dir: site}
	if _, err := exec.LookPath("git"); err != nil {
		return &History{Missing: "the program git is not installed"}, nil
	}
	out, err := g.run("rev-parse", "--is-shallow-repository", "--show-prefix")
	if err != nil {
		return &History{Missing: reason(err)}, nil
	}
	lines := strings.Split(string(out)+"\n", "\n")
	h := &History{Shallow: lines[0] == "true", Deals: map[string]Change{}}
	g.prefix = lines[1] + "content/"
	if h.Dirty, err = g.dirty(); err != nil {
		return nil, err
	}
	head, err := g.run("rev-parse", "--verify", "-q", "HEAD")
	if err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		h.Missing = "the repository has no commit yet"
		return h, nil
	}
	return h, g.recall(h, strings.TrimSpace(string(head)), deals, store)
}

// reason words why git knows nothing of a folder.
func reason(err error) string {
	s := err.Error()
	switch {
	case strings.Contains(s, "not a git repository"):
		return "the folder is in no git repository"
	case strings.Contains(s, "dubious ownership"):
		return "git does not trust the folder's owner (git config --global --add safe.directory …)"
	}
	return s
}

// recall goes through the commits that the store does not know yet, and
// through all of them for a deal that it has not met.
func (g git) recall(h *History, head string, deals []string, store Store) error {
	known := memory{}
	if store.Load != nil {
		if data := store.Load(); data == nil || json.Unmarshal(data, &known) != nil {
			known = memory{}
		}
	}
	if known.Head != "" && isHash(known.Head) && (known.Head == head || g.ancestor(known.Head, head)) {
		maps.Copy(h.Deals, known.Deals)
		if known.Head != head {
			newer := map[string]Change{}
			if err := g.log(known.Head+".."+head, deals, newer); err != nil {
				return err
			}
			maps.Copy(h.Deals, newer)
		}
	}
	var missing []string
	for _, id := range deals {
		if _, ok := h.Deals[id]; !ok {
			missing = append(missing, id)
		}
	}
	if len(missing) > 0 {
		if err := g.log(head, missing, h.Deals); err != nil {
			return err
		}
	}
	if store.Save != nil && !h.Shallow && (known.Head != head || len(missing) > 0) {
		if data, err := json.Marshal(memory{head, h.Deals}); err == nil {
			store.Save(data)
		}
	}
	return nil
}

// log notes the newest commit of each deal in a range. It stops as soon as
// every one of them was met, which is long before the first commit of most
// repositories. There is no pathspec: git would compare every tree twice.
func (g git) log(span string, deals []string, newest map[string]Change) error {
	wanted := make(map[string]bool, len(deals))
	for _, id := range deals {
		wanted[id] = true
	}
	ctx, stop := context.WithCancel(g.ctx)
	defer stop()
	cmd, said := g.command(ctx, "log", "--format=format:%x01%ct%x00%an", "--name-only", "--no-renames", "-z", span)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("git log: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("git log: %w", err)
	}
	commits := bufio.NewScanner(out)
	commits.Buffer(make([]byte, 64<<10), 256<<20) // a commit may name every file
	commits.Split(atMark)
	enough := false
	for commits.Scan() {
		g.commit(commits.Bytes(), wanted, newest)
		if enough = len(wanted) == 0; enough {
			stop()
			break
		}
	}
	_, _ = io.Copy(io.Discard, out) // what is left is not needed
	err = cmd.Wait()
	switch {
	case g.ctx.Err() != nil:
		return g.ctx.Err()
	case enough:
		return nil
	case err != nil:
		return failed("log", said.String(), err)
	}
	return commits.Err()
}

// atMark cuts git's output before each commit.
func atMark(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, 1); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

func isHash(s string) bool {
	return len(s) >= 40 && strings.Trim(s, "0123456789abcdef") == ""
}

// commit notes those wanted deals that one entry of the log touched. The
// newest commit comes first, so that a deal is wanted once.
func (g git) commit(entry []byte, wanted map[string]bool, newest map[string]Change) {
	stamp, rest, found := bytes.Cut(entry, []byte{0})
	if !found {
		return
	}
	seconds, err := strconv.ParseInt(string(stamp), 10, 64)
	if err != nil {
		return
	}
	author, files, _ := bytes.Cut(rest, []byte("\n"))
	for file := range bytes.SplitSeq(files, []byte{0}) {
		if id := g.deal(string(file)); wanted[id] {
			delete(wanted, id)
			newest[id] = Change{time.Unix(seconds, 0).UTC(), strings.Trim(string(author), "\x00")}
		}
	}
}

// deal is the id of the deal that a file belongs to, or "".
func (g git) deal(file string) string {
	rest, ok := strings.CutPrefix(strings.TrimLeft(file, "\n"), g.prefix)
	if !ok {
		return ""
	}
	id, _, inside := strings.Cut(rest, "/")
	if !inside || id == "" || id[0] == '_' || id[0] == '.' {
		return ""
	}
	return id
}

// dirty are the deals with uncommitted changes, new files among them.
func (g git) dirty() (map[string]bool, error) {
	out, err := g.run("status", "--porcelain", "-z", "--untracked-files=all", "--no-renames", "--", ":/"+g.prefix)
	if err != nil {
		return nil, err
	}
	deals := map[string]bool{}
	for entry := range bytes.SplitSeq(out, []byte{0}) {
		if len(entry) > 3 {
			if id := g.deal(string(entry[3:])); id != "" {
				deals[id] = true
			}
		}
	}
	return deals, nil
}

func (g git) ancestor(old, head string) bool {
	_, err := g.run("merge-base", "--is-ancestor", old, head)
	return err == nil
}

// git runs the program in a folder. prefix is where content/ lies in the
// repository.
type git struct {
	ctx    context.Context
	dir    string
	prefix string
}

func (g git) run(args ...string) ([]byte, error) {
	cmd, said := g.command(g.ctx, args...)
	out, err := cmd.Output()
	if err != nil {
		if g.ctx.Err() != nil {
			return nil, g.ctx.Err()
		}
		return nil, failed(args[0], said.String(), err)
	}
	return out, nil
}

// command is git with what makes its output the same everywhere.
func (g git) command(ctx context.Context, args ...string) (cmd *exec.Cmd, said *bytes.Buffer) {
	args = append([]string{"-c", "core.quotePath=false", "-c", "core.fsmonitor=false", "-c", "log.showSignature=false", "-C", g.dir, "--no-pager"}, args...)
	cmd = exec.CommandContext(ctx, "git", args...)
	// Locale and locks: the output is parsed, and a look must not disturb.
	cmd.Env = append(os.Environ(), "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0")
	said = &bytes.Buffer{}
	cmd.Stderr = said
	return cmd, said
}

// failed words git's failure by the first line that it said.
func failed(what, said string, err error) error {
	first, _, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(said, "fatal: ")), "\n")
	if first != "" {
		return fmt.Errorf("git %s: %s", what, first)
	}
	return fmt.Errorf("git %s: %w", what, err)
}
