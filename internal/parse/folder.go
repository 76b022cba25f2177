package parse

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"portico/internal/deal"
	"portico/internal/diag"
)

// maxFiles and maxDepth bound what a folder may hold, so that a link in it to
// itself ends somewhere.
const (
	maxFiles = 20_000
	maxDepth = 12
)

// listing is what lies in a folder, hidden names left out.
type listing struct {
	files deal.Files
	root  fs.FS
	err   error
}

func walk(root fs.FS) (deal.Files, error) {
	l := &listing{files: deal.Files{}, root: root}
	l.dir(".", 0)
	return l.files, l.err
}

func (l *listing) dir(dir string, depth int) {
	entries, err := fs.ReadDir(l.root, dir)
	if err != nil {
		l.fail(fmt.Errorf("reading a folder: %w", err))
		return
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		name := path.Join(dir, e.Name())
		kind := l.kind(name, e.Type())
		l.files[name] = kind
		if len(l.files) > maxFiles || depth > maxDepth {
			l.fail(fmt.Errorf("%s: more than %d files or %d folders deep", name, maxFiles, maxDepth))
			return
		}
		if kind == deal.Folder {
			l.dir(name, depth+1)
		}
	}
}

func (l *listing) fail(err error) {
	if l.err == nil {
		l.err = err
	}
}

func (l *listing) kind(name string, mode fs.FileMode) deal.FileKind {
	if mode&fs.ModeSymlink != 0 {
		// The root follows links that stay within it, and no others.
		info, err := fs.Stat(l.root, name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return deal.Broken
		case err != nil:
			return deal.Outside
		}
		mode = info.Mode()
	}
	switch {
	case mode.IsDir():
		return deal.Folder
	case mode.IsRegular():
		return deal.Regular
	}
	return deal.Special
}

// sources are the files that were read, by their names in the site.
type sources struct {
	prefix string
	root   fs.FS
	files  deal.Files
	read   map[string]*diag.Source
	// fronts are the front matters of Markdown files, each at its own place
	// in an otherwise blank text.
	fronts map[string]*diag.Source

	findings []deal.Finding
	err      error
}

// maxText bounds a file that is read as text, in bytes.
const maxText = 8 << 20

// text reads a text file. It is nil where there is none, or where what lies
// there is no file; the latter is reported.
func (s *sources) text(name string) *diag.Source {
	kind, there := s.files[name]
	full := s.prefix + name
	if !there {
		return nil
	}
	if f, bad := NotAFile(kind, full); bad {
		f.File = full
		s.findings = append(s.findings, f)
		s.read[full] = &diag.Source{Path: full}
		return nil
	}
	data, err := readBounded(s.root, name)
	if err != nil {
		if s.err == nil {
			s.err = fmt.Errorf("reading %s: %w", full, err)
		}
		return nil
	}
	return s.take(full, data)
}

func readBounded(root fs.FS, name string) ([]byte, error) {
	data, err := fs.ReadFile(root, name)
	if err == nil && len(data) > maxText {
		err = fmt.Errorf("a text of %d MiB; the limit is %d", len(data)>>20, maxText>>20)
	}
	return data, err
}

func (s *sources) take(full string, data []byte) *diag.Source {
	wide := len(data) >= 2 && (data[0] == 0xff && data[1] == 0xfe || data[0] == 0xfe && data[1] == 0xff)
	if wide {
		f := deal.Finding{Code: "bad-encoding", Text: "the file is UTF-16", Hint: "save it as UTF-8"}
		f.File = full
		s.findings = append(s.findings, f)
		s.read[full] = &diag.Source{Path: full}
		return nil
	}
	source, bad := diag.NewSource(full, data)
	s.read[full] = source
	if len(bad) > 0 {
		f := deal.Finding{Code: "bad-encoding", Text: "the file is not UTF-8 here", Hint: "save it as UTF-8; the character was probably written by an older program"}
		if len(bad) > 1 {
			f.Text = fmt.Sprintf("the file is not UTF-8 here and in %d more places", len(bad)-1)
		}
		f.File, f.Offset, f.Length = full, bad[0].Start, bad[0].End-bad[0].Start
		s.findings = append(s.findings, f)
	}
	return source
}

// NotAFile words what is wrong with something that is named and is no file.
func NotAFile(kind deal.FileKind, name string) (deal.Finding, bool) {
	f := deal.Finding{Code: "not-a-file"}
	switch kind {
	case deal.Regular:
		return f, false
	case deal.Folder:
		f.Text, f.Hint = fmt.Sprintf("%s is a folder", name), "name a file in it"
	case deal.Outside:
		f.Code = "path-escape"
		f.Text, f.Hint = fmt.Sprintf("%s is a link that leads out of the folder", name), "put the file itself there; what several deals share goes into content/_library"
	case deal.Broken:
		f.Text, f.Hint = fmt.Sprintf("%s is a link that leads nowhere", name), "put the file itself there"
	default:
		f.Text, f.Hint = fmt.Sprintf("%s is a device or a pipe", name), "put a file there"
	}
	return f, true
}

// locate gives findings their places in what was read.
func (s *sources) locate(findings []deal.Finding) diag.List {
	byFile := map[string][]deal.Finding{}
	for _, f := range findings {
		byFile[f.File] = append(byFile[f.File], f)
	}
	var list diag.List
	for _, file := range sorted(byFile) {
		source := s.read[file]
		if source == nil {
			source = &diag.Source{Path: file}
		}
		toml := source
		if front := s.fronts[file]; front != nil {
			toml = front
		}
		list = append(list, locate(source, toml, byFile[file])...)
	}
	return list
}

// under lists the files of a folder with an ending, in order.
func under(files deal.Files, dir, ext string) []string {
	var names []string
	for name, kind := range files {
		if kind != deal.Folder && path.Dir(name) == dir && path.Ext(name) == ext {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
