package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

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

// notice returns where to say what is wrong during a run, and what has happened:
// on the screen, if there is one, else on stderr.
func (o *lineOptions) notice(e *env) func(stream.Notice) {
	return func(n stream.Notice) {
		if o.board == nil {
			o.progress.above(func() { e.sayNotice(n) })
			return
		}
		o.board.Tell(n)
		if n.Text != "" {
			e.log.note(n.Text)
		}
	}
}

// tell returns where to say what has happened.
func (o *lineOptions) tell(e *env) func(text string) {
	notice := o.notice(e)
	return func(text string) { notice(stream.Notice{Text: text}) }
}

// isSilent says that nobody wants to hear what happens: --quiet speaks of stderr,
// not of the screen.
func (o *lineOptions) isSilent() bool { return o.quiet && o.board == nil }

// tellAll says what has happened.
func (o *lineOptions) tellAll(e *env, notes []string) {
	if o.isSilent() {
		return
	}
	for _, note := range notes {
		o.tell(e)(note)
	}
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

// sampleSize is how many records are looked at to choose format and value.
const sampleSize = 64

// prepare opens the reading, decides how records are decoded and completes
// the config. Of a bounded run --timeout is left what remains of it.
func (o *lineOptions) prepare(ctx context.Context, e *env, topics []string, cfg *stream.Config) (*reading, *decode.Plan, error) {
	began := e.now()
	preparing, stop := ctx, func() {}
	if !o.live {
		preparing, stop = o.limited(ctx)
	}
	defer stop()
	r, plan, err := o.start(preparing, e, topics)
	switch cause := context.Cause(preparing); {
	case err == nil:
	case errors.Is(cause, stream.ErrTimeout):
		missing := "gave its first record"
		if o.input != "" {
			missing = "ended" // a bounded run reads it whole before anything else
		}
		return nil, nil, fmt.Errorf("%w before %s %s: raise --timeout %v", cause, o.cluster(), missing, o.timeout.std())
	default:
		return nil, nil, cmp.Or(cause, err)
	}
	if err := o.checkMeasure(plan.Series); err != nil {
		r.close()
		return nil, nil, err
	}
	if cfg.Timeout > 0 {
		cfg.Timeout = max(time.Millisecond, cfg.Timeout-e.now().Sub(began))
	}
	cfg.NewDecoder, cfg.Stopped = plan.NewDecoder, o.Registry.Stop
	cfg.Window.Series = plan.Series
	cfg.Paced, cfg.Gaps = r.paced, r.gaps
	if err := o.join(ctx, e, r, plan, cfg); err != nil {
		r.close()
		return nil, nil, err
	}
	if o.neverIdle && !o.quiet {
		e.say("lines of --input have no arrival, so no partition is idle before the end: --idle-timeout is not looked at")
	}
	if len(o.inert) > 0 && !o.quiet {
		e.say("in processing time nothing is late, idle or in the future, so this is not looked at: %s", strings.Join(o.inert, ", "))
	}
	if w := o.tight(&cfg.Window); w != "" && !o.quiet {
		e.say("%s", w)
	}
	return r, plan, nil
}

// start opens the reading and looks at its first records.
func (o *lineOptions) start(ctx context.Context, e *env, topics []string) (*reading, *decode.Plan, error) {
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
	return r, plan, nil
}

// plan decides how records are decoded from the first of them. A live run of a
// topic that has none yet waits for them.
func (o *lineOptions) plan(ctx context.Context, e *env, r *reading) (*decode.Plan, error) {
	var err error
	if r.sampled, err = r.sample(ctx); err != nil {
		return nil, err
	}
	defer context.AfterFunc(ctx, o.Registry.Stop)()
	plan, err := o.Resolve(r.sampled)
	if err == nil && plan.Open() && o.live {
		plan, err = o.awaitPlan(ctx, e, r)
	}
	if err := cmp.Or(context.Cause(ctx), err); err != nil { // a registry that was stopped knows nothing
		return nil, err
	}
	if plan.Reason != "" && !o.quiet {
		e.say("%s", plan.Reason)
	}
	if o.live && !o.isSilent() && len(r.sampled) > 0 && !plan.Usable(r.sampled) {
		// A live run has no end at which this would be told in time.
		o.tell(e)("so far " + plan.Explain(r.sampled))
	}
	return plan, nil
}

// awaitPlan waits for records that tell how to decode them, or for enough that
// do not.
func (o *lineOptions) awaitPlan(ctx context.Context, e *env, r *reading) (plan *decode.Plan, err error) {
	tell := func(stream.Notice) {}
	if !o.isSilent() {
		tell = o.notice(e)
	}
	none := stream.Trouble{Kind: stream.NoRecord}
	tell(stream.Notice{Text: "waiting for the first record, to see what its fields are", Trouble: none})
	defer tell(stream.Notice{Trouble: none, Over: true})
	for n := 1; n <= sampleSize && (plan == nil || plan.Open()); n *= 2 {
		if r.sampled, err = r.await(ctx, n); err != nil {
			return nil, err
		}
		r.awaited = true
		if plan, err = o.Resolve(r.sampled); err != nil {
			return nil, err
		}
	}
	if len(r.sampled) > 0 {
		tell(stream.Notice{Text: "the first record is there", Trouble: none, Over: true})
	}
	return plan, nil
}

// observe gives the run a board if somebody looks at it: the screen's, whose
// metrics are served already, or one of totals for the metrics alone.
func (o *lineOptions) observe(ctx context.Context, e *env, topics []string, cfg *stream.Config) (stop func(), err error) {
	if cfg.Board = o.board; o.board == nil && o.metrics != "" {
		cfg.Board = o.newBoard(topics, cfg, true)
		return o.metrics.serve(ctx, e, cfg.Board, o.quiet)
	}
	return func() {}, nil
}

// newBoard returns a board of the run; of its totals only, where there is no screen.
func (o *lineOptions) newBoard(topics []string, cfg *stream.Config, totalsOnly bool) *stream.Board {
	return stream.NewBoard(stream.BoardConfig{
		Topics: topics, Cluster: o.cluster(), Group: o.group, Window: cfg.Window, Domain: cfg.Domain, Now: cfg.Now, TotalsOnly: totalsOnly,
	})
}

// execute runs the pipeline and accounts for it.
func (o *lineOptions) execute(ctx context.Context, e *env, topics []string) error {
	cfg, err := o.config(ctx, e)
	if err != nil {
		return err
	}
	defer o.Registry.Stop() // a screen tries again, with another
	stop, err := o.observe(ctx, e, topics, &cfg)
	if err != nil {
		return err
	}
	defer stop()
	r, plan, err := o.prepare(ctx, e, topics, &cfg)
	if err != nil {
		return err
	}
	defer r.close()
	if m := o.external.model; m != nil {
		defer m.Close()
		if o.live {
			m.Warm(ctx)
		}
	}
	out, err := o.openOutputs(ctx, e, cfg.Sinks, r.producers)
	if err != nil {
		return err
	}
	cfg.Sinks = out.sinks
	if out.rejects != nil {
		cfg.Rejects = out.rejects
	}
	cfg.Progress = &stream.Progress{}
	if e.stderrIsTerminal && !o.quiet && !o.live {
		o.progress = showProgress(ctx, e, cfg.Progress, topics)
	}
	run := stream.Run
	if o.run != nil {
		run = o.run
	}
	sum, err := run(ctx, cfg, r.source)
	left := r.leave(ctx)
	if o.live && isEndOfLive(err) {
		err = nil
	}
	err = out.close(cmp.Or(err, left), sum)
	o.progress.hide()
	o.tellTotals(e, sum)
	return o.verdict(err, sum, plan, r)
}

// tellTotals says what became of the records of a run.
func (o *lineOptions) tellTotals(e *env, sum *stream.Summary) {
	width := 0 // programs take a paragraph as it is
	if e.stderrIsTerminal {
		width = e.stderrWidth
	}
	if !o.quiet {
		_, _ = io.WriteString(e.stderr, describe(sum, o.live, width))
	}
	e.log.note(describe(sum, o.live, 0))
}

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
