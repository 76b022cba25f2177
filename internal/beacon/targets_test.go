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
