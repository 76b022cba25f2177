package build

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"portico/internal/check"
	"portico/internal/deal"
	"portico/internal/diag"
	"portico/internal/media"
	"portico/internal/parse"
	"portico/internal/render"
)

// loaded is one deal that was read and checked, with its folder open.
type loaded struct {
	*parse.Deal
	project  *Project
	site     *deal.Site
	folder   *folder
	messages diag.List
	sizes    map[deal.File]int64 // of files that were looked at
	pictures map[deal.File]madePicture
}

// load reads and checks one deal through a root of its own.
func (p *Project) load(id string) (*loaded, error) {
	root, err := p.folder(id)
	if err != nil {
		return nil, err
	}
	return p.loadFrom(id, &folder{root: root})
}

// loadFrom reads and checks the deal of a folder, which it closes if it cannot.
func (p *Project) loadFrom(id string, f *folder) (*loaded, error) {
	l := &loaded{project: p, folder: f, sizes: map[deal.File]int64{}, pictures: map[deal.File]madePicture{}}
	d, findings, err := p.Site.Deal(id, f)
	if err != nil {
		l.close()
		return nil, err
	}
	l.Deal = d
	if d.Readable() {
		l.site = p.Site.In(d.Locale)
		findings = append(findings, check.Deal(d.Deal, l.site, p.words)...)
		findings = append(findings, l.theme()...)
		findings = append(findings, l.inspect()...)
		findings = append(findings, l.clashes()...)
	}
	l.messages = d.Locate(findings)
	l.messages.Sort()
	return l, nil
}

func (l *loaded) close() { _ = l.folder.root.Close() } // opened for reading

func (l *loaded) theme() []deal.Finding {
	f, bad := l.project.unknownTheme(l.Theme)
	if !bad || l.Theme == l.Profile.Theme || l.Theme == l.site.Theme { // reported with the site
		return nil
	}
	f.Place = deal.Place{File: l.TOML(), Path: deal.At("deal", "theme")}
	return []deal.Finding{f}
}

// inspect looks into the files whose content decides whether they can be
// shown: drawings and tables.
func (l *loaded) inspect() []deal.Finding {
	var findings []deal.Finding
	for _, f := range l.Named {
		ext := f.File.Ext()
		if !f.Shown || f.File.Root == deal.InAssets {
			continue
		}
		if isPicture(f.File.Path) {
			if _, err := l.picture(f.File); err != nil && !unread(err) {
				findings = append(findings, badPicture(f, err))
			}
			continue
		}
		if ext != ".svg" && ext != ".csv" {
			continue
		}
		data, err := l.read(f.File)
		if err != nil {
			continue // check has said that it is not there
		}
		switch ext {
		case ".svg":
			if err := media.SafeSVG(data); err != nil {
				findings = append(findings, activeSVG(f, err))
			}
		case ".csv":
			if _, err := media.ReadCSV(data); err != nil {
				findings = append(findings, deal.Finding{Place: f.Place, Code: "bad-table", Lenient: true,
					Text: fmt.Sprintf("%s cannot be shown as a table: %s", f.File, err), Hint: "the page links to the file instead"})
			}
		}
	}
	return findings
}

// unread says whether a file could not be had at all, which check has said.
func unread(err error) bool {
	var path *fs.PathError
	return errors.As(err, &path) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNoFile)
}

// errNoFile is the error of what is a folder, a pipe or the like.
var errNoFile = errors.New("is no file")

// clashes finds files of the deal that lie where files of the library are
// published; check compares those of one folder.
func (l *loaded) clashes() []deal.Finding {
	var findings []deal.Finding
	places := map[string]deal.File{}
	for _, f := range l.Named {
		if !f.Shown || f.File.Root == deal.InAssets {
			continue
		}
		place := strings.ToLower(render.FilePath(f.File)) // not every disk tells capitals apart
		if other, taken := places[place]; taken && other.Root != f.File.Root {
			findings = append(findings, deal.Finding{Place: f.Place, Code: "name-clash", Text: fmt.Sprintf("%s and %s would be published in one place", f.File, other),
				Hint: "rename the deal's folder: what it names of the library is published under library/"})
		}
		places[place] = f.File
	}
	return findings
}

func activeSVG(f deal.NamedFile, err error) deal.Finding {
	return deal.Finding{Place: f.Place, Code: "active-svg", Text: fmt.Sprintf("%s cannot be published: %s", f.File, err), Hint: "export it again as a plain drawing, or as PNG"}
}

// maxShown bounds a file that is read into memory to be shown, in bytes.
const maxShown = 16 << 20

// open a file that the deal names, through the root that it belongs to.
func (l *loaded) open(f deal.File) (fs.File, fs.FileInfo, error) {
	var file *os.File
	var err error
	switch f.Root {
	case deal.InLibrary:
		if l.project.library == nil {
			return nil, nil, fs.ErrNotExist
		}
		file, err = openRegular(l.project.library, f.Path)
	case deal.InAssets:
		return nil, nil, fmt.Errorf("%s is a file of the site, not of the deal", f)
	default:
		file, err = openRegular(l.folder.root, f.Path)
	}
	if err != nil {
		return nil, nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s %w", f, errNoFile)
	}
	if err != nil {
		_ = file.Close() // opened for reading
		return nil, nil, err
	}
	return file, info, nil
}

// openRegular opens a file and nothing else. It does not wait for a pipe's
// other end.
func openRegular(root *os.Root, name string) (*os.File, error) {
	return root.OpenFile(name, os.O_RDONLY|nonblock, 0)
}

// read a file that the deal names.
func (l *loaded) read(f deal.File) ([]byte, error) {
	file, info, err := l.open(f)
	if err != nil {
		return nil, err
	}
	defer file.Close() // opened for reading
	if info.Size() > maxShown {
		return nil, fmt.Errorf("%s is larger than %d MiB", f, maxShown>>20)
	}
	return readOpen(file, info)
}

func (l *loaded) size(f deal.File) int64 {
	if n, ok := l.sizes[f]; ok {
		return n
	}
	info, err := fs.FileInfo(nil), fs.ErrNotExist
	switch {
	case f.Root != deal.InLibrary:
		info, err = l.folder.Stat(f.Path)
	case l.project.library != nil:
		info, err = l.project.library.Stat(f.Path)
	}
	var n int64
	if err == nil {
		n = info.Size()
	}
	l.sizes[f] = n
	return n
}

// modified is the time of the newest file.
func (l *loaded) modified() time.Time {
	var newest time.Time
	for name, kind := range l.Files {
		if kind != deal.Regular {
			continue
		}
		if info, err := l.folder.Stat(name); err == nil && info.ModTime().After(newest) {
			newest = info.ModTime()
		}
	}
	return newest.UTC().Truncate(time.Second)
}

// Read a deal from a folder that need not be one of the site's, and check it.
func (p *Project) Read(id string, folder fs.FS) (*deal.Deal, diag.List, error) {
	d, findings, err := p.Site.Deal(id, folder)
	if err != nil {
		return nil, nil, err
	}
	if d.Readable() {
		findings = append(findings, check.Deal(d.Deal, p.Site.In(d.Locale), p.words)...)
	}
	list := d.Locate(findings)
	list.Sort()
	return d.Deal, list, nil
}
