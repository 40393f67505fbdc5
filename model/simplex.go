package model

import "math"

// simplex is the downhill simplex of Nelder & Mead (1965) with the starting
// polytope, the order of steps and the end of Nash, Compact Numerical Methods
// for Computers (1990), algorithm 19, which R's optim and forecast package use.
// Where it ends depends on these details, because it is stopped on a tolerance
// of the objective and at a number of evaluations.
type simplex struct {
	vertices [][]float64 // coordinates
	costs    []float64   // of the vertices
	centre   []float64
	trial    []float64
	memory   []float64
}

// What R's forecast package asks for.
const (
	simplexTolerance   = 0x1p-26 // square root of the spacing of doubles at 1
	simplexEvaluations = 2000
)

// minimise moves p, which lies within the region, to where cost is least. cost
// is infinite outside of the region.
func (s *simplex) minimise(p []float64, cost func([]float64) float64) {
	evaluations := 0
	evaluate := func(p []float64) float64 {
		evaluations++
		if c := cost(p); c <= math.MaxFloat64 {
			return c
		}
		return math.MaxFloat64 // beyond the region, and above all within
	}
	s.spread(p)
	s.costs[0] = evaluate(p)
	tolerance := float64(simplexTolerance * (math.Abs(s.costs[0]) + simplexTolerance))
	for i := 1; i < len(s.vertices); i++ {
		s.costs[i] = evaluate(s.vertices[i])
	}
	low, size := 0, math.Inf(1)
	for evaluations <= simplexEvaluations {
		var high int
		low, high = s.extremes(low)
		if s.costs[high] <= s.costs[low]+tolerance {
			break
		}
		if s.step(low, high, evaluate) {
			continue
		}
		before := size
		if size = s.shrink(low, evaluate); size >= before {
			break
		}
	}
	copy(p, s.vertices[low])
}

// spread places a vertex at p and one at a distance along each axis: a tenth of
// the largest coordinate, for all axes.
func (s *simplex) spread(p []float64) {
	n := len(p)
	s.memory = resized(s.memory, (n+4)*(n+1))
	s.vertices = s.vertices[:0]
	for i := range n + 1 {
		v := s.memory[i*n : (i+1)*n]
		copy(v, p)
		s.vertices = append(s.vertices, v)
	}
	rest := s.memory[(n+1)*n:]
	s.costs, s.centre, s.trial = rest[:n+1], rest[n+1:2*n+1], rest[2*n+1:3*n+1]
	step := 0.0
	for _, v := range p {
		step = max(step, 0.1*math.Abs(v))
	}
	if step == 0 {
		step = 0.1
	}
	for i, v := range p {
		s.vertices[i+1][i] = v + step
	}
}

// extremes returns the cheapest and the dearest vertex. Where costs are equal
// the cheapest so far stays.
func (s *simplex) extremes(low int) (cheapest, dearest int) {
	cheapest, dearest = low, low
	for i, c := range s.costs {
		if c < s.costs[cheapest] {
			cheapest = i
		}
		if c > s.costs[dearest] {
			dearest = i
		}
	}
	return cheapest, dearest
}

// step replaces the dearest vertex by its reflection at the centre of the
// others, by a point twice as far, or by one half way to the centre. It reports
// false if none of them is better.
func (s *simplex) step(low, high int, evaluate func([]float64) float64) bool {
	worst := s.vertices[high]
	for k := range s.centre {
		sum := -worst[k]
		for _, v := range s.vertices {
			sum += v[k]
		}
		s.centre[k] = sum / float64(len(worst))
		s.trial[k] = float64(2*s.centre[k]) - worst[k]
	}
	reflected := evaluate(s.trial)
	if reflected < s.costs[low] {
		copy(worst, s.trial) // kept if going on in this direction is no better
		for k, c := range s.centre {
			s.trial[k] = float64(2*worst[k]) - c
		}
		s.costs[high] = reflected
		if extended := evaluate(s.trial); extended < reflected {
			copy(worst, s.trial)
			s.costs[high] = extended
		}
		return true
	}
	better := reflected < s.costs[high]
	if better {
		copy(worst, s.trial)
		s.costs[high] = reflected
	}
	for k, c := range s.centre {
		s.trial[k] = float64(0.5*worst[k]) + float64(0.5*c)
	}
	if contracted := evaluate(s.trial); contracted < s.costs[high] {
		copy(worst, s.trial)
		s.costs[high] = contracted
		return true
	}
	return better
}

// shrink halves the distance of all vertices from the cheapest and returns the
// sum of these distances.
func (s *simplex) shrink(low int, evaluate func([]float64) float64) (size float64) {
	best := s.vertices[low]
	for i, v := range s.vertices {
		if i == low {
			continue
		}
		for k := range v {
			v[k] = float64(0.5*(v[k]-best[k])) + best[k]
			size += math.Abs(v[k] - best[k])
		}
	}
	for i, v := range s.vertices {
		if i != low {
			s.costs[i] = evaluate(v)
		}
	}
	return size
}
