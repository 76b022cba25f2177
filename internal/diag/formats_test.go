package diag

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func written(t *testing.T, l List, format string) string {
	t.Helper()
	var b strings.Builder
	if err := l.Write(&b, format, false); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWriteKnowsItsFormats(t *testing.T) {
	if diff := cmp.Diff([]string{"text", "json", "github", "gitlab"}, Formats()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, format := range Formats() {
		if got := written(t, List{said(t, "a = 1", "a")}, format); !strings.Contains(got, "unknown-key") {
			t.Errorf("%s prints %q", format, got)
		}
	}
	for _, format := range []string{"", "JSON", "xml"} {
		var b strings.Builder
		if err := (List{}).Write(&b, format, false); err == nil || b.Len() > 0 {
			t.Errorf("format %q gives %q, error %v", format, b.String(), err)
		}
	}
}

func TestJSON(t *testing.T) {
	m := said(t, "[deal]\nownér = \"<b>\"\n", "ownér")
	m.Label, m.Hint = `did you mean "owner"?`, "a & b"
	whole := Message{Severity: Advice, Code: "empty", Text: "the file is empty", File: "portico.toml"}
	want := `[
  {
    "severity": "error",
    "code": "unknown-key",
    "message": "unknown key",
    "label": "did you mean \"owner\"?",
    "hint": "a & b",
    "file": "content/fern/deal.toml",
    "start": {
      "offset": 7,
      "line": 2,
      "column": 1
    },
    "end": {
      "offset": 13,
      "line": 2,
      "column": 6
    },
    "excerpt": "ownér = \"<b>\""
  },
  {
    "severity": "advice",
    "code": "empty",
    "message": "the file is empty",
    "file": "portico.toml",
    "start": {
      "offset": 0,
      "line": 0,
      "column": 0
    },
    "end": {
      "offset": 0,
      "line": 0,
      "column": 0
    }
  }
]
`
	if diff := cmp.Diff(want, written(t, List{m, whole}, "json")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReportsOfNothingAreEmptyLists(t *testing.T) {
	for _, format := range []string{"json", "gitlab"} {
		for _, l := range []List{nil, {}} {
			if got := written(t, l, format); got != "[]\n" {
				t.Errorf("%s prints %q", format, got)
			}
		}
	}
	if got := written(t, nil, "github"); got != "" {
		t.Errorf("github prints %q", got)
	}
}

func TestGitHub(t *testing.T) {
	at := func(line, column int) Position { return Position{Line: line, Column: column} }
	tests := []struct {
		name string
		m    Message
		want string
	}{
		{
			"an error on one line",
			Message{Severity: Error, Code: "unknown-key", Text: "unknown key", File: "content/fern/deal.toml", Start: at(9, 1), End: at(9, 6)},
			"::error file=content/fern/deal.toml,line=9,endLine=9,col=1,endColumn=6,title=unknown-key::unknown key\n",
		},
		{
			"a warning",
			Message{Severity: Warning, Code: "x", Text: "t", File: "a", Start: at(1, 2), End: at(1, 3)},
			"::warning file=a,line=1,endLine=1,col=2,endColumn=3,title=x::t\n",
		},
		{
			"advice is a notice",
			Message{Severity: Advice, Code: "x", Text: "t", File: "a", Start: at(1, 2), End: at(1, 3)},
			"::notice file=a,line=1,endLine=1,col=2,endColumn=3,title=x::t\n",
		},
		{
			"nothing is one column wide",
			Message{Severity: Error, Code: "x", Text: "t", File: "a", Start: at(1, 2), End: at(1, 2)},
			"::error file=a,line=1,endLine=1,col=2,endColumn=3,title=x::t\n",
		},
		{
			"over two lines there are no columns",
			Message{Severity: Error, Code: "x", Text: "t", File: "a", Start: at(1, 2), End: at(3, 1)},
			"::error file=a,line=1,endLine=3,title=x::t\n",
		},
		{
			"label and hint",
			Message{Severity: Error, Code: "x", Text: "t", Label: "l", Hint: "h", File: "a", Start: at(1, 1), End: at(1, 2)},
			"::error file=a,line=1,endLine=1,col=1,endColumn=2,title=x::t: l%0Ahint: h\n",
		},
		{
			"a property escapes percent, line ends, colon and comma",
			Message{Severity: Error, Code: "x,y:z", Text: "t", File: "a%,b:c\r\nd", Start: at(1, 1), End: at(1, 2)},
			"::error file=a%25%2Cb%3Ac%0D%0Ad,line=1,endLine=1,col=1,endColumn=2,title=x%2Cy%3Az::t\n",
		},
		{
			"the text escapes percent and line ends alone",
			Message{Severity: Error, Code: "x", Text: "50%, a: b\r\n::error::c %0A", File: "a", Start: at(1, 1), End: at(1, 2)},
			"::error file=a,line=1,endLine=1,col=1,endColumn=2,title=x::50%25, a: b%0D%0A::error::c %250A\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, written(t, List{tt.m}, "github")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

type gitLabIssue struct {
	Description string `json:"description"`
	CheckName   string `json:"check_name"`
	Fingerprint string `json:"fingerprint"`
	Severity    string `json:"severity"`
	Location    struct {
		Path  string `json:"path"`
		Lines struct {
			Begin int `json:"begin"`
			End   int `json:"end"`
		} `json:"lines"`
	} `json:"location"`
}

func gitLab(t *testing.T, l List) []gitLabIssue {
	t.Helper()
	var issues []gitLabIssue
	d := json.NewDecoder(strings.NewReader(written(t, l, "gitlab")))
	d.DisallowUnknownFields()
	if err := d.Decode(&issues); err != nil {
		t.Fatal(err)
	}
	if len(issues) != len(l) {
		t.Fatalf("%d issues for %d messages", len(issues), len(l))
	}
	return issues
}

func fingerprints(t *testing.T, l List) []string {
	t.Helper()
	var all []string
	for _, i := range gitLab(t, l) {
		all = append(all, i.Fingerprint)
	}
	return all
}

func TestGitLab(t *testing.T) {
	m := said(t, "[deal]\na = [\n1]\n", "[\n1]")
	m.Label, m.Hint = "l", "h"
	warning, advice := said(t, "a = 1", "a"), said(t, "a = 1", "a")
	warning.Severity, advice.Severity = Warning, Advice
	issues := gitLab(t, List{m, warning, advice})
	want := gitLabIssue{Description: "unknown key: l\nhint: h", CheckName: "unknown-key", Severity: "major"}
	want.Fingerprint = issues[0].Fingerprint
	want.Location.Path = "content/fern/deal.toml"
	want.Location.Lines.Begin, want.Location.Lines.End = 2, 3
	if diff := cmp.Diff(want, issues[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := []string{issues[0].Severity, issues[1].Severity, issues[2].Severity}; !cmp.Equal(got, []string{"major", "minor", "info"}) {
		t.Errorf("severities are %v", got)
	}
	if n := len(issues[0].Fingerprint); n != 32 {
		t.Errorf("the fingerprint %q has %d digits", issues[0].Fingerprint, n)
	}
}

func TestGitLabFingerprintsStayWhenALineIsAddedAbove(t *testing.T) {
	const text = "a = 1\nb = 2\na = 3\n"
	list := func(text string) List {
		s, _ := NewSource("content/fern/deal.toml", []byte(text))
		var l List
		for i := range len(text) {
			if text[i] == 'a' || text[i] == 'b' {
				l = append(l, Message{Severity: Error, Code: "unknown-key", Text: "unknown key " + text[i:i+1]}.At(s, Span{i, i + 1}))
			}
		}
		l.Sort()
		return l
	}
	before, after := fingerprints(t, list(text)), fingerprints(t, list("# more\n\n"+text))
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
	if len(before) != 3 || before[0] == before[2] || before[0] == before[1] {
		t.Errorf("equal findings share a fingerprint: %v", before)
	}
}

func TestGitLabFingerprintsTellFindingsApart(t *testing.T) {
	m := func(file, code, text string) Message {
		return Message{Severity: Error, File: file, Code: code, Text: text, Start: Position{Line: 1, Column: 1}}
	}
	l := List{
		m("a", "x", "t"), m("b", "x", "t"), m("a", "y", "t"), m("a", "x", "u"), m("a", "x", "t"),
		m("ax", "", "t"), m("a", "", "xt"), // parts must not run together
	}
	seen := map[string]int{}
	for i, print := range fingerprints(t, l) {
		if j, again := seen[print]; again {
			t.Errorf("messages %d and %d share a fingerprint", j, i)
		}
		seen[print] = i
	}
	if len(seen) != len(l) {
		t.Errorf("%d fingerprints for %d messages", len(seen), len(l))
	}
}
