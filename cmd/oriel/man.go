package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// newMan is for whoever makes packages, and not in the help.
func newMan(e *env) *cobra.Command {
	return &cobra.Command{
		Use:    "man DIR",
		Short:  "Write the manual pages into a directory",
		Hidden: true,
		Long: `man writes a manual page for every command into DIR, which must exist. Their
date is that of SOURCE_DATE_EPOCH, if it is set.

EXIT STATUS
  0    done
  1    failed
  2    wrong usage`,
		Example: `  oriel man /usr/local/share/man/man1`,
		Args:    usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			date, err := manDate(e)
			if err != nil {
				return err
			}
			return writePages(e, cmd.Root(), args[0], date)
		},
	}
}

// manDate is the date of the pages.
func manDate(e *env) (time.Time, error) {
	epoch := e.getenv("SOURCE_DATE_EPOCH")
	if epoch == "" {
		return e.now().UTC(), nil
	}
	seconds, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil {
		return time.Time{}, usagef("SOURCE_DATE_EPOCH %q is no number of seconds", epoch)
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// writePages writes the page of a command and those of its own commands.
func writePages(e *env, cmd *cobra.Command, dir string, date time.Time) error {
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			if err := writePages(e, c, dir, date); err != nil {
				return err
			}
		}
	}
	const section = "1"
	name := strings.ReplaceAll(cmd.CommandPath(), " ", "-") + "." + section
	file, err := e.create(filepath.Join(dir, name))
	if err != nil {
		return usageError{err}
	}
	page := *cmd // its text becomes markdown, for the page alone
	page.Long = markdown(cmd.Long)
	page.DisableAutoGenTag = true
	err = doc.GenMan(&page, &doc.GenManHeader{
		Section: section, Date: &date, Source: "oriel " + versionText(), Manual: "Oriel",
	}, file)
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("manual page %s: %w", name, err)
	}
	return nil
}

// markdown turns a help text into what a manual page is made of: a line of
// capitals is a heading, and lines with columns in them stay as they are.
func markdown(text string) string {
	var b strings.Builder
	verbatim := false
	for line := range strings.SplitSeq(text, "\n") {
		columns := strings.Contains(strings.TrimLeft(line, " "), "  ") || strings.HasPrefix(line, "  ")
		if columns && !verbatim {
			b.WriteString("\n")
		}
		switch {
		case columns:
			b.WriteString("    " + line)
		case line != "" && line == strings.ToUpper(line) && line[0] >= 'A':
			b.WriteString("# " + line)
		default:
			b.WriteString(line)
		}
		b.WriteString("\n")
		verbatim = columns
	}
	return b.String()
}
