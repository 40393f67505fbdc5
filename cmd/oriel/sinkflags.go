package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/oriel-stream/oriel/stream/kafka"
)

// sinkFlags say where lines go beside stdout.
type sinkFlags struct {
	specs []string
	// files and topics are what they come to, in their order.
	files, topics []string
}

func (f *sinkFlags) add(fs *pflag.FlagSet) {
	fs.StringArrayVar(&f.specs, "sink", nil, "write the lines as JSON to file:PATH or kafka:TOPIC, too; repeatable")
}

// parse checks the flags, before anything is opened.
func (f *sinkFlags) parse() error {
	f.files, f.topics = nil, nil
	for _, spec := range f.specs {
		kind, name, _ := strings.Cut(spec, ":")
		switch {
		case kind == "file" && name == "-":
			return usagef("--sink %s: stdout is -o json, and -o none turns it off", spec)
		case kind == "file" && name != "":
			f.files = append(f.files, name)
		case kind == "kafka" && name != "":
			if err := checkSinkTopic(name); err != nil {
				return usagef("--sink %s: %w", spec, err)
			}
			if slices.Contains(f.topics, name) {
				return usagef("--sink %s is there twice: leave one out", spec)
			}
			f.topics = append(f.topics, name)
		default:
			return usagef("--sink %q: want file:PATH or kafka:TOPIC", spec)
		}
	}
	return nil
}

// checkSinkTopic refuses what is not the name of one topic of the user's.
func checkSinkTopic(name string) error {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
	switch {
	case strings.Trim(name, letters) != "":
		return errors.New("the name of a topic has letters, digits, '.', '_' and '-'")
	case strings.HasPrefix(name, "__"):
		return errors.New("topics that begin with two underscores are Kafka's own")
	}
	return nil
}

// producers looks the topics of --sink up, which are none of those read.
func (f *sinkFlags) producers(ctx context.Context, client *kafka.Client, read []string) ([]*kafka.Producer, error) {
	var out []*kafka.Producer
	for _, topic := range f.topics {
		if slices.Contains(read, topic) {
			return nil, usagef("--sink kafka:%s is a topic that is read, and its lines would be read again: name another", topic)
		}
		p, err := client.Producer(ctx, topic)
		if _, unknown := errors.AsType[*kafka.UnknownTopicError](err); unknown {
			return nil, fmt.Errorf("--sink kafka:%s: %w (oriel creates no topic: create it first)", topic, err)
		}
		if err != nil {
			return nil, fmt.Errorf("--sink kafka:%s: %w", topic, err)
		}
		out = append(out, p)
	}
	return out, nil
}

// checkSinks checks --sink, alone and beside the other flags.
func (o *lineOptions) checkSinks() error {
	if err := o.sinkFlags.parse(); err != nil {
		return err
	}
	if o.input != "" && len(o.topics) > 0 {
		return usagef("--sink kafka:%s does not go with --input %s, which is read without a broker: use --sink file:PATH", o.topics[0], o.input)
	}
	return nil
}
