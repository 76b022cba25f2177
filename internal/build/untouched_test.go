package build

import (
	"path/filepath"
	"testing"
	"time"
)

// What was put in place a moment ago gets its shape from the next build, which
// finds it as it was.
func TestPlacedGetsItsShape(t *testing.T) {
	s := threeDeals(t)
	s.opts.KeyFile, s.opts.Program = filepath.Join(t.TempDir(), "key"), "the test"
	kept := func() map[string]placed {
		p, err := Load(s.opts)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		o, _, err := p.Output(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		target, err := o.target("")
		if err != nil {
			t.Fatal(err)
		}
		return p.placedIn(target)
	}
	above, err := openFolder(s.dir)
	if err != nil || !above.tells() {
		t.Skip("this file system's folders do not tell what is put into them")
	}
	defer above.close()
	for i := 0; ; i++ {
		if _, err := s.try(""); err != nil {
			t.Fatal(err)
		}
		missing := 3
		for _, k := range kept() {
			if k.Shape != (shape{}) {
				missing--
			}
		}
		if missing == 0 {
			return
		}
		if i == 5 {
			t.Fatalf("%d of 3 deals have no shape", missing)
		}
		time.Sleep(2 * clockStep)
	}
}
