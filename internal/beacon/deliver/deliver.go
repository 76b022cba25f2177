// Package deliver tells people what the collector noted for them: to a program,
// in a chat or by mail, at once or gathered. What is sent may be sent twice and
// is never lost: a notice stays in the store until a receiver took it, or until
// it was tried for three days and somebody has to look.
//
// It knows ids, and the ways out that the routing file names. It must not know a
// database, nor who a viewer is. What a receiver answers reaches neither the log
// nor the store but as a number, since it may repeat an address; nor does the
// address of a way out, which may be a secret.
package deliver

import (
	"cmp"
	"context"
	"crypto/x509"
	"log/slog"
	"sync"
	"time"

	"portico/internal/beacon"
	"portico/internal/beacon/collect"
	"portico/internal/message"
)

// Options of a Deliverer.
type Options struct {
	Store  collect.Store
	Routes *collect.Routes
	// Env is the environment, in which addresses and secrets are.
	Env func(name string) string
	// Roots vouch for receivers; nil for those of the system.
	Roots *x509.CertPool
	Now   func() time.Time
	// Random is from 0 to below 1.
	Random func() float64
	// Limit is how long a receiver may take; 0 for ten seconds.
	Limit time.Duration
	Log   *slog.Logger
	// Told is told of every attempt at a notice that happened some time ago.
	Told func(via beacon.Via, fate collect.Fate, ago time.Duration)
}

// Deliverer sends what is due.
type Deliverer struct {
	Options
	words message.Catalog

	mu sync.Mutex
	// lanes are the parcels that wait for each way out. A way out takes one at a
	// time, and none waits for another's.
	lanes   map[string][]*parcel
	waiting int
	sending sync.WaitGroup
}

const (
	// roundTime is how often it is looked what is due.
	roundTime = time.Second
	// together is how many notices are taken at a time: a digest of more than
	// that is several.
	together = 1000
	// enough wait that no more are taken.
	enough = 1000
	// leaseTime is how long nobody else sends what was taken. A collector that is
	// killed delays it for as long.
	leaseTime = 2 * time.Minute
	// sendTime is how long a receiver may take, where the options do not say.
	sendTime = 10 * time.Second
	// noteTime is how long it may take to note what became of a notice.
	noteTime = 10 * time.Second
)

// New Deliverer, which does nothing before Run.
func New(o Options) *Deliverer {
	o.Limit = cmp.Or(o.Limit, sendTime)
	return &Deliverer{Options: o, lanes: map[string][]*parcel{}}
}

// Run sends what is due until the context ends; what is being sent then is still
// sent to its end.
func (d *Deliverer) Run(ctx context.Context) {
	tick := time.NewTicker(roundTime)
	defer tick.Stop()
	defer d.Settle()
	failing := false
	for {
		err := d.Round(ctx)
		if err != nil && ctx.Err() == nil && !failing {
			d.Log.Error("what is due to be told cannot be read, and is looked for again", "error", err)
		}
		failing = err != nil
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Round begins to send what is due now, and does not wait for it.
func (d *Deliverer) Round(ctx context.Context) error {
	d.mu.Lock()
	full := d.waiting >= enough
	d.mu.Unlock()
	if full {
		return nil
	}
	now := d.Now()
	until := now.Add(leaseTime)
	out, err := d.Store.Lease(ctx, now.UnixMilli(), until.UnixMilli(), together)
	if err != nil {
		return err
	}
	for _, p := range parcels(out, until) {
		d.enqueue(ctx, p)
	}
	return nil
}

// Settle waits until nothing is being sent.
func (d *Deliverer) Settle() { d.sending.Wait() }

// enqueue a parcel in its lane, and set the lane going.
func (d *Deliverer) enqueue(ctx context.Context, p *parcel) {
	d.mu.Lock()
	defer d.mu.Unlock()
	lane, going := d.lanes[p.lane()]
	d.lanes[p.lane()] = append(lane, p)
	d.waiting += len(p.notices)
	if !going {
		d.sending.Go(func() { d.drain(ctx, p.lane()) })
	}
}

// next parcel of a lane, which ends when there is none.
func (d *Deliverer) next(lane string) *parcel {
	d.mu.Lock()
	defer d.mu.Unlock()
	waiting := d.lanes[lane]
	if len(waiting) == 0 {
		delete(d.lanes, lane)
		return nil
	}
	d.lanes[lane] = waiting[1:]
	d.waiting -= len(waiting[0].notices)
	return waiting[0]
}

func (d *Deliverer) drain(ctx context.Context, lane string) {
	var blocked *failure
	for p := d.next(lane); p != nil; p = d.next(lane) {
		if ctx.Err() != nil || d.Now().Add(d.Limit).After(p.until) {
			continue // it is due again when its lease is over, for whoever is there then
		}
		if blocked == nil {
			if blocked = d.deliver(ctx, p); blocked == nil {
				continue
			}
		} else {
			d.failed(ctx, p, *blocked)
		}
	}
}

// deliver one parcel and note what became of it. It returns the failure if that
// is one of the way out, for which others need not be tried now.
func (d *Deliverer) deliver(ctx context.Context, p *parcel) (blocked *failure) {
	// A receiver that has begun to take it may end it.
	sending, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.Limit)
	defer cancel()
	err := d.send(sending, p.route, d.letter(p))
	if err == nil {
		d.done(ctx, p)
		return nil
	}
	why := failureOf(err)
	d.failed(ctx, p, why)
	if why.blocks {
		return &why
	}
	return nil
}

func (d *Deliverer) done(ctx context.Context, p *parcel) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTime)
	defer cancel()
	now := d.Now()
	if err := d.Store.Done(ctx, now.UnixMilli(), p.ids()...); err != nil {
		d.Log.Error("what was delivered could not be noted, and is sent again", "via", p.route.Via, "env", p.route.Env, "error", err)
	}
	d.count(p, collect.Delivered, now)
}

// failed notes when a parcel is tried again, or that it is not.
func (d *Deliverer) failed(ctx context.Context, p *parcel, f failure) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTime)
	defer cancel()
	now := d.Now()
	attempts := p.attempts() + 1
	log := d.Log.With("via", p.route.Via, "env", p.route.Env, "why", f.why, "notices", len(p.notices), "attempts", attempts)
	fate, due := collect.GivenUp, int64(0)
	if patient(attempts) {
		fate, due = collect.Waits, now.Add(max(f.after, pause(attempts, d.Random()))).UnixMilli()
		log.Warn("an alert could not be delivered, and is tried again", "due", time.UnixMilli(due).UTC())
	} else {
		log.Error("an alert was given up; `portico-beacon dead` lists it")
	}
	for _, n := range p.notices {
		if err := d.Store.Fail(ctx, n.ID, due, f.why); err != nil {
			d.Log.Error("what could not be delivered could not be noted, and is tried again soon", "error", err)
			break
		}
	}
	d.count(p, fate, now)
}

func (d *Deliverer) count(p *parcel, fate collect.Fate, now time.Time) {
	for _, n := range p.notices {
		d.Told(p.route.Via, fate, now.Sub(time.UnixMilli(n.At)))
	}
}
