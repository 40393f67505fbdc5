package ndjson

import (
	"testing"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// goldenAdviceBytes has a partition with everything, an empty one, and both.
func goldenAdviceBytes() []byte {
	const at window.Time = 1795327200000
	specs := []window.Spec{{Size: 10_000, Hop: 1000}, {Size: 60_000, Hop: 60_000, Origin: -5}}
	advice := func(id window.PartitionID) *stream.PartitionAdvice {
		return &stream.PartitionAdvice{ID: id, Disorder: window.NewDisorder(specs, 0)}
	}
	full, empty, all := advice(window.PartitionID{Topic: "sens\"ors", Partition: 3}), advice(window.PartitionID{Topic: "silent"}), advice(window.PartitionID{})
	for i := range window.Time(1000) {
		full.Disorder.Add(at + i*100)
		if i%50 == 49 {
			full.Disorder.Add(at + i*100 - i*i/10)
		}
	}
	full.Rejects[stream.Future], full.Rejects[stream.Malformed] = 2, 1
	full.Believed, full.Refuted = 1, 2
	full.Leaps = []stream.Leap{
		{Offset: 0, From: window.MinTime, To: at + 86_400_000},
		{Offset: 7, From: at, To: at + 300_001, Believed: true},
	}
	all.Disorder.Merge(full.Disorder)
	all.Rejects, all.Believed, all.Refuted = full.Rejects, 1, 2
	return AppendAdvice(nil, &stream.Advice{
		Specs: specs, Partitions: []*stream.PartitionAdvice{full, empty}, All: all,
		Ladder: all.Disorder.Ladder(0.001),
	})
}

func TestAdviceGolden(t *testing.T) { golden(t, "advice.ndjson", goldenAdviceBytes()) }
