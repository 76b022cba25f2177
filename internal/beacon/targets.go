package beacon

import (
	"iter"

	"portico/internal/seal"
)

// Part is a part of a deal by what its author calls it: a kind that aims, and
// an id within the kind.
type Part struct {
	Kind Kind
	ID   string
}

// Target is what pages report the part as. It takes the team's key to say so,
// and nothing leads back.
func (p Part) Target(d seal.DealSecrets) Target { return d.Target(p.Kind.String(), p.ID) }

// Targets are parts of a deal by what its pages report them as. Words that are
// no kind of the protocol are passed over: no page reports them.
func Targets(d seal.DealSecrets, parts iter.Seq2[string, string]) map[Target]Part {
	all := map[Target]Part{}
	for word, id := range parts {
		if kind, err := ParseKind(word); err == nil && kind.Aims() {
			p := Part{kind, id}
			all[p.Target(d)] = p
		}
	}
	return all
}
