//go:build unix

package build

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"portico/internal/need"
	"portico/internal/sample"
)

// What holds for the program as a whole, in processes of its own.
func TestProgram(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "portico")
	build := exec.Command(need.Program(t, "go"), "build", "-o", program, "portico/cmd/portico")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Run("killed at any moment", func(t *testing.T) { testKilled(t, program) })
	t.Run("two at once", func(t *testing.T) { testTwoAtOnce(t, program) })
	t.Run("interrupted while it waits", func(t *testing.T) { testInterrupted(t, program) })
	t.Run("the same bytes anywhere", func(t *testing.T) { testSameBytes(t, program) })
}

// run is one build in a process of its own.
type run struct {
	program, site string
	args, env     []string
}

func (r run) command(t *testing.T) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(r.program, append([]string{"--source", r.site, "build", "--unsealed"}, r.args...)...)
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "CI=") }),
		"HOME="+filepath.Dir(r.program), "XDG_CONFIG_HOME=", "XDG_CACHE_HOME=")
	cmd.Env = append(cmd.Env, r.env...)
	return cmd
}

func (r run) do(t *testing.T) {
	t.Helper()
	if out, err := r.command(t).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// twoVersions is a site of sample deals, whose content and look are there
// twice: folders old and new beside it, and what a fresh build of each comes
// to.
type twoVersions struct {
	run
	t     *testing.T
	used  string
	fresh map[string]map[string]string // by version
}

func newTwoVersions(t *testing.T, program string, n int) *twoVersions {
	t.Helper()
	v := &twoVersions{run: run{program: program, site: filepath.Join(t.TempDir(), "site"), args: []string{"--date", "2026-11-21"}}, t: t, fresh: map[string]map[string]string{}}
	for _, version := range []string{"old", "new"} {
		if err := sample.Site(v.at(version), n); err != nil {
			t.Fatal(err)
		}
		other := []string{"#7a1f3d", "#1f3d7a", "#2540c8", "#c84025", "Customer", "Kunde"}
		if version == "old" {
			continue
		}
		err := filepath.WalkDir(v.at(version), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			switch path.Ext(name) {
			case ".toml":
				data = []byte(strings.NewReplacer(other...).Replace(string(data)))
			case ".md":
				data = append(data, "\nThe new version.\n"...)
			case ".pdf":
				if strings.HasSuffix(name, "report.pdf") { // the others stay
					data = append(data, "new"...)
				}
			}
			return os.WriteFile(name, data, 0o644)
		})
		if err != nil {
			t.Fatal(err)
		}
		// One deal is gone, and one file of a deal.
		for _, gone := range []string{"content/" + sample.ID(n-1), "content/" + sample.ID(0) + "/pages/page-3.md"} {
			if err := os.RemoveAll(filepath.Join(v.at(version), gone)); err != nil {
				t.Fatal(err)
			}
		}
	}
	old := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	for _, version := range []string{"old", "new"} {
		err := filepath.WalkDir(v.at(version), func(name string, _ fs.DirEntry, err error) error {
			return errors.Join(err, os.Chtimes(name, old, old))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(v.site, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, version := range []string{"old", "new"} {
		v.use(version)
		out := filepath.Join(t.TempDir(), "out")
		fresh := v.run
		fresh.args = append([]string{"--output", out}, v.args...)
		fresh.do(t)
		v.fresh[version] = treeOf(t, out).content()
	}
	if cmp.Equal(part(v.fresh["old"], "_"), part(v.fresh["new"], "_")) {
		t.Fatal("both versions have the same shared files; this test is about two")
	}
	return v
}

// at is where a version's files wait while the other is used.
func (v *twoVersions) at(version string) string {
	return filepath.Join(filepath.Dir(v.site), version)
}

// use a version: what is written by hand is exchanged, what was built stays.
func (v *twoVersions) use(version string) {
	v.t.Helper()
	if v.used == version {
		return
	}
	for _, name := range []string{"content", "portico.toml", "assets"} {
		if v.used != "" {
			if err := os.Rename(filepath.Join(v.site, name), filepath.Join(v.at(v.used), name)); err != nil {
				v.t.Fatal(err)
			}
		}
		if err := os.Rename(filepath.Join(v.at(version), name), filepath.Join(v.site, name)); err != nil {
			v.t.Fatal(err)
		}
	}
	v.used = version
}

func (v *twoVersions) public() string { return filepath.Join(v.site, "public") }

// whole wants every deal's folder to be of one version, and everything that a
// page names to be there.
func (v *twoVersions) whole() {
	v.t.Helper()
	public := treeOf(v.t, v.public())
	content := public.content()
	for name, n := range public {
		if n.info.IsDir() && !strings.Contains(name, "/") && name != "_" {
			is := part(content, name)
			if !cmp.Equal(is, part(v.fresh["old"], name)) && !cmp.Equal(is, part(v.fresh["new"], name)) {
				v.t.Errorf("%s is of no version; it holds %q", name, public.under(name).names())
			}
		}
	}
	for name, data := range content {
		if path.Ext(name) != ".html" {
			continue
		}
		for _, link := range linksOf(v.t, data) {
			u, err := url.Parse(link)
			if err != nil || u.IsAbs() || u.Path == "" {
				continue
			}
			to := path.Join(path.Dir(name), u.Path)
			if strings.HasPrefix(u.Path, "/") {
				to = u.Path[1:]
			}
			n, ok := public[to]
			if ok && n.info.IsDir() {
				_, ok = public[to+"/index.html"]
			}
			if !ok {
				v.t.Errorf("%s names %s, which is not there", name, link)
			}
		}
	}
}

// linksOf a page are the addresses that it names.
func linksOf(t *testing.T, page string) []string {
	t.Helper()
	var links []string
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		switch z.Next() {
		case html.ErrorToken:
			if len(links) == 0 {
				t.Error("a page names nothing")
			}
			return links
		case html.StartTagToken, html.SelfClosingTagToken:
			for _, a := range z.Token().Attr {
				if a.Key == "href" || a.Key == "src" || a.Key == "poster" {
					links = append(links, a.Val)
				}
			}
		}
	}
}

// kills is how many builds are killed at random moments, and inCommit how many
// of them, besides, while they put things in place.
func kills() (random, inCommit int) {
	if need.Long() {
		return 200, 20
	}
	return 40, 8
}

// A build that is killed leaves a site that opens whole, whatever the moment;
// the next one ends what it began.
func testKilled(t *testing.T, program string) {
	v := newTwoVersions(t, program, 8)
	v.use("old")
	began := time.Now()
	v.do(t)
	usual := time.Since(began)
	seed := uint64(time.Now().UnixNano())
	t.Logf("a build takes %s; the seed is %d", usual.Round(time.Millisecond), seed)
	random := rand.New(rand.NewPCG(seed, 0))
	versions := []string{"new", "old"}
	kills, inCommit := kills()
	var builds, killed, journals int
	kill := func(wait func()) (ended bool) {
		v.use(versions[builds%2])
		builds++
		cmd := v.command(t)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		wait()
		_ = cmd.Process.Signal(syscall.SIGKILL) // it may have ended by itself
		ended = cmd.Wait() == nil
		if !ended {
			killed++
		}
		if _, err := os.Stat(filepath.Join(v.site, stateDir, journalName)); err == nil {
			journals++
		}
		v.whole()
		if t.Failed() {
			t.Fatalf("after build %d", builds)
		}
		return ended
	}
	// How long a build takes depends on what else the machine does.
	for longest := usual; killed < kills && builds < 3*kills; {
		if kill(func() { time.Sleep(time.Duration(random.Int64N(int64(longest)))) }) {
			longest = longest * 9 / 10
		} else {
			longest = longest * 41 / 40
		}
	}
	t.Logf("%d of %d builds were killed, %d of them while they put things in place", killed, builds, journals)
	if killed < kills {
		t.Error("too few for this to mean anything")
	}
	// A commit is short: wait for it to begin.
	journals = 0
	for i := 0; i < 10*inCommit && journals < inCommit; i++ {
		kill(func() {
			for end := time.Now().Add(10 * usual); time.Now().Before(end); {
				if _, err := os.Stat(filepath.Join(v.site, stateDir, journalName)); err == nil {
					time.Sleep(time.Duration(random.Int64N(int64(3 * time.Millisecond))))
					return
				}
			}
		})
	}
	if journals == 0 {
		t.Error("none was killed while it put things in place")
	}
	for _, version := range versions {
		v.use(version)
		v.do(t)
		if diff := cmp.Diff(v.fresh[version], treeOf(t, v.public()).content()); diff != "" {
			t.Errorf("%s: %s", version, diff)
		}
	}
	if left := treeOf(t, filepath.Join(v.site, stateDir, "stage")); len(left) > 0 {
		t.Errorf("left %q in the stage", left.names())
	}
	if _, err := os.Stat(filepath.Join(v.site, stateDir, journalName)); err == nil {
		t.Error("the journal is left")
	}
}

func testTwoAtOnce(t *testing.T, program string) {
	site := filepath.Join(t.TempDir(), "site")
	if err := sample.Site(site, 3); err != nil {
		t.Fatal(err)
	}
	site, err := filepath.EvalSymlinks(site)
	if err != nil {
		t.Fatal(err)
	}
	r := run{program: program, site: site}
	_, unlock, wait := waiting(t, r)
	unlock()
	if said, err := wait(); err != nil || strings.Contains(said, "waiting") {
		t.Errorf("it says %q, and ends with %v", said, err)
	}
	// Several that begin together all end well, and one after the other.
	var all []*exec.Cmd
	for range 4 {
		cmd := r.command(t)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		all = append(all, cmd)
	}
	for _, cmd := range all {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	fresh := filepath.Join(t.TempDir(), "out")
	r.args = []string{"--output", fresh}
	r.do(t)
	if diff := cmp.Diff(treeOf(t, fresh).content(), treeOf(t, filepath.Join(site, "public")).content()); diff != "" {
		t.Error(diff)
	}
}

func testInterrupted(t *testing.T, program string) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			site := filepath.Join(t.TempDir(), "site")
			if err := sample.Site(site, 1); err != nil {
				t.Fatal(err)
			}
			cmd, unlock, wait := waiting(t, run{program: program, site: site})
			defer unlock()
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			said, err := wait()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != 1 {
				t.Errorf("it ends with %v", err)
			}
			if said != "portico: interrupted; nothing was changed\n" {
				t.Errorf("it says %q", said)
			}
			if files := treeOf(t, filepath.Join(site, "public")); len(files) > 0 {
				t.Errorf("public holds %q", files.names())
			}
		})
	}
}

