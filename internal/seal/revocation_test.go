package seal

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
)

func without(list []Way, who string) []Way {
	return slices.DeleteFunc(slices.Clone(list), func(w Way) bool { return w.Who == who })
}

// A viewer who was removed knows the old deal key and its own way in, and sees
// the new deploy: nothing of it opens.
func TestRevocation(t *testing.T) {
	n := newNorthwind()
	before := n.deal(t)
	after := n
	after.access.Ways = without(n.access.Ways, "sam")
	after.access.Audiences = [][]string{{"priya"}}
	after.contents.Items = slices.DeleteFunc(slices.Clone(n.contents.Items), func(it Item) bool { return len(it.Audience) == 2 })
	host := after.host(t)
	if _, err := Unlock(host, n.code("sam", 1)); !errors.Is(err, Wrong) {
		t.Errorf("the old link: %v", err)
	}
	id := n.key.Deal("northwind").id
	for _, key := range []contentKey{before.secrets.dealKey(before.epoch), before.secrets.audienceKey(before.epoch, []string{"priya", "sam"})} {
		for name, file := range host {
			for _, epoch := range [][16]byte{before.epoch, after.deal(t).epoch} {
				if _, err := openManifest(key, id, epoch, file.Data); err == nil {
					t.Errorf("the old key opens %s as a manifest", name)
				}
				if _, err := Open(key.object(), LP([]byte("object"), id[:]), file.Data); err == nil {
					t.Errorf("the old key opens %s", name)
				}
			}
		}
		if host[folder+key.name()] != nil {
			t.Error("the old key finds a manifest")
		}
	}
	if _, err := Unlock(host, n.code("priya", 1)); err != nil {
		t.Errorf("who stayed: %v", err)
	}
}

// Any change of access renews everything, down to the dummies: two deploys
// share no slot and no object.
func TestChangesOfAccessShareNothing(t *testing.T) {
	n := newNorthwind()
	first := n.deal(t)
	old := n.host(t)
	for what, change := range map[string]func(*Access){
		"viewer removed":      func(a *Access) { a.Ways = without(a.Ways, "lena") },
		"viewer added":        func(a *Access) { a.Ways = append(slices.Clone(a.Ways), Way{Who: "tom", Link: 1}) },
		"link renewed":        func(a *Access) { a.Ways[0].Link = 2 },
		"generation raised":   func(a *Access) { a.Generation = 2 },
		"phrase renewed":      func(a *Access) { a.Ways[3].Phrase = 2 },
		"capability changed":  func(a *Access) { a.Ways[0].Cap = []byte("other") },
		"expiry changed":      func(a *Access) { a.Ways[1].NotAfter = 1 },
		"audience changed":    func(a *Access) { a.Audiences = append(slices.Clone(a.Audiences), []string{"sam"}) },
		"words taken away":    func(a *Access) { a.Ways = without(a.Ways, Everyone) },
		"more iterations":     func(a *Access) { a.Iterations = 600_000; a.Ways = without(a.Ways, Everyone) },
		"another team's deal": nil,
	} {
		next := newNorthwind()
		if change == nil {
			next.key = testKey(8)
		} else {
			change(&next.access)
		}
		d := next.deal(t)
		if d.epoch == first.epoch {
			t.Errorf("%s: the epoch stays", what)
		}
		for _, s := range d.header.Slots {
			for _, o := range first.header.Slots {
				if s.Locator == o.Locator || bytes.Equal(s.Box, o.Box) || bytes.Equal(s.Box[:saltSize], o.Box[:saltSize]) {
					t.Errorf("%s: a slot is as before", what)
				}
			}
		}
		for name := range next.host(t) {
			if name != lockPage && old[name] != nil {
				t.Errorf("%s: %s is as before", what, name)
			}
		}
	}
}

// Who has which way in is in the epoch, but nobody without the team key can
// try out guesses of it: it depends on the key in every bit.
func TestEpochNeedsTheKey(t *testing.T) {
	n := newNorthwind()
	access, err := n.access.normalized()
	if err != nil {
		t.Fatal(err)
	}
	real := n.key.Deal("northwind")
	want := real.epoch(access)
	for i := range 256 {
		altered := n.key.secret()
		altered[i/8] ^= 1 << (i % 8)
		guess := newTeamKey(altered)
		// With the right deal id, as the header shows it.
		if guess.DealByID(real.id).epoch(access) == want {
			t.Errorf("bit %d of the key doesn't count", i)
		}
	}
	shuffled := n.access
	shuffled.Ways = slices.Clone(n.access.Ways)
	slices.Reverse(shuffled.Ways)
	shuffled.Audiences = [][]string{{"priya"}, {"priya", "sam"}, {"sam", "priya", "sam"}}
	d, err := New(real, shuffled)
	if err != nil || d.epoch != want || !bytes.Equal(d.header.marshal(), n.deal(t).header.marshal()) {
		t.Errorf("the order in which access is told counts: %v", err)
	}
}

