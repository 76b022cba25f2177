package seal

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Everyone is who a deal's shared phrase or password is for.
const Everyone = "*"

const (
	// phraseIterations are enough for words that were drawn: they do the work.
	phraseIterations = 10_000
	// passwordIterations are the least for a password that a person chose.
	passwordIterations = 600_000
	maxIterations      = 5_000_000

	minSlots, maxSlots = 8, 4096
	maxAudiences       = 32
)

// Access is who may open a deal, and how.
type Access struct {
	// Generation is the deal's; from 1.
	Generation uint32
	// Iterations of PBKDF2; 0 for the least that the ways allow.
	Iterations uint32
	Ways       []Way
	// Password is what a person chose for the deal, where one did.
	Password string
	// Audiences are the viewers of each part that is not for all: their ids,
	// in any order.
	Audiences [][]string
}

// Format keeps the password out of everything that is printed.
func (a Access) Format(f fmt.State, _ rune) {
	hide(f, fmt.Sprintf("an access of %d ways in", len(a.Ways)))
}

// Way is one way in: a personal link, words, or both.
type Way struct {
	// Who has it: a viewer's id, or Everyone.
	Who string
	// Link is the generation of the viewer's link; 0 where the way has none.
	Link uint32
	// Owner of the phrase, a viewer or Everyone, and its generation; empty and
	// 0 where the way has none.
	Owner  string
	Phrase uint32
	// Password says that the way wants the deal's chosen password.
	Password bool
	// NotAfter is the first second at which the way should open nothing any
	// more, in Unix time; 0 for never.
	NotAfter int64
	// Cap is what the viewer's page reports with; opaque here.
	Cap []byte
}

// kind as the format spells it.
func (w Way) kind() string {
	var factors []string
	if w.Link > 0 {
		factors = append(factors, "link")
	}
	if w.Phrase > 0 {
		factors = append(factors, "phrase")
	}
	if w.Password {
		factors = append(factors, "password")
	}
	return strings.Join(factors, "+")
}

func (w Way) twoFactors() bool { return w.Link > 0 && (w.Phrase > 0 || w.Password) }

// Policy is access as a deal.toml tells it.
type Policy struct {
	// Generation is that of the deal and of its shared phrase.
	Generation uint32
	// Phrase says that the deal has a shared phrase, in whose place Password
	// stands where it is true.
	Phrase, Password bool
	// TwoFactors asks for words besides the link: the deal's, or where it has
	// none the viewer's own.
	TwoFactors bool
	// NotAfter is the deal's.
	NotAfter int64
	Viewers  []Viewer
}

// Viewer is a person with a link.
type Viewer struct {
	ID string
	// Generation is that of the link and of the viewer's own phrase; from 1.
	Generation uint32
	// NotAfter is the viewer's, or else the deal's.
	NotAfter int64
	Cap      []byte
}

// Ways that a policy comes to. shared is what the page of someone reports with
// who came in by the shared words alone.
func (p Policy) Ways(shared []byte) []Way {
	var ways []Way
	for _, v := range p.Viewers {
		w := Way{Who: v.ID, Link: v.Generation, NotAfter: v.NotAfter, Cap: v.Cap}
		switch {
		case !p.TwoFactors:
		case p.Password:
			w.Password = true
		case p.Phrase:
			w.Owner, w.Phrase = Everyone, p.Generation
		default:
			w.Owner, w.Phrase = v.ID, v.Generation
		}
		ways = append(ways, w)
	}
	if p.TwoFactors || !p.Phrase && !p.Password {
		return ways
	}
	w := Way{Who: Everyone, NotAfter: p.NotAfter, Cap: shared, Password: p.Password}
	if !p.Password {
		w.Owner, w.Phrase = Everyone, p.Generation
	}
	return append(ways, w)
}

// normalized is an access with its audiences sorted, each once, or what is
// wrong with it.
func (a Access) normalized() (Access, error) {
	if a.Generation == 0 {
		return a, errors.New("generations begin at 1")
	}
	if len(a.Ways) == 0 {
		return a, errors.New("nobody could open the deal: it has neither viewers nor a passphrase")
	}
	seen := map[string]bool{}
	for _, w := range a.Ways {
		if err := a.refuses(w); err != nil {
			return a, err
		}
		if seen[w.Who] {
			return a, fmt.Errorf("%q has two ways in", w.Who)
		}
		seen[w.Who] = true
	}
	if len(a.Ways) > maxSlots {
		return a, fmt.Errorf("%d ways in are too many: a deal can have %d", len(a.Ways), maxSlots)
	}
	if err := a.checkPassword(); err != nil {
		return a, err
	}
	var err error
	a.Audiences, err = audiences(a.Audiences, seen)
	return a, err
}

// refuses a way that the format doesn't have.
func (a Access) refuses(w Way) error {
	switch {
	case w.Who == "":
		return errors.New("a way in is nobody's")
	case w.kind() == "" || w.Phrase > 0 && w.Password:
		return fmt.Errorf("the way in of %q is neither a link nor one kind of words, nor a link and words", w.Who)
	case (w.Owner != "") != (w.Phrase > 0) || w.Owner != "" && w.Owner != w.Who && w.Owner != Everyone:
		return fmt.Errorf("the phrase of %q is neither its own nor the deal's", w.Who)
	case w.Who == Everyone && w.Link > 0:
		return errors.New("a link is one person's: there is none for everyone")
	case w.Link == 0 && w.Who != Everyone:
		return fmt.Errorf("words alone are for everyone, not for %q", w.Who)
	case w.twoFactors() != a.Ways[0].twoFactors():
		return errors.New("either every way in asks for two factors, or none does")
	case w.NotAfter < 0:
		return fmt.Errorf("the way in of %q ends before 1970", w.Who)
	case len(w.Cap) > maxPayload:
		return fmt.Errorf("what the page of %q reports with is too long", w.Who)
	}
	return nil
}

