package main

import (
	"errors"
	"io"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/stream/ndjson"
)

// fileSink writes lines as JSON to a file of its own.
type fileSink struct {
	*ndjson.Writer
	file io.Closer
}

func newFileSink(file io.WriteCloser, names stream.Aggregates) fileSink {
	return fileSink{ndjson.NewWriter(file, names), file}
}

// Close flushes and closes the file.
func (s fileSink) Close() error { return errors.Join(s.Writer.Close(), s.file.Close()) }
