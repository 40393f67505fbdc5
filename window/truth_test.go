package window

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Where the value of a step that was forecast is found, by the definition: it
// is what the on-time content of the first window that ends at or after the
// step's end has of the step.
func TestTruths(t *testing.T) {
	const ahead = 7
	for seed := range uint64(400) {
		rng := rand.New(rand.NewPCG(seed, 11))
		step := Duration(1 + rng.IntN(6))
		size := step * Duration(1+rng.IntN(8))
		s := Spec{Size: size, Hop: 1 + Duration(rng.Int64N(int64(size))), Step: step, Origin: Duration(rng.IntN(5))}
		cfg := PartitionConfig{Specs: []Spec{s}, Series: []string{"v"}, OutOfOrderness: Duration(rng.IntN(9)), Ahead: ahead}
		p, asm := NewPartition(cfg), NewAssembler(cfg)
		asm.Assign(PartitionID{}, true, false)
		type read struct {
			at, own Time
			v       float64
		}
		var all []read
		at := Time(0)
		for i := range 60 {
			at += Time(rng.IntN(5))
			x := read{at: at - Time(rng.IntN(12)), v: float64(i)}
			p.Observe(x.at)
			x.own = p.Watermark()
			all = append(all, x)
			p.Add([]byte("k"), x.at, &Place{Offset: int64(i)}, []float64{x.v})
		}
		p.Finish()
		asm.Report(0, p.Report())
		truths := s.Truths(ahead)
		for _, pane := range asm.Advance(nil) {
			values := slices.Concat(pane.Steps, pane.Ended)
			for lead, truth := range truths {
				origin := pane.End.Sub(Duration(truth.Windows) * s.Hop)
				from, to := origin.Add(Duration(lead)*step), origin.Add(Duration(lead+1)*step)
				if truth.Windows < 1 || to > pane.End || to <= pane.End.Sub(s.Hop) {
					t.Fatalf("%+v: lead %d of the window %d before ends at %v, not in the last hop before %v", s, lead, truth.Windows, to, pane.End)
				}
				want := StepValue{}
				sum := 0.0
				for _, x := range all {
					if x.at >= max(from, pane.Start) && x.at < to && pane.End > x.own {
						want.Count++
						sum += x.v
					}
				}
				if got := values[truth.Step]; got.Count != want.Count || got.Sum() != sum {
					t.Fatalf("seed %d, %+v: the step [%v, %v) in the window to %v has %d records with sum %v, want %d with %v",
						seed, s, from, to, pane.End, got.Count, got.Sum(), want.Count, sum)
				}
			}
		}
	}
}

// Steps that fit the hop are steps of the window: nothing is kept beside them.
func TestTruthsOfStepsThatFitAreSteps(t *testing.T) {
	for _, s := range []Spec{{Size: 10, Hop: 10, Step: 2}, {Size: 60, Hop: 1, Step: 5}, {Size: 60, Hop: 20, Step: 5}} {
		if e := s.ended(20); len(e) != 0 {
			t.Errorf("%+v has steps elsewhere: %v", s, e)
		}
	}
	want := []Truth{{Windows: 5, Step: 11}, {Windows: 10, Step: 11}}
	for i, got := range (Spec{Size: 60, Hop: 1, Step: 5}).Truths(2) {
		if got != want[i] {
			t.Errorf("lead %d: %+v, want %+v", i, got, want[i])
		}
	}
}
