package check

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"portico/internal/deal"
	"portico/internal/diag"
)

// files wants every named file to exist and be a file.
func files(v *visit) {
	v.EachFile(v.toml, func(f deal.NamedFile) {
		if shared := f.Place.File == deal.SiteFile || f.Place.File == deal.LibraryFile; shared && f.Length == 0 {
			return // a key's file is checked with the site, one in a text here
		}
		v.file(f)
	})
	for i := range v.People {
		if p := &v.People[i]; !p.OfTeam || p.Photo.Root == deal.InDeal {
			v.picture(p.Photo, v.at("person", p.ID, "photo"))
		}
	}
	v.picture(v.Buyer.Logo, v.at("buyer", "logo"))
	if v.Own["seller.logo"] {
		v.picture(v.Seller.Logo, v.at("seller", "logo"))
	}
	if v.Own["seller.logo_dark"] {
		v.picture(v.Seller.LogoDark, v.at("seller", "logo_dark"))
	}
	for i := range v.Collateral {
		if c := &v.Collateral[i]; !c.OfLibrary {
			v.picture(c.Poster, v.at("collateral", c.ID, "poster"))
		}
	}
}

func (v *visit) listing(root deal.Root) deal.Files {
	switch root {
	case deal.InLibrary:
		return v.site.Library.Files
	case deal.InAssets:
		return v.site.Assets
	}
	return v.Files
}

func (v *visit) file(f deal.NamedFile) {
	files := v.listing(f.File.Root)
	_, kind, found := files.Find(f.File.Path)
	if !found {
		v.missing(f, files)
		return
	}
	switch kind {
	case deal.Folder:
		v.fail(f.Place, "not-a-file", fmt.Sprintf("%s is a folder", f.File), "", "name a file in it")
	case deal.Outside:
		v.fail(f.Place, "path-escape", fmt.Sprintf("%s is a link that leads out of its folder", f.File), "", "put the file itself there; what several deals share goes into content/_library")
	case deal.Broken:
		v.fail(f.Place, "missing-file", fmt.Sprintf("%s is a link that leads nowhere", f.File), "", "put the file itself there")
	case deal.Special:
		v.fail(f.Place, "not-a-file", fmt.Sprintf("%s is a device or a pipe", f.File), "", "put a file there")
	}
}

func (v *visit) missing(f deal.NamedFile, files deal.Files) {
	v.means(f.File.Path)
	hint := "paths are read from the deal's folder; put the file there, or correct the path"
	switch f.File.Root {
	case deal.InLibrary:
		hint = "files of the library lie in content/_library"
	case deal.InAssets:
		hint = "put the file into assets/, or correct the path"
	}
	// A file that leads out of the folder on its way is no missing file.
	for dir := f.File.Dir(); dir != "."; dir = (deal.File{Path: dir}).Dir() {
		if kind, ok := files[dir]; ok && kind == deal.Outside {
			v.fail(f.Place, "path-escape", fmt.Sprintf("%s is a link that leads out of its folder", dir), "", "put the files themselves there; what several deals share goes into content/_library")
			return
		}
	}
	meant, label := nearest(f, files.Paths())
	v.means(meant)
	v.fail(f.Place, "missing-file", fmt.Sprintf("there is no file %s", f.File), label, hint)
}

// nearest is the path that was probably meant by another, and a label that
// says how to write it.
func nearest(f deal.NamedFile, paths []string) (meant, label string) {
	for _, p := range paths {
		if strings.EqualFold(norm.NFC.String(p), norm.NFC.String(f.File.Path)) {
			return p, fmt.Sprintf("the file is called %q: capitals count", p)
		}
	}
	meant = diag.Nearest(f.File.Path, paths)
	for _, p := range paths {
		if meant == "" && strings.EqualFold(p[strings.LastIndexByte(p, '/')+1:], f.File.Name()) {
			meant = p
		}
	}
	if meant == "" {
		return "", ""
	}
	written := deal.File{Root: f.File.Root, Path: meant}.String()
	if strings.HasPrefix(f.Place.File, "content/_library/") { // where no prefix is needed
		written = meant
	}
	return meant, fmt.Sprintf("did you mean %q?", written)
}

