package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/oriel-stream/oriel/stream/demo"
)

// demoOptions are the flags of demo.
type demoOptions struct {
	demo.Config
	screenFlags
	serve bool
	lines lineOptions
}

func newDemo(e *env) *cobra.Command {
	o := &demoOptions{Config: demo.DefaultConfig(), lines: lineOptions{live: true}}
	// The silent partition of the story is silent for 20s: it should be seen to
	// hold the watermark, to go idle and to hold it no longer.
	o.lines.idleTimeout = 8000
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show oriel on generated sensors, with a broker of its own",
		Long: `demo starts a Kafka broker inside the process, on a port of this machine only,
and feeds it with made-up sensors: seasons, trend and noise, disorder within and
beyond the bound, a partition that falls silent, a sensor whose clock is a day
ahead, broken payloads and now and then an anomaly. It then draws the dashboard
of watch, or prints JSON lines as tail does where stdout is no terminal.

With --serve it only serves, for commands in other terminals; with --records N
it loads exactly N records with fixed timestamps (the same seed, the same bytes)
and then serves.`,
		Example: `  oriel demo
  oriel demo --serve --port 9092
  oriel demo --records 1000000 --sensors 200 --port 9092`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.lines.noteInert(cmd.Flags())
			return runDemo(cmd.Context(), e, o)
		},
	}
	fs := cmd.Flags()
	fs.BoolVar(&o.serve, "serve", false, "serve the broker and the feed, and print nothing else")
	fs.IntVar(&o.Port, "port", o.Port, "port to serve on; 0, the default, for any free one")
	fs.Float64Var(&o.Rate, "rate", o.Rate, "records a second, of all sensors together")
	fs.IntVar(&o.Sensors, "sensors", o.Sensors, "number of sensors, which are the keys")
	fs.IntVar(&o.Partitions, "partitions", o.Partitions, "number of partitions")
	fs.Uint64Var(&o.Seed, "seed", o.Seed, "which readings are made up")
	fs.Int64Var(&o.Records, "records", 0, "load exactly so many records with fixed timestamps, then only serve; 0, the default, for the live feed")
	o.lines.windowFlags.add(fs, true)
	o.lines.modelFlags.add(fs)
	o.lines.outputFlags.add(fs, "")
	o.lines.boundFlags.add(fs)
	o.lines.addMemory(fs)
	o.screenFlags.add(fs)
	addLogFile(fs)
	return cmd
}

func runDemo(ctx context.Context, e *env, o *demoOptions) error {
	if err := o.Validate(); err != nil {
		return usageError{err}
	}
	broker, err := demo.Start(ctx, o.Config)
	if err != nil {
		return err
	}
	defer broker.Close()
	if o.Records > 0 {
		err = serveRecords(ctx, e, o, broker)
	} else {
		err = serveFeed(ctx, e, o, broker)
	}
	if errors.Is(context.Cause(ctx), errInterrupted) {
		return nil
	}
	return err
}

// serveRecords loads a fixed topic and serves it until it is interrupted.
func serveRecords(ctx context.Context, e *env, o *demoOptions, broker *demo.Broker) error {
	if err := broker.Load(ctx, o.Records); err != nil {
		return err
	}
	e.say("loaded %s into %s/0-%d", count(o.Records, "record"), o.Topic, o.Partitions-1)
	invite(e, o, broker)
	<-ctx.Done()
	return nil
}

// serveFeed runs the live feed, with the lines of a tail beside it unless only
// serving was asked for.
func serveFeed(ctx context.Context, e *env, o *demoOptions, broker *demo.Broker) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var feed sync.WaitGroup
	var feedErr error
	feed.Go(func() {
		if feedErr = broker.Run(ctx); feedErr != nil && ctx.Err() == nil {
			cancel(feedErr)
		}
	})
	invite(e, o, broker)
	var err error
	if o.serve {
		<-ctx.Done()
	} else {
		err = showDemo(ctx, e, o, broker)
	}
	cancel(nil)
	feed.Wait()
	if errors.Is(feedErr, context.Canceled) || errors.Is(feedErr, errInterrupted) {
		feedErr = nil
	}
	return errors.Join(err, feedErr)
}

// showDemo shows the demo's windows: on the screen, or as lines where stdout is
// no terminal or --output asks for them.
func showDemo(ctx context.Context, e *env, o *demoOptions, broker *demo.Broker) error {
	t := &tailOptions{lineOptions: o.lines}
	t.brokers, t.from = broker.Addr(), "start"
	t.Format, t.Time, t.TimeUnit, t.Values = "json", "ts", "auto", []string{"temp"}
	topics := []string{o.Topic}
	switch {
	case t.output != "":
		return runTail(ctx, e, t, topics)
	case e.stdoutIsTerminal:
		t.output = "none"
		return showScreen(ctx, e, &t.lineOptions, &o.screenFlags, "demo", topics)
	default:
		e.say("stdout is no terminal: printing JSON lines as tail does")
		t.output = "json"
		return runTail(ctx, e, t, topics)
	}
}

// invite says where the broker is and what to try. It goes to stdout where
// nothing else does.
func invite(e *env, o *demoOptions, broker *demo.Broker) {
	w := e.stderr
	if o.serve || o.Records > 0 {
		w = e.stdout
	}
	flags := fmt.Sprintf("%s -b %s --time ts --value temp", o.Topic, broker.Addr())
	_, _ = fmt.Fprintf(w, "A Kafka broker with made-up sensors listens on %s. In a second terminal:\n\n  %s\n\n", broker.Addr(), strings.Join([]string{
		"oriel tail " + flags + " -w 10s/1s -o table",
		"oriel replay " + flags + " -w 1m/10s --model holt",
		"oriel replay " + flags + " --rejects - -o none",
	}, "\n  "))
}
