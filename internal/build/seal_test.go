package build

import (
	"os"
	"slices"
	"strings"
	"testing"

	"portico/internal/seal"
)

// sealedDeals are the three, sealed, with a viewer each and a passphrase.
func sealedDeals(t testing.TB) *testSite {
	t.Helper()
	s := threeDeals(t)
	for _, id := range []string{"ash", "beech", "cedar"} {
		s.edit("content/"+id+"/deal.toml", "public = true", "viewers = [\"ana\"]")
	}
	return s
}

// edit replaces a text of a file, which must be there.
func (s *testSite) edit(name, old, new string) {
	s.t.Helper()
	text := s.read(name)
	if !strings.Contains(text, old) {
		s.t.Fatalf("%s holds no %q", name, old)
	}
	s.write(name, strings.Replace(text, old, new, 1))
}

// opened is a deal in public/ as the team opens it.
func (s *testSite) opened(id string, audiences ...[]string) *seal.Opened {
	s.t.Helper()
	key, err := testKey()
	if err != nil {
		s.t.Fatal(err)
	}
	o, err := seal.UnlockWithKey(os.DirFS(s.path("public/"+folderOf(s.t, id))), key, audiences...)
	if err == nil {
		err = o.Verify()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return o
}

func TestSealedBuild(t *testing.T) {
	s := sealedDeals(t)
	r := s.build()
	if !slices.Equal(r.Built, []string{"ash", "beech", "cedar"}) || len(r.Public) > 0 {
		t.Errorf("built %q, public %q", r.Built, r.Public)
	}
	t.Log(s.public().names())
	var paths []string
	for _, e := range s.opened("ash").Entries {
		paths = append(paths, e.Path+" "+e.Type)
	}
	t.Log(paths)
}
