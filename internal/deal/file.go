package deal

import (
	"path"
	"strings"
)

// File names a file that may be published. The zero value names none.
type File struct {
	Root Root
	// Path is clean, slash-separated and relative to the root.
	Path string
}

// Root is one of the folders that a path may name. Each is opened by itself,
// so that no path, however spelt, reaches another deal.
type Root uint8

const (
	InDeal    Root = iota // the deal's own folder
	InLibrary             // content/_library
	InAssets              // assets/ of the site, for what portico.toml names
)

// LibraryPrefix stands before a path in the library.
const LibraryPrefix = "library:"

// IsSet says whether a file is named at all.
func (f File) IsSet() bool { return f.Path != "" }

// String spells the file as a person would in a deal.
func (f File) String() string {
	switch f.Root {
	case InLibrary:
		return LibraryPrefix + f.Path
	case InAssets:
		return "assets/" + f.Path
	}
	return f.Path
}

// Dir is the folder that the file lies in.
func (f File) Dir() string { return path.Dir(f.Path) }

// Name is the last part of the path.
func (f File) Name() string { return path.Base(f.Path) }

// Ext is the file's ending in lower case, with its dot.
func (f File) Ext() string {
	name := f.Path[strings.LastIndexByte(f.Path, '/')+1:]
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		return strings.ToLower(name[i:])
	}
	return ""
}

// IsFilm says whether a file may have captions beside it.
func (f File) IsFilm() bool {
	switch f.Ext() {
	case ".mp4", ".m4v", ".webm":
		return true
	}
	return false
}

// CaptionsOf says whether a file holds the captions of a film, as tour.vtt and
// tour.de.vtt do beside tour.mp4.
func (f File) CaptionsOf(film File) bool {
	if f.Root != film.Root || !film.IsFilm() || !strings.HasSuffix(f.Path, ".vtt") {
		return false
	}
	lang, beside := strings.CutPrefix(strings.TrimSuffix(f.Path, ".vtt"), strings.TrimSuffix(film.Path, film.Ext()))
	return beside && (lang == "" || lang[0] == '.' && !strings.Contains(lang[1:], "."))
}

// NamedFile is a file with the place that names it.
type NamedFile struct {
	File
	Place
	// Shown says that something on the buyer's site names it; one that only
	// internal things name is not published.
	Shown bool
}

// FileKind is what lies at a path.
type FileKind uint8

const (
	Regular FileKind = iota
	Folder
	// Outside is a symbolic link that leads out of its root.
	Outside
	// Broken is a symbolic link that leads nowhere.
	Broken
	// Special is a device, a pipe or a socket.
	Special
)

// Files are what lies in a root, by path.
type Files map[string]FileKind
