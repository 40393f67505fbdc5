package kafka

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Selection is a set of partition numbers, of every topic. The zero Selection
// is all of them.
type Selection struct {
	ranges []partitionRange
}

// partitionRange is inclusive.
type partitionRange struct{ low, high int32 }

// ParsePartitions reads a list of numbers and ranges, "0,2-5". The empty
// string is all partitions.
func ParsePartitions(s string) (Selection, error) {
	var sel Selection
	if strings.TrimSpace(s) == "" {
		return sel, nil
	}
	for item := range strings.SplitSeq(s, ",") {
		first, last, isRange := strings.Cut(strings.TrimSpace(item), "-")
		if !isRange {
			last = first
		}
		low, err := parsePartition(first)
		if err != nil {
			return Selection{}, err
		}
		high, err := parsePartition(last)
		if err != nil {
			return Selection{}, err
		}
		if low > high {
			return Selection{}, fmt.Errorf("partitions %q: %d is above %d", item, low, high)
		}
		sel.ranges = append(sel.ranges, partitionRange{low, high})
	}
	return sel, nil
}

func parsePartition(s string) (int32, error) {
	// ParseUint takes no sign: "+1" is not a partition.
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil {
		return 0, fmt.Errorf("%q is not a partition: want numbers and ranges from 0 to %d, such as 0,2-5", s, math.MaxInt32)
	}
	return int32(n), nil
}

// All reports whether every partition is selected, also those to come.
func (s Selection) All() bool { return len(s.ranges) == 0 }

// Has reports whether partition p is selected.
func (s Selection) Has(p int32) bool {
	for _, r := range s.ranges {
		if r.low <= p && p <= r.high {
			return true
		}
	}
	return s.All()
}

// highest is the highest partition that is named, -1 if none is.
func (s Selection) highest() int32 {
	h := int32(-1)
	for _, r := range s.ranges {
		h = max(h, r.high)
	}
	return h
}
