package collect

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

const (
	// leastFree is the room on the disk below which somebody should look.
	leastFree = 64 << 20

	probeTime = 3 * time.Second
)

// Admin is what the machine that the collector runs on may ask.
func (c *Collector) Admin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintln(w, "ok") // who asked has gone
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := c.Ready(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		_, _ = fmt.Fprintln(w, "ok")
	})
	mux.Handle("GET /metrics", c.metrics.handler())
	return mux
}

// Ready says whether events can be taken: something is written, and there is
// room and a key.
func (c *Collector) Ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	h, err := c.Store.Probe(ctx)
	c.metrics.health(h)
	if len(c.Keys) == 0 {
		err = errors.Join(err, errors.New("there is no key to check capabilities with"))
	}
	if h.Free >= 0 && h.Free < leastFree {
		err = errors.Join(err, fmt.Errorf("there are %d MiB left on the disk", h.Free>>20))
	}
	return err
}
