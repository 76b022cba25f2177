package diag

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Formats are the names that Write takes.
func Formats() []string { return []string{"text", "json", "github", "gitlab"} }

// Write prints messages in one of Formats; color is for text alone.
func (l List) Write(w io.Writer, format string, color bool) error {
	switch format {
	case "text":
		return l.WriteText(w, color)
	case "json":
		return l.writeJSON(w)
	case "github":
		return l.writeGitHub(w)
	case "gitlab":
		return l.writeGitLab(w)
	}
	return fmt.Errorf("unknown format %q", format)
}

// writeJSON prints one array of messages.
func (l List) writeJSON(w io.Writer) error {
	if l == nil {
		l = List{}
	}
	return encode(w, l)
}

// writeGitHub prints workflow commands, which GitHub Actions shows as
// annotations in a pull request (docs.github.com, "Workflow commands").
func (l List) writeGitHub(w io.Writer) error {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	for _, m := range l {
		command := map[Severity]string{Advice: "notice", Warning: "warning", Error: "error"}[m.Severity]
		place := fmt.Sprintf("file=%s,line=%d,endLine=%d", property.Replace(m.File), m.Start.Line, m.End.Line)
		if m.End.Line == m.Start.Line { // GitHub takes columns on a single line only
			place += fmt.Sprintf(",col=%d,endColumn=%d", m.Start.Column, max(m.End.Column, m.Start.Column+1))
		}
		if _, err := fmt.Fprintf(w, "::%s %s,title=%s::%s\n", command, place, property.Replace(m.Code), data.Replace(m.prose())); err != nil {
			return err
		}
	}
	return nil
}

// writeGitLab prints a Code Quality report (docs.gitlab.com, "Code Quality").
// The fingerprint leaves the line out, so that a finding keeps its identity
// when lines above it come and go; a second one alike gets a number.
func (l List) writeGitLab(w io.Writer) error {
	type issue struct {
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
	issues := make([]issue, 0, len(l))
	seen := map[string]int{}
	for _, m := range l {
		identity := m.File + "\x00" + m.Code + "\x00" + m.Text
		seen[identity]++
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", identity, seen[identity]))
		i := issue{Description: m.prose(), CheckName: m.Code, Fingerprint: hex.EncodeToString(sum[:16])}
		i.Severity = map[Severity]string{Advice: "info", Warning: "minor", Error: "major"}[m.Severity]
		i.Location.Path = m.File
		i.Location.Lines.Begin, i.Location.Lines.End = m.Start.Line, m.End.Line
		issues = append(issues, i)
	}
	return encode(w, issues)
}

// prose is the message without excerpt, for places that show the line beside it.
func (m Message) prose() string {
	s := m.Text
	if m.Label != "" {
		s += ": " + m.Label
	}
	if m.Hint != "" {
		s += "\nhint: " + m.Hint
	}
	return s
}

func encode(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
