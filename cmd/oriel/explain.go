package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/stream/kafka"
	"github.com/oriel-stream/oriel/stream/ndjson"
	"github.com/oriel-stream/oriel/stream/table"
	"github.com/oriel-stream/oriel/window"
)

// explainOptions are the flags of explain.
type explainOptions struct {
	connectionFlags
	recordFlags
	windowFlags
	aggFlags
	modelFlags
	// aggregates are what --agg asks for.
	aggregates      stream.Aggregates
	quantiles       []float64
	beyond, timeout duration
	output          choice
	line            string
	limit           int
	quiet           bool
}

func newExplain(e *env) *cobra.Command {
	o := &explainOptions{output: newChoice("table", "json"), beyond: 60_000}
	cmd := &cobra.Command{
		Use:   "explain TOPIC QUERY",
		Short: "Show how one window came about, record by record",
		Long: `explain computes one window of one key again and shows how it came about: its
records in order, what became of each and why, which record closed it in each
partition, the partitions' shares, the steps that a forecaster sees, and what
came out.

The query is a list of name=value, quoted where there are spaces:
  key=s-001    the key; key=null for none, key="null" for that word
  start=TIME   the start of the window: RFC 3339, or the time since the epoch in
               seconds or milliseconds
  series=NAME  the series, if --value reads several
  size=10s     or end=TIME, if several --window are given
  offsets=0:120-151,1:4-9
               the offsets that a line has; else they are looked up by time

The query can be a line that replay or tail printed, or --line can name a file
with one. Key, window, series and offsets are then those of the line. The window
is computed from the line's offsets alone and compared with it: every field that
the offsets determine must be the same. Use the other flags of the command that
printed the line: how records are read, --out-of-orderness, --origin, --agg, and
-m none if it had that, since the last digits of a number depend on the steps.

To find what came too late, reading goes on until the watermark of the partition
is --beyond behind the end of the window.

EXIT STATUS
  0    done, and the line is what its offsets give
  1    failed, or the line is something else
  2    wrong usage, or an unknown topic
  3    no connection, or not authorised
  4    the offsets could not be read: retention, or --timeout; or the line is
       not what is in the log, and alone cannot tell whether it was right
  130  interrupted`,
		Example: `  oriel explain sensors 'key=s-001 start=2026-11-22T06:00:20Z' --value temp
  oriel replay sensors -w 1m | sed -n 3p | oriel explain sensors --line -`,
		RunE: func(cmd *cobra.Command, args []string) error {
			q, err := o.query(e, cmd, args)
			if err != nil {
				return err
			}
			return runExplain(cmd.Context(), e, o, args[0], q)
		},
	}
	o.addFlags(cmd.Flags())
	return cmd
}

func (o *explainOptions) addFlags(fs *pflag.FlagSet) {
	o.connectionFlags.add(fs)
	o.recordFlags.add(fs)
	o.windowFlags.add(fs, false)
	o.aggFlags.add(fs)
	o.addSteps(fs)
	fs.StringVar(&o.line, "line", "", "file with the window line to explain, or - for stdin, instead of a query")
	fs.Var(&o.beyond, "beyond", "how far behind the end of the window to look for late records")
	fs.IntVar(&o.limit, "limit", 1000, "list at most so many records; the others are counted")
	fs.Var(&o.timeout, "timeout", "stop after so long; 0, the default, for no limit")
	fs.VarP(&o.output, "output", "o", "explanation as table or json")
	fs.BoolVar(&o.quiet, "quiet", false, "print nothing but the explanation and errors")
}

// query reads the query, from wherever it comes, and settles the window.
func (o *explainOptions) query(e *env, cmd *cobra.Command, args []string) (*explainQuery, error) {
	if err := o.check(cmd.Context(), e, args); err != nil {
		return nil, err
	}
	var q *explainQuery
	var err error
	if o.line != "" {
		q, err = o.lineFile(e)
	} else if q, err = parseExplainQuery(args[1:], e.now()); err != nil {
		err = usagef("query: %w", err)
	}
	switch {
	case err != nil:
		return nil, err
	case !q.hasKey && !slices.Equal(o.Keys, []string{"none"}):
		return nil, usagef("query: say which key, as in key=s-001, or key=null for none")
	case !q.hasKey:
		q.key.Null = true
	}
	if q.line != nil || q.size > 0 && !cmd.Flags().Changed("window") {
		o.windows = []string{window.Spec{Size: q.size, Hop: cmp.Or(q.hop, q.size)}.String()}
	}
	return q, nil
}

