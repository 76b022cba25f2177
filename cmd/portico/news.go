package main

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"portico/internal/serve"
	"portico/internal/watch"
)

// tell what a preview has learned: a line for each change, and below it what is
// wrong that was not before.
func (a *app) tell(n serve.News) {
	list := n.New
	if a.quiet {
		list = list.Errors()
	}
	if len(n.Paths) > 0 {
		a.note("%s", a.changeLine(n))
	}
	if n.Err != nil {
		a.say(a.err, "portico: %v", n.Err)
	}
	_ = list.WriteText(a.err, a.color(a.err)) // a terminal that is gone is no reason to fail
	if len(list) > 0 || n.Err != nil {
		a.note("")
	}
	if len(n.Paths) == 0 {
		a.note("%s checked: %s", plural(n.Deals, "deal"), counts(n.All))
	}
}

// changeLine says when what changed, how long it took, and how things stand.
func (a *app) changeLine(n serve.News) string {
	paint := func(style, text string) string {
		if !a.color(a.err) {
			return text
		}
		return style + text + "\x1b[0m"
	}
	const faint, red, green = "\x1b[2m", "\x1b[31m", "\x1b[32m"
	line := paint(faint, a.now().Format("15:04:05")) + "  " + whatChanged(n.Paths) + "  " + paint(faint, n.Took.Round(time.Millisecond).String())
	switch errors := len(n.All.Errors()); {
	case n.Err != nil:
		line += "  " + paint(red, "it cannot be shown")
	case errors > 0:
		line += "  " + paint(red, plural(errors, "error"))
	case n.Mended:
		line += "  " + paint(green, "mended")
	}
	return line
}

// whatChanged names a file, or says how many there are and where.
func whatChanged(paths []string) string {
	// A commit that brought files is told by them.
	files := slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return p == watch.Commits })
	switch {
	case len(files) == 0:
		return "a commit"
	case files[0] == watch.Everything:
		return "many files"
	case len(files) == 1:
		return files[0]
	}
	common := path.Dir(files[0])
	for _, p := range files[1:] {
		for common != "." && !strings.HasPrefix(p, common+"/") {
			common = path.Dir(common)
		}
	}
	if common == "." {
		return fmt.Sprintf("%d files", len(files))
	}
	return fmt.Sprintf("%d files in %s", len(files), common)
}