// A host pairs an audience's old manifest, an old price, with a new plan.
func TestOldPartBesideANewPlan(t *testing.T) {
	n := newNorthwind()
	old := n.host(t)
	n.contents.Items[0].Content = section([]byte("<h1>A new plan</h1>"))
	host := n.host(t)
	d := n.deal(t)
	name := folder + d.secrets.audienceKey(d.epoch, []string{"priya", "sam"}).name()
	host[name] = old[name]
	if _, err := Unlock(host, n.code("sam", 1)); !errors.Is(err, Damaged) {
		t.Errorf("an old part: %v", err)
	}
	host = n.host(t)
	name = folder + d.secrets.dealKey(d.epoch).name()
	host[name] = old[name]
	if _, err := Unlock(host, n.code("sam", 1)); !errors.Is(err, Damaged) {
		t.Errorf("an old plan: %v", err)
	}
}

// Who is outside of an audience finds nothing of it: neither its key nor its
// manifest's name comes from what the deal's key gives.
func TestAudiencesAreApart(t *testing.T) {
	n := newNorthwind()
	d := n.deal(t)
	lena := n.access.Ways[2]
	p := d.secrets.payloadOf(n.access, lena, d.epoch)
	if lena.Who != "lena" || len(p.audiences) != 0 {
		t.Fatalf("%s has %d audience keys", lena.Who, len(p.audiences))
	}
	o, err := Unlock(n.host(t), n.code("lena", 2))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range o.Entries {
		if e.At != "" || strings.Contains(e.Path, "quote") {
			t.Errorf("lena sees %s %s", e.Path, e.At)
		}
	}
}

func TestSlotsLookAlike(t *testing.T) {
	n := newNorthwind()
	n.access.Ways[0].Cap = bytes.Repeat([]byte{1}, 700) // makes every slot larger, not its own
	h := n.deal(t).Header()
	if len(h.Slots) != 8 || len(h.Slots[0].Box) != 72+1024 {
		t.Errorf("%d slots of %d bytes", len(h.Slots), len(h.Slots[0].Box))
	}
	for _, s := range h.Slots {
		if len(s.Box) != len(h.Slots[0].Box) {
			t.Error("a slot has another size")
		}
	}
	for i := range 9 {
		n.access.Ways = append(n.access.Ways, Way{Who: strings.Repeat("v", i+1), Link: 1})
	}
	if h := n.deal(t).Header(); len(h.Slots) != 16 {
		t.Errorf("13 ways in have %d slots", len(h.Slots))
	}
}

