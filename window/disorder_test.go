package window

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// naiveDisorder keeps how far behind its partition's newest event time each
// record is, and all its windows.
type naiveDisorder struct {
	allowed Duration
	behind  []Duration
	newest  []Time
	spans   [][]Span
}

func (n *naiveDisorder) add(specs []Spec, newest, t Time) {
	var spans []Span
	for _, s := range specs {
		spans = append(spans, spansOf(s, t)...)
	}
	n.behind = append(n.behind, Duration(newest-t))
	n.newest = append(n.newest, newest)
	n.spans = append(n.spans, spans)
}

// loss judges every record by the rule for windows.
func (n *naiveDisorder) loss(bound Duration) Loss {
	var l Loss
	for i, spans := range n.spans {
		frozen := 0
		for _, s := range spans {
			if s.End.Add(n.allowed) <= n.newest[i]-Time(bound) {
				frozen++
			}
		}
		switch frozen {
		case 0:
		case len(spans):
			l.Late++
		default:
			l.PartlyLate++
		}
	}
	return l
}

// quantile is the nearest rank of all records.
func (n *naiveDisorder) quantile(q float64) Duration {
	sorted := slices.Sorted(slices.Values(n.behind))
	return sorted[max(0, int(math.Ceil(q*float64(len(sorted))))-1)]
}

// checkDisorder compares a disorder with the definition.
func checkDisorder(t *testing.T, d *Disorder, naive *naiveDisorder, bounds ...Duration) {
	t.Helper()
	outOfOrder, worst := int64(0), Duration(0)
	for _, b := range naive.behind {
		if b > 0 {
			outOfOrder++
		}
		worst = max(worst, b)
	}
	if d.Records() != int64(len(naive.behind)) || d.OutOfOrder() != outOfOrder || d.Worst() != worst {
		t.Fatalf("%d records, %d out of order, worst %v; want %d, %d, %v",
			d.Records(), d.OutOfOrder(), d.Worst(), len(naive.behind), outOfOrder, worst)
	}
	lossless := d.Lossless()
	if (naive.loss(lossless) != Loss{}) || lossless > 0 && (naive.loss(lossless-1) == Loss{}) {
		t.Fatalf("lossless at %v: %+v there, %+v just below", lossless, naive.loss(lossless), naive.loss(lossless-1))
	}
	for _, b := range slices.Concat(bounds, d.Ladder(0.001), []Duration{lossless, lossless + 1, worst, worst + 1}) {
		if got, want := d.Loss(b), naive.loss(b); got != want {
			t.Fatalf("an out-of-orderness of %v loses %+v, want %+v", b, got, want)
		}
	}
	if len(naive.behind) == 0 {
		return
	}
	checkLadder(t, d, naive)
	for _, q := range []float64{0.01, 0.5, 0.9, 0.99, 0.999, 1} {
		got, want := d.Quantile(q), naive.quantile(q)
		if got < want || got > worst || want < minute && got != want || float64(got-want) > 0.017*float64(want) {
			t.Fatalf("the quantile %v is %v, want %v", q, got, want)
		}
	}
}

// checkLadder looks for what makes a choice: the ends, an order, what is
// recommended, and that no round bound between two rungs is much better than
// the lower one.
func checkLadder(t *testing.T, d *Disorder, naive *naiveDisorder) {
	t.Helper()
	const share = 0.05
	ladder, lossless := d.Ladder(share), d.Lossless()
	recommended := d.Recommended(share)
	if ladder[0] != 0 || ladder[len(ladder)-1] != lossless || !slices.IsSorted(ladder) || !slices.Contains(ladder, recommended) {
		t.Fatalf("the ladder is %v, lossless %v, recommended %v", ladder, lossless, recommended)
	}
	bearable := share * float64(len(naive.behind))
	if float64(naive.loss(recommended).Total()) > bearable {
		t.Fatalf("%v loses %+v of %d", recommended, naive.loss(recommended), len(naive.behind))
	}
	for _, bound := range roundBounds {
		if bound >= lossless || slices.Contains(ladder, bound) {
			continue
		}
		loss := naive.loss(bound)
		if bound < recommended && float64(loss.Total()) <= bearable {
			t.Fatalf("%v loses %+v, and %v is recommended", bound, loss, recommended)
		}
		i, _ := slices.BinarySearch(ladder, bound)
		below := naive.loss(ladder[i-1])
		if loss.Total() < below.Total()-below.Total()/10 || loss.Late < below.Late-below.Late/10 {
			t.Fatalf("%v loses %+v and is not in %v, where %v loses %+v", bound, loss, ladder, ladder[i-1], below)
		}
	}
}

// FuzzDisorder compares the disorder of random partitions, one by one and
// merged, with the definition.
func FuzzDisorder(f *testing.F) {
	for seed := range uint64(150) {
		f.Add(seed, uint8(seed*13), uint8(seed*29))
	}
	f.Fuzz(func(t *testing.T, seed uint64, records, disorder uint8) {
		rng := rand.New(rand.NewPCG(seed, 5))
		cfg, logs := randomRun(rng, 2, 1+int(records), int(disorder))
		all, naiveAll := NewDisorder(cfg.Specs, cfg.AllowedLateness), &naiveDisorder{allowed: cfg.AllowedLateness}
		for _, l := range logs {
			d, naive, newest := NewDisorder(cfg.Specs, cfg.AllowedLateness), &naiveDisorder{allowed: cfg.AllowedLateness}, MinTime
			for _, rec := range l.records {
				newest = max(newest, rec.time)
				if rng.IntN(10) == 0 {
					d.Observe(rec.time)
				} else {
					d.Add(rec.time)
					naive.add(cfg.Specs, newest, rec.time)
					naiveAll.add(cfg.Specs, newest, rec.time)
				}
				if d.Newest() != newest {
					t.Fatalf("the newest is %v, want %v", d.Newest(), newest)
				}
			}
			checkDisorder(t, d, naive, below(rng, minute), below[Duration](rng, 7200)*second)
			all.Merge(d)
		}
		checkDisorder(t, all, naiveAll, below(rng, minute), below[Duration](rng, 7200)*second)
	})
}

