package main

import (
	"bytes"
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/oriel-stream/oriel/stream/kafka"
	"github.com/oriel-stream/oriel/window"
)

// newGroupsBroker has a group without members that lags far behind and one that
// is where the log ends, on topics with 3000 and 2 records.
func newGroupsBroker(t *testing.T) (*kfake.Cluster, string) {
	t.Helper()
	cluster := newBroker(t, kfake.SeedTopics(2, "orders", "sensors"))
	addr := cluster.ListenAddrs()[0]
	c := newClient(t, addr)
	many := make([]message, 3000)
	for i := range many {
		many[i] = message{partition: int32(i / 2000), timestamp: epoch, payload: []byte("1")}
	}
	c.produce("orders", many...)
	c.produce("sensors", message{timestamp: epoch}, message{timestamp: epoch})
	commit(t, addr, "billing", "orders", 0, 4, "by\x1b[31m hand")
	commit(t, addr, "billing", "orders", 1, 999, "")
	commit(t, addr, "billing", "sensors", 0, 9, "")
	commit(t, addr, "team/audit", "sensors", 0, 2, "")
	return cluster, addr
}

func TestGroupsTable(t *testing.T) {
	t.Parallel()
	_, addr := newGroupsBroker(t)
	const (
		list = "" +
			"group      state protocol members topics parts  lag most of it     notes\n" +
			"billing    Empty -              0      2     3 1997 orders/0: 1996 beyond end: 1\n" +
			"team/audit Empty -              0      1     1    0\n"
		billing = "" +
			"group   state protocol members topics parts  lag most of it     notes\n" +
			"billing Empty -              0      2     3 1997 orders/0: 1996 beyond end: 1\n" +
			"\n" +
			"topic   part committed  end  lag metadata notes\n" +
			"orders     0         4 2000 1996 by hand\n" +
			"orders     1       999 1000    1\n" +
			"sensors    0         9    2    -          beyond end\n"
		audit = "" +
			"group      state protocol members topics parts lag\n" +
			"team/audit Empty -              0      1     1   0\n" +
			"\n" +
			"topic   part committed end lag\n" +
			"sensors    0         2   2   0\n"
	)
	for args, want := range map[string]string{"": list, "*": list, "billing": billing, "b*": billing, "*audit": audit} {
		got := oriel(t, append([]string{"groups", "-b", addr}, strings.Fields(args)...)...)
		if diff := cmp.Diff(want, got.stdout); diff != "" || got.code != exitDone || got.stderr != "" {
			t.Errorf("%q: %d %s\n%s", args, got.code, got.stderr, diff)
		}
	}
}

func TestGroupsJSON(t *testing.T) {
	t.Parallel()
	_, addr := newGroupsBroker(t)
	got := oriel(t, "groups", "-b", addr, "-o", "json", "team/audit")
	want := `{"v":1,"type":"group","group":"team/audit","state":"Empty","group_type":"classic","protocol_type":null,"protocol":null,` +
		`"coordinator":0,"members":[],"topics":1,"committed":1,"lag":0,"most":null,"error":null,` +
		`"partitions":[{"topic":"sensors","partition":0,"committed":2,"start":0,"end":2,"lag":0,"mark":null,"metadata":"",` +
		`"member_id":null,"client_id":null,"host":null}]}` + "\n"
	if diff := cmp.Diff(want, got.stdout); diff != "" || got.code != exitDone || got.stderr != "" {
		t.Errorf("%d %s\n%s", got.code, got.stderr, diff)
	}
	got = oriel(t, "groups", "-b", addr, "-o", "json")
	if lines := got.lines(); len(lines) != 2 || !strings.Contains(lines[0], `"lag":1997,"most":{"topic":"orders","partition":0,"lag":1996},`) {
		t.Errorf("%+v", got)
	}
}

// TestGroupsOfMembers: who has a partition is named, also where nothing is
// committed, and is not there any more when it has left.
func TestGroupsOfMembers(t *testing.T) {
	t.Parallel()
	_, addr := newGroupsBroker(t)
	member := newClient(t, addr, kgo.ClientID("reader-1"), kgo.ConsumerGroup("live"), kgo.ConsumeTopics("sensors"),
		kgo.DisableAutoCommit(), kgo.Balancers(kgo.RangeBalancer()))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // a guard against hanging
	defer cancel()
	member.PollFetches(ctx)
	if err := member.CommitUncommittedOffsets(ctx); err != nil {
		t.Fatal(err)
	}
	got := oriel(t, "groups", "-b", addr, "live")
	// The client writes its own member id beside what it commits.
	want := regexp.MustCompile(`^group state  protocol       members topics parts lag notes
live  Stable consumer/range       1      1     1   0 not committed: 1

topic   part committed end lag member   host +metadata +notes
sensors    0         2   2   0 reader-1 127.0.0.1\S* reader-1-\S+
sensors    1         -   0   - reader-1 127.0.0.1\S* +not committed
$`)
	line, _, _ := strings.Cut(oriel(t, "groups", "-b", addr, "live", "-o", "json").stdout, "\n")
	if !want.MatchString(got.stdout) || got.code != exitDone || got.stderr != "" {
		t.Errorf("%d %s\n%s", got.code, got.stderr, got.stdout)
	}
	if !strings.Contains(line, `"committed":null,"start":0,"end":0,"lag":null,"mark":"not_committed","metadata":null,"member_id":"reader-1`) {
		t.Error(line)
	}
	member.Close()
	got = oriel(t, "groups", "-b", addr, "live")
	if lines := got.lines(); len(lines) != 5 || lines[1] != "live  Empty consumer       0      1     1   0" || strings.Contains(got.stdout, "member ") {
		t.Errorf("after it has left: %+v", got)
	}
}