func TestAccessRefusals(t *testing.T) {
	link := Way{Who: "priya", Link: 1}
	words := Way{Who: Everyone, Owner: Everyone, Phrase: 1}
	pass := Way{Who: Everyone, Password: true}
	many := Access{Generation: 1, Ways: []Way{link}}
	for i := range 33 {
		who := strings.Repeat("x", i+1)
		many.Ways = append(many.Ways, Way{Who: who, Link: 1})
		many.Audiences = append(many.Audiences, []string{"priya", who})
	}
	for what, c := range map[string]struct {
		access Access
		why    string
	}{
		"no way in":           {Access{Generation: 1}, "nobody could open"},
		"generation 0":        {Access{Ways: []Way{link}}, "begin at 1"},
		"twice":               {Access{Generation: 1, Ways: []Way{link, link}}, "two ways in"},
		"nobody's":            {Access{Generation: 1, Ways: []Way{{Link: 1}}}, "nobody's"},
		"nothing":             {Access{Generation: 1, Ways: []Way{{Who: "priya"}}}, "neither a link"},
		"three factors":       {Access{Generation: 1, Password: "x", Ways: []Way{{Who: "priya", Link: 1, Owner: "priya", Phrase: 1, Password: true}}}, "neither a link"},
		"another's phrase":    {Access{Generation: 1, Ways: []Way{{Who: "priya", Link: 1, Owner: "sam", Phrase: 1}}}, "neither its own"},
		"a link for everyone": {Access{Generation: 1, Ways: []Way{{Who: Everyone, Link: 1}}}, "none for everyone"},
		"words for one":       {Access{Generation: 1, Ways: []Way{{Who: "priya", Owner: "priya", Phrase: 1}}}, "words alone"},
		"mixed factors":       {Access{Generation: 1, Ways: []Way{link, {Who: "sam", Link: 1, Owner: Everyone, Phrase: 1}}}, "two factors"},
		"no password":         {Access{Generation: 1, Ways: []Way{pass}}, "missing"},
		"empty password":      {Access{Generation: 1, Ways: []Way{pass}, Password: "- '"}, "missing"},
		"unasked password":    {Access{Generation: 1, Ways: []Way{words}, Password: "x"}, "no way in asks"},
		"foreign password":    {Access{Generation: 1, Ways: []Way{pass}, Password: "größe"}, "American"},
		"hasty password":      {Access{Generation: 1, Ways: []Way{pass}, Password: "x", Iterations: 10_000}, "iterations"},
		"between":             {Access{Generation: 1, Ways: []Way{words}, Iterations: 20_000}, "iterations"},
		"empty audience":      {Access{Generation: 1, Ways: []Way{link}, Audiences: [][]string{{}}}, "empty"},
		"unknown audience":    {Access{Generation: 1, Ways: []Way{link}, Audiences: [][]string{{"sam"}}}, "no link"},
		"everyone's audience": {Access{Generation: 1, Ways: []Way{link, words}, Audiences: [][]string{{Everyone}}}, "no link"},
		"33 audiences":        {many, "33 audiences"},
		"long capability":     {Access{Generation: 1, Ways: []Way{{Who: "priya", Link: 1, Cap: make([]byte, 15_840)}}}, "too long"},
		"time before 1970":    {Access{Generation: 1, Ways: []Way{{Who: "priya", Link: 1, NotAfter: -1}}}, "1970"},
	} {
		if _, err := New(testKey(1).Deal("x"), c.access); err == nil || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: %v, want %q", what, err, c.why)
		}
	}
}

func TestPolicy(t *testing.T) {
	viewers := []Viewer{{ID: "priya", Generation: 3}, {ID: "sam", Generation: 1}}
	for _, c := range []struct {
		policy Policy
		want   string
	}{
		{Policy{Generation: 2, Viewers: viewers}, "priya:link 3 0 sam:link 1 0"},
		{Policy{Generation: 2, Phrase: true, Viewers: viewers}, "priya:link 3 0 sam:link 1 0 *:phrase 0 *2"},
		{Policy{Generation: 2, Phrase: true, Password: true, Viewers: viewers}, "priya:link 3 0 sam:link 1 0 *:password 0 0"},
		{Policy{Generation: 2, Phrase: true, TwoFactors: true, Viewers: viewers}, "priya:link+phrase 3 *2 sam:link+phrase 1 *2"},
		{Policy{Generation: 2, TwoFactors: true, Viewers: viewers}, "priya:link+phrase 3 priya3 sam:link+phrase 1 sam1"},
		{Policy{Generation: 2, TwoFactors: true, Password: true, Viewers: viewers}, "priya:link+password 3 0 sam:link+password 1 0"},
	} {
		var got []string
		for _, w := range c.policy.Ways(nil) {
			got = append(got, w.Who+":"+w.kind()+" "+string('0'+rune(w.Link))+" "+w.Owner+string('0'+rune(w.Phrase)))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%+v: %s, want %s", c.policy, s, c.want)
		}
	}
}

func TestCheckGenerations(t *testing.T) {
	past := []Former{{"priya": 1, "sam": 1, "tom": 2}, {"priya": 2, "tom": 2}, {"priya": 2, "sam": 2}, {"priya": 2}}
	for who, c := range map[string]struct {
		generation uint32
		fine       bool
	}{"priya": {2, true}, "sam": {3, true}, "tom": {3, true}, "new": {1, true}} {
		for generation := range c.generation + 2 {
			if generation == 0 {
				continue
			}
			if err := CheckGenerations(past, Former{who: generation}); (err == nil) != (generation >= c.generation) {
				t.Errorf("%s with generation %d: %v", who, generation, err)
			}
		}
	}
	if err := CheckGenerations([]Former{{"sam": 1}, {}, {"sam": 2}}, Former{"sam": 2}); err != nil {
		t.Errorf("back with a new generation, and there still: %v", err)
	}
}
