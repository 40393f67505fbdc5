package main

import (
	"cmp"
	"context"
	"math"
	"path"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/oriel-stream/oriel/stream/kafka"
	"github.com/oriel-stream/oriel/stream/table"
	"github.com/oriel-stream/oriel/window"
)

// topicsOptions are the flags of topics.
type topicsOptions struct {
	connectionFlags
	output          choice
	internal, quiet bool
	interval        duration
}

func newTopics(e *env) *cobra.Command {
	o := &topicsOptions{output: newChoice("table", "json"), interval: 1000}
	cmd := &cobra.Command{
		Use:   "topics [GLOB]",
		Short: "List topics with partitions, offsets, rate and settings",
		Long: `topics lists the topics that GLOB matches, or all of them, by name. Quote a
GLOB, so that the shell leaves it alone. Internal topics match only with
--internal, or by their whole name.

  records    offsets from the start of the log to its end; compaction and
             transactions leave fewer records than that
  rate/s     offsets that were added within --interval, a second
  time       whose clock the Kafka timestamps are: create, the producer's, or
             append, the broker's
  cleanup    delete, compact or both
  retention  how long records are kept, and how many bytes of a partition

A dash stands for what the cluster does not tell this user. -o json prints an
object for each topic, with the leader, start and end of each partition.

EXIT STATUS
  0    done, also where there is no topic
  1    failed
  2    wrong usage, or nothing matches GLOB
  3    no connection, or not authorised
  130  interrupted`,
		Example: `  oriel topics
  oriel topics 'sensors*' --interval 10s
  oriel topics -o json | jq -r 'select(.rate == 0) | .topic'`,
		Args: usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			err := runTopics(cmd.Context(), e, o, strings.Join(args, ""))
			if err != nil {
				// What an interrupt broke is no error of its own.
				return cmp.Or(context.Cause(cmd.Context()), err)
			}
			return nil
		},
	}
	fs := cmd.Flags()
	o.connectionFlags.add(fs)
	fs.BoolVar(&o.internal, "internal", false, "list internal topics, too")
	fs.Var(&o.interval, "interval", "time between the two looks that tell the rate; 0 for no rate")
	fs.VarP(&o.output, "output", "o", "topics as table or json")
	fs.BoolVar(&o.quiet, "quiet", false, "print nothing but topics and errors")
	return cmd
}

func runTopics(ctx context.Context, e *env, o *topicsOptions, pattern string) error {
	if o.interval < 0 {
		return usagef("--interval %v is negative: use for example 5s, or 0 for no rate", o.interval.std())
	}
	client, err := o.open(ctx, e)
	if err != nil {
		return err
	}
	defer client.Close()
	names, err := o.choose(ctx, client, pattern)
	if err != nil {
		return err
	}
	rates, err := o.rates(ctx, e, client, names)
	if err != nil {
		return err
	}
	states, err := client.Describe(ctx, names)
	if err != nil {
		return err
	}
	if !o.quiet {
		sayUnknownSettings(e, states)
	}
	if o.output.value == "json" {
		return writeTopicLines(e.stdout, states, rates)
	}
	return table.Topics(e.stdout, tableWidth(e), topicRows(states, rates))
}

// choose lists the topics that the pattern matches; the empty one is for all.
func (o *topicsOptions) choose(ctx context.Context, client *kafka.Client, pattern string) ([]string, error) {
	topics, err := client.Topics(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, t := range topics {
		// What is wrong with a pattern Resolve says below.
		matches, _ := path.Match(pattern, t.Name)
		if t.Name == pattern || (matches || pattern == "") && (o.internal || !isInternal(t)) {
			names = append(names, t.Name)
		}
	}
	if len(names) == 0 && pattern != "" {
		return client.Resolve(ctx, []string{pattern})
	}
	return names, nil
}

// isInternal says that a topic is meant for programs, by its mark or its name.
func isInternal(t kafka.Topic) bool { return t.Internal || strings.HasPrefix(t.Name, "__") }

// rates looks at the ends of the logs twice and returns the records a second
// of each topic that answered both times; nil without an interval.
func (o *topicsOptions) rates(ctx context.Context, e *env, client *kafka.Client, names []string) (map[string]float64, error) {
	if o.interval == 0 || len(names) == 0 {
		return nil, nil
	}
	before, err := client.Ends(ctx, names)
	if err != nil {
		return nil, err
	}
	began := e.now()
	timer := time.NewTimer(o.interval.std())
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	after, err := client.Ends(ctx, names)
	if err != nil {
		return nil, err
	}
	return ratesOf(before, after, e.now().Sub(began)), nil
}

// ratesOf are the records a second of each topic. A log that was truncated or
// created again meanwhile has none.
func ratesOf(before, after map[window.PartitionID]int64, took time.Duration) map[string]float64 {
	rates := map[string]float64{}
	if took <= 0 {
		return rates
	}
	for id, end := range after {
		if first, ok := before[id]; ok {
			rates[id.Topic] += float64(max(0, end-first)) / took.Seconds()
		}
	}
	return rates
}

// sayUnknownSettings says why there are dashes in the table.
func sayUnknownSettings(e *env, states []kafka.TopicState) {
	var n int64
	var first error
	for _, s := range states {
		if s.SettingsError != nil {
			if n++; first == nil {
				first = s.SettingsError
			}
		}
	}
	if n > 0 {
		e.say("the settings of %s are not known: %v", count(n, "topic"), first)
	}
}

// topicRows are the rows of the table.
func topicRows(states []kafka.TopicState, rates map[string]float64) []table.Topic {
	rows := make([]table.Topic, len(states))
	for i, s := range states {
		rate, ok := rates[s.Name]
		if !ok {
			rate = math.NaN()
		}
		rows[i] = table.Topic{Name: s.Name, Partitions: s.Partitions, Records: recordsOf(&s), Rate: rate}
		for _, l := range s.Logs {
			if l.Leader < 0 {
				rows[i].Leaderless++
			}
		}
		if set := s.Settings; set != nil {
			rows[i].Timestamps, rows[i].Cleanup = clockOf(set.TimestampType), set.CleanupPolicy
			rows[i].Retention, rows[i].RetentionBytes = set.Retention, set.RetentionBytes
		}
	}
	return rows
}

// recordsOf is the number of offsets in all logs, -1 if one is not known.
func recordsOf(s *kafka.TopicState) int64 {
	var n int64
	for _, l := range s.Logs {
		if l.End < 0 {
			return -1
		}
		n += l.End - l.Start
	}
	return n
}

// clockOf is the word for a message.timestamp.type that lag_clock uses.
func clockOf(timestampType string) string {
	switch timestampType {
	case "CreateTime":
		return "create"
	case "LogAppendTime":
		return "append"
	default:
		return timestampType
	}
}
