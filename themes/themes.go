// Package themes embeds the built-in themes, a folder each with its
// theme.toml. A site's own theme of the same name stands over it.
package themes

import (
	"embed"
	"io/fs"
)

//go:embed */*
var files embed.FS

// FS holds the themes by name.
func FS() fs.FS { return files }
