package parse

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"portico/internal/deal"
	"portico/internal/diag"
	"portico/internal/need"
)

// documents are TOML in all its forms.
var documents = []struct{ name, toml string }{
	{"nothing", ""},
	{"a comment", "# nothing else"},
	{"keys of all kinds", "bare_key-1 = 1\n\"quoted key\" = 2\n'literal \"key\"' = 3\n\"\" = 4\n1234 = 5\n\"a.b\" = 6\n\"caf\\u00e9\" = 7\n\"ünder\" = 8\n"},
	{"dotted keys", "a.b.c = 1\na.b.d = 2\na . e = 3\n\"f g\".'h.i' = 4\n3.14 = 5\n"},
	{"dotted keys in a table", "[a]\nb.c = 1\nb.d.e = 2\n[f.g]\nh.i = 3\n"},
	{"texts", `a = "plain"
b = "escapes: \b \t \n \f \r \" \\ \u00e9 \U0001F600"
c = 'literal \n "quotes"'
d = ""
e = ''
f = "über # no comment"
`},
	{"texts over lines", "a = \"\"\"\nfirst\nsecond\"\"\"\nb = \"\"\"one \\\n   two\\\n\n   three\"\"\"\nc = '''\nliteral \\ 'quotes' \"more\"\n'''\nd = \"\"\"\"two quotes\"\" at the end\"\"\"\"\ne = \"\"\"\"\"\"\nf = '''''two'''''\n"},
	{"a text over lines that begins at once", "a = \"\"\"first\nsecond\n\"\"\"\n"},
	{"whole numbers", "a = 0\nb = +17\nc = -99\nd = 1_000_000\ne = 0xDEAD_beef\nf = 0o755\ng = 0b1101\nh = 9223372036854775807\ni = -9223372036854775808\nj = -0\n"},
	{"decimals", "a = 3.14\nb = +1.0\nc = -0.01\nd = 5e+22\ne = 1e06\nf = -2E-2\ng = 6.626e-34\nh = 224_617.445_991\ni = -0.0\n"},
	{"decimals that are none", "a = inf\nb = +inf\nc = -inf\nd = nan\ne = +nan\nf = -nan\n"},
	{"true and false", "a = true\nb = false\n"},
	{"days and times", "a = 1979-05-27T07:32:00Z\nb = 1979-05-27T00:32:00-07:00\nc = 1979-05-27 07:32:00.999999Z\nd = 1979-05-27T07:32:00\ne = 1979-05-27T00:32:00.5\nf = 1979-05-27\ng = 07:32:00\nh = 00:32:00.999999\ni = 2024-02-29\nj = 1979-05-27t07:32:00z\n"},
	{"days and times of TOML 1.1", "a = 1979-05-27T07:32Z\nb = 1979-05-27 07:32\nc = 07:32\n"},
	{"lists", "a = []\nb = [1, 2, 3,]\nc = [\"x\", 'y']\nd = [\n  1, # one\n  # two\n  2\n  ,\n]\ne = [[1, 2], [\"a\"], []]\nf = [1, \"two\", 3.0, true, 1979-05-27]\n"},
	{"tables in braces", "a = {}\nb = { x = 1, y = \"two\" }\nc = { x.y = 1, x.z = { w = [] } }\nd = [{ x = 1 }, { x = 2, y = 3 }]\ne = [\n  { title = \"One\", owner = \"ana\" },\n  { title = \"Two\" },\n]\n"},
	{"tables in braces over lines, as in TOML 1.1", "a = {\n  x = 1,\n  y = 2, # two\n}\nb = [\n  {\n    z = 3\n  },\n]\nc = { x = 1, }\n"},
	{"escapes of TOML 1.1", "a = \"\\e \\x41\"\n"},
	{"tables", "[a]\nx = 1\n[b.c]\ny = 2\n[b]\nz = 3\n[ d . \"e.f\" . 'g' ]\nw = 4\n[empty]\n"},
	{"tables out of order", "[person.ana]\nx = 1\n[deal]\ny = 2\n[person.ben]\nz = 3\n"},
	{"lists of tables", "[[a]]\nx = 1\n[[a]]\nx = 2\n[[a]]\n[b]\n[[b.c]]\ny = 1\n[[b.c]]\ny = 2\n"},
	{"lists of tables within each other", "[[a]]\nx = 1\n[a.t]\ny = 1\n[[a.s]]\nz = 1\n[[a.s]]\nz = 2\n[[a]]\nx = 2\n[[a.s]]\nz = 3\n"},
	{"a table whose inner ones come first", "[milestone.pilot.note]\nx = 1\n[[milestone.pilot.step]]\ny = 1\n[milestone.pilot]\nz = 2\n"},
	{"blanks everywhere", "  a  =  1  # x\n\n\t[ b ]\n\tc\t=\t[ 1 , 2 ]\t\n[[ d ]]\n"},
	{"no line feed at the end", "a = 1\n[b]\nc = \"x\""},
	{"text in many alphabets", "a = \"Größe – 大きさ – Ελλάδα – 😀\"\n[\"Ελλάδα\"]\nb = 'x'\n"},
	{"a dotted key that a header goes on with", "[a]\nb.c = 1\n[a.b]\nd = 1\n"},
}

