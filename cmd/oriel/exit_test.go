package main

import (
	"errors"
	"fmt"
	"syscall"
	"testing"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/stream/kafka"
	"github.com/oriel-stream/oriel/stream/ndjson"
)

func TestExitCode(t *testing.T) {
	t.Parallel()
	brokenPipe := fmt.Errorf("write: %w", syscall.EPIPE)
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, exitDone},
		{errors.New("anything"), exitFailed},
		{usagef("--limit %d", -1), exitUsage},
		{&kafka.UnknownTopicError{Topic: "t"}, exitUsage},
		{&kafka.UnknownGroupError{Group: "g"}, exitUsage},
		{&kafka.UnknownPartitionError{Partition: 7, Count: 2, Flag: "--from"}, exitUsage},
		{&kafka.BadGlobError{Pattern: "["}, exitUsage},
		{&ndjson.UnknownTopicError{Topic: "t"}, exitUsage},
		{fmt.Errorf("t/0: %w", &kafka.ConnectError{}), exitConnection},
		{incompleteError{errors.New("lost")}, exitIncomplete},
		{fmt.Errorf("%w before the end", stream.ErrTimeout), exitIncomplete},
		{errors.Join(errInterrupted, errors.New("and more")), exitInterrupted},
		// Who read stdout has gone, or another file, or a broker has: not the same.
		{fmt.Errorf("writing output: %w", whyGone(brokenPipe)), exitDone},
		{fmt.Errorf("writing output: %w", brokenPipe), exitFailed},
		{&kafka.ConnectError{Cause: brokenPipe}, exitConnection},
	} {
		if got := exitCode(c.err); got != c.want {
			t.Errorf("exit code %d for %v, want %d", got, c.err, c.want)
		}
	}
}
