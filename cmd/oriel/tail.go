package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/oriel-stream/oriel/stream"
)

// tailOptions are the flags of tail.
type tailOptions struct {
	lineOptions
}

func newTail(e *env) *cobra.Command {
	o := &tailOptions{lineOptions{live: true}}
	cmd := &cobra.Command{
		Use:   "tail TOPIC...",
		Short: "Print a line for every window as it closes",
		Long: `tail reads topics live, from the end unless --from says otherwise, and prints
one JSON line for every window the moment it closes, until it is interrupted.
Without --group it joins no consumer group and commits nothing; --sink
kafka:TOPIC writes the lines to another topic, too.

With --group NAME it shares the partitions with the other members of the group
and commits how far it has come, when the lines are written: started again, also
after a crash, it goes on from there. No line is lost, and with -m none one that
comes again is the same, byte for byte. Every partition then has a watermark of
its own, and keys are the Kafka keys.

Offsets that are gone are told and counted, and it goes on behind them, unless
--on-gap fail ends it there with exit code 4. A topic that is deleted and
created again is read anew from its beginning.`,
		Example: `  oriel tail sensors --time ts --value temp
  oriel tail sensors -w 1m -o table
  oriel tail sensors -w 1m -o none --sink kafka:sensors-1m
  oriel tail orders -w 1m --value total -m none --group o1 >> orders.jsonl
  oriel tail sensors | head -3`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.checkArgs(cmd, args); err != nil {
				return err
			}
			return runTail(cmd.Context(), e, o, args)
		},
	}
	o.addFlags(cmd.Flags(), "end", "", "json")
	return cmd
}

// errTimeUp is the cause of a live run that --timeout ended.
var errTimeUp = errors.New("--timeout has passed")

// runTail reads until it is interrupted, which is how a tail ends well.
func runTail(ctx context.Context, e *env, o *tailOptions, topics []string) error {
	ctx, stop := o.limited(ctx)
	defer stop()
	if err := o.execute(ctx, e, topics); !isEndOfLive(err) {
		return err
	}
	return nil
}

// limited returns a context that --timeout ends. Its cause is errTimeUp in a
// live run, which has then ended well, and stream.ErrTimeout in a bounded one.
func (o *lineOptions) limited(ctx context.Context) (context.Context, func()) {
	cause := stream.ErrTimeout
	if o.live {
		cause = errTimeUp
	}
	return within(ctx, o.timeout.std(), cause)
}

// within returns a context that ends after so long by a cause; 0 is for ever.
func within(ctx context.Context, limit time.Duration, cause error) (context.Context, func()) {
	if limit == 0 {
		return ctx, func() {}
	}
	// Not a deadline: the connections would take it for a broker that is mute.
	ctx, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(limit, func() { cancel(cause) })
	return ctx, func() {
		timer.Stop()
		cancel(nil)
	}
}

// outOfTime is the error of a bounded command that --timeout has cut short.
func outOfTime(limit duration) error {
	return fmt.Errorf("%w: raise --timeout %v", stream.ErrTimeout, limit.std())
}

// isEndOfLive says that a live run was ended as live runs are.
func isEndOfLive(err error) bool {
	return errors.Is(err, errInterrupted) || errors.Is(err, errTimeUp)
}
