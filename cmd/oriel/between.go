package main

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/stream/kafka"
	"github.com/oriel-stream/oriel/window"
)

// betweenFlag is --between: the windows inside a range of event time, and no
// more of the log than they need.
type betweenFlag struct {
	text string
	// span is what the text means, and since where to begin reading for it;
	// nothing without a text, and before resolve.
	span  window.Span
	since *kafka.Since
}

func (f *betweenFlag) add(fs *pflag.FlagSet) {
	fs.StringVar(&f.text, "between", "",
		"only windows inside a range of event time, as A,B: RFC 3339, a date, seconds or milliseconds since the epoch, or @-15m")
}

func (f *betweenFlag) isSet() bool { return f.text != "" }

// check refuses what says where to read as well. One from the environment gives
// way.
func (f *betweenFlag) check(fs *pflag.FlagSet) error {
	if !f.isSet() {
		return nil
	}
	for _, name := range []string{"from", "to", "warmup"} {
		switch {
		case !fs.Changed(name):
		case fs.Changed("between"):
			return usagef("--%s does not go with --between %s, which finds the offsets itself: leave one out", name, f.text)
		default:
			f.text = ""
		}
	}
	return nil
}

// resolve reads the flag. It must have room for a window of one of the specs.
func (f *betweenFlag) resolve(now time.Time, cfg window.PartitionConfig, inPayload bool) error {
	if !f.isSet() {
		return nil
	}
	from, to, two := strings.Cut(f.text, ",")
	if !two {
		return usagef("--between %q is one time: give two, as in 2026-11-22T06:00:00Z,2026-11-22T07:00:00Z", f.text)
	}
	var err error
	if f.span.Start, err = parseEventTime(from, now); err != nil {
		return usagef("--between %w", err)
	}
	if f.span.End, err = parseEventTime(to, now); err != nil {
		return usagef("--between %w", err)
	}
	if f.span.End <= f.span.Start {
		return usagef("--between %s ends at %v, which is not after its start %v: exchange the two", f.text, f.span.End, f.span.Start)
	}
	if !slices.ContainsFunc(cfg.Specs, func(s window.Spec) bool { return s.Fits(f.span) }) {
		return usagef("--between %s has no room for a window of %v: widen it", f.text, cfg.Specs[0])
	}
	f.since = sinceStart(f.span, cfg, inPayload)
	return nil
}

// settled is how many records more are read before a range whose event times are
// create times. One that leaps ahead waits until up to 32 others have said
// whether they believe it, as does the first that is read; some of these may be
// so late that they refute it.
const settled = 1024

// sinceStart is where to begin reading for the windows inside a span.
//
// An accepted event time from the payload is at most max-future ahead of its
// Kafka timestamp, so none from the span lies before the first record with a
// Kafka timestamp of start - max-future. The out-of-orderness on top makes the
// first event time that is read at least so long before the span, unless the log
// begins there: whether windows are incomplete is judged as in a replay of
// everything. Empty windows are of keys that came in one of the last windows.
func sinceStart(span window.Span, cfg window.PartitionConfig, inPayload bool) *kafka.Since {
	since := &kafka.Since{Time: span.Start, Slack: cfg.MaxFuture + cfg.OutOfOrderness, InPayload: inPayload}
	if !inPayload {
		since.Records = settled
	}
	if cfg.Empty {
		var hop window.Duration
		for _, s := range cfg.Specs {
			hop = max(hop, s.Hop)
		}
		since.Slack += window.Duration(cfg.History) * hop
	}
	return since
}

// whole is all of the partitions of a plan: what the first records of the log
// say of the others holds for any part of it.
func whole(plan kafka.Plan) []stream.Assignment {
	all := slices.Clone(plan.Assignments)
	for i := range all {
		all[i].Start = plan.LogStarts[all[i].ID]
	}
	return all
}
