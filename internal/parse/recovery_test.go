package parse

import (
	"encoding/binary"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/rogpeppe/go-internal/txtar"

	"portico/internal/deal"
	"portico/internal/diag"
)

// TestRecovery reads files with a mistake in their syntax. Each gives exactly
// the messages of its section "want": the mistake, what is wrong further down,
// and nothing that follows from what was lost.
func TestRecovery(t *testing.T) {
	for _, file := range fixtures(t, "recovery") {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if archive.Files[0].Name != "deal.toml" {
				t.Fatalf("%s has no deal.toml", file)
			}
			toml := string(archive.Files[0].Data)
			_, list := readTOML(t, toml)
			spansInside(t, list, map[string]string{"content/fern/deal.toml": toml})
			expected(t, file, archive, full(list))
		})
	}
}

// full is messages with all that they say: the place with its end, the text,
// and below it label and hint.
func full(list diag.List) string {
	var b strings.Builder
	for _, m := range list {
		end := fmt.Sprint(m.End.Column)
		if m.End.Line != m.Start.Line {
			end = fmt.Sprintf("%d:%d", m.End.Line, m.End.Column)
		}
		fmt.Fprintf(&b, "%d:%d-%s: %s [%s] %s\n", m.Start.Line, m.Start.Column, end, m.Severity, m.Code, m.Text)
		for _, more := range []string{m.Label, m.Hint} {
			if more != "" {
				fmt.Fprintf(&b, "\t%s\n", more)
			}
		}
	}
	return b.String()
}

// TestEncodings reads files that are not plain UTF-8 with line feeds. What
// stands further down is read all the same: every file but those in UTF-16
// holds a second mistake in its last line.
func TestEncodings(t *testing.T) {
	const deal = "[deal]\nowner = \"mara\"\n\n[milestone.pilot]\ntitle = \"Café\"\ndue = 2026-11-30\n"
	rest := whole("")[len("[deal]\nowner = \"mara\"\n"):] + "[person.ana]\nrol = \"champion\"\ntitle = \"Owner\"\n"
	sixteen := func(s string, order binary.ByteOrder) string {
		var b []byte
		for _, unit := range utf16.Encode([]rune("\uFEFF" + s)) {
			two := make([]byte, 2)
			order.PutUint16(two, unit)
			b = append(b, two...)
		}
		return string(b)
	}
	last := "deal.toml:14:1: error [unknown-key]"
	for _, test := range []struct {
		name, toml string
		want       []string
	}{
		{"a byte-order mark", "\uFEFF" + deal + rest, []string{last}},
		{"a byte-order mark before a mistake in the first line", "\uFEFF[daal]\nowner = \"mara\"\n\n\n\n\n" + rest, []string{"deal.toml:1:2: error [unknown-table]", last}},
		{"CR LF", strings.ReplaceAll(deal+rest, "\n", "\r\n"), []string{last}},
		{"CR LF and a quote that is not closed", strings.ReplaceAll(strings.Replace(deal, `Café"`, "Café", 1)+rest, "\n", "\r\n"), []string{"deal.toml:5:9: error [bad-syntax]", last}},
		{"a CR alone", strings.Replace(deal, "title", "\rtitle", 1) + rest, []string{"deal.toml:5:1: error [bad-syntax]", last}},
		{"Latin-1", strings.Replace(deal, "é", "\xe9", 1) + rest, []string{"deal.toml:5:13: error [bad-encoding]", last}},
		{"Latin-1 in several places", strings.Replace(deal, "Café", "\xc9t\xe9", 1) + rest, []string{"deal.toml:5:10: error [bad-encoding]", last}},
		{"Latin-1 in a comment", "# \xa9 Lumen\n" + strings.Replace(deal, "\n\n", "\n", 1) + rest, []string{"deal.toml:1:3: error [bad-encoding]", last}},
		{"NUL in a text", strings.Replace(deal, "Café", "Ca\x00fé", 1) + rest, []string{"deal.toml:5:12: error [bad-syntax]", last}},
		{"NUL between lines", strings.Replace(deal, "\n\n", "\n\x00\n", 1) + rest, []string{"deal.toml:3:1: error [bad-syntax]", last}},
		{"a control character in a text", strings.Replace(deal, "Café", "Ca\x1bfé", 1) + rest, []string{"deal.toml:5:12: error [bad-syntax]", last}},
		{"a control character by escape", strings.Replace(deal, "Café", `Ca\u001bfé`, 1) + rest, []string{"deal.toml:5:9: error [control-character]", last}},
		{"DEL in a comment", strings.Replace(deal, "\n\n", "\n# \x7f\n", 1) + rest, []string{"deal.toml:3:3: error [bad-syntax]", last}},
		{"no line feed at the end", strings.TrimSuffix(deal+rest, "\n"), []string{last}},
		{"UTF-16, little end first", sixteen(deal+rest, binary.LittleEndian), []string{"deal.toml:1:1: error [bad-encoding]"}},
		{"UTF-16, big end first", sixteen(deal+rest, binary.BigEndian), []string{"deal.toml:1:1: error [bad-encoding]"}},
		{"nothing", "", []string{
			"deal.toml:1:1: error [missing-table]", "deal.toml:1:1: error [missing-table]",
			"deal.toml:1:1: error [missing-table]", "deal.toml:1:1: error [missing-table]",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, list := readTOML(t, test.toml)
			want(t, list, test.want...)
		})
	}
}

