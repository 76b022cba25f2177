package unseal

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"portico/internal/seal"
)

// A manifest that the reader let pass could still name no file outside.
func TestPathsAreCheckedAgain(t *testing.T) {
	for _, paths := range [][]string{{"../x"}, {"/etc/x"}, {"a//b"}, {`a\b`}, {"c:x"}, {"a/../../x"}, {"a", "A"}, {""}} {
		d := &Deal{Folder: "abc", Opened: &seal.Opened{}}
		for _, p := range paths {
			d.Entries = append(d.Entries, seal.Entry{Path: p})
		}
		dir := filepath.Join(t.TempDir(), "out")
		if err := Write(dir, []*Deal{d}, nil); err == nil || !strings.Contains(err.Error(), "the deal abc has") {
			t.Errorf("%q: %v", paths, err)
		}
		if left, err := os.ReadDir(filepath.Dir(dir)); err != nil || len(left) > 0 {
			t.Errorf("%q left %v, %v", paths, left, err)
		}
	}
}

func TestWeave(t *testing.T) {
	page := `<p id=r1></p><div class="x" ID="r2"></div>&amp; <!-- r3 --><b>`
	out, err := weave(strings.NewReader(page), map[string][]byte{"r1": []byte("<i>one</i>"), "r2": []byte("two")})
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(out)
	if want := `<p id=r1><i>one</i></p><div class="x" ID="r2">two</div>&amp; <!-- r3 --><b>`; err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := weave(strings.NewReader(page), map[string][]byte{"r3": nil}); err == nil || !strings.Contains(err.Error(), "places for 0 of its 1 parts") {
		t.Errorf("%v", err)
	}
}

func TestFind(t *testing.T) {
	site := fstest.MapFS{"public/index.html": {Data: []byte("<p>in the clear")}, "404.html": {}, "_/a.css": {}, "empty/x": {}}
	list, shared, err := Find(site)
	if err != nil || len(list) > 0 || shared == nil {
		t.Errorf("%v, %v, %v", list, shared, err)
	}
	site["bad/index.html"] = &fstest.MapFile{Data: []byte(`<meta name="portico-1" content="UE9SVElDTzE">`)}
	if _, _, err := Find(site); err == nil || !strings.HasPrefix(err.Error(), "bad: damaged") {
		t.Errorf("%v", err)
	}
}
