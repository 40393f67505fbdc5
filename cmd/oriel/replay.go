package main

import (
	"context"

	"github.com/spf13/cobra"
)

// replayOptions are the flags of replay.
type replayOptions struct {
	lineOptions
}

func newReplay(e *env) *cobra.Command {
	o := &replayOptions{}
	cmd := &cobra.Command{
		Use:   "replay TOPIC...",
		Short: "Compute windows once over a range of offsets",
		Long: `replay reads a range of offsets once, from the start to the end as it was when
it began unless --from and --to say otherwise, and prints one JSON line for
every window. The same offsets and flags give the same bytes.

With --between A,B it prints the windows that start at A or later and end at B
or earlier, as a replay of the whole topic would, and reads only as much of each
partition as can be in them: it looks up where to begin by the Kafka timestamps,
and stops where the partition's watermark has passed B. Counts and rejects are
those of what was read, and so is which keys --max-keys refuses; prediction
intervals are learnt from it alone.

Offsets that retention has removed, before or while it reads, are told and
counted; it reads on to the end of the range and ends with exit code 4, or, with
--on-gap skip, with 0. --from start is wherever the log starts now.

With --input FILE it reads envelope lines, as kcat -J prints them, instead of a
broker; TOPIC then filters and may be left out.`,
		Example: `  oriel replay sensors --time ts --value temp -w 1m/10s
  oriel replay sensors --from @-1h --model holt | jq .forecast.mean
  oriel replay sensors --between 2026-11-22T06:00:00Z,2026-11-22T06:10:00Z
  kcat -C -b localhost:9092 -t sensors -J -e | oriel replay --input -`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.checkArgs(cmd, args); err != nil {
				return err
			}
			return runReplay(cmd.Context(), e, o, args)
		},
	}
	o.addFlags(cmd.Flags(), "start", "end", "json")
	o.between.add(cmd.Flags())
	return cmd
}

func runReplay(ctx context.Context, e *env, o *replayOptions, topics []string) error {
	return o.execute(ctx, e, topics)
}
