package main

import (
	"context"
	"errors"
	"io"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/stream/kafka"
)

// outputs is where a run writes to.
type outputs struct {
	sinks   []stream.Sink
	rejects *rejectLog
	totals  io.WriteCloser
	// opened are the files among the sinks.
	opened []io.Closer
}

// openOutputs opens the files of a run, and adds them and the topics of --sink
// to the sinks that there are.
func (o *lineOptions) openOutputs(ctx context.Context, e *env, sinks []stream.Sink, producers []*kafka.Producer) (*outputs, error) {
	out := &outputs{sinks: sinks}
	if err := o.openFiles(e, out); err != nil {
		return nil, errors.Join(err, out.abandon())
	}
	for _, p := range producers {
		out.sinks = append(out.sinks, &topicSink{run: ctx, producer: p, names: o.names})
	}
	return out, nil
}

func (o *lineOptions) openFiles(e *env, out *outputs) (err error) {
	if out.rejects, err = o.openRejects(e, o.live); err != nil {
		return err
	}
	if out.totals, err = o.openSummary(e); err != nil {
		return err
	}
	open := e.create
	if o.group != "" { // it has committed the lines that stand there: they do not come again
		open = e.appendTo
	}
	for _, path := range o.sinkFlags.files {
		file, err := open(path)
		if err != nil {
			return usagef("--sink file:%s: %w", path, err)
		}
		out.opened = append(out.opened, file)
		out.sinks = append(out.sinks, newFileSink(file, o.names))
	}
	return nil
}

// abandon closes the files of a run that does not begin.
func (out *outputs) abandon() error {
	errs := []error{out.rejects.close()}
	if out.totals != nil {
		errs = append(errs, out.totals.Close())
	}
	for _, file := range out.opened {
		errs = append(errs, file.Close())
	}
	return errors.Join(errs...)
}

// close ends the outputs of a run that ended with err, and writes its totals.
func (out *outputs) close(err error, sum *stream.Summary) error {
	for _, s := range out.sinks {
		// After an error it is the same again, but where a closed stdout ended the
		// run in order another sink may have failed.
		if closing := s.Close(); err == nil || closing != nil && errors.Is(err, errReaderGone) {
			err = closing
		}
	}
	files := errors.Join(out.rejects.close(), writeSummary(out.totals, sum))
	if files != nil && errors.Is(err, errReaderGone) {
		return files
	}
	return errors.Join(err, files)
}
