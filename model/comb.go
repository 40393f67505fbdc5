package model

var combEntry = entry{
	Info: Info{
		Name:    "comb",
		Params:  []Param{seasonParam, modeParam},
		Cost:    "220 n + season n",
		Source:  "Makridakis, Spiliotis & Assimakopoulos, The M4 competition, 2020",
		Summary: "mean of ses, holt and damped; adjusted for the season",
	},
	build: newComb,
}

func newComb(name string, fixed settings, seasons []int) (Forecaster, error) {
	shared := settings{}
	if mode, ok := fixed[modeParam.Name]; ok {
		shared[modeParam.Name] = mode
	}
	c := comb{name: name}
	for _, e := range []entry{sesEntry, holtEntry, dampedEntry} {
		f, err := e.build(e.Name, shared, nil)
		if err != nil {
			return nil, err
		}
		c.members = append(c.members, f.(guarded).method)
	}
	return guarded{adjusted{c, fixed.seasonOrNone(seasons)}}, nil
}

// comb is a mean of methods.
type comb struct {
	name    string
	members []method
}

func (c comb) Name() string { return c.name }

func (c comb) MinLength() int {
	n := 0
	for _, m := range c.members {
		n = max(n, m.MinLength())
	}
	return n
}

// project: the standard error of a mean is at most the mean of the standard
// errors, and near it here, because the members err alike: they miss the same
// future values.
func (c comb) project(y []float64, f *Forecast) {
	if f.member == nil {
		f.member = new(Forecast)
	}
	f.member.resize(len(f.Mean))
	for i, m := range c.members {
		m.project(y, f.member)
		if i == 0 {
			copy(f.Mean, f.member.Mean)
			copy(f.SE, f.member.SE)
			continue
		}
		share := 1 / float64(i+1)
		approach(f.Mean, f.member.Mean, share)
		approach(f.SE, f.member.SE, share)
	}
}
