package bundle

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"portico/internal/diag"
)

// Preview is what a preview shows besides the pages. It is made of the
// program's own files alone: it has to work where a theme does not, and no
// theme belongs to it.
type Preview struct {
	// Script of every page that is previewed, and the style of what it adds.
	Script, Style File
	// List is the style of the list of deals.
	List File
}

// ForPreview bundles what lies below preview/. A mistake in it is the program's
// own.
func ForPreview(files fs.FS) (Preview, error) {
	b := &bundler{files: files, where: func(name string) string { return name }}
	var p Preview
	var entries []api.EntryPoint
	into := map[string]*File{"main.ts": &p.Script, "bar.css": &p.Style, "list.css": &p.List}
	for file := range into {
		entries = append(entries, api.EntryPoint{InputPath: "portico:preview/" + file, OutputPath: strings.TrimSuffix(file, path.Ext(file))})
	}
	result := api.Build(b.options(entries))
	if list := b.messages(result.Errors, diag.Error); len(list) > 0 || b.err != nil {
		return p, fmt.Errorf("internal error: making the preview's script: %v %v", list, b.err)
	}
	for _, f := range result.OutputFiles {
		file := outputFile(f)
		entry, _, _ := strings.Cut(file.Name, "-")
		ext := strings.Replace(path.Ext(file.Name), ".js", ".ts", 1)
		*into[entry+ext] = file
	}
	return p, nil
}