func TestGroupsOfNone(t *testing.T) {
	t.Parallel()
	addr := newBroker(t).ListenAddrs()[0]
	for _, output := range []string{"table", "json"} {
		want := outcome{stderr: "oriel: there is no consumer group at " + addr + " that this user may see\n"}
		if got := oriel(t, "groups", "-b", addr, "-o", output); got != want {
			t.Errorf("-o %s: %+v", output, got)
		}
		if got := oriel(t, "groups", "-b", addr, "-o", output, "--quiet"); got != (outcome{}) {
			t.Errorf("-o %s --quiet: %+v", output, got)
		}
	}
	complaint{"groups x", exitUsage, []string{`unknown group "x"; there is no group that this user may see`}}.check(t, "-b", addr)
}

// TestGroupsDenied: what may be seen is printed, and what may not is named.
func TestGroupsDenied(t *testing.T) {
	t.Parallel()
	cluster, addr := newGroupsBroker(t)
	cluster.ControlKey(int16(kmsg.OffsetFetch), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		req := kreq.(*kmsg.OffsetFetchRequest)
		if req.Group != "billing" {
			return nil, nil, false
		}
		res := req.ResponseKind().(*kmsg.OffsetFetchResponse)
		res.ErrorCode = kerr.GroupAuthorizationFailed.Code
		return res, nil, true
	})
	got := oriel(t, "groups", "-b", addr)
	want := "" +
		"group      state protocol members topics parts lag notes\n" +
		"billing    Empty -              -      -     -   - not described\n" +
		"team/audit Empty -              0      1     1   0\n"
	if diff := cmp.Diff(want, got.stdout); diff != "" || got.code != exitConnection ||
		!strings.Contains(got.stderr, `not allowed to describe group "billing"`) || !strings.Contains(got.stderr, "--operation Describe") {
		t.Errorf("%d %s\n%s", got.code, got.stderr, diff)
	}
}

func TestGroupsErrors(t *testing.T) {
	t.Parallel()
	_, addr := newGroupsBroker(t)
	for _, c := range []complaint{
		{"groups a b", exitUsage, []string{`use oriel groups [GLOB], not "a" "b"`, "oriel groups --help"}},
		{"groups biling", exitUsage, []string{`unknown group "biling"`, "did you mean billing?"}},
		{"groups x*", exitUsage, []string{`no group matches "x*"`, "there are billing, team/audit"}},
		{"groups [", exitUsage, []string{`group "[" is not a valid glob`}},
		{"groups -o csv", exitUsage, []string{`--output: "csv" is unknown: use table or json`}},
	} {
		c.check(t, "-b", addr)
	}
	complaint{"groups -b 127.0.0.1:1", exitConnection, []string{"connection refused"}}.check(t)
}

func TestTotalOfGroup(t *testing.T) {
	t.Parallel()
	at := func(topic string, p int32, committed, start, end int64, mark kafka.CommitMark) kafka.GroupPartition {
		return kafka.GroupPartition{ID: window.PartitionID{Topic: topic, Partition: p}, Committed: committed, Start: start, End: end, Mark: mark}
	}
	s := &kafka.GroupState{Members: []kafka.Member{}, Partitions: []kafka.GroupPartition{
		at("a", 0, 5, 7, 15, kafka.MarkBelowStart), at("a", 1, 3, 0, 3, ""), at("b", 0, -1, 0, 9, kafka.MarkNotCommitted),
		at("c", 0, 8, -1, -1, kafka.MarkDeleted), at("d", 0, 1, 0, 30, ""), at("d", 1, 9, 0, 3, kafka.MarkBeyondEnd),
	}}
	want := groupTotal{topics: 3, committed: 5, lag: 39, most: window.PartitionID{Topic: "d"}, mostLag: 29, marked: map[kafka.CommitMark]int{
		kafka.MarkBelowStart: 1, kafka.MarkNotCommitted: 1, kafka.MarkDeleted: 1, kafka.MarkBeyondEnd: 1,
	}}
	if diff := cmp.Diff(want, totalOf(s), cmp.AllowUnexported(groupTotal{})); diff != "" {
		t.Error(diff)
	}
	s.Partitions = s.Partitions[2:4]
	if got := totalOf(s); got.lag != -1 || got.mostLag != 0 {
		t.Errorf("a group without a lag: %+v", got)
	}
}

