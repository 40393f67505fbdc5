package ndjson

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// UnknownTopicError says that a topic, or a glob of topics, matched nothing in
// the input.
type UnknownTopicError struct {
	Topic string
	Known []string // the topics of the input, sorted
}

func (e *UnknownTopicError) Error() string {
	const most = 10
	known := e.Known
	more := ""
	if len(known) > most {
		known, more = known[:most], fmt.Sprintf(" and %d more", len(e.Known)-most)
	}
	return fmt.Sprintf("topic %q is not in the input, which has %s%s", e.Topic, strings.Join(known, ", "), more)
}

// topicFilter is a list of names and globs; all topics if it is empty.
type topicFilter []string

// validate returns an error for a glob that path.Match cannot read.
func (f topicFilter) validate() error {
	for _, pattern := range f {
		if _, err := path.Match(pattern, ""); err != nil {
			return fmt.Errorf("topic %q: %w", pattern, err)
		}
	}
	return nil
}

func (f topicFilter) wants(topic string) bool {
	return len(f) == 0 || slices.ContainsFunc([]string(f), func(pattern string) bool {
		return matches(pattern, topic)
	})
}

// missing returns an *UnknownTopicError for the first pattern that matches
// none of the known topics, which are sorted.
func (f topicFilter) missing(known []string) error {
	for _, pattern := range f {
		if !slices.ContainsFunc(known, func(topic string) bool { return matches(pattern, topic) }) {
			return &UnknownTopicError{Topic: pattern, Known: known}
		}
	}
	return nil
}

// matches reports whether topic is named by pattern. A glob never matches an
// internal topic.
func matches(pattern, topic string) bool {
	if pattern == topic {
		return true
	}
	if strings.HasPrefix(topic, "__") {
		return false
	}
	ok, err := path.Match(pattern, topic)
	return ok && err == nil
}
