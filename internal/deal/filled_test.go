package deal

import (
	"fmt"
	"reflect"
	"testing"
)

// filled is a deal in which every field holds something: every list and map
// one entry, every text a piece that must be resolved, every string a marker
// of its own. Fields that are added later are filled as well.
func filled(t testing.TB) *Deal {
	t.Helper()
	d := &Deal{}
	n := 0
	fill(t, reflect.ValueOf(d).Elem(), &n)
	d.ID = "fern"
	d.Milestones[0].ID, d.Events[0].ID, d.Risks[0].ID = "m", "e", "r"
	d.People[0].ID, d.Collateral[0].ID = "p", "c"
	d.People[0].OfTeam, d.Collateral[0].OfLibrary = false, false
	d.Access.Viewer = map[string]ViewerAccess{"viewer": {}}
	d.Notes[0].File, d.Pages[0].File = "content/fern/notes/2026-11-14.md", "content/fern/pages/security.md"
	d.Own = map[string]bool{"seller.logo": true, "seller.logo_dark": true, "seller.confidentiality": true, "beacon.notice": true, "beacon.alert": true}
	return d
}

func fill(t testing.TB, v reflect.Value, n *int) {
	t.Helper()
	*n++
	switch v.Interface().(type) {
	case Prose:
		v.Set(reflect.ValueOf(Prose{Pieces: []Piece{{Kind: Mention, Name: fmt.Sprintf("text-%d", *n)}}}))
		return
	case File:
		v.Set(reflect.ValueOf(File{Path: fmt.Sprintf("collateral/file-%d.pdf", *n)}))
		return
	case Date, Number, Measure, Files, Place:
		return // nothing in them refers to anything
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("string-%d", *n))
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(t, v.Field(i), n)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(t, v.Index(0), n)
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(t, key, n)
		fill(t, value, n)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Bool, reflect.Int, reflect.Int32, reflect.Uint8, reflect.Uint16, reflect.Pointer:
		// Off, none and nobody: an internal thing is not shown.
	default:
		t.Fatalf("there is no filling a %s", v.Type())
	}
}

// eachField calls visit for every exported field within a struct, with its
// name from the outermost one on; visit says whether to look into it. Entries
// of maps cannot be changed and are left out.
func eachField(v reflect.Value, name string, visit func(name string, v reflect.Value) bool) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() {
				continue
			}
			full := f.Name
			if name != "" {
				full = name + "." + f.Name
			}
			if visit(full, v.Field(i)) {
				eachField(v.Field(i), full, visit)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if v.Index(i).Kind() != reflect.Struct || visit(name, v.Index(i)) {
				eachField(v.Index(i), name, visit)
			}
		}
	}
}
