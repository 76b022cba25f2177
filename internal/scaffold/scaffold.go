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
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Values that take the place of {{name}} in a template's text files, and in
// TOML of {{name_prose}} where the field is Markdown.
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
			data = fill(data, values, tomlText, func(s string) string { return tomlText(markdownText(s)) })
		case ".md":
			data = fill(data, values, markdownText, markdownText)
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

// fill replaces placeholders in one go, so that no value is one. What is none
// stays as it is.
func fill(text []byte, values Values, escape, prose func(string) string) []byte {
	var pairs []string
	for name, value := range values {
		pairs = append(pairs, "{{"+name+"}}", escape(value), "{{"+name+"_prose}}", prose(value))
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

// oneLine takes line breaks and other control characters out of a name.
func oneLine(s string) string {
	blank := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "\uFFFD"), blank), " ")
}

// markdownText writes a value so that Markdown reads none of its signs.
func markdownText(s string) string {
	var b strings.Builder
	if at := blockSign.FindStringIndex(s); at != nil {
		b.WriteString(s[:at[1]-1] + "\\")
		s = s[at[1]-1:]
	}
	for _, r := range s {
		if strings.ContainsRune("\\`*_[]<>|~@#&$", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// blockSign is what would make a list or a line of a text that begins with it.
var blockSign = regexp.MustCompile(`^(?:[0-9]+[.)]|[-+=])`)

// stage writes files into a new folder of parent.
func stage(parent string, files map[string][]byte) (temp string, err error) {
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return "", fmt.Errorf("making %s: %w", parent, err)
	}
	if temp, err = os.MkdirTemp(parent, ".new-*"); err != nil {
		return "", fmt.Errorf("making a folder in %s: %w", parent, err)
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
		return "", errors.Join(fmt.Errorf("making %s: %w", temp, err), os.RemoveAll(temp))
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
