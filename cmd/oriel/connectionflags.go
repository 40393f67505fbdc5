package main

import (
	"context"

	"github.com/spf13/pflag"

	"github.com/oriel-stream/oriel/stream/kafka"
)

// connectionFlags say which cluster to speak to.
type connectionFlags struct {
	brokers    string
	properties []string
}

func (f *connectionFlags) add(fs *pflag.FlagSet) {
	// No default here: it would override -X bootstrap.servers.
	fs.StringVarP(&f.brokers, "brokers", "b", "", "bootstrap brokers, comma separated (default localhost:9092)")
	fs.StringArrayVarP(&f.properties, "property", "X", nil,
		"Kafka client property key=value, in the Java or librdkafka spelling; repeatable")
}

// config checks the flags and prints what is unknown in them.
func (f *connectionFlags) config(e *env) (kafka.Config, error) {
	cfg, warnings, err := kafka.ParseConfig(f.brokers, f.properties, e.readFile)
	for _, w := range warnings {
		e.say("%s", w)
	}
	if err != nil {
		return cfg, usageError{err}
	}
	return cfg, nil
}

func (f *connectionFlags) open(ctx context.Context, e *env) (*kafka.Client, error) {
	cfg, err := f.config(e)
	if err != nil {
		return nil, err
	}
	return kafka.Open(ctx, cfg)
}
