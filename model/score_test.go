package model

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestScoreSpeaksOfTheLast500Steps(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	var s Score
	sameNumber(t, "coverage of nothing", s.Coverage(), math.NaN(), 0)
	sameNumber(t, "MASE of nothing", s.MASE(), math.NaN(), 0)
	var all []scoredStep
	for range 2100 {
		x := scoredStep{missed: rng.ExpFloat64(), naive: rng.ExpFloat64(), verdict: Verdict(rng.IntN(3))}
		all = append(all, x)
		s.Add(x.missed, x.naive, x.verdict)
		newest := all[max(0, len(all)-500):]
		var missed, naive, inside, judged float64
		for _, x := range newest {
			missed += x.missed
			naive += x.naive
			if x.verdict == Inside {
				inside++
			}
			if x.verdict != Unjudged {
				judged++
			}
		}
		if s.N() != len(newest) {
			t.Fatalf("n is %d, want %d", s.N(), len(newest))
		}
		sameNumber(t, "coverage", s.Coverage(), inside/judged, 0)
		sameNumber(t, "MASE", s.MASE(), missed/naive, 1e-12)
	}
}

// What has left the window has left no trace, however large it was.
func TestScoreForgets(t *testing.T) {
	var s Score
	s.Add(1e300, 1e300, Outside)
	for range 500 {
		s.Add(0.1, 0.2, Inside)
	}
	if got := s.MASE(); math.Abs(got-0.5) > 1e-12 {
		t.Errorf("MASE is %v, want 0.5", got)
	}
	for range 500 {
		s.Add(0, 0, Inside)
	}
	sameNumber(t, "MASE beside naive forecasts without an error", s.MASE(), math.NaN(), 0)
}

func TestRankingChoosesTheLeastErrorOfThoseItKnows(t *testing.T) {
	var r Ranking
	candidates := []Candidate{{Name: "naive"}, {Name: "ses"}, {Name: "holt"}}
	missed := []float64{2, 1, 3}
	for i := range 30 {
		if got := r.Best(candidates); got != -1 {
			t.Fatalf("after %d steps the choice is %d", i, got)
		}
		for j, c := range candidates {
			r.Add(r.Index(c.Name), missed[j], 2)
		}
	}
	if got := r.Best(candidates); got != 1 {
		t.Errorf("the choice is %d, want ses", got)
	}
	if got := r.Best([]Candidate{candidates[2], candidates[0]}); got != 1 {
		t.Errorf("without ses the choice is %d, want naive", got)
	}
	if got := r.Best([]Candidate{{Name: "theta"}, {Name: "holt"}}); got != 1 {
		t.Errorf("a model without resolved steps was chosen: %d", got)
	}
	sameNumber(t, "MASE of ses", r.Models[1].MASE(), 0.5, 1e-12)
	for range 1000 { // holt has got better
		for j, m := range []float64{2, 1, 0} {
			r.Add(j, m, 2)
		}
	}
	if got := r.Best(candidates); got != 2 {
		t.Errorf("the choice is %d, want holt", got)
	}
}

// Errors that are infinite, or beside naive forecasts that made none, are worse
// than any other.
func TestRankingOfWhatHasNoRatio(t *testing.T) {
	var r Ranking
	candidates := []Candidate{{Name: "a"}, {Name: "b"}, {Name: "c"}}
	for range 40 {
		r.Add(r.Index("a"), math.Inf(1), math.Inf(1))
		r.Add(r.Index("b"), 1, 0)
		r.Add(r.Index("c"), 0, 0)
	}
	if got := r.Best(candidates); got != 2 {
		t.Errorf("the choice is %d, want the one without an error", got)
	}
}
