package main

import (
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// version is set by the linker in releases.
var version = ""

// newRoot returns the whole command tree.
func newRoot(e *env) *cobra.Command {
	root := &cobra.Command{
		Use:   "oriel",
		Short: "Event-time windows and forecasts over Kafka topics, in the terminal",
		Long: `oriel reads Kafka topics, computes tumbling and hopping windows in event time,
runs a forecaster on every window as it closes, and prints windows as JSON lines.
It needs no server and stores nothing: the log is the state.

Precedence of settings: flag, then ORIEL_* in the environment (--out-of-orderness
is ORIEL_OUT_OF_ORDERNESS), then the default.

EXIT STATUS
  0    done; also tail after Ctrl-C, or when the reader of its output has gone
  1    failed, or no usable value in any record
  2    wrong usage, or an unknown topic
  3    no connection, or not authorised
  4    a bounded run could not cover its range
  130  replay was interrupted`,
		Version:           versionText(),
		SilenceErrors:     true,
		SilenceUsage:      true,
		Args:              cobra.NoArgs,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return fromEnvironment(e, cmd.Flags()) },
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(e.stdin)
	root.SetOut(e.stdout)
	root.SetErr(e.stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("%w (see %s --help)", err, cmd.CommandPath())
	})
	root.SetVersionTemplate("oriel {{.Version}}\n")
	root.AddCommand(newDemo(e), newTail(e), newReplay(e))
	return root
}

func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// fromEnvironment sets every flag that the command line left alone and the
// environment names.
func fromEnvironment(e *env, flags *pflag.FlagSet) error {
	var err error
	flags.VisitAll(func(f *pflag.Flag) {
		name := "ORIEL_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value := e.getenv(name)
		if f.Changed || value == "" || err != nil {
			return
		}
		if setErr := flags.Set(f.Name, value); setErr != nil {
			err = usagef("%s=%q in the environment: %w", name, value, setErr)
		}
	})
	return err
}

// usageArgs makes a failed check of the arguments a usage error.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usagef("%w (see %s --help)", err, cmd.CommandPath())
		}
		return nil
	}
}
