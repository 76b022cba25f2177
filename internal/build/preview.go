package build

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"portico/internal/bundle"
	"portico/internal/deal"
	"portico/internal/diag"
	"portico/internal/message"
	"portico/internal/render"
)

// PreviewFile is a file that a preview has and a site has not.
type PreviewFile struct {
	Name string
	Data []byte
}

// Preview is what a preview shows besides a site's pages.
type Preview struct {
	// Script of every page that is previewed, and the style of what it adds.
	Script, Style PreviewFile
	// List is the style of the list of deals.
	List PreviewFile
	// Locales that pages can be shown in.
	Locales []string

	mistakes *render.Mistakes
}

// NewPreview makes it of what is built in.
func NewPreview(opts Options) (*Preview, error) {
	files, err := bundle.ForPreview(opts.Look.Assets)
	if err != nil {
		return nil, err
	}
	messages, err := fs.ReadFile(opts.Look.Layouts, "parts/messages.html")
	if err != nil {
		return nil, fmt.Errorf("internal error: the built-in layouts: %w", err)
	}
	mistakes, err := render.NewMistakes(string(messages))
	if err != nil {
		return nil, err
	}
	words := &message.Catalog{More: opts.Words}
	return &Preview{
		Script: PreviewFile(files.Script), Style: PreviewFile(files.Style), List: PreviewFile(files.List),
		Locales: words.Locales(), mistakes: mistakes,
	}, nil
}

// Mistakes is the page that stands in for one that cannot be made.
func (p *Preview) Mistakes(list diag.List, err error) ([]byte, error) {
	return p.mistakes.Page(list, err)
}

// View gives the options under which a site is seen as of another day, or in
// another locale; each may be empty.
func (p *Preview) View(opts Options, day, locale string) (Options, error) {
	if day != "" {
		d, err := deal.ParseDate(day)
		if err != nil || d.Relative() {
			return opts, fmt.Errorf("%q is no day", day)
		}
		opts.AsOf = d.Day
	}
	if locale != "" {
		if !slices.Contains(p.Locales, locale) {
			return opts, fmt.Errorf("there are no words for %q", locale)
		}
		opts.Locale = locale
	}
	return opts, nil
}

// errNoDeal is the error of a deal that is not in the site.
var errNoDeal = errors.New("there is no such deal")

// Made makes a deal's pages, once, and tells what is wrong with it, and
// whether there are pages.
func (o *Output) Made(id string) (messages diag.List, shown bool, err error) {
	if !o.Has(id) {
		return nil, false, errNoDeal
	}
	d := o.deal(id)
	return d.messages, d.files != nil, d.err
}

// Has says whether the site has a deal.
func (o *Output) Has(id string) bool {
	_, found := slices.BinarySearch(o.project.IDs, id)
	return found
}

// Close forgets every deal, and with it closes their folders.
func (o *Output) Close() {
	o.mu.Lock()
	ids := sortedKeys(o.deals)
	o.mu.Unlock()
	for _, id := range ids {
		o.Forget(id)
	}
}
