//go:build linux

package main

import "testing"

// A few of the cuts that `make torture` makes: what was acknowledged survives
// them, and without syncing it does not.
func TestPowerCuts(t *testing.T) {
	r := run{cuts: 40}
	if said, err := r.power(t.TempDir()); err != nil {
		t.Error(said, err)
	}
}

func TestDiskKeepsWhatWasSynced(t *testing.T) {
	ops := []op{{file: "a", kind: wrote, data: []byte("synced")}, {file: "a", kind: synced}, {file: "a", kind: wrote, at: 1000, data: []byte("torn")}, {file: "b", kind: wrote, data: []byte("b")}, {file: "b", kind: synced}, {file: "b", kind: deleted}}
	lengths := map[int]bool{}
	for range 50 {
		files := disk(ops)
		if string(files["a"][:6]) != "synced" || files["b"] != nil {
			t.Fatalf("%q", files)
		}
		lengths[len(files["a"])] = true
	}
	if len(lengths) != 2 {
		t.Errorf("what was not synced is always there, or never: %v", lengths)
	}
}