// pictures are the endings of what an <img> can show.
func pictures() []string {
	return []string{".svg", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif"}
}

func (v *visit) picture(f deal.File, at deal.Place) {
	if f.IsSet() && !slices.Contains(pictures(), f.Ext()) {
		v.fail(at, "wrong-file", fmt.Sprintf("%s is no picture that a browser shows", f), "", "use "+strings.Join(pictures(), ", "))
	}
}

// unpublished lists what lies in collateral/ and is named by nothing, and
// links that lead out, whether anything names them or not.
func unpublished(v *visit) {
	named := map[string]bool{}
	for _, f := range v.Named {
		for p := f.File; p.Root == deal.InDeal && p.Path != "."; p.Path = p.Dir() {
			named[p.Path] = true // with its folders: a link on the way was told
		}
	}
	for _, name := range sortedFiles(v.Files) {
		at := deal.Place{File: v.Deal.File(name)}
		if named[name] {
			continue
		}
		switch kind := v.Files[name]; {
		case kind == deal.Outside && !v.isText(name):
			v.fail(at, "path-escape", "this is a link that leads out of the deal's folder", "", "delete it; what several deals share goes into content/_library")
		case kind != deal.Regular || !strings.HasPrefix(name, "collateral/"):
		case v.meant[lastName(name)]: // the mistake in its path was told
		default:
			v.findings = append(v.findings, deal.Finding{Place: at, Code: "unpublished-file", Advice: true,
				Text: "nothing names this file, so it is not published", Hint: "name it in a table [collateral.<id>] or in a text, or delete it"})
		}
	}
}

// means notes that a path, which was reported, was to name a file.
func (v *visit) means(written string) { v.meant[lastName(written)] = true }

// lastName is the name of a file, folded, in a path that may be wrong.
func lastName(written string) string {
	if decoded, err := url.PathUnescape(written); err == nil {
		written = decoded
	}
	name := written[strings.LastIndexAny(written, `/\`)+1:]
	return strings.ToLower(norm.NFC.String(name))
}

// isText says whether parse reads the file, and so has reported it.
func (v *visit) isText(name string) bool {
	if name == "deal.toml" || name == "index.md" {
		return true
	}
	dir, base, _ := strings.Cut(name, "/")
	return strings.HasSuffix(base, ".md") && !strings.Contains(base, "/") && slices.Contains([]string{"milestones", "notes", "pages"}, dir)
}

// clashes finds published files that a disk which folds case would take for
// one.
func clashes(v *visit) {
	first := map[string]deal.NamedFile{}
	for _, f := range v.Named {
		if _, _, found := v.listing(f.File.Root).Find(f.File.Path); !f.Shown || !found {
			continue
		}
		key := fmt.Sprint(f.File.Root, strings.ToLower(norm.NFC.String(f.File.Path)))
		if other, ok := first[key]; ok && other.File.Path != f.File.Path {
			v.fail(f.Place, "name-clash", fmt.Sprintf("%s and %s differ in nothing but capitals or accents", f.File, other.File), "", "not every disk can tell them apart: rename one")
			continue
		}
		first[key] = f
	}
}

func sortedFiles(files deal.Files) []string {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// siteFiles checks what portico.toml and the library name.
func (v *visit) siteFiles() {
	s := v.site
	site := deal.Place{File: deal.SiteFile}
	each := func(f deal.File, at deal.Place, picture bool) {
		if f.IsSet() {
			v.file(deal.NamedFile{File: f, Place: at})
			if picture {
				v.picture(f, at)
			}
		}
	}
	each(s.Seller.Logo, site.Of("seller", "logo"), true)
	each(s.Seller.LogoDark, site.Of("seller", "logo_dark"), true)
	for i := range s.Team {
		each(s.Team[i].Photo, site.Of("person", s.Team[i].ID, "photo"), true)
	}
	library := deal.Place{File: deal.LibraryFile}
	for i := range s.Library.Collateral {
		c := &s.Library.Collateral[i]
		each(c.File, library.Of("collateral", c.ID, "file"), false)
		each(c.Poster, library.Of("collateral", c.ID, "poster"), true)
	}
}
