package check

import (
	"fmt"
	"slices"
	"strings"

	"portico/internal/deal"
	"portico/internal/diag"
	"portico/internal/message"
)

// language looks at the words of a deal's own language; those of the site's
// are reported with the site.
func language(v *visit) {
	if v.Locale != v.site.Locale {
		v.wordsOf(v.Locale, v.at("deal", "locale"))
	}
}

// wordsOf holds the words of a locale that is named at a place against the
// English ones.
func (v *visit) wordsOf(locale string, at deal.Place) {
	if v.words == nil || locale == "" {
		return
	}
	l := v.words.Locale(locale)
	if base, _, _ := strings.Cut(locale, "-"); l.Lang != base {
		v.warn(at, "no-words", fmt.Sprintf("there are no words in the language of %q: the page's own are in English", locale), "", "what you write stays as it is")
		return
	}
	if len(l.Missing) > 0 {
		v.warn(at, "missing-words", fmt.Sprintf("some of the page's own texts are in English, since %q has no words for them: %s", locale, firstFew(l.Missing)), "", "they belong in "+l.Lang+".json; what you write stays as it is")
	}
	if len(l.Unknown) > 0 {
		v.warn(at, "unknown-words", fmt.Sprintf("nothing asks for words that %q has: %s", locale, firstFew(l.Unknown)), "", "correct or delete them in "+l.Lang+".json"+meant(l))
	}
	if len(l.Unlike) > 0 {
		v.warn(at, "unlike-words", fmt.Sprintf("words of %q fill in something else than the English ones do: %s", locale, firstFew(l.Unlike)), "", "in "+l.Lang+".json each form has the same names in curly brackets as in en.json")
	}
}

// meant asks what the first unknown key was meant to be, if one that is missing
// is near.
func meant(l *message.Locale) string {
	if near := diag.Nearest(l.Unknown[0], l.Missing); near != "" {
		return fmt.Sprintf("; is %q meant as %q?", l.Unknown[0], near)
	}
	return ""
}

// firstFew are the first of many names.
func firstFew(names []string) string {
	const few = 3
	if len(names) <= few {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:few], ", ") + " and more"
}

// Once leaves out what is said again of the words of a language: many deals
// may share one. The list is sorted.
func Once(list diag.List) diag.List {
	said := map[string]bool{}
	return slices.DeleteFunc(list, func(m diag.Message) bool {
		if !slices.Contains([]string{"missing-words", "unknown-words", "unlike-words"}, m.Code) {
			return false
		}
		again := said[m.Text]
		said[m.Text] = true
		return again
	})
}
