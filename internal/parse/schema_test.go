package parse

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"portico/internal/need"
)

// schemaFiles are those that have a JSON Schema.
var schemaFiles = []string{"deal.toml", "portico.toml"}

// schemaTree is a schema as a program reads it that knows nothing of ours.
func schemaTree(t testing.TB, file string) map[string]any {
	t.Helper()
	data, err := Schema(file)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return tree.(map[string]any)
}

// compiled is a schema that can be held against a file. Compiling fails where
// it is no schema of the draft that it names.
func compiled(t testing.TB, file string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	if err := c.AddResource(file, schemaTree(t, file)); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(file)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asJSON is a TOML file as an editor hands it to a validator: days and times
// are texts.
func asJSON(t testing.TB, text string) any {
	t.Helper()
	tree := map[string]any{}
	if _, err := toml.Decode(text, &tree); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return jsonOf(tree)
}

func jsonOf(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := map[string]any{}
		for key := range v {
			m[key] = jsonOf(v[key])
		}
		return m
	case []map[string]any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = jsonOf(v[i])
		}
		return list
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = jsonOf(v[i])
		}
		return list
	case time.Time:
		switch v.Location().String() {
		case "date-local":
			return v.Format("2006-01-02")
		case "time-local":
			return v.Format("15:04:05")
		}
		return v.Format(time.RFC3339)
	}
	return v
}

// TestSchemaIsASchema wants the draft that editors of TOML know, and a schema
// that keeps to it.
func TestSchemaIsASchema(t *testing.T) {
	for _, file := range schemaFiles {
		t.Run(file, func(t *testing.T) {
			s := compiled(t, file)
			if s.DraftVersion != 7 {
				t.Errorf("the draft is %d, want 7", s.DraftVersion)
			}
			data, err := Schema(file)
			if err != nil {
				t.Fatal(err)
			}
			if again, err := Schema(file); err != nil || !bytes.Equal(data, again) {
				t.Errorf("a second time it is another: %v", err)
			}
			if !bytes.HasSuffix(data, []byte("}\n")) {
				t.Error("it does not end with its line")
			}
		})
	}
}

// TestSchemaPatterns wants patterns that JavaScript reads as Go does, since an
// editor's validator is no Go program, and no range up to a sign that looks
// like a hyphen.
func TestSchemaPatterns(t *testing.T) {
	odd := regexp.MustCompile(`\(\?[^:]|\\[AzQEpPxa]|\[\[:|-[^\x00-\x7f]`)
	seen := 0
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if p, ok := v["pattern"].(string); ok {
				seen++
				if !strings.HasPrefix(p, "^") || odd.MatchString(p) {
					t.Errorf("the pattern %s", p)
				}
			}
			for _, x := range v {
				walk(x)
			}
		case []any:
			for _, x := range v {
				walk(x)
			}
		}
	}
	for _, file := range schemaFiles {
		walk(any(schemaTree(t, file)))
	}
	if seen < 20 {
		t.Errorf("only %d patterns were looked at", seen)
	}
}

// TestSchemaHasEveryField wants every field of the tables where it stands in a
// file, described, with its values, and required where it is; and no others.
func TestSchemaHasEveryField(t *testing.T) {
	for _, file := range schemaFiles {
		t.Run(file, func(t *testing.T) {
			var want, got []string
			partial := map[string]bool{}
			grammars()[file].grammar.walk("", func(p spot) {
				partial[p.String()+".*"] = p.schema.partial
				want = append(want, fmt.Sprintf("%s required=%v", p, p.required && !partial[p.table]))
			})
			properties(t, "", schemaTree(t, file), func(path string, required bool, p map[string]any) {
				got = append(got, fmt.Sprintf("%s required=%v", path, required))
				if about, _ := p["description"].(string); len(about) < 5 {
					t.Errorf("%s is described by %q", path, about)
				}
			})
			if diff := cmp.Diff(setOf(want), setOf(got)); diff != "" {
				t.Errorf("(-table +schema):\n%s", diff)
			}
			if len(got) != len(want) || len(got) < 60 {
				t.Errorf("%d fields in the schema, %d in the tables", len(got), len(want))
			}
		})
	}
}

func setOf(list []string) map[string]bool {
	set := map[string]bool{}
	for _, s := range list {
		set[s] = true
	}
	return set
}

// properties calls yield for every key that a schema knows, by the path that
// spot has. Tables must be closed.
func properties(t *testing.T, at string, tree map[string]any, yield func(path string, required bool, p map[string]any)) {
	required := map[string]bool{}
	if list, ok := tree["required"].([]any); ok {
		for _, name := range list {
			required[name.(string)] = true
		}
	}
	if tree["additionalProperties"] != false {
		t.Errorf("%q takes any key", at)
	}
	for name, value := range tree["properties"].(map[string]any) {
		p := value.(map[string]any)
		path := strings.TrimPrefix(at+"."+name, ".")
		yield(path, required[name], p)
		if inner, ok := p["items"].(map[string]any); ok && inner["properties"] != nil {
			properties(t, path+"[]", inner, yield)
		}
		if inner, ok := p["additionalProperties"].(map[string]any); ok && inner["properties"] != nil {
			properties(t, path+".*", inner, yield)
		}
		if p["properties"] != nil {
			properties(t, path, p, yield)
		}
	}
}

