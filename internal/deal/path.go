package deal

import (
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// PathError says why a path may not be named.
type PathError struct{ Code, Text, Hint string }

func (e *PathError) Error() string { return e.Text }

// Scope says which roots a path may name, and from where it is read.
type Scope struct {
	// Root of a path without prefix, and the folder in it that the path is
	// read from: "." for a TOML file, "pages" for a page.
	Root Root
	Dir  string
	// Library and Assets allow "library:…" and "assets/…".
	Library, Assets bool
}

// ParsePath reads a path that names a file, as deal-format.md, "What a path
// may name", has it. It judges the spelling alone; whether the file exists,
// and is one, is for Files to say.
func ParsePath(text string, scope Scope) (File, *PathError) {
	file := File{Root: scope.Root}
	rest, dir := text, scope.Dir
	if after, ok := strings.CutPrefix(text, LibraryPrefix); ok {
		if !scope.Library {
			return File{}, escape(text, "the library cannot be named here", "name a file of this folder")
		}
		file.Root, rest, dir = InLibrary, after, "."
	}
	if err := spelling(rest, text); err != nil {
		return File{}, err
	}
	clean := path.Join(dir, rest)
	if scope.Assets && file.Root == scope.Root {
		after, ok := strings.CutPrefix(clean, "assets/")
		if !ok {
			return File{}, escape(text, fmt.Sprintf("%q lies outside of assets/", text), `put the file under assets/ and write "assets/…", or under content/_library and write "library:…"`)
		}
		file.Root, clean = InAssets, after
	}
	if clean == ".." || strings.HasPrefix(clean, "../") {
		return File{}, escape(text, fmt.Sprintf("%q leads out of the folder", text), where(file.Root))
	}
	if clean == "." {
		return File{}, &PathError{"bad-path", fmt.Sprintf("%q names a folder", text), "name a file"}
	}
	if clean[0] == '~' { // "./~/x": the cleaned path is what others read
		return File{}, escape(text, fmt.Sprintf("%q starts from a home folder", text), where(file.Root))
	}
	file.Path = clean
	return file, source(file, text)
}

func where(root Root) string {
	if root == InLibrary {
		return "only files under content/_library can be named with library:"
	}
	return "only files of this deal's own folder can be named, and those of content/_library as library:…"
}

func escape(text, says, hint string) *PathError {
	return &PathError{"path-escape", says, hint}
}

// spelling refuses every way of writing a path that some disk, browser or
// server would read in another way than this program.
func spelling(rest, whole string) *PathError {
	bad := func(says, hint string) *PathError { return escape(whole, fmt.Sprintf("%q %s", whole, says), hint) }
	switch {
	case rest == "":
		return &PathError{"bad-path", "the path is empty", "name a file, such as collateral/deck.pdf"}
	case rest[0] == '/':
		return bad("is an absolute path", where(InDeal))
	case rest[0] == '~':
		return bad("starts from a home folder", where(InDeal))
	case strings.Contains(rest, `\`):
		return bad(`has a backslash`, fmt.Sprintf("write %q", strings.ReplaceAll(whole, `\`, "/")))
	case strings.Contains(rest, ":"):
		return bad("has a colon", "a path is written without a drive or a scheme; an address goes into `url`")
	case percentEscape(rest):
		return bad("has a percent escape", "write the file's name as the disk shows it")
	}
	for _, r := range rest {
		if why := badRune(r); why != "" {
			return bad(why, "rename the file: letters, digits, spaces, - _ and . are safe")
		}
	}
	for _, segment := range strings.Split(rest, "/") {
		if why, hint := badSegment(segment); why != "" {
			return bad(why, hint)
		}
	}
	return nil
}

func badRune(r rune) string {
	switch {
	case r < 0x20 || r == 0x7f || unicode.IsControl(r):
		return "has a control character"
	case strings.ContainsRune(`?*<>|"`, r):
		return fmt.Sprintf("has a %q, which not every disk can store", r)
	case r < utf8.RuneSelf:
		return ""
	case r == utf8.RuneError:
		return "is no valid text"
	case unicode.In(r, unicode.Bidi_Control, unicode.Cf, unicode.Z):
		return "has an invisible character"
	case strings.ContainsRune("⁄∕⧸⟋╱∖⧵⧹﹨․‥…", r), strings.ContainsAny(norm.NFKC.String(string(r)), `/\.:%`):
		return fmt.Sprintf("has %q, which looks like another sign", r)
	}
	return ""
}

// badSegment judges one name of a path. "", "." and ".." have been allowed:
// the cleaned path is what counts.
func badSegment(s string) (why, hint string) {
	switch {
	case s == "" || s == "." || s == "..":
		return "", ""
	case strings.HasPrefix(s, "."):
		return fmt.Sprintf("names %q, which is hidden", s), "hidden files are not published; rename it"
	case strings.HasSuffix(s, "."), strings.HasSuffix(s, " "), strings.HasPrefix(s, " "):
		return "has a name that begins or ends in a blank or a dot", "not every disk can store it; rename the file"
	case len(s) > 255:
		return "has a name of over 255 bytes", "rename the file"
	}
	base, _, _ := strings.Cut(strings.ToUpper(s), ".")
	base = strings.TrimRight(base, " ")
	switch base {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return fmt.Sprintf("names %q, a device on Windows", s), "rename the file"
	}
	isPort := strings.HasPrefix(base, "COM") || strings.HasPrefix(base, "LPT")
	if isPort && utf8.RuneCountInString(base) == 4 && strings.ContainsAny(base[3:], "0123456789¹²³") {
		return fmt.Sprintf("names %q, a device on Windows", s), "rename the file"
	}
	return "", ""
}

func percentEscape(s string) bool {
	for i := 0; i+2 < len(s); i++ {
		if s[i] == '%' && isHex(s[i+1]) && isHex(s[i+2]) {
			return true
		}
	}
	return false
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// source refuses the files that a deal is written in: deal.toml holds what no
// buyer may see.
func source(f File, text string) *PathError {
	first, _, inside := strings.Cut(f.Path, "/")
	refuse := false
	switch {
	case f.Root == InDeal && inside:
		refuse = isAny(first, "notes", "milestones", "pages")
	case f.Root == InDeal:
		refuse = isAny(first, "deal.toml", "index.md", "notes", "milestones", "pages")
	case f.Root == InLibrary:
		refuse = isAny(f.Path, "library.toml")
	}
	if !refuse {
		return nil
	}
	return &PathError{"not-collateral", fmt.Sprintf("%q is what the plan is written in, no file to publish", text), "put what buyers may download under collateral/"}
}

// isAny compares as a disk does that folds case. Some leave out, while doing
// so, what is invisible.
func isAny(s string, names ...string) bool {
	s = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) {
			return -1
		}
		return r
	}, norm.NFKC.String(s))
	for _, n := range names {
		if strings.EqualFold(s, n) {
			return true
		}
	}
	return false
}

// Find looks a path up as it is written. Names that differ in nothing but the
// composition of their accents are the same; it returns the disk's spelling.
func (f Files) Find(p string) (onDisk string, kind FileKind, ok bool) {
	if kind, ok = f[p]; ok {
		return p, kind, true
	}
	if isASCII(p) {
		return "", 0, false
	}
	want := norm.NFC.String(p)
	for name, k := range f {
		// Of two that a disk tells apart, always the same.
		if norm.NFC.String(name) == want && (!ok || name < onDisk) {
			onDisk, kind, ok = name, k, true
		}
	}
	return onDisk, kind, ok
}

// Paths lists the files that could be meant.
func (f Files) Paths() []string {
	var paths []string
	for _, name := range sortedKeys(f) {
		if f[name] == Regular {
			paths = append(paths, name)
		}
	}
	return paths
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
