package parse

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2/unstable"

	"portico/internal/deal"
	"portico/internal/diag"
)

// reading is the second reading of a TOML file: with positions, and past every
// mistake that it can step over. It is made only for files that have something
// to report. pelletier/go-toml's `unstable` parser is outside of that module's
// promise of compatibility, so this file is the only one that knows it.
type reading struct {
	source   *diag.Source
	data     []byte
	root     *node
	here     *node // the table that keys go into
	spare    bool  // here was opened before: keys it has already are no news
	theirs   bool  // within the second half of a merge conflict: the same holds
	problems []deal.Finding
	badDates bool // dates and times that do not exist; the binder reports these
}

// node is a value with its place.
type node struct {
	key, span diag.Span
	value     any // of a scalar
	// text is where the content of a string stands when it is written without
	// escapes, so that an offset in one is an offset in the other.
	text     diag.Span
	children map[string]*node // of a table
	order    []string
	items    []*node // of an array
	isArray  bool
	tables   bool // an array of [[tables]]
	opened   bool // by a header of its own
}

func newTable(key diag.Span) *node {
	return &node{key: key, span: key, children: map[string]*node{}}
}

// read a file as far as it can be read.
func read(source *diag.Source) *reading {
	r := &reading{source: source, data: []byte(source.Text), root: newTable(diag.Span{})}
	r.here = r.root
	var p unstable.Parser
	for at := 0; at < len(r.data); {
		rest := r.data[at:]
		p.Reset(rest)
		for p.NextExpression() {
			at = r.expression(&p, at, len(r.data)-len(rest))
		}
		err := p.Error()
		if err == nil {
			break
		}
		at = r.stepOver(err, at, len(r.data)-len(rest))
	}
	return r
}

