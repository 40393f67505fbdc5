package table

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-stream/oriel/window"
)

// TestGroupsClean: nothing of what a group calls itself, or commits, reaches a
// terminal as more than text.
func TestGroupsClean(t *testing.T) {
	const evil = "a\x1b[2J\nb\u202ec"
	var b strings.Builder
	id := window.PartitionID{Topic: evil, Partition: 3}
	if err := Groups(&b, 0, []Group{{
		Name: evil, State: evil, ProtocolType: evil, Protocol: evil, Members: -1, Topics: 1, Partitions: 1,
		Lag: 7, Most: id, MostLag: 7, Notes: []string{evil},
	}}); err != nil {
		t.Fatal(err)
	}
	if err := GroupPartitions(&b, 0, []GroupPartition{{
		ID: id, Committed: 1, End: 8, Lag: 7, Member: evil, Host: evil, Metadata: evil, Notes: []string{evil},
	}}); err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"group state protocol members topics parts lag most of it notes",
		"abc   abc   abc/abc        -      1     1   7 abc/3: 7   abc",
		"topic part committed end lag member host metadata notes",
		"abc      3         1   8   7 abc    abc  abc      abc",
		"",
	}, "\n")
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

// TestGroupsNarrow: the lag is the last that a narrow terminal leaves out.
func TestGroupsNarrow(t *testing.T) {
	g := Group{
		Name: "billing", State: "Stable", ProtocolType: "consumer", Protocol: "range", Members: 3, Topics: 2, Partitions: 24,
		Lag: 1_234_567, Most: window.PartitionID{Topic: "orders", Partition: 11}, MostLag: 1_000_000,
	}
	for width, want := range map[int]string{
		80: "group   state  protocol       members topics parts     lag most of it\n" +
			"billing Stable consumer/range       3      2    24 1234567 orders/11: 1000000\n",
		40: "group   state      lag most of it\nbilling Stable 1234567 orders/11: 10000…\n",
		20: "group       lag\nbilling 1234567\n",
	} {
		var b strings.Builder
		if err := Groups(&b, width, []Group{g}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, b.String()); diff != "" {
			t.Errorf("%d cells: %s", width, diff)
		}
	}
}
