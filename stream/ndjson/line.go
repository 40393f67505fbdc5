package ndjson

import (
	"bufio"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// writeBuffer is what a Writer collects before it writes on its own account.
const writeBuffer = 64 << 10

// Writer is a stream.Sink that writes window lines.
type Writer struct {
	out   *bufio.Writer
	names stream.Aggregates
	line  []byte
}

var _ stream.Sink = (*Writer)(nil)

// NewWriter returns a Writer to w, which it never closes. names are of what the
// panes have beyond what every pane has.
func NewWriter(w io.Writer, names stream.Aggregates) *Writer {
	return &Writer{out: bufio.NewWriterSize(w, writeBuffer), names: names}
}

// Write appends one line to the buffer. It does not allocate in steady state.
// The underlying writer gets whole lines only: rejects may go there, too.
func (w *Writer) Write(l *stream.Line) error {
	w.line = append(AppendLine(w.line[:0], l, &w.names), '\n')
	if len(w.line) > w.out.Available() {
		if err := w.out.Flush(); err != nil {
			return err
		}
	}
	_, err := w.out.Write(w.line)
	return err
}

// Flush hands the buffered lines to the underlying writer.
func (w *Writer) Flush() error { return w.out.Flush() }

// Close flushes. JSON lines have no end of their own.
func (w *Writer) Close() error { return w.out.Flush() }

// AppendLine appends l as the object that docs/line.schema.json describes.
func AppendLine(dst []byte, l *stream.Line, names *stream.Aggregates) []byte {
	dst = appendIdentity(dst, "window", l.Pane)
	dst = appendState(dst, l.Pane)
	dst = appendAggregate(dst, l.Pane)
	dst = appendInt(dst, "late", l.Late)
	dst = appendAsked(dst, l.Pane, names)
	dst = appendLag(dst, &l.Lag)
	dst = appendOffsets(dst, l.Offsets)
	if l.Forecast != nil {
		dst = appendForecast(dst, l.Forecast)
	}
	if l.Score != nil {
		dst = appendScore(dst, l.Score)
	}
	if l.EmittedAt != window.MinTime {
		dst = appendTime(appendName(dst, "emitted_at"), l.EmittedAt)
	}
	return append(dst, '}')
}

// appendKey appends a grouping key, as base64 where it is not UTF-8.
func appendKey(dst []byte, k window.Key) []byte {
	switch {
	case k.Null:
		return append(dst, `,"key":null`...)
	case utf8.ValidString(k.Bytes):
		return appendString(appendName(dst, "key"), k.Bytes)
	default:
		return appendBase64(appendName(dst, "key_base64"), k.Bytes)
	}
}

// appendSeries appends the name of a series, null where records are counted.
func appendSeries(dst []byte, series string, counted bool) []byte {
	dst = appendName(dst, "series")
	if counted {
		return append(dst, "null"...)
	}
	return appendString(dst, series)
}

// appendIdentity opens an object of some type with what tells a window from
// others.
func appendIdentity(dst []byte, object string, p *window.Pane) []byte {
	dst = appendString(append(dst, `{"v":1,"type":`...), object)
	dst = appendString(appendName(dst, "topic"), p.Topic)
	dst = appendSeries(appendKey(dst, p.Key), p.Series, p.Counted)
	dst = appendTime(appendName(dst, "start"), p.Start)
	dst = appendTime(appendName(dst, "end"), p.End)
	dst = appendInt(dst, "start_ms", int64(p.Start))
	dst = appendInt(dst, "end_ms", int64(p.End))
	dst = appendInt(dst, "size_ms", int64(p.Size))
	return appendInt(dst, "hop_ms", int64(p.Hop))
}

func appendState(dst []byte, p *window.Pane) []byte {
	dst = appendInt(dst, "revision", int64(p.Revision))
	dst = strconv.AppendBool(appendName(dst, "final"), p.Final)
	dst = appendString(appendName(dst, "closed_by"), p.ClosedBy.String())
	if p.Incomplete != window.Complete {
		dst = appendString(appendName(dst, "incomplete"), p.Incomplete.String())
	}
	return dst
}

// appendAggregate appends the count and the numbers. They are null where
// records are counted; in an empty window all but the sum are.
func appendAggregate(dst []byte, p *window.Pane) []byte {
	dst = appendInt(dst, "count", p.Count)
	if p.Counted {
		return append(dst, `,"sum":null,"mean":null,"min":null,"max":null,"stddev":null,"first":null,"last":null`...)
	}
	dst = appendFloat(appendName(dst, "sum"), p.Sum())
	if p.Count == 0 {
		return append(dst, `,"mean":null,"min":null,"max":null,"stddev":null,"first":null,"last":null`...)
	}
	dst = appendFloat(appendName(dst, "mean"), p.Mean())
	dst = appendFloat(appendName(dst, "min"), p.Min)
	dst = appendFloat(appendName(dst, "max"), p.Max)
	dst = appendFloat(appendName(dst, "stddev"), p.Stddev())
	dst = appendFloat(appendName(dst, "first"), p.First.Value)
	return appendFloat(appendName(dst, "last"), p.Last.Value)
}

// appendAsked appends what not every line has.
func appendAsked(dst []byte, p *window.Pane, names *stream.Aggregates) []byte {
	if len(names.Quantiles) > 0 {
		dst = append(appendName(dst, "quantiles"), '{')
		for i, name := range names.Quantiles {
			dst = appendFloat(appendMember(dst, i, name), p.Quantiles[i])
		}
		dst = append(dst, '}')
	}
	if len(names.Distinct) > 0 {
		dst = append(appendName(dst, "distinct"), '{')
		for i, name := range names.Distinct {
			dst = strconv.AppendInt(appendMember(dst, i, name), p.Distinct[i], 10)
		}
		dst = append(dst, '}')
	}
	if names.Rate {
		dst = appendFloat(appendName(dst, "rate"), p.Rate())
	}
	return dst
}

// appendMember appends the name of member i of an object, any string.
func appendMember(dst []byte, i int, name string) []byte {
	if i > 0 {
		dst = append(dst, ',')
	}
	return append(appendString(dst, name), ':')
}

func appendLag(dst []byte, lag *window.Lag) []byte {
	if lag.Count == 0 {
		dst = append(dst, `,"lag_ms":null`...)
	} else {
		dst = append(dst, `,"lag_ms":{"min":`...)
		dst = strconv.AppendInt(dst, int64(lag.Min), 10)
		dst = appendFloat(appendName(dst, "mean"), lag.Mean())
		dst = appendInt(dst, "max", int64(lag.Max))
		dst = append(dst, '}')
	}
	if lag.Clock == 0 {
		return append(dst, `,"lag_clock":null`...)
	}
	return appendString(appendName(dst, "lag_clock"), lag.Clock.String())
}

func appendOffsets(dst []byte, ranges []window.OffsetRange) []byte {
	dst = append(dst, `,"offsets":[`...)
	for i, r := range ranges {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"partition":`...)
		dst = strconv.AppendInt(dst, int64(r.Partition), 10)
		dst = appendInt(dst, "first", r.First)
		dst = appendInt(dst, "last", r.Last)
		dst = append(dst, '}')
	}
	return append(dst, ']')
}

func appendForecast(dst []byte, f *stream.Forecast) []byte {
	dst = append(dst, `,"forecast":{"model":`...)
	dst = appendString(dst, f.Model)
	if f.Error != "" {
		dst = appendString(appendName(dst, "error"), f.Error)
		return append(dst, '}')
	}
	dst = appendTime(appendName(dst, "origin"), f.Origin)
	dst = appendInt(dst, "step_ms", int64(f.Step))
	dst = appendInt(dst, "filled", int64(f.Filled))
	dst = appendFloats(appendName(dst, "mean"), f.Mean)
	dst = append(dst, `,"intervals":[`...)
	for i := range f.Intervals {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendInterval(dst, &f.Intervals[i])
	}
	dst = append(dst, ']')
	if len(f.Members) > 0 {
		dst = append(dst, `,"members":[`...)
		for i, m := range f.Members {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendString(dst, m)
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

func appendInterval(dst []byte, in *stream.Interval) []byte {
	dst = append(dst, `{"level":`...)
	dst = appendFloat(dst, in.Level)
	dst = appendString(appendName(dst, "by"), in.By)
	dst = appendFloats(appendName(dst, "lower"), in.Lower)
	dst = appendFloats(appendName(dst, "upper"), in.Upper)
	return append(dst, '}')
}

func appendScore(dst []byte, s *stream.Score) []byte {
	dst = append(dst, `,"score":{"model":`...)
	dst = appendString(dst, s.Model)
	dst = appendInt(dst, "resolved", int64(s.Resolved))
	if s.Resolved > 0 && s.Judged == 0 {
		dst = append(dst, `,"covered":null`...) // there were no intervals
	} else {
		dst = appendInt(dst, "covered", int64(s.Covered))
	}
	dst = appendFloat(appendName(dst, "mae"), s.MAE)
	dst = appendInt(dst, "n", int64(s.N))
	dst = appendFloat(appendName(dst, "coverage"), s.Coverage)
	dst = appendFloat(appendName(dst, "mase"), s.MASE)
	dst = appendFloat(appendName(dst, "surprise"), s.Surprise)
	dst = strconv.AppendBool(appendName(dst, "anomaly"), s.Anomaly)
	return append(dst, '}')
}
