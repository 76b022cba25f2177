//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"syscall"
	"time"

	"portico/internal/beacon/cluster"
)

// postgres is two collectors on one database, whose server crashes meanwhile.
func (r *run) postgres(dir string) (string, error) {
	ctx := context.Background()
	c, err := cluster.Start(ctx, dir, cluster.Options{Sync: true})
	if err != nil {
		return "", fmt.Errorf("%w\nhint: `make tools` installs what is missing", err)
	}
	said, err := r.replicas(ctx, c)
	return said, errors.Join(err, c.Close())
}

func (r *run) replicas(ctx context.Context, c *cluster.Cluster) (said string, err error) {
	address, err := c.Create(ctx)
	if err != nil {
		return "", err
	}
	var two []*process
	for range 2 {
		p, err := r.start(address)
		if err != nil {
			return "", err
		}
		defer func() { err = errors.Join(err, p.stop()) }()
		two = append(two, p)
	}
	return crash(ctx, c, two, 10, 3*time.Second)
}

// crash a server some times while every event is sent to every collector until
// each has acknowledged it. In the end each event must be there once, no other,
// and nobody may have waited in a circle.
func crash(ctx context.Context, c *cluster.Cluster, collectors []*process, times int, pause time.Duration) (string, error) {
	crowd, err := newCrowd(5000)
	if err != nil {
		return "", err
	}
	var (
		mu      sync.Mutex
		sent    = map[event]bool{}
		failed  []error
		sending sync.WaitGroup
		stop    = make(chan struct{})
	)
	for range 16 {
		sending.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				raw, events := crowd.request(1 + rand.IntN(4))
				err := everywhere(collectors, raw)
				mu.Lock()
				for _, e := range events {
					sent[e] = true
				}
				if err != nil {
					failed = append(failed, err)
				}
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	crashed := crashes(ctx, c, times, pause)
	close(stop)
	sending.Wait()
	if err := errors.Join(append(failed, crashed)...); err != nil {
		return "", err
	}
	return compare(c, collectors[0], sent, times)
}

func crashes(ctx context.Context, c *cluster.Cluster, times int, pause time.Duration) error {
	for range times {
		time.Sleep(pause)
		if err := errors.Join(c.Stop(syscall.SIGQUIT), c.Run(ctx)); err != nil {
			return err
		}
	}
	time.Sleep(pause)
	return nil
}

// everywhere sends a request to all at the same time, to each until it has
// acknowledged it.
func everywhere(collectors []*process, raw []byte) error {
	errs := make([]error, len(collectors))
	var sending sync.WaitGroup
	for i, p := range collectors {
		sending.Go(func() { errs[i] = insist(p, raw) })
	}
	sending.Wait()
	return errors.Join(errs...)
}

// insist on an answer, as a page would that stays open.
func insist(p *process, raw []byte) error {
	for began := time.Now(); time.Since(began) < time.Minute; time.Sleep(200 * time.Millisecond) {
		conn, err := dial(p.public)
		if err != nil {
			continue
		}
		status, err := conn.send(raw)
		conn.Close()
		switch {
		case err != nil || status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests:
		case status == http.StatusNoContent:
			return nil
		default:
			return fmt.Errorf("it answers %d", status)
		}
	}
	return errors.New("it has not taken a request for a minute")
}

// compare what was acknowledged with what is there.
func compare(c *cluster.Cluster, p *process, sent map[event]bool, times int) (string, error) {
	held, err := p.held()
	if err != nil {
		return "", err
	}
	deadlocks, err := c.Deadlocks()
	if err != nil {
		return "", err
	}
	lost, strange := 0, 0
	for e := range sent {
		if held[e] == 0 {
			lost++
		}
	}
	for e, n := range held {
		if n != 1 || !sent[e] {
			strange++
		}
	}
	said := fmt.Sprintf("%d crashes of the server: %d events acknowledged by both, %d there, %d lost, %d doubled or strange, %d deadlocks", times, len(sent), len(held), lost, strange, deadlocks)
	if lost+strange+deadlocks > 0 || len(sent) == 0 {
		return said, errors.New("the count is not exact, or there was a deadlock")
	}
	return said, nil
}