// TestReadings holds the reading that knows places against BurntSushi's: of a
// document without mistakes both make the same.
func TestReadings(t *testing.T) {
	for _, d := range documents {
		t.Run(d.name, func(t *testing.T) {
			tree, ok := decoded(d.toml)
			if !ok {
				t.Fatal("BurntSushi takes this for no TOML")
			}
			sameReading(t, tree, d.toml)
		})
	}
	for _, pattern := range []string{"portico.toml", "content/*/deal.toml", "content/_library/library.toml"} {
		names, err := filepath.Glob(filepath.Join(need.Root(t), filepath.FromSlash(pattern)))
		if err != nil || len(names) == 0 {
			t.Fatalf("there is no %s: %v", pattern, err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			tree, ok := decoded(string(data))
			if !ok {
				t.Fatalf("%s is no TOML", name)
			}
			sameReading(t, tree, string(data))
		}
	}
}

// FuzzReading wants the same of any document that BurntSushi accepts, and of
// all others that reading them ends and stays within them.
func FuzzReading(f *testing.F) {
	for _, d := range documents {
		f.Add(d.toml)
	}
	for _, toml := range []string{"a = [\n", "[a\nb = 1\n", "a = \"x\nb = 2", "<<<<<<< a\n[b]\n=======\n[c]\n>>>>>>> d\n", "a = {b = 1\nc = 2\n", "a: 1\n", "[a.]\nb = 1\n", "a = 2026-11-31\n", "a = 1\n[a]\nb = 1\n[[a]]\n"} {
		f.Add(toml)
	}
	f.Fuzz(func(t *testing.T, text string) {
		source, _ := diag.NewSource("x.toml", []byte(text))
		r := read(source)
		// BurntSushi lets pass that a table made by a dotted key is given
		// again, which TOML forbids: a.b = 1, and then a = 2 or [a].
		again := slices.ContainsFunc(r.problems, func(f deal.Finding) bool {
			return f.Code == "duplicate-key" || f.Code == "duplicate-table"
		})
		if tree, ok := decoded(text); ok && !again {
			sameReading(t, tree, text)
			return
		}
		r.root.inside(t, source.Text)
		for _, p := range r.problems {
			if p.Offset < 0 || p.Length < 0 || p.Offset > len(source.Text) {
				t.Errorf("%s: %d and %d more of %d", p.Text, p.Offset, p.Length, len(source.Text))
			}
		}
	})
}

// decoded is the text as BurntSushi reads it, where it does.
func decoded(text string) (map[string]any, bool) {
	source, bad := diag.NewSource("x.toml", []byte(text))
	if len(bad) > 0 {
		return nil, false
	}
	tree := map[string]any{}
	_, err := toml.Decode(source.Text, &tree)
	return tree, err == nil
}

func sameReading(t *testing.T, tree map[string]any, text string) {
	t.Helper()
	source, _ := diag.NewSource("x.toml", []byte(text))
	r := read(source)
	for _, p := range r.problems {
		at := source.Position(p.Offset)
		t.Errorf("a mistake in a document that has none, at %d:%d: %s", at.Line, at.Column, p.Text)
	}
	if diff := cmp.Diff(meaning(tree), meaning(r.root.generic()), cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("the readings differ (-BurntSushi +this):\n%s\nof\n%s", diff, text)
	}
	r.root.inside(t, source.Text)
}

// meaning makes lists of tables plain lists, and dates what they mean: the
// second reading keeps their spelling.
func meaning(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := map[string]any{}
		for key, value := range v {
			m[key] = meaning(value)
		}
		return m
	case []map[string]any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = meaning(v[i])
		}
		return list
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = meaning(v[i])
		}
		return list
	case writtenDate:
		var one struct{ X any }
		if _, err := toml.Decode("x = "+string(v), &one); err != nil {
			return "no date: " + string(v)
		}
		return meaning(one.X)
	case time.Time:
		return v.Location().String() + " " + v.Format(time.RFC3339Nano)
	}
	return v
}

// inside wants a node and all below it to lie within the text, and what is
// said to be a string's content to be that.
func (n *node) inside(t *testing.T, text string) {
	t.Helper()
	for _, span := range []diag.Span{n.key, n.span, n.text} {
		if span.Start < 0 || span.Start > span.End || span.End > len(text) {
			t.Fatalf("%d to %d of %d bytes", span.Start, span.End, len(text))
		}
	}
	if s, ok := n.value.(string); ok && n.text.End > 0 && text[n.text.Start:n.text.End] != s {
		t.Errorf("the content of %q is %q", s, text[n.text.Start:n.text.End])
	}
	for _, child := range n.children {
		child.inside(t, text)
	}
	for _, item := range n.items {
		item.inside(t, text)
	}
}

