// Package browser hands out the page's half of the collector's protocol, in
// TypeScript: what an opened deal reports, and when. It is protocol, not look: no
// theme stands over it.
package browser

import (
	"embed"
	"io/fs"
)

//go:embed *.ts
var files embed.FS

// FS holds the script; receipts.ts is what a page runs.
func FS() fs.FS { return files }
