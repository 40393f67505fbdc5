package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/stream/decode"
)

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
