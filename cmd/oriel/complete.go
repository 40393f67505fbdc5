package main

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/oriel-stream/oriel/stream/decode"
	"github.com/oriel-stream/oriel/stream/kafka"
)

// completionTimeout bounds how long a shell waits for the names of topics.
const completionTimeout = time.Second

// addCompletion lets the shell complete the names of topics, from the cluster,
// and those values of flags that can be listed.
func addCompletion(e *env, root *cobra.Command) {
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "tail", "replay", "peek", "watch", "advise", "explain", "backtest":
			cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
				return completeTopics(cmd.Context(), e, cmd, args, prefix), cobra.ShellCompDirectiveNoFileComp
			}
		}
		if connectionOf(cmd) != nil {
			_ = cmd.RegisterFlagCompletionFunc("profile", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
				return profileWords(e), cobra.ShellCompDirectiveNoFileComp
			})
		}
		if cmd.Flags().Lookup("sink") != nil {
			_ = cmd.RegisterFlagCompletionFunc("sink", cobra.FixedCompletions([]string{"file:", "kafka:"}, cobra.ShellCompDirectiveNoSpace|cobra.ShellCompDirectiveNoFileComp))
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if words := flagWords(f); words != nil {
				// Its one error is a flag that does not exist.
				_ = cmd.RegisterFlagCompletionFunc(f.Name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
			}
		})
	}
}

// flagWords are the values of a flag, nil if they cannot be listed.
func flagWords(f *pflag.Flag) []string {
	if c, ok := f.Value.(*choice); ok {
		return c.words
	}
	switch f.Name {
	case "model":
		return append([]string{"none\tno forecasts"}, modelWords(nil)...)
	case "output":
		return []string{"json", "csv", "table", "none"}
	case "format":
		return decode.Formats
	case "time-unit":
		return []string{"auto", "s", "ms", "us", "ns", "rfc3339"}
	}
	return nil
}

// profileWords are the names of the profiles. What is wrong with their file the
// command itself says.
func profileWords(e *env) []string {
	file, err := readConfigFile(e)
	if err != nil {
		return nil
	}
	return append(file.names(), noProfile+"\tno profile")
}

// withoutPeople is e without anybody to speak to.
func withoutPeople(e *env) *env {
	quiet := *e
	quiet.stderr = io.Discard
	quiet.prompt = func(context.Context, string) (string, error) { return "", errNoTerminal }
	return &quiet
}

// completeTopics lists the topics that may stand where prefix stands. It is
// silent where it cannot tell: a person is typing.
func completeTopics(ctx context.Context, e *env, cmd *cobra.Command, args []string, prefix string) []string {
	flags := cmd.Flags()
	if cmd.Name() == "explain" && len(args) > 0 {
		return nil
	}
	if cmd.Args != nil && cmd.Args(cmd, append(slices.Clone(args), prefix)) != nil {
		return nil
	}
	if input := flags.Lookup("input"); input != nil && input.Value.String() != "" {
		return nil
	}
	connection := connectionOf(cmd)
	if settle(e, cmd) != nil || connection == nil {
		return nil
	}
	cfg, err := connection.config(ctx, withoutPeople(e))
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, completionTimeout)
	defer cancel()
	client, err := kafka.Open(ctx, cfg)
	if err != nil {
		return nil
	}
	defer client.Close()
	topics, err := client.Topics(ctx)
	if err != nil {
		return nil
	}
	var out []string
	for _, t := range topics {
		offered := !isInternal(t) || strings.HasPrefix(prefix, "_")
		if offered && strings.HasPrefix(t.Name, prefix) && !slices.Contains(args, t.Name) {
			out = append(out, t.Name+"\t"+count(int64(t.Partitions), "partition"))
		}
	}
	return out
}
