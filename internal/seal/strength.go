package seal

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/sethvargo/go-diceware/diceware"
	"golang.org/x/text/unicode/norm"
)

// leastBits of guesses that a password must hold out against; stretching adds
// some nineteen.
const leastBits = 60

// longest is as much of a password as is looked at.
const longest = 128

// Costs in bits of the ways to guess a password's next part. Each is meant to
// be lower than what a good guesser pays.
const (
	symbolBits  = 3.32 // ten guesses for a symbol, whatever it is
	letterBits  = 2    // for one that goes on as words do
	wordBits    = 13   // for one of some eight thousand words
	patternBits = 5    // for a repetition, a row of keys, a row of the alphabet
	leetBits    = 1    // for digits and signs that stand for letters
)

// RatePassword refuses a password that a person chose and others would find:
// one that would take less than 2^60 guesses, that holds a year, or that holds
// one of the names, which are those of the buyer, the seller and the product. It
// looks at what counts of the password, not at its capitals and dashes. The
// error tells nothing of it.
func RatePassword(password string, names ...string) error {
	text := Normal(password)
	plain := unleet(text)
	for _, name := range names {
		for _, part := range spellings(name) {
			if strings.Contains(text, part) || strings.Contains(plain, part) {
				return fmt.Errorf("the password holds a part of the name %q, which is what people try first", name)
			}
		}
	}
	if holdsYear(text) {
		return errors.New("the password holds a year, which is what people try first")
	}
	if bits := newGuesser().bits(text); bits < leastBits {
		return fmt.Errorf("the password is too easy to guess (about 2^%.0f guesses, and it takes 2^%d): take five words that have nothing to do with each other, or none, and words are drawn", bits, leastBits)
	}
	return nil
}

// spellings of a name and of its longer words, as they may stand in a password.
func spellings(name string) []string {
	var out []string
	umlauts := strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss")
	for _, text := range []string{name, umlauts.Replace(norm.NFC.String(strings.ToLower(name)))} {
		bare := strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Mn, r) {
				return -1
			}
			return r
		}, norm.NFD.String(text))
		for _, part := range append(strings.Fields(bare), bare) {
			if part = Normal(part); len(part) >= 4 || part == Normal(bare) && len(part) >= 3 {
				out = append(out, part)
			}
		}
	}
	return out
}

func holdsYear(text string) bool {
	for i := range max(len(text)-3, 0) {
		if y := text[i : i+4]; (y[:2] == "19" || y[:2] == "20") && digit(y[2]) && digit(y[3]) {
			return true
		}
	}
	return false
}

func digit(b byte) bool { return '0' <= b && b <= '9' }

func unleet(text string) string {
	return strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i").Replace(text)
}

// guesser prices a password by the cheapest way to put it together out of
// words, patterns and symbols.
type guesser struct {
	words  map[string]bool
	triads map[string]bool // three letters that stand in a word
	most   int             // the longest word's length
}

func newGuesser() *guesser {
	g := &guesser{words: map[string]bool{}, triads: map[string]bool{}}
	for _, list := range []diceware.WordList{diceware.WordListEffLarge(), diceware.WordListEffSmall(), diceware.WordListOriginal()} {
		for roll := range int(math.Pow10(list.Digits())) {
			g.learn(Normal(list.WordAt(roll)))
		}
	}
	return g
}

func (g *guesser) learn(w string) {
	if len(w) < 3 {
		return
	}
	g.words[w] = true
	g.most = max(g.most, len(w))
	for i := range len(w) - 2 {
		g.triads[w[i:i+3]] = true
	}
}

func (g *guesser) bits(text string) float64 {
	text = text[:min(len(text), longest)]
	plain := unleet(text)
	best := make([]float64, len(text)+1)
	for end := 1; end <= len(text); end++ {
		best[end] = best[end-1] + g.symbol(text, end)
		for start := end - 3; start >= 0; start-- {
			best[end] = min(best[end], best[start]+g.part(text, plain, start, end))
		}
	}
	return best[len(text)]
}

func (g *guesser) symbol(text string, end int) float64 {
	if end >= 3 && g.triads[text[end-3:end]] {
		return letterBits
	}
	return symbolBits
}

// part is the cheapest price of a run of symbols taken at once.
func (g *guesser) part(text, plain string, start, end int) float64 {
	part := text[start:end]
	price := math.Inf(1)
	if end-start <= g.most {
		if g.words[part] {
			price = min(wordBits, letterBits*float64(len(part)))
		} else if g.words[plain[start:end]] {
			price = min(wordBits, letterBits*float64(len(part))) + leetBits
		}
	}
	if row(part) || keys(part) || strings.Contains(text[:end-1], part) || strings.Contains(text[:start], reversed(part)) {
		price = min(price, patternBits)
	}
	return price
}

// row says whether symbols follow each other in the alphabet, either way, or
// are all the same.
func row(part string) bool {
	step := int(part[1]) - int(part[0])
	if step < -1 || step > 1 {
		return false
	}
	for i := range len(part) - 1 {
		if int(part[i+1])-int(part[i]) != step {
			return false
		}
	}
	return true
}

// keys says whether symbols lie side by side on a keyboard.
func keys(part string) bool {
	const rows = "1234567890 qwertyuiop qwertzuiop azertyuiop asdfghjkl qsdfghjklm zxcvbnm yxcvbnm wxcvbn 1qaz2wsx3edc4rfv5tgb6yhn7ujm"
	return strings.Contains(rows, part) || strings.Contains(rows, reversed(part))
}

func reversed(text string) string {
	b := []byte(text)
	slices.Reverse(b)
	return string(b)
}
