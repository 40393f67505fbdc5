package main

import (
	"context"
	"errors"
	"net"

	"github.com/spf13/pflag"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/stream/metrics"
)

// metricsFlag is --metrics: the address to serve metrics at, empty for none.
type metricsFlag string

func (f *metricsFlag) add(fs *pflag.FlagSet) {
	fs.StringVar((*string)(f), "metrics", "", "serve metrics to Prometheus at this address, as in 127.0.0.1:9464 or :9464")
}

// check refuses what is no address.
func (f metricsFlag) check() error {
	if f == "" {
		return nil
	}
	if _, _, err := net.SplitHostPort(string(f)); err != nil {
		return usagef("--metrics %q is no HOST:PORT: use for example 127.0.0.1:9464, or :9464 for every address of this machine", string(f))
	}
	return nil
}

// serve serves what a board shows, and tells where, until stop is called.
func (f metricsFlag) serve(ctx context.Context, e *env, board *stream.Board, quiet bool) (stop func(), err error) {
	if f == "" {
		return func() {}, nil
	}
	server, err := metrics.Serve(ctx, string(f), board)
	if err != nil {
		if op, ok := errors.AsType[*net.OpError](err); ok {
			err = op.Err // without the address, which is named already
		}
		return nil, usagef("--metrics %s: %w: use an address of this machine and a port that is free, 0 for any", string(f), err)
	}
	if !quiet {
		e.say("metrics are at %s", server.URL())
	}
	return func() {
		if err := server.Close(); err != nil {
			e.say("--metrics %s: %v", string(f), err)
		}
	}, nil
}
