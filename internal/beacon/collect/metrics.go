package collect

import (
	"fmt"
	"net/http"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"portico/internal/beacon"
)

// meters tell how the collector is, and nothing of any deal.
type meters struct {
	set      *metrics.Set
	kept     *metrics.Counter
	events   *metrics.Counter
	failures *metrics.Counter
	commits  *metrics.PrometheusHistogram
	together *metrics.PrometheusHistogram
	log      *metrics.Gauge
	free     *metrics.Gauge
	told     *metrics.PrometheusHistogram
}

const meterPrefix = "portico_beacon_"

func newMeters(waiting func() int) *meters {
	set := metrics.NewSet()
	set.NewGauge(meterPrefix+"waiting", func() float64 { return float64(waiting()) })
	m := &meters{
		set:      set,
		events:   set.NewCounter(meterPrefix + "events_total"),
		failures: set.NewCounter(meterPrefix + "commit_failures_total"),
		commits:  set.NewPrometheusHistogramExt(meterPrefix+"commit_seconds", doubling(.0005, 13)),
		together: set.NewPrometheusHistogramExt(meterPrefix+"commit_requests", doubling(1, 11)),
		log:      set.NewGauge(meterPrefix+"log_bytes", nil),
		free:     set.NewGauge(meterPrefix+"free_bytes", nil),
		told:     set.NewPrometheusHistogramExt(meterPrefix+"alert_seconds", doubling(.125, 16)),
	}
	m.kept = m.answers(http.StatusNoContent)
	return m
}

// doubling are n bounds, each twice the one before.
func doubling(first float64, n int) []float64 {
	bounds := []float64{first}
	for len(bounds) < n {
		bounds = append(bounds, 2*bounds[len(bounds)-1])
	}
	return bounds
}

func (m *meters) handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		m.set.WritePrometheus(w)
	})
}

// answers of a status to pages.
func (m *meters) answers(status int) *metrics.Counter {
	return m.set.GetOrCreateCounter(fmt.Sprintf(`%srequests_total{status="%d"}`, meterPrefix, status))
}

// refused counts them by reason.
func (m *meters) refused(why string) {
	m.set.GetOrCreateCounter(fmt.Sprintf(`%srefused_total{why=%q}`, meterPrefix, why)).Inc()
}

func (m *meters) wrote(batches, events int, took time.Duration, err error) {
	if err != nil {
		m.failures.Inc()
		return
	}
	m.events.Add(events)
	m.commits.Update(took.Seconds())
	m.together.Update(float64(batches))
}

// outcomes are what an attempt to tell somebody came to, by the fate that it left
// the notice with: one that waits again had failed.
var outcomes = map[Fate]string{Waits: "failed", Delivered: "delivered", GivenUp: "given_up"}

// Taken is how many reports of pages were kept since the collector began.
func (c *Collector) Taken() uint64 { return c.metrics.kept.Get() }

// Told counts attempts to tell somebody of what happened some time ago, and how
// long it took until they were told.
func (c *Collector) Told(via beacon.Via, fate Fate, ago time.Duration) {
	c.metrics.set.GetOrCreateCounter(fmt.Sprintf(`%salerts_total{via=%q,outcome=%q}`, meterPrefix, via, outcomes[fate])).Inc()
	if fate == Delivered {
		c.metrics.told.Update(ago.Seconds())
	}
}

func (m *meters) health(h Health) {
	m.log.Set(float64(h.Log))
	m.free.Set(float64(h.Free))
}
