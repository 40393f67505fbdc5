package main

import (
	"errors"
	"fmt"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/stream/decode"
)

// verdict is the error of a run that ended without one but did not do what was
// asked: nothing could be used, or something was gone.
func (o *lineOptions) verdict(err error, sum *stream.Summary, plan *decode.Plan, r *reading) error {
	if errors.Is(err, stream.ErrTimeout) {
		return fmt.Errorf("%w before the end of the range: raise --timeout %v", err, o.timeout.std())
	}
	if gap, ok := errors.AsType[*stream.GapError](err); ok {
		return incompleteError{fmt.Errorf("%w; --on-gap skip goes on behind it", gap)}
	}
	if full, ok := errors.AsType[*stream.MemoryError](err); ok {
		return incompleteError{fmt.Errorf("%w: raise --max-memory %s to %s", full, &o.maxMemory, atLeast(full.Enough))}
	}
	if err != nil || o.live && sum.Records == 0 {
		return err
	}
	if n := sum.Rejects[stream.NoSchema]; n > 0 && !o.live {
		return incompleteError{fmt.Errorf("the registry of --schema-registry did not hand out the schemas of %s, which no window has: run it again when it does", count(n, "record"))}
	}
	if nothingUsable(sum, plan, r) {
		return errors.New(plan.Explain(r.sampled))
	}
	if n, first := r.bad(); n > 0 && !o.live {
		return incompleteError{fmt.Errorf("%s of --input %s left out: the first is %s", count(n, "line"), o.input, first)}
	}
	if !o.live {
		return o.notCovered(sum.Gaps)
	}
	return nil
}

// nothingUsable says that no record could be used. One from the future is refused
// for its time, whether it has a value or not: if there are such, the records that
// were looked at first tell whether any has.
func nothingUsable(s *stream.Summary, plan *decode.Plan, r *reading) bool {
	n, ahead := unusable(s), s.Rejects[stream.Future]
	if n == 0 || s.FilteredUsable || n+ahead != s.Records-s.Filtered {
		return false
	}
	return ahead == 0 || !plan.Usable(r.sampled)
}

// unusable counts the records whose value, key or time could not be read.
func unusable(s *stream.Summary) int64 {
	var n int64
	for _, reason := range []stream.Reason{
		stream.Malformed, stream.NoSchema, stream.Empty, stream.Null, stream.NoTime, stream.BadTime,
		stream.NoField, stream.NotANumber, stream.NotFinite,
	} {
		n += s.Rejects[reason]
	}
	return n
}
