package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// logFile is --log-file: it has what a person was told, with its time. A nil one
// keeps nothing.
type logFile struct {
	path string
	file io.WriteCloser
	now  func() time.Time
}

func addLogFile(fs *pflag.FlagSet) {
	fs.String("log-file", "", "file to add what is told to, with its time: messages on stderr and on the dashboard, errors, the totals of the run, the trace of a crash")
}

// openLog opens the file that --log-file of a command names, if it does.
func (e *env) openLog(cmd *cobra.Command) error {
	f := cmd.Flags().Lookup("log-file")
	if f == nil || f.Value.String() == "" {
		return nil
	}
	path := f.Value.String()
	file, err := e.appendTo(path)
	if err != nil {
		return usagef("--log-file: %w", err)
	}
	e.log = &logFile{path: path, file: file, now: e.now}
	return nil
}

// note adds a text of one line or more. That it could not be added is no error of
// the run.
func (l *logFile) note(text string) {
	if l == nil {
		return
	}
	at := l.now().UTC().Format("2006-01-02T15:04:05.000Z07:00")
	_, _ = fmt.Fprintf(l.file, "%s %s\n", at, legible(strings.TrimSuffix(text, "\n")))
}

// close closes the file.
func (l *logFile) close() {
	if l != nil {
		_ = l.file.Close() // nothing is held back
	}
}
