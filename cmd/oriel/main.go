// Command oriel computes event-time windows and forecasts over Kafka topics
// and shows them in a terminal or as JSON lines.
package main

import "context"

func main() { exit(run(context.Background(), system())) }

// run executes one command line and returns the exit code.
func run(ctx context.Context, e *env) int {
	ctx, stop := e.interruptible(ctx)
	defer stop()
	root := newRoot(e) //nolint:contextcheck // cobra hands the context to the commands
	root.SetArgs(e.args)
	cmd, err := root.ExecuteContextC(ctx)
	code := finish(e, withProvenance(cmd.Flags(), err))
	e.log.close()
	return code
}
