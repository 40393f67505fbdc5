package stream

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/oriel-stream/oriel/model"
	"github.com/oriel-stream/oriel/window"
)

// scoreRig makes the panes of one spec, as if each step of every key had one
// record, and settles them.
type scoreRig struct {
	cfg    Config
	scores *scoring
	rng    *rand.Rand
	points model.Forecast
	f      Forecast
	y      []float64
	score  Score
	// steps are what a window's records are made of, by key.
	steps map[string][]window.StepValue
}

func newScoreRig(t testing.TB, name string, spec window.Spec, horizon int) *scoreRig {
	t.Helper()
	m, err := model.Parse(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{
		Window:    window.PartitionConfig{Specs: []window.Spec{spec}, History: 30},
		Forecasts: &Forecasts{Model: m, Horizon: horizon, Levels: []float64{95}, Anomaly: 3},
	}
	return &scoreRig{cfg: cfg, scores: newScoring(cfg), rng: rand.New(rand.NewPCG(1, 2)), steps: map[string][]window.StepValue{}}
}

// settle settles the window of a key that ends at end.
func (r *scoreRig) settle(t testing.TB, key string, end window.Time) {
	t.Helper()
	spec := r.cfg.Window.Specs[0]
	n := int(spec.Size / spec.Step)
	steps := r.steps[key]
	for len(steps) < n+1 {
		p := window.NewPartition(window.PartitionConfig{Specs: []window.Spec{{Size: 1, Hop: 1, Step: 1}}, Series: []string{"v"}})
		p.Observe(0)
		p.Add(nil, 0, &window.Place{}, []float64{r.rng.NormFloat64()})
		p.Finish()
		steps = append(steps, p.Report().Frozen[0].Shares[0].Steps[0])
	}
	copy(steps, steps[1:])
	steps[n] = steps[r.rng.IntN(n)]
	r.steps[key] = steps
	pane := &window.Pane{
		Topic: "t", Key: window.Key{Bytes: key}, Series: "v", Span: window.Span{Start: end.Sub(spec.Size), End: end},
		Size: spec.Size, Hop: spec.Hop, Step: spec.Step, Steps: steps[1:],
	}
	pane.Count = int64(n)
	r.y = MeasureMean.steps(r.y, pane).y
	intervals := r.f.Intervals
	r.f = Forecast{Model: "m", Origin: end, Step: spec.Step, Intervals: intervals[:0]}
	if err := r.cfg.Forecasts.Model.Forecast(r.y, r.cfg.Forecasts.Horizon, &r.points); err != nil {
		t.Fatal(err)
	}
	r.f.Mean, r.f.naive = r.points.Mean, r.y[len(r.y)-1]
	r.scores.settle(pane, &r.f, &r.points, &r.score)
}

// What idle keys have learnt is dropped, and is no longer in the account.
func TestScoresOfIdleKeysAreForgotten(t *testing.T) {
	r := newScoreRig(t, "naive", window.Spec{Size: 10, Hop: 1, Step: 1}, 5)
	most := int64(0)
	for i := range 5000 {
		r.settle(t, "always", window.Time(i))
		r.settle(t, fmt.Sprint("churning ", i/10), window.Time(i))
		if n := len(r.scores.specs[0].keys); n > 9 { // those of 60 windows, and the one that stays
			t.Fatalf("%d keys are remembered", n)
		}
		most = max(most, r.scores.bytes)
	}
	if most > 200_000 {
		t.Errorf("the account went up to %d", most)
	}
	held := int64(0)
	for _, k := range r.scores.specs[0].keys {
		held += k.measure()
	}
	if r.scores.bytes != held {
		t.Errorf("the account says %d, there are %d", r.scores.bytes, held)
	}
}

// Overlap costs no more than the forecasts that have not come true: those of a
// lead until its step has ended.
func TestScoresOfManyWindowsStayBounded(t *testing.T) {
	for _, c := range []struct {
		spec    window.Spec
		horizon int
		open    int
		most    int64
	}{
		{window.Spec{Size: 6000, Hop: 10, Step: 100}, 5, 10 + 20 + 30 + 40 + 50, 100_000},
		{window.Spec{Size: 600, Hop: 1, Step: 1}, 5, 1 + 2 + 3 + 4 + 5, 100_000},
		{window.Spec{Size: 10, Hop: 10, Step: 1}, 20, 20 + 10, 300_000},
	} {
		r := newScoreRig(t, "naive", c.spec, c.horizon)
		for i := range 1500 {
			r.settle(t, "k", window.Time(i)*window.Time(c.spec.Hop))
		}
		k := r.scores.specs[0].keys[keyID{topic: "t", series: "v", key: window.Key{Bytes: "k"}}]
		open := 0
		for _, ring := range k.open {
			open += len(ring)
		}
		if open != c.open || r.scores.bytes > c.most {
			t.Errorf("%v with a horizon of %d: %d forecasts are open, want %d; %d bytes", c.spec, c.horizon, open, c.open, r.scores.bytes)
		}
	}
}

// A line allocates nothing once its key has learnt all that it remembers.
func TestScoringDoesNotAllocate(t *testing.T) {
	for _, name := range []string{"holt", "auto"} {
		r := newScoreRig(t, name, window.Spec{Size: 20, Hop: 1, Step: 1}, 5)
		at := window.Time(0)
		next := func() {
			at++
			r.settle(t, "k", at)
		}
		for range 600 {
			next()
		}
		// The pane of the rig is one.
		if n := testing.AllocsPerRun(100, next); n > 1 {
			t.Errorf("%s: %v allocations a line", name, n)
		}
	}
}

// BenchmarkScoring is what scores and intervals add to a line; the forecast
// itself is in both.
func BenchmarkScoring(b *testing.B) {
	for _, name := range []string{"naive", "auto"} {
		b.Run(name, func(b *testing.B) {
			r := newScoreRig(b, name, window.Spec{Size: 10, Hop: 1, Step: 1}, 5)
			at := window.Time(0)
			for range 600 {
				at++
				r.settle(b, "k", at)
			}
			b.ReportAllocs()
			for b.Loop() {
				at++
				r.settle(b, "k", at)
			}
		})
	}
}
