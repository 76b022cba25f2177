package history

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What another run goes on from says the same of the deals, and names every
// file that git reads its settings from, those that are not there yet included.
func TestResume(t *testing.T) {
	r := newRepository(t)
	home, own := os.Getenv("HOME"), os.Getenv("GIT_CONFIG_GLOBAL")
	if err := os.WriteFile(own, []byte("[include]\npath = more\n[core]\nexcludesFile = ~/ignored\n[includeIf \"onbranch:x\"]\npath = /of/x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.commit("Ann", noon("2026-01-02"), fern, oak)
	kept := &shelf{}
	h, err := Read(context.Background(), r.dir, []string{"fern", "oak"}, kept.store())
	if err != nil {
		t.Fatal(err)
	}
	a, ok := h.Answers(context.Background())
	if !ok {
		t.Fatal("its answers cannot be gone on from")
	}
	top := h.top
	for _, file := range []string{
		own, filepath.Join(home, "more"), filepath.Join(home, "ignored"), "/of/x",
		filepath.Join(home, "git/config"), filepath.Join(home, "git/ignore"), filepath.Join(home, "git/attributes"),
		filepath.Join(top, ".git/HEAD"), filepath.Join(top, ".git/index"), filepath.Join(top, ".git/config"), filepath.Join(top, ".git/refs/heads/main"),
		filepath.Join(top, ".gitignore"), filepath.Join(top, "content/.gitattributes"), filepath.Join(top, "content/.git"),
	} {
		if !slices.Contains(a.Files, file) {
			t.Errorf("%s is missing among %q", file, a.Files)
		}
	}
	again := Resume(context.Background(), r.dir, a, []string{"fern", "oak"}, kept.store())
	if again == nil {
		t.Fatal("it is not gone on from")
	}
	if diff := cmp.Diff(h.Deals, again.Deals); diff != "" {
		t.Errorf("the deals (-read +resumed):\n%s", diff)
	}
	r.write(fern, "changed")
	for id, want := range map[string]bool{"fern": true, "oak": false} {
		if dirty, err := again.IsDirty(context.Background(), id); err != nil || dirty != want {
			t.Errorf("%s is dirty: %v, %v", id, dirty, err)
		}
	}
	if Resume(context.Background(), r.dir, a, []string{"fern", "elm"}, kept.store()) != nil {
		t.Error("it is gone on from without knowing a deal")
	}
}

// Where not everything is known that decides, nothing is gone on from.
func TestAnswersInDoubt(t *testing.T) {
	for name, settings := range map[string]string{
		"a home of somebody else": "[core]\nattributesFile = ~other/attributes\n",
		"git's own folder":        "[include]\npath = %(prefix)/etc/more\n",
	} {
		t.Run(name, func(t *testing.T) {
			r := newRepository(t)
			r.commit("Ann", noon("2026-01-02"), fern)
			h := r.look("fern")
			if err := os.WriteFile(os.Getenv("GIT_CONFIG_GLOBAL"), []byte(settings), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, ok := h.Answers(context.Background()); ok {
				t.Error("it is gone on from")
			}
		})
	}
}
