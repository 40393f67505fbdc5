package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/stream/decode"
	"github.com/oriel-stream/oriel/window"
)

// lineOptions are the flags of the commands that print windows.
type lineOptions struct {
	connectionFlags
	rangeFlags
	recordFlags
	windowFlags
	modelFlags
	outputFlags
	input     string
	maxMemory byteSize
	live      bool
}

func (o *lineOptions) addFlags(fs *pflag.FlagSet, from, to, output string) {
	o.connectionFlags.add(fs)
	o.rangeFlags.add(fs, from, to)
	o.recordFlags.add(fs)
	o.windowFlags.add(fs, o.live)
	o.modelFlags.add(fs)
	o.outputFlags.add(fs, output)
	fs.StringVar(&o.input, "input", "", "read envelope lines from a file, or - for stdin, instead of a broker")
	o.maxMemory = defaultMaxMemory
	fs.Var(&o.maxMemory, "max-memory", "how much of an --input from a pipe may be held in memory")
}

// defaultMaxMemory bounds what is held of an input that can be read only once.
const defaultMaxMemory = 1 << 30

// config checks every flag before anything is opened.
func (o *lineOptions) config(e *env) (stream.Config, error) {
	cfg := stream.Config{Live: o.live, Workers: o.workers, Limit: o.limit, Timeout: o.timeout.std()}
	if err := errors.Join(o.outputFlags.check(), o.recordFlags.check()); err != nil {
		return cfg, err
	}
	var err error
	if cfg.Window, err = o.windowFlags.config(o.windowStep()); err != nil {
		return cfg, err
	}
	if cfg.Forecasts, err = o.forecasts(); err != nil {
		return cfg, err
	}
	cfg.Sinks = o.sinks(e)
	cfg.Now = func() window.Time { return window.Time(e.now().UnixMilli()) }
	cfg.Notice = func(s string) { e.say("%s", s) }
	return cfg, nil
}

// checkArgs refuses what does not go together.
func (o *lineOptions) checkArgs(cmd *cobra.Command, topics []string) error {
	if o.input == "" {
		if len(topics) == 0 {
			return usagef("name a topic: %s TOPIC, or --input FILE", cmd.CommandPath())
		}
		return nil
	}
	for _, name := range []string{"brokers", "property", "from", "to", "partitions"} {
		if cmd.Flags().Changed(name) {
			return usagef("--%s does not go with --input %s, which is read whole and without a broker: leave one out", name, o.input)
		}
	}
	return nil
}

// sampleSize is how many records are looked at to choose format and value.
const sampleSize = 64

// prepare opens the reading, decides how records are decoded and completes
// the config.
func (o *lineOptions) prepare(ctx context.Context, e *env, topics []string, cfg *stream.Config) (*reading, *decode.Plan, error) {
	var r *reading
	var err error
	if o.input != "" {
		r, err = o.openInput(e, topics)
	} else {
		r, err = o.openTopics(ctx, e, topics)
	}
	if err != nil {
		return nil, nil, err
	}
	plan, err := o.plan(ctx, e, r)
	if err != nil {
		r.close()
		return nil, nil, err
	}
	cfg.NewDecoder = plan.NewDecoder
	cfg.Window.Series = plan.Series
	return r, plan, nil
}

// plan decides how records are decoded from the first of them. A live run of a
// topic that has none yet waits for them.
func (o *lineOptions) plan(ctx context.Context, e *env, r *reading) (*decode.Plan, error) {
	var err error
	if r.sampled, err = r.sample(ctx); err != nil {
		return nil, err
	}
	plan, err := o.Resolve(r.sampled)
	for n := 1; err == nil && plan.Open() && o.live && n <= sampleSize; n *= 2 {
		if n == 1 && !o.quiet {
			e.say("waiting for the first record, to see what its fields are")
		}
		if r.sampled, err = r.await(ctx, n); err != nil {
			return nil, err
		}
		plan, err = o.Resolve(r.sampled)
	}
	if err != nil {
		return nil, usageError{err}
	}
	if plan.Reason != "" && !o.quiet {
		e.say("%s", plan.Reason)
	}
	return plan, nil
}

// execute runs the pipeline and accounts for it.
func (o *lineOptions) execute(ctx context.Context, e *env, topics []string) error {
	cfg, err := o.config(e)
	if err != nil {
		return err
	}
	r, plan, err := o.prepare(ctx, e, topics, &cfg)
	if err != nil {
		return err
	}
	defer r.close()
	rejects, err := o.openRejects(e, o.live)
	if err != nil {
		return err
	}
	if rejects != nil {
		cfg.Rejects = rejects
	}
	cfg.Progress = &stream.Progress{}
	hide := func() {}
	if e.stderrIsTerminal && !o.quiet && !o.live {
		hide = showProgress(ctx, e, cfg.Progress, strings.Join(topics, " "))
	}
	sum, err := stream.Run(ctx, cfg, r.source)
	for _, s := range cfg.Sinks {
		err = errors.Join(err, s.Close())
	}
	hide()
	sum.Gaps = append(r.gaps, sum.Gaps...)
	err = errors.Join(err, rejects.close(), o.writeSummary(e, sum))
	if !o.quiet {
		_, _ = io.WriteString(e.stderr, describe(sum, o.live))
	}
	return o.verdict(err, sum, plan, r)
}

// verdict is the error of a run that ended without one but did not do what was
// asked: nothing could be used, or something was gone.
func (o *lineOptions) verdict(err error, sum *stream.Summary, plan *decode.Plan, r *reading) error {
	if errors.Is(err, stream.ErrTimeout) {
		return fmt.Errorf("%w before the end of the range: raise --timeout %v", err, o.timeout.std())
	}
	if err != nil || o.live && sum.Records == 0 {
		return err
	}
	if n := unusable(sum); n > 0 && n == sum.Records {
		return errors.New(plan.Explain(r.sampled))
	}
	if n, first := r.bad(); n > 0 && !o.live {
		return incompleteError{fmt.Errorf("%s of --input %s left out: the first is %s", count(n, "line"), o.input, first)}
	}
	if len(sum.Gaps) > 0 && !o.live {
		g := sum.Gaps[0]
		return incompleteError{fmt.Errorf("the range was not covered: %s/%d lost offsets %d to %d: %s",
			g.ID.Topic, g.ID.Partition, g.From, g.To-1, g.Reason)}
	}
	return nil
}

// unusable counts the records whose value, key or time could not be read.
func unusable(s *stream.Summary) int64 {
	var n int64
	for _, reason := range []stream.Reason{
		stream.Malformed, stream.Empty, stream.Null, stream.NoTime, stream.BadTime,
		stream.NoField, stream.NotANumber, stream.NotFinite,
	} {
		n += s.Rejects[reason]
	}
	return n
}
