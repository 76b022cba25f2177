// Package assets embeds the built-in style and script. A theme's file, and a
// site's own, stand over the one of the same path. What else lies in this
// folder belongs to the demonstration site.
package assets

import (
	"embed"
	"io/fs"
)

//go:embed *.css *.ts preview
var files embed.FS

// FS holds the assets by their path below assets/.
func FS() fs.FS { return files }
