package watch

import (
	"os"
	"path/filepath"
	"strings"
)

// repository is where git keeps what it knows of a site. Its zero value is
// that of a site outside of any.
type repository struct {
	// own holds HEAD and the index of this working tree, common the branches;
	// they differ in a further working tree (git worktree).
	own, common string
}

// findRepository looks for the repository that a folder lies in.
func findRepository(dir string) repository {
	for ; ; dir = filepath.Dir(dir) {
		own := filepath.Join(dir, ".git")
		info, err := os.Stat(own)
		if err == nil && !info.IsDir() {
			own, err = pointer(own, "gitdir: ")
		}
		if err == nil {
			common, err := pointer(filepath.Join(own, "commondir"), "")
			if err != nil {
				common = own
			}
			return repository{own, common}
		}
		if dir == filepath.Dir(dir) {
			return repository{}
		}
	}
}

// pointer reads a file of git's that holds a path, which may be relative to
// the file's folder.
func pointer(file, prefix string) (string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	path := strings.TrimSpace(strings.TrimPrefix(string(data), prefix))
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(file), path)
	}
	return path, nil
}

func (r repository) known() bool { return r.own != "" }

// locked says whether git is changing files.
func (r repository) locked() bool {
	if !r.known() {
		return false
	}
	_, err := os.Lstat(filepath.Join(r.own, "index.lock"))
	return err == nil
}

// folders are those that git writes to when it makes a commit or changes to
// another branch. The second are watched with what they hold.
func (r repository) folders() (flat, deep []string) {
	if !r.known() {
		return nil, nil
	}
	flat = []string{r.own}
	if r.common != r.own {
		flat = append(flat, r.common)
	}
	return flat, []string{filepath.Join(r.common, "refs"), filepath.Join(r.common, "reftable")}
}

// holds says whether a path is of the repository's own files, and moved
// whether it tells of another commit. The index does not: git writes to it
// when it is merely asked for the state of things.
func (r repository) holds(path string) (holds, moved bool) {
	if !r.known() {
		return false, false
	}
	dir, name := filepath.Split(path)
	dir = filepath.Clean(dir)
	if dir == r.own || dir == r.common {
		return true, name == "HEAD" || name == "packed-refs"
	}
	_, deep := r.folders()
	for _, d := range deep {
		if within(path, d) {
			told := within(path, filepath.Join(d, "heads")) || filepath.Base(d) == "reftable"
			return true, told && !strings.HasSuffix(name, ".lock")
		}
	}
	return false, false
}

// within says whether a path is a folder or lies in it.
func within(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, dir+string(filepath.Separator))
}
