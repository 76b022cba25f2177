package parse

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/internal/deal"
)

func TestFormerAccess(t *testing.T) {
	no := false
	tests := []struct {
		name, text string
		want       deal.FormerAccess
	}{
		{"nothing said", "[deal]\nowner = \"mara\"\n", deal.FormerAccess{Generation: 1}},
		{"all of it", `[person.ana]
name = "Ana Costa" # the owner

[access]
viewers = ["ana", "tom"]
passphrase = false
generation = 3

[access.viewer.tom]
generation = 2
expires = 2026-12-18

[person.tom]
title = "CFO"
name = 'Tom'

[buyer]
name = "access"
`, deal.FormerAccess{Generation: 3, Passphrase: &no, Viewers: map[string]uint32{"ana": 1, "tom": 2}, Names: map[string]string{"ana": "Ana Costa", "tom": "Tom"}}},
		{"other spellings of the headers", "[ \"access\" ]\nviewers = ['ana']\n[ access . viewer . \"ana\" ]\ngeneration = 4\n[person.'ana']\nname = \"Ana\"\n", deal.FormerAccess{Generation: 1, Viewers: map[string]uint32{"ana": 4}, Names: map[string]string{"ana": "Ana"}}},
		{"above all tables", "access.viewers = [\"ana\"]\nperson.ana.name = \"Ana\"\n", deal.FormerAccess{Generation: 1, Viewers: map[string]uint32{"ana": 1}, Names: map[string]string{"ana": "Ana"}}},
		{"within a text", "[value]\nsummary = \"\"\"\n[access]\nviewers = nobody\n\"\"\"\n[access]\nviewers = [\"ana\"]\n", deal.FormerAccess{Generation: 1, Viewers: map[string]uint32{"ana": 1}}},
		{"values of other kinds", "[access]\nviewers = [1, \"ana\", [\"tom\"]]\ngeneration = \"2\"\npassphrase = 1\n[access.viewer.ana]\ngeneration = -4\n", deal.FormerAccess{Generation: 1, Viewers: map[string]uint32{"ana": 1}}},
		{"one viewer", "[access]\nviewers = \"ana\"\n", deal.FormerAccess{Generation: 1, Viewers: map[string]uint32{"ana": 1}}},
		{"line ends of Windows", "[access]\r\nviewers = [\"ana\"]\r\n[buyer]\r\nname = \"x\"\r\n", deal.FormerAccess{Generation: 1, Viewers: map[string]uint32{"ana": 1}}},
		{"no table of access, but a mistake elsewhere", "[deal]\nowner = \n", deal.FormerAccess{Generation: 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, ok := FormerAccess(test.text)
			if !ok {
				t.Fatal("it was not read")
			}
			for _, m := range []*map[string]uint32{&test.want.Viewers, &got.Viewers} {
				if *m == nil {
					*m = map[string]uint32{}
				}
			}
			if test.want.Names == nil {
				test.want.Names = map[string]string{}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if _, ok := FormerAccess("[access]\nviewers = [\n"); ok {
		t.Error("what is no TOML was read")
	}
}
