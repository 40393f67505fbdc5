package ndjson

import (
	"strconv"
	"unicode/utf8"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// AppendEnvelope appends a record as kcat -J prints it, without kcat's
// "broker":
//
//	{"topic":"t","partition":0,"offset":7,"tstype":"create","ts":1795327200000,
//	 "headers":["name","value"],"key":"k","payload":"..."}
//
// kcat copies bytes that are not UTF-8 into its output as they are. Here they
// stand as base64 in key_base64, payload_base64 and headers_base64 (then of
// all header names and values), each instead of the plain member.
func AppendEnvelope(dst []byte, id window.PartitionID, r *stream.Record) []byte {
	dst = appendPartition(dst, id)
	dst = appendInt(dst, "offset", r.Offset)
	dst = appendString(appendName(dst, "tstype"), timestampType(r))
	dst = appendInt(dst, "ts", r.Timestamp)
	if len(r.Headers) > 0 {
		dst = appendHeaders(append(dst, ','), r.Headers)
	}
	dst = appendBytes(append(dst, ','), "key", r.Key)
	dst = appendBytes(append(dst, ','), "payload", r.Value)
	return append(dst, '}')
}

// timestampType is librdkafka's word for the clock of a Kafka timestamp.
func timestampType(r *stream.Record) string {
	switch {
	case r.Timestamp == -1:
		return "unknown"
	case r.Clock == window.ClockAppend:
		return "logappend"
	default:
		return "create"
	}
}

func appendHeaders(dst []byte, headers []stream.Header) []byte {
	text := true
	for _, h := range headers {
		text = text && utf8.Valid(h.Key) && utf8.Valid(h.Value)
	}
	if text {
		dst = append(dst, `"headers":[`...)
	} else {
		dst = append(dst, `"headers_base64":[`...)
	}
	for i, h := range headers {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendHeaderPart(dst, h.Key, text)
		if h.Value == nil {
			dst = append(dst, ",null"...)
			continue
		}
		dst = appendHeaderPart(append(dst, ','), h.Value, text)
	}
	return append(dst, ']')
}

func appendHeaderPart(dst, b []byte, text bool) []byte {
	if text {
		return appendString(dst, b)
	}
	return appendBase64(dst, b)
}

// AppendHeader appends the line that stands before envelope lines and says
// what they cannot: which partitions were read, silent ones too, and from
// where to where.
//
//	{"oriel":1,"partitions":{"sensors":{"0":{"start":0,"end":5120}}}}
//
// An end that is open is null. Three members are added where the offsets alone
// would mislead: log_start, equal to start, where the log begins with a start
// above 0; before_ms where it does not, and no record before start has a later
// Kafka timestamp; log_end, above end, where records lie at or behind end.
// Assignments must be in the order of (topic, partition).
func AppendHeader(dst []byte, assignments []stream.Assignment) []byte {
	dst = append(dst, `{"oriel":1,"partitions":{`...)
	for i, a := range assignments {
		switch {
		case i == 0:
			dst = appendString(dst, a.ID.Topic)
			dst = append(dst, `:{`...)
		case a.ID.Topic != assignments[i-1].ID.Topic:
			dst = appendString(append(dst, `},`...), a.ID.Topic)
			dst = append(dst, `:{`...)
		default:
			dst = append(dst, ',')
		}
		dst = appendDeclared(dst, &a)
	}
	if len(assignments) > 0 {
		dst = append(dst, '}')
	}
	return append(dst, `}}`...)
}

func appendDeclared(dst []byte, a *stream.Assignment) []byte {
	dst = append(dst, '"')
	dst = strconv.AppendInt(dst, int64(a.ID.Partition), 10)
	dst = append(dst, `":{"start":`...)
	dst = strconv.AppendInt(dst, a.Start, 10)
	dst = appendEnd(dst, a.End)
	switch {
	case a.Start == 0 || a.Before == window.MaxTime:
	case a.Before == window.MinTime:
		dst = appendInt(dst, "log_start", a.Start)
	default:
		dst = appendInt(dst, "before_ms", int64(a.Before))
	}
	if a.Short && a.End >= 0 {
		// The assignment says that the log goes on, not how far.
		dst = appendInt(dst, "log_end", a.End+1)
	}
	return append(dst, '}')
}
