package history

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/internal/need"
)

// No setting of the user, of the repository or of the environment changes what
// is read.
func TestReadWhateverIsSet(t *testing.T) {
	r := newRepository(t)
	r.commit("Zoë", noon("2026-01-02"), "plans/content/fern/deal.toml")
	r.git("checkout", "-q", "-b", "side")
	r.commit("Ben", noon("2026-01-03"), "plans/content/oak/größe.md")
	r.git("checkout", "-q", "main")
	r.commit("Cleo", noon("2026-01-04"), "plans/content/elm/deal.toml")
	r.gitWith(by("Dan", noon("2026-01-05")), "merge", "-q", "--no-edit", "side")
	r.git("mv", "plans/content/elm", "plans/content/ash")
	r.commit("Eve", noon("2026-01-06"))
	r.write("plans/content/größer/deal.toml", "x")
	r.git("add", "-A")
	r.git("mv", "plans/content/oak/größe.md", "plans/content/oak/größer.md")
	site := r.sub("plans")
	read := func() *History { return site.look("fern", "oak", "elm", "ash") }
	want := read()
	expect(t, want, map[string]string{"fern": row("2026-01-02", "Zoë"), "oak": row("2026-01-03", "Ben"), "elm": row("2026-01-06", "Eve"), "ash": row("2026-01-06", "Eve")})
	if diff := cmp.Diff(map[string]bool{"größer": true, "oak": true}, want.Dirty); diff != "" {
		t.Fatalf("changed (-want +got):\n%s", diff)
	}
	settings := []string{
		"color.ui=always", "color.diff=always", "color.status=always", "core.quotePath=true", "core.quotePath=false", "log.showRoot=false",
		"log.showSignature=true", "log.follow=true", "log.decorate=full", "log.date=relative", "log.abbrevCommit=true", "log.mailmap=true",
		"log.diffMerges=first-parent", "log.excludeDecoration=*", "format.pretty=oneline", "format.notes=true", "notes.displayRef=*",
		"i18n.logOutputEncoding=ISO-8859-1", "i18n.commitEncoding=ISO-8859-1", "diff.renames=copies", "diff.renames=true", "diff.renameLimit=1",
		"diff.relative=true", "diff.orderFile=/nonexistent", "diff.noprefix=true", "diff.mnemonicPrefix=true", "diff.submodule=log", "diff.ignoreSubmodules=all",
		"diff.statGraphWidth=3", "diff.wordRegex=.", "diff.algorithm=patience", "diff.external=false", "status.relativePaths=true", "status.short=true", "status.branch=true",
		"status.renames=copies", "status.showStash=true", "status.showUntrackedFiles=no", "status.submoduleSummary=true", "core.pager=false",
		"pager.log=false", "pager.status=false", "core.commentChar=/", "core.untrackedCache=false", "core.abbrev=4", "alias.log=!false", "alias.status=!false",
		"advice.statusHints=true", "column.ui=always", "core.commitGraph=false", "safe.bareRepository=all", "core.preloadIndex=false",
	}
	for _, setting := range settings {
		t.Run(setting, func(t *testing.T) {
			name, value, _ := strings.Cut(setting, "=")
			r.configure(t, name, value)
			if diff := cmp.Diff(want, read(), reported); diff != "" {
				t.Errorf("(-without +with):\n%s", diff)
			}
		})
	}
	variables := []string{
		"GIT_DIR=.git", "GIT_DIR=/nonexistent", "GIT_WORK_TREE=/", "GIT_INDEX_FILE=/nonexistent", "GIT_PREFIX=content/", "GIT_COMMON_DIR=/nonexistent",
		"GIT_OBJECT_DIRECTORY=/nonexistent", "GIT_LITERAL_PATHSPECS=1", "GIT_ICASE_PATHSPECS=1", "GIT_NAMESPACE=x", "GIT_SHALLOW_FILE=/nonexistent",
		"GIT_PAGER=false", "PAGER=false", "GIT_EXTERNAL_DIFF=false", "GIT_TRACE=1", "GIT_DIFF_OPTS=-u0", "GIT_NOTES_DISPLAY_REF=*",
		"LC_ALL=de_DE.UTF-8", "LANG=de_DE.UTF-8", "LANGUAGE=de", "LESS=x", "TZ=Pacific/Auckland", "TERM=dumb", "GIT_OPTIONAL_LOCKS=1", "GIT_ALLOW_PROTOCOL=file",
	}
	for _, variable := range variables {
		t.Run(variable, func(t *testing.T) {
			name, value, _ := strings.Cut(variable, "=")
			t.Setenv(name, value)
			if diff := cmp.Diff(want, read(), reported); diff != "" {
				t.Errorf("(-without +with):\n%s", diff)
			}
		})
	}
}

