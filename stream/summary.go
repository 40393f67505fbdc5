package stream

import (
	"fmt"

	"github.com/oriel-stream/oriel/window"
)

// Summary is the account of a run: what was read, what became of it. A record
// is counted in exactly one of InTime, PartlyLate, Rejects (which has the
// wholly late ones), Filtered and Undecided.
type Summary struct {
	Ranges     []RangeRead
	Records    int64
	InTime     int64
	PartlyLate int64
	// AllowedLate counts records of InTime and PartlyLate that came after a
	// window of theirs had fired on time, and count in its final content.
	AllowedLate int64
	// PartlyUsable counts records of which one series could be read and
	// another not; they are also in InTime, PartlyLate or Rejects.
	PartlyUsable int64
	// Rejects counts records by reason; Late and LateAfterIdle count those
	// that are in no window at all.
	Rejects  [NumReasons]int64
	Filtered int64
	// FilteredUsable says that a record of Filtered had a time, a key and a value
	// that could be used.
	FilteredUsable bool
	// Undecided counts records of a live run whose create times leap, and that
	// still waited for others to confirm or refute them when it ended.
	Undecided int64
	// Windows counts windows that closed, Lines what was printed of them.
	Windows, Lines int64
	ForecastsMade  int64
	ForecastsFail  int64
	// ForecastsShed counts those that were not started in time.
	ForecastsShed int64
	// ForecastsLost counts, by their errors, those of ForecastsFail that no window
	// is to blame for: an external model failed.
	ForecastsLost map[string]int64
	// SplitKeys counts the keys that were seen in several partitions, each of which
	// has windows of its own: with Config.Group.
	SplitKeys int64
	Gaps      []GapRead
	// MemorySpent says that a live run has refused keys because its windows held
	// Config.MaxMemory.
	MemorySpent bool
	// Reproducible is false if a line depends on more than offsets and flags.
	Reproducible bool
}

// Partitions is how many partitions were read. One of a topic that was created
// again has a range for each of its logs.
func (s *Summary) Partitions() int {
	seen := make(map[window.PartitionID]bool, len(s.Ranges))
	for i := range s.Ranges {
		seen[s.Ranges[i].ID] = true
	}
	return len(seen)
}

// RangeRead is the range of offsets of one log of a partition.
type RangeRead struct {
	ID window.PartitionID
	// Start and End are what was asked for, half-open; End is negative where
	// reading has no end. ReadTo is the offset behind the last one read.
	Start, End, ReadTo int64
}

// GapRead is a range of offsets that could not be read, half-open. It is empty
// where nobody knows how many are lost: everything from From on.
type GapRead struct {
	ID       window.PartitionID
	From, To int64
	Reason   string
}

// Lost is how many offsets the gap has, 0 where that is unknown.
func (g GapRead) Lost() int64 { return max(0, g.To-g.From) }

// String says in a sentence what is lost and why.
func (g GapRead) String() string {
	what := ""
	switch n := g.Lost(); n {
	case 0:
		what = fmt.Sprintf("what came from offset %d on", g.From)
	case 1:
		what = fmt.Sprintf("offset %d", g.From)
	default:
		what = fmt.Sprintf("%d offsets, %d to %d", n, g.From, g.To-1)
	}
	return fmt.Sprintf("%s/%d: lost %s: %s", g.ID.Topic, g.ID.Partition, what, g.Reason)
}

// OffsetsLost adds up the gaps.
func (s *Summary) OffsetsLost() int64 {
	var n int64
	for _, g := range s.Gaps {
		n += g.Lost()
	}
	return n
}

// GapError ends a live run that must not go on behind a gap.
type GapError struct{ Gap GapRead }

func (e *GapError) Error() string { return e.Gap.String() }
