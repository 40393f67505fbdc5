package model

import "math"

// How a Ranking judges.
const (
	// rankingDecay is the weight of an error beside the next: an error counts
	// half after about 350 resolved steps.
	rankingDecay = 1 - 1.0/500
	// rankingLeast is how many resolved steps make a model eligible.
	rankingLeast = 30
)

// Ranking keeps how well each of several models forecast one series, newer
// errors counting more. The zero value is ready for use. It is not safe for
// concurrent use.
type Ranking struct{ Models []Ranked }

// Ranked is how well one model did.
type Ranked struct {
	Name string
	// Resolved is the number of resolved steps, and Used how often the model was
	// the choice.
	Resolved, Used int64
	// missed and naive are weighted sums of absolute errors.
	missed, naive float64
}

// MASE is the model's weighted absolute error divided by that of the naive
// forecasts for the same steps; NaN where those made none.
func (r *Ranked) MASE() float64 {
	if r.naive == 0 {
		return math.NaN()
	}
	return r.missed / r.naive
}

// relative is what models are compared by: like MASE, but 0 for a model that
// made no error, and infinite where there is no number.
func (r *Ranked) relative() float64 {
	if r.missed == 0 {
		return 0
	}
	if e := r.missed / r.naive; e <= math.MaxFloat64 {
		return e
	}
	return math.Inf(1)
}

// Index returns the place of a model, which it is given if it is new.
func (r *Ranking) Index(name string) int {
	for i := range r.Models {
		if r.Models[i].Name == name {
			return i
		}
	}
	r.Models = append(r.Models, Ranked{Name: name})
	return len(r.Models) - 1
}

// Add adds a resolved step: the absolute errors of the model at a place and of
// the naive forecast.
func (r *Ranking) Add(place int, missed, naive float64) {
	m := &r.Models[place]
	m.Resolved++
	m.missed = float64(rankingDecay*m.missed) + missed
	m.naive = float64(rankingDecay*m.naive) + naive
}

// Best returns the candidate with the least error among those with at least 30
// resolved steps, the first of equals; -1 if there is none.
func (r *Ranking) Best(candidates []Candidate) int {
	best, least := -1, math.Inf(1)
	for i := range candidates {
		m := &r.Models[r.Index(candidates[i].Name)]
		if e := m.relative(); m.Resolved >= rankingLeast && (best < 0 || e < least) {
			best, least = i, e
		}
	}
	return best
}