// The same source gives the same bytes on any machine, in any folder, on any
// day.
func testSameBytes(t *testing.T, program string) {
	base := committed(t)
	base.write("portico.toml", sellerTOML+"[person.daniel]\ntitle = \"SA\"\n[person.ruth]\ntitle = \"CS\"\n")
	for i := range 4 {
		if err := sample.Deal(base.path("content/"+sample.ID(i)), i); err != nil {
			t.Fatal(err)
		}
		base.commit(time.Date(2026, 11, 10+i, 23, 30, 0, 0, time.UTC), "Ruth Amsel")
	}
	base.opts.AsOf, base.opts.Clear = 0, true
	base.build()
	want := base.public().content()
	tests := []struct {
		name string
		env  []string
		args []string
		mask int
	}{
		{"plainly", nil, nil, 0o022},
		{"far in the east", []string{"TZ=Pacific/Kiritimati"}, nil, 0o022},
		{"far in the west", []string{"TZ=Pacific/Pago_Pago"}, nil, 0o022},
		{"without time zones", []string{"TZ=", "ZONEINFO=/nowhere"}, nil, 0o022},
		{"in German", []string{"LANG=de_DE.UTF-8", "LC_ALL=de_DE.UTF-8", "LANGUAGE=de"}, nil, 0o022},
		{"in no language", []string{"LANG=C", "LC_ALL=C"}, nil, 0o022},
		{"in Turkish", []string{"LANG=tr_TR.UTF-8", "LC_ALL=tr_TR.UTF-8"}, nil, 0o022},
		{"one deal at a time", nil, []string{"--jobs", "1"}, 0o022},
		{"four at a time", nil, []string{"--jobs", "4"}, 0o022},
		{"on one processor", []string{"GOMAXPROCS=1"}, nil, 0o022},
		{"on four", []string{"GOMAXPROCS=4"}, nil, 0o022},
		{"with a mask", nil, nil, 0o077},
		{"without one", nil, nil, 0},
		{"with no place for a cache", []string{"HOME=/dev/null"}, nil, 0o022},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			site := filepath.Join(t.TempDir(), "a folder with a longer name", "site")
			if err := os.MkdirAll(site, 0o755); err != nil {
				t.Fatal(err)
			}
			(&testSite{t: t, dir: site}).git(need.Program(t, "git"), nil, "clone", "-q", base.dir, ".")
			old := syscall.Umask(test.mask)
			run{program: program, site: site, args: test.args, env: append(test.env, "GIT_CONFIG_GLOBAL=/dev/null")}.do(t)
			syscall.Umask(old)
			if diff := cmp.Diff(want, treeOf(t, filepath.Join(site, "public")).content()); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, now := range []time.Time{time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2099, 12, 31, 23, 59, 59, 0, time.UTC)} {
		t.Run("on "+now.Format(time.DateOnly), func(t *testing.T) {
			s := *base
			s.t = t
			s.opts.Now = func() time.Time { return now }
			out := filepath.Join(t.TempDir(), "out")
			s.buildTo(out)
			if diff := cmp.Diff(want, treeOf(t, out).content()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// waiting is a build that waits for a lock which this process has. wait tells
// how it ended and what else it said.
func waiting(t *testing.T, r run) (cmd *exec.Cmd, unlock func(), wait func() (string, error)) {
	t.Helper()
	public := filepath.Join(r.site, "public")
	if err := os.MkdirAll(public, 0o755); err != nil {
		t.Fatal(err)
	}
	// Where the program keeps its locks, below the folder that it is told is
	// its user's home.
	unlock, err := (&target{dir: public, lockDir: filepath.Join(filepath.Dir(r.program), ".cache", "portico")}).lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cmd = r.command(t)
	pipe, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewReader(pipe)
	line, err := said.ReadString('\n')
	if want := fmt.Sprintf("waiting for another build of %s (process %d) to end\n", public, os.Getpid()); line != want {
		t.Errorf("it says %q, not %q: %v", line, want, err)
	}
	return cmd, unlock, func() (string, error) {
		rest, err := io.ReadAll(said)
		return string(rest), errors.Join(cmd.Wait(), err)
	}
}
