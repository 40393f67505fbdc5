package main

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/oriel-stream/oriel/stream/decode"
	"github.com/oriel-stream/oriel/stream/kafka"
)

// addCompletion lets the shell complete the names of topics and groups, from the
// cluster, and those values of flags that can be listed.
func addCompletion(e *env, root *cobra.Command) {
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "tail", "replay", "peek", "watch", "advise", "explain", "backtest":
			cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
				return completeTopics(cmd.Context(), e, cmd, args, prefix), cobra.ShellCompDirectiveNoFileComp
			}
		case "groups":
			cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
				return completeGroups(cmd.Context(), e, cmd, args, prefix), cobra.ShellCompDirectiveNoFileComp
			}
		}
		if connectionOf(cmd) != nil {
			_ = cmd.RegisterFlagCompletionFunc("profile", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
				return profileWords(e), cobra.ShellCompDirectiveNoFileComp
			})
		}
		if cmd.Flags().Lookup("group") != nil {
			_ = cmd.RegisterFlagCompletionFunc("group", func(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
				return completeGroups(cmd.Context(), e, cmd, args, prefix), cobra.ShellCompDirectiveNoFileComp
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

// completeTopics lists the topics that may stand where prefix stands.
func completeTopics(ctx context.Context, e *env, cmd *cobra.Command, args []string, prefix string) []string {
	if cmd.Name() == "explain" && len(args) > 0 {
		return nil
	}
	if input := cmd.Flags().Lookup("input"); input != nil && input.Value.String() != "" {
		return nil
	}
	return completeFromCluster(ctx, e, cmd, args, prefix, func(ctx context.Context, client *kafka.Client) []string {
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
	})
}

// completeGroups lists the groups that may stand where prefix stands. A name
// that a shell would show otherwise than it is is not among them.
func completeGroups(ctx context.Context, e *env, cmd *cobra.Command, args []string, prefix string) []string {
	return completeFromCluster(ctx, e, cmd, args, prefix, func(ctx context.Context, client *kafka.Client) []string {
		list, err := client.Groups(ctx)
		if err != nil {
			return nil
		}
		var out []string
		for _, g := range list.Groups {
			if strings.HasPrefix(g.Name, prefix) && legible(g.Name) == g.Name && !strings.ContainsAny(g.Name, "\t\n") {
				out = append(out, g.Name+"\t"+g.State)
			}
		}
		return out
	})
}

// completeFromCluster returns what list finds in the cluster that cmd would ask.
// It is silent where it cannot tell: a person is typing.
func completeFromCluster(ctx context.Context, e *env, cmd *cobra.Command, args []string, prefix string, list func(context.Context, *kafka.Client) []string) []string {
	if cmd.Args != nil && cmd.Args(cmd, append(slices.Clone(args), prefix)) != nil {
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
	ctx, cancel := context.WithTimeout(ctx, e.completionTimeout)
	defer cancel()
	client, err := kafka.Open(ctx, cfg)
	if err != nil {
		return nil
	}
	defer client.Close()
	return list(ctx, client)
}
