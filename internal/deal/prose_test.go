package deal

import "testing"

func TestPlain(t *testing.T) {
	html := func(s string) Piece { return Piece{Kind: Fragment, HTML: s} }
	tests := []struct {
		name   string
		pieces []Piece
		want   string
	}{
		{"nothing", nil, ""},
		{"text", []Piece{html("One inbox")}, "One inbox"},
		{"tags", []Piece{html("<p>One <em>in</em>box</p>\n<p>for <a href=\"/x\" title=\"y\">all</a></p>\n")}, "One inbox\nfor all"},
		{"entities", []Piece{html("Fern &amp; Vale &lt;b&gt; &quot;x&quot; it&#39;s")}, `Fern & Vale <b> "x" it's`},
		{"an entity that was written", []Piece{html("&amp;lt;")}, "&lt;"},
		{"a mention", []Piece{html("ask "), {Kind: Mention, Name: "ana", Text: "@ana"}, html(" today")}, "ask @ana today"},
		{"an embed", []Piece{{Kind: Embed, Target: "x.pdf", Text: "Security overview"}}, "Security overview"},
		{"a link's words", []Piece{html("see "), {Kind: LinkStart, Target: "x", Title: "no"}, html("this"), {Kind: LinkEnd}}, "see this"},
		{"a heading", []Piece{{Kind: HeadingStart, Name: "a", Level: 2}, html("Why"), {Kind: HeadingEnd}}, "Why"},
		{"an anchor", []Piece{html(`<li id="`), {Kind: Anchor, Name: "fn-1"}, html(`">note</li>`)}, "note"},
		{"blanks around", []Piece{html("  a b \n")}, "a b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := Prose{Pieces: tt.pieces}
			if got := p.Plain(); got != tt.want {
				t.Errorf("it is %q, want %q", got, tt.want)
			}
			if p.IsEmpty() != (len(tt.pieces) == 0) {
				t.Errorf("IsEmpty is %v", p.IsEmpty())
			}
		})
	}
}
