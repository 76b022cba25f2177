package diag

import (
	"strings"
	"unicode/utf8"
)

// Nearest is the candidate that word was probably meant to be, or "" where
// none is near: one edit in a short word, up to a third of a long one. A swap
// of neighbours counts as one edit. Case, and "-" against "_" or a space, do
// not count. Of equally near candidates the first wins.
func Nearest(word string, candidates []string) string {
	best, distance := "", max(1, utf8.RuneCountInString(word)/3)
	folded := fold(word)
	for _, c := range candidates {
		if d := edits(folded, fold(c), distance); d <= distance && (best == "" || d < distance) {
			best, distance = c, d
		}
	}
	return best
}

func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == ' ' {
			return '-'
		}
		return r
	}, strings.ToLower(s))
}

// edits is the optimal string alignment distance of a and b, or any number
// above limit where it is more than that.
func edits(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if len(x)-len(y) > limit || len(y)-len(x) > limit {
		return limit + 1
	}
	before, prev := make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := range x {
		row := make([]int, len(y)+1)
		row[0] = i + 1
		for j := range y {
			cost := 1
			if x[i] == y[j] {
				cost = 0
			}
			row[j+1] = min(prev[j+1]+1, row[j]+1, prev[j]+cost)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, prev = prev, row
	}
	return prev[len(y)]
}

// DidYouMean is a label that names the nearest candidate, or "".
func DidYouMean(word string, candidates []string) string {
	if near := Nearest(word, candidates); near != "" {
		return `did you mean "` + near + `"?`
	}
	return ""
}
