package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/pflag"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/stream/decode"
	"github.com/oriel-stream/oriel/window"
)

// groupFlag makes a live command resume where a consumer group stands, and commit.
type groupFlag struct {
	group string
	// unheard is a --from that counts only where the group stands nowhere.
	unheard bool
}

func (f *groupFlag) add(fs *pflag.FlagSet) {
	fs.StringVar(&f.group, "group", "", "consumer group to share the partitions with, resume from and commit to (default: none)")
}

// grouped says that there is a group.
func (f *groupFlag) grouped() bool { return f.group != "" }

// checkGroup refuses what does not go with --group.
func (o *lineOptions) checkGroup(fs *pflag.FlagSet) error {
	if !o.grouped() {
		if fs.Changed("group") {
			return usagef(`--group "" is no name: name a group, as in --group alerts, or leave it out`)
		}
		return nil
	}
	does := "does not go with --group " + o.group
	switch {
	case o.input != "":
		return usagef("--input %s %s: lines of a file have no group; leave one out", o.input, does)
	case len(o.Keys) > 0:
		return usagef("--key %s %s, where every partition has windows of its own and keys are the Kafka keys: leave one out", o.Keys[0], does)
	case o.processing():
		return usagef("--time-domain processing %s, whose lines must be the same when they come again: use event time, or leave --group out", does)
	case o.warmUp != 0:
		return usagef("--warmup %v %s, which reads again what its windows need: leave one out", o.warmUp.std(), does)
	case o.partitions != "":
		return usagef("--partitions %s %s, whose members share all partitions: leave one out", o.partitions, does)
	case o.to != "":
		return usagef("--to %s %s, which goes on from where it ended: leave one out", o.to, does)
	}
	o.unheard = fs.Changed("from")
	return nil
}

// membership is a member of a consumer group: what it reads and what it commits.
type membership interface {
	stream.Source
	stream.Commits
	// Close commits what was flushed last, and leaves the group. It is called when
	// Run has returned.
	Close(context.Context) error
}

// join makes the reading that of a member of the group, if there is one, and
// completes the config. What windows hold is part of it: the group's checkpoints
// are of these windows alone.
func (o *lineOptions) join(ctx context.Context, e *env, r *reading, plan *decode.Plan, cfg *stream.Config) error {
	if !o.grouped() {
		return nil
	}
	if o.unheard && !o.quiet {
		e.say("--from %s counts for the partitions of which group %q has committed nothing", o.from, o.group)
	}
	member, err := r.join(ctx, o.group)
	if err != nil {
		return err
	}
	r.source, r.leave = member, func(ctx context.Context) error { return member.Close(context.WithoutCancel(ctx)) }
	cfg.Group = &stream.Group{Commits: member, Spec: stream.SpecOf(o.windowsOf(&cfg.Window, plan))}
	return nil
}

// windowsOf describes what decides on the content of a line, and on when it comes:
// a checkpoint of one run means nothing to a run in which this differs. What is
// forecast is not part of it, nor what clocks and limits decide.
func (o *lineOptions) windowsOf(w *window.PartitionConfig, plan *decode.Plan) string {
	var specs []string
	for _, s := range w.Specs {
		specs = append(specs, fmt.Sprintf("%d/%d+%d", s.Size, s.Hop, s.Origin%s.Hop))
	}
	slices.Sort(specs)
	history := 0
	if w.Empty {
		history = w.History
	}
	at := ""
	if o.OwnTime() {
		at = fmt.Sprintf("%s as %s", o.Time, o.TimeUnit)
	}
	return fmt.Sprintf("windows=%q ooo=%d late=%d emit=%v empty=%d future=%d format=%q time=%q series=%q values=%q where=%q agg=%q",
		specs, w.OutOfOrderness, w.AllowedLateness, w.Emit, history, w.MaxFuture, plan.Format, at, plan.Series, o.Values, o.Where, o.aggs)
}
