package parse

import (
	"bytes"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"portico/internal/deal"
	"portico/internal/message"
)

// markdown reads the Markdown of one locale. It may be used by several
// goroutines at once.
type markdown struct {
	blocks parser.Parser
	// unlinked is blocks without the search for bare addresses, or nil.
	unlinked parser.Parser
	inlines  parser.Parser
	render   renderer.Renderer
	words    *message.Locale
	// scratch are what texts are rendered into.
	scratch sync.Pool
}

// dialect says what is read besides CommonMark; the tests that hold this
// program against CommonMark's own examples switch it off.
type dialect bool

const (
	commonMark dialect = false
	portico    dialect = true
)

func newMarkdown(words *message.Locale, d dialect) *markdown {
	var extensions []goldmark.Extender
	var unlinked parser.Parser
	inline := []util.PrioritizedValue{}
	if d == portico {
		typographer := extension.NewTypographer(extension.WithTypographicSubstitutions(quotes(words)))
		extensions = []goldmark.Extender{
			extension.Table, extension.Strikethrough, extension.TaskList,
			extension.Footnote, extension.DefinitionList, typographer, mentions{},
		}
		unlinked = goldmark.New(goldmark.WithExtensions(extensions...), goldmark.WithParserOptions(parser.WithAutoHeadingID())).Parser()
		extensions = append(extensions, extension.Linkify)
		inline = append(inline,
			util.Prioritized(extension.NewStrikethroughParser(), 500),
			util.Prioritized(extension.NewLinkifyParser(), 999),
			util.Prioritized(extension.NewTypographerParser(extension.WithTypographicSubstitutions(quotes(words))), 9999),
			util.Prioritized(mentionParser{}, 998),
		)
	}
	md := goldmark.New(
		goldmark.WithExtensions(extensions...),
		goldmark.WithParserOptions(parser.WithAutoHeadingID()),
		goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(&pieceRenderer{words: words, dialect: d}, 1))),
	)
	return &markdown{
		blocks:   md.Parser(),
		unlinked: unlinked,
		inlines: parser.NewParser(
			parser.WithBlockParsers(util.Prioritized(parser.NewParagraphParser(), 1000)),
			parser.WithInlineParsers(append(parser.DefaultInlineParsers(), inline...)...),
		),
		render: md.Renderer(),
		words:  words,
	}
}

// quotes are the locale's typographic signs.
func quotes(words *message.Locale) map[extension.TypographicPunctuation][]byte {
	q := words.Quotes()
	return map[extension.TypographicPunctuation][]byte{
		extension.LeftDoubleQuote: []byte(q[0]), extension.RightDoubleQuote: []byte(q[1]),
		extension.LeftSingleQuote: []byte(q[2]), extension.RightSingleQuote: []byte(q[3]),
		extension.Apostrophe: []byte("’"), extension.Ellipsis: []byte("…"),
		extension.EnDash: []byte("–"), extension.EmDash: []byte("—"),
		extension.LeftAngleQuote: []byte("«"), extension.RightAngleQuote: []byte("»"),
	}
}

// document reads a whole text. base is where it begins in its file; the
// offsets of pieces and findings count from the file's start.
func (m *markdown) document(source []byte, base int) (deal.Prose, []deal.Finding) {
	return m.rendered(m.parse(source), source, base)
}

// parse reads a whole text. Goldmark looks for bare addresses at each word,
// which is a fifth of its work: a text is read without first, and once more
// where its words turn out to hold what could be one.
func (m *markdown) parse(source []byte) ast.Node {
	if m.unlinked != nil && !mayHoldMail(source) && !bytes.Contains(source, []byte("www")) {
		n := readWith(m.unlinked, source)
		if !bytes.Contains(source, scheme) || !showsScheme(n, source) {
			return n
		}
	}
	return readWith(m.blocks, source)
}

func readWith(p parser.Parser, source []byte) ast.Node {
	return p.Parse(text.NewReader(source), parser.WithContext(parser.NewContext(parser.WithIDs(&anchors{}))))
}

// mayHoldMail says whether an "@" follows what the name of a mailbox can end
// with; "@ana" in a sentence does not.
func mayHoldMail(source []byte) bool {
	for at := 0; ; at++ {
		i := bytes.IndexByte(source[at:], '@')
		if i < 0 {
			return false
		}
		at += i
		if at > 0 && strings.IndexByte(" \t\n\r([", source[at-1]) < 0 {
			return true
		}
	}
}

var scheme = []byte("://")

// showsScheme says whether "://" stands in what a reader sees as text. Within
// destinations of links it does not.
func showsScheme(n ast.Node, source []byte) bool {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok && bytes.Contains(t.Segment.Value(source), scheme) || showsScheme(c, source) {
			return true
		}
	}
	return false
}

// rendered turns a part of a parsed text into Prose.
func (m *markdown) rendered(n ast.Node, source []byte, base int) (deal.Prose, []deal.Finding) {
	return m.into(pieces{source: source, base: base}, n)
}

