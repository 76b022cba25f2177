// Package layouts embeds the built-in layouts. A theme's file, and a site's
// own, stand over the one of the same path.
package layouts

import (
	"embed"
	"io/fs"
)

//go:embed *.html parts sections blocks
var files embed.FS

// FS holds the layouts by their path below layouts/.
func FS() fs.FS { return files }
