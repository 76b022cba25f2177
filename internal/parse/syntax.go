package parse

import (
	"fmt"
	"regexp"
	"strings"

	"portico/internal/deal"
	"portico/internal/diag"
)

var (
	curlyQuotes  = regexp.MustCompile(`[“”„«»‘’‚]`)
	bareWord     = regexp.MustCompile(`^[ \t]*[A-Za-z0-9_-]+[ \t]*=[ \t]*([^"'\[{#\s][^#]*?)[ \t]*(#.*)?$`)
	slashDate    = regexp.MustCompile(`^\d{1,4}[/.]\d{1,2}[/.]\d{1,4}$`)
	groupedMoney = regexp.MustCompile(`^-?[\d][\d.,' ]*[.,]\d+$`)
	colonKey     = regexp.MustCompile(`^[ \t]*[A-Za-z0-9_-]+[ \t]*:`)
	headerLine   = regexp.MustCompile(`^[ \t]*\[`)
)

// explainSyntax says, in the words of somebody who does not know TOML, what is
// wrong with the line that begins at first, where the parser stopped at span.
func explainSyntax(source *diag.Source, first int, span diag.Span, err error) deal.Finding {
	line, _, _ := strings.Cut(source.Text[first:], "\n")
	f := deal.Finding{Code: "bad-syntax", Text: plainly(err.Error())}
	word := bareWord.FindStringSubmatch(line)
	switch {
	case strings.HasPrefix(line, "<<<<<<<") || strings.HasPrefix(line, "=======") || strings.HasPrefix(line, ">>>>>>>"):
		f.Text, f.Hint = "this is the mark of a merge conflict", "keep one of the two versions and delete the lines with <<<<<<<, ======= and >>>>>>>"
	case curlyQuotes.MatchString(line):
		f.Text, f.Hint = "typographic quotes around a value", `use straight quotes: "…"; inside of them any quotes are fine`
	case colonKey.MatchString(line):
		f.Text, f.Hint = "a key is followed by a colon", `write "=" between the key and its value`
	case headerLine.MatchString(line):
		f.Text, f.Hint = "this table's header is not complete", "a table is written [person.priya], a list's entry [[kpi]]; nothing but a comment may follow it"
	case strings.Count(strings.ReplaceAll(line, `\"`, ""), `"`)%2 == 1:
		f.Text, f.Hint = "a quote is opened and not closed", `end the text with "; for text over several lines use """ on both sides`
	case word != nil && slashDate.MatchString(word[1]):
		f.Text, f.Hint = fmt.Sprintf("%s is no date", word[1]), "write the year first: 2026-11-05"
	case word != nil && groupedMoney.MatchString(word[1]):
		f.Text, f.Hint = fmt.Sprintf("%s is no number", word[1]), `write a whole number without separators, or a decimal in quotes: 1250 or "1250.50"`
	case word != nil:
		f.Text, f.Hint = "this value needs quotes", fmt.Sprintf("write %q", strings.TrimSpace(word[1]))
	case strings.Contains(line, "[") && !strings.Contains(line, "]"):
		f.Text, f.Hint = "a list is opened and not closed", "end it with ]; put a comma between its entries"
	case strings.Contains(line, "{") && !strings.Contains(line, "}"):
		f.Text, f.Hint = "a { is opened and not closed", "an entry in braces stands on one line: { title = \"…\", owner = \"ana\" }"
	case !strings.Contains(line, "="):
		f.Text, f.Hint = "this line is neither a table nor a key with a value", `write key = "value", or begin the line with # if it is a comment`
	}
	return f
}

var unicodeName = regexp.MustCompile(`U\+00([0-9A-F]{2}) ('.')`)

// plainly words the parser's own message for people.
func plainly(message string) string {
	message = unicodeName.ReplaceAllString(message, "$2")
	message = strings.ReplaceAll(message, "U+000A", "the end of the line")
	return strings.ReplaceAll(message, "expected newline", "expected the end of the line")
}
