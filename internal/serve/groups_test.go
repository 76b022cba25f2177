package serve_test

import (
	"fmt"
	"testing"

	"portico/internal/browser"
)

// cardsOf makes groups of every mixture of cards, up to five, and lists those
// that are not as many columns wide as their cards need, of as many as there are.
const cardsOf = `(() => {
	const groups = document.querySelector(".groups"), wrong = [];
	const wide = {"": 1, wide: 2, full: 4};
	const each = cards => {
		if (cards.length) {
			const group = document.createElement("section"), list = document.createElement("ul");
			group.className = "group";
			list.className = "documents";
			for (const c of cards) {
				// A place that is left for others counts for nothing.
				list.append(document.createElement("template"), document.createElement("li"));
				list.lastChild.className = "card " + c;
			}
			group.append(list);
			groups.append(group);
			const want = Math.min(%[1]d, cards.reduce((n, c) => n + wide[c], 0));
			const got = getComputedStyle(group).gridColumnStart, columns = getComputedStyle(list).gridTemplateColumns.split(" ").length;
			if (got !== "span " + want || columns !== want) wrong.push([cards.join("+"), got, columns].join(" "));
			group.remove();
		}
		if (cards.length < 5) for (const c in wide) each([...cards, c]);
	};
	each([]);
	return wrong;
})()`

// A group of documents is as wide as its cards, of which not every viewer has
// all.
func TestGroupsAreAsWideAsTheirCards(t *testing.T) {
	t.Parallel()
	b := chromium.Browser(t)
	s, _ := demonstration(t, november21)
	p := b.Page(t, 1440, 900)
	p.Goto(s.URL + "/meridian-bank/")
	for width, columns := range map[int]int{1440: 4, 1024: 3, 834: 2, 390: 1} {
		p.Resize(width, 900)
		if wrong := browser.Eval[[]string](p, fmt.Sprintf(cardsOf, columns)); len(wrong) > 0 {
			t.Errorf("at %d: %q", width, wrong)
		}
	}
}
