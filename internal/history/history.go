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
	"path/filepath"
	"slices"
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
	// Deals that git knows, of those asked for, by id.
	Deals map[string]Change
	// Dirty are the deals with changes that are not committed.
	Dirty map[string]bool
	// Missing says why there is no history; empty where there is one.
	Missing string
	// Shallow says that the clone holds the newest commits only, so that a
	// change may be older than it seems.
	Shallow bool

	git git
	// head is the commit, and top the folder of the work tree.
	head, top string
	asked     map[string]bool
	state     state
	// began is when git was asked, by the clock of its files' times.
	began time.Time
}

// Store keeps what one run found for the next. Both functions may be nil.
type Store struct {
	Load func() []byte
	Save func([]byte)
}

// memory is what a Store holds. A deal that no commit up to Head touches has
// the zero Change, so that it is not looked for again.
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
	began := time.Now()
	// Three questions at once: each costs more in starting git than in answers.
	head := g.ask("rev-parse", "--verify", "-q", "HEAD")
	status := g.ask(statusOf("content")...)
	where := <-g.ask("rev-parse", "--is-shallow-repository", "--git-dir", "--git-common-dir", "--show-cdup", "--show-prefix")
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if where.err != nil {
		h := &History{Missing: reason(where.err), began: began}
		h.state = stateOfNone(site, h.Missing == notInGit)
		return h, nil
	}
	h := &History{Deals: map[string]Change{}, Dirty: map[string]bool{}, asked: map[string]bool{}, began: began}
	for _, id := range deals {
		h.asked[id] = true
	}
	h.place(&g, string(where.out))
	if err := h.readDirty(<-status); err != nil {
		return nil, err
	}
	commit := <-head
	if commit.err != nil {
		if ctx.Err() != nil {
			return nil, commit.err
		}
		h.Missing = "the repository has no commit yet"
		return h, nil
	}
	h.head = strings.TrimSpace(string(commit.out))
	if err := g.recall(h, h.head, deals, store); err != nil {
		return nil, err
	}
	return h, nil
}

// place takes in what git says of where it keeps things. A folder's name may
// hold a newline, so that the prefix comes last.
func (h *History) place(g *git, said string) {
	lines := strings.SplitN(said, "\n", 5)
	h.Shallow = lines[0] == "true"
	g.prefix = strings.TrimSuffix(lines[4], "\n") + "content/"
	h.git = *g
	site, err := filepath.EvalSymlinks(g.dir) // the way up from there is git's
	if err != nil {
		site = g.dir
	}
	h.top = filepath.Join(site, lines[3])
	h.state = stateOf(site, lines[1], lines[2], lines[3])
}

// AllDirty are the deals that have changes, as they are now, that are not
// committed.
func (h *History) AllDirty(ctx context.Context) (map[string]bool, error) {
	g := h.git
	g.ctx = ctx
	all := &History{git: g, Dirty: map[string]bool{}}
	err := all.readDirty(<-g.ask(statusOf("content")...))
	return all.Dirty, err
}

// IsDirty says whether one deal has changes, as they are now, that are not
// committed.
func (h *History) IsDirty(ctx context.Context, deal string) (bool, error) {
	g := h.git
	g.ctx, g.few = ctx, true
	one := &History{git: g, Dirty: map[string]bool{}}
	if err := one.readDirty(<-g.ask(statusOf("content/" + deal)...)); err != nil {
		return false, err
	}
	return one.Dirty[deal], nil
}

// answer of git's.
type answer struct {
	out []byte
	err error
}

// ask git something and go on.
func (g git) ask(args ...string) <-chan answer {
	c := make(chan answer, 1)
	go func() {
		out, err := g.run(args...)
		c <- answer{out, err}
	}()
	return c
}

// notInGit is why git knows nothing of a folder that is in no repository.
const notInGit = "the folder is in no git repository"

// reason words why git knows nothing of a folder.
func reason(err error) string {
	s := err.Error()
	switch {
	case strings.Contains(s, "not a git repository"):
		return notInGit
	case strings.Contains(s, "dubious ownership"):
		return "git does not trust the folder's owner (git config --global --add safe.directory …)"
	}
	return s
}

