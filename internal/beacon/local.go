package beacon

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"portico/internal/seal"
)

// BesideFile is where a collector that runs beside a site, on a person's own
// machine, says what it is, as long as it runs: below the site's folder, for its
// owner alone. A preview of the site reports to it.
const BesideFile = ".portico/beacon.addr"

// Beside is what it says there.
type Beside struct {
	// Address is http, and an address and port of this machine.
	Address string
	// Keys are the names of those whose pages it believes.
	Keys []seal.KeyID
}

// Text is what stands in the file.
func (b Beside) Text() string {
	text := b.Address + "\n"
	for _, k := range b.Keys {
		text += "key " + hex.EncodeToString(k[:]) + "\n"
	}
	return text
}

// Knows says whether it believes pages that were made with a key.
func (b Beside) Knows(key seal.KeyID) bool { return slices.Contains(b.Keys, key) }

// ParseBeside reads such a file. An address of another machine, or whatever else
// stands there, could send a preview's pages to somebody else.
func ParseBeside(text string) (Beside, error) {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	b := Beside{Address: lines[0]}
	host, ok := strings.CutPrefix(b.Address, "http://")
	at, err := netip.ParseAddrPort(host)
	if !ok || err != nil || !at.Addr().IsLoopback() || at.Port() == 0 || at.String() != host {
		return Beside{}, errors.New("a collector beside the site has an address of this machine, such as http://127.0.0.1:8790")
	}
	for _, line := range lines[1:] {
		name, ok := strings.CutPrefix(line, "key ")
		id, err := hex.DecodeString(name)
		if !ok || err != nil || len(id) != len(seal.KeyID{}) {
			return Beside{}, fmt.Errorf("%q is not the name of a key", line)
		}
		b.Keys = append(b.Keys, seal.KeyID(id))
	}
	return b, nil
}
