package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"
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
		Long: `tail reads topics live, from the end unless --from says otherwise, and prints one
JSON line for every window the moment it closes, until it is interrupted. It joins
no consumer group and commits nothing.`,
		Example: `  oriel tail sensors --time ts --value temp
  oriel tail sensors -w 1m -o table
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
	if o.timeout > 0 {
		// Not a deadline: the connections would take it for a broker that is mute.
		var stop context.CancelCauseFunc
		ctx, stop = context.WithCancelCause(ctx)
		defer stop(nil)
		defer time.AfterFunc(o.timeout.std(), func() { stop(errTimeUp) }).Stop()
	}
	err := o.execute(ctx, e, topics)
	if cause := context.Cause(ctx); errors.Is(cause, errInterrupted) || errors.Is(cause, errTimeUp) {
		return nil
	}
	return err
}
