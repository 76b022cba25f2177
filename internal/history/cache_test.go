package history

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	fern = "content/fern/deal.toml"
	oak  = "content/oak/deal.toml"
)

// After any change of the history, a reading with the cache of before says what
// one without says. That is compared in again.
func TestContinue(t *testing.T) {
	tests := []struct {
		name   string
		change func(r repository)
		want   map[string]string
	}{
		{"nothing new", func(r repository) {},
			map[string]string{"fern": row("2026-01-02", "Ann"), "oak": row("2026-01-04", "Ben")}},
		{"a commit", func(r repository) { r.commit("Cleo", noon("2026-01-05"), fern) },
			map[string]string{"fern": row("2026-01-05", "Cleo"), "oak": row("2026-01-04", "Ben")}},
		{"a commit in the same second", func(r repository) { r.commit("Cleo", noon("2026-01-04"), oak) },
			map[string]string{"fern": row("2026-01-02", "Ann"), "oak": row("2026-01-04", "Cleo")}},
		{"a commit by a clock that is late", func(r repository) { r.commit("Cleo", noon("1999-01-05"), oak) },
			map[string]string{"fern": row("2026-01-02", "Ann"), "oak": row("1999-01-05", "Cleo")}},
		{"a merge of what is older than what was known", func(r repository) {
			r.git("checkout", "-q", "-b", "side", "HEAD~1")
			r.commit("Cleo", noon("2026-01-03"), "content/oak/notes/a.md", "content/fern/notes/a.md")
			r.git("checkout", "-q", "main")
			r.gitWith(by("Dan", noon("2026-01-06")), "merge", "-q", "--no-edit", "side")
		}, map[string]string{"fern": row("2026-01-03", "Cleo"), "oak": row("2026-01-04", "Ben")}},
		{"a merge of what is newer", func(r repository) {
			r.git("checkout", "-q", "-b", "side", "HEAD~1")
			r.commit("Cleo", noon("2026-01-05"), "content/oak/notes/a.md")
			r.git("checkout", "-q", "main")
			r.gitWith(by("Dan", noon("2026-01-06")), "merge", "-q", "--no-edit", "side")
		}, map[string]string{"fern": row("2026-01-02", "Ann"), "oak": row("2026-01-05", "Cleo")}},
		{"reset", func(r repository) { r.git("reset", "-q", "--hard", "HEAD~1") },
			map[string]string{"fern": row("2026-01-02", "Ann"), "oak": row("2026-01-02", "Ann")}},
		{"amended", func(r repository) {
			r.gitWith(by("Ben", noon("2026-01-07")), "commit", "-q", "--amend", "-m", "x", "--reset-author")
		}, map[string]string{"fern": row("2026-01-02", "Ann"), "oak": row("2026-01-07", "Ben")}},
		{"amended, and the old commit thrown away", func(r repository) {
			r.gitWith(by("Ben", noon("2026-01-07")), "commit", "-q", "--amend", "-m", "x", "--reset-author")
			r.git("reflog", "expire", "--expire=all", "--all")
			r.git("gc", "-q", "--prune=now")
		}, map[string]string{"fern": row("2026-01-02", "Ann"), "oak": row("2026-01-07", "Ben")}},
		{"rebased", func(r repository) {
			r.git("checkout", "-q", "-b", "base", "HEAD~1")
			r.commit("Cleo", noon("2026-01-03"), fern)
			r.git("checkout", "-q", "main")
			r.gitWith([]string{"GIT_COMMITTER_DATE=" + noon("2026-01-08")}, "rebase", "-q", "base")
		}, map[string]string{"fern": row("2026-01-03", "Cleo"), "oak": row("2026-01-08", "Ben")}},
		{"another branch", func(r repository) {
			r.git("checkout", "-q", "-b", "side", "HEAD~1")
			r.commit("Cleo", noon("2026-01-03"), fern)
		}, map[string]string{"fern": row("2026-01-03", "Cleo"), "oak": row("2026-01-02", "Ann")}},
		{"a history without a common commit", func(r repository) {
			r.git("checkout", "-q", "--orphan", "new")
			r.commit("Cleo", noon("2026-01-09"), fern)
		}, map[string]string{"fern": row("2026-01-09", "Cleo"), "oak": row("2026-01-09", "Cleo")}},
		{"a deal that was deleted and came back", func(r repository) {
			r.git("rm", "-q", "-r", "content/oak")
			r.commit("Cleo", noon("2026-01-05"))
			r.commit("Dan", noon("2026-01-06"), oak)
		}, map[string]string{"fern": row("2026-01-02", "Ann"), "oak": row("2026-01-06", "Dan")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, s := newRepository(t), &shelf{}
			r.commit("Ann", noon("2026-01-02"), fern, oak)
			r.commit("Ben", noon("2026-01-04"), oak)
			r.again(s, "fern", "oak")
			tt.change(r)
			expect(t, r.again(s, "fern", "oak"), tt.want)
		})
	}
}

// The deals that are asked for may be others each time.
func TestContinueWithOtherDeals(t *testing.T) {
	r, s := newRepository(t), &shelf{}
	r.commit("Ann", noon("2026-01-02"), fern, oak)
	r.again(s, "fern", "oak")
	r.commit("Ben", noon("2026-01-03"), fern, oak)
	// While oak is away its commits are not followed.
	expect(t, r.again(s, "fern"), map[string]string{"fern": row("2026-01-03", "Ben")})
	expect(t, r.again(s, "fern", "oak"), map[string]string{"fern": row("2026-01-03", "Ben"), "oak": row("2026-01-03", "Ben")})
	expect(t, r.again(s), map[string]string{})
	expect(t, r.again(s, "oak"), map[string]string{"oak": row("2026-01-03", "Ben")})
}

