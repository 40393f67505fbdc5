package main

import (
	"cmp"
	"context"
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/stream/kafka"
	"github.com/oriel-stream/oriel/window"
)

// peekOptions are the flags of peek.
type peekOptions struct {
	connectionFlags
	rangeFlags
	recordFlags
	output     choice
	all, quiet bool
}

func newPeek(e *env) *cobra.Command {
	o := &peekOptions{output: newChoice("table", "json")}
	cmd := &cobra.Command{
		Use:   "peek TOPIC",
		Short: "Show records as they lie in the log",
		Long: `peek shows records with partition, offset, event time, key, headers and payload,
what --value reads from them or the reason why it cannot, and with --time the
lag: how far the Kafka timestamp is behind the event time. Without --from these
are the last ten of each partition.

The table is in the order of the Kafka timestamps where it is of at most 10,000
records, else partition by partition; it cuts what is long. -o json has whole
records, partition by partition, as envelope lines like those of kcat -J.

With --all the range begins at the start unless --from is given, and the lines
of -o json follow one that says which offsets they are of: they are a dump of
the topic, and replay --input prints of it what replay prints of the topic. The
partitions of a dump come in turns of 20,000 offsets.

EXIT STATUS
  0    done, also where there is no record
  1    failed
  2    wrong usage, or an unknown topic
  3    no connection, or not authorised
  4    the range could not be covered: retention, or --timeout
  130  interrupted`,
		Example: `  oriel peek sensors
  oriel peek sensors --time ts --value temp --partitions 0 --from 1200 --to +20
  oriel peek sensors --from @-1h -o json | jq -r .payload
  oriel peek sensors -o json --all | oriel replay --input - --value temp`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.complete(cmd.Context(), e, cmd.Flags()); err != nil {
				return err
			}
			return runPeek(cmd.Context(), e, o, args[0])
		},
	}
	o.addFlags(cmd.Flags())
	return cmd
}

func (o *peekOptions) addFlags(fs *pflag.FlagSet) {
	o.connectionFlags.add(fs)
	o.rangeFlags.add(fs, "-10", "end")
	o.recordFlags.add(fs)
	fs.VarP(&o.output, "output", "o", "records as table or json (envelope lines)")
	fs.BoolVar(&o.all, "all", false, "from the start; with -o json a dump that replay --input reads")
	fs.BoolVar(&o.quiet, "quiet", false, "print nothing but records and errors")
}

// complete settles what flags say of each other.
func (o *peekOptions) complete(ctx context.Context, e *env, fs *pflag.FlagSet) error {
	if err := o.recordFlags.check(ctx, e, &o.connectionFlags, e.sayNotice); err != nil {
		return err
	}
	if !o.all {
		return nil
	}
	if o.isDump() && o.limit > 0 {
		return usagef("--limit %d does not go with --all -o json, which says that it is whole: use --to, or leave one out", o.limit)
	}
	if !fs.Changed("from") {
		o.from = "start"
	}
	return nil
}

// isDump says that a line with the ranges stands before the records.
func (o *peekOptions) isDump() bool { return o.all && o.output.value == "json" }

func runPeek(ctx context.Context, e *env, o *peekOptions, pattern string) error {
	if o.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, o.timeout.std(), outOfTime(o.timeout))
		defer cancel()
	}
	defer context.AfterFunc(ctx, o.Registry.Stop)()
	err := o.peek(ctx, e, pattern)
	// What the end of ctx broke is no error of its own, or none at all.
	return cmp.Or(context.Cause(ctx), err)
}

// peek opens the topics that the pattern names and prints their records.
func (o *peekOptions) peek(ctx context.Context, e *env, pattern string) error {
	spec, err := o.spec(e.now(), false)
	if err != nil {
		return err
	}
	client, err := o.open(ctx, e)
	if err != nil {
		return err
	}
	defer client.Close()
	topics, err := client.Resolve(ctx, []string{pattern})
	if err != nil {
		return err
	}
	plan, err := client.Ranges(ctx, topics, spec)
	if err != nil {
		return err
	}
	if !o.quiet {
		for _, note := range plan.Notes {
			e.say("%s", note)
		}
	}
	p := &peeking{
		client: client, assignments: plan.Assignments, limit: o.limit,
		options: kafka.Options{
			Now:    func() window.Time { return window.Time(e.now().UnixMilli()) },
			Notice: e.sayNotice,
		},
	}
	if p.printer, err = o.printer(ctx, e, p, len(topics) > 1); err != nil {
		return err
	}
	gaps, err := o.read(ctx, p)
	err = errors.Join(err, p.printer.flush())
	if err != nil {
		return err
	}
	if p.printed == 0 && !o.quiet {
		e.say("no record of %s from %s to %s", pattern, o.from, o.to)
	}
	return o.notCovered(append(plan.Gaps, gaps...))
}

// read prints the records in the order that suits the output.
func (o *peekOptions) read(ctx context.Context, p *peeking) ([]stream.GapRead, error) {
	var gaps []stream.GapRead
	err := errTooMuch
	switch {
	case o.isDump():
		gaps, err = p.inTurns(ctx)
	case o.output.value == "table":
		gaps, err = p.sorted(ctx)
	}
	if errors.Is(err, errTooMuch) {
		gaps, err = p.byPartition(ctx)
	}
	if errors.Is(err, errLimit) {
		err = nil
	}
	return gaps, err
}