// into writes a parsed text into pieces that have nothing in them.
func (m *markdown) into(empty pieces, n ast.Node) (deal.Prose, []deal.Finding) {
	w, _ := m.scratch.Get().(*pieces)
	if w == nil {
		w = &pieces{}
	}
	defer m.scratch.Put(w)
	empty.buf, empty.list, empty.ends = w.buf[:0], w.list[:0], w.ends[:0]
	*w = empty
	if err := m.render.Render(w, w.source, n); err != nil {
		// The writer never fails, and no renderer here returns an error.
		panic("internal error: " + err.Error())
	}
	prose, findings := w.prose(), w.findings
	clear(w.list)
	*w = pieces{buf: w.buf, list: w.list, ends: w.ends} // it keeps no text in memory
	return prose, findings
}

// inline reads a text without blocks, as the texts of a TOML file are. A line
// break is a space.
func (m *markdown) inline(s string) (deal.Prose, []deal.Finding) {
	if isPlain(s) {
		return deal.Prose{Pieces: []deal.Piece{{HTML: escapeText(strings.TrimSpace(s))}}}, nil
	}
	source := bytes.ReplaceAll([]byte(s), []byte("\n"), []byte(" "))
	return m.into(pieces{source: source, inline: true}, m.inlines.Parse(text.NewReader(source)))
}

// isPlain says whether a text means the same with Markdown and without, so
// that most texts need no parser. It errs on the careful side.
func isPlain(s string) bool {
	for i := range len(s) {
		switch s[i] {
		case '*', '_', '[', ']', '`', '<', '>', '&', '@', '\\', '!', '~', '"', '\'', '\n', '\t', 0:
			return false
		case '-', '.':
			if i+1 < len(s) && s[i+1] == s[i] {
				return false
			}
		case ':':
			if strings.HasPrefix(s[i:], "://") {
				return false
			}
		case 'w', 'W':
			if len(s) >= i+4 && strings.EqualFold(s[i:i+4], "www.") {
				return false
			}
		}
	}
	return utf8.ValidString(s) && !strings.Contains(s, "  ")
}

// A NUL is replaced as CommonMark has it: no HTML may hold one.
var textEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\x00", "\uFFFD")

func escapeText(s string) string { return textEscaper.Replace(s) }

// anchors makes the ids of headings: their letters and digits in any script,
// so that a German or Greek heading has a readable one.
type anchors struct{ used map[string]int }

func (a *anchors) Generate(value []byte, _ ast.NodeKind) []byte {
	id := anchorOf(string(value))
	if a.used == nil {
		a.used = map[string]int{}
	}
	base := id
	for n := a.used[base]; a.used[id] > 0; n++ {
		id = base + "-" + strconv.Itoa(n)
	}
	a.used[base]++
	if id != base {
		a.used[id]++
	}
	return []byte(id)
}

func (a *anchors) Put(value []byte) {
	if a.used == nil {
		a.used = map[string]int{}
	}
	a.used[string(value)]++
}

func anchorOf(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		case b.Len() > 0 && (r == ' ' || r == '-' || r == '_'):
			b.WriteByte('-')
		}
	}
	if id := strings.TrimRight(b.String(), "-"); id != "" {
		return id
	}
	return "section"
}

// mention is "@id" in a text.
type mention struct {
	ast.BaseInline
	id string
}

var kindMention = ast.NewNodeKind("Mention")

func (*mention) Kind() ast.NodeKind { return kindMention }

func (n *mention) Dump(source []byte, level int) {
	ast.DumpHelper(n, source, level, map[string]string{"id": n.id}, nil)
}

type mentionParser struct{}

func (mentionParser) Trigger() []byte { return []byte{'@'} }

// Parse takes "@" and the letters, digits and hyphens behind it, unless a
// letter or digit stands before.
func (mentionParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	if before := block.PrecendingCharacter(); unicode.IsLetter(before) || unicode.IsDigit(before) {
		return nil
	}
	line, _ := block.PeekLine()
	n := 1
	for n < len(line) && isIDByte(line[n]) {
		n++
	}
	for n > 1 && line[n-1] == '-' {
		n--
	}
	if n == 1 {
		return nil
	}
	if n < len(line) {
		// "@lumen.example" is half of a mail address, "@Übel" no id.
		if r, _ := utf8.DecodeRune(line[n:]); r >= utf8.RuneSelf && unicode.IsLetter(r) || r == '.' && n+1 < len(line) && isIDByte(line[n+1]) {
			return nil
		}
	}
	block.Advance(n)
	return &mention{id: string(line[1:n])}
}

func isIDByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

type mentions struct{}

func (mentions) Extend(m goldmark.Markdown) {
	m.Parser().AddOptions(parser.WithInlineParsers(util.Prioritized(mentionParser{}, 998)))
}