// recall goes through the commits that the store does not know yet, and
// through all of them for a deal that it has not met.
func (g git) recall(h *History, head string, deals []string, store Store) error {
	met := map[string]Change{} // of the deals asked for
	known := g.known(store, head)
	for _, id := range deals {
		if c, ok := known.Deals[id]; ok {
			met[id] = c
		}
	}
	if known.Head != "" && known.Head != head {
		newer, err := g.log(known.Head+".."+head, slices.Collect(maps.Keys(met)))
		if err != nil {
			return err
		}
		for id, c := range newer {
			if c.Time.After(met[id].Time) {
				met[id] = c
			} else { // a merge brought what is older, or a clock went back
				delete(met, id)
			}
		}
	}
	missing := slices.DeleteFunc(slices.Clone(deals), func(id string) bool {
		_, ok := met[id]
		return ok
	})
	if len(missing) > 0 {
		found, err := g.log(head, missing)
		if err != nil {
			return err
		}
		for _, id := range missing {
			met[id] = found[id]
		}
	}
	if store.Save != nil && !h.Shallow && (known.Head != head || len(missing) > 0) {
		if data, err := json.Marshal(memory{head, met}); err == nil {
			store.Save(data)
		}
	}
	for id, c := range met {
		if !c.Time.IsZero() {
			h.Deals[id] = c
		}
	}
	return nil
}

// known is what the store holds, if it can be continued to head.
func (g git) known(store Store, head string) memory {
	var m memory
	if store.Load == nil || json.Unmarshal(store.Load(), &m) != nil || !isHash(m.Head) || m.Head != head && !g.ancestor(m.Head, head) {
		return memory{}
	}
	return m
}

// log finds the newest commit of each deal in a range. It stops as soon as
// every one of them was met, which is long before the first commit of most
// repositories. There is no pathspec: git would compare every tree twice. A
// merge counts for the files that it made unlike those of all its parents.
func (g git) log(span string, deals []string) (map[string]Change, error) {
	r := reader{git: g, wanted: make(map[string]bool, len(deals)), newest: map[string]Change{}}
	for _, id := range deals {
		r.wanted[id] = true
	}
	if len(r.wanted) == 0 {
		return r.newest, nil
	}
	ctx, stop := context.WithCancel(g.ctx)
	defer stop()
	cmd, said := g.command(ctx, "log", "-c", "--format=tformat:/%ct%x00%an", "--encoding=UTF-8", "--name-only", "--no-renames", "-z", span, "--")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("git log: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("git log: %w", err)
	}
	enough, readErr := r.read(out)
	if enough || readErr != nil {
		stop()
	}
	_, _ = io.Copy(io.Discard, out) // what is left is not needed
	err = cmd.Wait()
	switch {
	case g.ctx.Err() != nil:
		return nil, g.ctx.Err()
	case enough:
		return r.newest, nil
	case readErr != nil:
		return nil, fmt.Errorf("git log: %w", readErr)
	case err != nil:
		return nil, failed("log", said.String(), err)
	}
	return r.newest, nil
}

// reader of git's log: of each commit its time, which a stroke marks since no
// path begins with one, its author and its files, each ended by a zero byte.
type reader struct {
	git    git
	wanted map[string]bool
	newest map[string]Change
}

// read until every deal was met. The newest commit comes first, so that a deal
// is wanted once.
func (r reader) read(log io.Reader) (enough bool, err error) {
	parts := bufio.NewScanner(log)
	parts.Buffer(make([]byte, 64<<10), 16<<20)
	parts.Split(atZero)
	var c Change
	for parts.Scan() {
		stamp, mark := strings.CutPrefix(parts.Text(), "/")
		if !mark {
			if id := r.git.deal(strings.TrimPrefix(stamp, "\n")); r.wanted[id] && !c.Time.IsZero() {
				delete(r.wanted, id)
				r.newest[id] = c
				if len(r.wanted) == 0 {
					return true, nil
				}
			}
			continue
		}
		c = Change{Time: moment(stamp)}
		if parts.Scan() {
			c.Author = strings.ToValidUTF8(parts.Text(), "\uFFFD")
		}
	}
	return false, parts.Err()
}

