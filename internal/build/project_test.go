package build

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portico/internal/deal"
)

func TestDealsAreFolders(t *testing.T) {
	s := threeDeals(t)
	s.write("content/_library/x.txt", "x")
	s.write("content/_templates/own/deal.toml", "x")
	s.write("content/.git/x", "x")
	s.write("content/README.md", "x")
	s.write("content/image.png", "x")
	s.write("content/stray.md", "x")
	s.write("content/stray.toml", "x")
	p := s.load()
	if diff := cmp.Diff([]string{"ash", "beech", "cedar"}, p.IDs); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"content/stray.md:1:1 warning unknown-file", "content/stray.toml:1:1 warning unknown-file"}, codes(p.Messages)); diff != "" {
		t.Error(diff)
	}
}

func TestSiteWithoutDeals(t *testing.T) {
	for name, do := range map[string]func(s *testSite){
		"no content":      func(*testSite) {},
		"nothing in it":   func(s *testSite) { s.write("content/.gitkeep", "") },
		"no assets or so": func(s *testSite) { s.write("content/_library/library.toml", "") },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, nil)
			do(s)
			r := s.build()
			if len(r.Built) != 0 || !s.exists("public/404.html") {
				t.Errorf("the result is %+v; public holds %q", r, s.public().names())
			}
		})
	}
}

// One deal's mistakes hide none of another's.
func TestMistakesOfAllDeals(t *testing.T) {
	s := threeDeals(t)
	for _, id := range []string{"ash", "cedar"} {
		s.write("content/"+id+"/deal.toml", "[deal]\nonwer = 1\n")
	}
	for _, jobs := range []int{1, 4} {
		s.opts.Jobs = jobs
		r, err := s.try("")
		if !errors.Is(err, ErrContent) {
			t.Fatal(err)
		}
		for _, id := range []string{"ash", "cedar"} {
			found := false
			for _, c := range codes(r.Messages) {
				found = found || c == "content/"+id+"/deal.toml:2:1 error unknown-key"
			}
			if !found {
				t.Errorf("nothing is said about %s: %q", id, codes(r.Messages))
			}
		}
	}
}

func TestCheckOfSome(t *testing.T) {
	s := threeDeals(t)
	s.write("content/ash/deal.toml", "nonsense")
	p := s.load()
	if list, err := p.Check(t.Context(), "beech"); err != nil || len(list) > 0 {
		t.Errorf("%v\n%s", err, said(list))
	}
	if list, err := p.Check(t.Context(), "ash"); err != nil || !list.Failed() {
		t.Errorf("%v\n%s", err, said(list))
	}
	if list, err := p.Check(t.Context()); err != nil || !list.Failed() {
		t.Errorf("%v\n%s", err, said(list))
	}
}

func TestUnknownDeal(t *testing.T) {
	s := threeDeals(t)
	var unknown *UnknownDeal
	if _, err := s.load().Check(t.Context(), "ceder"); !errors.As(err, &unknown) || err.Error() != `there is no deal "ceder" in content/; did you mean "cedar"?` {
		t.Errorf("the error is %v", err)
	}
	s.opts.Deals = []string{"ash", "oak"}
	if _, err := s.try(""); !errors.As(err, &unknown) || err.Error() != `there is no deal "oak" in content/` {
		t.Errorf("the error is %v", err)
	}
	s.opts.Deals = []string{"../ash"}
	if _, err := s.try(""); !errors.As(err, &unknown) {
		t.Errorf("the error is %v", err)
	}
}

func TestSiteThatIsNone(t *testing.T) {
	for name, do := range map[string]func(s *testSite){
		"not there":         func(s *testSite) { s.opts.Source = s.path("nowhere") },
		"a file":            func(s *testSite) { s.opts.Source = s.path("portico.toml") },
		"content is a file": func(s *testSite) { s.write("content", "a file") },
		"content is a link": func(s *testSite) { s.write("c/x", ""); symlink(s, "content", "c") },
		"assets is a link":  func(s *testSite) { s.write("c/x", ""); symlink(s, "assets", "c") },
		"layouts is a link": func(s *testSite) { s.write("c/x", ""); symlink(s, "layouts", "c") },
		"themes is a link":  func(s *testSite) { s.write("c/x", ""); symlink(s, "themes", "c") },
		"_library is a link": func(s *testSite) {
			s.write("c/x", "")
			s.write("content/x/y", "")
			symlink(s, "content/_library", "../c")
		},
		"_library is a file": func(s *testSite) { s.write("content/_library", "a file") },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, nil)
			do(s)
			if p, err := Load(s.opts); err == nil {
				p.Close()
				t.Error("there is no error")
			}
		})
	}
}

func symlink(s *testSite, name, to string) {
	s.t.Helper()
	if err := os.Symlink(to, s.path(name)); err != nil {
		s.t.Fatal(err)
	}
}

