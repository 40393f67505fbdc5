package kafka

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	kafkago "github.com/segmentio/kafka-go"
)

// Topic is a topic as the cluster lists it.
type Topic struct {
	Name       string
	Internal   bool
	Partitions int
}

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
// matches nothing, is an *UnknownTopicError.
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
			return nil, fmt.Errorf("topic %q is not a valid glob: want *, ? or [a-z]", pattern)
		}
		if ok && !t.Internal && !strings.HasPrefix(t.Name, "__") {
			out = append(out, t.Name)
		}
	}
	if len(out) == 0 {
		return nil, &UnknownTopicError{Topic: pattern, Nearest: nearest(pattern, topics)}
	}
	return out, nil
}

// checkTopic asks for a name that is not in the list by itself: a user who may
// not list a topic is told so, and not that there is none.
func (c *Client) checkTopic(ctx context.Context, name string, topics []Topic) error {
	if slices.ContainsFunc(topics, func(t Topic) bool { return t.Name == name }) {
		return nil
	}
	l, err := c.layout(ctx, []string{name})
	if err != nil {
		return err
	}
	err = c.topicError(l, name)
	if errors.Is(err, kafkago.UnknownTopicOrPartition) || errors.Is(err, kafkago.InvalidTopic) {
		return &UnknownTopicError{Topic: name, Nearest: nearest(name, topics)}
	}
	return err
}

// maxNearest is how many similar names an error offers.
const maxNearest = 3

// nearest are the existing names a person may have meant: those within a third
// of the letters, or that contain or begin what was typed.
func nearest(name string, topics []Topic) []string {
	type candidate struct {
		name     string
		distance int
	}
	plain := strings.ToLower(strings.NewReplacer("*", "", "?", "").Replace(name))
	var found []candidate
	for _, t := range topics {
		if t.Internal || strings.HasPrefix(t.Name, "__") {
			continue
		}
		lower := strings.ToLower(t.Name)
		d := editDistance(plain, lower)
		related := plain != "" && (strings.Contains(lower, plain) || strings.Contains(plain, lower))
		if d <= max(1, len(plain)/3) || related {
			found = append(found, candidate{t.Name, d})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return a.distance - b.distance })
	var out []string
	for _, f := range found[:min(len(found), maxNearest)] {
		out = append(out, f.name)
	}
	return out
}

// editDistance counts the bytes to insert, delete or replace (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