// moment of a commit; none if it is broken, or so far off that no calendar
// holds it.
func moment(stamp string) time.Time {
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if t := time.Unix(seconds, 0).UTC(); err == nil && seconds >= 0 && t.Year() <= 9999 {
		return t
	}
	return time.Time{}
}

// atZero cuts git's output at zero bytes.
func atZero(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, 0); i >= 0 {
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

// deal is the id of the deal that a file belongs to, or "".
func (g git) deal(file string) string {
	rest, ok := strings.CutPrefix(file, g.prefix)
	if !ok {
		return ""
	}
	id, _, inside := strings.Cut(rest, "/")
	if !inside || id == "" || id[0] == '_' || id[0] == '.' {
		return ""
	}
	return id
}

// statusOf asks for uncommitted changes, new files among them. git is not sent
// into submodules, whose own configuration it would follow.
func statusOf(folder string) []string {
	return []string{"status", "--porcelain", "-z", "--untracked-files=all", "--ignore-submodules=dirty", "--no-renames", "--", folder}
}

// readDirty takes in the deals with uncommitted changes.
func (h *History) readDirty(status answer) error {
	if status.err != nil {
		return status.err
	}
	for entry := range bytes.SplitSeq(status.out, []byte{0}) {
		if len(entry) > 3 {
			if id := h.git.deal(string(entry[3:])); id != "" {
				h.Dirty[id] = true
			}
		}
	}
	return nil
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
	// few says that it is asked about few files: threads for looking at them
	// would take longer to start than they save.
	few bool
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

// command is git with what makes its output the same everywhere, and with what
// keeps it from running programs that the configuration of somebody's checkout
// names. Its filters are left to it: without them files of Git LFS would seem to
// be changed.
func (g git) command(ctx context.Context, args ...string) (cmd *exec.Cmd, said *bytes.Buffer) {
	args = append([]string{
		"-c", "log.showRoot=true", "-c", "log.showSignature=false", "-c", "diff.relative=false", "-c", "diff.orderFile=/dev/null",
		"-c", "core.fsmonitor=false",
		"-c", "core.packedGitWindowSize=8m", "-c", "core.packedGitLimit=64m", // or it maps whole packs of collateral, and a container counts that
		"-c", "safe.bareRepository=explicit", // a folder of the checkout may be made to look like a repository
		"-C", g.dir, "--no-pager", "--literal-pathspecs",
	}, args...)
	if g.few {
		args = append([]string{"-c", "core.preloadIndex=false"}, args...)
	}
	cmd = exec.CommandContext(ctx, "git", args...)
	cmd.Env = append(slices.DeleteFunc(os.Environ(), elsewhere),
		"LC_ALL=C",                                      // its messages are read
		"GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", // a look must not disturb
		"GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=none") // a partial clone would fetch what it lacks
	said = &bytes.Buffer{}
	cmd.Stderr = said
	return cmd, said
}

// elsewhere are the variables that lead git to another repository than that of
// its folder, or to other files, or that read a path otherwise. A hook of git's, which may well run a build,
// has some of them.
func elsewhere(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	switch name {
	case "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
		"GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS", "GIT_SHALLOW_FILE", "GIT_GRAFT_FILE", "GIT_REPLACE_REF_BASE", "GIT_INTERNAL_SUPER_PREFIX":
		return true
	}
	return false
}

// failed words git's failure by the first line that it said, its warnings left
// out.
func failed(what, said string, err error) error {
	said = strings.TrimSpace(said)
	if i := strings.Index("\n"+said, "\nfatal: "); i >= 0 {
		said = said[i+len("fatal: "):]
	}
	first, _, _ := strings.Cut(said, "\n")
	if first != "" {
		return fmt.Errorf("git %s: %s", what, first)
	}
	return fmt.Errorf("git %s: %w", what, err)
}
