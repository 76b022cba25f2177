//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"portico/internal/beacon/cluster"
)

// row of the table: what was measured, beside its bar.
func row(what, value, bar string, holds bool) {
	mark := "holds"
	if !holds {
		mark = "MISSED"
	}
	fmt.Printf("%-46s %14s   %-14s %s\n", what, value, bar, mark)
}

// note is a row that has no bar. Processor time tells most where others use the
// machine as well.
func note(what, value string) { fmt.Printf("%-46s %14s\n", what, value) }

// table prints every bar that one machine can measure. The client shares the
// machine with the program.
func (r *run) table() error {
	info, err := os.Stat(r.program)
	if err != nil {
		return fmt.Errorf("%w\nhint: run `make beacon` first", err)
	}
	fmt.Printf("%-46s %14s   %s\n", "", "measured", "bar")
	row("binary", mib(info.Size()), "≤ 16 MiB", info.Size() <= 16<<20)
	var failed []error
	ran := 0
	for _, m := range measures() {
		if r.only != "" && r.only != m.name {
			continue
		}
		ran++
		failed = append(failed, m.run(r))
	}
	if ran == 0 {
		return errors.New("there is no row " + r.only)
	}
	return errors.Join(failed...)
}

// measure prints some rows of the table.
type measure struct {
	name string
	run  func(r *run) error
}

func measures() []measure {
	return []measure{
		{"ready", (*run).readiness},
		{"flow16", func(r *run) error { return r.throughput(16) }},
		{"beside16", func(r *run) error { return r.beside(16) }},
		{"flow128", func(r *run) error { return r.throughput(128) }},
		{"beside128", func(r *run) error { return r.beside(128) }},
		{"postgres16", func(r *run) error { return r.onPostgres(16) }},
		{"postgres128", func(r *run) error { return r.onPostgres(128) }},
		{"latency500", func(r *run) error { return r.latency(500, 5*time.Millisecond) }},
		{"slowdisk", (*run).slowDisk},
		{"latency2000", func(r *run) error { return r.latency(2000, 15*time.Millisecond) }},
		{"alerts", (*run).alerts},
		{"memory", (*run).memory},
		{"stalled", (*run).stalled},
	}
}