func (a Access) checkPassword() error {
	wanted := slices.ContainsFunc(a.Ways, func(w Way) bool { return w.Password })
	switch {
	case wanted && Normal(a.Password) == "":
		return errors.New("the deal's password is missing")
	case !wanted && a.Password != "":
		return errors.New("the deal has a password that no way in asks for")
	case strings.ContainsFunc(a.Password, func(r rune) bool { return r < 0x20 || r > 0x7E }):
		return errors.New("a password can have letters from a to z, digits and the signs of an American keyboard, so that it can be typed anywhere")
	}
	least := uint32(phraseIterations)
	if wanted {
		least = passwordIterations
	}
	if n := a.Iterations; n != 0 && (n < least || n > maxIterations || n != phraseIterations && n < passwordIterations) {
		return fmt.Errorf("%d iterations: it takes %d for words that were drawn, and %d to %d for a password", n, phraseIterations, passwordIterations, maxIterations)
	}
	return nil
}

func (a Access) iterations() uint32 {
	if a.Iterations != 0 {
		return a.Iterations
	}
	if slices.ContainsFunc(a.Ways, func(w Way) bool { return w.Password }) {
		return passwordIterations
	}
	return phraseIterations
}

// audiences sorted, each once, of people who have a way in.
func audiences(list [][]string, known map[string]bool) ([][]string, error) {
	var out [][]string
	for _, members := range list {
		if len(members) == 0 {
			return nil, errors.New("an audience is empty: nobody could read what is for it")
		}
		members = sorted(members)
		for _, m := range members {
			if !known[m] || m == Everyone {
				return nil, fmt.Errorf("%q is in an audience and has no link", m)
			}
		}
		out = append(out, members)
	}
	slices.SortFunc(out, slices.Compare)
	return slices.CompactFunc(out, slices.Equal), nil
}

func sorted(members []string) []string { return slices.Compact(slices.Sorted(slices.Values(members))) }

// record is what of a way goes into the epoch: all that its slot holds.
func (d DealSecrets) record(a Access, w Way) []byte {
	var mark []byte
	if w.Password {
		mark = d.mark(a.Password)
	}
	fields := [][]byte{[]byte(w.kind()), []byte(w.Who), u32(w.Link), []byte(w.Owner), u32(w.Phrase), mark, u64(w.NotAfter), w.Cap}
	var in [][]byte
	for _, members := range a.Audiences {
		if slices.Contains(members, w.Who) {
			in = append(in, LP(bytesOf(members)...))
		}
	}
	slices.SortFunc(in, slices.Compare)
	return LP(append(fields, in...)...)
}

// epoch is a MAC of who has which way in: whoever knows a key of it was there.
func (d DealSecrets) epoch(a Access) [16]byte {
	var records [][]byte
	for _, w := range a.Ways {
		records = append(records, d.record(a, w))
	}
	slices.SortFunc(records, slices.Compare)
	x := append([][]byte{d.id[:], u32(a.Generation), u32(a.iterations())}, records...)
	return [16]byte(d.key.derive(16, "epoch", x...))
}

func bytesOf(texts []string) [][]byte {
	var out [][]byte
	for _, s := range texts {
		out = append(out, []byte(s))
	}
	return out
}

// Former is who could open a deal at some time, each by the generation of the
// way in that it had.
type Former map[string]uint32

// Regained is the error of a way in that was taken away and would open again.
type Regained struct {
	Who      string
	Had, Now uint32 // generations
	// Removed says that Who had no way in for some time.
	Removed bool
}

// Least is the generation that is new.
func (e *Regained) Least() uint32 {
	if e.Removed {
		return e.Had + 1
	}
	return e.Had
}

func (e *Regained) Error() string {
	if e.Removed {
		return fmt.Sprintf("%q was removed and is back with generation %d: the old way in would open again; set it to %d", e.Who, e.Now, e.Least())
	}
	return fmt.Sprintf("%q had generation %d before, and now has %d: an old way in would open again; set it to %d or more", e.Who, e.Had, e.Now, e.Least())
}

// CheckGenerations refuses to give someone back a way in that was taken away:
// a generation lower than one it had, or, after a time without, one it had. past
// goes from the oldest to the newest; what it doesn't tell is not found. Its
// error is a Regained.
func CheckGenerations(past []Former, now Former) error {
	highest, removed := Former{}, map[string]bool{}
	for _, then := range past {
		for who := range highest {
			if _, in := then[who]; !in {
				removed[who] = true
			}
		}
		for who, generation := range then {
			if generation > highest[who] {
				removed[who] = false
			}
			highest[who] = max(highest[who], generation)
		}
	}
	for _, who := range sortedKeys(now) {
		switch had, generation := highest[who], now[who]; {
		case generation < had:
			return &Regained{Who: who, Had: had, Now: generation}
		case generation == had && removed[who]:
			return &Regained{Who: who, Had: had, Now: generation, Removed: true}
		}
	}
	return nil
}

func sortedKeys(m Former) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
