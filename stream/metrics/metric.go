package metrics

import (
	"strconv"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// metric is one metric and how it is read off a picture.
type metric struct {
	name, help string
	labels     []string
	kind       prometheus.ValueType
	desc       *prometheus.Desc
	read       func(s *stream.Snapshot, emit emitFunc)
}

// emitFunc takes a value with the values of the metric's labels. A metric of
// which nothing is known emits none.
type emitFunc func(value float64, labels ...string)

// prefix is that of all names.
const prefix = "oriel_"

var (
	byReason    = []string{"reason"}
	byPartition = []string{"topic", "partition"}
)

func newMetric(kind prometheus.ValueType, name, help string, labels []string, read func(*stream.Snapshot, emitFunc)) metric {
	return metric{
		name: prefix + name, help: help, labels: labels, kind: kind, read: read,
		desc: prometheus.NewDesc(prefix+name, help, labels, nil),
	}
}

// counter is a total of the run.
func counter(name, help string, of func(*stream.Summary) int64) metric {
	return newMetric(prometheus.CounterValue, name, help, nil, func(s *stream.Snapshot, emit emitFunc) {
		emit(float64(of(&s.Totals)))
	})
}

// gauge is a state of the run.
func gauge(name, help string, of func(*stream.Snapshot) float64) metric {
	return newMetric(prometheus.GaugeValue, name, help, nil, func(s *stream.Snapshot, emit emitFunc) { emit(of(s)) })
}

// lag is a part of how far event time is behind, while that is known.
func lag(name, help string, of func(*stream.LagView) window.Duration) metric {
	return newMetric(prometheus.GaugeValue, name, help, nil, func(s *stream.Snapshot, emit emitFunc) {
		if s.Lag.Known {
			emit(inSeconds(of(&s.Lag)))
		}
	})
}

// eachPartition is a number of every partition.
func eachPartition(kind prometheus.ValueType, name, help string, of func(*stream.PartitionView) (value float64, known bool)) metric {
	return newMetric(kind, name, help, byPartition, func(s *stream.Snapshot, emit emitFunc) {
		for i := range s.Partitions {
			if v, known := of(&s.Partitions[i]); known {
				emit(v, labelsOf(s.Partitions[i].ID)...)
			}
		}
	})
}

// partitionGauge is a state of every partition, which is always known.
func partitionGauge(name, help string, of func(*stream.PartitionView) float64) metric {
	return eachPartition(prometheus.GaugeValue, name, help, func(p *stream.PartitionView) (float64, bool) { return of(p), true })
}

// labelsOf names a partition. A topic of an input may be no UTF-8, which labels
// must be: it is quoted, so that no two become one.
func labelsOf(id window.PartitionID) []string {
	topic := id.Topic
	if !utf8.ValidString(topic) {
		topic = strconv.QuoteToASCII(topic)
	}
	return []string{topic, strconv.Itoa(int(id.Partition))}
}

// timestamp is a time in seconds since the epoch, and whether it is one.
func timestamp(t window.Time) (float64, bool) { return float64(t) / 1000, t.IsEventTime() }

func inSeconds(d window.Duration) float64 { return float64(d) / 1000 }

// flag is 1 for yes and 0 for no.
func flag(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
