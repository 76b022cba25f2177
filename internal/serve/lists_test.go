package serve_test

import (
	"encoding/json"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"portico/internal/beacon"
	"portico/internal/need"
)

// Lists that browsers' blockers go by block no file of a portal and nothing that
// its pages send, whether the collector has the portal's own origin or another
// host of the site. What they block of others, and of what else a site may have, says
// that they work.
func TestFilterLists(t *testing.T) {
	lists := need.Files(t, "webext-ublock-origin-firefox", "/usr/share/mozilla/extensions/*/uBlock0@raymondhill.net/assets/thirdparties/easylist/easy*.txt")
	node := need.Program(t, "node", "nodejs")
	modules := filepath.Dir(filepath.Dir(need.Tool(t, "@ghostery/adblocker")))
	h := sealedHost(t, "meridian-bank")
	type request struct{ URL, Source, Type string }
	var requests []request
	const site = "https://plans.lumen.example/"
	page := site + h.folder() + "/"
	for name := range h.files {
		requests = append(requests, request{site + name, page, typeOf(name)})
	}
	// A site that reports has two files besides.
	requests = append(requests, request{site + "_/receipts-ABCDEFGH.js", page, "script"}, request{site + "_/notice-ABCDEFGH.css", page, "stylesheet"})
	for _, collector := range []string{"https://plans.lumen.example", "https://collector.lumen.example", "https://lumen.example", "https://portico.lumen.example"} {
		for _, kind := range []string{"fetch", "xhr", "ping", "beacon", "other"} {
			requests = append(requests, request{collector + beacon.Path, page, kind})
		}
	}
	asked := len(requests)
	for _, known := range []string{"https://www.google-analytics.com/analytics.js", "https://pagead2.googlesyndication.com/pagead/js/adsbygoogle.js", site + "matomo.js", site + "piwik.js"} {
		requests = append(requests, request{known, page, "script"})
	}
	data, err := json.Marshal(requests)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), node, append([]string{filepath.Join("testdata", "lists.mjs"), modules}, lists...)...)
	cmd.Stdin = strings.NewReader(string(data))
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var blocked []struct {
		URL, Filter string
		Index       int
	}
	if err := json.Unmarshal(out, &blocked); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	others := 0
	for _, b := range blocked {
		if b.Index >= asked {
			others++
			continue
		}
		t.Errorf("%s is blocked by %s", b.URL, b.Filter)
	}
	if others != len(requests)-asked {
		t.Errorf("of what is on the lists %d are blocked", others)
	}
	t.Logf("%d requests against %d lists", asked, len(lists))
}

var mediaName = regexp.MustCompile(`\.(webm|mp4|mp3)$`)

// typeOf a file as a browser asks for it.
func typeOf(name string) string {
	switch ext := path.Ext(name); {
	case ext == ".js":
		return "script"
	case ext == ".css":
		return "stylesheet"
	case ext == ".html":
		return "document"
	case ext == ".woff2":
		return "font"
	case mediaName.MatchString(name):
		return "media"
	case ext == ".svg", ext == ".png", ext == ".webp":
		return "image"
	}
	return "fetch"
}
