package collect

import (
	"context"
	"errors"
	"fmt"
	"time"

	"portico/internal/beacon"
)

const (
	// housekeepingTime is how often old events become sums, and who is silent is
	// looked for.
	housekeepingTime = time.Hour
	// stride is how far a sweep may get beyond the last: a clock that jumps a year
	// ahead costs some days of single events before somebody sees it, not all.
	stride = 2
	// keptKeys is how long it is known what was told.
	keptKeys = 30 * day
)

// housekeep does what no request waits for.
func (c *Collector) housekeep(ctx context.Context) {
	tick := time.NewTicker(housekeepingTime)
	defer tick.Stop()
	for {
		if err := c.Tidy(ctx); err != nil && !errors.Is(err, context.Canceled) {
			c.Log.Error("housekeeping failed, and is tried again in an hour", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Tidy does once what Run does every hour.
func (c *Collector) Tidy(ctx context.Context) error {
	now := c.Now()
	return errors.Join(c.sweep(ctx, now), c.silent(ctx, now), c.Store.Forget(ctx, now.Add(-keptKeys).UnixMilli()))
}

// sweep makes sums of what is older than it is kept.
func (c *Collector) sweep(ctx context.Context, now time.Time) error {
	horizon, err := c.Store.Horizon(ctx)
	if err != nil {
		return err
	}
	before := int(now.Add(-c.Keep).Unix() / int64(day/time.Second))
	if horizon > 0 && before > horizon+stride {
		c.Log.Warn("old events become sums some days at a time, since the clock is far ahead of the last time", "from", horizon, "to", before)
		before = horizon + stride
	}
	if before <= horizon {
		return nil
	}
	for more := true; more; {
		if more, err = c.Store.Sweep(ctx, before); err != nil {
			return err
		}
	}
	return nil
}

// silent tells of deals that nobody has opened for as long as somebody wants to
// hear of it. Each silence is told once, and not when it is long over that.
func (c *Collector) silent(ctx context.Context, now time.Time) error {
	to := now.Add(-silence)
	quiet, err := c.Store.Quiet(ctx, to.Add(-silence/2).UnixMilli(), to.UnixMilli())
	if err != nil {
		return err
	}
	r := rules{c.Routes.Current()}
	var tell []Notice
	for _, q := range quiet {
		tell = append(tell, r.raise(beacon.Pair{Deal: q.Deal}, beacon.Silence, fmt.Sprint(q.Last), now.UnixMilli())...)
	}
	if len(tell) == 0 {
		return nil
	}
	return c.Store.Tell(ctx, tell)
}
