package bundle

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/tdewolff/minify/v2"
	"github.com/tdewolff/minify/v2/html"
	"github.com/tdewolff/minify/v2/svg"
)

// Layouts reads every layout below a folder and minifies it, by its path. This
// is done once, before a layout is run, and not page by page: what a layout
// puts into a page is not touched.
func Layouts(files fs.FS) (map[string]string, error) {
	m := minify.New()
	m.Add("text/html", &html.Minifier{
		TemplateDelims: html.GoTemplateDelims,
		// Layouts are parts of pages, so that what a page as a whole could do
		// without has to stay; and without quotes html/template would have to
		// escape more.
		KeepDocumentTags: true, KeepEndTags: true, KeepQuotes: true, KeepDefaultAttrVals: true,
		// Comments have no place in a page.
		KeepComments: false, KeepSpecialComments: false,
	})
	layouts := map[string]string{}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".html" {
			return err
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		text, err := m.String("text/html", string(data))
		if err != nil {
			return fmt.Errorf("layout %s: %w", name, err)
		}
		layouts[name] = strings.TrimSpace(text)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading layouts: %w", err)
	}
	return layouts, nil
}

// SVG minifies a drawing; one that can't be is returned as it is.
func SVG(data []byte) []byte {
	m := minify.New()
	m.Add("image/svg+xml", &svg.Minifier{})
	small, err := m.Bytes("image/svg+xml", data)
	if err != nil {
		return data
	}
	return small
}