// TestSchemaTakesWhatIsGiven holds the schemas against the files that come
// with the program, as they are and as `portico new` would complete them.
func TestSchemaTakesWhatIsGiven(t *testing.T) {
	placeholders := strings.NewReplacer("{{start}}", "2026-11-02", "{{go_live}}", "2027-03-01", "{{domain}}", "plans.fern.example",
		"{{owner}}", "mara", "{{owner_name}}", "Mara Lindqvist", "{{buyer}}", "Fern & Vale", "{{seller}}", "Lumen")
	for file, patterns := range map[string][]string{
		"deal.toml":    {"content/*/deal.toml", "content/_templates/*/deal.toml"},
		"portico.toml": {"portico.toml", "content/_templates/_site/portico.toml"},
	} {
		s := compiled(t, file)
		for _, pattern := range patterns {
			names, err := filepath.Glob(filepath.Join(need.Root(t), filepath.FromSlash(pattern)))
			if err != nil || len(names) == 0 {
				t.Fatalf("there is no %s: %v", pattern, err)
			}
			for _, name := range names {
				data, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				text := placeholders.Replace(string(data))
				if err := s.Validate(asJSON(t, text)); err != nil {
					t.Errorf("%s: %#v", name, err)
				}
			}
		}
	}
}

// TestSchemaAgrees wants of a schema for every field: what is good is taken,
// what is bad is refused.
func TestSchemaAgrees(t *testing.T) {
	taken, refused := 0, 0
	for _, file := range schemaFiles {
		l := grammars()[file]
		s := compiled(t, l.reads)
		t.Run(file, func(t *testing.T) {
			l.grammar.walk("", func(p spot) {
				e := l.entries[p.String()]
				try := func(value string) (line string, err error) {
					line = p.name + " = " + value
					return line, s.Validate(asJSON(t, l.compose(p.table, line, e.without, e.with).text))
				}
				for _, value := range e.good {
					taken++
					if line, err := try(value); err != nil {
						t.Errorf("%s of %s is refused: %v", line, p, err)
					}
				}
				if p.schema.values != nil {
					for _, value := range e.also {
						if line, err := try(value); err != nil {
							t.Errorf("%s of %s is refused: %v", line, p, err)
						}
					}
				}
				for value, code := range e.bad {
					refused++
					if line, err := try(value); err == nil {
						t.Errorf("%s of %s is taken, and is [%s]", line, p, code)
					}
				}
			})
		})
	}
	if taken < 300 || refused < 1000 {
		t.Errorf("only %d good and %d bad values were tried", taken, refused)
	}
}

// TestSchemaRefuses holds the schemas against files with a mistake in their
// structure.
func TestSchemaRefuses(t *testing.T) {
	for _, test := range []struct{ name, file, text string }{
		{"nothing", "deal.toml", ""},
		{"nothing", "portico.toml", ""},
		{"no buyer", "deal.toml", "[deal]\nowner = \"mara\"\n[value]\nsummary = \"x\"\n[dates]\ngo_live = 2027-02-15\n"},
		{"an empty table that has a required key", "deal.toml", whole("[buyer]\n")},
		{"an unknown table", "deal.toml", whole("[byer]\nname = \"x\"\n")},
		{"an unknown key", "deal.toml", whole("[buyer]\nname = \"x\"\nnmae = \"x\"\n")},
		{"an unknown key of an entry", "deal.toml", whole("[[kpi]]\nmetric = \"x\"\ntarget = 1\nunits = \"x\"\n")},
		{"an unknown key of a step", "deal.toml", whole("[milestone.a]\ntitle = \"x\"\ndue = 2027-01-01\nstep = [{ title = \"x\", own = \"ana\" }]\n")},
		{"a list where ids stand in headers", "deal.toml", whole("[[milestone]]\ntitle = \"x\"\n")},
		{"a table where a list stands", "deal.toml", whole("[kpi]\nmetric = \"x\"\ntarget = 1\n")},
		{"a key above the tables", "deal.toml", "owner = \"mara\"\n" + whole("")},
		{"a text by language in a deal", "deal.toml", whole("[person.ana]\ntitle = { en = \"Owner\" }\n")},
		{"a table of portico.toml", "deal.toml", whole("[site]\nbase_url = \"https://fern.example\"\n")},
		{"no colour", "portico.toml", "[site]\nbase_url = \"https://fern.example\"\n[seller]\nname = \"x\"\n"},
		{"a table of deal.toml", "portico.toml", wholeSite("[buyer]\nname = \"x\"\n")},
		{"a language that says nothing of text", "portico.toml", wholeSite("[calendar.uk]\ntitle = { en = 5 }\ndays = [2026-12-25]\n")},
	} {
		t.Run(test.file+" with "+test.name, func(t *testing.T) {
			if err := compiled(t, test.file).Validate(asJSON(t, test.text)); err == nil {
				t.Errorf("this is taken:\n%s", test.text)
			}
		})
	}
	for file, text := range map[string]string{"deal.toml": whole(""), "portico.toml": wholeSite("")} {
		if err := compiled(t, file).Validate(asJSON(t, text)); err != nil {
			t.Errorf("%s without a mistake is refused: %v", file, err)
		}
	}
}
