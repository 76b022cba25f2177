package parse

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// syntax is what marks the parts of a language's code that are worth a colour
// in a plan: comments, texts, numbers and its own words.
type syntax struct {
	line   []string // begin a comment that ends with the line
	block  [2]string
	quotes string
	words  string // separated by blanks
	fold   bool   // words in any case
}

// syntaxOf a code block's language, as people write it. Others are shown in
// one colour: a full highlighter (chroma) would add 5 MiB to the program and
// 15 ms to each of its starts.
func syntaxOf(language string) (syntax, bool) {
	c := syntax{line: []string{"//"}, block: [2]string{"/*", "*/"}, quotes: "\"'`"}
	hash := syntax{line: []string{"#"}, quotes: `"'`}
	switch strings.ToLower(language) {
	case "go", "golang":
		c.words = "break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select struct switch type var nil true false"
	case "js", "javascript", "jsx", "ts", "typescript", "tsx":
		c.words = "async await break case catch class const continue default delete do else export extends false finally for from function if import in instanceof interface let new null of return static super switch this throw true try type typeof undefined var void while yield"
	case "java", "kotlin", "c", "cpp", "c++", "cs", "csharp", "c#", "rust", "rs", "swift", "php":
		c.words = "abstract async await bool boolean break case catch char class const continue default do double else enum extends false final finally float fn for foreach fun func function if impl import in int interface let long match mut namespace new nil null package private protected pub public return self static string struct super switch this throw throws trait true try use using val var void while"
	case "json", "json5", "jsonc":
		c.words = "true false null"
	case "css", "scss":
		c.line = nil
	case "py", "python":
		hash.words = "and as assert async await break class continue def del elif else except False finally for from global if import in is lambda None nonlocal not or pass raise return True try while with yield"
		return hash, true
	case "sh", "bash", "shell", "zsh", "console":
		hash.words = "case do done elif else esac export fi for function if in local return set then until while curl sudo cd echo"
		return hash, true
	case "yaml", "yml", "toml", "ini", "properties", "dockerfile", "make":
		hash.words = "true false null yes no on off"
		return hash, true
	case "ruby", "rb", "perl", "r", "powershell", "ps1":
		hash.words = "and begin case class def do else elsif end ensure false for function if in module next nil not or param rescue return self sub then true unless until use while"
		return hash, true
	case "sql":
		return syntax{line: []string{"--"}, block: [2]string{"/*", "*/"}, quotes: `'"`, fold: true,
			words: "add all alter and as asc between by case create delete desc distinct drop else end exists from full group having in index inner insert into is join key left like limit not null on or order outer primary references right select set table then union unique update values view when where with"}, true
	case "html", "xml", "svg":
		return syntax{block: [2]string{"<!--", "-->"}, quotes: `"'`}, true
	default:
		return syntax{}, false
	}
	return c, true
}

// highlight appends code as HTML, with spans of class hc (comment), hs (text),
// hn (number) and hk (word of the language).
func highlight(dst []byte, code, language string) []byte {
	s, ok := syntaxOf(language)
	if !ok {
		return append(dst, escapeText(code)...)
	}
	words := map[string]bool{}
	for _, w := range strings.Fields(s.words) {
		words[w] = true
	}
	for code != "" {
		n, class := s.token(code, words)
		if class != "" {
			dst = append(dst, `<span class="`...)
			dst = append(append(dst, class...), `">`...)
		}
		dst = append(dst, escapeText(code[:n])...)
		if class != "" {
			dst = append(dst, "</span>"...)
		}
		code = code[n:]
	}
	return dst
}

// token is the length and class of what code begins with.
func (s *syntax) token(code string, words map[string]bool) (int, string) {
	for _, mark := range s.line {
		if strings.HasPrefix(code, mark) {
			return until(code, "\n", 0, false), "hc"
		}
	}
	if s.block[0] != "" && strings.HasPrefix(code, s.block[0]) {
		return until(code, s.block[1], len(s.block[0]), true), "hc"
	}
	r, size := utf8.DecodeRuneInString(code)
	switch {
	case strings.ContainsRune(s.quotes, r):
		return quoted(code), "hs"
	case r >= '0' && r <= '9':
		n := strings.IndexFunc(code, func(r rune) bool { return !isWordRune(r) && r != '.' })
		return rest(code, n), "hn"
	case isWordRune(r):
		n := rest(code, strings.IndexFunc(code, func(r rune) bool { return !isWordRune(r) }))
		word := code[:n]
		if s.fold {
			word = strings.ToLower(word)
		}
		if words[word] {
			return n, "hk"
		}
		return n, ""
	}
	return size, ""
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }

func rest(code string, n int) int {
	if n < 0 {
		return len(code)
	}
	return n
}

func until(code, mark string, from int, with bool) int {
	i := strings.Index(code[from:], mark)
	switch {
	case i < 0:
		return len(code)
	case with:
		return from + i + len(mark)
	}
	return from + i
}

// quoted is the length of a text in quotes, which a backslash escapes and the
// line's end closes, unless it is in backticks.
func quoted(code string) int {
	quote := code[0]
	for i := 1; i < len(code); i++ {
		switch {
		case code[i] == '\\' && quote != '`':
			i++
		case code[i] == quote:
			return i + 1
		case code[i] == '\n' && quote != '`':
			return i
		}
	}
	return len(code)
}