func (o *explainOptions) check(ctx context.Context, e *env, args []string) error {
	switch {
	case len(args) == 0:
		return usagef("name a topic and a window: oriel explain TOPIC QUERY, %s", queryExample)
	case o.line != "" && len(args) > 1:
		return usagef("--line %s does not go with the query %s: leave one out", o.line, strings.Join(args[1:], " "))
	case o.limit < 1 || o.limit > maxExplained:
		return usagef("--limit %d is out of range: use 1 to %d", o.limit, maxExplained)
	case o.beyond < 0:
		return usagef("--beyond %v is negative: use for example 1m", o.beyond.std())
	case o.timeout < 0:
		return usagef("--timeout %v is negative: use for example 30s", o.timeout.std())
	}
	asked, err := o.parse()
	o.aggregates, o.quantiles, o.Distinct = asked.Aggregates, asked.quantiles, asked.Distinct
	_, modelErr := o.forecaster()
	return errors.Join(err, o.recordFlags.check(ctx, e, &o.connectionFlags, e.sayNotice), modelErr)
}

// maxExplained bounds --limit: records that are listed are held.
const maxExplained = 1_000_000

func (o *explainOptions) lineFile(e *env) (*explainQuery, error) {
	file, err := e.open(o.line)
	if err != nil {
		return nil, usagef("--line: %w", err)
	}
	q, err := readGivenLine(file)
	_ = file.Close()
	if err != nil {
		return nil, usagef("--line %s: %w", o.line, err)
	}
	return q, nil
}

// config finds the window among those of the flags. What is left in the config
// is its spec alone.
func (o *explainOptions) config(q *explainQuery) (window.PartitionConfig, window.Span, error) {
	step := o.windowStep()
	if q.line != nil && !o.ofAggregates() {
		step = cmp.Or(q.line.step(), step)
	}
	cfg, err := o.windowFlags.config(step)
	if err != nil {
		return cfg, window.Span{}, err
	}
	cfg.Aggregates = window.AggregateSpec{Quantiles: o.quantiles, Distinct: len(o.Distinct)}
	if q.line != nil && q.line.Count == 0 {
		cfg.Empty, cfg.EmptyAtEnd = true, true
	}
	for _, s := range cfg.Specs {
		if q.size != 0 && s.Size != q.size || q.hop != 0 && s.Hop != q.hop {
			continue
		}
		if span := s.At(q.start); span.Start == q.start {
			cfg.Specs = []window.Spec{s}
			return cfg, span, nil
		}
	}
	s := cfg.Specs[0]
	before := s.At(q.start)
	return cfg, window.Span{}, usagef("no window of --window %s starts at %v: the nearest start at %v and %v; see --window and --origin",
		strings.Join(o.windows, " "), q.start, before.Start, before.Start.Add(s.Hop))
}

func runExplain(ctx context.Context, e *env, o *explainOptions, pattern string, q *explainQuery) error {
	cfg, span, err := o.config(q)
	if err != nil {
		return err
	}
	if o.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, o.timeout.std(), outOfTime(o.timeout))
		defer cancel()
	}
	defer context.AfterFunc(ctx, o.Registry.Stop)()
	client, err := o.open(ctx, e)
	if err != nil {
		return err
	}
	defer client.Close()
	x := &explanation{
		explainOptions: o, client: client, query: q, window: cfg, id: stream.WindowID{Key: q.key, Span: span},
		options: kafka.Options{
			Now:    func() window.Time { return window.Time(e.now().UnixMilli()) },
			Notice: e.sayNotice,
		},
	}
	found, err := x.explain(ctx, e, pattern)
	if err != nil {
		// What the end of ctx broke is no error of its own.
		return cmp.Or(context.Cause(ctx), err)
	}
	verdict := x.verdict(found)
	return cmp.Or(o.print(e.stdout, tableWidth(e), found), verdict)
}

func (o *explainOptions) print(w io.Writer, width int, found *stream.Explanation) error {
	if o.output.value == "json" {
		_, err := w.Write(append(ndjson.AppendExplanation(nil, found), '\n'))
		return err
	}
	return table.Explanation(w, width, found)
}
