package host

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// headersFile is what Netlify and Cloudflare Pages read. Where two rules fit,
// the values of one header are joined, so how long pages are kept is left to the
// host: both ask for them again each time.
func (s Site) headersFile() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s*\n", s.Base)
	for _, h := range s.all() {
		fmt.Fprintf(&b, "  %s: %s\n", h.Name, h.Value)
	}
	fmt.Fprintf(&b, "%s%s/*\n  %s: %s\n", s.Base, sharedDir, forever.Name, forever.Value)
	return []byte(b.String())
}

type vercelHeader struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

type vercelRule struct {
	Source  string         `json:"source"`
	Headers []vercelHeader `json:"headers"`
}

// vercel.json. Of two rules the later one wins there. Nothing is said of slashes
// at the end of an address: one would be put behind objects, whose names have no
// ending.
func (s Site) vercel() ([]byte, error) {
	rule := func(source string, headers ...Header) vercelRule {
		r := vercelRule{Source: source}
		for _, h := range headers {
			r.Headers = append(r.Headers, vercelHeader{h.Name, h.Value})
		}
		return r
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(map[string]any{
		"headers": []vercelRule{rule(s.Base+"(.*)", append(s.all(), fresh)...), rule(s.Base+sharedDir+"/(.*)", forever)},
	})
	return b.Bytes(), err
}

// nginx is included in a server block. Headers of an outer block are dropped by
// an inner one that has its own, so each location has all of them.
func (s Site) nginx() []byte {
	var b strings.Builder
	location := func(match string, more Header, lines ...string) {
		fmt.Fprintf(&b, "location %s {\n", match)
		for _, h := range append(s.all(), more) {
			fmt.Fprintf(&b, "\tadd_header %s \"%s\" always;\n", h.Name, h.Value)
		}
		fmt.Fprintf(&b, "\terror_page 403 404 %s404.html;\n", s.Base)
		for _, line := range lines {
			b.WriteString("\t" + line + "\n")
		}
		b.WriteString("}\n")
	}
	b.WriteString("# Include this in the server block whose root holds the site.\n")
	location(s.Base, fresh, "index index.html;", "charset utf-8;")
	location("^~ "+s.Base+sharedDir+"/", forever, "charset utf-8;")
	for _, name := range own() {
		fmt.Fprintf(&b, "location = %s%s { return 404; }\n", s.Base, name)
	}
	return []byte(b.String())
}

// caddy is imported in a site block.
func (s Site) caddy() []byte {
	var b strings.Builder
	b.WriteString("# Import this in the site block whose root holds the site.\n")
	fmt.Fprintf(&b, "header %s* {\n", s.Base)
	for _, h := range s.all() {
		fmt.Fprintf(&b, "\t%s \"%s\"\n", h.Name, h.Value)
	}
	b.WriteString("}\n")
	shared := s.Base + sharedDir + "/*"
	fmt.Fprintf(&b, "@pages {\n\tpath %s*\n\tnot path %s\n}\n", s.Base, shared)
	fmt.Fprintf(&b, "header @pages %s \"%s\"\n", fresh.Name, fresh.Value)
	fmt.Fprintf(&b, "header %s %s \"%s\"\n", shared, forever.Name, forever.Value)
	fmt.Fprintf(&b, "@own path")
	for _, name := range own() {
		b.WriteString(" " + s.Base + name)
	}
	b.WriteString("\nerror @own 404\n")
	fmt.Fprintf(&b, "handle_errors {\n\trewrite * %s404.html\n\tfile_server\n}\n", s.Base)
	b.WriteString("file_server\n")
	return []byte(b.String())
}

// cloudFront is one function for the events "viewer request" and "viewer
// response" of a distribution whose origin is a private bucket, which knows no
// index.html of a folder.
func (s Site) cloudFront() []byte {
	var lines []string
	for _, h := range s.all() {
		lines = append(lines, fmt.Sprintf("  %q: { value: %q },\n", strings.ToLower(h.Name), h.Value))
	}
	return fmt.Appendf(nil, `// Runs on the viewer's request and on the viewer's response.
var headers = {
%s};

function handler(event) {
  var uri = event.request.uri;
  if (event.context.eventType === "viewer-request") {
    if (uri.endsWith("/")) event.request.uri = uri + "index.html";
    return event.request;
  }
  var response = event.response;
  for (var name in headers) response.headers[name] = headers[name];
  response.headers["cache-control"] = { value: uri.startsWith(%q) ? %q : %q };
  return response;
}
`, strings.Join(lines, ""), s.Base+sharedDir+"/", forever.Value, fresh.Value)
}
