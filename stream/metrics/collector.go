package metrics

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/oriel-stream/oriel/stream"
)

// collector answers scrapes with the newest picture.
type collector struct {
	newest atomic.Pointer[stream.Snapshot]
}

var _ prometheus.Collector = (*collector)(nil)

// Describe implements prometheus.Collector.
func (c *collector) Describe(descs chan<- *prometheus.Desc) {
	for i := range table {
		descs <- table[i].desc
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(values chan<- prometheus.Metric) {
	s := c.newest.Load()
	for i := range table {
		m := &table[i]
		m.read(s, func(value float64, labels ...string) {
			v, err := prometheus.NewConstMetric(m.desc, m.kind, value, labels...)
			if err != nil {
				v = prometheus.NewInvalidMetric(m.desc, err) // costs the scrape and not the run
			}
			values <- v
		})
	}
}

// registry returns a registry of its own with the collector, and with what
// Prometheus knows of any process written in Go.
func (c *collector) registry() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(c, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}
