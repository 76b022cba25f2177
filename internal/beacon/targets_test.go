package beacon

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"portico/internal/seal"
)

func TestTargets(t *testing.T) {
	key, err := seal.NewTeamKey(strings.NewReader(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	parts := func(yield func(kind, id string) bool) {
		_ = yield("section", "plan") && yield("milestone", "plan") && yield("open", "x") && yield("gadget", "x") && yield("video", "tour")
	}
	here, there := Targets(key.Deal("northwind"), parts), Targets(key.Deal("meridian"), parts)
	got := map[Part]bool{}
	for target, p := range here {
		got[p] = true
		if p.Target(key.Deal("northwind")) != target || target == (Target{}) {
			t.Errorf("%v is reported as %v", p, target)
		}
		if _, same := there[target]; same {
			t.Errorf("%v is the same in two deals", p)
		}
	}
	want := map[Part]bool{{Section, "plan"}: true, {Milestone, "plan"}: true, {Video, "tour"}: true}
	if !maps.Equal(got, want) {
		t.Errorf("the parts are %v", got)
	}
}

func TestBeside(t *testing.T) {
	b := Beside{Address: "http://127.0.0.1:8790", Keys: []seal.KeyID{{1, 2, 3, 4}, {0xab}}}
	got, err := ParseBeside(b.Text())
	if err != nil || got.Address != b.Address || !slices.Equal(got.Keys, b.Keys) || !got.Knows(seal.KeyID{0xab}) || got.Knows(seal.KeyID{}) {
		t.Errorf("%q is %+v: %v", b.Text(), got, err)
	}
	for _, text := range []string{"http://127.0.0.1:8790\n", "http://[::1]:80", " http://127.9.9.9:1"} {
		if got, err := ParseBeside(text); err != nil || got.Address != strings.TrimSpace(text) || len(got.Keys) != 0 {
			t.Errorf("%q is %+v: %v", text, got, err)
		}
	}
	for _, text := range []string{"", "http://", "127.0.0.1:8790", "https://127.0.0.1:8790", "http://localhost:8790", "http://127.0.0.1", "http://127.0.0.1:0", "http://192.0.2.1:80", "http://127.0.0.1:80/x", "http://127.0.0.1:80@seen.example", "http://127.0.0.1:080", "http://127.0.0.1:80; script-src *",
		"http://127.0.0.1:80\n01020304", "http://127.0.0.1:80\nkey 010203", "http://127.0.0.1:80\nkey 0102030x", "http://127.0.0.1:80\n\nkey 01020304"} {
		if got, err := ParseBeside(text); err == nil {
			t.Errorf("%q is %+v", text, got)
		}
	}
}