// TestDisorderIsWhatAPartitionDoes: the promise is about Partition, whatever the
// definition says.
func TestDisorderIsWhatAPartitionDoes(t *testing.T) {
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 6))
		cfg, logs := randomRun(rng, 1, 100, 120)
		cfg.Series, cfg.AllowedLateness, cfg.MaxKeys = nil, Duration(seed%4)*10, 0
		d := NewDisorder(cfg.Specs, cfg.AllowedLateness)
		for _, rec := range logs[0].records {
			d.Add(rec.time)
		}
		for _, bound := range d.Ladder(0.001) {
			cfg.OutOfOrderness = bound
			p, got := NewPartition(cfg), Loss{}
			for _, rec := range logs[0].records {
				p.Observe(rec.time)
				switch v := p.Add(rec.key, rec.time, &rec.at, nil); v.Lost {
				case 0:
				case v.Of:
					got.Late++
				default:
					got.PartlyLate++
				}
			}
			if got != d.Loss(bound) {
				t.Fatalf("seed %d: a partition with %v loses %+v, %+v was promised", seed, bound, got, d.Loss(bound))
			}
		}
	}
}

// TestDisorderByHand: size 8, hop 4, as in the package's documentation. 3 is in
// [-4, 4) and [0, 8), 6 in [0, 8) and [4, 12), and 11 is the newest.
func TestDisorderByHand(t *testing.T) {
	d := NewDisorder([]Spec{{Size: 8, Hop: 4}}, 0)
	for _, at := range []Time{2, 5, 4, 9, 11, 3, 6} {
		d.Add(at)
	}
	want := map[Duration]Loss{
		0: {Late: 1, PartlyLate: 1}, 3: {Late: 1, PartlyLate: 1}, 4: {PartlyLate: 1}, 7: {PartlyLate: 1}, 8: {},
	}
	for bound, loss := range want {
		if got := d.Loss(bound); got != loss {
			t.Errorf("%v: %+v, want %+v", bound, got, loss)
		}
	}
	if got := d.Ladder(0.001); !slices.Equal(got, []Duration{0, 5, 8}) {
		t.Errorf("the ladder is %v", got)
	}
	for share, bound := range map[float64]Duration{0: 8, 0.14: 8, 0.15: 5, 0.3: 0, 1: 0} {
		if got := d.Recommended(share); got != bound {
			t.Errorf("%v is recommended if %v of the records may be lost, want %v", got, share, bound)
		}
	}
	if d.OutOfOrder() != 3 || d.Worst() != 8 || d.Quantile(0.5) != 0 || d.Quantile(0.6) != 1 || d.Quantile(0.8) != 5 {
		t.Errorf("%d out of order, worst %v, %v, %v", d.OutOfOrder(), d.Worst(), d.Quantile(0.6), d.Quantile(0.8))
	}
}

func TestDisorderOfNothing(t *testing.T) {
	d := NewDisorder([]Spec{{Size: 10, Hop: 10}}, 0)
	if d.Newest() != MinTime || d.Quantile(0.5) != 0 || d.Lossless() != 0 || d.Loss(0) != (Loss{}) || !slices.Equal(d.Ladder(0.001), []Duration{0}) {
		t.Errorf("%+v", d)
	}
}

// TestHistogramBuckets: buckets adjoin, each is as wide as is said, and every
// bound that people choose from begins one.
func TestHistogramBuckets(t *testing.T) {
	last := bucketOf(Duration(MaxEventTime - MinEventTime))
	if last >= 130_000 {
		t.Errorf("%d buckets", last)
	}
	from := Duration(0)
	for b := range last {
		to := longestIn(b)
		if bucketOf(from) != b || bucketOf(to) != b || bucketOf(to+1) != b+1 {
			t.Fatalf("bucket %d is from %v to %v, where the buckets are %d and %d", b, from, to, bucketOf(from), bucketOf(to))
		}
		if width := to - from + 1; from < minute && width != 1 || float64(width-1) > 0.017*float64(from) {
			t.Fatalf("bucket %d is %v wide at %v", b, width, from)
		}
		from = to + 1
	}
	for _, bound := range roundBounds[1:] {
		if b := bucketOf(bound); longestIn(b-1) != bound-1 {
			t.Errorf("%v is inside of bucket %d", bound, b)
		}
	}
}

func BenchmarkDisorder(b *testing.B) {
	for _, late := range []int{0, 10, 2} { // every n-th record, 0 for none
		b.Run(fmt.Sprintf("late=%d", late), func(b *testing.B) {
			d := NewDisorder([]Spec{{Size: 10_000, Hop: 1000}}, 0)
			b.ReportAllocs()
			for n := range b.N {
				t := Time(n)
				if late > 0 && n%late == 0 {
					t -= Time(n % 50_000)
				}
				d.Add(t)
			}
		})
	}
}
