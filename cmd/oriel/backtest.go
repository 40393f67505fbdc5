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

// backtestOptions are the flags of backtest.
type backtestOptions struct {
	lineOptions
	models []string
	by     choice
	output choice
	// series are the names of the numeric series, once they are known, and
	// rankings what was found.
	series   []string
	rankings *stream.Rankings
}

func newBacktest(e *env) *cobra.Command {
	o := &backtestOptions{by: newChoice("all", "key"), output: newChoice("table", "json")}
	cmd := &cobra.Command{
		Use:   "backtest TOPIC",
		Short: "Try every forecaster on the past of a topic, and rank them",
		Long: `backtest reads a range once, from the start to the end as it was when it began
unless --from and --to say otherwise, lets every model forecast from every
window as it closes, and compares what it forecast with what came. Each model is
judged as tail would judge it: by the windows as they were on time, with the
prediction intervals that its own errors make.

  MASE      mean absolute error, divided by that of the naive forecast, which
            says that the last value goes on: below 1 is better than that
  MAE       mean absolute error, in the unit of the series
  sMAPE     mean of 200|y-f|/(|y|+|f|), in percent; none where a y was below 0
  in 95%    how many truths were in the prediction interval of that level: the
            nearer to the level the better; an infinite one holds every truth
  width     mean width of these intervals: the narrower the better
  checked   forecasts of steps of which the truth came
  none      windows without a forecast, most often because of too few steps:
            oriel models tells how many each needs
  cost      mean time of a forecast: the one number that is never twice the same

The ranking is by MASE, and under it are the flags with which to use the winner.
There is a ranking for each --window and each series; with --by key also one for
each key, whose best model may be another.

All models are tried that need no season, and with --season those that do, too;
or those of -m, which counts on the command line only: also models of your own,
each of which is asked --workers times --model-outstanding questions at a time.
What they lose is counted and named under the ranking. -o json prints an object
for each model and ranking.

EXIT STATUS
  0    done, also where there is no record
  1    failed, or no usable value in any record
  2    wrong usage, or an unknown topic
  3    no connection, or not authorised
  4    the range could not be covered: retention, --timeout or --max-memory;
       what was read is ranked
  130  interrupted`,
		Example: `  oriel backtest sensors --time ts --value temp
  oriel backtest sensors -w 1m/10s --season 24 --from @-1d --by key
  oriel backtest sensors -m holt -m holt:beta=0.1 -m auto
  oriel backtest sensors -m auto -m exec:'python3 model.py'
  oriel backtest orders -w 1m --value none --forecast-input aggregates
  oriel backtest sensors -o json | jq -r 'select(.rank == 1) | .use'`,
		Args: usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.checkArgs(cmd, args); err != nil {
				return err
			}
			if !cmd.Flags().Changed("model") {
				o.models = nil
			}
			return runBacktest(cmd.Context(), e, o, cmd, args)
		},
	}
	o.addFlags(cmd.Flags())
	return cmd
}

func (o *backtestOptions) addFlags(fs *pflag.FlagSet) {
	o.connectionFlags.add(fs)
	o.addRange(fs, "start", "end")
	o.between.add(fs)
	o.recordFlags.add(fs)
	o.addOnTime(fs)
	fs.StringArrayVarP(&o.models, "model", "m", nil, "model to try, as in holt or holt:beta=0.1, or one of your own, as in exec:COMMAND; repeatable (default: all of ours)")
	o.addSeries(fs)
	o.addAhead(fs)
	o.anomaly = defaultAnomaly // looked at by nobody
	o.external.add(fs)
	o.boundFlags.add(fs)
	o.addInput(fs)
	fs.Var(&o.by, "by", "rank the models on all keys together, or on each key, too: all or key")
	fs.VarP(&o.output, "output", "o", "rankings as table or json")
	o.addFiles(fs)
	fs.BoolVar(&o.quiet, "quiet", false, "print nothing but rankings and errors")
	o.outputFlags.output = "none" // rankings are printed, and no lines
}

func runBacktest(ctx context.Context, e *env, o *backtestOptions, cmd *cobra.Command, topics []string) error {
	models, err := o.tried(e)
	if err != nil {
		return err
	}
	defer models.close()
	// The config wants one, and what is left of its forecasts holds for all.
	o.model = "naive"
	o.run = func(ctx context.Context, cfg stream.Config, src stream.Source) (sum *stream.Summary, err error) {
		o.series = cfg.Window.Series
		o.rankings, sum, err = stream.Backtest(ctx, cfg, models.ours, models.asked(), src)
		return sum, err
	}
	err = o.execute(ctx, e, topics)
	switch code := exitCode(err); {
	case o.rankings == nil, code != exitDone && code != exitIncomplete:
		return err
	}
	return errors.Join(err, o.write(e, cmd, topics))
}

// write prints the rankings.
func (o *backtestOptions) write(e *env, cmd *cobra.Command, topics []string) error {
	if len(o.rankings.Totals) == 0 {
		if !o.quiet {
			e.say("no window has closed: there is nothing to rank")
		}
		return nil
	}
	r := *o.rankings
	if o.by.value != "key" {
		r.Keys = nil
	}
	use := func(total *stream.Ranking) string { return o.use(cmd, topics, total) }
	if o.output.value == "json" {
		_, err := e.stdout.Write(ndjson.AppendRankings(nil, &r, use))
		return err
	}
	return table.Rankings(e.stdout, tableWidth(e), &r, use)
}
