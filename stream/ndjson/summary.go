package ndjson

import (
	"maps"
	"slices"
	"strconv"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// AppendSummary appends s as the object that docs/summary.schema.json
// describes. An end that is open is null; every reject reason is listed, those
// that never occurred with 0. Late and late-after-idle records stand beside
// the rejects, not among them.
func AppendSummary(dst []byte, s *stream.Summary) []byte {
	dst = append(dst, `{"v":1,"type":"summary","ranges":[`...)
	for i := range s.Ranges {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendRange(dst, &s.Ranges[i])
	}
	dst = append(dst, ']')
	dst = appendInt(dst, "records", s.Records)
	dst = appendInt(dst, "in_time", s.InTime)
	dst = appendInt(dst, "partly_late", s.PartlyLate)
	dst = appendInt(dst, "allowed_late", s.AllowedLate)
	dst = appendInt(dst, "partly_usable", s.PartlyUsable)
	dst = appendInt(dst, stream.Late.String(), s.Rejects[stream.Late])
	dst = appendInt(dst, stream.LateAfterIdle.String(), s.Rejects[stream.LateAfterIdle])
	dst = appendRejectCounts(dst, &s.Rejects)
	dst = appendInt(dst, "filtered", s.Filtered)
	if s.Undecided > 0 {
		dst = appendInt(dst, "undecided", s.Undecided)
	}
	dst = appendInt(dst, "windows", s.Windows)
	dst = appendInt(dst, "lines", s.Lines)
	if s.SplitKeys > 0 {
		dst = appendInt(dst, "split_keys", s.SplitKeys)
	}
	dst = append(dst, `,"forecasts":{"made":`...)
	dst = strconv.AppendInt(dst, s.ForecastsMade, 10)
	dst = appendInt(dst, "failed", s.ForecastsFail)
	dst = appendInt(dst, "shed", s.ForecastsShed)
	dst = appendLost(dst, s.ForecastsLost)
	dst = append(dst, `},"gaps":[`...)
	for i := range s.Gaps {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendGap(dst, &s.Gaps[i])
	}
	dst = appendInt(append(dst, ']'), "offsets_lost", s.OffsetsLost())
	dst = strconv.AppendBool(append(dst, `,"reproducible":`...), s.Reproducible)
	return append(dst, '}')
}

// appendPartition opens an object with the partition it speaks of.
func appendPartition(dst []byte, id window.PartitionID) []byte {
	dst = append(dst, `{"topic":`...)
	dst = appendString(dst, id.Topic)
	return appendInt(dst, "partition", int64(id.Partition))
}

func appendRange(dst []byte, r *stream.RangeRead) []byte {
	dst = appendPartition(dst, r.ID)
	dst = appendInt(dst, "start", r.Start)
	dst = appendEnd(dst, r.End)
	dst = appendInt(dst, "read_to", r.ReadTo)
	return append(dst, '}')
}

// appendEnd appends the end of a range of offsets, null where it is open.
func appendEnd(dst []byte, end int64) []byte {
	if end < 0 {
		return append(dst, `,"end":null`...)
	}
	return appendInt(dst, "end", end)
}

func appendRejectCounts(dst []byte, counts *[stream.NumReasons]int64) []byte {
	dst = append(dst, `,"rejects":{`...)
	first := true
	for r := stream.OK + 1; r < stream.NumReasons; r++ {
		if r == stream.Late || r == stream.LateAfterIdle {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = appendString(dst, r.String())
		dst = strconv.AppendInt(append(dst, ':'), counts[r], 10)
	}
	return append(dst, '}')
}

// appendLost appends why forecasts were lost, if any were.
func appendLost(dst []byte, lost map[string]int64) []byte {
	if len(lost) == 0 {
		return dst
	}
	dst = append(dst, `,"lost":`...)
	for i, reason := range slices.Sorted(maps.Keys(lost)) {
		dst = append(dst, "{,"[min(i, 1)])
		dst = strconv.AppendInt(append(appendString(dst, reason), ':'), lost[reason], 10)
	}
	return append(dst, '}')
}

func appendGap(dst []byte, g *stream.GapRead) []byte {
	dst = appendPartition(dst, g.ID)
	dst = appendInt(dst, "from", g.From)
	dst = appendInt(dst, "to", g.To)
	dst = appendString(appendName(dst, "reason"), g.Reason)
	return append(dst, '}')
}
