package seal

import (
	"encoding/binary"
	"strings"

	"github.com/sethvargo/go-diceware/diceware"
)

const (
	listSize    = 7776
	phraseWords = 7
)

// phrase draws words from a stream of bytes. What would make some words
// likelier than others is skipped; 64 draws run out once in 2^170 times.
func phrase(stream []byte) string {
	var words []string
	for i := 0; len(words) < phraseWords; i += 2 {
		if n := int(binary.BigEndian.Uint16(stream[i:])); n < 65_536/listSize*listSize {
			words = append(words, word(n%listSize))
		}
	}
	return strings.Join(words, "-")
}

// word of EFF's large list, which the module keeps by rolls of five dice.
func word(i int) string {
	roll, place := 0, 1
	for range 5 {
		roll += (i%6 + 1) * place
		i /= 6
		place *= 10
	}
	return diceware.WordListEffLarge().WordAt(roll)
}

// Normal is what of a phrase counts: a reader types it in capitals, with
// spaces or other dashes and quotes, and means the same. NFKC, which the format
// has before it, concerns only what a writer refuses.
func Normal(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune("-'\"`", r) || r < 0x21 || r > 0x7E:
			return -1
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		}
		return r
	}, text)
}
