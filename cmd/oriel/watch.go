package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/stream/kafka"
	"github.com/oriel-stream/oriel/tui"
)

// watchOptions are the flags of watch.
type watchOptions struct {
	tailOptions
	screenFlags
}

func newWatch(e *env) *cobra.Command {
	o := &watchOptions{tailOptions: tailOptions{lineOptions{live: true}}}
	cmd := &cobra.Command{
		Use:   "watch TOPIC...",
		Short: "Show topics live: windows, watermark, lag and forecasts",
		Long: `watch reads topics live, from ten minutes ago unless --from says otherwise, and
draws a dashboard: event time against processing time, the watermark and what
holds it, windows as they open and close, and forecasts with their intervals.
Press ? for the keys. With stdout piped it behaves as tail. With --group NAME it
resumes and commits as tail does: what has been shown is shown.`,
		Example: `  oriel watch sensors --time ts --value temp
  oriel watch orders -w 1m/10s --from @-1h`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.checkArgs(cmd, args); err != nil {
				return err
			}
			if e.stdoutIsTerminal && cmd.Flags().Changed("sink") {
				return usagef("--sink does not go with the dashboard: write lines with oriel tail, beside it")
			}
			return runWatch(cmd.Context(), e, o, args)
		},
	}
	o.addFlags(cmd.Flags(), "@-10m", "", "json")
	o.screenFlags.add(cmd.Flags())
	return cmd
}

func runWatch(ctx context.Context, e *env, o *watchOptions, topics []string) error {
	if err := o.screenFlags.check(); err != nil {
		return err
	}
	if !e.stdoutIsTerminal {
		if o.output == "none" {
			e.say("stdout is no terminal: running as tail does")
		} else {
			e.say("stdout is no terminal: printing %s lines as tail does", o.output)
		}
		return runTail(ctx, e, &o.tailOptions, topics)
	}
	o.output, o.specs = "none", nil // a profile's --sink is for commands that print lines
	ctx, stop := o.limited(ctx)
	defer stop()
	return showScreen(ctx, e, &o.lineOptions, &o.screenFlags, "watch", topics)
}

// showScreen draws the dashboard while the run goes on behind it.
func showScreen(ctx context.Context, e *env, o *lineOptions, look *screenFlags, title string, topics []string) error {
	cfg, err := o.config(ctx, e)
	if err != nil {
		return err
	}
	defer o.Registry.Stop()
	keys, release, err := keyboard(e, o.input)
	if err != nil {
		return err
	}
	defer release()
	if o.input == "" {
		// Before the screen is drawn a person can be asked for a password.
		if _, err := o.connectionFlags.config(ctx, e); err != nil {
			return runError(err)
		}
	}
	o.board = o.newBoard(topics, &cfg, false)
	stopMetrics, err := o.metrics.serve(ctx, e, o.board, o.quiet)
	if err != nil {
		return err
	}
	defer stopMetrics()
	o.quiet = true
	running, stop := context.WithCancel(ctx)
	defer stop()
	drawing, quit := context.WithCancel(ctx)
	defer quit()
	ended := make(chan error, 1)
	go func() {
		err := keepTrying(running, e, o, topics)
		if err != nil {
			quit() // the run failed: the terminal is given back and says why
		}
		ended <- err
	}()
	drawErr := tui.Run(drawing, tui.Config{
		Control: o.board, Title: title, In: keys, Out: e.stdout, Profile: look.profile(e), ClusterColor: o.profile.color(), ASCII: look.ascii, Now: e.now, Local: time.Local,
	})
	stop()
	runErr := <-ended
	o.external.news.say(e)
	return errors.Join(drawError(e, drawErr), runError(runErr))
}

// drawError is what is wrong with the screen, if it was not simply closed. The
// trace of a crash goes to a file: it would not fit the terminal.
func drawError(e *env, err error) error {
	crash, crashed := errors.AsType[*tui.CrashError](err)
	switch {
	case crashed:
		path, saveErr := keepTrace(e, crash.Trace)
		if saveErr != nil {
			return errors.Join(crash, saveErr)
		}
		return fmt.Errorf("%w; the trace is in %s", crash, path)
	case errors.Is(err, context.Canceled), isEndOfLive(err):
		return nil
	}
	return err
}

// keepTrace writes a trace to --log-file or else to a temporary file, and returns
// its name.
func keepTrace(e *env, trace []byte) (path string, err error) {
	if e.log == nil {
		return e.saveCrash(trace)
	}
	e.log.note(string(trace))
	return e.log.path, nil
}

// runError is what went wrong behind the screen, if it was not simply ended.
func runError(err error) error {
	if errors.Is(err, context.Canceled) || isEndOfLive(err) {
		return nil
	}
	return err
}

// cluster names where the topics are, for the header.
func (o *lineOptions) cluster() string {
	switch o.input {
	case "":
		return o.connectionFlags.cluster()
	case "-":
		return "stdin"
	default:
		return o.input
	}
}

// retryAfter is how long a dashboard waits before it tries to connect again.
const retryAfter = 2 * time.Second

// errNeverConnected ends a dashboard that was closed before there was a broker.
var errNeverConnected = errors.New("closed before a broker answered")

// keepTrying runs until the screen is closed. As long as there is no broker it
// tries again behind a banner; if there never was one, that is its error.
func keepTrying(ctx context.Context, e *env, o *lineOptions, topics []string) error {
	never, told := errNeverConnected, ""
	noAnswer := func(text string) {
		o.board.Tell(stream.Notice{Text: text, Trouble: stream.Trouble{Kind: stream.NoAnswer}})
	}
	for {
		noAnswer("connecting to " + o.cluster())
		err := o.execute(ctx, e, topics)
		connect, unreachable := errors.AsType[*kafka.ConnectError](err)
		switch {
		case ctx.Err() != nil && !o.board.Connected():
			return never
		case !unreachable:
			return err
		}
		never = connect
		if b := banner(connect); b != told {
			told = b
			e.log.note(b) // once: it stands on the screen as long as it is true
		}
		noAnswer(told)
		select {
		case <-time.After(retryAfter):
		case <-ctx.Done():
			return never
		}
	}
}

// banner is a connection error in the width of a screen: who did not answer,
// which flag names another, and why.
func banner(err *kafka.ConnectError) string {
	where := strings.Join(err.Addresses, ", ")
	if err.Kind != kafka.Unreachable {
		return fmt.Sprintf("%s refuses (-b, -X): %s; trying again", where, err.Reason())
	}
	return fmt.Sprintf("no broker at %s (-b): %s; trying again", where, err.Reason())
}
