package window

import (
	"fmt"
	"slices"
)

// PartitionConfig is what a run's windows are computed by: partitions and the
// Assembler share it.
type PartitionConfig struct {
	Specs []Spec
	// Series are the names of the numeric series; nil if records are counted.
	Series []string
	// OutOfOrderness is subtracted from the newest event time to give the
	// partition's watermark.
	OutOfOrderness Duration
	// AllowedLateness is how long after its end, by the partition's watermark,
	// a window accepts records that come too late for its on-time content.
	AllowedLateness Duration
	// Emit says which firings of a window are wanted.
	Emit Emit
	// Empty asks for panes of windows without records, for keys that had
	// records in one of the last History windows.
	Empty   bool
	History int
	// EmptyAtEnd asks for them also behind the end of the input, where nobody
	// knows what would have come: of a window that is known to have had none.
	EmptyAtEnd bool
	// MaxFuture is how far an event time from the payload may be ahead of the
	// record's Kafka timestamp.
	MaxFuture Duration
	// IdleTimeout is how long a partition must have nothing new at its end
	// before the watermark stops waiting for it.
	IdleTimeout Duration
	// Burst is how many shares a partition freezes before it must report them; 0
	// for no limit. One window may exceed it.
	Burst int
	// MaxKeys is how many keys a partition may hold records of at a time; 0 for
	// no limit.
	MaxKeys int
	// Ahead is for how many steps behind a window's end the values are wanted
	// when they have come: Pane.Steps and Pane.Ended have them.
	Ahead int
	// Aggregates are computed beyond those that every pane has.
	Aggregates AggregateSpec
	// Within, unless it is zero, is the span that windows must lie in to come
	// out of the Assembler.
	Within Span
}

// Emit says which firings of a window come out.
type Emit uint8

// The ways. Without allowed lateness they are one.
const (
	// EmitOnTime: at the window's end, and once more when it is final if late
	// records have changed it.
	EmitOnTime Emit = iota
	// EmitFinal: once, when it is final.
	EmitFinal
	// EmitUpdates: at the window's end, and whenever late records have changed
	// it. What comes between depends on how records arrive in batches.
	EmitUpdates
)

func (e Emit) String() string {
	switch e {
	case EmitFinal:
		return "final"
	case EmitUpdates:
		return "updates"
	default:
		return "on-time"
	}
}

// Validate says what is wrong with the configuration of a run.
func (c PartitionConfig) Validate() error {
	for i, s := range c.Specs {
		if err := s.Validate(); err != nil {
			return fmt.Errorf("window %v: %w", s, err)
		}
		if slices.Contains(c.Specs[:i], s) {
			return fmt.Errorf("window %v is given twice: give each window once", s)
		}
	}
	for i, name := range c.Series {
		if slices.Contains(c.Series[:i], name) {
			return fmt.Errorf("series %q is given twice: give one of the two another name, for example %s2=PATH", name, name)
		}
	}
	switch {
	case c.OutOfOrderness < 0:
		return fmt.Errorf("the out-of-orderness %v is negative: use 0s or more", c.OutOfOrderness)
	case c.AllowedLateness < 0:
		return fmt.Errorf("the allowed lateness %v is negative: use 0s or more", c.AllowedLateness)
	case c.MaxFuture < 0:
		return fmt.Errorf("the max-future %v is negative: use 0s or more", c.MaxFuture)
	case c.IdleTimeout <= 0:
		return fmt.Errorf("the idle-timeout %v is not positive: use for example 30s", c.IdleTimeout)
	case c.Within != (Span{}) && c.Within.End <= c.Within.Start:
		return fmt.Errorf("the range from %v to %v is empty: it must end after it starts", c.Within.Start, c.Within.End)
	}
	return nil
}

// sketched returns what is asked of every slice's sketches, nil for nothing:
// counted records have no values and so no quantiles.
func (c PartitionConfig) sketched() *AggregateSpec {
	asked := c.Aggregates
	if len(c.Series) == 0 {
		asked.Quantiles = nil
	}
	if !asked.asked() {
		return nil
	}
	return &asked
}

// seriesOrder lists the series in the order of their names, the order of lines.
func (c PartitionConfig) seriesOrder() []int {
	order := make([]int, max(1, len(c.Series)))
	for i := range order {
		order[i] = i
	}
	if len(c.Series) > 1 {
		slices.SortStableFunc(order, func(a, b int) int {
			switch {
			case c.Series[a] < c.Series[b]:
				return -1
			case c.Series[a] > c.Series[b]:
				return 1
			}
			return 0
		})
	}
	return order
}
