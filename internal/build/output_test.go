package build

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"portico/internal/deal"
)

// Nothing comes into the output but through this door.
func TestDoor(t *testing.T) {
	public, sealed := &deal.Deal{ID: "ash"}, &deal.Deal{ID: "ash"}
	public.Access.Public = true
	tests := []struct {
		name  string
		deal  *deal.Deal
		clear bool
		file  string
		want  State // 0 is refused
	}{
		{"a public deal", public, false, "ash/index.html", Public},
		{"a public deal in a clear run", public, true, "ash/index.html", Public},
		{"another deal in a clear run", sealed, true, "ash/index.html", Clear},
		{"another deal", sealed, false, "ash/index.html", 0},
		{"a file of the site", nil, false, "_/style.css", Site},
		{"a page of the site", nil, false, "404.html", Site},
		{"another deal's folder", public, true, "beech/index.html", 0},
		{"a folder that begins alike", public, true, "ash-trees/index.html", 0},
		{"beside the deals", public, true, "index.html", 0},
		{"the deal's folder itself", public, true, "ash", 0},
		{"the deal's folder, spelt as a file", public, true, "ash/", 0},
		{"the shared folder", public, true, "_/style.css", 0},
		{"up and into another", public, true, "ash/../beech/index.html", 0},
		{"up and out", public, true, "ash/../../x", 0},
		{"an absolute path", public, true, "/ash/index.html", 0},
		{"a dot", public, true, "ash/./index.html", 0},
		{"an empty name", public, true, "", 0},
		{"an empty part", public, true, "ash//index.html", 0},
		{"a file of the site, above", nil, false, "../x", 0},
		{"a file of the site, nowhere", nil, false, "", 0},
		{"a file of the site, everywhere", nil, false, ".", 0},
		{"a file of the site in a deal's folder", nil, false, "ash/index.html", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := &Output{project: &Project{opts: Options{Clear: test.clear}}}
			f, err := o.admit(test.deal, test.file, File{data: []byte("x"), size: 1, state: Public, name: "forged"})
			if test.want == 0 {
				if err == nil || f != nil {
					t.Fatalf("it was let in as %+v", f)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if f.state != test.want || f.name != test.file {
				t.Errorf("it came in as %q, %d", f.name, f.state)
			}
		})
	}
}

// What was staged and came through no door stops a build.
func TestProof(t *testing.T) {
	for name, forge := range map[string]func(files map[string]*File, s *testSite, stage string){
		"a file that nobody admitted": func(files map[string]*File, _ *testSite, _ string) {
			files["ash/x.html"] = &File{name: "ash/x.html", data: []byte("x"), size: 1}
		},
		"a file that was not in the output": func(_ map[string]*File, _ *testSite, stage string) {
			place(t, stage, []string{"new/ash/x.html"}, "x")
		},
		"a file that is missing": func(files map[string]*File, _ *testSite, _ string) {
			files["ash/y.html"] = &File{name: "ash/y.html", state: Public}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := threeDeals(t)
			o := s.output()
			w := s.writer(o)
			d := o.deal("ash")
			files := d.files
			if name == "a file that nobody admitted" {
				forge(files, s, w.stage)
			}
			if _, err := w.stageFolder("ash", files); err != nil {
				t.Fatal(err)
			}
			if name != "a file that nobody admitted" {
				forge(files, s, w.stage)
			}
			if err := w.prove(d); err == nil || !strings.Contains(err.Error(), "internal error") {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

func TestOutputIsFS(t *testing.T) {
	s := threeDeals(t)
	s.write("content/dogwood/deal.toml", strings.Replace(planOf("Dogwood", ""), "profile", "status = \"lost\"\nprofile", 1))
	s.write("content/elm/deal.toml", strings.Replace(planOf("Elm", ""), "public = true", "", 1))
	err := fstest.TestFS(s.output(), "404.html", "index.html", "robots.txt", ".nojekyll", "_", "ash/index.html", "ash/tokens.css", "ash/pages/more.html", "beech/collateral/deck.pdf", "cedar/index.html",
		folderOf(t, "elm")+"/index.html", folderOf(t, "elm")+"/o")
	if err != nil {
		t.Error(err)
	}
}

// A host of files serves what a build writes: the same names, the same bytes.
func TestOutputIsWhatIsWritten(t *testing.T) {
	s := threeDeals(t)
	s.build()
	got := map[string]string{}
	o := s.output()
	err := fs.WalkDir(o, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(o, name)
		got[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s.public().content(), got); diff != "" {
		t.Error(diff)
	}
}

func TestOutputHasNoOther(t *testing.T) {
	s := threeDeals(t)
	s.write("content/dogwood/deal.toml", strings.Replace(planOf("Dogwood", ""), "profile", "status = \"lost\"\nprofile", 1))
	s.write("content/elm/deal.toml", strings.Replace(planOf("Elm", ""), "public = true", "", 1))
	s.write("content/fir/deal.toml", "nonsense")
	o := s.output()
	for _, name := range []string{
		"ash/deal.toml", "ash/pages/more.md", "ash/collateral", "ash/../beech/index.html", "dogwood", "dogwood/index.html", "elm", "elm/index.html", "elm/collateral/deck.pdf",
		"fir", "fir/index.html", "grove/index.html", "portico.toml", "_/nothing.css", "_x", "", "/", "/ash/index.html", "ash/", "ash/index.html/", "../portico.toml", "ash/index.html/x",
	} {
		f, err := o.Open(name)
		if name == "ash/collateral" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err == nil {
			t.Errorf("%q opens", name)
			_ = f.Close()
			continue
		}
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("%q: the error is %v", name, err)
		}
		if list, err := o.ReadDir(name); err == nil {
			t.Errorf("%q lists %v", name, list)
		}
	}
}

func TestOutputCanSeek(t *testing.T) {
	o := threeDeals(t).output()
	for _, name := range []string{"ash/index.html", "ash/collateral/deck.pdf", "robots.txt"} {
		f, err := o.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		seeker, ok := f.(io.Seeker)
		if !ok {
			t.Fatalf("%s cannot be read in any order", name)
		}
		if _, err := seeker.Seek(-4, io.SeekEnd); err != nil {
			t.Fatal(err)
		}
		if end, err := io.ReadAll(f); err != nil || !bytes.Equal(end, whole[len(whole)-4:]) {
			t.Errorf("%s ends in %q: %v", name, end, err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A preview answers several requests at once.
func TestOutputAtOnce(t *testing.T) {
	s := threeDeals(t)
	s.write("themes/own/theme.toml", "[theme]\ncolor = \"#123456\"\n")
	s.write("content/ash/deal.toml", strings.Replace(planOf("Ash", ""), "profile", "theme = \"own\"\nprofile", 1))
	o := s.output()
	var all sync.WaitGroup
	for range 4 {
		for _, id := range []string{"ash", "beech", "cedar"} {
			all.Go(func() {
				if _, err := fs.ReadFile(o, id+"/index.html"); err != nil {
					t.Error(err)
				}
				if _, err := fs.ReadDir(o, "."); err != nil {
					t.Error(err)
				}
				if _, err := o.Index(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
}

// Two things that a deal publishes cannot lie in one place: one would be shown
// in the place of the other.
func TestOneFileAPlace(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		toml  string
	}{
		{"a folder called as the library's", map[string]string{"content/ash/library/soc2.pdf": "the deal's", "content/_library/soc2.pdf": "the library's"},
			"[collateral.a]\nfile = \"library/soc2.pdf\"\n[collateral.b]\nfile = \"library:soc2.pdf\"\n"},
		{"a folder called alike, in other letters", map[string]string{"content/ash/Library/soc2.pdf": "the deal's", "content/_library/soc2.pdf": "the library's"},
			"[collateral.a]\nfile = \"library:soc2.pdf\"\n[collateral.b]\nfile = \"Library/soc2.pdf\"\n"},
		{"a text in such a folder", map[string]string{"content/ash/library/a.md": "# A", "content/_library/a.md": "# B"},
			"[collateral.a]\nfile = \"library/a.md\"\n[collateral.b]\nfile = \"library:a.md\"\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newSite(t, test.files)
			s.write("content/ash/deal.toml", planOf("Ash", test.toml))
			r, err := s.try("")
			if !errors.Is(err, ErrContent) {
				t.Fatalf("the error is %v; public holds %q", err, s.public().names())
			}
			if diff := cmp.Diff([]string{"content/ash/deal.toml:29:8 error name-clash"}, codes(r.Messages)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLastDay(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	auckland, err := time.LoadLocation("Pacific/Auckland")
	if err != nil {
		t.Fatal(err)
	}
	last := deal.DayOf(2026, 11, 21)
	tests := []struct {
		name string
		now  time.Time
		asOf deal.Day
		deal record
		want string
	}{
		{"no last day", time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC), 0, record{zone: london}, ""},
		{"before it", time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), 0, record{zone: london, Expires: last}, ""},
		{"its last minute", time.Date(2026, 11, 21, 23, 59, 59, 0, time.UTC), 0, record{zone: london, Expires: last}, ""},
		{"the minute after", time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), 0, record{zone: london, Expires: last}, LeftExpired},
		{"after it where the deal is", time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC), 0, record{zone: auckland, Expires: last}, LeftExpired},
		{"on the day that was asked for", time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC), deal.DayOf(2026, 11, 21), record{zone: london, Expires: last}, ""},
		{"after the day that was asked for", time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), deal.DayOf(2026, 11, 22), record{zone: london, Expires: last}, LeftExpired},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := &Output{project: &Project{opts: Options{Clear: true, AsOf: test.asOf, Now: func() time.Time { return test.now }}}}
			if got := o.leaveOut(&test.deal); got != test.want {
				t.Errorf("left out: %q, not %q", got, test.want)
			}
		})
	}
}

func TestContentType(t *testing.T) {
	for name, want := range map[string]string{
		"ash/index.html": "text/html; charset=utf-8", "_/style-X.css": "text/css; charset=utf-8", "_/script-X.js": "text/javascript; charset=utf-8",
		"_/icon-X.svg": "image/svg+xml", "_/text-X.woff2": "font/woff2", "a/deck.PDF": "application/pdf", "a/tour.mp4": "video/mp4", "a/tour.vtt": "text/vtt; charset=utf-8",
		"a/table.csv": "text/csv; charset=utf-8", "robots.txt": "text/plain; charset=utf-8", "a/x.html.bin": "application/octet-stream", "a/x": "application/octet-stream",
		"a/x.xml": "application/octet-stream", "a/x.docx": "application/octet-stream", ".nojekyll": "application/octet-stream", "a/photo.JPG": "image/jpeg",
	} {
		if got := ContentType(name); got != want {
			t.Errorf("%s (%s) is %q, not %q", name, path.Ext(name), got, want)
		}
	}
}
