package kafka

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oriel-stream/oriel/window"
)

// Offsets says where reading starts (--from) or stops (--to), in each
// partition. The zero Offsets says nothing.
type Offsets struct {
	other bound
	by    map[int32]bound
}

// bound is one such place, not yet an offset of a log.
type bound struct {
	kind boundKind
	// n is the offset, the count or, for atTime, ms since the epoch.
	n    int64
	text string // as it was written
}

type boundKind uint8

const (
	notSet     boundKind = iota
	atStart              // start
	atEnd                // end
	atOffset             // N
	afterStart           // +N: in --to, after --from
	beforeEnd            // -N
	atTime               // @T: the first offset whose Kafka timestamp is at or after T
)

// secondsBelow: a bare number after @ is in seconds below it and in
// milliseconds from it on; in seconds it is the year 5138, in milliseconds
// March 1973. From millisecondsBelow on the number is refused.
const (
	secondsBelow      = 100_000_000_000
	millisecondsBelow = 100_000_000_000_000
)

const offsetsWanted = "want start, end, N, +N, -N, @RFC3339, @epoch seconds or milliseconds, @-15m, or a list 0=100,1=end"

// ParseOffsets reads the value of --from and --to:
//
//	start      the oldest record that there is
//	end        behind the newest
//	N          the offset N
//	+N         N offsets after the start; in --to, after --from
//	-N         N offsets before the end
//	@T         the first record whose Kafka timestamp is at or after T: RFC 3339,
//	           seconds or milliseconds since the epoch, or a duration before
//	           now, as @-15m
//	0=A,1=B,C  A in partition 0, B in partition 1, C (if given) in the others
//
// now is what durations are relative to.
func ParseOffsets(s string, now time.Time) (Offsets, error) {
	var o Offsets
	for item := range strings.SplitSeq(s, ",") {
		item = strings.TrimSpace(item)
		name, place, perPartition := strings.Cut(item, "=")
		if !perPartition {
			place = item
		}
		b, err := parseBound(place, now)
		if err != nil {
			return Offsets{}, err
		}
		if !perPartition {
			if o.other.kind != notSet {
				return Offsets{}, fmt.Errorf("offsets %q: %q and %q are both for all other partitions", s, o.other.text, item)
			}
			o.other = b
			continue
		}
		p, err := parsePartition(name)
		if err != nil {
			return Offsets{}, fmt.Errorf("offset %q: %w", item, err)
		}
		if _, double := o.by[p]; double {
			return Offsets{}, fmt.Errorf("offsets %q: partition %d is there twice", s, p)
		}
		if o.by == nil {
			o.by = map[int32]bound{}
		}
		o.by[p] = b
	}
	return o, nil
}

func parseBound(s string, now time.Time) (bound, error) {
	switch {
	case s == "start":
		return bound{atStart, 0, s}, nil
	case s == "end":
		return bound{atEnd, 0, s}, nil
	case strings.HasPrefix(s, "@"):
		ms, err := parseTime(s[1:], now)
		return bound{atTime, ms, s}, err
	}
	kind, digits := atOffset, s
	if rest, ok := strings.CutPrefix(s, "+"); ok {
		kind, digits = afterStart, rest
	} else if rest, ok := strings.CutPrefix(s, "-"); ok {
		kind, digits = beforeEnd, rest
	}
	n, err := strconv.ParseUint(digits, 10, 63)
	if err != nil {
		return bound{}, fmt.Errorf("offset %q: %s", s, offsetsWanted)
	}
	return bound{kind, int64(n), s}, nil
}

// parseTime reads what stands behind an @, as ms since the epoch.
func parseTime(s string, now time.Time) (int64, error) {
	if n, err := strconv.ParseUint(s, 10, 63); err == nil {
		switch {
		case n < secondsBelow:
			return int64(n) * 1000, nil
		case n < millisecondsBelow:
			return int64(n), nil
		}
		return 0, fmt.Errorf("time @%s: want seconds or milliseconds since the epoch, below %d", s, int64(millisecondsBelow))
	}
	if strings.HasPrefix(s, "-") {
		d, err := window.ParseDuration(s)
		if err != nil {
			return 0, fmt.Errorf("time @%s: %w", s, err)
		}
		return max(0, int64(window.Time(now.UnixMilli()).Add(d))), nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return 0, fmt.Errorf("time @%s: want RFC 3339 (2026-11-22T06:00:00Z), seconds or milliseconds since the epoch, or @-15m", s)
	}
	// The first timestamp at or after T, and timestamps are whole.
	ms := t.UnixMilli()
	if t.Nanosecond()%int(time.Millisecond) != 0 {
		ms++
	}
	if ms < 0 {
		return 0, fmt.Errorf("time @%s: want 1970 or later: Kafka timestamps do not go back further", s)
	}
	return ms, nil
}

// IsZero reports whether o says nothing.
func (o Offsets) IsZero() bool { return o.other.kind == notSet && len(o.by) == 0 }

// Or fills in what o does not say from other: "0=100" says nothing of
// partition 1.
func (o Offsets) Or(other Offsets) Offsets {
	out := Offsets{other: o.other, by: maps.Clone(other.by)}
	if out.other.kind == notSet {
		out.other = other.other
	} else {
		out.by = nil
	}
	if out.by == nil {
		out.by = map[int32]bound{}
	}
	maps.Copy(out.by, o.by)
	return out
}

// at is the place in partition p, or notSet.
func (o Offsets) at(p int32) bound {
	if b, ok := o.by[p]; ok {
		return b
	}
	return o.other
}

// named are the partitions that have a place of their own, in order.
func (o Offsets) named() []int32 { return slices.Sorted(maps.Keys(o.by)) }

// log is what a partition holds when a range is made: offsets from start to
// end, half-open.
type log struct{ start, end int64 }

// from resolves a place of --from. timed is the answer to a time query, -1 for
// none. The result lies in [start, end], but for an offset below the start,
// which is returned as it is: it is gone.
func (b bound) from(l log, timed int64) int64 {
	switch b.kind {
	case atEnd:
		return l.end
	case atOffset:
		return min(b.n, l.end)
	case afterStart:
		return min(addOffsets(l.start, b.n), l.end)
	case beforeEnd:
		return max(l.end-b.n, l.start)
	case atTime:
		return timedOffset(timed, l)
	default:
		return l.start
	}
}

// to resolves a place of --to, given where reading starts.
func (b bound) to(l log, timed, from int64) int64 {
	switch b.kind {
	case atStart:
		return l.start
	case atOffset:
		return min(b.n, l.end)
	case afterStart:
		return min(addOffsets(from, b.n), l.end)
	case beforeEnd:
		return l.end - min(b.n, l.end)
	case atTime:
		return timedOffset(timed, l)
	default:
		return l.end
	}
}

// timedOffset: -1 means that no record is as late, which is the end, as are
// records behind the end (of open transactions).
func timedOffset(timed int64, l log) int64 {
	if timed < 0 {
		return l.end
	}
	return min(timed, l.end)
}

// addOffsets adds two offsets that are not negative, without wrapping.
func addOffsets(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
