package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/oriel-stream/oriel/stream/kafka"
	"github.com/oriel-stream/oriel/stream/table"
)

// groupsOptions are the flags of groups.
type groupsOptions struct {
	connectionFlags
	output choice
	quiet  bool
}

func newGroups(e *env) *cobra.Command {
	o := &groupsOptions{output: newChoice("table", "json")}
	cmd := &cobra.Command{
		Use:   "groups [GLOB]",
		Short: "List consumer groups with their members and consumer lag",
		Long: `groups lists the consumer groups that GLOB matches, or all of them, by name.
Quote a GLOB, so that the shell leaves it alone. One that matches a single group
lists its partitions, too. It asks every broker, joins no group and commits
nothing.

  state       as the coordinator calls it: Stable, Empty, PreparingRebalance ...
  protocol    its type, consumer for consumers, and the assignor
  parts       partitions with a committed offset
  lag         the consumer lag in offsets: from the committed offset, the next
              to be read, to the end offset (the high watermark); compaction
              and transactions leave fewer records than that
  most of it  the partition that lags most, and its lag

A dash stands for what is not there, or not known. Notes are of partitions, all
of which but the first have no lag and are in no sum:

  below start    retention has removed the next records; they count in the lag
  beyond end     the log ends before the committed offset: the topic was
                 created again, or cut
  not committed  a member has the partition, and has committed nothing
  deleted        the partition is gone
  denied         this user may not describe the topic
  unknown        no broker tells the end, or the committed offset

-o json prints an object for each group, with its members and partitions, as
docs/groups.schema.json describes.

EXIT STATUS
  0    done, also where there is no group
  1    failed
  2    wrong usage, or nothing matches GLOB
  3    no connection, or not authorised, also for some of the groups
  130  interrupted`,
		Example: `  oriel groups
  oriel groups billing
  oriel groups 'team-*' -o json | jq -r 'select(.lag > 1000) | .group'`,
		Args: usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			err := runGroups(cmd.Context(), e, o, strings.Join(args, ""))
			if err != nil {
				// What an interrupt broke is no error of its own.
				return cmp.Or(context.Cause(cmd.Context()), err)
			}
			return nil
		},
	}
	fs := cmd.Flags()
	o.connectionFlags.add(fs)
	fs.VarP(&o.output, "output", "o", "groups as table or json")
	fs.BoolVar(&o.quiet, "quiet", false, "print nothing but groups and errors")
	return cmd
}

func runGroups(ctx context.Context, e *env, o *groupsOptions, pattern string) error {
	client, err := o.open(ctx, e)
	if err != nil {
		return err
	}
	defer client.Close()
	list, err := client.ResolveGroups(ctx, pattern)
	if err != nil {
		return err
	}
	states, err := client.DescribeGroups(ctx, list.Groups)
	if err != nil {
		return err
	}
	if !o.quiet {
		if len(states) == 0 && list.Unheard == nil {
			e.say("there is no consumer group at %s that this user may see", o.cluster())
		}
		sayUnknownMembers(e, states)
	}
	if o.output.value == "json" {
		err = writeGroupLines(e.stdout, states)
	} else {
		err = groupTables(e.stdout, tableWidth(e), states, pattern != "" && len(states) == 1)
	}
	if err != nil {
		return err
	}
	return errors.Join(list.Unheard, refusedGroups(states))
}

// sayUnknownMembers says why there are dashes in the table.
func sayUnknownMembers(e *env, states []kafka.GroupState) {
	var n int64
	var first error
	for _, s := range states {
		if s.MembersError != nil {
			if n++; first == nil {
				first = s.MembersError
			}
		}
	}
	if n > 0 {
		e.say("the members of %s are not known: %v", count(n, "group"), first)
	}
}

// refusedGroups is the error of the first group that could not be described; nil
// if all of them were.
func refusedGroups(states []kafka.GroupState) error {
	var n int64
	var first error
	for _, s := range states {
		if s.Err != nil {
			if n++; first == nil {
				first = s.Err
			}
		}
	}
	if n > 1 {
		return fmt.Errorf("%s cannot be described; the first: %w", count(n, "group"), first)
	}
	return first
}

// groupTables draws the groups and, if it is asked for, the partitions of the
// only one.
func groupTables(w io.Writer, width int, states []kafka.GroupState, partitions bool) error {
	rows := make([]table.Group, len(states))
	for i := range states {
		rows[i] = groupRow(&states[i])
	}
	if err := table.Groups(w, width, rows); err != nil {
		return err
	}
	if !partitions || len(states[0].Partitions) == 0 {
		return nil
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return err
	}
	return table.GroupPartitions(w, width, groupPartitionRows(&states[0]))
}

func groupRow(s *kafka.GroupState) table.Group {
	t := totalOf(s)
	row := table.Group{
		Name: s.Name, State: s.State, ProtocolType: s.ProtocolType, Protocol: s.Protocol,
		Members: t.members, Topics: t.topics, Partitions: t.committed,
		Lag: t.lag, Most: t.most, MostLag: t.mostLag,
	}
	if s.Err != nil {
		row.Notes = append(row.Notes, "not described")
	}
	for _, mark := range kafka.CommitMarks {
		if n := t.marked[mark]; n > 0 {
			row.Notes = append(row.Notes, fmt.Sprintf("%s: %d", markWords(mark), n))
		}
	}
	return row
}

func groupPartitionRows(s *kafka.GroupState) []table.GroupPartition {
	rows := make([]table.GroupPartition, len(s.Partitions))
	for i, p := range s.Partitions {
		rows[i] = table.GroupPartition{ID: p.ID, Committed: p.Committed, End: p.End, Lag: p.Lag(), Metadata: p.Metadata}
		if p.Member != nil {
			rows[i].Member, rows[i].Host = p.Member.ClientID, p.Member.Host
		}
		if p.Mark != "" {
			rows[i].Notes = []string{markWords(p.Mark)}
		}
	}
	return rows
}

// markWords is a mark as a person reads it.
func markWords(m kafka.CommitMark) string { return strings.ReplaceAll(string(m), "_", " ") }
