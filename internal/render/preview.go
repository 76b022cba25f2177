package render

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"maps"
	"strings"

	"portico/internal/diag"
)

// Mistakes makes the page that stands in for one that cannot be made. It uses
// what is built in alone, since a site's own layouts may be what is wrong.
type Mistakes struct{ layout *template.Template }

//go:embed mistakes.html
var mistakesLayout string

// NewMistakes prepares the page; messages is the built-in layout of a list of
// them.
func NewMistakes(messages string) (*Mistakes, error) {
	t, err := template.New("mistakes").Parse(mistakesLayout)
	if err == nil {
		_, err = t.New("messages").Parse(messages)
	}
	if err != nil {
		return nil, fmt.Errorf("internal error: the page of mistakes: %w", err)
	}
	return &Mistakes{t}, nil
}

// Page tells of mistakes in what was written, and of an error, which may be
// nil.
func (m *Mistakes) Page(list diag.List, err error) ([]byte, error) {
	data := struct {
		Policy, Error string
		Messages      []IndexMessage
	}{Policy: strictPolicy, Messages: indexMessages(list)}
	if err != nil {
		data.Error = err.Error()
	}
	var b bytes.Buffer
	if err := m.layout.Execute(&b, data); err != nil {
		return nil, fmt.Errorf("making the page of mistakes: %w", err)
	}
	return b.Bytes(), nil
}

// strictPolicy is that of a page that knows no settings.
const strictPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"

// MistakesHeaders are those of a page of mistakes.
func MistakesHeaders() map[string]string { return headers(strictPolicy) }

// PreviewHeaders are a site's headers but for one thing: a preview may show its
// pages in a frame of its own, which is how they look on a phone.
func PreviewHeaders(of map[string]string) map[string]string {
	own := maps.Clone(of)
	const name = "Content-Security-Policy"
	own[name] = strings.TrimSuffix(own[name], unframed) + "; frame-ancestors 'self'"
	return own
}

// PreviewLinks are what a preview adds to a page: a script, and what it has to know.
type PreviewLinks struct {
	// Script and Styles are addresses.
	Script string
	Styles []string
	// Facts are told to the script, by name.
	Facts map[string]string
}

// AddPreview puts a preview's script into a finished page. The page itself
// stays what a build makes, to the byte.
func AddPreview(page []byte, links PreviewLinks) []byte {
	var b bytes.Buffer
	for _, s := range links.Styles {
		fmt.Fprintf(&b, `<link rel="stylesheet" href="%s">`, template.HTMLEscapeString(s))
	}
	// It puts the reader back where they were before anything is painted.
	fmt.Fprintf(&b, `<script type="module" blocking="render" src="%s"`, template.HTMLEscapeString(links.Script))
	for _, name := range sortedKeys(links.Facts) {
		fmt.Fprintf(&b, ` data-%s="%s"`, name, template.HTMLEscapeString(links.Facts[name]))
	}
	b.WriteString(`></script>`)
	at := bytes.Index(page, []byte("</head>"))
	if at < 0 { // a layout of one's own may leave it out
		at = len(page)
	}
	out := make([]byte, 0, len(page)+b.Len())
	out = append(out, page[:at]...)
	out = append(out, b.Bytes()...)
	return append(out, page[at:]...)
}
