package parse

import (
	"fmt"
	"slices"
	"strings"

	"portico/internal/deal"
	"portico/internal/diag"
)

var (
	quotedText   = onDemand(`"(?:[^"\\]|\\.)*"|'[^']*'`)
	curlyQuotes  = onDemand(`[=,\[{][ \t]*[“”„«»‘’‚]|[“”„«»][ \t]*[,\]}]*[ \t]*(#.*)?$`)
	bareWord     = onDemand(`=[ \t]*([^"'\[{#\s][^#]*?)[ \t]*,?[ \t]*(#.*)?$`)
	innerWord    = onDemand(`[A-Za-z0-9_-]+[ \t]*=[ \t]*([^"'\[{#,}\s][^#,}]*?)[ \t]*[,}]`)
	slashDate    = onDemand(`^\d{1,4}[/.]\d{1,2}[/.]\d{1,4}$`)
	groupedMoney = onDemand(`^-?\d[\d.,' ]*[.,']\d+$`)
	secondKey    = onDemand(`^[^=\[{]*[,;][ \t]*[A-Za-z0-9_-]+[ \t]*=`)
	commaBehind  = onDemand(`=[ \t]*("[^"]*"|'[^']*'|true|false|[+-]?\d+(\.\d+)?|\d{4}-\d\d-\d\d|\[.*\]|\{.*\})[ \t]*,[ \t]*(#.*)?$`)
	colonKey     = onDemand(`^[ \t]*[A-Za-z0-9_-]+[ \t]*:`)
	longKey      = onDemand(`^[ \t]*([A-Za-z0-9_-]+)[ \t]+([A-Za-z0-9_-]+)[ \t]*=`)
	headerLine   = onDemand(`^[ \t]*\[`)
)

// explainSyntax says, in the words of somebody who does not know TOML, what is
// wrong where the parser stopped, and where exactly.
func explainSyntax(source *diag.Source, span diag.Span, err error) (deal.Finding, diag.Span) {
	start := strings.LastIndexByte(source.Text[:span.Start], '\n') + 1
	line, _, _ := strings.Cut(source.Text[start:], "\n")
	message := err.Error()
	f := deal.Finding{Code: "bad-syntax", Text: plainly(message)}
	bare := quotedText().ReplaceAllStringFunc(line, func(s string) string {
		return s[:1] + strings.Repeat("x", len(s)-2) + s[:1]
	})
	end := len(strings.TrimRight(line, " \t\r"))
	atEnd := span.Start >= start+end // where there is nothing to look at
	within := func(from, to int) diag.Span { return diag.Span{Start: start + from, End: start + to} }
	switch {
	case strings.HasPrefix(line, "<<<<<<<") || strings.HasPrefix(line, "=======") || strings.HasPrefix(line, ">>>>>>>"):
		f.Text, f.Hint = "this is the mark of a merge conflict", "keep one of the two versions and delete the lines with <<<<<<<, ======= and >>>>>>>"
		span = within(0, end)
	case strings.ContainsFunc(line, func(r rune) bool { return r != '\t' && isControl(r) }):
		f.Text, f.Hint = "this line holds a control character", "delete it and type the line again"
	case strings.Contains(message, "escape"):
		f.Text, f.Hint = "a backslash begins an escape here, and this is none", `write paths with "/"; a plain backslash in a text is written \\`
	case curlyQuotes().MatchString(bare):
		f.Text, f.Hint = "typographic quotes around a value", `use straight quotes: "…"; inside of them any quotes are fine`
	case colonKey().MatchString(line):
		f.Text, f.Hint = "a key is followed by a colon", `write "=" between the key and its value`
		at := strings.IndexByte(line, ':')
		span = within(at, at+1)
	case headerLine().MatchString(line):
		f.Text, f.Hint = "this table's header is not complete", "a table is written [person.priya], a list's entry [[kpi]]; nothing but a comment may follow it"
		if atEnd {
			span = within(strings.IndexByte(line, '['), end)
		}
	case strings.Count(bare, `"`)%2 == 1:
		f.Text, f.Hint = "a quote is opened and not closed", `end the text with "; for text over several lines use """ on both sides`
		if atEnd {
			span = within(strings.LastIndexByte(bare, '"'), end)
		}
	case longKey().MatchString(bare):
		m := longKey().FindStringSubmatchIndex(bare)
		f.Text, f.Hint = "a key is one word", fmt.Sprintf(`write %s_%s = …, if that is its name, or begin the line with # if it is a comment`, bare[m[2]:m[3]], bare[m[4]:m[5]])
		span = within(m[2], m[5])
	case strings.LastIndexByte(bare, ',') == span.Start-start && commaBehind().MatchString(bare):
		f.Text, f.Hint = "a comma stands behind the value", "delete it: every key stands on a line of its own"
	case !strings.Contains(bare, "{") && secondKey().MatchString(bareValue(bare)):
		f.Text, f.Hint = "a second key stands in this line", "every key stands on a line of its own"
	case strings.HasSuffix(strings.TrimRight(bare, " \t"), "="):
		f.Text, f.Hint = "nothing stands behind the equals sign", "write a value, or delete the line"
		span = within(end-1, end)
	default:
		return explainValue(f, line, bare, start, span, message)
	}
	return f, span
}

