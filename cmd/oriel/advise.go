package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/stream/ndjson"
	"github.com/oriel-stream/oriel/stream/table"
)

// adviseOptions are the flags of advise.
type adviseOptions struct {
	lineOptions
	output choice
}

func newAdvise(e *env) *cobra.Command {
	o := &adviseOptions{output: newChoice("table", "json")}
	cmd := &cobra.Command{
		Use:   "advise TOPIC",
		Short: "Say how far out of order records are, and which bound to use",
		Long: `advise reads a range once, from the start to the end as it was when it began
unless --from and --to say otherwise, and says how far the records of each
partition are behind the newest event time before them: p99 is 2s where 99% are
at most 2s behind. A large --out-of-orderness loses no record, and every window
closes that much later. So a second table has for each what replay would lose:

  late           records that lose all windows they belong to
  partly late    records that lose some of them
  recommended    the smallest that loses windows of at most 0.1% of the records
  loses nothing  the smallest at which no record loses a window

The numbers are of all partitions together, and of the windows of --window, open
for --allowed-lateness after their ends. They are what replay counts of the same
range with the same flags. Only records that can be read are counted; the others
are unusable, or filtered if --where is false for them.

A third table names the leaps: event times more than --max-future ahead of the
newest of their partition, or, where --time reads them, of the Kafka timestamp.
Those of the latter are refuted. A create time waits for the records behind it:
one from before the leap refutes it, else it is believed. A refuted time counts
nowhere.

-o json prints an object for each partition, and one for all.

EXIT STATUS
  0    done, also where there is no record
  1    failed, or no record could be read
  2    wrong usage, or an unknown topic
  3    no connection, or not authorised
  4    the range could not be covered: retention (unless --on-gap skip), or
       --timeout; what was read is printed
  130  interrupted`,
		Example: `  oriel advise sensors --time ts
  oriel advise sensors --time ts -w 1m -w 10s/1s --from @-1h
  oriel advise sensors -o json | jq 'select(.partition == null).recommended_ms'
  kcat -C -b localhost:9092 -t sensors -J -e | oriel advise --input -`,
		Args: usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.checkArgs(cmd, args); err != nil {
				return err
			}
			return runAdvise(cmd.Context(), e, o, args)
		},
	}
	o.addFlags(cmd.Flags())
	return cmd
}

func (o *adviseOptions) addFlags(fs *pflag.FlagSet) {
	o.connectionFlags.add(fs)
	o.addRange(fs, "start", "end")
	o.recordFlags.add(fs)
	o.addSpecs(fs)
	o.addAllowedLateness(fs)
	o.addInput(fs)
	fs.VarP(&o.output, "output", "o", "advice as table or json")
	fs.BoolVar(&o.quiet, "quiet", false, "print nothing but advice and errors")
}

func runAdvise(ctx context.Context, e *env, o *adviseOptions, topics []string) error {
	cfg := stream.Config{Timeout: o.timeout.std()}
	if err := errors.Join(o.checkLimits(), o.recordFlags.check(ctx, e, &o.connectionFlags, o.notice(e))); err != nil {
		return err
	}
	var err error
	if cfg.Window, err = o.windowFlags.config(-1); err != nil {
		return err
	}
	r, plan, err := o.prepare(ctx, e, topics, &cfg)
	if err != nil {
		return err
	}
	defer r.close()
	advice, err := o.advise(ctx, e, topics, cfg, r)
	err = o.verdict(err, adviceSummary(advice), plan, r)
	switch exitCode(err) {
	case exitDone, exitIncomplete:
		return errors.Join(err, o.write(e, advice))
	default:
		return err
	}
}

// advise reads the range while a bar shows how far it is.
func (o *adviseOptions) advise(ctx context.Context, e *env, topics []string, cfg stream.Config, r *reading) (*stream.Advice, error) {
	ctx, stop := within(ctx, cfg.Timeout, stream.ErrTimeout)
	defer stop()
	defer context.AfterFunc(ctx, o.Registry.Stop)()
	progress := &stream.Progress{}
	if e.stderrIsTerminal && !o.quiet {
		o.progress = showProgress(ctx, e, progress, topics)
	}
	advice, err := stream.Advise(ctx, stream.AdviceConfig{
		Specs: cfg.Window.Specs, AllowedLateness: cfg.Window.AllowedLateness, MaxFuture: cfg.Window.MaxFuture, NewDecoder: cfg.NewDecoder, Progress: progress,
	}, r.source)
	o.progress.hide()
	advice.Gaps = append(r.gaps, advice.Gaps...)
	return advice, err
}

// adviceSummary is what an advice tells of how the reading went.
func adviceSummary(a *stream.Advice) *stream.Summary {
	return &stream.Summary{
		Records: a.All.Records(), Rejects: a.All.Rejects, Gaps: a.Gaps,
		Filtered: a.All.Filtered, FilteredUsable: a.All.FilteredUsable,
	}
}

func (o *adviseOptions) write(e *env, a *stream.Advice) error {
	if o.output.value == "json" {
		_, err := e.stdout.Write(ndjson.AppendAdvice(nil, a))
		return err
	}
	return table.Advice(e.stdout, tableWidth(e), a)
}
