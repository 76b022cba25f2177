package media

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTypeOf(t *testing.T) {
	tests := []struct {
		name string
		want Type
	}{
		{"a.pdf", Type{Document, "application/pdf", "PDF", true}},
		{"collateral/a.b.PNG", Type{Image, "image/png", "PNG", true}},
		{"a.jpg", Type{Image, "image/jpeg", "JPG", true}},
		{"a.JPEG", Type{Image, "image/jpeg", "JPEG", true}},
		{"a.gif", Type{Image, "image/gif", "GIF", true}},
		{"a.webp", Type{Image, "image/webp", "WEBP", true}},
		{"a.avif", Type{Image, "image/avif", "AVIF", true}},
		{"a.svg", Type{Image, "image/svg+xml", "SVG", true}},
		{"a.mp4", Type{Video, "video/mp4", "MP4", true}},
		{"a.webm", Type{Video, "video/webm", "WEBM", true}},
		{"a.mp3", Type{Audio, "audio/mpeg", "MP3", true}},
		{"a.ogg", Type{Audio, "audio/ogg", "OGG", true}},
		{"a.csv", Type{Table, "text/csv", "CSV", true}},
		{"a.md", Type{Text, "text/markdown", "MD", true}},
		{"a.txt", Type{Other, "text/plain", "TXT", true}},
		{"a.vtt", Type{Other, "text/vtt", "VTT", true}},
		{"a.xlsx", Type{Other, "application/octet-stream", "XLSX", true}},
		{"a.html", Type{Other, "application/octet-stream", "HTML", false}},
		{"a.png.html", Type{Other, "application/octet-stream", "HTML", false}},
		{"a.html.png", Type{Image, "image/png", "PNG", true}}, // served as a picture, whatever is in it
		{"a.svgz", Type{Other, "application/octet-stream", "SVGZ", false}},
		{"a.pdf ", Type{Other, "application/octet-stream", "PDF ", false}},
		{"a.pdf.", Type{Other, "application/octet-stream", "", false}},
		{"a.pdf/b", Type{Other, "application/octet-stream", "", false}},
		{"pdf", Type{Other, "application/octet-stream", "", false}},
		{"", Type{Other, "application/octet-stream", "", false}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, TypeOf(tt.name)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What a host might serve as something that runs gets an ending that none
// does; nothing else is renamed.
func TestPublishedName(t *testing.T) {
	for _, ext := range []string{
		"html", "htm", "HTML", "xhtml", "xht", "shtml", "mht", "mhtml", "xml", "xsl", "xslt", "rss", "atom", "rdf", "svgz", "mathml", "js", "mjs", "cjs", "css", "wasm", "json",
		"map", "webmanifest", "appcache", "swf", "jar", "hta", "htc", "php", "phtml", "asp", "aspx", "jsp", "cgi", "pl", "py", "sh", "exe", "bat", "htaccess", "eml", "url", "unknown",
	} {
		name := "collateral/a.png." + ext
		if got := PublishedName(name); got != name+".bin" {
			t.Errorf("%s is published as %s", name, got)
		}
	}
	for _, name := range []string{"no-ending", ".htaccess", "a.html.", "a.html "} {
		if got := PublishedName(name); got != name+".bin" {
			t.Errorf("%q is published as %q", name, got)
		}
	}
	for _, name := range []string{"a.html.key", "x.svg/a.HTM.vcf", "a.php.png", "a.shtml.pdf"} { // Apache goes by the inner one
		if got := PublishedName(name); got != name+".bin" {
			t.Errorf("%s is published as %s", name, got)
		}
	}
	for _, name := range []string{"a.svg.png", "html.pdf", "v1.2.pdf", "a.html/b.key", "a.pdf", "a.PNG", "x/a.svg", "a.csv", "a.docx", "a.zip", "a.mp4", "a.vtt", "a.txt"} {
		if got := PublishedName(name); got != name {
			t.Errorf("%s is published as %s", name, got)
		}
	}
}
