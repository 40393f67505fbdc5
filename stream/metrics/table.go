package metrics

import (
	"maps"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// table has every metric. docs/metrics.md is held to it by a test.
var table = slices.Concat(recordMetrics, windowMetrics, timeMetrics, stateMetrics, partitionMetrics)

// recordMetrics are the account of the records: each is filtered, in time,
// partly late or rejected, or not decided yet.
var recordMetrics = []metric{
	counter("records_read_total", "Records read", func(s *stream.Summary) int64 { return s.Records }),
	counter("records_filtered_total", "Records that --where leaves out", func(s *stream.Summary) int64 { return s.Filtered }),
	counter("records_in_time_total", "Records that are in all windows they belong to", func(s *stream.Summary) int64 { return s.InTime }),
	counter("records_partly_late_total", "Records that came too late for some of their windows", func(s *stream.Summary) int64 { return s.PartlyLate }),
	newMetric(prometheus.CounterValue, "records_rejected_total", "Records that are in no window", byReason, rejected),
	counter("records_allowed_late_total", "Records, in time or partly late, that came after a window of theirs had fired on time and count in its final content",
		func(s *stream.Summary) int64 { return s.AllowedLate }),
	counter("records_partly_usable_total", "Records of which one series could be read and another not", func(s *stream.Summary) int64 { return s.PartlyUsable }),
	gauge("records_undecided", "Records whose create times leap, and that wait for others to confirm or refute them",
		func(s *stream.Snapshot) float64 { return float64(s.Totals.Undecided) }),
	counter("gaps_total", "Ranges of offsets that could not be read", func(s *stream.Summary) int64 { return int64(len(s.Gaps)) }),
	counter("offsets_lost_total", "Offsets in gaps of a known length", (*stream.Summary).OffsetsLost),
}

// rejected has every reason from the beginning, so that a first reject is seen
// as an increase.
func rejected(s *stream.Snapshot, emit emitFunc) {
	for reason := stream.OK + 1; reason < stream.NumReasons; reason++ {
		emit(float64(s.Totals.Rejects[reason]), reason.String())
	}
}

// windowMetrics are what came of the records.
var windowMetrics = []metric{
	counter("windows_closed_total", "Windows, each of a key and series, of which a line was written", func(s *stream.Summary) int64 { return s.Windows }),
	counter("lines_written_total", "Lines written of windows", func(s *stream.Summary) int64 { return s.Lines }),
	counter("forecasts_made_total", "Forecasts made", func(s *stream.Summary) int64 { return s.ForecastsMade }),
	counter("forecasts_failed_total", "Forecasts that were tried and failed", func(s *stream.Summary) int64 { return s.ForecastsFail }),
	counter("forecasts_shed_total", "Forecasts that were not begun by their deadline", func(s *stream.Summary) int64 { return s.ForecastsShed }),
	newMetric(prometheus.CounterValue, "forecasts_lost_total", "Failed forecasts that an external model is to blame for", byReason, lost),
}

func lost(s *stream.Snapshot, emit emitFunc) {
	for _, reason := range slices.Sorted(maps.Keys(s.Totals.ForecastsLost)) {
		emit(float64(s.Totals.ForecastsLost[reason]), reason)
	}
}

// timeMetrics are how far event time is.
var timeMetrics = []metric{
	newMetric(prometheus.GaugeValue, "watermark_timestamp_seconds", "Watermark: windows that end by then are closed", nil,
		func(s *stream.Snapshot, emit emitFunc) {
			if t, known := timestamp(s.Watermark); known {
				emit(t)
			}
		}),
	newMetric(prometheus.GaugeValue, "watermark_lag_seconds", "Event-time lag of the watermark: wall clock minus watermark", nil,
		func(s *stream.Snapshot, emit emitFunc) {
			if s.Watermark.IsEventTime() {
				emit(inSeconds(window.Duration(s.At - s.Watermark)))
			}
		}),
	newMetric(prometheus.GaugeValue, "watermark_held", "1 for the reason that holds the watermark where it is, 0 for the others", byReason, held),
	lag("event_time_lag_p50_seconds", "Median of processing time minus event time over the newest records", func(l *stream.LagView) window.Duration { return l.P50 }),
	lag("event_time_lag_p99_seconds", "99th percentile of the same", func(l *stream.LagView) window.Duration { return l.P99 }),
	lag("event_time_lag_max_seconds", "Maximum of the same", func(l *stream.LagView) window.Duration { return l.Max }),
}

func held(s *stream.Snapshot, emit emitFunc) {
	for n := range stream.NumHoldKinds {
		if kind := stream.HoldKind(n); kind != stream.HoldNothing {
			emit(flag(s.Hold.Kind == kind), kind.String())
		}
	}
}

// stateMetrics are how the run is and what it holds.
var stateMetrics = []metric{
	gauge("running", "1 while records are read, 0 before the first connection and at the end", func(s *stream.Snapshot) float64 { return flag(s.State == stream.Running) }),
	gauge("memory_used_bytes", "What open windows hold in the account of --max-memory", func(s *stream.Snapshot) float64 { return float64(s.Memory.Used) }),
	gauge("memory_limit_bytes", "--max-memory", func(s *stream.Snapshot) float64 { return float64(s.Memory.Limit) }),
	gauge("memory_spent", "1 while --max-memory is spent, so that no new keys are taken", func(s *stream.Snapshot) float64 { return flag(s.Memory.Spent) }),
}

// partitionMetrics are those of each partition.
var partitionMetrics = []metric{
	eachPartition(prometheus.CounterValue, "partition_records_read_total", "Records read",
		func(p *stream.PartitionView) (float64, bool) { return float64(p.Records), true }),
	eachPartition(prometheus.CounterValue, "partition_records_rejected_total", "Records that are in no window",
		func(p *stream.PartitionView) (float64, bool) { return float64(p.Rejected), true }),
	partitionGauge("partition_position_offset", "Offset that is read next", func(p *stream.PartitionView) float64 { return float64(p.Next) }),
	eachPartition(prometheus.GaugeValue, "partition_high_watermark_offset", "High watermark: the end offset of the log; until the broker has told it, the end of the range",
		func(p *stream.PartitionView) (float64, bool) { return float64(p.LogEnd + p.Unstable), p.LogEnd >= 0 }),
	partitionGauge("partition_unstable_offsets", "Offsets before the high watermark that wait for the end of a transaction", func(p *stream.PartitionView) float64 { return float64(p.Unstable) }),
	eachPartition(prometheus.GaugeValue, "partition_consumer_lag_offsets", "Consumer lag: offsets that may be read and were not yet",
		func(p *stream.PartitionView) (float64, bool) { return float64(max(0, p.LogEnd-p.Next)), p.LogEnd >= 0 }),
	eachPartition(prometheus.GaugeValue, "partition_watermark_timestamp_seconds", "Watermark by the partition's own records",
		func(p *stream.PartitionView) (float64, bool) { return timestamp(p.Watermark) }),
	newMetric(prometheus.GaugeValue, "partition_holds_watermark", "1 if the partition holds the watermark where it is", byPartition, holds),
	partitionGauge("partition_idle", "1 if it is idle and holds the watermark no longer", func(p *stream.PartitionView) float64 { return flag(p.Idle) }),
	partitionGauge("partition_paused", "1 if it waits for slower partitions (--max-drift, --max-memory)", func(p *stream.PartitionView) float64 { return flag(p.Pause != stream.NotPaused) }),
	partitionGauge("partition_finished", "1 if its range has been read", func(p *stream.PartitionView) float64 { return flag(p.Finished) }),
	partitionGauge("partition_keys", "Keys with records of windows that the partition's watermark has not reached", func(p *stream.PartitionView) float64 { return float64(p.Keys) }),
	partitionGauge("partition_open_windows", "Windows, whatever the key, that the partition's watermark has not reached", func(p *stream.PartitionView) float64 { return float64(p.OpenWindows) }),
}

func holds(s *stream.Snapshot, emit emitFunc) {
	for i := range s.Partitions {
		id := s.Partitions[i].ID
		emit(flag(s.Hold.Holds() && s.Hold.ID == id), labelsOf(id)...)
	}
}
