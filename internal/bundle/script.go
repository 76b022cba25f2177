package bundle

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// Scripts bundles scripts of the program's own, each with all that it imports,
// in the order in which they are named; behind them what they import later, by
// the names under which they look for it beside themselves. A mistake in one is
// the program's.
func Scripts(files fs.FS, entries ...string) ([]File, error) {
	b := &bundler{files: files, where: func(name string) string { return name }, program: true}
	var points []api.EntryPoint
	for _, entry := range entries {
		points = append(points, api.EntryPoint{InputPath: "./" + entry, OutputPath: strings.TrimSuffix(entry, ".ts")})
	}
	options := b.options(points)
	options.Format, options.Splitting, options.ChunkNames = api.FormatESModule, true, "[name]-[hash]"
	options.Define = map[string]string{packedName: "false"}
	result, err := b.own(options)
	if err != nil {
		return nil, err
	}
	out := make([]File, len(entries))
	for _, f := range result.OutputFiles {
		file := outputFile(f)
		name, _, _ := strings.Cut(file.Name, "-")
		if i := slices.Index(entries, name+".ts"); i >= 0 {
			out[i] = file
		} else if len(file.Data) > 0 { // of what only a packed page needs nothing may be left
			out = append(out, file)
		}
	}
	return out, nil
}

// packedName is what scripts call the word that says which of both they are.
const packedName = "PACKED"

// packedFile is what they import for it; other scripts need nothing of it.
const packedFile = "packed.ts"

// Inline bundles a script of the program's own, with all that it imports, for a
// page that holds it in itself.
func Inline(files fs.FS, entry string) ([]byte, error) {
	b := &bundler{files: files, where: func(name string) string { return name }, program: true}
	options := b.options([]api.EntryPoint{{InputPath: "./" + entry, OutputPath: strings.TrimSuffix(entry, ".ts")}})
	options.Format, options.Define = api.FormatIIFE, map[string]string{packedName: "true"}
	result, err := b.own(options)
	if err != nil {
		return nil, err
	}
	return result.OutputFiles[0].Contents, nil
}

// own bundles scripts in which a mistake is the program's.
func (b *bundler) own(options api.BuildOptions) (api.BuildResult, error) {
	result := api.Build(options)
	if b.err != nil {
		return result, b.err
	}
	if len(result.Errors) > 0 {
		return result, fmt.Errorf("bundling the program's own scripts: %s", result.Errors[0].Text)
	}
	return result, nil
}
