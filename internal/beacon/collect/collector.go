package collect

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	stdlog "log"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/net/netutil"

	"portico/internal/capability"
)

// Options of a collector.
type Options struct {
	Store Store
	// Keys check capabilities.
	Keys capability.Keys
	// Tokens are the SHA-256 of what opens the export.
	Tokens [][sha256.Size]byte
	// Routes is the routing file's content.
	Routes *Routes
	// Loopback lets pages of this machine send as well, whatever the routing
	// says: for a preview beside the collector.
	Loopback bool
	// Keep is how long events are kept one by one.
	Keep time.Duration
	Now  func() time.Time
	Log  *slog.Logger
}

// Collector takes, keeps and hands out.
type Collector struct {
	Options
	queue   *queue
	limits  limits
	bursts  bursts
	metrics *meters
	// buffers for bodies.
	buffers sync.Pool
	// exporting lets few read at a time.
	exporting chan struct{}
}

// exporters is how many may read at a time.
const exporters = 2

// New collector, which does nothing before Run.
func New(o Options) *Collector {
	c := &Collector{Options: o, exporting: make(chan struct{}, exporters)}
	c.buffers.New = func() any { return new(bytes.Buffer) }
	c.queue = newQueue(o.Store, func() rules { return rules{o.Routes.Current()} }, c.wrote, o.Now)
	c.metrics = newMeters(c.queue.length)
	return c
}

// wrote is told of every transaction.
func (c *Collector) wrote(batches, events int, took time.Duration, err error) {
	c.metrics.wrote(batches, events, took, err)
	if err != nil {
		c.Log.Error("events could not be kept; their pages were told to send them again", "requests", batches, "error", err)
	}
}

const (
	headerTime = 5 * time.Second
	bodyTime   = 10 * time.Second
	idleTime   = time.Minute
	// grace is how long whoever is connected gets at the end.
	grace = 10 * time.Second
	// headerBytes and what net/http adds to it are 8 KiB.
	headerBytes = 4 << 10
	// maxConnections may be open at a time; others wait to be let in.
	maxConnections = 4096
)

// server never logs: its messages name addresses.
func server(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: headerTime, ReadTimeout: bodyTime, WriteTimeout: 2 * bodyTime, IdleTimeout: idleTime,
		MaxHeaderBytes: headerBytes, ErrorLog: stdlog.New(io.Discard, "", 0),
	}
}

// Run serves until the context ends, then lets everybody finish who has begun.
func (c *Collector) Run(ctx context.Context, public, admin net.Listener) error {
	own, stop := context.WithCancel(ctx)
	defer stop()
	var work sync.WaitGroup
	go c.queue.run()
	work.Go(func() { c.Routes.follow(own, c.Log) })
	work.Go(func() { c.housekeep(own) })

	servers := []*http.Server{server(c.Public()), server(c.Admin())}
	failed := make(chan error, len(servers))
	for i, l := range []net.Listener{netutil.LimitListener(public, maxConnections), admin} {
		go func() { failed <- servers[i].Serve(l) }()
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	for _, s := range servers {
		if s.Shutdown(end) != nil { // somebody takes too long
			err = errors.Join(err, s.Close())
		}
	}
	stop()
	work.Wait()
	c.queue.stop()
	return err
}
