package build

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/rogpeppe/go-internal/txtar"
)

// mark of the i-th deal of a canary site, and what its secrets carry.
func mark(i int) (shown, secret string) {
	nth := string(rune('a'+i/26)) + string(rune('a'+i%26))
	return "kanarie" + nth, "geheim" + nth
}

// canaries is a site of n deals whose every text tells whose it is.
func canaries(t *testing.T, n int) *testSite {
	t.Helper()
	a, err := txtar.ParseFile("testdata/canary/deal.txtar")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"portico.toml": sellerTOML + "\n[beacon]\nurl = \"https://collector.example/_portal\"\n", "content/_library/library.toml": ""}
	for i := range n {
		shown, secret := mark(i)
		fill := strings.NewReplacer("MARK", shown, "SECRET", secret, "NUMBER", fmt.Sprint(i), "UPPER", strings.ToUpper(secret))
		for _, f := range a.Files {
			text := fill.Replace(string(f.Data))
			switch f.Name {
			case "library":
				files["content/_library/library.toml"] += text
			case "site":
				files["portico.toml"] += text
			default:
				files[fill.Replace(f.Name)] = text
			}
		}
	}
	s := newSite(t, files)
	s.opts.Clear = true
	return s
}

// One buyer's data in another buyer's site is the worst thing that this
// program could do; what is internal in any site comes next.
func TestCanaries(t *testing.T) {
	const n = 3
	s := canaries(t, n)
	s.build()
	public := s.public()
	for i := range n {
		shown, secret := mark(i)
		home, own := shown+"-bank/", 0
		for name, data := range public.content() {
			name, data := strings.ToLower(name), strings.ToLower(data)
			in := strings.HasPrefix(name, home)
			if in && strings.Contains(data, shown) {
				own++
			}
			if !in && (strings.Contains(name, shown) || holds(data, shown)) {
				t.Errorf("%s, outside of its folder, holds %s", name, shown)
			}
			for _, canary := range []string{secret, fmt.Sprintf("98700%d", i), fmt.Sprintf("987,00%d", i)} {
				if strings.Contains(name, canary) || holds(data, canary) {
					t.Errorf("%s holds %s", name, canary)
				}
			}
		}
		if own < 12 {
			t.Errorf("only %d files of %s hold its own mark: this looks at nothing", own, home)
		}
	}
}

// holds a text as it is or written in a way that a browser would read.
func holds(data, canary string) bool {
	for _, form := range []string{canary, hex.EncodeToString([]byte(canary)), base64.StdEncoding.EncodeToString([]byte(canary))[:len(canary)]} {
		if strings.Contains(data, strings.ToLower(form)) {
			return true
		}
	}
	return false
}

// A field that is added to the format has to be added to the canary.
func TestCanaryHasEveryField(t *testing.T) {
	s := canaries(t, 1)
	shown, _ := mark(0)
	var tree map[string]any
	if _, err := toml.Decode(s.read("content/"+shown+"-bank/deal.toml"), &tree); err != nil {
		t.Fatal(err)
	}
	fields := 0
	var walk func(path string, schema map[string]any, values []any)
	walk = func(path string, schema map[string]any, values []any) {
		if options, ok := schema["anyOf"].([]any); ok {
			for _, o := range options {
				if o := o.(map[string]any); o["type"] == "object" || o["type"] == "array" && len(options) == 1 {
					schema = o
				}
			}
		}
		if items, ok := schema["items"].(map[string]any); ok && items["type"] == "object" {
			walk(path, items, spread(values))
			return
		}
		if each, ok := schema["additionalProperties"].(map[string]any); ok && each["type"] == "object" {
			walk(path+".<id>", each, spread(values))
			return
		}
		props, ok := schema["properties"].(map[string]any)
		if !ok {
			fields++
			if len(values) == 0 {
				t.Errorf("the canary has no %s", path)
			}
			return
		}
		for name, p := range props {
			var below []any
			for _, v := range values {
				if x, ok := v.(map[string]any)[name]; ok {
					below = append(below, x)
				}
			}
			walk(path+"."+name, p.(map[string]any), below)
		}
	}
	walk("", schemaOf(t, "deal.toml"), []any{tree})
	if fields < 120 {
		t.Errorf("only %d fields were looked for", fields)
	}
}

// spread lists what several tables or lists hold.
func spread(values []any) []any {
	var out []any
	for _, v := range values {
		switch v := v.(type) {
		case []map[string]any:
			for _, x := range v {
				out = append(out, x)
			}
		case []any:
			out = append(out, v...)
		case map[string]any:
			for _, k := range sortedKeys(v) {
				out = append(out, v[k])
			}
		}
	}
	return out
}

// A build of one deal in the clear says nothing of the others, and neither does
// the public one among sealed ones.
func TestCanariesOfPublicDeal(t *testing.T) {
	s := canaries(t, 2)
	shown, _ := mark(0)
	other, _ := mark(1)
	file := "content/" + shown + "-bank/deal.toml"
	public := strings.NewReplacer("public = false", "public = true", "audience = [\"champion\"]\n", "").Replace(s.read(file))
	s.write(file, public)
	page := "content/" + shown + "-bank/pages/" + shown + "-page.md"
	s.write(page, strings.Replace(s.read(page), "audience = [\"champion\"]\n", "", 1))
	s.opts.Clear = false
	r := s.build()
	if len(r.Built) != 2 || !slices.Equal(r.Public, []string{shown + "-bank"}) {
		t.Fatalf("built %q, public %q, left %q", r.Built, r.Public, r.Left)
	}
	for name, data := range s.public().content() {
		if strings.Contains(name, other) || holds(strings.ToLower(data), other) {
			t.Errorf("%s holds %s", name, other)
		}
	}
}
