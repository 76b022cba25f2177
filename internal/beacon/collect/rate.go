package collect

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"portico/internal/beacon"
)

const (
	perSecond = 2
	burst     = 20
)

// limits hold each viewer to a rate. A viewer who sent nothing for as long as a
// burst takes to come back needs no memory: such are dropped by turning two
// generations over.
type limits struct {
	mu         sync.Mutex
	young, old map[beacon.Pair]*rate.Limiter
	turned     time.Time
}

// generation is longer than an empty bucket takes to be full again.
const generation = 30 * time.Second

// allow says whether a viewer may send now.
func (l *limits) allow(who beacon.Pair, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch age := now.Sub(l.turned); {
	case age < 0 || l.young == nil: // a clock that was set back would lock out whoever had sent much before
		l.young, l.old, l.turned = map[beacon.Pair]*rate.Limiter{}, nil, now
	case age >= generation:
		l.young, l.old, l.turned = map[beacon.Pair]*rate.Limiter{}, l.young, now
	}
	limiter := l.young[who]
	if limiter == nil {
		if limiter = l.old[who]; limiter == nil {
			limiter = rate.NewLimiter(perSecond, burst)
		}
		l.young[who] = limiter
	}
	return limiter.AllowN(now, 1)
}
