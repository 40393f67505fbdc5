package main

import (
	"encoding/json"
	"io"
	"math"

	"github.com/oriel-stream/oriel/stream/kafka"
	"github.com/oriel-stream/oriel/window"
)

// topicLine is a topic as JSON; null is what is not known.
type topicLine struct {
	V        int      `json:"v"`
	Type     string   `json:"type"`
	Topic    string   `json:"topic"`
	Internal bool     `json:"internal"`
	Records  *int64   `json:"records"`
	Rate     *float64 `json:"rate"`
	// TimestampType is create or append. Retentions of -1 have no bound.
	TimestampType  *string          `json:"timestamp_type"`
	CleanupPolicy  *string          `json:"cleanup_policy"`
	RetentionMs    *window.Duration `json:"retention_ms"`
	RetentionBytes *int64           `json:"retention_bytes"`
	Partitions     []partitionLine  `json:"partitions"`
}

// partitionLine is a partition of a topicLine.
type partitionLine struct {
	Partition int32  `json:"partition"`
	Leader    *int32 `json:"leader"`
	Start     *int64 `json:"start"`
	End       *int64 `json:"end"`
}

func writeTopicLines(w io.Writer, states []kafka.TopicState, rates map[string]float64) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, s := range states {
		line := topicLine{
			V: 1, Type: "topic", Topic: s.Name, Internal: s.Internal,
			Records: unlessNegative(recordsOf(&s)), Partitions: []partitionLine{},
		}
		if rate, ok := rates[s.Name]; ok {
			rate = math.Round(rate*1000) / 1000
			line.Rate = &rate
		}
		if set := s.Settings; set != nil {
			clock := clockOf(set.TimestampType)
			line.TimestampType, line.CleanupPolicy = &clock, &set.CleanupPolicy
			line.RetentionMs, line.RetentionBytes = &set.Retention, &set.RetentionBytes
		}
		for _, l := range s.Logs {
			line.Partitions = append(line.Partitions, partitionLine{
				Partition: l.Partition, Leader: unlessNegative(l.Leader),
				Start: unlessNegative(l.Start), End: unlessNegative(l.End),
			})
		}
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

// unlessNegative is nil for what is not known.
func unlessNegative[T int32 | int64](n T) *T {
	if n < 0 {
		return nil
	}
	return &n
}
