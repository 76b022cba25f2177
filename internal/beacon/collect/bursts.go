package collect

import (
	"context"
	"fmt"
	"sync"
	"time"

	"portico/internal/beacon"
	"portico/internal/seal"
)

const (
	// suspicious is how many capabilities of a deal are refused within a minute
	// before somebody is told, at most once an hour.
	suspicious = 20

	burstTime = time.Minute
)

// bursts counts capabilities that were good once, or for something else, and
// are refused. Those that no key here made say nothing of any deal: anybody
// could make up a burst of them.
type bursts struct {
	mu    sync.Mutex
	began time.Time
	seen  map[seal.DealID]int
}

// add one, and say whether that makes a burst.
func (b *bursts) add(deal seal.DealID, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if age := now.Sub(b.began); b.seen == nil || age > burstTime || age < 0 {
		b.began, b.seen = now, map[seal.DealID]int{}
	}
	b.seen[deal]++
	return b.seen[deal] == suspicious
}

// suspect a deal's capabilities, and tell whom the routing names of a burst.
func (c *Collector) suspect(deal seal.DealID, now time.Time) {
	if !c.bursts.add(deal, now) {
		return
	}
	c.Log.Warn("many capabilities of a deal are refused", "deal", deal.Path())
	hour := fmt.Sprint(now.Unix() / int64(time.Hour/time.Second))
	c.tell(context.Background(), rules{c.Routes.Current()}.raise(beacon.Pair{Deal: deal}, beacon.Refused, hour, now.UnixMilli()))
}

// tell keeps notices that belong to no event.
func (c *Collector) tell(ctx context.Context, notices []Notice) {
	if len(notices) == 0 {
		return
	}
	if err := c.Store.Tell(ctx, notices); err != nil {
		c.Log.Error("a notice could not be kept", "error", err)
	}
}
