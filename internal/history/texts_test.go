package history

import (
	"os"
	"path/filepath"
	"testing"
)

// A text that is certainly another than git's makes the deal dirty to git as
// well, however git keeps texts.
func TestTextsDiffer(t *testing.T) {
	const deal = "content/fern/deal.toml"
	tests := map[string]struct {
		before, after func(r repository)
		want          bool
	}{
		"nothing":               {after: func(r repository) {}},
		"the deal":              {after: func(r repository) { r.write(deal, "x = 1\n") }, want: true},
		"a page":                {after: func(r repository) { r.write("content/fern/pages/größe.md", "x\n") }, want: true},
		"the same written anew": {after: func(r repository) { r.write(deal, "Ann "+noon("2026-01-02")+"\n") }},
		"a document":            {after: func(r repository) { r.write("content/fern/a.pdf", "x\n") }},
		"a text that is new":    {after: func(r repository) { r.write("content/fern/new.md", "x\n") }},
		"a text that is gone":   {after: func(r repository) { r.remove(deal) }},
		"line ends":             {after: func(r repository) { r.write(deal, "Ann "+noon("2026-01-02")+"\r\n") }},
		"line ends that git changes": {
			before: func(r repository) {
				r.write(".gitattributes", "* text=auto eol=crlf\n")
				r.commit("Ann", noon("2026-01-03"))
			},
			after: func(r repository) { r.write(deal, "Ann "+noon("2026-01-02")+"\r\n") },
		},
		"a change of a text whose line ends git changes": {
			before: func(r repository) {
				r.write(".gitattributes", "* text=auto eol=crlf\n")
				r.commit("Ann", noon("2026-01-03"))
			},
			after: func(r repository) { r.write(deal, "x = 1\n") },
			want:  true,
		},
		"a filter": {
			before: func(r repository) {
				r.git("config", "filter.none.clean", "cat /dev/null")
				r.write(".gitattributes", "*.toml filter=none\n")
				r.commit("Ann", noon("2026-01-03"), deal)
			},
			after: func(r repository) { r.write(deal, "x = 1\n") },
		},
		"a text that git is to take for unchanged": {
			before: func(r repository) { r.git("update-index", "--assume-unchanged", deal) },
			after:  func(r repository) { r.write(deal, "x = 1\n") },
		},
		"a text that git is not to look at": {
			before: func(r repository) { r.git("update-index", "--skip-worktree", deal) },
			after:  func(r repository) { r.write(deal, "x = 1\n") },
		},
		"a change that is staged": {
			before: func(r repository) { r.write(deal, "x = 1\n"); r.git("add", "-A") },
			after:  func(r repository) {},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := newRepository(t)
			r.commit("Ann", noon("2026-01-02"), deal, "content/fern/pages/größe.md", "content/fern/a.pdf", "content/fern-2/deal.toml")
			if tt.before != nil {
				tt.before(r)
			}
			h := r.look("fern")
			texts, err := h.Texts(t.Context(), "fern")
			if err != nil {
				t.Fatal(err)
			}
			tt.after(r)
			got := texts.Differ(os.DirFS(filepath.Join(r.dir, "content/fern")))
			if got != tt.want {
				t.Errorf("it is %v of %v", got, texts)
			}
			dirty, err := h.IsDirty(t.Context(), "fern")
			if err != nil || got && !dirty {
				t.Errorf("to git the deal is dirty: %v, %v", dirty, err)
			}
		})
	}
}

func (r repository) remove(name string) {
	r.t.Helper()
	if err := os.Remove(filepath.Join(r.dir, filepath.FromSlash(name))); err != nil {
		r.t.Fatal(err)
	}
}