// TestSpans looks up places of each kind in one document.
func TestSpans(t *testing.T) {
	const toml = `top = 1
[deal]
owner = "mara"
"quoted key" = 'x'
dotted.key = 2

[person.ana]
role = ["champion", "legal"]
lead = true

[[kpi]]
metric = "Answers"
[[kpi]]
metric = """
Über all
inboxes"""
target = "-20%"

[milestone.pilot]
step = [
  { title = "First", owner = ["ana", "mara"], note = { deep = 1 } },
  { title = "Se\u0063ond" },
]
nested = [["a"], []]
at = 15:00:00
empty = []
none = {}
`
	for _, test := range []struct {
		place deal.Place
		want  string // what is pointed at
	}{
		{deal.Place{Path: deal.At("top")}, "1"},
		{deal.Place{Path: deal.At("top"), Key: true}, "top"},
		{deal.Place{Path: deal.At("deal")}, "deal"},
		{deal.Place{Path: deal.At("deal", "owner")}, `"mara"`},
		{deal.Place{Path: deal.At("deal", "owner"), Key: true}, "owner"},
		{deal.Place{Path: deal.At("deal", "owner"), Offset: 1, Length: 2}, "ar"},
		{deal.Place{Path: deal.At("deal", "owner"), Offset: 3, Length: 9}, "a"},
		{deal.Place{Path: deal.At("deal", "owner"), Offset: 9, Length: 9}, ""},
		{deal.Place{Path: deal.At("deal", "owner", 0)}, `"mara"`},
		{deal.Place{Path: deal.At("deal", "owner", 1)}, "owner"},
		{deal.Place{Path: deal.At("deal", "quoted key")}, "'x'"},
		{deal.Place{Path: deal.At("deal", "quoted key"), Key: true}, `"quoted key"`},
		{deal.Place{Path: deal.At("deal", "dotted", "key")}, "2"},
		{deal.Place{Path: deal.At("deal", "missing")}, "deal"},
		{deal.Place{Path: deal.At("missing", "more")}, ""},
		{deal.Place{Path: deal.At("person", "ana")}, "person.ana"},
		{deal.Place{Path: deal.At("person", "ana", "role", 1)}, `"legal"`},
		{deal.Place{Path: deal.At("person", "ana", "role")}, `["champion", "legal"]`},
		{deal.Place{Path: deal.At("person", "ana", "role", 7)}, "role"},
		{deal.Place{Path: deal.At("person", "ana", "lead")}, "true"},
		{deal.Place{Path: deal.At("person", "ben", "name")}, "person"},
		{deal.Place{Path: deal.At("kpi", 1)}, "kpi"},
		{deal.Place{Path: deal.At("kpi", 1, "target")}, `"-20%"`},
		{deal.Place{Path: deal.At("kpi", 1, "metric"), Length: 5}, "Über"},
		{deal.Place{Path: deal.At("kpi", 1, "metric"), Offset: 10, Length: 7}, "inboxes"},
		{deal.Place{Path: deal.At("kpi", 0, "target")}, "kpi"},
		{deal.Place{Path: deal.At("milestone", "pilot", "step", 0, "owner", 1)}, `"mara"`},
		{deal.Place{Path: deal.At("milestone", "pilot", "step", 0, "title"), Key: true}, "title"},
		{deal.Place{Path: deal.At("milestone", "pilot", "step", 0, "note", "deep")}, "1"},
		{deal.Place{Path: deal.At("milestone", "pilot", "step", 1, "title"), Offset: 1, Length: 2}, `"Se\u0063ond"`},
		{deal.Place{Path: deal.At("milestone", "pilot", "nested", 0, 0)}, `[["a"], []]`},
		{deal.Place{Path: deal.At("milestone", "pilot", "nested", 1)}, `[["a"], []]`},
		{deal.Place{Path: deal.At("milestone", "pilot", "at")}, "15:00:00"},
		{deal.Place{Path: deal.At("milestone", "pilot", "empty")}, "[]"},
		{deal.Place{Path: deal.At("milestone", "pilot", "none")}, "{}"},
	} {
		source, _ := diag.NewSource("x.toml", []byte(toml))
		span := read(source).span(test.place)
		if got := source.Text[span.Start:span.End]; got != test.want {
			var steps []string
			for i := range test.place.Path.Len() {
				steps = append(steps, test.place.Path.Step(i))
			}
			t.Errorf("%s (key %v, %d+%d) points at %q, not %q", strings.Join(steps, "."), test.place.Key, test.place.Offset, test.place.Length, got, test.want)
		}
	}
}

// TestLargeNumbers reads the ends of what a number can be.
func TestLargeNumbers(t *testing.T) {
	source, _ := diag.NewSource("x.toml", []byte("a = 9223372036854775807\nb = 9223372036854775808\nc = 1.7976931348623157e308\nd = 1e309\n"))
	r := read(source)
	got := r.root.generic().(map[string]any)
	if diff := cmp.Diff(map[string]any{"a": int64(math.MaxInt64), "b": lost{}, "c": math.MaxFloat64, "d": lost{}}, got, cmp.AllowUnexported(lost{})); diff != "" {
		t.Error(diff)
	}
	if len(r.problems) != 2 || r.problems[0].Code != "bad-number" || r.problems[1].Code != "bad-number" {
		t.Errorf("problems are %v", r.problems)
	}
}
