package deal

import (
	"slices"
	"testing"
)

func TestInitials(t *testing.T) {
	tests := []struct{ name, title, want string }{
		{"Priya Shah", "", "PS"},
		{"Priya", "", "P"},
		{"priya shah", "", "PS"},
		{"Dr. Priya Shah", "", "PS"},
		{"Prof. Dr. med. Priya Shah", "", "PS"},
		{"Priya Shah Jr.", "", "PS"},
		{"Jan van der Berg", "", "JB"},
		{"Ana-Sofía Ñúñez", "", "AÑ"},
		{"Élodie Ouellet", "", "ÉO"},
		{"çiğdem öztürk", "", "ÇÖ"},
		{"Seán O’Brien", "", "SO"},
		{"(Priya) \"Pri\" Shah", "", "PS"},
		{"山田 太郎", "", "山太"},
		{"Ольга Ивановна Петрова", "", "ОП"},
		{"  Priya   Shah  ", "", "PS"},
		{"Priya Shah 3", "", "PS"},
		{"", "Head of IT", "HI"},
		{"", "", "?"},
		{"42", "", "?"},
		{"Dr.", "", "?"},
	}
	for _, tt := range tests {
		if got := (&Person{Name: tt.name, Title: tt.title}).Initials(); got != tt.want {
			t.Errorf("%q, %q: %q, want %q", tt.name, tt.title, got, tt.want)
		}
	}
}

func TestCalled(t *testing.T) {
	tests := []struct{ name, title, want string }{
		{"Priya Shah", "Head of IT", "Priya Shah"},
		{"", "Head of IT", "Head of IT"},
		{"", "", ""},
	}
	for _, tt := range tests {
		if got := (&Person{Name: tt.name, Title: tt.title}).Called(); got != tt.want {
			t.Errorf("%q, %q: %q, want %q", tt.name, tt.title, got, tt.want)
		}
	}
}

func TestHas(t *testing.T) {
	p := &Person{Roles: []string{"champion", "legal"}}
	if !p.Has("champion") || !p.Has("legal") || p.Has("security") || p.Has("") {
		t.Error("roles are mixed up")
	}
}

func TestRolesAreNamedOnce(t *testing.T) {
	roles := Roles()
	slices.Sort(roles)
	if len(roles) != 13 || len(slices.Compact(roles)) != 13 {
		t.Errorf("there are %d roles: %v", len(roles), roles)
	}
}

func TestLookingUpByID(t *testing.T) {
	d := &Deal{
		People:     []Person{{ID: "ana"}, {ID: "mara"}},
		Milestones: []Milestone{{ID: "pilot"}, {ID: "go"}},
		Events:     []Event{{ID: "board"}},
		Collateral: []Collateral{{ID: "deck"}},
		Pages:      []Page{{Name: "security"}},
	}
	s := &Site{Team: []Person{{ID: "mara"}}, Library: Library{Collateral: []Collateral{{ID: "soc2"}}}}
	switch {
	case d.Person("mara") != &d.People[1], d.Person("nobody") != nil:
		t.Error("Person")
	case d.Milestone("go") != &d.Milestones[1], d.Milestone("board") != nil:
		t.Error("Milestone")
	case d.Event("board") != &d.Events[0], d.Event("pilot") != nil:
		t.Error("Event")
	case d.Item("deck") != &d.Collateral[0], d.Item("soc2") != nil:
		t.Error("Item")
	case d.Page("security") != &d.Pages[0], d.Page("none") != nil:
		t.Error("Page")
	case s.Member("mara") != &s.Team[0], s.Member("ana") != nil:
		t.Error("Member")
	case s.Library.Item("soc2") != &s.Library.Collateral[0], s.Library.Item("deck") != nil:
		t.Error("Library.Item")
	}
}

func TestEventDays(t *testing.T) {
	one := Event{Date: On(20777)}
	if one.First() != 20777 || one.Last() != 20777 {
		t.Errorf("an event of one day lasts from %s to %s", one.First(), one.Last())
	}
	several := Event{From: On(20777), To: On(20780)}
	if several.First() != 20777 || several.Last() != 20780 {
		t.Errorf("an event of several days lasts from %s to %s", several.First(), several.Last())
	}
}
