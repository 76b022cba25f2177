package scaffold_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/content"
	"portico/internal/scaffold"
)

// A new site is clean, whatever its people and its company are called.
func TestInit(t *testing.T) {
	tests := []struct {
		name  string
		site  scaffold.Site
		owner string
		text  string // that portico.toml holds
	}{
		{"plain", scaffold.Site{Seller: "Lumen", OwnerName: "Mara Lindqvist", Domain: "plans.lumen.example"}, "mara-lindqvist", `base_url = "https://plans.lumen.example"`},
		{"accents", scaffold.Site{Seller: "Groß & Söhne", OwnerName: "Jürgen Łoś-Ångström", Domain: "x.example"}, "jurgen-los-angstrom", `name = "Jürgen Łoś-Ångström"`},
		{"an apostrophe", scaffold.Site{Seller: "L", OwnerName: "Siobhán O'Neill", Domain: "x.example"}, "siobhan-oneill", ""},
		{"quotes", scaffold.Site{Seller: `The "Best" \ Ltd`, OwnerName: `Mara "M" L`, Domain: "x.example"}, "mara-m-l", `name = "The \"Best\" \\ Ltd"`},
		{"lines", scaffold.Site{Seller: "Lu\nmen", OwnerName: "Mara\n[access]", Domain: "x.example"}, "mara-access", `name = "Lu men"`},
		{"emoji", scaffold.Site{Seller: "🚀", OwnerName: "🙂", Domain: "x.example"}, "owner", `name = "🙂"`},
		{"another script", scaffold.Site{Seller: "サンプル", OwnerName: "山田太郎", Domain: "x.example"}, "owner", `name = "山田太郎"`},
		{"a name that dates use", scaffold.Site{Seller: "L", OwnerName: "Start", Domain: "x.example"}, "owner", ""},
		{"a very long name", scaffold.Site{Seller: "L", OwnerName: strings.Repeat("Anna ", 40), Domain: "x.example"}, strings.Repeat("anna-", 12) + "anna", ""},
		{"an address as domain", scaffold.Site{Seller: "L", OwnerName: "M", Domain: " https://lumen.example/plans/ "}, "m", `base_url = "https://lumen.example/plans"`},
		{"a port", scaffold.Site{Seller: "L", OwnerName: "M", Domain: "lumen.example:8443"}, "m", `base_url = "https://lumen.example:8443"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := &site{t, filepath.Join(t.TempDir(), "site")}
			if err := scaffold.Init(s.dir, content.Templates(), test.site); err != nil {
				t.Fatal(err)
			}
			text := s.read("portico.toml")
			for _, want := range []string{test.text, "[person.\"" + test.owner + "\"]\n", "viewers = [\"" + test.owner + "\"]\n"} {
				if !strings.Contains(text, want) {
					t.Errorf("portico.toml has no %s", want)
				}
			}
			for _, file := range []string{"portico.toml", "README.md"} {
				if strings.Contains(s.read(file), "{{") {
					t.Errorf("%s has a placeholder left", file)
				}
			}
			public := s.clean()
			if _, err := fs.Stat(public, "404.html"); err != nil {
				t.Error(err)
			}
		})
	}
}

// tree of a folder: its files' texts, and what links name.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		text := "a folder"
		switch {
		case d.Type()&fs.ModeSymlink != 0:
			text, err = os.Readlink(name)
		case !d.IsDir():
			var data []byte
			data, err = os.ReadFile(name)
			text = string(data)
		}
		rel, _ := filepath.Rel(dir, name) // both are absolute
		found[filepath.ToSlash(rel)] = text
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// A site is made where there is room for it, and else nothing is touched.
func TestInitWhere(t *testing.T) {
	lumen := scaffold.Site{Seller: "Lumen", OwnerName: "Mara", Domain: "x.example"}
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	for _, name := range []string{"empty", "repository/.git", "target", "full", "hidden", "linked"} {
		if err := os.MkdirAll(at(name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"full/letter.txt", "hidden/.env", "file", "repository/.git/HEAD"} {
		if err := os.WriteFile(at(name), []byte("mine"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"link": "target", "broken": "nowhere", "linked/file": "../file"} {
		if err := os.Symlink(to, at(link)); err != nil {
			t.Fatal(err)
		}
	}
	before := tree(t, dir)
	for name, want := range map[string]string{
		"full": "is not empty", "hidden": "is not empty", "linked": "is not empty", "file": "is a file", "file/site": "is a file", "file/far/down": "is a file", "full/letter.txt/x": "is a file",
	} {
		problem := (*scaffold.Problem)(nil)
		if err := scaffold.Init(at(name), content.Templates(), lumen); !errors.As(err, &problem) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, without %q", name, err, want)
		}
	}
	if err := scaffold.Init(at("broken"), content.Templates(), lumen); err == nil {
		t.Error("a site was made of a link that leads nowhere")
	}
	for _, domain := range []string{"", "https://", "a b", "x.example?y", "x.example#y", "me@x.example", "http://x.example", `x"y`, "x\ny"} {
		problem := (*scaffold.Problem)(nil)
		if err := scaffold.Init(at("new"), content.Templates(), scaffold.Site{Seller: "L", OwnerName: "M", Domain: domain}); !errors.As(err, &problem) {
			t.Errorf("the domain %q: %v", domain, err)
		}
	}
	if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
		t.Fatalf("before and after sites that were refused: %s", diff)
	}
	for _, name := range []string{"empty", "repository", "link", "new", "far/down/below"} {
		if err := scaffold.Init(at(name), content.Templates(), lumen); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		made := tree(t, at(name)+"/")
		if made["portico.toml"] == "" || made[".gitignore"] == "" || made["public/.gitignore"] == "" {
			t.Errorf("%s has no site", name)
		}
		for file := range made {
			if strings.HasPrefix(file, ".new-") {
				t.Errorf("%s: %s was left behind", name, file)
			}
		}
		problem := (*scaffold.Problem)(nil)
		if err := scaffold.Init(at(name), content.Templates(), scaffold.Site{Seller: "Other", OwnerName: "O", Domain: "o.example"}); !errors.As(err, &problem) {
			t.Errorf("%s, a second time: %v", name, err)
		}
		if diff := cmp.Diff(made, tree(t, at(name)+"/")); diff != "" {
			t.Errorf("%s after the second time: %s", name, diff)
		}
	}
	after := tree(t, dir)
	if after["link"] != "target" || after["repository/.git/HEAD"] != "mine" {
		t.Error("a link or a repository was replaced")
	}
	for name := range after {
		if strings.HasPrefix(filepath.Base(name), ".new-") {
			t.Errorf("%s was left behind", name)
		}
	}
}
