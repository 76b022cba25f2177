package history

import (
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Texts are those of a deal's files that people save all day, TOML and Markdown,
// as git's index has them: its name of what each holds, by the file's own name in
// the deal's folder. That one of them is another than git's is certain from them
// alone, and starts no git.
type Texts map[string]string

// Texts of a deal. What git is told not to look at is left out, and so is every
// text where one is kept otherwise than it lies on disk.
func (h *History) Texts(ctx context.Context, deal string) (Texts, error) {
	g := h.git
	g.ctx = ctx
	folder := "content/" + deal + "/"
	listed, err := g.run("ls-files", "--stage", "-v", "-z", "--", folder)
	if err != nil {
		return nil, err
	}
	texts := Texts{}
	ask := []string{"check-attr", "-z", "filter", "ident", "working-tree-encoding", "--"}
	for entry := range strings.SplitSeq(string(listed), "\x00") {
		about, file, _ := strings.Cut(entry, "\t")
		// A letter that says how git looks at it, mode, name of what it holds, stage.
		fields := strings.Fields(about)
		name, inside := strings.CutPrefix(file, folder)
		if inside && isText(name) && len(fields) == 4 && fields[0] == "H" && strings.HasPrefix(fields[1], "100") && fields[3] == "0" {
			texts[name] = fields[2]
			ask = append(ask, file)
		}
	}
	if len(texts) == 0 {
		return texts, nil
	}
	said, err := g.run(ask...)
	if err != nil || filtered(said) {
		return nil, err
	}
	return texts, nil
}

func isText(name string) bool { return slices.Contains([]string{".toml", ".md"}, path.Ext(name)) }

// filtered says whether any attribute is set: of each file and attribute git
// tells both and the value.
func filtered(said []byte) bool {
	parts := strings.Split(string(said), "\x00")
	for i := 2; i < len(parts); i += 3 {
		if parts[i] != "unspecified" && parts[i] != "unset" {
			return true
		}
	}
	return false
}

// Differ says whether one of the texts in a deal's folder is certainly another
// than git's, so that git would take the deal for changed. Where it is false git
// alone can tell, as of line ends that it may have been told to change.
func (t Texts) Differ(folder fs.FS) bool {
	for name, kept := range t {
		text, err := fs.ReadFile(folder, name)
		if err == nil && !bytes.ContainsRune(text, '\r') && nameOf(text, len(kept)) != kept {
			return true
		}
	}
	return false
}

// nameOf what a file holds, as git names it in a repository whose names are so
// long.
func nameOf(text []byte, length int) string {
	named := append(fmt.Appendf(nil, "blob %d\x00", len(text)), text...)
	if length == 2*sha256.Size {
		sum := sha256.Sum256(named)
		return hex.EncodeToString(sum[:])
	}
	sum := sha1.Sum(named) // git's choice, which nothing is protected by
	return hex.EncodeToString(sum[:])
}
