package seal

import (
	"fmt"
	"slices"
	"strings"
)

// Secret is what a personal link holds.
type Secret [16]byte

// codeLength is in symbols: 128 bits and 12 to check them by.
const codeLength = 28

// Code writes a secret for a link or for typing, in fours.
func (s Secret) Code() string {
	symbols := s.symbols()
	var groups []string
	for i := 0; i < codeLength; i += 4 {
		groups = append(groups, symbols[i:i+4])
	}
	return strings.Join(groups, "-")
}

func (s Secret) symbols() string {
	return base32Text(slices.Concat(s[:], derive(s[:], 2, "code")))[:codeLength]
}

// Format keeps a secret out of everything that is printed.
func (s Secret) Format(f fmt.State, _ rune) { hide(f, "a personal secret") }

// MarshalText keeps it out of JSON and logs.
func (s Secret) MarshalText() ([]byte, error) { return []byte("a personal secret"), nil }

// ParseCode reads a code as people type it: in capitals, without dashes, with
// letters for the digits they look like. It says whether it is one.
func ParseCode(text string) (Secret, bool) {
	symbols := strings.Map(codeSymbol, text)
	if len(symbols) != codeLength {
		return Secret{}, false
	}
	data, err := base32Encoding().DecodeString(symbols)
	if err != nil || len(data) < len(Secret{}) {
		return Secret{}, false
	}
	s := Secret(data[:len(Secret{})])
	// The check is a checksum against typing errors, no secret: a code that
	// passes still has to find its slot.
	if s.symbols() != symbols {
		return Secret{}, false
	}
	return s, true
}

func codeSymbol(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		r += 'a' - 'A'
	}
	switch {
	case r == 'o':
		return '0'
	case r == 'i' || r == 'l':
		return '1'
	case '0' <= r && r <= '9' || 'a' <= r && r <= 'z':
		return r
	}
	return -1
}

// LinkCode is the code at the end of a personal link: what stands behind the
// first #, or the %23 that a mail filter made of it, up to the first symbol
// that belongs to no code. A route within the plan, which begins with #/, is
// none.
func LinkCode(link string) (Secret, bool) {
	for _, mark := range []string{"#", "%23"} {
		_, code, _ := strings.Cut(link, mark)
		if end := strings.IndexFunc(code, func(r rune) bool { return r != '-' && !alphanumeric(r) }); end >= 0 {
			code = code[:end]
		}
		if code != "" {
			return ParseCode(code)
		}
	}
	return Secret{}, false
}

func alphanumeric(r rune) bool {
	return '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}
