package serve

import (
	"strings"
)

// view is a way to look at the site that its source does not choose: as of a
// day, or in a locale. Its zero value is the site as it is.
type view struct{ day, locale string }

const (
	// own is where the preview's own files lie. No deal's name begins so.
	own = "/_portico/"
	// views is below what the site lies in another view.
	views = own + "view/"
)

// prefix is the path that the site lies under in a view. Links between pages
// are relative, so that they stay within it.
func (v view) prefix() string {
	if v == (view{}) {
		return "/"
	}
	name := v.day
	if v.day != "" && v.locale != "" {
		name += ","
	}
	return views + name + v.locale + "/"
}

// parsePath tells which view a path lies in, and the name of a file there.
func parsePath(path string) (v view, name string, ok bool) {
	rest, within := strings.CutPrefix(path, views)
	if !within {
		return view{}, strings.TrimPrefix(path, "/"), true
	}
	first, name, ok := strings.Cut(rest, "/")
	if first != "" && first[0] >= '0' && first[0] <= '9' {
		v.day, v.locale, _ = strings.Cut(first, ",")
	} else {
		v.locale = first
	}
	return v, name, ok && v != (view{})
}
