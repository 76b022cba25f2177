package diag

import "testing"

func TestNearest(t *testing.T) {
	keys := []string{"owner", "title", "due", "go_live", "go_live_reason", "start", "status", "currency", "by", "at"}
	tests := []struct {
		name, word string
		from       []string
		want       string
	}{
		{"the word itself", "owner", keys, "owner"},
		{"neighbours swapped", "onwer", keys, "owner"},
		{"first two swapped", "woner", keys, "owner"},
		{"a letter left out", "ower", keys, "owner"},
		{"a letter too many", "owwner", keys, "owner"},
		{"another letter", "ownar", keys, "owner"},
		{"a short word, one edit", "duo", keys, "due"},
		{"a short word, neighbours swapped", "deu", keys, "due"},
		{"a short word, two edits", "dxy", keys, ""},
		{"a word of five, two edits", "ewnar", keys, ""},
		{"a word of six, two edits", "stetos", keys, "status"},
		{"a word of six, three edits", "stexys", keys, ""},
		{"a word of eight, three edits", "cuwwxncy", keys, ""},
		{"a long word, up to a third", "go_live_raeson_x", keys, "go_live_reason"},
		{"case does not count", "OWNER", keys, "owner"},
		{"case of one letter", "Owner", keys, "owner"},
		{"a hyphen is an underscore", "go-live", keys, "go_live"},
		{"a space is an underscore", "go live", keys, "go_live"},
		{"all of it and a slip", "Go-Lvie", keys, "go_live"},
		{"nothing near", "confidence", keys, ""},
		{"no candidates", "owner", nil, ""},
		{"no word", "", []string{"owner"}, ""},
		{"two letters", "bx", []string{"by"}, "by"},
		{"two letters, both others", "zz", []string{"by"}, ""},
		{"letters count, not bytes", "größ", []string{"grün"}, ""},
		{"capital umlauts", "MÜLLER", []string{"müller"}, "müller"},
		{"the nearer of two", "statu", []string{"start", "status"}, "status"},
		{"the first of two as near", "sta", []string{"stb", "stc"}, "stb"},
		{"an exact one behind a near one", "stc", []string{"stb", "stc"}, "stc"},
		{"the candidate's own spelling is told", "go-live-reason", []string{"Go Live_Reason"}, "Go Live_Reason"},
		{"much longer than any", "owner-of-the-milestone", keys, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Nearest(tt.word, tt.from); got != tt.want {
				t.Errorf("Nearest(%q) is %q, want %q", tt.word, got, tt.want)
			}
			label := ""
			if tt.want != "" {
				label = `did you mean "` + tt.want + `"?`
			}
			if got := DidYouMean(tt.word, tt.from); got != label {
				t.Errorf("DidYouMean(%q) is %q, want %q", tt.word, got, label)
			}
		})
	}
}
