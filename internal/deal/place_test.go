package deal

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func steps(p Path) []string {
	var all []string
	for i := range p.Len() {
		all = append(all, p.Step(i))
	}
	return all
}

func TestPath(t *testing.T) {
	tests := []struct {
		name string
		path Path
		want []string
	}{
		{"none", At(), nil},
		{"names and indexes", At("milestone", "pilot", "step", 0, "owner", 12), []string{"milestone", "pilot", "step", "0", "owner", "12"}},
		{"what is deeper is found at its parent", At("a", "b", "c", "d", "e", "f", "g", "h", "i", "j"), []string{"a", "b", "c", "d", "e", "f", "g", "h"}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, steps(tt.path)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// A place that was narrowed leaves the one it came from as it was.
func TestPlacesAreValues(t *testing.T) {
	table := Place{File: "deal.toml"}.Of("milestone", "pilot")
	owner, due := table.Of("owner", 1), table.Of("due").Part(3, 4)
	for place, want := range map[Place]string{table: "deal.toml milestone.pilot", owner: "deal.toml milestone.pilot.owner.1", due: "deal.toml milestone.pilot.due 3+4"} {
		if got := placed(place); got != want {
			t.Errorf("it is %q, want %q", got, want)
		}
	}
}
