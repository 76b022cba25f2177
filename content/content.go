// Package content embeds the templates that `portico new` and `portico init`
// copy from. The deals beside them are the demonstration site, and are not
// embedded.
package content

import (
	"embed"
	"io/fs"
)

//go:embed all:_templates
var files embed.FS

// Templates holds a folder for each template, and _site for a new site.
func Templates() fs.FS {
	sub, err := fs.Sub(files, "_templates")
	if err != nil {
		panic("internal error: " + err.Error())
	}
	return sub
}
