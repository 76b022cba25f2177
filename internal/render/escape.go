package render

import (
	"strings"
	"unicode/utf8"
)

// The functions below give the bytes that html/template's escapers give. They
// were written against its documentation and are held against it by
// FuzzEscapers; what they do not cover falls back to html/template itself.

// appendHTML escapes for text, RCDATA and quoted attributes.
func appendHTML(dst []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); i++ {
		var as string
		switch s[i] {
		case '"':
			as = "&#34;"
		case '\'':
			as = "&#39;"
		case '&':
			as = "&amp;"
		case '+':
			as = "&#43;"
		case '<':
			as = "&lt;"
		case '>':
			as = "&gt;"
		case 0:
			as = "\uFFFD"
		default:
			continue
		}
		dst = append(append(dst, s[start:i]...), as...)
		start = i + 1
	}
	return append(dst, s[start:]...)
}

// unsafeURL is what stands in for an address with a scheme that may do harm.
const unsafeURL = "#ZgotmplZ"

// safeURL says whether an address is relative, or of a harmless scheme.
func safeURL(s string) bool {
	scheme, _, found := strings.Cut(s, ":")
	if !found || strings.Contains(scheme, "/") {
		return true
	}
	for _, ok := range []string{"http", "https", "mailto"} {
		if strings.EqualFold(scheme, ok) {
			return true
		}
	}
	return false
}

// appendURL percent-encodes what may not stand in an address, leaves what is
// encoded already, and escapes the result for a quoted attribute.
func appendURL(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '&':
			dst = append(dst, "&amp;"...)
		case c == '+':
			dst = append(dst, "&#43;"...)
		case c == '%' && i+2 < len(s) && isHexDigit(s[i+1]) && isHexDigit(s[i+2]):
			dst = append(dst, c)
		case c < utf8.RuneSelf && (isAlphanumeric(c) || strings.IndexByte("!#$*,/:;=?@[]-._~", c) >= 0):
			dst = append(dst, c)
		default:
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		}
	}
	return dst
}

// appendURLPart percent-encodes everything that has a meaning in an address.
func appendURLPart(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	for i := 0; i < len(s); i++ {
		if c := s[i]; isAlphanumeric(c) || strings.IndexByte("-._~", c) >= 0 {
			dst = append(dst, c)
		} else {
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		}
	}
	return dst
}

func isAlphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

func isHexDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
