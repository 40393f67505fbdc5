package main

import (
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/stream/kafka"
)

// rangeFlags say which offsets to read and when to stop.
type rangeFlags struct {
	from, to, partitions string
	limit                int64
	warmUp, timeout      duration
	onGap                choice
}

// add adds the flags. to is the default of --to; empty for no end.
func (f *rangeFlags) add(fs *pflag.FlagSet, from, to string) {
	f.addRange(fs, from, to)
	fs.Int64Var(&f.limit, "limit", 0, "stop after so many lines; 0, the default, for no limit")
}

// addWarmUp adds --warmup.
func (f *rangeFlags) addWarmUp(fs *pflag.FlagSet) {
	fs.Var(&f.warmUp, "warmup", "read so much further back than --from says, and print none of it: the first windows are whole, and forecasts have learnt")
}

// addRange adds all but the limit on lines.
func (f *rangeFlags) addRange(fs *pflag.FlagSet, from, to string) {
	fs.StringVar(&f.from, "from", from, "first offset: start, end, N, +N, -N, @TIME, @-15m; per partition 0=100,1=end")
	fs.StringVar(&f.to, "to", to, "offset to stop at: as --from; +N is N after --from")
	fs.StringVar(&f.partitions, "partitions", "", "partitions to read, as in 0,2-5 (default: all)")
	fs.Var(&f.timeout, "timeout", "stop after so long; 0, the default, for no limit")
	f.onGap = newChoice(gapFail, gapSkip)
	if to == "" {
		f.onGap = newChoice(gapSkip, gapFail)
	}
	fs.Var(&f.onGap, "on-gap", "offsets that are gone or cannot be read: skip tells, counts and goes on; fail does so to the end of the range and is exit code 4, without an end it stops there")
}

// The words of --on-gap.
const (
	gapFail = "fail"
	gapSkip = "skip"
)

// failsOnGap says that a run with a gap has failed.
func (f *rangeFlags) failsOnGap() bool { return f.onGap.value == gapFail }

// notCovered is the error of a bounded reading that lost something, unless that
// was to be skipped.
func (f *rangeFlags) notCovered(gaps []stream.GapRead) error {
	if !f.failsOnGap() {
		return nil
	}
	return notCovered(gaps, "--on-gap skip takes what is there for the range")
}

// notCovered is the error of a bounded reading that lost something; hint says
// what to do.
func notCovered(gaps []stream.GapRead, hint string) error {
	if len(gaps) == 0 {
		return nil
	}
	more := ""
	if n := len(gaps) - 1; n > 0 {
		more = fmt.Sprintf(" (and %s)", count(int64(n), "more gap"))
	}
	return incompleteError{fmt.Errorf("the range was not covered: %v%s; %s", gaps[0], more, hint)}
}

// checkLimits looks at the flags that have nothing to do with a cluster.
func (f *rangeFlags) checkLimits() error {
	switch {
	case f.limit < 0:
		return usagef("--limit %d is negative: use 1 or more, or leave it out", f.limit)
	case f.warmUp < 0:
		return usagef("--warmup %v is negative: use for example 10m", f.warmUp.std())
	case f.timeout < 0:
		return usagef("--timeout %v is negative: use for example 30s", f.timeout.std())
	}
	return nil
}

// spec checks the flags. live ranges have no end.
func (f *rangeFlags) spec(now time.Time, live bool) (kafka.RangeSpec, error) {
	spec := kafka.RangeSpec{Bounded: !live}
	err := f.checkLimits()
	if err != nil {
		return spec, err
	}
	if spec.From, err = kafka.ParseOffsets(f.from, now); err != nil {
		return spec, usagef("--from %w", err)
	}
	if f.to != "" {
		if spec.To, err = kafka.ParseOffsets(f.to, now); err != nil {
			return spec, usagef("--to %w", err)
		}
	}
	if spec.Partitions, err = kafka.ParsePartitions(f.partitions); err != nil {
		return spec, usagef("--partitions %w", err)
	}
	return spec, nil
}
