package beacon

import (
	"errors"
	"net/netip"
	"strings"
)

// AddressFile is where a collector that runs beside a site, on a person's own
// machine, says under which address, as long as it runs: below the site's
// folder, for its owner alone. A preview of the site reports there.
const AddressFile = ".portico/beacon.addr"

// ParseAddress reads such a file: http, and an address and port of this machine.
// Whatever else stands there could send a preview's pages to somebody else.
func ParseAddress(text string) (string, error) {
	host, ok := strings.CutPrefix(strings.TrimSpace(text), "http://")
	at, err := netip.ParseAddrPort(host)
	if !ok || err != nil || !at.Addr().IsLoopback() || at.Port() == 0 || at.String() != host {
		return "", errors.New("a collector beside the site has an address of this machine, such as http://127.0.0.1:8790")
	}
	return "http://" + host, nil
}