// fullGroup has something in every field.
func fullGroup() *kafka.GroupState {
	s := &kafka.GroupState{
		Group:    kafka.Group{Name: "g", Coordinator: 2, State: "Stable", Type: "classic", ProtocolType: "consumer"},
		Protocol: "range", Members: []kafka.Member{{ID: "m-1", InstanceID: "one", ClientID: "m", Host: "10.0.0.7"}},
		MembersError: context.DeadlineExceeded,
	}
	s.Partitions = []kafka.GroupPartition{{
		ID: window.PartitionID{Topic: "t", Partition: 3}, Committed: 5, Metadata: "by hand", Start: 7, End: 15,
		Member: &s.Members[0], Mark: kafka.MarkBelowStart,
	}}
	return s
}

// TestGroupsSchema: the schema minds every field, at every depth.
func TestGroupsSchema(t *testing.T) {
	t.Parallel()
	compiler := jsonschema.NewCompiler()
	schema, err := compiler.Compile("../../docs/groups.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	lineOf := func() map[string]any {
		var line bytes.Buffer
		if err := writeGroupLines(&line, []kafka.GroupState{*fullGroup()}); err != nil {
			t.Fatal(err)
		}
		object, err := jsonschema.UnmarshalJSON(&line)
		if err != nil {
			t.Fatal(err)
		}
		return object.(map[string]any)
	}
	within := map[string]func(map[string]any) map[string]any{
		"the group":   func(o map[string]any) map[string]any { return o },
		"a member":    func(o map[string]any) map[string]any { return o["members"].([]any)[0].(map[string]any) },
		"most":        func(o map[string]any) map[string]any { return o["most"].(map[string]any) },
		"a partition": func(o map[string]any) map[string]any { return o["partitions"].([]any)[0].(map[string]any) },
	}
	for where, part := range within {
		for _, name := range slices.Sorted(maps.Keys(part(lineOf()))) {
			line := lineOf()
			if err := schema.Validate(line); err != nil {
				t.Fatalf("%v\n%v", err, line)
			}
			if part(line)[name] == nil {
				t.Errorf("%s has nothing as %s", where, name)
			}
			part(line)[name] = map[string]any{"no": "such thing"}
			if schema.Validate(line) == nil {
				t.Errorf("%s: an object is accepted as %s", where, name)
			}
			delete(part(line), name)
			if schema.Validate(line) == nil {
				t.Errorf("%s: %s may be left out", where, name)
			}
		}
	}
	for _, mark := range kafka.CommitMarks {
		line := lineOf()
		within["a partition"](line)["mark"] = string(mark)
		if err := schema.Validate(line); err != nil {
			t.Errorf("%s: %v", mark, err)
		}
	}
}

// TestGroupsSchemaOfLines: what the command prints is what the schema describes.
func TestGroupsSchemaOfLines(t *testing.T) {
	t.Parallel()
	_, addr := newGroupsBroker(t)
	schema, err := jsonschema.NewCompiler().Compile("../../docs/groups.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	lines := oriel(t, "groups", "-b", addr, "-o", "json").lines()
	for _, line := range lines {
		object, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(object); err != nil {
			t.Errorf("%v\n%s", err, line)
		}
	}
	if len(lines) != 2 {
		t.Errorf("%d lines", len(lines))
	}
}

// TestGroupsOfUnknownMembers: why there are dashes is said once.
func TestGroupsOfUnknownMembers(t *testing.T) {
	t.Parallel()
	cluster, addr := newGroupsBroker(t)
	cluster.ControlKey(int16(kmsg.ListGroups), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		res := kreq.ResponseKind().(*kmsg.ListGroupsResponse)
		for _, name := range []string{"one", "two"} { // the broker has neither
			g := kmsg.NewListGroupsResponseGroup()
			g.Group, g.ProtocolType, g.GroupState, g.GroupType = name, "share", "Stable", "Share"
			res.Groups = append(res.Groups, g)
		}
		return res, nil, true
	})
	want := outcome{
		stdout: "group state  protocol members topics parts lag\none   Stable share          -      0     0   -\ntwo   Stable share          -      0     0   -\n",
		stderr: "oriel: the members of 2 groups are not known: brokers tell those of type share in a way that is not spoken here\n",
	}
	if diff := cmp.Diff(want, oriel(t, "groups", "-b", addr), cmp.AllowUnexported(outcome{})); diff != "" {
		t.Error(diff)
	}
	want.stderr = ""
	if diff := cmp.Diff(want, oriel(t, "groups", "-b", addr, "--quiet"), cmp.AllowUnexported(outcome{})); diff != "" {
		t.Error(diff)
	}
}