// expression takes in one line or header, and returns where the next may
// begin. base is what the parser's offsets count from.
func (r *reading) expression(p *unstable.Parser, at, base int) int {
	e := p.Expression()
	switch e.Kind {
	case unstable.KeyValue:
		span := spanOf(e.Raw, base)
		r.keyValue(r.here, e, span.End, base)
		at = span.End
	case unstable.Table, unstable.ArrayTable:
		keys, spans := keysOf(e.Key(), base)
		r.header(keys, spans, e.Kind == unstable.ArrayTable)
		at = spans[len(spans)-1].End
	}
	if i := bytes.IndexByte(r.data[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(r.data)
}

func spanOf(raw unstable.Range, base int) diag.Span {
	start := base + int(raw.Offset)
	return diag.Span{Start: start, End: start + int(raw.Length)}
}

func keysOf(it unstable.Iterator, base int) (keys []string, spans []diag.Span) {
	for it.Next() {
		n := it.Node()
		keys = append(keys, string(n.Data))
		spans = append(spans, spanOf(n.Raw, base))
	}
	return keys, spans
}

// header opens [keys] or [[keys]].
func (r *reading) header(keys []string, spans []diag.Span, array bool) {
	table := r.root
	for i, key := range keys[:len(keys)-1] {
		table = r.descend(table, key, spans[i])
		if table == nil {
			r.here, r.spare = newTable(spans[i]), true
			return
		}
	}
	last := len(keys) - 1
	key, span := keys[last], diag.Span{Start: spans[0].Start, End: spans[last].End}
	old := table.children[key]
	switch {
	case array && (old == nil || old.tables):
		if old == nil {
			old = &node{key: span, span: span, isArray: true, tables: true}
			table.put(key, old)
		}
		item := newTable(span)
		old.items = append(old.items, item)
		r.here, r.spare = item, false
	case !array && old == nil:
		r.here, r.spare = newTable(span), false
		r.here.opened = true
		table.put(key, r.here)
	case !array && old.children != nil && !old.opened:
		old.opened, old.key, old.span = true, span, span
		r.here, r.spare = old, false
	default:
		r.twice(strings.Join(keys, "."), span, old, array)
		if old.children != nil {
			r.here, r.spare = old, true
		} else {
			r.here, r.spare = newTable(span), true
		}
	}
}

// twice reports a table or key that stands a second time.
func (r *reading) twice(name string, span diag.Span, old *node, array bool) {
	if r.theirs {
		return
	}
	first := r.source.Position(old.key.Start).Line
	f := deal.Finding{Code: "duplicate-table", Text: fmt.Sprintf("[%s] stands twice", name), Hint: fmt.Sprintf("the first is in line %d; put both together, or give one another id", first)}
	switch {
	case old.isArray && strings.HasSuffix(name, ".step"):
		f.Text, f.Hint = "steps are given in two ways", fmt.Sprintf("line %d has `step = [ … ]`; use that or [[%s]], not both", first, name)
	case old.isArray && array:
		f.Text, f.Hint = fmt.Sprintf("the entries of %s are given in two ways", name), fmt.Sprintf("line %d has them in brackets; use those or [[%s]], not both", first, name)
	case old.tables:
		f.Text, f.Hint = fmt.Sprintf("%s is a list here and a table in line %d", name, first), fmt.Sprintf("write [[%s]]", name)
	case array:
		f.Text, f.Hint = fmt.Sprintf("%s is a table in line %d and a list here", name, first), "use one form throughout"
	case old.children == nil:
		f.Text, f.Hint = fmt.Sprintf("%s is a value in line %d and a table here", name, first), "rename one of them"
	}
	r.problem(f, span)
}

func (r *reading) problem(f deal.Finding, span diag.Span) {
	f.File = r.source.Path
	f.Offset, f.Length = span.Start, max(span.End-span.Start, 1)
	r.problems = append(r.problems, f)
}

// descend goes into a table, which is made where there is none.
func (r *reading) descend(table *node, key string, span diag.Span) *node {
	next := table.children[key]
	switch {
	case next == nil:
		next = newTable(span)
		table.put(key, next)
	case next.tables && len(next.items) > 0:
		next = next.items[len(next.items)-1]
	case next.children == nil:
		r.twice(key, span, next, false)
		return nil
	}
	return next
}

func (n *node) put(key string, child *node) {
	n.children[key] = child
	n.order = append(n.order, key)
}

// keyValue takes `key = value` into a table. end is where the value ends.
func (r *reading) keyValue(table *node, e *unstable.Node, end, base int) {
	keys, spans := keysOf(e.Key(), base)
	for i, key := range keys[:len(keys)-1] {
		if table = r.descend(table, key, spans[i]); table == nil {
			return
		}
	}
	last := len(keys) - 1
	if old := table.children[keys[last]]; old != nil {
		if !r.spare && !r.theirs {
			first := r.source.Position(old.key.Start).Line
			r.problem(deal.Finding{Code: "duplicate-key", Text: fmt.Sprintf("%q is given twice", keys[last]), Hint: fmt.Sprintf("the first is in line %d; delete one", first)}, spans[last])
		}
		return
	}
	n := r.value(e.Value(), base)
	n.key = spans[last]
	if n.isArray || n.children != nil { // these tell no place of their own
		n.span = diag.Span{Start: r.afterEquals(spans[last].End), End: end}
	}
	table.put(keys[last], n)
}

func (r *reading) afterEquals(at int) int {
	at += bytes.IndexByte(r.data[at:], '=') + 1
	for at < len(r.data) && (r.data[at] == ' ' || r.data[at] == '\t') {
		at++
	}
	return at
}

func (r *reading) value(v *unstable.Node, base int) *node {
	n := &node{}
	switch v.Kind {
	case unstable.Array:
		n.isArray = true
		for it := v.Children(); it.Next(); {
			n.items = append(n.items, r.value(it.Node(), base))
		}
		return n
	case unstable.InlineTable:
		n.children = map[string]*node{}
		open := spanOf(v.Raw, base)
		for it := v.Children(); it.Next(); {
			pair := it.Node()
			r.keyValue(n, pair, spanOf(pair.Raw, base).End, base)
			n.span = diag.Span{Start: open.Start, End: spanOf(pair.Raw, base).End}
		}
		if n.span.End == 0 {
			n.span = open
		}
		n.key = n.span
		return n
	}
	n.span = spanOf(v.Raw, base)
	n.value = r.scalar(v, n)
	return n
}

func (r *reading) scalar(v *unstable.Node, n *node) any {
	raw := string(r.data[n.span.Start:n.span.End])
	switch v.Kind {
	case unstable.String:
		quotes := 1
		if len(raw) >= 6 && (strings.HasPrefix(raw, `"""`) || strings.HasPrefix(raw, `'''`)) {
			quotes = 3
		}
		inside := diag.Span{Start: n.span.Start + quotes, End: n.span.End - quotes}
		if quotes == 3 && strings.HasPrefix(raw[3:], "\n") {
			inside.Start++
		}
		if inside.End >= inside.Start && r.source.Text[inside.Start:inside.End] == string(v.Data) {
			n.text = inside
		}
		return string(v.Data)
	case unstable.Integer:
		i, err := strconv.ParseInt(strings.ReplaceAll(strings.TrimPrefix(raw, "+"), "_", ""), 0, 64)
		if err != nil {
			return r.tooLarge(n.span)
		}
		return i
	case unstable.Float:
		if strings.HasSuffix(raw, "nan") { // ParseFloat takes no sign before it
			return math.NaN()
		}
		f, err := strconv.ParseFloat(strings.ReplaceAll(raw, "_", ""), 64)
		if err != nil {
			return r.tooLarge(n.span)
		}
		return f
	case unstable.Bool:
		return raw == "true"
	}
	r.badDates = r.badDates || !exists(raw)
	return writtenDate(raw)
}

func (r *reading) tooLarge(span diag.Span) lost {
	r.problem(deal.Finding{Code: "bad-number", Text: "this number is too large", Hint: "whole numbers have up to 18 digits"}, span)
	return lost{}
}

// exists says whether there is such a day, moment or time of day.
func exists(written string) bool {
	day, clock, moment := strings.Cut(strings.Map(func(r rune) rune {
		if r == 'T' || r == 't' {
			return ' '
		}
		return r
	}, written), " ")
	if !strings.Contains(day, "-") {
		day, clock = "", day
	}
	if day != "" {
		if d, err := deal.ParseDate(day); err != nil || d.Day == 0 {
			return false
		}
	}
	if moment {
		clock, _, _ = strings.Cut(strings.TrimRight(clock, "Zz"), "+")
		clock, _, _ = strings.Cut(clock, "-")
	}
	if clock == "" {
		return true
	}
	for _, layout := range []string{"15:04:05", "15:04"} {
		if _, err := time.Parse(layout, clock); err == nil {
			return true
		}
	}
	return false
}

// generic is the node as parseTOML gives it.
func (n *node) generic() any {
	switch {
	case n.children != nil:
		m := make(map[string]any, len(n.children))
		for key, child := range n.children {
			m[key] = child.generic()
		}
		return m
	case n.isArray:
		list := make([]any, len(n.items))
		for i, item := range n.items {
			list[i] = item.generic()
		}
		return list
	}
	return n.value
}

// startsAnew recognises a line with which reading can go on after a mistake: a
// header, or a key with its equals sign. mayStart does so where no bracket or
// quote is open: there a key with a mistake of its own is one, too.
var (
	startsAnew = onDemand(anewPattern)
	mayStart   = onDemand(anewPattern + `|^[ \t]*[A-Za-z0-9_-]+([ \t]*:|[ \t]+["'0-9\[{“„«‘‚])`)
)

const anewPattern = `^[ \t]*(\[\[?[ \t]*[A-Za-z0-9_."'-]|[A-Za-z0-9_"'-][A-Za-z0-9_."'\t -]*=|<<<<<<<|=======|>>>>>>>)`

// stepOver reports a mistake in syntax and returns where reading goes on. at
// is at or before the first line of what could not be read.
func (r *reading) stepOver(err error, at, base int) int {
	first := r.firstLine(at)
	span := diag.Span{Start: first, End: first + 1}
	if p := (*unstable.ParserError)(nil); errors.As(err, &p) {
		// The highlight is a part of what the parser was given, so its place
		// follows from how much lies behind it.
		if offset := cap(r.data[base:]) - cap(p.Highlight); offset >= 0 && base+offset+len(p.Highlight) <= len(r.data) {
			span = diag.Span{Start: base + offset, End: base + offset + max(len(p.Highlight), 1)}
		}
	}
	next := r.nextStart(first, span.Start)
	if span.Start >= next && next > first { // an open bracket or quote is noticed only later
		line, _, _ := bytes.Cut(r.data[first:], []byte("\n"))
		span = diag.Span{Start: first, End: first + len(bytes.TrimRight(line, " \t"))}
	}
	r.problem(explainSyntax(r.source, span, err))
	r.salvage(first)
	return next
}

// firstLine is the first line at or after at that is neither blank nor a
// comment.
func (r *reading) firstLine(at int) int {
	for at < len(r.data) {
		line, _, found := bytes.Cut(r.data[at:], []byte("\n"))
		if t := bytes.TrimLeft(line, " \t\r"); len(t) > 0 && (t[0] != '#' || !commentIsFine(t)) {
			return at + len(line) - len(t)
		}
		if !found {
			break
		}
		at += len(line) + 1
	}
	return min(at, len(r.data))
}

// commentIsFine says whether a comment holds no control character, which TOML
// forbids.
func commentIsFine(comment []byte) bool {
	return bytes.IndexFunc(comment, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) < 0
}

// nextStart is the line after first with which reading can go on. Where the
// mistake lies within brackets or quotes over several lines, and these are
// closed, it is the line after their end.
func (r *reading) nextStart(first, mistake int) int {
	end, open := r.closingBracket(first)
	if quotes, text := r.closingQuotes(first, mistake); text {
		end, open = quotes, true
	}
	at, starts := max(first, end), startsAnew()
	if end < 0 && !open {
		starts = mayStart()
	}
	for {
		i := bytes.IndexByte(r.data[at:], '\n')
		if i < 0 {
			return len(r.data)
		}
		at += i + 1
		line, _, _ := bytes.Cut(r.data[at:], []byte("\n"))
		if starts.Match(line) {
			return at
		}
	}
}

// maxBrackets bounds how far a closing bracket is looked for, so that a file
// of nothing but opening ones is read in good time.
const maxBrackets = 64 << 10

// closingBracket is where the brackets are closed that the line at first leaves
// open, or -1. One that is never closed takes no other with it: all that follow
// are opened and closed.
func (r *reading) closingBracket(first int) (end int, open bool) {
	line, _, _ := bytes.Cut(r.data[first:], []byte("\n"))
	equals := bytes.IndexByte(line, '=')
	if equals < 0 || headerLine().Match(line) {
		return -1, false
	}
	depth, last := 0, min(len(r.data), first+maxBrackets)
	for at := first + equals; at < last; at++ {
		switch c := r.data[at]; c {
		case '"', '\'':
			for at++; at < len(r.data) && r.data[at] != c && r.data[at] != '\n'; at++ {
				if r.data[at] == '\\' && c == '"' {
					at++
				}
			}
			at-- // a line's end closes a quote, and is looked at itself
			if at+1 < len(r.data) && r.data[at+1] == c {
				at++
			}
		case '#':
			for at+1 < len(r.data) && r.data[at+1] != '\n' {
				at++
			}
		case '[', '{':
			depth++
		case ']', '}':
			if depth--; depth == 0 && open {
				return at, true
			}
		case '\n':
			if depth <= 0 {
				return -1, open
			}
			open = true
		}
	}
	return -1, open
}

// closingQuotes is where the text over several lines ends that the line at
// first opens, or -1.
func (r *reading) closingQuotes(first, mistake int) (end int, open bool) {
	line, _, _ := bytes.Cut(r.data[first:], []byte("\n"))
	for _, quotes := range []string{`"""`, "'''"} {
		if bytes.Count(line, []byte(quotes))%2 == 0 {
			continue
		}
		if from := first + len(line); mistake >= from {
			if i := bytes.Index(r.data[from:], []byte(quotes)); i >= 0 {
				return from + i, true
			}
		}
		return -1, true
	}
	return -1, false
}

var (
	brokenHeader = onDemand(`^\[(\[?)[ \t]*([A-Za-z0-9_-]+)([^\]#]*)`)
	brokenKey    = onDemand(`^([A-Za-z0-9_-]+)[ \t]*([=: \t])`)
	bareKey      = onDemand(`^[A-Za-z0-9_-]+$`)
)

// salvage takes from a line that could not be read what can be guessed of it:
// the table it opens, or the key whose value is lost.
func (r *reading) salvage(first int) {
	line, _, _ := bytes.Cut(r.data[first:], []byte("\n"))
	switch {
	case bytes.HasPrefix(line, []byte("=======")):
		r.theirs = true
		if r.here.opened && len(r.here.children) == 0 {
			// The keys below are those of the header in the other half.
			r.here.value, r.here.children = lost{}, nil
			r.here, r.spare = newTable(diag.Span{}), true
		}
		return
	case bytes.HasPrefix(line, []byte(">>>>>>>")):
		r.theirs = false
		return
	}
	if m := brokenHeader().FindSubmatch(line); m != nil {
		keys := headerKeys(string(m[2]), strings.TrimSpace(string(m[3])))
		spans := make([]diag.Span, len(keys))
		for i := range spans {
			spans[i] = diag.Span{Start: first, End: first + len(line)}
		}
		if keys == nil {
			r.here, r.spare = newTable(diag.Span{}), true
			return
		}
		r.header(keys, spans, len(m[1]) > 0)
		return
	}
	if m := brokenKey().FindSubmatch(line); m != nil {
		key := string(m[1])
		if r.here.children[key] == nil {
			span := diag.Span{Start: first, End: first + len(key)}
			guess := m[2][0] != '=' && m[2][0] != ':'
			r.here.put(key, &node{key: span, span: span, value: lost{guess}})
		}
	}
}

// headerKeys guesses what a header was meant to name: "person" and ".Ana Costa"
// are person and ana-costa. It is nil where nothing can be guessed.
func headerKeys(table, rest string) []string {
	if rest == "" {
		return []string{table}
	}
	keys := []string{table}
	for _, part := range strings.Split(strings.TrimPrefix(rest, "."), ".") {
		part = strings.TrimSpace(part)
		if !bareKey().MatchString(part) {
			part = slug(part)
		}
		if part == "" {
			return nil
		}
		keys = append(keys, part)
	}
	return keys
}
