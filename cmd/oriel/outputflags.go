package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/stream/ndjson"
	"github.com/oriel-stream/oriel/stream/table"
	"github.com/oriel-stream/oriel/window"
)

// outputFlags say where lines, rejects and the summary go.
type outputFlags struct {
	output           string
	rejects, summary string
	quiet            bool
	logLevel         choice
}

func (f *outputFlags) add(fs *pflag.FlagSet, output string) {
	fs.StringVarP(&f.output, "output", "o", output, "lines as json, csv, table or none")
	f.addFiles(fs)
	fs.BoolVar(&f.quiet, "quiet", false, "print nothing but lines and errors")
	f.logLevel = newChoice("info", "debug", "warn", "error")
	fs.Var(&f.logLevel, "log-level", "what is told on stderr: info or debug, all of it; warn or error, as with --quiet")
}

// addFiles adds the flags of what is written into files.
func (f *outputFlags) addFiles(fs *pflag.FlagSet) {
	fs.StringVar(&f.rejects, "rejects", "", "file for every dropped record with its reason, as JSON lines")
	fs.StringVar(&f.summary, "summary", "", "file for the totals of the run, as one JSON object")
}

func (f *outputFlags) check() error {
	switch f.logLevel.value {
	case "warn", "error":
		f.quiet = true
	}
	switch f.output {
	case "json", "csv", "table", "none":
		return nil
	}
	return usagef("--output %q is unknown: use json, csv, table or none", f.output)
}

// sinks returns the sinks of the lines. names are of what --agg asks for.
func (f *outputFlags) sinks(e *env, names stream.Aggregates) []stream.Sink {
	switch f.output {
	case "none":
		return nil
	case "csv":
		return []stream.Sink{table.NewCSV(e.stdout, e.stdoutIsTerminal, names)}
	case "table":
		return []stream.Sink{table.NewWriter(e.stdout, tableWidth(e), false, names)}
	default:
		return []stream.Sink{ndjson.NewWriter(e.stdout, names)}
	}
}

// rejectLog is the open --rejects file. The zero value lists nothing.
type rejectLog struct {
	*ndjson.RejectLog
	file    io.Closer
	scratch []scratchFile
}

// openRejects opens --rejects. In a bounded run each partition's rejects are
// kept apart until the end, so that the file does not depend on scheduling.
func (f *outputFlags) openRejects(e *env, live bool) (*rejectLog, error) {
	if f.rejects == "" {
		return nil, nil
	}
	file, err := e.create(f.rejects)
	if err != nil {
		return nil, usagef("--rejects: %w", err)
	}
	l := &rejectLog{file: file}
	var spool func(window.PartitionID) (io.ReadWriteSeeker, error)
	if !live {
		spool = func(window.PartitionID) (io.ReadWriteSeeker, error) {
			s, err := e.scratch()
			if err == nil {
				l.scratch = append(l.scratch, s)
			}
			return s, err
		}
	}
	l.RejectLog = ndjson.NewRejectLog(file, spool)
	return l, nil
}

// close writes what is left and closes the files.
func (l *rejectLog) close() error {
	if l == nil {
		return nil
	}
	errs := []error{l.Close(), l.file.Close()}
	for _, s := range l.scratch {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

// openSummary opens --summary, before the run: an hour later would be late to
// say that it cannot be written. Nil for none.
func (f *outputFlags) openSummary(e *env) (io.WriteCloser, error) {
	if f.summary == "" {
		return nil, nil
	}
	file, err := e.create(f.summary)
	if err != nil {
		return nil, usagef("--summary: %w", err)
	}
	return file, nil
}

// writeSummary writes the totals to --summary and closes it.
func writeSummary(file io.WriteCloser, s *stream.Summary) error {
	if file == nil {
		return nil
	}
	_, err := file.Write(append(ndjson.AppendSummary(nil, s), '\n'))
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("writing --summary: %w", err)
	}
	return nil
}
