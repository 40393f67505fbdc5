package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// lineOptions are the flags of the commands that print windows.
type lineOptions struct {
	connectionFlags
	rangeFlags
	recordFlags
	windowFlags
	aggFlags
	modelFlags
	outputFlags
	sinkFlags
	boundFlags
	groupFlag
	metrics metricsFlag
	between betweenFlag
	input   string
	// names are of what --agg asks for.
	names stream.Aggregates
	// inert are flags that were given and mean nothing beside the others.
	inert []string
	// neverIdle says that --idle-timeout is one, because of --input.
	neverIdle bool
	// board is what a screen shows of the run; nil where lines are printed.
	board *stream.Board
	// run takes the place of stream.Run; nil for that.
	run func(context.Context, stream.Config, stream.Source) (*stream.Summary, error)
	// progress is the bar of a bounded run that somebody watches; nil for none.
	progress *progressBar
	live     bool
}

func (o *lineOptions) addFlags(fs *pflag.FlagSet, from, to, output string) {
	o.connectionFlags.add(fs)
	o.rangeFlags.add(fs, from, to)
	o.addWarmUp(fs)
	o.recordFlags.add(fs)
	o.windowFlags.add(fs, o.live)
	o.aggFlags.add(fs)
	o.modelFlags.add(fs)
	o.outputFlags.add(fs, output)
	o.sinkFlags.add(fs)
	o.boundFlags.add(fs)
	o.metrics.add(fs)
	addLogFile(fs)
	o.addInput(fs)
	if o.live {
		o.groupFlag.add(fs)
	}
}

// addInput adds the flags of an input that is no broker.
func (o *lineOptions) addInput(fs *pflag.FlagSet) {
	fs.StringVar(&o.input, "input", "", "read envelope lines from a file, or - for stdin, instead of a broker")
	o.addMemory(fs)
}

// config checks every flag before anything is opened.
func (o *lineOptions) config(ctx context.Context, e *env) (stream.Config, error) {
	cfg := stream.Config{Live: o.live, Workers: o.workers, Limit: o.limit, Timeout: o.timeout.std()}
	asked, err := o.aggFlags.parse()
	o.Distinct, o.names = asked.Distinct, asked.Aggregates
	if err := errors.Join(err, o.checkLimits(), o.outputFlags.check(), o.checkSinks(), o.metrics.check(), o.recordFlags.check(ctx, e, &o.connectionFlags, o.notice(e))); err != nil {
		return cfg, err
	}
	if cfg.Window, err = o.windowFlags.config(o.windowStep()); err != nil {
		return cfg, err
	}
	cfg.Window.Aggregates = window.AggregateSpec{Quantiles: asked.quantiles, Distinct: len(asked.Distinct)}
	if err := o.between.resolve(e.now(), cfg.Window, o.OwnTime()); err != nil {
		return cfg, err
	}
	cfg.OwnTime = o.OwnTime()
	cfg.Window.Within = o.between.span
	cfg.UntilPast = o.between.isSet() && o.input == ""
	if cfg.Forecasts, err = o.forecasts(); err != nil {
		return cfg, err
	}
	if cfg.Forecasts != nil {
		cfg.Forecasts.Windows = cfg.Window.History
	}
	cfg.Measure = o.measure()
	if err := o.openModel(e, cfg.Forecasts); err != nil {
		return cfg, err
	}
	if err := o.bound(&cfg); err != nil {
		return cfg, err
	}
	if o.processing() {
		cfg.Domain = stream.ProcessingTime
	}
	cfg.Sinks = o.sinks(e, o.names)
	cfg.StopAtGap = o.live && o.failsOnGap()
	cfg.Now = func() window.Time { return window.Time(e.now().UnixMilli()) }
	cfg.Notice = o.tell(e)
	return cfg, nil
}

// checkArgs refuses what does not go together.
func (o *lineOptions) checkArgs(cmd *cobra.Command, topics []string) error {
	if err := o.between.check(cmd.Flags()); err != nil {
		return err
	}
	if err := o.checkGroup(cmd.Flags()); err != nil {
		return err
	}
	o.noteInert(cmd.Flags())
	if o.input == "" {
		if len(topics) == 0 {
			return usagef("name a topic: %s TOPIC, or --input FILE", cmd.CommandPath())
		}
		return nil
	}
	for _, name := range []string{"brokers", "property", "property-file", "from", "to", "partitions", "on-gap", "warmup"} {
		if cmd.Flags().Changed(name) {
			return usagef("--%s does not go with --input %s, which is read whole and without a broker: leave one out", name, o.input)
		}
	}
	return nil
}

// noteInert remembers the flags that were given and mean nothing in processing
// time, or of lines that have no arrival.
func (o *lineOptions) noteInert(fs *pflag.FlagSet) {
	o.neverIdle = o.input != "" && fs.Changed("idle-timeout")
	if !o.processing() {
		return
	}
	for _, name := range []string{"out-of-orderness", "allowed-lateness", "emit", "max-future", "idle-timeout"} {
		if fs.Changed(name) {
			o.inert = append(o.inert, "--"+name)
		}
	}
}
