package seal

import (
	"embed"
	"io/fs"
)

//go:embed browser/*.ts
var browser embed.FS

// Browser holds the reader that runs in pages, as TypeScript by its names. It
// is protocol and not look: no theme can put a file over one of these.
func Browser() fs.FS {
	files, err := fs.Sub(browser, "browser")
	if err != nil {
		panic("internal error: " + err.Error()) // the folder is embedded above
	}
	return files
}
