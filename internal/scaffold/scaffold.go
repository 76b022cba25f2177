// Package scaffold writes what a person then fills in: a deal's folder from a
// template, and a whole new site. It is the only writer of content/. What it
// writes is there whole or not at all.
package scaffold

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Values that take the place of {{name}} in a template's text files.
type Values map[string]string

// files reads a template's folder and fills it in.
func files(template fs.FS, values Values) (map[string][]byte, error) {
	out := map[string][]byte{}
	err := fs.WalkDir(template, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(template, name)
		if err != nil {
			return err
		}
		switch filepath.Ext(name) {
		case ".toml":
			data = fill(data, values, tomlText)
		case ".md":
			data = fill(data, values, markdownText)
		}
		if filepath.Base(name) == "gitignore" {
			name = strings.TrimSuffix(name, "gitignore") + ".gitignore"
		}
		out[name] = data
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the template: %w", err)
	}
	return out, nil
}

// fill replaces placeholders. What is not one stays as it is.
func fill(text []byte, values Values, escape func(string) string) []byte {
	var pairs []string
	for name, value := range values {
		pairs = append(pairs, "{{"+name+"}}", escape(value))
	}
	return []byte(strings.NewReplacer(pairs...).Replace(string(text)))
}

// tomlText writes a value into a text in double quotes.
func tomlText(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// markdownText writes a value so that Markdown reads none of its signs.
func markdownText(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune("\\`*_[]<>|~@#", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// stage writes files into a new folder beside the one that they are for.
func stage(folder string, files map[string][]byte) (temp string, err error) {
	parent := filepath.Dir(folder)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return "", fmt.Errorf("making %s: %w", parent, err)
	}
	if temp, err = os.MkdirTemp(parent, ".new-*"); err != nil {
		return "", fmt.Errorf("making %s: %w", folder, err)
	}
	for _, name := range sortedKeys(files) {
		to := filepath.Join(temp, filepath.FromSlash(name))
		if err = os.MkdirAll(filepath.Dir(to), 0o755); err == nil {
			err = os.WriteFile(to, files[name], 0o644)
		}
		if err != nil {
			return "", errors.Join(fmt.Errorf("writing %s: %w", name, err), os.RemoveAll(temp))
		}
	}
	if err := os.Chmod(temp, 0o755); err != nil {
		return "", errors.Join(fmt.Errorf("making %s: %w", folder, err), os.RemoveAll(temp))
	}
	return temp, nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
