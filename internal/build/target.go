package build

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// target is the folder that a build is put into.
type target struct {
	dir string
	// state is where stage and journal lie, on the same file system.
	state   string
	lockDir string
	waiting func(output string)
	// swap tells how folders are exchanged; tests take it away.
	exchange func(a, b string) error
}

// target checks that a folder can be the output: one that is new, empty or
// was made by this program, and that holds no source. It is made only then.
func (o *Output) target(dir string) (*target, error) {
	source, err := resolve(o.project.opts.Source)
	if err != nil {
		return nil, fmt.Errorf("finding the site's folder: %w", err)
	}
	public := filepath.Join(o.project.opts.Source, "public")
	if dir == "" {
		dir = public
	}
	if dir, err = resolve(dir); err != nil {
		return nil, fmt.Errorf("finding the output: %w", err)
	}
	if err := suits(dir, source); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the output: %w", err)
	}
	t := &target{dir: dir, state: filepath.Join(dir, stateDir), lockDir: o.project.opts.LockDir, waiting: o.project.opts.Waiting, exchange: exchange}
	if dir == filepath.Join(source, "public") {
		own := filepath.Join(source, stateDir)
		if err := os.MkdirAll(own, 0o755); err == nil && sameDevice(own, dir) {
			t.state = own
		}
	} else if err := t.ours(); err != nil {
		return nil, err
	}
	// What lies in there is cleared away: through a link that could be anything.
	if info, err := os.Lstat(t.state); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("%s is no folder; delete it and build again", t.state)
	}
	return t, nil
}

// resolve is the one full name of a folder, whether it is there yet or not.
func resolve(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for missing := ""; ; dir = filepath.Dir(dir) {
		there, err := filepath.EvalSymlinks(dir)
		if err == nil {
			return filepath.Join(there, missing), nil
		}
		if !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			return "", err
		}
		missing = filepath.Join(filepath.Base(dir), missing)
	}
}

// BadOutput is the error of a folder that cannot be the output.
type BadOutput struct{ Dir, Why string }

func (e *BadOutput) Error() string {
	return fmt.Sprintf("%s cannot be the output: %s", e.Dir, e.Why)
}

// suits refuses an output that holds the source, or lies in it anywhere but
// in public/ or a new folder of its own.
func suits(dir, source string) error {
	if within(source, dir) {
		return &BadOutput{dir, "it holds the site's source, which a build would remove"}
	}
	for _, name := range []string{"content", "layouts", "assets", "themes", stateDir} {
		if within(dir, filepath.Join(source, name)) {
			return &BadOutput{dir, "it lies in " + name + "/, a part of the source"}
		}
	}
	if slices.Contains(strings.Split(filepath.ToSlash(dir), "/"), ".git") {
		return &BadOutput{dir, "it lies in .git/, where git keeps the source's history"}
	}
	return nil
}

// within says whether a is b or lies in it. Folders that are there are compared
// as such: not every disk tells capitals apart.
func within(a, b string) bool {
	there, missing := os.Stat(b)
	for ; ; a = filepath.Dir(a) {
		if a == b {
			return true
		}
		if info, err := os.Stat(a); missing == nil && err == nil && os.SameFile(info, there) {
			return true
		}
		if a == filepath.Dir(a) {
			return false
		}
	}
}

// ours refuses a folder with files in it that this program did not write: a
// build removes what no deal owns.
func (t *target) ours() error {
	entries, err := os.ReadDir(t.dir)
	if err != nil {
		return fmt.Errorf("reading the output: %w", err)
	}
	foreign := slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		return !slices.Contains([]string{stateDir, ".gitignore", ".git"}, e.Name())
	})
	if !foreign {
		return nil
	}
	page, err := os.ReadFile(filepath.Join(t.dir, "404.html"))
	if err == nil && bytes.Contains(page, []byte(generatorMark)) {
		return nil
	}
	// The first build may have been interrupted before it came to that page.
	_, journal := os.Stat(t.journal())
	_, site := os.Stat(filepath.Join(t.dir, "portico.toml"))
	if journal == nil && site != nil {
		return nil
	}
	return &BadOutput{t.dir, "it holds files that portico did not write, and a build would remove them; name an empty or a new folder"}
}

