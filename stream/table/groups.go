package table

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/oriel-stream/oriel/window"
)

// Group is a consumer group as a table shows it.
type Group struct {
	Name string
	// State, ProtocolType and Protocol are empty for unknown or none.
	State, ProtocolType, Protocol string
	// Members, Topics and Partitions count them, and Topics and Partitions
	// those with a committed offset; -1 for unknown.
	Members, Topics, Partitions int
	// Lag is the consumer lag in offsets, -1 for unknown, and Most the
	// partition that has the most of it, where MostLag is above 0.
	Lag     int64
	Most    window.PartitionID
	MostLag int64
	// Notes say what is unusual.
	Notes []string
}

// GroupPartition is what a group has committed of a partition, as a table shows
// it. Offsets and the lag are -1 for none or unknown.
type GroupPartition struct {
	ID                  window.PartitionID
	Committed, End, Lag int64
	// Member is the client id of who has the partition and Host where it runs;
	// both are empty for nobody.
	Member, Host string
	Metadata     string
	Notes        []string
}

// Groups draws a table of groups that is at most width cells wide to w, in their
// order; a width of 0 means no bound. In a narrow terminal columns are left out,
// but for the name and the lag.
func Groups(w io.Writer, width int, groups []Group) error {
	p := newPages(w, width, 0, []field{
		{name: "group", least: 16},
		{name: "state", rank: 3},
		{name: "protocol", rank: 7},
		{name: "members", right: true, rank: 4},
		{name: "topics", right: true, rank: 6},
		{name: "parts", right: true, rank: 5},
		{name: "lag", right: true},
		{name: "most of it", least: 16, rank: 1, optional: true},
		{name: notesColumn, rank: 2, optional: true},
	})
	for _, g := range groups {
		if err := p.write(g.cells()); err != nil {
			return err
		}
	}
	return p.flush()
}

func (g *Group) cells() cells {
	protocol, most := known(g.ProtocolType), ""
	if g.Protocol != "" {
		protocol += "/" + clean(g.Protocol)
	}
	if g.MostLag > 0 {
		most = fmt.Sprintf("%s/%d: %d", clean(g.Most.Topic), g.Most.Partition, g.MostLag)
	}
	return cells{
		clean(g.Name), known(g.State), protocol, amount(int64(g.Members)), amount(int64(g.Topics)),
		amount(int64(g.Partitions)), amount(g.Lag), most, clean(strings.Join(g.Notes, ", ")),
	}
}

// GroupPartitions draws a table of what a group has committed, like Groups. In a
// narrow terminal topic, partition and lag stay.
func GroupPartitions(w io.Writer, width int, partitions []GroupPartition) error {
	p := newPages(w, width, 0, []field{
		{name: "topic", least: 16},
		{name: "part", right: true},
		{name: "committed", right: true, rank: 2},
		{name: "end", right: true, rank: 3},
		{name: "lag", right: true},
		{name: "member", least: 16, rank: 4, optional: true},
		{name: "host", rank: 5, optional: true},
		{name: "metadata", least: 8, most: 40, rank: 6, optional: true},
		{name: notesColumn, rank: 1, optional: true},
	})
	for _, g := range partitions {
		if err := p.write(cells{
			clean(g.ID.Topic), strconv.Itoa(int(g.ID.Partition)), amount(g.Committed), amount(g.End), amount(g.Lag),
			clean(g.Member), clean(g.Host), clean(g.Metadata), clean(strings.Join(g.Notes, ", ")),
		}); err != nil {
			return err
		}
	}
	return p.flush()
}

// amount is a number, or the sign that it is not known.
func amount(n int64) string {
	if n < 0 {
		return noValue
	}
	return strconv.FormatInt(n, 10)
}
