package stream

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/oriel-stream/oriel/window"
)

// nobody takes commits.
type nobody struct{}

func (nobody) Flushed(Commit, bool) {}

// BenchmarkLive is a live run over records in memory, with a group and without:
// what footholds and checkpoints cost a record. An operation is a record.
func BenchmarkLive(b *testing.B) {
	for name, group := range map[string]*Group{"alone": nil, "group": {Commits: nobody{}}} {
		for _, overlap := range []window.Duration{1, 100} {
			b.Run(fmt.Sprintf("%s/overlap=%d", name, overlap), func(b *testing.B) {
				cfg := testConfig()
				cfg.Live, cfg.Group = true, group
				cfg.Window.Specs = []window.Spec{{Size: 1000, Hop: 1000 / overlap}}
				b.ReportAllocs()
				if _, err := Run(b.Context(), cfg, feed(b.N)); err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}

// feed is a partition of n records, 500 in a batch, 100 keys and a record a
// millisecond.
func feed(n int) Source {
	const each = 500
	var records []Record
	for i := range each {
		records = append(records, record(i, int64(i), strconv.Itoa(i%100), "1"))
	}
	return script(func(_ context.Context, assign AssignFunc) error {
		in, err := assign(Assignment{ID: partitionID(0), End: -1, FromBeginning: true})
		for from := int64(0); err == nil && from < int64(n); from += each {
			in <- Delivery{Kind: Data, At: 1000, Next: from + each, Batch: &shifted{memory{records: records, released: new(atomic.Int64)}, from}}
		}
		return err
	})
}

// shifted are records that came later.
type shifted struct {
	memory
	by int64
}

func (s *shifted) Next(r *Record) bool {
	more := s.memory.Next(r)
	r.Offset, r.Timestamp = r.Offset+s.by, r.Timestamp+s.by
	return more
}
