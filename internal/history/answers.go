package history

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Answers are what git said of a site as a whole. Another process may go on
// from them as long as everything that they depend on is as it was.
type Answers struct {
	Head, Prefix string
	Files        []string
}

// Answers of this reading, with every file outside of the deals that decides
// what git says of them: its own, and what the machine and its user have
// configured. It is false where not all of those can be told.
func (h *History) Answers(ctx context.Context) (Answers, bool) {
	program, err := exec.LookPath("git")
	if err != nil || h.head == "" || h.Shallow {
		return Answers{}, false
	}
	if _, err := os.Lstat(filepath.Join(h.git.dir, "content", ".git")); err == nil {
		return Answers{}, false // another repository decides
	}
	g := h.git
	g.ctx = ctx
	list := g.ask("config", "--list", "--show-origin", "-z")
	system := g.ask("config", "--system", "--list", "--show-origin", "-z")
	c := configuration{top: h.top}
	c.system(<-system)
	c.read(<-list)
	if c.unclear {
		return Answers{}, false
	}
	files := append(c.files, h.state.files...)
	files = append(files, program)
	slices.Sort(files)
	return Answers{h.head, h.git.prefix, slices.Compact(files)}, true
}

// Resume a history by what git said of the site before, without asking it
// again. It is nil where the store does not know all deals. Which of them are
// dirty only IsDirty tells.
func Resume(ctx context.Context, site string, a Answers, deals []string, store Store) *History {
	var m memory
	if store.Load == nil || json.Unmarshal(store.Load(), &m) != nil || !isHash(m.Head) || m.Head != a.Head {
		return nil
	}
	h := &History{Deals: map[string]Change{}, asked: map[string]bool{}, git: git{ctx: ctx, dir: site, prefix: a.Prefix}, head: a.Head}
	for _, id := range deals {
		c, ok := m.Deals[id]
		if !ok {
			return nil
		}
		h.asked[id] = true
		if !c.Time.IsZero() {
			h.Deals[id] = c
		}
	}
	h.state.files, h.began = a.Files, time.Now()
	h.state.look()
	return h
}

// Surroundings are the variables that decide what git says, in order.
func Surroundings() []string {
	around := slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return elsewhere(v) || name != "HOME" && name != "XDG_CONFIG_HOME" && !strings.HasPrefix(name, "GIT_")
	})
	slices.Sort(around)
	return around
}

// configuration gathers the files that git reads its settings from.
type configuration struct {
	top     string // of the work tree
	files   []string
	unclear bool
}

// system is the machine's own file, which may not be there: git says where it
// would be.
func (c *configuration) system(a answer) {
	var file string
	if a.err == nil {
		origin, _, _ := bytes.Cut(a.out, []byte{0})
		file = strings.TrimPrefix(string(origin), "file:")
	} else if _, rest, ok := strings.Cut(a.err.Error(), "unable to read config file '"); ok {
		file, _, _ = strings.Cut(rest, "'")
	}
	if !filepath.IsAbs(file) { // it is empty, or git is another
		c.unclear = true
		return
	}
	c.files = append(c.files, file, filepath.Join(filepath.Dir(file), "gitattributes"))
}

// read what is configured: pairs of where a value stands and the value, and
// with them the files that are there by default.
func (c *configuration) read(a answer) {
	home, err := os.UserHomeDir()
	if a.err != nil || err != nil || os.Getenv("GIT_CONFIG_SYSTEM") != "" {
		c.unclear = true
		return
	}
	folder := cmp.Or(os.Getenv("XDG_CONFIG_HOME"), filepath.Join(home, ".config"))
	for _, name := range []string{"config", "ignore", "attributes"} {
		c.files = append(c.files, filepath.Join(folder, "git", name))
	}
	own := cmp.Or(os.Getenv("GIT_CONFIG_GLOBAL"), filepath.Join(home, ".gitconfig"))
	c.files = append(c.files, own)
	c.unclear = c.unclear || !filepath.IsAbs(own) || !filepath.IsAbs(folder)
	parts := strings.Split(string(a.out), "\x00")
	for i := 0; i+1 < len(parts); i += 2 {
		origin, isFile := strings.CutPrefix(parts[i], "file:")
		key, value, _ := strings.Cut(parts[i+1], "\n")
		if !isFile {
			c.unclear = c.unclear || !strings.HasPrefix(parts[i], "command line:")
			continue
		}
		if !filepath.IsAbs(origin) {
			origin = filepath.Join(c.top, origin)
		}
		c.files = append(c.files, origin)
		c.names(key, value, home, filepath.Dir(origin))
	}
}

// names takes in the file that a setting names. It need not be there yet.
func (c *configuration) names(key, value, home, folder string) {
	include := key == "include.path" || strings.HasPrefix(key, "includeif.") && strings.HasSuffix(key, ".path")
	if !include && key != "core.excludesfile" && key != "core.attributesfile" {
		return
	}
	switch rest, inHome := strings.CutPrefix(value, "~/"); {
	case inHome:
		c.files = append(c.files, filepath.Join(home, rest))
	case filepath.IsAbs(value):
		c.files = append(c.files, value)
	case include && value != "" && !strings.ContainsAny(value[:1], "~%:"):
		c.files = append(c.files, filepath.Join(folder, value))
	case value != "":
		c.unclear = true
	}
}