// What is not new is not looked for again, and not kept again: a deal without
// a commit least of all, for which git would go through everything each time.
func TestContinueKeeps(t *testing.T) {
	r, s := newRepository(t), &shelf{}
	r.commit("Ann", noon("2026-01-02"), fern)
	r.write("content/new/deal.toml", "x")
	steps := []struct {
		name  string
		do    func()
		saved int
		want  map[string]string
	}{
		{"first", func() {}, 1, map[string]string{"fern": row("2026-01-02", "Ann")}},
		{"again", func() {}, 1, map[string]string{"fern": row("2026-01-02", "Ann")}},
		{"new commit", func() { r.commit("Ben", noon("2026-01-03")) }, 2, map[string]string{"fern": row("2026-01-02", "Ann"), "new": row("2026-01-03", "Ben")}},
		{"again", func() {}, 2, map[string]string{"fern": row("2026-01-02", "Ann"), "new": row("2026-01-03", "Ben")}},
	}
	for _, step := range steps {
		step.do()
		expect(t, r.again(s, "fern", "new"), step.want)
		if s.saved != step.saved {
			t.Errorf("%s: it was kept %d times, not %d", step.name, s.saved, step.saved)
		}
	}
}

// A cache that holds anything else, by accident or on purpose, costs nothing
// but time.
func TestContinueFromRubbish(t *testing.T) {
	r := newRepository(t)
	r.commit("Ann", noon("2026-01-02"), fern, oak)
	head := r.git("rev-parse", "HEAD")
	tree := r.git("rev-parse", "HEAD^{tree}")
	blob := r.git("rev-parse", "HEAD:"+fern)
	mark := filepath.Join(t.TempDir(), "mark")
	deals := `"deals":{"fern":{"t":"1999-01-01T00:00:00Z","by":"Eve"},"oak":{"t":"1999-01-01T00:00:00Z","by":"Eve"}}`
	option, err := json.Marshal("--output=" + mark)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]string{
		"empty":              "",
		"null":               "null",
		"no JSON":            "\x00\xff{",
		"cut off":            `{"head":"` + head + `","deals":{"fern":{"t":"2026`,
		"more than one":      `{"head":"` + head + `",` + deals + `}{}`,
		"other types":        `{"head":1,"deals":[]}`,
		"no head":            `{` + deals + `}`,
		"an option":          `{"head":` + string(option) + `,` + deals + `}`,
		"a name":             `{"head":"HEAD",` + deals + `}`,
		"a short hash":       `{"head":"` + head[:10] + `",` + deals + `}`,
		"a range":            `{"head":"` + head + `..` + head + `",` + deals + `}`,
		"upper case":         `{"head":"` + strings.ToUpper(head[:39]) + `F",` + deals + `}`,
		"a commit elsewhere": `{"head":"` + strings.Repeat("ab", 20) + `",` + deals + `}`,
		"no commit at all":   `{"head":"` + strings.Repeat("0", 40) + `",` + deals + `}`,
		"a tree":             `{"head":"` + tree + `",` + deals + `}`,
		"a file":             `{"head":"` + blob + `",` + deals + `}`,
		"an impossible time": `{"head":"` + head + `","deals":{"fern":{"t":"99999-01-01T00:00:00Z","by":"Eve"}}}`,
		"deals of others":    `{"head":"` + head + `","deals":{"../x":{"t":"1999-01-01T00:00:00Z","by":"Eve"},"elm":{"t":"1999-01-01T00:00:00Z","by":"Eve"}}}`,
		"no deals":           `{"head":"` + head + `","deals":null}`,
	}
	for name, data := range tests {
		t.Run(name, func(t *testing.T) {
			s := &shelf{data: []byte(data)}
			expect(t, r.again(s, "fern", "oak"), map[string]string{"fern": row("2026-01-02", "Ann"), "oak": row("2026-01-02", "Ann")})
			var m memory
			if err := json.Unmarshal(s.data, &m); err != nil || m.Head != head || len(m.Deals) != 2 {
				t.Errorf("it keeps %s", s.data)
			}
		})
	}
	if _, err := os.Stat(mark); err == nil {
		t.Error("the cache could give git an option")
	}
}

// A file may be called what a commit is called.
func TestContinueWithAmbiguousNames(t *testing.T) {
	r, s := newRepository(t), &shelf{}
	r.commit("Ann", noon("2026-01-02"), fern)
	r.again(s, "fern")
	old := r.git("rev-parse", "HEAD")
	r.commit("Ben", noon("2026-01-03"), fern)
	r.write(r.git("rev-parse", "HEAD"), "x")
	r.write(old+".."+r.git("rev-parse", "HEAD"), "x")
	expect(t, r.again(s, "fern"), map[string]string{"fern": row("2026-01-03", "Ben")})
}

// A clone that has become shallow goes on with what was known, and keeps
// nothing.
func TestContinueInShallow(t *testing.T) {
	r, s := newRepository(t), &shelf{}
	r.commit("Ann", noon("2026-01-02"), fern)
	r.commit("Ben", noon("2026-01-03"), oak)
	r.again(s, "fern", "oak")
	r.write(".git/shallow", r.git("rev-parse", "HEAD")+"\n")
	h, err := Read(t.Context(), r.dir, []string{"fern", "oak"}, s.store())
	if err != nil {
		t.Fatal(err)
	}
	expect(t, h, map[string]string{"fern": row("2026-01-02", "Ann"), "oak": row("2026-01-03", "Ben")})
	if diff := cmp.Diff([]any{true, 1}, []any{h.Shallow, s.saved}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
