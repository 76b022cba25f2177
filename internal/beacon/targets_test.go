package beacon

import (
	"maps"
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

func TestAddresses(t *testing.T) {
	for _, text := range []string{"http://127.0.0.1:8790\n", "http://[::1]:80", " http://127.9.9.9:1"} {
		if got, err := ParseAddress(text); err != nil || got != strings.TrimSpace(text) {
			t.Errorf("%q is the address %q: %v", text, got, err)
		}
	}
	for _, text := range []string{"", "http://", "127.0.0.1:8790", "https://127.0.0.1:8790", "http://localhost:8790", "http://127.0.0.1", "http://127.0.0.1:0", "http://192.0.2.1:80", "http://127.0.0.1:80/x", "http://127.0.0.1:80@seen.example", "http://127.0.0.1:080", "http://127.0.0.1:80; script-src *"} {
		if got, err := ParseAddress(text); err == nil {
			t.Errorf("%q is the address %q", text, got)
		}
	}
}
