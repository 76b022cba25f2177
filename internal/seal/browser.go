package seal

import (
	"embed"
	"io/fs"
)

//go:embed browser/*.ts
var pageReader embed.FS

// Browser holds the reader that runs in pages, as TypeScript: reader.ts is what
// others import. It is protocol, not look: no theme stands over it.
func Browser() fs.FS {
	files, err := fs.Sub(pageReader, "browser")
	if err != nil {
		panic("internal error: " + err.Error()) // the folder is embedded above
	}
	return files
}
