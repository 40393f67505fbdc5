package model

import (
	"fmt"
	"math"
	"slices"
)

var autoEntry = entry{
	Info: Info{
		Name:    "auto",
		Cost:    "1000 n",
		Source:  "Bates & Granger 1969 (weights); Makridakis, Spiliotis & Assimakopoulos, The M4 competition, 2020",
		Summary: "weighted mean of the three models that did best on the last steps, seasonal ones with --season; of naive, ses and damped if the steps are few",
	},
	build: newAuto,
}

// auto combines the forecasts of models.
type auto struct {
	name       string
	candidates []Forecaster // in order of preference where errors are equal
}

// shortMembers are averaged where a series is too short to choose by.
var shortMembers = []string{"naive", "ses", "damped"}

func newAuto(name string, _ settings, seasons []int) (Forecaster, error) {
	a := auto{name: name}
	add := func(e entry, fixed settings) error {
		f, err := e.build(e.specification(fixed), fixed, seasons)
		a.candidates = append(a.candidates, f)
		return err
	}
	for _, e := range []entry{naiveEntry, driftEntry, sesEntry, holtEntry, dampedEntry, thetaEntry, arEntry} {
		if err := add(e, nil); err != nil {
			return nil, err
		}
	}
	for _, season := range seasons {
		if err := add(snaiveEntry, settings{seasonParam.Name: float64(season)}); err != nil {
			return nil, err
		}
	}
	if len(seasons) > 0 {
		if err := add(decompEntry, nil); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func (a auto) Name() string { return a.name }

// MinLength is that of naive, the least demanding member.
func (a auto) MinLength() int { return a.candidates[0].MinLength() }

// Forecast implements Forecaster. From three horizons of steps on it holds out
// the last steps, and the three models that did best there are combined. Below,
// it averages naive, ses and damped. Models that need a longer series, or
// overflow, take no part.
func (a auto) Forecast(y []float64, horizon int, out *Forecast) error {
	out.clear()
	if horizon < 1 {
		return fmt.Errorf("horizon %d is below 1 (--horizon)", horizon)
	}
	if err := a.nominate(y, horizon, out); err != nil {
		return err
	}
	if len(y)/3 < horizon || !a.judge(y, horizon, out) {
		out.trustShortMembers()
	}
	out.combine()
	if !finite(out.Mean) || !finite(out.SE) {
		out.clear()
		return ErrOverflow
	}
	return nil
}

// nominate makes candidates of the forecasts that there are. Without any, the
// error is that of the least demanding model.
func (a auto) nominate(y []float64, horizon int, out *Forecast) error {
	if out.member == nil {
		out.member = new(Forecast)
	}
	var failed error
	out.nominees = out.nominees[:0]
	for i, f := range a.candidates {
		if err := f.Forecast(y, horizon, out.member); err != nil {
			if failed == nil {
				failed = err
			}
			continue
		}
		out.nominate(f.Name(), out.member)
		out.nominees = append(out.nominees, i)
	}
	if len(out.Candidates) == 0 {
		return failed
	}
	out.missed = resized(out.missed, len(out.Candidates))
	return nil
}

// trustShortMembers sets f.missed so that those of shortMembers that there are
// have equal weights and no other has any; without one, all have.
func (f *Forecast) trustShortMembers() {
	trusted := false
	for i, c := range f.Candidates {
		f.missed[i] = math.Inf(1)
		if slices.Contains(shortMembers, c.Name) {
			f.missed[i], trusted = 1, true
		}
	}
	for i := range f.missed {
		if !trusted {
			f.missed[i] = 1
		}
	}
}

// holdOuts is at how many points of the past auto forecasts what it knows.
const holdOuts = 3

// judge sets out.missed to what each candidate missed the last steps by, in sum
// of absolute errors: those of a horizon at the end, and of others half a
// horizon earlier each, as long as half of the series comes before them. A
// model that cannot forecast one of them missed by infinity. It reports whether
// any could.
func (a auto) judge(y []float64, horizon int, out *Forecast) bool {
	clear(out.missed)
	for k := range holdOuts {
		cut := len(y) - horizon - k*max(1, horizon/2)
		if k > 0 && 2*cut < len(y) {
			break
		}
		future := y[cut : cut+horizon]
		for i, index := range out.nominees {
			if math.IsInf(out.missed[i], 1) {
				continue
			}
			if a.candidates[index].Forecast(y[:cut], horizon, out.member) != nil {
				out.missed[i] = math.Inf(1)
				continue
			}
			for h, v := range future {
				out.missed[i] += math.Abs(v - out.member.Mean[h])
			}
		}
	}
	return !math.IsInf(slices.Min(out.missed), 1)
}

// most is how many candidates auto combines; docs/forecasting.md says how it was
// decided.
const most = 3

// combine sets f to the mean of those candidates that missed least, weighted
// by the inverse of their squared misses: the best weights for forecasts whose
// errors have nothing in common (Bates & Granger). The standard error is the
// mean of theirs, not a smaller one, because in truth they err alike. After a
// candidate without a miss there is no other.
func (f *Forecast) combine() {
	least, total := slices.Min(f.missed), 0.0
	for range most {
		best := 0
		for i, missed := range f.missed {
			if missed < f.missed[best] {
				best = i
			}
		}
		missed, c := f.missed[best], &f.Candidates[best]
		if math.IsInf(missed, 1) || len(f.Members) > 0 && least == 0 {
			break
		}
		f.missed[best] = math.Inf(1)
		if len(f.Members) == 0 {
			f.Mean = append(f.Mean, c.Mean...)
			f.SE = append(f.SE, c.SE...)
			total = 1
		} else {
			weight := float64((least / missed) * (least / missed))
			total += weight
			approach(f.Mean, c.Mean, weight/total)
			approach(f.SE, c.SE, weight/total)
		}
		f.Members = append(f.Members, c.Name)
	}
}

// approach moves each of s a share of the way to its like in towards. Equal
// numbers stay exactly as they are.
func approach(s, towards []float64, share float64) {
	for i, v := range towards {
		s[i] += float64(share * (v - s[i]))
	}
}
