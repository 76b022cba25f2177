package deliver

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"portico/internal/beacon"
	"portico/internal/beacon/collect"
)

// parcel is what goes out as one: a notice, or the notices of a digest.
type parcel struct {
	route   beacon.Alert
	notices []collect.Outgoing
	// until nobody else sends it.
	until time.Time
}

// parcels of notices that were taken together. Those of a digest that are due at
// the same time to the same people are one, whatever deals they are about; they
// stay one when they are tried again, since they are put off together.
func parcels(out []collect.Outgoing, until time.Time) []*parcel {
	var all []*parcel
	digests := map[string]*parcel{}
	for _, o := range out {
		which := fmt.Sprintf("%s %s %d", way(o.Route), o.Route.Digest, o.Due)
		if p := digests[which]; p != nil {
			p.notices = append(p.notices, o)
			continue
		}
		p := &parcel{route: o.Route, notices: []collect.Outgoing{o}, until: until}
		if o.Route.Digest != beacon.AtOnce {
			digests[which] = p
		}
		all = append(all, p)
	}
	return all
}

// way is where an alert goes, and to whom there.
func way(a beacon.Alert) string {
	return fmt.Sprintf("%s %s %s", a.Via, a.Env, strings.Join(a.To, " "))
}

// lane is by what it goes out: everybody's mails go through the same server.
func (p *parcel) lane() string { return fmt.Sprintf("%s %s", p.route.Via, p.route.Env) }

// id of the same notices is the same whenever they are sent, and says nothing of
// them.
func (p *parcel) id() string {
	var keys []string
	for _, n := range p.notices {
		keys = append(keys, n.Key)
	}
	slices.Sort(keys)
	sum := sha256.Sum256([]byte(strings.Join(keys, "\n")))
	return hex.EncodeToString(sum[:16])
}

func (p *parcel) ids() []int64 {
	var ids []int64
	for _, n := range p.notices {
		ids = append(ids, n.ID)
	}
	return ids
}

// attempts that failed so far.
func (p *parcel) attempts() int {
	most := 0
	for _, n := range p.notices {
		most = max(most, n.Attempts)
	}
	return most
}

// last is when the last of what it tells happened.
func (p *parcel) last() time.Time {
	var ms int64
	for _, n := range p.notices {
		ms = max(ms, n.At)
	}
	return time.UnixMilli(ms)
}
