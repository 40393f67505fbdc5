package main

import (
	"context"
	"errors"

	"github.com/oriel-stream/oriel/stream/kafka"
)

// joinGroup is filled in by the Kafka half.
func joinGroup(context.Context, *kafka.Client, string, []string, kafka.Offsets, kafka.Options) (membership, error) {
	return nil, errors.New("--group is not there yet")
}