// bareValue is what stands behind a line's first equals sign.
func bareValue(line string) string {
	_, value, _ := strings.Cut(line, "=")
	return value
}

// explainValue says what is wrong with a value. bare is its line with the
// texts in quotes struck out.
func explainValue(f deal.Finding, line, bare string, start int, span diag.Span, message string) (deal.Finding, diag.Span) {
	if word, at := wordAt(bare, line, span.Start-start); word != "" {
		f.Text, f.Hint = explainWord(word)
		return f, diag.Span{Start: start + at, End: start + at + len(word)}
	}
	switch {
	case strings.Contains(message, "expected ',' or") && span.Start > start:
		f.Text, f.Hint = "a comma is missing before this", "put one between the entries of a list, and between the keys in braces"
	case strings.HasPrefix(strings.TrimSpace(line), "]"):
		f.Text, f.Hint = "a { above is not closed", "an entry in braces stands on one line: { title = \"…\", owner = \"ana\" }"
	case strings.Contains(bare, "[") && !strings.Contains(bare, "]"):
		f.Text, f.Hint = "a list is opened and not closed", "end it with ]; put a comma between its entries"
	case strings.Contains(bare, "{") && !strings.Contains(bare, "}"):
		f.Text, f.Hint = "a { is opened and not closed", "an entry in braces stands on one line: { title = \"…\", owner = \"ana\" }"
	case !strings.Contains(bare, "="):
		f.Text, f.Hint = "this line is neither a table nor a key with a value", `write key = "value", or begin the line with # if it is a comment`
	}
	return f, span
}

// wordAt finds the value without quotes in which the parser stopped, at a
// place of the line: in braces, or behind the only equals sign.
func wordAt(bare, line string, at int) (string, int) {
	for _, m := range innerWord().FindAllStringSubmatchIndex(bare, -1) {
		if strings.Contains(bare[:m[0]], "{") && m[2] <= at && at <= m[3] {
			return line[m[2]:m[3]], m[2]
		}
	}
	if m := bareWord().FindStringSubmatchIndex(bare); m != nil && strings.IndexByte(bare, '=') == m[0] && m[2] <= at {
		return line[m[2]:m[3]], m[2]
	}
	return "", 0
}

func explainWord(word string) (says, hint string) {
	switch {
	case slashDate().MatchString(word):
		return fmt.Sprintf("%s is no date", word), "write the year first: 2026-11-05"
	case groupedMoney().MatchString(word):
		return fmt.Sprintf("%s is no number", word), `write a whole number without separators, or a decimal in quotes: 1250 or "1250.50"`
	case slices.Contains([]string{"true", "yes", "on", "false", "no", "off"}, strings.ToLower(word)):
		return "this value needs quotes", fmt.Sprintf("write %q; but where the key says yes or no, true or false", word)
	}
	return "this value needs quotes", fmt.Sprintf("write %q", word)
}

var unicodeName = onDemand(`U\+00([0-9A-F]{2}) ('.')`)

// plainly words the parser's own message for people.
func plainly(message string) string {
	message = unicodeName().ReplaceAllString(message, "$2")
	message = strings.ReplaceAll(message, "U+000A", "the end of the line")
	return strings.ReplaceAll(message, "expected newline", "expected the end of the line")
}
