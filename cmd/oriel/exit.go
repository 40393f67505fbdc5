package main

import (
	"errors"
	"fmt"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/stream/decode"
	"github.com/oriel-stream/oriel/stream/kafka"
	"github.com/oriel-stream/oriel/stream/ndjson"
)

// The exit codes. They are part of the command line's contract.
const (
	exitDone        = 0
	exitFailed      = 1   // or no usable value in any record
	exitUsage       = 2   // also an unknown topic or group
	exitConnection  = 3   // or authorisation
	exitIncomplete  = 4   // a bounded run that could not cover its range
	exitInterrupted = 130 // replay
)

// usageError is a command line that cannot be carried out.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// incompleteError is a bounded run that did not cover its range.
type incompleteError struct{ error }

func (e incompleteError) Unwrap() error { return e.error }

// exitCode is the only place where an error becomes a code.
func exitCode(err error) int {
	var (
		usage      usageError
		incomplete incompleteError
		topic      *kafka.UnknownTopicError
		group      *kafka.UnknownGroupError
		partition  *kafka.UnknownPartitionError
		glob       *kafka.BadGlobError
		inputTopic *ndjson.UnknownTopicError
		connect    *kafka.ConnectError
		registry   *decode.RegistryError
		memory     *ndjson.MemoryError
	)
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errInterrupted):
		return exitInterrupted
	case errors.As(err, &usage), errors.As(err, &topic), errors.As(err, &group), errors.As(err, &partition), errors.As(err, &glob),
		errors.As(err, &inputTopic):
		return exitUsage
	case errors.As(err, &connect), errors.As(err, &registry), errors.Is(err, errNeverConnected):
		return exitConnection
	case errors.Is(err, errReaderGone):
		return exitDone
	case errors.As(err, &incomplete), errors.As(err, &memory), errors.Is(err, stream.ErrTimeout):
		return exitIncomplete
	default:
		return exitFailed
	}
}

// finish prints an error, if there is one, and returns the exit code.
func finish(e *env, err error) int {
	code := exitCode(err)
	if code != exitDone && !errors.Is(err, errInterrupted) {
		e.say("%v", err)
	}
	return code
}
