package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// newRoot returns the whole command tree.
func newRoot(e *env) *cobra.Command {
	root := &cobra.Command{
		Use:   "oriel",
		Short: "Event-time windows and forecasts over Kafka topics, in the terminal",
		Long: `oriel reads Kafka topics, computes tumbling and hopping windows in event time,
runs a forecaster on every window as it closes, and prints windows as JSON
lines. It needs no server and stores nothing: the log is the state.

Precedence of settings: flag, then ORIEL_* in the environment
(ORIEL_OUT_OF_ORDERNESS is --out-of-orderness), then the profile in
oriel/config.yaml (--profile, or its default), then the default. oriel config
show tells them apart.

EXIT STATUS
  0    done; also tail after Ctrl-C, or when the reader of its output has gone
  1    failed, or no usable value in any record
  2    wrong usage, or an unknown topic or group
  3    no connection, or not authorised
  4    a bounded run could not cover its range
  130  replay was interrupted`,
		Version:       versionText(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          knownCommand,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := settle(e, cmd); err != nil {
				return err
			}
			if err := checkFiles(e, cmd.Flags()); err != nil {
				return err
			}
			if err := e.openLog(cmd); err != nil {
				return err
			}
			tellStrays(e, cmd)
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(e.stdin)
	root.SetOut(e.stdout)
	root.SetErr(e.stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if words := e.args; !cmd.HasParent() && len(words) > 0 && !strings.HasPrefix(words[0], "-") {
			return knownCommand(cmd, words) // whose flags are not those of the root
		}
		return usagef("%w (see %s --help)", flagError(err), cmd.CommandPath())
	})
	root.SetVersionTemplate("oriel {{.Version}}\n")
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".FlagUsages", ".FlagUsagesWrapped 80"))
	root.AddCommand(newDemo(e), newWatch(e), newTail(e), newReplay(e), newPeek(e), newExplain(e), newDiff(e), newTopics(e), newGroups(e), newAdvise(e), newModels(e), newBacktest(e), newConfig(e), newMan(e), newVersion(e))
	addBuiltins(root)
	addCompletion(e, root)
	return root
}

// knownCommand refuses what is no command below parent, and offers those
// spelled alike.
func knownCommand(parent *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	near := ""
	parent.SuggestionsMinimumDistance = 2 // letters; 0, as it was, finds none
	if names := parent.SuggestionsFor(args[0]); len(names) > 0 {
		near = "; did you mean " + strings.Join(names, " or ") + "?"
	}
	return usagef("unknown command %q%s (see %s --help)", args[0], near, parent.CommandPath())
}

// flagError says what is wrong with the value of a flag in plain words.
func flagError(err error) error {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return err
	}
	return fmt.Errorf("--%s: %w", invalid.GetFlag().Name, valueError(invalid.GetFlag(), invalid.GetValue(), invalid.Unwrap()))
}

// valueError drops the names of Go's functions from what a number says.
func valueError(f *pflag.Flag, value string, cause error) error {
	var number *strconv.NumError
	switch {
	case !errors.As(cause, &number):
		return cause
	case errors.Is(number, strconv.ErrRange):
		return fmt.Errorf("%q is out of range", value)
	}
	wanted := map[string]string{"float64": "a number", "uint64": "a whole number from 0 on", "bool": "true or false"}
	want, ok := wanted[f.Value.Type()]
	if !ok {
		want = "a whole number"
	}
	return fmt.Errorf("%q is not %s", value, want)
}

// usageArgs makes a failed check of the arguments a usage error that says what
// they should be.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if check(cmd, args) == nil {
			return nil
		}
		not := ""
		if len(args) > 0 {
			not = ", not " + strings.Trim(fmt.Sprintf("%q", args), "[]")
		}
		return usagef("use %s %s%s (see %s --help)", cmd.Parent().CommandPath(), cmd.Use, not, cmd.CommandPath())
	}
}
