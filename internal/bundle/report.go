package bundle

import (
	"io/fs"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"portico/internal/diag"
)

// ReportEntry is the stylesheet of the page of a report, which no site has.
const ReportEntry = "report.css"

// ForReport bundles a theme's stylesheet for reports, and what it names. The
// first of the files is the stylesheet itself.
func ForReport(files fs.FS, where func(string) string) ([]File, diag.List, error) {
	b := &bundler{files: files, where: where}
	result := api.Build(b.options([]api.EntryPoint{{InputPath: "portico:" + ReportEntry, OutputPath: "report"}}))
	messages := b.messages(result.Errors, diag.Error)
	if b.err != nil || messages.Failed() {
		return nil, messages, b.err
	}
	var out []File
	for _, f := range result.OutputFiles {
		if file := outputFile(f); strings.HasSuffix(file.Name, ".css") {
			out = append([]File{file}, out...)
		} else {
			out = append(out, file)
		}
	}
	return out, messages, nil
}
