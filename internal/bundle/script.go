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
	b := &bundler{files: files, where: func(name string) string { return name }}
	var points []api.EntryPoint
	for _, entry := range entries {
		points = append(points, api.EntryPoint{InputPath: "./" + entry, OutputPath: strings.TrimSuffix(entry, ".ts")})
	}
	options := b.options(points)
	options.Format, options.Splitting, options.ChunkNames = api.FormatESModule, true, "[name]-[hash]"
	result := api.Build(options)
	if b.err != nil {
		return nil, b.err
	}
	if len(result.Errors) > 0 {
		return nil, fmt.Errorf("bundling the program's own scripts: %s", result.Errors[0].Text)
	}
	out := make([]File, len(entries))
	for _, f := range result.OutputFiles {
		file := outputFile(f)
		name, _, _ := strings.Cut(file.Name, "-")
		if i := slices.Index(entries, name+".ts"); i >= 0 {
			out[i] = file
		} else {
			out = append(out, file)
		}
	}
	return out, nil
}