// configure sets one thing, until the test ends.
func (r repository) configure(t *testing.T, name, value string) {
	t.Helper()
	file := filepath.Join(r.dir, ".git/config")
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.write(".git/config", string(before)) })
	first, last := strings.Index(name, "."), strings.LastIndex(name, ".")
	section := "[" + name[:first]
	if first < last {
		section += ` "` + name[first+1:last] + `"`
	}
	r.write(".git/config", string(before)+section+"]\n"+name[last+1:]+" = \""+filepath.ToSlash(value)+"\"\n")
}

// A hook of git's may run a build: git tells it the repository, the site may
// lie below.
func TestReadWithinHook(t *testing.T) {
	need.Program(t, "sh")
	r := newRepository(t)
	r.commit("Ann", noon("2026-01-02"), "plans/content/fern/deal.toml")
	r.write(".git/hooks/pre-commit", "#!/bin/sh\nexport -p | sed -n 's/^\\(export\\|declare -x\\) \\(GIT_[A-Z_]*\\)=.*/\\2/p' > names\n")
	if err := os.Chmod(filepath.Join(r.dir, ".git/hooks/pre-commit"), 0o755); err != nil {
		t.Fatal(err)
	}
	r.commit("Ben", noon("2026-01-03"), "plans/content/oak/deal.toml")
	names, err := os.ReadFile(filepath.Join(r.dir, "names"))
	if err != nil || len(names) == 0 {
		t.Fatalf("the hook has no variables: %q, %v", names, err)
	}
	for name := range strings.FieldsSeq(string(names)) {
		if strings.HasSuffix(name, "_DIR") || strings.HasSuffix(name, "_FILE") || strings.HasSuffix(name, "_TREE") || name == "GIT_PREFIX" {
			if !elsewhere(name + "=x") {
				t.Errorf("%s reaches git", name)
			}
		}
	}
}

