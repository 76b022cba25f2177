package build

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// A deal's folder tells of its files what the system tells.
func TestFolderTellsWhatTheSystemTells(t *testing.T) {
	if !canScan {
		t.Skip("stats do not tell every change here")
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"deal.toml": "x = 1\n", "empty.md": "", ".hidden": "h", "pages/a.md": "# A\n", "pages/deep/b.md": "b"} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("pages/a.md", filepath.Join(dir, "link.md")); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	f := &folder{root: root}
	if _, f.seen = lookInto(openRegular(root, ".")); len(f.seen) != 3 {
		t.Fatalf("%d folders were seen, not 3", len(f.seen))
	}
	system := root.FS()
	err = fs.WalkDir(system, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			sameEntries(t, f, system, name)
			return nil
		}
		sameFile(t, f, system, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Stat("pages/gone.md"); !os.IsNotExist(err) {
		t.Errorf("the error of a file that is not there is %v", err)
	}
}

func sameEntries(t *testing.T, f, system fs.FS, dir string) {
	t.Helper()
	got, err1 := fs.ReadDir(f, dir)
	want, err2 := fs.ReadDir(system, dir)
	if err1 != nil || err2 != nil || len(got) != len(want) {
		t.Fatalf("%s holds %v (%v), not %v (%v)", dir, got, err1, want, err2)
	}
	for i := range want {
		if got[i].Name() != want[i].Name() || got[i].Type() != want[i].Type() {
			t.Errorf("in %s lies %v, not %v", dir, got[i], want[i])
		}
	}
}

func sameFile(t *testing.T, f, system fs.FS, name string) {
	t.Helper()
	got, err1 := fs.Stat(f, name)
	want, err2 := fs.Stat(system, name)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if got.Size() != want.Size() || got.Mode() != want.Mode() || !got.ModTime().Equal(want.ModTime()) {
		t.Errorf("%s is %d %s %s, not %d %s %s", name, got.Size(), got.Mode(), got.ModTime(), want.Size(), want.Mode(), want.ModTime())
	}
	data, err1 := fs.ReadFile(f, name)
	text, err2 := fs.ReadFile(system, name)
	if err1 != nil || err2 != nil || !bytes.Equal(data, text) {
		t.Errorf("%s reads %q (%v), not %q (%v)", name, data, err1, text, err2)
	}
}

// What could not be seen whole is asked of the system.
func TestFolderThatCannotBeSeenWhole(t *testing.T) {
	if s, seen := lookInto(os.Open(filepath.Join(t.TempDir(), "gone"))); s.whole || seen != nil {
		t.Error("a folder that is not there was seen")
	}
}
