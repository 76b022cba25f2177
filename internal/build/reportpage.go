package build

import (
	"errors"
	"fmt"
	"path"

	"portico/internal/bundle"
	"portico/internal/diag"
	"portico/internal/render"
	"portico/internal/report"
)

// ReportPage makes one page of a report, in the look of the site's own theme.
// With mistakes in the theme there is none, but the messages.
func (p *Project) ReportPage(r report.Report) ([]byte, diag.List, error) {
	l, messages, err := p.makeLook(p.themesInUse()[0], false)
	if err != nil {
		return nil, nil, err
	}
	files, more, err := bundle.ForReport(l.theme.Assets, l.theme.Assets.Where)
	if err != nil {
		return nil, nil, err
	}
	if messages = append(messages, more...); l.failed || messages.Failed() {
		return nil, messages, nil
	}
	if len(files) == 0 {
		return nil, nil, errors.New("internal error: the stylesheet of reports comes to nothing")
	}
	with := render.ReportFiles{Style: shared(files[0].Name)}
	add := func(name string, data []byte) {
		if ext := path.Ext(name); ext != ".js" {
			with.Shared = append(with.Shared, render.PackedFile{Name: shared(name), Type: ContentType(name), Data: data})
		}
	}
	for _, f := range files {
		add(f.Name, f.Data)
	}
	for _, name := range sortedKeys(l.Files) {
		add(name, l.Files[name])
	}
	var page []byte
	err = p.render(l, func(of *render.Renderer) (err error) {
		page, err = of.Report(p.Site.Default(), r, with)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("making the page of a report: %w", err)
	}
	return page, messages, nil
}
