package parse

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"

	"portico/internal/deal"
	"portico/internal/message"
)

// example is one of CommonMark's own.
type example struct {
	Markdown string `json:"markdown"`
	HTML     string `json:"html"`
	Example  int    `json:"example"`
	Section  string `json:"section"`
}

// examples are those that goldmark holds itself against.
func examples(t testing.TB) []example {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/yuin/goldmark").Output()
	if err != nil {
		t.Fatalf("looking for goldmark's sources: %v", err)
	}
	data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "_test", "spec.json"))
	if err != nil {
		t.Fatal(err)
	}
	var list []example
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// TestCommonMark runs all examples that hold no raw HTML, which this program
// escapes. None differs.
func TestCommonMark(t *testing.T) {
	md := newMarkdown((&message.Catalog{}).Locale("en"), commonMark)
	run, raw := 0, 0
	for _, e := range examples(t) {
		source := []byte(e.Markdown)
		if holdsHTML(md.parse(source)) {
			raw++
			continue
		}
		run++
		prose, findings := md.document(source, 0)
		if diff := cmp.Diff(html5(e.HTML), html5(specHTML(&prose))); diff != "" {
			t.Errorf("example %d, %s (-want +got):\n%s\nof\n%s", e.Example, e.Section, diff, e.Markdown)
		}
		if len(findings) > 0 {
			t.Errorf("example %d: %v", e.Example, findings)
		}
	}
	if run < 550 || raw < 50 {
		t.Errorf("%d examples were run, and %d left out", run, raw)
	}
}

func holdsHTML(doc ast.Node) bool {
	found := false
	_ = ast.Walk(doc, func(n ast.Node, _ bool) (ast.WalkStatus, error) {
		found = found || n.Kind() == ast.KindHTMLBlock || n.Kind() == ast.KindRawHTML
		return ast.WalkContinue, nil
	})
	return found
}

// html5 leaves out the slash of tags that close themselves.
func html5(s string) string { return strings.ReplaceAll(s, " />", ">") }

// specHTML is a Prose as CommonMark's examples are written.
func specHTML(p *deal.Prose) string {
	q := deal.Prose{Pieces: append([]deal.Piece(nil), p.Pieces...)}
	for i := range q.Pieces {
		x := &q.Pieces[i]
		x.Target = string(util.URLEscape([]byte(x.Target), false))
	}
	return htmlOf(&q)
}
