package main

import (
	"context"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/stream/kafka"
	"github.com/oriel-stream/oriel/stream/ndjson"
)

// topicSink writes lines to a topic: the record's key is the window's, its
// value the line as JSON, and its timestamp the window's end.
type topicSink struct {
	// run is the context of the run: a Sink is not given one.
	run      context.Context
	producer *kafka.Producer
	names    stream.Aggregates
	line     []byte
}

var _ stream.Sink = (*topicSink)(nil)

// Write adds a line to those that wait, and sends them where they are many.
func (s *topicSink) Write(l *stream.Line) error {
	s.line = ndjson.AppendLine(s.line[:0], l, &s.names)
	return s.producer.Append(s.run, l.Key, s.line, l.End)
}

// Flush returns when the brokers have every line.
func (s *topicSink) Flush() error { return s.producer.Flush(s.run) }

// Close flushes. The connection is that of the reading.
func (s *topicSink) Close() error { return s.Flush() }
