package stream

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-stream/oriel/window"
)

// withGaps is a Source of logs and of one partition more, of which it delivers
// what it is told to.
type withGaps struct {
	logs
	id         window.PartitionID
	end        int64
	deliveries []Delivery
}

func (s *withGaps) Run(ctx context.Context, assign AssignFunc) error {
	in, err := assign(Assignment{ID: s.id, End: s.end, FromBeginning: true})
	if err != nil {
		return err
	}
	return s.logs.Run(ctx, func(a Assignment) (chan<- Delivery, error) {
		other, err := assign(a)
		for _, d := range s.deliveries {
			in <- d
		}
		return other, err
	})
}

func (s *withGaps) data(next int64, records ...Record) Delivery {
	return Delivery{Kind: Data, Next: next, Batch: &memory{records: records, released: &s.released}}
}

// corrupt is data with a gap behind it.
func (s *withGaps) corrupt(from, to int64, records ...Record) Delivery {
	return Delivery{Kind: Data, Next: to, Batch: &memory{records: records, released: &s.released, err: &CorruptError{From: from, To: to}}}
}

// TestGapsAtTheEdges: a range that lost its first records begins later, and one
// that lost its last ends earlier. Nobody knows which windows a gap in the
// middle is of.
func TestGapsAtTheEdges(t *testing.T) {
	t.Parallel()
	gap := func(from, to int64) Delivery { return Delivery{Kind: Gap, From: from, To: to} }
	a, b, c := record(2, 15, "k", "1"), record(5, 25, "k", "1"), record(6, 99, "k", "1")
	const (
		whole    = "k 0-10 n=1 sum=1 watermark|k 10-20 n=2 sum=2 watermark|k 20-30 n=2 sum=2 watermark|k 90-100 n=1 sum=1 end_of_input incomplete=end"
		headless = "k 0-10 n=1 sum=1 watermark incomplete=start|k 10-20 n=2 sum=2 watermark incomplete=start|k 20-30 n=2 sum=2 watermark|k 90-100 n=1 sum=1 end_of_input incomplete=end"
		cut      = "k 0-10 n=1 sum=1 watermark|k 10-20 n=2 sum=2 watermark|k 20-30 n=2 sum=2 watermark incomplete=end"
		nothing  = "k 0-10 n=1 sum=1 watermark incomplete=both|k 10-20 n=1 sum=1 watermark incomplete=both|k 20-30 n=1 sum=1 watermark incomplete=both"
	)
	src := &withGaps{id: window.PartitionID{Topic: "t", Partition: 7}, end: 9}
	src.chunk, src.partitions = 10, [][]Record{{record(0, 1, "k", "1"), record(1, 11, "k", "1"), record(2, 21, "k", "1"), record(3, 99, "k", "no")}}
	for name, test := range map[string]struct {
		deliveries []Delivery
		want       string
	}{
		"none":              {[]Delivery{src.data(9, a, b, c)}, whole},
		"start":             {[]Delivery{gap(0, 2), src.data(9, a, b, c)}, headless},
		"corrupt start":     {[]Delivery{src.corrupt(0, 2), src.data(9, a, b, c)}, headless},
		"of no offsets":     {[]Delivery{gap(0, 0), src.data(9, a, b, c)}, whole},
		"middle":            {[]Delivery{src.data(3, a), gap(3, 5), src.data(9, b, c)}, whole},
		"corrupt middle":    {[]Delivery{src.corrupt(3, 5, a), src.data(9, b, c)}, whole},
		"end":               {[]Delivery{src.data(6, a, b), gap(6, 9)}, cut},
		"corrupt end":       {[]Delivery{src.corrupt(6, 9, a, b)}, cut},
		"end, then nothing": {[]Delivery{src.data(6, a, b), gap(6, 8), src.data(9)}, cut},
		"all":               {[]Delivery{gap(0, 9)}, nothing},
	} {
		out := &printed{}
		src.deliveries = append(slices.Clone(test.deliveries), Delivery{Kind: Finished, Next: 9})
		if _, err := Run(t.Context(), testConfig(out), src); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Split(test.want, "|"), out.lines); diff != "" {
			t.Errorf("%s: lines (-want +got):\n%s", name, diff)
		}
	}
}
