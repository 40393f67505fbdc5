package kafka

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
)

// Topic is a topic as the cluster lists it.
type Topic struct {
	Name       string
	Internal   bool
	Partitions int
}

// isInternal says that a topic is meant for programs, by its mark or its name.
func (t Topic) isInternal() bool { return t.Internal || strings.HasPrefix(t.Name, "__") }

// Topics lists all topics that may be seen, by name.
func (c *Client) Topics(ctx context.Context) ([]Topic, error) {
	l, err := c.layout(ctx, nil)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(l.topics, func(a, b Topic) int { return strings.Compare(a.Name, b.Name) })
	return l.topics, nil
}

// Resolve turns names and globs (path.Match) into the names of topics, sorted
// and without doubles. A glob matches no internal topic and none whose name
// starts with two underscores. A name that does not exist, or a glob that
// matches nothing, is an *UnknownTopicError; what is no glob a *BadGlobError.
func (c *Client) Resolve(ctx context.Context, patterns []string) ([]string, error) {
	topics, err := c.Topics(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, p := range patterns {
		var names []string
		if isGlob(p) {
			names, err = matchTopics(p, topics)
		} else {
			names, err = []string{p}, c.checkTopic(ctx, p, topics)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, names...)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// isGlob: the name of a topic has only letters, digits, '.', '_' and '-'.
func isGlob(pattern string) bool { return strings.ContainsAny(pattern, `*?[\`) }

func matchTopics(pattern string, topics []Topic) ([]string, error) {
	var out []string
	for _, t := range topics {
		ok, err := path.Match(pattern, t.Name)
		if err != nil {
			return nil, &BadGlobError{What: "topic", Pattern: pattern}
		}
		if ok && !t.isInternal() {
			out = append(out, t.Name)
		}
	}
	if len(out) == 0 {
		return nil, unknownTopic(pattern, topics)
	}
	return out, nil
}

// checkTopic asks for a name that is not in the list by itself: a user who may
// not list a topic is told so, and not that there is none.
func (c *Client) checkTopic(ctx context.Context, name string, topics []Topic) error {
	if slices.ContainsFunc(topics, func(t Topic) bool { return t.Name == name }) {
		return nil
	}
	creates, err := c.askingCreates(ctx)
	if err != nil {
		return err
	}
	if creates {
		return unknownTopic(name, topics)
	}
	l, err := c.layout(ctx, []string{name})
	if err != nil {
		return err
	}
	err = c.topicError(l, name)
	if errors.Is(err, kafkago.UnknownTopicOrPartition) || errors.Is(err, kafkago.InvalidTopic) {
		return unknownTopic(name, topics)
	}
	return err
}

// askingCreates says that a broker that creates topics by itself would create
// one that is asked for by its name: before version 4 of the request there is
// no way to tell it not to.
func (c *Client) askingCreates(ctx context.Context) (bool, error) {
	const mayDecline = 4
	declines, err := c.speaks(ctx, protocol.Metadata, mayDecline)
	if err != nil {
		return false, c.connectError(err)
	}
	return !declines, nil
}

func unknownTopic(name string, topics []Topic) *UnknownTopicError {
	var names []string
	for _, t := range topics {
		if !t.isInternal() {
			names = append(names, t.Name)
		}
	}
	return &UnknownTopicError{Topic: name, Alternatives: alternatives(name, names)}
}
