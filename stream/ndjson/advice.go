package ndjson

import (
	"strconv"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// AppendAdvice appends a line for each partition and one for all of them, whose
// topic and partition are null, as docs/advice.schema.json describes.
func AppendAdvice(dst []byte, a *stream.Advice) []byte {
	for _, p := range a.Partitions {
		dst = append(dst, `{"v":1,"type":"advice","topic":`...)
		dst = appendString(dst, p.ID.Topic)
		dst = appendInt(dst, "partition", int64(p.ID.Partition))
		dst = appendAdvice(dst, a, p)
	}
	dst = append(dst, `{"v":1,"type":"advice","topic":null,"partition":null`...)
	return appendAdvice(dst, a, a.All)
}

// appendAdvice appends what follows the partition, and ends the line.
func appendAdvice(dst []byte, a *stream.Advice, p *stream.PartitionAdvice) []byte {
	dst = append(dst, `,"windows":[`...)
	for i, s := range a.Specs {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"size_ms":`...)
		dst = strconv.AppendInt(dst, int64(s.Size), 10)
		dst = appendInt(dst, "hop_ms", int64(s.Hop))
		dst = appendInt(dst, "origin_ms", int64(s.Origin))
		dst = append(dst, '}')
	}
	dst = append(dst, ']')
	dst = appendInt(dst, "allowed_lateness_ms", int64(a.AllowedLateness))
	d := p.Disorder
	dst = appendInt(dst, "records", p.Records())
	dst = appendInt(dst, "in_order", d.Records()-d.OutOfOrder())
	dst = appendInt(dst, "out_of_order", d.OutOfOrder())
	dst = appendRejectCounts(dst, &p.Rejects)
	dst = appendInt(dst, "filtered", p.Filtered)
	dst = appendDisorder(dst, d)
	dst = appendBounds(dst, a.Ladder, d)
	dst = appendLength(appendName(dst, "recommended_ms"), d, p.Recommended())
	dst = appendLength(appendName(dst, "lossless_ms"), d, d.Lossless())
	dst = appendLeaps(dst, p)
	return append(dst, '}', '\n')
}

func appendDisorder(dst []byte, d *window.Disorder) []byte {
	dst = append(dst, `,"disorder_ms":{"p50":`...)
	dst = appendLength(dst, d, d.Quantile(0.5))
	dst = appendLength(appendName(dst, "p90"), d, d.Quantile(0.9))
	dst = appendLength(appendName(dst, "p99"), d, d.Quantile(0.99))
	dst = appendLength(appendName(dst, "p99.9"), d, d.Quantile(0.999))
	dst = appendLength(appendName(dst, "max"), d, d.Worst())
	return append(dst, '}')
}

// appendLength appends a length of time, null where there is no record.
func appendLength(dst []byte, d *window.Disorder, length window.Duration) []byte {
	if d.Records() == 0 {
		return append(dst, "null"...)
	}
	return strconv.AppendInt(dst, int64(length), 10)
}

func appendBounds(dst []byte, ladder []window.Duration, d *window.Disorder) []byte {
	dst = append(dst, `,"bounds":[`...)
	for i, bound := range ladder {
		if i > 0 {
			dst = append(dst, ',')
		}
		loss := d.Loss(bound)
		dst = append(dst, `{"out_of_orderness_ms":`...)
		dst = strconv.AppendInt(dst, int64(bound), 10)
		dst = appendInt(dst, "in_time", d.Records()-loss.Total())
		dst = appendInt(dst, "partly_late", loss.PartlyLate)
		dst = appendInt(dst, "late", loss.Late)
		dst = append(dst, '}')
	}
	return append(dst, ']')
}

func appendLeaps(dst []byte, p *stream.PartitionAdvice) []byte {
	dst = append(dst, `,"leaps":{"believed":`...)
	dst = strconv.AppendInt(dst, p.Believed, 10)
	dst = appendInt(dst, "refuted", p.Refuted)
	dst = append(dst, `,"listed":[`...)
	for i, l := range p.Leaps {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"offset":`...)
		dst = strconv.AppendInt(dst, l.Offset, 10)
		if l.From == window.MinTime {
			dst = append(dst, `,"from":null`...)
		} else {
			dst = appendTime(appendName(dst, "from"), l.From)
		}
		dst = appendTime(appendName(dst, "to"), l.To)
		if l.From == window.MinTime {
			dst = append(dst, `,"by_ms":null`...)
		} else {
			dst = appendInt(dst, "by_ms", int64(l.To-l.From))
		}
		dst = strconv.AppendBool(appendName(dst, "believed"), l.Believed)
		dst = append(dst, '}')
	}
	return append(dst, `]}`...)
}
