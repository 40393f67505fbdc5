package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"
)

func newDiff(e *env) *cobra.Command {
	output := newChoice("table", "json")
	quiet := false
	cmd := &cobra.Command{
		Use:   "diff FILE FILE",
		Short: "Compare the windows of two outputs",
		Long: `diff compares window lines of tail, replay or watch, window by window: of two
runs over the same records, before and after a restart, or of a tail and the
replay that checks it. "-" is stdin. Both files are held in memory.

Compared is the core of a line, which the records alone determine: all but
emitted_at, lag_ms, lag_clock, closed_by, forecast and score. A window that is
incomplete in one of the files is left out: its range was another one. If a
window comes again, as after a restart, the last line counts.

  only in 1   the second file does not have the window
  only in 2   the first does not
  differs     fields with their values in the first and in the second

EXIT STATUS
  0    the windows are the same
  1    they are not, or there are none to compare, or reading failed
  2    wrong usage
  130  interrupted`,
		Example: `  oriel diff tail.jsonl replay.jsonl
  oriel replay sensors -m none | oriel diff yesterday.jsonl -`,
		Args: usageArgs(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runDiff(cmd.Context(), e, output.value == "json", quiet, args[0], args[1])
		},
	}
	cmd.Flags().VarP(&output, "output", "o", "differences as table or json")
	cmd.Flags().BoolVar(&quiet, "quiet", false, "print nothing but differences and errors")
	return cmd
}

// errDiffers makes an exit code of the outcome of a comparison.
var errDiffers = errors.New("the windows differ")

func runDiff(ctx context.Context, e *env, asJSON, quiet bool, first, second string) error {
	if first == "-" && second == "-" {
		return usagef("both files are -: stdin can be read once")
	}
	d := newDiffing(e.stdout, asJSON)
	if err := readLines(ctx, e, first, func(line []byte) { d.keep(line, d.first, &d.order) }); err != nil {
		return err
	}
	if err := readLines(ctx, e, second, func(line []byte) { d.keep(line, d.second, &d.later) }); err != nil {
		return err
	}
	if err := d.finish(); err != nil {
		return err
	}
	if !quiet {
		e.say("%s", d.account())
	}
	switch {
	case d.alike+d.differing == 0:
		return errors.New("there is no window line to compare that is not incomplete")
	case d.differing > 0:
		return errDiffers
	}
	return nil
}

// readLines gives the lines of a file to take, one by one. When ctx ends nobody
// waits for a pipe that brings nothing; take may then still be called.
func readLines(ctx context.Context, e *env, name string, take func(line []byte)) error {
	file, err := e.open(name)
	if err != nil {
		return usageError{err}
	}
	read := make(chan error, 1)
	go func() {
		read <- errors.Join(eachLine(file, take), file.Close())
	}()
	select {
	case err = <-read:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// account is what is told at the end.
func (d *diffing) account() string {
	text := fmt.Sprintf("%s alike, %s not", count(d.alike, "window"), humanize.Comma(d.differing))
	if d.incomplete > 0 {
		text += fmt.Sprintf(", %s incomplete", humanize.Comma(d.incomplete))
	}
	if d.leftOut > 0 {
		text += fmt.Sprintf("; %s left out, which are no window lines", count(d.leftOut, "line"))
	}
	return text
}

// byteOrderMark is what some programs write at the beginning of a text file.
const byteOrderMark = "\ufeff"

// eachLine gives take the lines of r, without their ends.
func eachLine(r io.Reader, take func([]byte)) error {
	lines := newLines(r)
	for first := true; lines.Scan(); first = false {
		line := lines.Bytes()
		if first {
			line = bytes.TrimPrefix(line, []byte(byteOrderMark))
		}
		take(line)
	}
	if err := lines.Err(); !errors.Is(err, bufio.ErrTooLong) {
		return err
	}
	return fmt.Errorf("a line is longer than %s", humanize.IBytes(maxWindowLine))
}
