package ndjson

import (
	"strconv"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// AppendExplanation appends e as the object that docs/explanation.schema.json
// describes.
func AppendExplanation(dst []byte, e *stream.Explanation) []byte {
	dst = appendIdentity(dst, "explanation", &window.Pane{
		Topic: e.Topic, Key: e.Key, Series: e.Series, Counted: e.Counted, Span: e.Span, Size: e.Size, Hop: e.Hop,
	})
	dst = appendList(appendName(dst, "lines"), e.Panes, func(dst []byte, p **window.Pane) []byte {
		return AppendLine(dst, &stream.Line{Pane: *p, EmittedAt: window.MinTime}, &e.Aggregates)
	})
	dst = appendName(dst, "differ")
	if e.Checked {
		dst = appendList(dst, e.Differ, func(dst []byte, name *string) []byte { return appendString(dst, *name) })
	} else {
		dst = append(dst, "null"...)
	}
	dst = appendList(appendName(dst, "partitions"), e.Partitions, func(dst []byte, p *stream.ExplainedPartition) []byte {
		return appendExplainedPartition(dst, p, e.Counted)
	})
	dst = appendList(appendName(dst, "records"), e.Records, appendExplainedRecord)
	dst = appendInt(dst, "unlisted", e.Unlisted)
	dst = appendList(appendName(dst, "steps"), e.Steps, appendExplainedStep)
	return append(dst, '}')
}

// appendList appends an array of what each makes of its elements.
func appendList[T any](dst []byte, list []T, each func([]byte, *T) []byte) []byte {
	dst = append(dst, '[')
	for i := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = each(dst, &list[i])
	}
	return append(dst, ']')
}

func appendExplainedPartition(dst []byte, p *stream.ExplainedPartition, counted bool) []byte {
	dst = strconv.AppendInt(append(dst, `{"partition":`...), int64(p.ID.Partition), 10)
	dst = appendInt(dst, "start", p.Start)
	dst = appendInt(dst, "read_to", p.ReadTo)
	dst = appendInt(dst, "records", p.Records)
	dst = appendName(dst, "watermark_ms")
	if p.Watermark == window.MinTime {
		dst = append(dst, "null"...)
	} else {
		dst = strconv.AppendInt(dst, int64(p.Watermark), 10)
	}
	dst = appendClosing(appendName(dst, "on_time"), p.OnTime)
	dst = appendClosing(appendName(dst, "final"), p.Final)
	dst = appendList(appendName(dst, "shares"), p.Shares, func(dst []byte, s *window.Share) []byte {
		dst = strconv.AppendInt(append(dst, `{"first_offset":`...), s.FirstOffset, 10)
		dst = appendInt(dst, "last_offset", s.LastOffset)
		return append(appendAggregate(dst, &window.Pane{Counted: counted, Aggregate: s.Aggregate}), '}')
	})
	return append(dst, '}')
}

func appendClosing(dst []byte, c stream.Closing) []byte {
	if !c.Closed {
		return append(dst, "null"...)
	}
	dst = strconv.AppendInt(append(dst, `{"offset":`...), c.Offset, 10)
	return append(appendInt(dst, "watermark_ms", int64(c.Watermark)), '}')
}

func appendExplainedRecord(dst []byte, r *stream.ExplainedRecord) []byte {
	dst = strconv.AppendInt(append(dst, `{"partition":`...), int64(r.Partition), 10)
	dst = appendInt(dst, "offset", r.Offset)
	dst = appendIntIf(dst, "ts_ms", r.Timestamp, r.Timestamp != -1)
	dst = appendIntIf(dst, "time_ms", int64(r.Time), r.HasTime)
	dst = appendIntIf(dst, "event_ms", int64(r.EventTime), r.HasEventTime)
	dst = appendName(dst, "value")
	if r.HasValue {
		dst = appendFloat(dst, r.Value)
	} else {
		dst = append(dst, "null"...)
	}
	dst = appendIntIf(dst, "lag_ms", int64(r.Lag), r.HasLag)
	dst = strconv.AppendBool(appendName(dst, "out_of_order"), r.OutOfOrder)
	dst = appendString(appendName(dst, "reason"), r.Reason.String())
	dst = appendString(appendName(dst, "counted"), r.Counted.String())
	dst = appendInt(dst, "windows", int64(r.Lost))
	dst = appendInt(dst, "of", int64(r.Of))
	return append(dst, '}')
}

// appendIntIf appends the member name:v, null unless it is known.
func appendIntIf(dst []byte, name string, v int64, known bool) []byte {
	if known {
		return appendInt(dst, name, v)
	}
	return append(appendName(dst, name), "null"...)
}

func appendExplainedStep(dst []byte, s *stream.ExplainedStep) []byte {
	dst = strconv.AppendInt(append(dst, `{"start_ms":`...), int64(s.Start), 10)
	dst = appendInt(dst, "count", s.Count)
	dst = appendFloat(appendName(dst, "value"), s.Value)
	dst = strconv.AppendBool(appendName(dst, "filled"), s.Filled)
	return append(dst, '}')
}