// The configuration of a checkout names programs; a look at its history runs
// none of them.
func TestReadRunsNothing(t *testing.T) {
	need.Program(t, "sh")
	evil := func(t *testing.T) (program, mark string) {
		dir := t.TempDir()
		program, mark = filepath.Join(dir, "evil"), filepath.Join(dir, "mark")
		if err := os.WriteFile(program, []byte("#!/bin/sh\necho \"$0 $*\" >> '"+mark+"'\nexit 1\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		return program, mark
	}
	ran := func(t *testing.T, mark string) {
		t.Helper()
		if said, err := os.ReadFile(mark); err == nil {
			t.Errorf("it ran: %s", said)
		}
	}
	settings := []string{
		"core.fsmonitor", "core.pager", "pager.log", "pager.status", "core.editor", "core.sshCommand", "core.askPass", "core.gitProxy", "core.alternateRefsCommand",
		"gpg.program", "gpg.ssh.program", "diff.external", "diff.x.command", "diff.x.textconv", "merge.x.driver", "credential.helper", "sequence.editor",
		"alias.log", "alias.status", "alias.rev-parse", "uploadpack.packObjectsHook", "interactive.diffFilter", "trace2.eventTarget", "core.hooksPath",
	}
	r, old := newRepository(t), &shelf{}
	r.commit("Ann", noon("2026-01-02"), fern, oak)
	r.again(old, "fern", "oak")
	r.write(".gitattributes", "* diff=x merge=x\n")
	r.commit("Ben", noon("2026-01-03"), oak)
	r.write(fern, "changed")
	for _, name := range settings {
		t.Run(name, func(t *testing.T) {
			program, mark := evil(t)
			value := program
			switch {
			case strings.HasPrefix(name, "alias."):
				value = "!" + program
			case name == "core.hooksPath":
				value = filepath.Dir(program)
				for _, hook := range []string{"post-index-change", "fsmonitor-watchman", "query-watchman", "reference-transaction", "post-checkout"} {
					if err := os.Link(program, filepath.Join(value, hook)); err != nil {
						t.Fatal(err)
					}
				}
			}
			r.configure(t, name, value)
			s := *old
			expect(t, r.again(&s, "fern", "oak"), map[string]string{"fern": row("2026-01-02", "Ann"), "oak": row("2026-01-03", "Ben")})
			ran(t, mark)
		})
	}
	t.Run("a signature", func(t *testing.T) {
		program, mark := evil(t)
		r := newRepository(t)
		r.commit("Ann", noon("2026-01-02"), fern)
		who := "Ben <ben@fern.example> 1767441600 +0000\n"
		r.write("commit", "tree "+r.git("rev-parse", "HEAD^{tree}")+"\nauthor "+who+"committer "+who+"gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\nx\n")
		r.git("reset", "-q", "--hard", r.git("hash-object", "-t", "commit", "-w", "commit"))
		r.git("config", "gpg.program", program)
		r.git("config", "log.showSignature", "true")
		expect(t, r.look("fern"), map[string]string{"fern": row("2026-01-03", "Ben")})
		ran(t, mark)
	})
	t.Run("hooks", func(t *testing.T) {
		program, mark := evil(t)
		r := newRepository(t)
		r.commit("Ann", noon("2026-01-02"), fern)
		for _, hook := range []string{"post-index-change", "fsmonitor-watchman", "reference-transaction", "post-checkout"} {
			if err := os.MkdirAll(filepath.Join(r.dir, ".git/hooks"), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Link(program, filepath.Join(r.dir, ".git/hooks", hook)); err != nil {
				t.Fatal(err)
			}
		}
		r.write(fern, "changed")
		expect(t, r.look("fern"), map[string]string{"fern": row("2026-01-02", "Ann")})
		ran(t, mark)
	})
	// A folder within a checkout can be made to look like a repository of its
	// own, configuration and all, without anything being odd about the clone.
	t.Run("a repository within the checkout", func(t *testing.T) {
		program, mark := evil(t)
		r := newRepository(t)
		site := r.sub("plans")
		r.git("init", "-q", "--bare", "plans")
		r.commit("Ann", noon("2026-01-02"), "plans/content/fern/deal.toml")
		site.write("config", "[core]\nrepositoryformatversion = 0\nbare = false\nworktree = .\nfsmonitor = "+program+"\n[alias]\nstatus = !"+program+"\n")
		if h := site.look("fern"); !strings.Contains(h.Missing, "bare repository") || h.Dirty != nil {
			t.Errorf("it reads %+v", h)
		}
		ran(t, mark)
	})
	t.Run("a submodule", func(t *testing.T) {
		program, mark := evil(t)
		r := newRepository(t)
		r.commit("Ann", noon("2026-01-02"), fern)
		inner := r.sub("content/fern/inner")
		r.git("init", "-q", "content/fern/inner")
		inner.commit("Ben", noon("2026-01-03"), "x")
		r.commit("Cleo", noon("2026-01-04"))
		inner.git("config", "core.fsmonitor", program)
		inner.git("config", "filter.x.clean", program)
		inner.write(".gitattributes", "* filter=x\n")
		inner.write("x", "BEN "+noon("2026-01-03")+"\n") // as long as before: a filter would be asked
		h := r.look("fern")
		expect(t, h, map[string]string{"fern": row("2026-01-04", "Cleo")})
		ran(t, mark)
	})
	t.Run("a partial clone", func(t *testing.T) {
		program, mark := evil(t)
		r := newRepository(t)
		r.commit("Ann", noon("2026-01-02"), fern)
		r.commit("Ben", noon("2026-01-03"), oak)
		tree := r.git("rev-parse", "HEAD~1^{tree}")
		if err := os.Remove(filepath.Join(r.dir, ".git/objects", tree[:2], tree[2:])); err != nil {
			t.Fatal(err)
		}
		r.write(".git/objects/pack/pack-"+tree+".promisor", "")
		for name, value := range map[string]string{
			"core.repositoryFormatVersion": "1", "extensions.partialClone": "origin", "remote.origin.promisor": "true",
			"remote.origin.url": "ext::" + program, "protocol.ext.allow": "always", "protocol.allow": "always", "remote.origin.uploadpack": program,
		} {
			r.git("config", name, value)
		}
		if h, err := Read(t.Context(), r.dir, []string{"fern", "oak"}, Store{}); err == nil {
			t.Errorf("it reads %+v", h)
		}
		ran(t, mark)
	})
}

// A look leaves the repository as it is, its index too.
func TestReadWritesNothing(t *testing.T) {
	r := newRepository(t)
	r.commit("Ann", noon("2026-01-02"), fern)
	r.write(fern, "Ann "+noon("2026-01-02")+"\n") // the index would be brought up to date
	state := func() map[string]string {
		m := map[string]string{}
		err := filepath.WalkDir(r.dir, func(name string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			info, err := d.Info()
			if err == nil {
				data, _ := os.ReadFile(name)
				m[name] = info.ModTime().String() + " " + string(data)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	before := state()
	r.look("fern")
	if diff := cmp.Diff(before, state()); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}
