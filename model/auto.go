package model

import "math"

var autoEntry = entry{
	Info: Info{
		Name:    "auto",
		Cost:    "350 n",
		Source:  "Makridakis, Spiliotis & Assimakopoulos, The M4 competition (2020), on averages of simple models",
		Summary: "the best of naive, drift, ses, holt and damped on the last steps; a mean of three if they are few",
	},
	build: newAuto,
}

// auto chooses among models, or averages them where a series is too short to
// choose by.
type auto struct {
	name       string
	averaged   []Forecaster
	candidates []Forecaster // in order of preference where errors are equal
}

func newAuto(name string, _ settings, seasons []int) (Forecaster, error) {
	a := auto{name: name}
	for _, e := range []entry{naiveEntry, driftEntry, sesEntry, holtEntry, dampedEntry} {
		f, err := e.build(e.Name, nil, seasons)
		if err != nil {
			return nil, err
		}
		a.candidates = append(a.candidates, f)
		switch e.Name {
		case "naive", "ses", "damped":
			a.averaged = append(a.averaged, f)
		}
	}
	return a, nil
}

func (a auto) Name() string { return a.name }

// MinLength is that of naive, the least demanding member.
func (a auto) MinLength() int { return a.candidates[0].MinLength() }

// Forecast implements Forecaster. From three horizons of steps on it holds out
// the last horizon, and the model with the least mean absolute error there
// forecasts from the whole series. Below, it averages naive, ses and damped.
// Models that need a longer series, or overflow, take no part.
func (a auto) Forecast(y []float64, horizon int, out *Forecast) error {
	if out.member == nil {
		out.member = new(Forecast)
	}
	var err error
	if horizon < 1 || len(y)/3 < horizon { // the members refuse the first
		err = a.average(y, horizon, out)
	} else {
		best := a.best(y, horizon, out.member)
		if err = best.Forecast(y, horizon, out); err == nil {
			out.Members = append(out.Members, best.Name())
		}
	}
	if err != nil {
		return err
	}
	for _, f := range a.candidates {
		if f.Forecast(y, horizon, out.member) == nil {
			out.nominate(f.Name(), out.member)
		}
	}
	return nil
}

// best returns the candidate with the least mean absolute error on the last
// horizon steps of y, forecast from those before.
func (a auto) best(y []float64, horizon int, trial *Forecast) Forecaster {
	best, least := a.candidates[0], math.Inf(1)
	cut := len(y) - horizon
	for _, f := range a.candidates {
		if f.Forecast(y[:cut], horizon, trial) != nil {
			continue
		}
		missed := 0.0
		for i, v := range y[cut:] {
			missed += math.Abs(v - trial.Mean[i])
		}
		if missed < least {
			best, least = f, missed
		}
	}
	return best
}

// average sets out to the mean of the averaged models that can forecast y. Its
// standard error is the mean of theirs, not a smaller one: they err alike, for
// they all miss the same future values.
func (a auto) average(y []float64, horizon int, out *Forecast) error {
	out.clear()
	var failed error
	for _, f := range a.averaged {
		if err := f.Forecast(y, horizon, out.member); err != nil {
			if failed == nil {
				failed = err
			}
			continue
		}
		if len(out.Members) == 0 {
			out.Mean = append(out.Mean, out.member.Mean...)
			out.SE = append(out.SE, out.member.SE...)
		}
		out.Members = append(out.Members, f.Name())
		share := 1 / float64(len(out.Members))
		approach(out.Mean, out.member.Mean, share)
		approach(out.SE, out.member.SE, share)
	}
	if len(out.Members) == 0 {
		return failed
	}
	if !finite(out.Mean) || !finite(out.SE) {
		out.clear()
		return ErrOverflow
	}
	return nil
}

// approach moves each of s a share of the way to its like in towards. Equal
// numbers stay exactly as they are.
func approach(s, towards []float64, share float64) {
	for i, v := range towards {
		s[i] += float64(share * (v - s[i]))
	}
}
