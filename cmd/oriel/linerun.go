package main

import (
	"cmp"
	"context"
	"io"

	"github.com/oriel-stream/oriel/stream"
)

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