// TestEncodingOfEveryFile wants each kind of text to be looked at alike.
func TestEncodingOfEveryFile(t *testing.T) {
	d := sound(t, map[string]string{
		"content/fern/deal.toml":           whole("[milestone.pilot]\ntitle = \"Pilot\"\ndue = 2026-11-30\n[collateral.scope]\nfile = \"collateral/scope.md\"\n"),
		"content/fern/index.md":            "\uFEFFWelcome\r\n",
		"content/fern/milestones/pilot.md": "\uFEFFThe pilot\r\n",
		"content/fern/notes/2026-11-06.md": "\uFEFF+++\r\ninternal = true\r\n+++\r\nWe met\r\n",
		"content/fern/pages/security.md":   "\uFEFF+++\r\norder = 3\r\n+++\r\n# Security\r\n",
		"content/fern/collateral/scope.md": "\uFEFFThe scope\r\n",
	})
	if !d.Notes[0].Internal || d.Pages[0].Order != 3 || d.Pages[0].Title != "Security" {
		t.Errorf("front matter was not read: %+v %+v", d.Notes[0], d.Pages[0])
	}
	for name, prose := range map[string]*deal.Prose{
		"index": &d.Index, "milestone": &milestone(t, d, "pilot").Prose, "note": &d.Notes[0].Rest, "collateral": &d.Texts[0].Prose,
	} {
		if html := htmlOf(prose); strings.Contains(html, "\r") || strings.Contains(html, "\uFEFF") || !strings.HasPrefix(html, "<p>") {
			t.Errorf("%s is %q", name, html)
		}
	}

	_, list := readFern(t, site(map[string]string{
		"content/fern/deal.toml":           whole("[milestone.pilot]\ntitle = \"Pilot\"\ndue = 2026-11-30\n[collateral.scope]\nfile = \"collateral/scope.md\"\n"),
		"content/fern/index.md":            "Caf\xe9",
		"content/fern/milestones/pilot.md": "Caf\xe9",
		"content/fern/notes/2026-11-06.md": "\xff\xfeW\x00",
		"content/fern/pages/security.md":   "+++\norder = 3\n+++\n# Caf\xe9",
		"content/fern/collateral/scope.md": "\n\nCaf\xe9",
	}))
	want(t, list,
		"collateral/scope.md:3:4: error [bad-encoding]",
		"index.md:1:4: error [bad-encoding]",
		"milestones/pilot.md:1:4: error [bad-encoding]",
		"notes/2026-11-06.md:1:1: error [bad-encoding]",
		"pages/security.md:4:6: error [bad-encoding]")
}
