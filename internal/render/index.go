package render

import (
	"fmt"
	"html/template"

	"portico/internal/deal"
	"portico/internal/diag"
)

// Index is the page on which `serve` lists a site's deals. It is for the
// seller's own people and never published.
type Index struct {
	Lang, Dir, Title string
	Policy           string
	Style, Icon      template.URL
	Deals            []IndexDeal
	Messages         []IndexMessage // about the site as a whole
	Counts           string
	Sealed           bool // a preview of deals as buyers get them
}

// IndexDeal is one line of the list.
type IndexDeal struct {
	ID, Buyer, Title string
	Href             template.URL // empty where there is nothing to see
	Status           string
	Health           string
	HealthWord       string
	Next             string
	Changed          Date
	By               string
	FromFiles        bool
	Left             string
	Messages         []IndexMessage
}

// IndexMessage is a diagnostic.
type IndexMessage struct {
	Severity, Place, Text, Code, Label, Hint, Excerpt string
}

// IndexEntry is what the page is made of.
type IndexEntry struct {
	ID, Buyer, Title, Status string
	Health                   deal.Health
	Next                     string
	Changed                  deal.Day
	By                       string
	FromFiles                bool
	Left                     string
	Shown                    bool
	Folder                   string // of the output
	Messages                 diag.List
}

// Index makes the list of deals. messages are about the site as a whole,
// sealed says that its deals are shown as buyers get them.
func (r *Renderer) Index(site *deal.Site, entries []IndexEntry, messages diag.List, sealed bool) ([]byte, error) {
	words := r.words.Locale(site.Locale)
	p := &Index{
		Lang: "en", Dir: "ltr", Title: site.Title, Policy: Policy(site),
		// Paths of our own, from where the list lies: a preview has several.
		Style: template.URL(escapePath(r.look.Style)), Icon: template.URL(escapePath(r.look.Icon)),
		Messages: indexMessages(messages), Sealed: sealed,
	}
	english := r.words.Locale("en")
	errors, warnings := messages.Count(diag.Error), messages.Count(diag.Warning)
	for _, e := range entries {
		d := IndexDeal{ID: e.ID, Buyer: e.Buyer, Title: e.Title, Status: e.Status, Next: e.Next, By: e.By, FromFiles: e.FromFiles, Left: e.Left, Messages: indexMessages(e.Messages)}
		if e.Health != "" {
			d.Health, d.HealthWord = string(e.Health), english.Say("health."+string(e.Health))
		}
		if e.Changed != 0 {
			d.Changed = Date{ISO: e.Changed.String(), Text: words.Day(e.Changed)}
		}
		if e.Shown {
			d.Href = template.URL("./" + escapePath(e.Folder) + "/") // a colon in a name makes no scheme
		}
		errors += e.Messages.Count(diag.Error)
		warnings += e.Messages.Count(diag.Warning)
		p.Deals = append(p.Deals, d)
	}
	p.Counts = fmt.Sprintf("%s, %s, %s", count(len(entries), "deal"), count(errors, "error"), count(warnings, "warning"))
	return r.engine.execute(nil, "index.html", p)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func indexMessages(list diag.List) []IndexMessage {
	var out []IndexMessage
	for _, m := range list {
		out = append(out, IndexMessage{
			Severity: m.Severity.String(), Place: fmt.Sprintf("%s:%d:%d", m.File, m.Start.Line, m.Start.Column),
			Text: m.Text, Code: m.Code, Label: m.Label, Hint: m.Hint, Excerpt: m.Excerpt,
		})
	}
	return out
}