// generatorMark is what an output is known by; the built-in layouts have it.
const generatorMark = `name="generator" content="portico"`

// withMark is a page with the mark, which a site's own layout may have left out:
// the next build would take its output for somebody else's.
func withMark(page []byte) []byte {
	if bytes.Contains(page, []byte(generatorMark)) {
		return page
	}
	return append(page, "<meta "+generatorMark+">"...)
}

func (t *target) path(name string) string { return filepath.Join(t.dir, filepath.FromSlash(name)) }

// isFolder says whether there is a folder in the output, and no link to one.
func (t *target) isFolder(name string) bool {
	info, err := os.Lstat(t.path(name))
	return err == nil && info.IsDir()
}

// list the files below a folder of the output, by their names on the site, and
// the folders with nothing in them.
func (t *target) list(folder string) (map[string]bool, error) {
	files := map[string]bool{}
	err := filepath.WalkDir(t.path(folder), func(p string, _ fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(t.dir, p)
		name := filepath.ToSlash(rel)
		delete(files, path.Dir(name)) // it is not empty
		files[name] = true
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the output: %w", err)
	}
	return files, nil
}

// same says whether a file of the output is already as it should be.
func (t *target) same(name string, f *File) (bool, error) {
	info, err := os.Lstat(t.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading the output: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() != f.size {
		return false, nil
	}
	old, err := os.Open(t.path(name))
	if err != nil {
		return false, fmt.Errorf("reading the output: %w", err)
	}
	defer old.Close() // opened for reading
	now, err := f.reader()
	if err != nil {
		return false, err
	}
	defer now.Close() // opened for reading
	return equal(old, now)
}

// comparing are buffers of equal.
var comparing = sync.Pool{New: func() any { return new([2][64 << 10]byte) }}

// equal compares two streams.
func equal(a, b io.Reader) (bool, error) {
	buffers := comparing.Get().(*[2][64 << 10]byte)
	defer comparing.Put(buffers)
	x, y := buffers[0][:], buffers[1][:]
	for {
		n, err1 := io.ReadFull(a, x)
		m, err2 := io.ReadFull(b, y)
		if n != m || !bytes.Equal(x[:n], y[:m]) {
			return false, nil
		}
		end := func(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }
		switch {
		case end(err1) && end(err2):
			return true, nil
		case err1 != nil || err2 != nil:
			return false, errors.Join(err1, err2)
		}
	}
}

// lock keeps other builds of the same output out. The file's name is a hash of
// the output's, so that it holds for every way to name it and every source.
func (t *target) lock(ctx context.Context) (unlock func(), err error) {
	if err := os.MkdirAll(t.lockDir, 0o700); err != nil {
		return nil, fmt.Errorf("making a place for locks: %w", err)
	}
	sum := sha256.Sum256([]byte(t.dir))
	name := filepath.Join(t.lockDir, "portico-"+hex.EncodeToString(sum[:8])+".lock")
	l := flock.New(name)
	for first := true; ; first = false {
		ok, err := l.TryLock()
		if err != nil {
			return nil, fmt.Errorf("locking the output: %w", err)
		}
		if ok {
			break
		}
		if first && t.waiting != nil {
			t.waiting(t.dir + owner(name))
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(50 * time.Millisecond):
		}
	}
	// Who holds it, for whoever waits; nothing depends on it.
	_ = os.WriteFile(name, []byte(strconv.Itoa(os.Getpid())), 0o600)
	return func() { _ = l.Unlock() }, nil // the end of the process would do it
}

func owner(name string) string {
	data, err := os.ReadFile(name)
	if pid := strings.TrimSpace(string(data)); err == nil && pid != "" {
		return " (process " + pid + ")"
	}
	return ""
}
