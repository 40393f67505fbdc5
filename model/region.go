package model

import (
	"fmt"
	"math"
)

// region is the box of weights that an estimator may choose from, with
// beta <= alpha and gamma <= 1-alpha besides. A weight whose bounds agree is fixed.
type region struct{ low, high weights }

// free says which of alpha, beta, phi and gamma are left to choose.
func (r *region) free() [4]bool {
	return [4]bool{
		r.low.alpha < r.high.alpha, r.low.beta < r.high.beta,
		r.low.phi < r.high.phi, r.low.gamma < r.high.gamma,
	}
}

// reconcile narrows what is free to what goes with what is fixed; an error says
// that nothing does.
func (r *region) reconcile() error {
	low, high := &r.low, &r.high
	if low.beta > high.alpha {
		return fmt.Errorf("beta=%v is above alpha=%v", low.beta, high.alpha)
	}
	if low.alpha < high.alpha {
		low.alpha = max(min(low.alpha, 1-low.gamma), low.beta)
		high.alpha = min(high.alpha, 1-low.gamma)
	}
	if low.alpha > high.alpha {
		return fmt.Errorf("beta=%v is above 1-gamma=%v, and alpha between them", low.beta, 1-low.gamma)
	}
	if low.gamma > 1-low.alpha {
		return fmt.Errorf("gamma=%v is above 1-alpha=%v", low.gamma, 1-low.alpha)
	}
	high.beta = min(high.beta, high.alpha)
	high.gamma = min(high.gamma, 1-low.alpha)
	return nil
}

// freedom counts the weights that are left to choose.
func (r *region) freedom() int {
	n := 0
	for _, free := range r.free() {
		if free {
			n++
		}
	}
	return n
}

// point is a place in a region: alpha, beta, phi and gamma, each as the share
// of the way from its lower to its upper bound, where the upper bounds of beta
// and gamma follow alpha. So the edge beta = alpha, a frequent optimum, is a
// straight line.
type point [4]float64

// at returns the weights at p.
func (r *region) at(p *point) weights {
	alpha := r.low.alpha + float64(p[0]*(r.high.alpha-r.low.alpha))
	ceiling := min(r.high.beta, alpha)
	return weights{
		alpha: alpha,
		beta:  r.low.beta + float64(p[1]*(ceiling-r.low.beta)),
		phi:   r.low.phi + float64(p[2]*(r.high.phi-r.low.phi)),
		gamma: r.low.gamma + float64(p[3]*(min(r.high.gamma, 1-alpha)-r.low.gamma)),
	}
}

// grid holds the shares at which minimise looks first, dense where sums of
// squares bend most. They were chosen on random series; the tests hold them to
// a fine grid.
var grid = [4][]float64{
	{0, 0.1, 0.2, 0.37, 0.53, 0.69, 0.84, 1},
	{0, 0.2, 0.5, 1},
	{0, 0.5, 1},
	{0, 0.1, 0.3, 0.6},
}

// reach is the first step of the refinement, about half of what lies between
// points of the grid; rounds is how often it is taken and halved.
var reach = point{0.08, 0.15, 0.25, 0.15}

const rounds = 7

// minimise returns the weights where cost is least: the best point of a grid,
// refined by a compass search with a shrinking step. The number of steps is
// bounded, and of equal costs the first wins.
func (r *region) minimise(cost func(weights) float64) weights {
	best, least := r.scan(cost)
	free := r.free()
	step := reach
	for range rounds {
		for k := range step {
			if !free[k] {
				continue
			}
			for _, d := range [...]float64{step[k], -step[k]} {
				p := best
				p[k] = min(max(p[k]+d, 0), 1)
				if p[k] == best[k] {
					continue
				}
				if c := cost(r.at(&p)); c < least {
					best, least = p, c
					break
				}
			}
			step[k] /= 2
		}
	}
	return r.at(&best)
}

// scan returns the point of the grid where cost is least.
func (r *region) scan(cost func(weights) float64) (best point, least float64) {
	axes := grid
	for k, free := range r.free() {
		if !free {
			axes[k] = axes[k][:1]
		}
	}
	least = math.Inf(1)
	for _, phi := range axes[2] {
		for _, alpha := range axes[0] {
			for _, beta := range axes[1] {
				for _, gamma := range axes[3] {
					p := point{alpha, beta, phi, gamma}
					if c := cost(r.at(&p)); c < least {
						best, least = p, c
					}
				}
			}
		}
	}
	return best, least
}
