package collect

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics tell how the collector is, and nothing of any deal.
type metrics struct {
	registry *prometheus.Registry
	answers  *prometheus.CounterVec
	refusals *prometheus.CounterVec
	events   prometheus.Counter
	failures prometheus.Counter
	commits  prometheus.Histogram
	together prometheus.Histogram
	log      prometheus.Gauge
	free     prometheus.Gauge
}

func newMetrics(waiting func() int) *metrics {
	name := func(n, help string) prometheus.Opts {
		return prometheus.Opts{Namespace: "portico", Subsystem: "beacon", Name: n, Help: help}
	}
	m := &metrics{
		registry: prometheus.NewRegistry(),
		answers:  prometheus.NewCounterVec(prometheus.CounterOpts(name("requests_total", "Requests of pages, by status.")), []string{"status"}),
		refusals: prometheus.NewCounterVec(prometheus.CounterOpts(name("refused_total", "Requests of pages that were refused, by reason.")), []string{"why"}),
		events:   prometheus.NewCounter(prometheus.CounterOpts(name("events_total", "Events that were committed, those sent again among them."))),
		failures: prometheus.NewCounter(prometheus.CounterOpts(name("commit_failures_total", "Transactions that failed."))),
		commits: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "portico", Subsystem: "beacon", Name: "commit_seconds", Help: "How long transactions took.", Buckets: prometheus.ExponentialBuckets(.0005, 2, 13),
		}),
		together: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "portico", Subsystem: "beacon", Name: "commit_requests", Help: "How many requests a transaction kept.", Buckets: prometheus.ExponentialBuckets(1, 2, 11),
		}),
		log:  prometheus.NewGauge(prometheus.GaugeOpts(name("log_bytes", "Length of the write-ahead log, when it was last looked at."))),
		free: prometheus.NewGauge(prometheus.GaugeOpts(name("free_bytes", "Room on the disk, when it was last looked at."))),
	}
	queue := prometheus.NewGaugeFunc(prometheus.GaugeOpts(name("waiting", "Requests that wait to be kept.")), func() float64 { return float64(waiting()) })
	m.registry.MustRegister(m.answers, m.refusals, m.events, m.failures, m.commits, m.together, m.log, m.free, queue)
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

func (m *metrics) answered(status int) { m.answers.WithLabelValues(strconv.Itoa(status)).Inc() }

func (m *metrics) refused(why string) { m.refusals.WithLabelValues(why).Inc() }

func (m *metrics) wrote(batches, events int, took time.Duration, err error) {
	if err != nil {
		m.failures.Inc()
		return
	}
	m.events.Add(float64(events))
	m.commits.Observe(took.Seconds())
	m.together.Observe(float64(batches))
}

func (m *metrics) health(h Health) {
	m.log.Set(float64(h.Log))
	m.free.Set(float64(h.Free))
}
