package parse

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"sort"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"portico/internal/deal"
)

// unpacked are the files of an archive but its "want".
func unpacked(t testing.TB, file string) (*txtar.Archive, fstest.MapFS) {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range archive.Files {
		if f.Name != "want" {
			files[f.Name] = string(f.Data)
		}
	}
	return archive, site(files)
}

// TestWholeDeal reads a deal that gives every key. The fixture says into which
// field of the model each goes; no field may be left without a value.
func TestWholeDeal(t *testing.T) {
	file := filepath.Join("testdata", "whole", "deal.txtar")
	archive, files := unpacked(t, file)
	d, list := readFern(t, files)
	want(t, list)
	l := listOf(d.Deal)
	expected(t, file, archive, strings.Join(l.lines, "\n")+"\n")
	// What only the team and the library have, what this profile has not, what a
	// page with a title has not, and what only mistakes leave.
	l.complete(t, "Mistaken", "Pages.Heading", "People.Former", "Collateral.OfLibrary", "Profile.Limits", "Profile.Theme", "Profile.Stages.Internal", "Profile.Stages.InternalNote")
}

// TestWholeSite does the same for portico.toml and the library.
func TestWholeSite(t *testing.T) {
	file := filepath.Join("testdata", "whole", "site.txtar")
	archive, files := unpacked(t, file)
	s, list := readSite(t, files)
	want(t, list)
	l := listOf(s.Default())
	expected(t, file, archive, strings.Join(l.lines, "\n")+"\n")
	l.complete(t, "FontText", "FontDisplay", // of theme.toml alone
		"Access.Passphrase") // is false
	if s.Default().Access.Passphrase {
		t.Error("access.passphrase was not read")
	}
}

// TestDefaults says what stands for keys that are not given.
func TestDefaults(t *testing.T) {
	file := filepath.Join("testdata", "whole", "defaults.txtar")
	archive, files := unpacked(t, file)
	s, list := readSite(t, files)
	want(t, list)
	d, list := readDeal(t, s, "fern", below(files, "content/fern"))
	want(t, list)
	expected(t, file, archive, "# the site\n"+strings.Join(listOf(s.Default()).lines, "\n")+"\n# the deal\n"+strings.Join(listOf(d.Deal).lines, "\n")+"\n")
}

// fieldList is a value of the model, a field to a line.
type fieldList struct {
	lines []string
	// empty and filled are fields by their names, without indexes.
	empty, filled map[string]bool
}

func listOf(v any) *fieldList {
	l := &fieldList{empty: map[string]bool{}, filled: map[string]bool{}}
	l.add("", reflect.ValueOf(v))
	return l
}

// complete fails for fields that have a value nowhere.
func (l *fieldList) complete(t *testing.T, but ...string) {
	t.Helper()
	for _, name := range sorted(l.empty) {
		last := name[strings.LastIndexByte(name, '.')+1:]
		if !l.filled[name] && !slices.Contains(but, last) && !slices.Contains(but, name) {
			t.Errorf("%s has no value", name)
		}
	}
}

func (l *fieldList) add(path string, v reflect.Value) {
	switch x := v.Interface().(type) {
	case deal.Prose:
		l.leaf(path, x.Plain())
		return
	case deal.Date:
		l.leaf(path, x.Day.String())
		return
	case deal.Measure:
		if x.Change {
			l.leaf(path, fmt.Sprintf("change of %s, percent %v", x.String(), x.Percent))
			return
		}
		l.add(path, reflect.ValueOf(x.Number))
		return
	case deal.Number:
		text := ""
		if x.Set {
			text = x.String()
		}
		l.leaf(path, text)
		return
	case deal.FileKind: // the first of which is 0
		l.leaf(path, fmt.Sprint("kind ", x))
		return
	case *time.Location:
		l.leaf(path, x.String())
		return
	case fmt.Stringer:
		l.leaf(path, x.String())
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		l.add(path, v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				l.add(strings.TrimPrefix(path+"."+f.Name, "."), v.Field(i))
			}
		}
	case reflect.Slice:
		l.filled[unindexed(path)] = l.filled[unindexed(path)] || v.Len() > 0
		for i := range v.Len() {
			l.add(fmt.Sprintf("%s[%d]", path, i), v.Index(i))
		}
		if v.Len() == 0 {
			l.leaf(path, "")
		}
	case reflect.Map:
		keys := v.MapKeys()
		sort.Slice(keys, func(i, j int) bool { return fmt.Sprint(keys[i]) < fmt.Sprint(keys[j]) })
		for _, k := range keys {
			l.add(fmt.Sprintf("%s[%v]", path, k), v.MapIndex(k))
		}
		if len(keys) == 0 {
			l.leaf(path, "")
		}
	default:
		if v.IsZero() {
			l.leaf(path, "")
			return
		}
		l.leaf(path, fmt.Sprint(v.Interface()))
	}
}

// unindexed is a field's path without what is in brackets.
func unindexed(path string) string {
	for {
		before, rest, found := strings.Cut(path, "[")
		if !found {
			return path
		}
		_, after, _ := strings.Cut(rest, "]")
		path = before + after
	}
}

func (l *fieldList) leaf(path, value string) {
	name := unindexed(path)
	if value == "" {
		l.empty[name] = true
		return
	}
	l.filled[name] = true
	l.lines = append(l.lines, path+" = "+value)
}
