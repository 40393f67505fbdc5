package main

import (
	"encoding/binary"
	"hash/crc32"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

// produceUnreadable writes a batch of n records to partition 0 that says it is
// compressed by gzip, and is not. Its checksum is right.
func (c client) produceUnreadable(topic string, n int32) {
	c.t.Helper()
	b := kmsg.RecordBatch{
		Magic: 2, Attributes: 1, LastOffsetDelta: n - 1, FirstTimestamp: epoch, MaxTimestamp: epoch,
		ProducerID: -1, ProducerEpoch: -1, FirstSequence: -1, NumRecords: n, Records: []byte("this is no gzip"),
	}
	set := b.AppendTo(nil)
	const length, checksum, covered = 8, 17, 21 // where they are
	binary.BigEndian.PutUint32(set[length:], uint32(len(set)-length-4))
	binary.BigEndian.PutUint32(set[checksum:], crc32.Checksum(set[covered:], crc32.MakeTable(crc32.Castagnoli)))
	req := kmsg.NewPtrProduceRequest()
	req.Acks, req.TimeoutMillis = -1, 10_000
	rt := kmsg.NewProduceRequestTopic()
	rp := kmsg.NewProduceRequestTopicPartition()
	rp.Records = set
	rt.Topic, rt.Partitions = topic, append(rt.Partitions, rp)
	req.Topics = append(req.Topics, rt)
	res, err := c.Broker(0).Request(c.t.Context(), req)
	if err == nil {
		err = kerr.ErrorForCode(res.(*kmsg.ProduceResponse).Topics[0].Partitions[0].ErrorCode)
	}
	if err != nil {
		c.t.Fatalf("produce: %v", err)
	}
}

// TestCorruptBatch: what cannot be read is counted and named, by partition and
// offsets, and reading goes on behind it.
func TestCorruptBatch(t *testing.T) {
	t.Parallel()
	addr := newBroker(t, kfake.SeedTopics(2, "t")).ListenAddrs()[0]
	c := newClient(t, addr, kgo.MaxVersions(kversion.V2_3_0())) // which names topics by their names
	c.produce("t", message{0, epoch, nil, []byte("1")}, message{0, epoch + 1, nil, []byte("1")}, message{1, epoch, nil, []byte("1")})
	c.produceUnreadable("t", 3)
	c.produce("t", number(epoch+2, "k", "1"))
	c.produceUnreadable("t", 1)
	c.produce("t", number(epoch+3, "k", "1"))
	summary := filepath.Join(t.TempDir(), "summary")

	got := oriel(t, "replay", "t", "-b", addr, "-w", "10s", "-m", "none", "--key", "none", "--summary", summary)
	lines := parse(t, got.lines()...)
	if got.code != exitIncomplete || len(lines) != 1 || lines[0].Count != 5 {
		t.Errorf("%+v", got)
	}
	for _, want := range []string{"t/0: lost 5 offsets, 2 to 6", "corrupt batch: offset 2: gzip", "and 1 more"} {
		if !strings.Contains(got.stderr, want) {
			t.Errorf("%q is not in %s", want, got.stderr)
		}
	}
	if text := readFile(t, summary); !strings.Contains(text, `"partition":0,"from":2,"to":7`) || !strings.Contains(text, "corrupt batch") {
		t.Errorf("the summary does not say where: %s", text)
	}

	r := startTail(t, addr, "--from", "start", "--key", "none")
	r.awaitNotice("corrupt batch: offset 2: gzip")
	c.produce("t", number(epoch+60_000, "k", "1"), message{1, epoch + 60_000, nil, []byte("1")})
	r.await(r.stdout, "the window with all that can be read", func(text string) bool { return strings.Contains(text, `"count":5`) })
}