func mib(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// fresh starts a collector on a database of its own.
func (r *run) fresh() (*process, error) {
	dir, err := os.MkdirTemp(r.dir, "row-")
	if err != nil {
		return nil, err
	}
	return r.start(filepath.Join(dir, "beacon.db"))
}

// readiness is the time from the start to an answer that it is ready.
func (r *run) readiness() error {
	db := filepath.Join(r.dir, "ready.db")
	var first time.Duration
	var again []time.Duration
	for n := range 8 {
		p, err := r.start(db)
		if err != nil {
			return err
		}
		if n == 0 {
			first = p.ready
		} else {
			again = append(again, p.ready)
		}
		if err := p.stop(); err != nil {
			return err
		}
	}
	slices.Sort(again)
	const bar = 50 * time.Millisecond
	row("ready after its first start", short(first), "≤ 50 ms", first <= bar)
	row("ready after a start, median of 7", short(again[3]), "≤ 50 ms", again[3] <= bar)
	return nil
}

func short(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}

// throughput is how many requests a second are answered once they are durable.
func (r *run) throughput(connections int) error {
	p, err := r.fresh()
	if err != nil {
		return err
	}
	rate, err := r.flow(p, connections)
	row(fmt.Sprintf("acknowledged, %d connections", connections), rate.perSecond(), "≥ 15000/s", rate.each >= 15_000)
	rate.note()
	return errors.Join(err, p.stop())
}

// beside is the same of another program that runs on this machine, if there is to
// be one.
func (r *run) beside(connections int) error {
	if r.other == "" {
		return nil
	}
	address, err := url.Parse(r.other)
	if err != nil {
		return err
	}
	took, err := closed(address.Host, connections, r.time, looks(address))
	if err != nil {
		return fmt.Errorf("asking %s: %w", address.Host, err)
	}
	theirs := rate{each: float64(len(took)) / r.time.Seconds(), p99: at(took, .99)}
	note(fmt.Sprintf("%s, %d connections", address.Host, connections), theirs.perSecond())
	note("  p99 of these", short(theirs.p99))
	return nil
}

// onPostgres is the same with a server of PostgreSQL on this machine, where
// there is one; no bar is set for it.
func (r *run) onPostgres(connections int) error {
	ctx := context.Background()
	c, err := cluster.Start(ctx, r.dir, cluster.Options{Sync: true})
	if errors.Is(err, cluster.ErrMissing) {
		note("on PostgreSQL", "not installed")
		return nil
	}
	if err != nil {
		return err
	}
	address, err := c.Create(ctx)
	if err != nil {
		return errors.Join(err, c.Close())
	}
	p, err := r.start(address)
	if err != nil {
		return errors.Join(err, c.Close())
	}
	rate, err := r.flow(p, connections)
	note(fmt.Sprintf("on PostgreSQL, %d connections", connections), rate.perSecond())
	rate.note()
	return errors.Join(err, p.stop(), c.Close())
}

// rate of requests that are acknowledged.
type rate struct {
	each      float64 // a second
	p99       time.Duration
	processor time.Duration
}

func (r rate) perSecond() string { return fmt.Sprintf("%.0f/s", r.each) }

func (r rate) note() {
	note("  p99 of these", short(r.p99))
	note("  the collector's processor time for each", fmt.Sprintf("%d µs", r.processor.Microseconds()))
}

func (r *run) flow(p *process, connections int) (rate, error) {
	v, err := newVisits()
	if err != nil {
		return rate{}, err
	}
	before, err := p.processor()
	if err != nil {
		return rate{}, err
	}
	took, err := closed(p.public, connections, r.time, v.next)
	if err != nil {
		return rate{}, err
	}
	after, err := p.processor()
	return rate{float64(len(took)) / r.time.Seconds(), at(took, .99), (after - before) / time.Duration(max(1, len(took)))}, err
}

// at a quantile.
func at(took []time.Duration, q float64) time.Duration {
	if len(took) == 0 {
		return time.Hour
	}
	slices.Sort(took)
	return took[int(q*float64(len(took)-1))]
}

// open loop: requests are due at fixed times, whatever became of those before,
// and their time counts from when they were due.
func (r *run) open(address string, rate int) (took []time.Duration, missed int, err error) {
	const connections = 64
	v, err := newVisits()
	if err != nil {
		return nil, 0, err
	}
	begin, total := time.Now(), int(float64(rate)*r.time.Seconds())
	var mu sync.Mutex
	var sending sync.WaitGroup
	for w := range connections {
		sending.Go(func() {
			conn, err := dial(address)
			if err != nil {
				return
			}
			defer conn.Close()
			for n := w; n < total; n += connections {
				due := begin.Add(time.Duration(n) * time.Second / time.Duration(rate))
				time.Sleep(time.Until(due))
				status, err := conn.send(v.next())
				mu.Lock()
				if err != nil || status != http.StatusNoContent {
					missed++
				} else {
					took = append(took, time.Since(due))
				}
				mu.Unlock()
			}
		})
	}
	sending.Wait()
	return took, missed, nil
}

func (r *run) latency(rate int, bar time.Duration) error {
	p, err := r.fresh()
	if err != nil {
		return err
	}
	return errors.Join(r.wait(fmt.Sprintf("%d/s", rate), p.public, rate, bar), p.stop())
}

// wait is how long requests take, of which so many come in a second.
func (r *run) wait(what, address string, rate int, bar time.Duration) error {
	took, missed, err := r.open(address, rate)
	if err != nil {
		return err
	}
	note("p50 at "+what, short(at(took, .5)))
	p99 := at(took, .99)
	row("p99 at "+what, short(p99), "≤ "+short(bar), p99 <= bar && missed == 0)
	return nil
}

// memory when nobody comes, and the peak at 10,000 requests a second.
func (r *run) memory() error {
	p, err := r.fresh()
	if err != nil {
		return err
	}
	time.Sleep(2 * time.Second)
	idle, err := p.memory("VmRSS")
	if err != nil {
		return err
	}
	row("memory, idle", mib(idle), "≤ 12 MiB", idle <= 12<<20)
	file, err := p.memory("RssFile")
	if err != nil {
		return err
	}
	note("  of it the program's own file", mib(file))
	took, missed, err := r.open(p.public, 10_000)
	if err != nil {
		return err
	}
	peak, err := p.memory("VmHWM")
	if err != nil {
		return err
	}
	row(fmt.Sprintf("memory, peak at 10000/s (%d%% acknowledged)", 100*len(took)/max(1, len(took)+missed)), mib(peak), "≤ 40 MiB", peak <= 40<<20)
	return p.stop()
}

// stalled connections send half a request and then nothing.
func (r *run) stalled() error {
	p, err := r.fresh()
	if err != nil {
		return err
	}
	var stalled []*connection
	for range 2000 {
		c, err := dial(p.public)
		if err != nil {
			return err
		}
		if _, err := c.Write([]byte("POST /_portal/v1/receipts HTTP/1.1\r\nHost: beacon\r\nContent-Length: 2000\r\n\r\n{\"v\":1,")); err != nil {
			return err
		}
		stalled = append(stalled, c)
	}
	time.Sleep(2 * time.Second)
	now, err := p.memory("VmRSS")
	if err != nil {
		return err
	}
	row("memory with 2000 stalled connections", mib(now), "≤ 64 MiB", now <= 64<<20)
	for _, c := range stalled {
		c.Close()
	}
	return p.stop()
}
