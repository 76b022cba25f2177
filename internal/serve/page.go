package serve

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"portico/internal/render"
)

// page is a page as it is shown now.
type page struct {
	trouble
	status  int
	html    []byte
	headers map[string]string
	// alone says that the page shows its mistakes itself.
	alone bool
	// print tells it from what it was or will be.
	print fingerprint
}

// fingerprint of a page: what it holds, and how that looks. Where the second
// alone changes, the page need not be loaded again.
type fingerprint struct {
	text string
	// styles are the addresses of its stylesheets, each with something that
	// changes when what lies there does.
	styles []string
}

func (f fingerprint) String() string {
	return f.text + "." + short([]byte(strings.Join(f.styles, " ")))
}

func short(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// isPage says whether a name leads to a page, and not to a file that a page
// shows.
func isPage(name string) bool {
	return name == "" || strings.HasSuffix(name, "/") || strings.HasSuffix(name, ".html")
}

// choose what to answer from, for a name in a view.
func (l *lane) choose(ctx context.Context, now *edition, name string) choice {
	id, _, _ := strings.Cut(name, "/")
	switch {
	case id == "":
		return l.forList(ctx, now)
	case now.err == nil && !now.output.Has(id):
		l.drop(id)
		return choice{edition: now.use(), trouble: trouble{mistakes: now.messages.Errors()}}
	}
	return l.forDeal(now, id)
}

// page makes the page of a name.
func (p *Preview) page(ctx context.Context, l *lane, v view, name string) page {
	now := l.current(ctx, p.count())
	defer now.release()
	c := l.choose(ctx, now, name)
	if c.edition == nil {
		return p.troubled(c.trouble)
	}
	defer c.release()
	out := page{trouble: c.trouble, status: http.StatusOK, html: c.list, headers: c.output.Headers()}
	if c.list == nil {
		var err error
		out.html, err = fs.ReadFile(c.output, inFolder(name))
		if err != nil {
			out.status = http.StatusNotFound
			out.html, err = fs.ReadFile(c.output, "404.html")
		}
		if err != nil {
			if !c.any() && !errors.Is(err, fs.ErrNotExist) {
				c.trouble.err = err
			}
			return p.troubled(c.trouble)
		}
	}
	out.print = p.fingerprint(c.edition, v, name, out.status, out.html)
	return out
}

// troubled is the page of mistakes that stands in for one that was never good.
func (p *Preview) troubled(t trouble) page {
	html, err := p.own.Mistakes(t.mistakes, t.err)
	if err != nil {
		html = []byte("this page could not be made") // nor could the one that says why
	}
	return page{trouble: t, alone: true, status: http.StatusInternalServerError, html: html, headers: render.MistakesHeaders(), print: fingerprint{text: short(html)}}
}

// hashed finds the names of stylesheets that change with what they hold.
var hashed = regexp.MustCompile(`(_/[a-z]+)-[A-Z0-9]{8}\.css`)

func (p *Preview) fingerprint(e *edition, v view, name string, status int, html []byte) fingerprint {
	id, _, _ := strings.Cut(name, "/")
	text := fmt.Appendf(nil, "%d %d\n", status, p.others(id))
	text = append(text, hashed.ReplaceAll(html, []byte("$1.css"))...)
	f := fingerprint{text: short(text)}
	styles := map[string]bool{}
	for _, m := range hashed.FindAll(html, -1) {
		styles[v.prefix()+string(m)] = true
	}
	// A deal's own colours and numbers.
	if tokens, err := fs.ReadFile(e.output, id+"/tokens.css"); err == nil {
		styles[v.prefix()+id+"/tokens.css?"+short(tokens)] = true
	}
	f.styles = slices.Sorted(maps.Keys(styles))
	return f
}

// show answers with what a name leads to in a view.
func (p *Preview) show(w http.ResponseWriter, r *http.Request, v view, name string) {
	l, err := p.lane(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	if !isPage(name) && p.file(w, r, l, v, name) {
		return
	}
	shown := p.page(r.Context(), l, v, name)
	if !p.opts.Build.Clear && name != "" && !shown.alone { // as a buyer gets it, to the byte
		setHeaders(w, shown.headers)
		writePage(w, shown.status, shown.html)
		return
	}
	setHeaders(w, render.PreviewHeaders(shown.headers))
	links := render.PreviewLinks{Script: own + p.own.Script.Name, Facts: map[string]string{
		"start": p.start, "seen": shown.print.String(), "style": own + p.own.Style.Name, "root": v.prefix(),
		"day": v.day, "locale": v.locale, "locales": strings.Join(p.own.Locales, " "),
	}}
	if name == "" || shown.alone {
		links.Styles = []string{own + p.own.List.Name}
	}
	writePage(w, shown.status, render.AddPreview(shown.html, links))
}

// file answers with a file that a page shows.
func (p *Preview) file(w http.ResponseWriter, r *http.Request, l *lane, v view, name string) bool {
	now := l.current(r.Context(), p.count())
	defer now.release()
	c := l.choose(r.Context(), now, name)
	sources := l.editions() // a page that was good last has the files of its time
	if c.edition != nil {
		sources = slices.Insert(sources, 0, c.edition)
	}
	defer func() {
		for _, e := range sources {
			e.release()
		}
	}()
	if c.edition != nil && !strings.HasPrefix(name, "_/") {
		sources = sources[:1:1]
	}
	for _, e := range sources {
		if e.output == nil {
			continue
		}
		setHeaders(w, render.PreviewHeaders(e.output.Headers()))
		if found, err := serveFile(w, r, e.output, v.prefix(), name); found || err != nil {
			if err != nil {
				http.Error(w, "this file could not be read: "+err.Error(), http.StatusInternalServerError)
			}
			return true
		}
	}
	return false
}
