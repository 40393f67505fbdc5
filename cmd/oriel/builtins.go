package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// addBuiltins adds the commands that cobra brings, help and completion. They
// refuse what is no command as all others do, where cobra's own show the help
// and succeed.
func addBuiltins(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			cmd.Example = "  oriel help replay"
			cmd.RunE = helpOf
		case "completion":
			cmd.Example = "  source <(oriel completion bash)"
			cmd.Args = knownCommand
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
			for _, shell := range cmd.Commands() {
				shell.Args = usageArgs(cobra.NoArgs)
				shell.Example = "  " + shell.CommandPath()
				// One line of cobra's is too long for 80 columns.
				shell.Long = strings.ReplaceAll(shell.Long, "already, you can install", "already, you can\ninstall")
			}
		}
	}
}

// helpOf prints the help of the command that args name. What follows a command
// that has none below it, as a topic does, means nothing to its help.
func helpOf(help *cobra.Command, args []string) error {
	cmd, rest, err := help.Root().Find(args)
	if err != nil {
		return usageError{err}
	}
	if cmd.HasSubCommands() {
		if err := knownCommand(cmd, rest); err != nil {
			return err
		}
	}
	cmd.InitDefaultHelpFlag() // cobra adds what it lists of its own late
	cmd.InitDefaultVersionFlag()
	return cmd.Help()
}