// What a build does is stopped by whoever asked for it.
func TestStop(t *testing.T) {
	stopped := errors.New("stopped")
	for name, jobs := range map[string]int{"one at a time": 1, "several": 4} {
		t.Run(name, func(t *testing.T) {
			s := threeDeals(t)
			s.opts.Jobs = jobs
			ctx, stop := context.WithCancelCause(t.Context())
			s.opts.Progress = func(done, _ int) {
				if done > 0 {
					stop(stopped)
				}
			}
			p := s.load()
			o, _, err := p.Output(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := o.WriteTo(ctx, ""); !errors.Is(err, stopped) && !errors.Is(err, context.Canceled) {
				t.Errorf("the error is %v", err)
			}
			if files := s.public(); len(files) > 0 {
				t.Errorf("public holds %q", files.names())
			}
		})
	}
}

func TestProgress(t *testing.T) {
	s := threeDeals(t)
	var calls, last, total atomic.Int64
	s.opts.Progress = func(done, of int) { calls.Add(1); last.Store(int64(done)); total.Store(int64(of)) }
	s.build()
	if calls.Load() < 4 || last.Load() != 3 || total.Load() != 3 {
		t.Errorf("after %d calls %d of %d were done", calls.Load(), last.Load(), total.Load())
	}
}

// A lock that somebody else has is waited for, and said once.
func TestWaiting(t *testing.T) {
	s := threeDeals(t)
	o := s.output()
	target, err := o.target("")
	if err != nil {
		t.Fatal(err)
	}
	unlock, err := target.lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	said := 0
	s.opts.Waiting = func(output string) {
		if said++; !strings.HasPrefix(output, s.path("public")) {
			t.Errorf("it waits for %s", output)
		}
		time.AfterFunc(200*time.Millisecond, unlock) // several tries later
	}
	s.build()
	if said != 1 {
		t.Errorf("it was said %d times", said)
	}
}

func TestWaitingEnds(t *testing.T) {
	s := threeDeals(t)
	o := s.output()
	target, err := o.target("")
	if err != nil {
		t.Fatal(err)
	}
	unlock, err := target.lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	stopped := errors.New("stopped")
	ctx, stop := context.WithCancelCause(t.Context())
	target.waiting = func(string) { stop(stopped) }
	if _, err := target.lock(ctx); !errors.Is(err, stopped) {
		t.Errorf("the error is %v", err)
	}
}

// Other outputs are no reason to wait, even of one site.
func TestOtherOutputsAreFree(t *testing.T) {
	s := threeDeals(t)
	o := s.output()
	target, err := o.target("")
	if err != nil {
		t.Fatal(err)
	}
	unlock, err := target.lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	s.opts.Waiting = func(output string) { t.Errorf("it waits for %s", output); unlock() }
	s.buildTo(filepath.Join(t.TempDir(), "out"))
}

func TestDatedByHistory(t *testing.T) {
	s := committed(t)
	s.write("content/cedar/pages/new.md", "# New\n") // not committed
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	summaries, err := s.output().Summaries(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		ID, Day, By string
		FromFiles   bool
	}
	var got []row
	for _, x := range summaries {
		got = append(got, row{x.ID, deal.DayIn(x.Changed, london).String(), x.By, x.FromFiles})
	}
	want := []row{
		{"ash", "2026-11-03", "Mara Lindqvist", false},
		{"beech", "2026-11-09", "Daniel Okafor", false},
		{"cedar", "2026-11-20", "", true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	r := s.build()
	if diff := cmp.Diff([]string{"cedar"}, r.FromFiles); diff != "" {
		t.Error(diff)
	}
}

func TestNoHistoryIsSaid(t *testing.T) {
	s := threeDeals(t)
	r := s.build()
	if r.NoHistory == "" || len(r.FromFiles) != 3 {
		t.Errorf("no history: %q; dated by files: %q", r.NoHistory, r.FromFiles)
	}
}

// A file that grew while it was read is not as it came through the door.
func TestFileThatChanges(t *testing.T) {
	s := threeDeals(t)
	o := s.output()
	f := o.deal("ash").files["ash/collateral/deck.pdf"]
	s.write("content/ash/collateral/deck.pdf", "%PDF of ash, and more")
	err := write(filepath.Join(t.TempDir(), "x"), f)
	if err == nil || !strings.Contains(err.Error(), "changed while it was read: build again") {
		t.Errorf("the error is %v", err)
	}
}

func TestForget(t *testing.T) {
	o := threeDeals(t).output()
	first, err := fs.ReadFile(o, "ash/index.html")
	if err != nil {
		t.Fatal(err)
	}
	o.Forget("ash")
	o.Forget("nothing")
	again, err := fs.ReadFile(o, "ash/index.html")
	if err != nil || string(first) != string(again) {
		t.Errorf("it is another page, %v", err)
	}
}
