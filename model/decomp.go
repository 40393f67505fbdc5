package model

import (
	"math"
	"slices"
)

var decompEntry = entry{
	Info: Info{
		Name:       "decomp",
		Params:     []Param{orderParam, seasonParameter("length of the only season in steps (all of --season)")},
		MinSeasons: 2,
		Cost:       "3 p n",
		Source:     "Macaulay 1931 (decomposition); Burg 1968; Box & Cox 1964 (logarithms)",
		Summary:    "seasonal decomposition, with all seasons, and an autoregression of the rest; on logarithms where they fit better",
	},
	build: newDecomp,
}

func newDecomp(name string, fixed settings, seasons []int) (Forecaster, error) {
	m := decomp{name: name, order: -1, seasons: slices.Clone(seasons)}
	if season, ok := fixed[seasonParam.Name]; ok {
		m.seasons = []int{int(season)}
	}
	if len(m.seasons) == 0 {
		return nil, errNoSeason
	}
	if p, ok := fixed[orderParam.Name]; ok {
		m.order = int(p)
	}
	return guarded{m}, nil
}

// decomp is a decomposition into seasons and a rest, which is autoregressive.
// The order is -1 where AIC chooses it.
type decomp struct {
	name    string
	order   int
	seasons []int // the shortest first
}

func (m decomp) Name() string { return m.name }

// MinLength is two of the longest season and one of every other, and as many
// values more as the autoregression asks for.
func (m decomp) MinLength() int {
	return m.indices() + m.longest() + max(5, 2*m.order+2)
}

func (m decomp) longest() int { return m.seasons[len(m.seasons)-1] }

// indices counts the seasonal indices.
func (m decomp) indices() int {
	n := 0
	for _, season := range m.seasons {
		n += season
	}
	return n
}

// project: of a series above 0 the logarithms are forecast if they make it more
// likely. What comes back from them is the median; the standard error is that
// of the logarithm times the median.
func (m decomp) project(y []float64, f *Forecast) {
	// Of the values as shares of a power of two the logarithms are the same
	// whatever the unit, to the last digit.
	_, exponent := math.Frexp(slices.Max(y))
	f.bent = resized(f.bent, len(y))
	scale(f.bent, y, -exponent)
	m.fit(f.bent, f)
	if logs := m.logarithms(f); logs != nil {
		logs.resize(len(f.Mean))
		m.proceed(len(y), logs)
		for i, v := range logs.Mean {
			f.Mean[i] = exponential(v)
			f.SE[i] = logs.SE[i] * f.Mean[i]
		}
	} else {
		m.proceed(len(y), f)
	}
	scale(f.Mean, f.Mean, exponent)
	scale(f.SE, f.SE, exponent)
}

// logarithms fits the logarithms of f.bent in a Forecast of their own, and
// returns it if they are more likely than the values, which f holds the fit of:
// Box & Cox's comparison, where the sum of the logarithms makes up for the
// change of scale.
func (m decomp) logarithms(f *Forecast) *Forecast {
	if f.autoregression.variance == 0 || slices.Min(f.bent) <= 0 {
		return nil
	}
	if f.member == nil {
		f.member = new(Forecast)
	}
	logs := f.member
	logs.bent = resized(logs.bent, len(f.bent))
	sum := 0.0
	for i, v := range f.bent {
		logs.bent[i] = logarithm(v)
		sum += logs.bent[i]
	}
	m.fit(logs.bent, logs)
	if logs.autoregression.aic+float64(2*sum) < f.autoregression.aic {
		return logs
	}
	return nil
}

// fit estimates the seasonal indices, one season after the other in f.season,
// and the autoregression of the rest, in f.adjusted.
func (m decomp) fit(x []float64, f *Forecast) {
	rest := f.detrended(x, m.longest(), func(v, trend float64) float64 { return v - trend })
	first := m.longest() / 2 // of x in rest
	f.adjusted = append(f.adjusted[:0], x...)
	f.season = f.season[:0]
	for _, season := range m.seasons {
		f.indices = f.seasonalMeans(f.indices, rest, season, first)
		centre := meanOf(f.indices)
		for i := range f.indices {
			f.indices[i] -= centre
		}
		for i := range rest {
			rest[i] -= f.indices[(first+i)%season]
		}
		for i := range f.adjusted {
			f.adjusted[i] -= f.indices[i%season]
		}
		f.season = append(f.season, f.indices...)
	}
	n, indices := len(x), m.indices()-len(m.seasons)
	highest := min(max(defaultOrder(n), m.seasons[0]), (n-indices-2)/2)
	a := &f.autoregression
	a.fitOrder(f.adjusted, m.order, highest)
	// The indices were estimated as well.
	a.variance *= float64(n-len(a.weights)-1) / float64(n-len(a.weights)-1-indices)
}

// proceed forecasts the rest and puts the seasons back.
func (m decomp) proceed(n int, f *Forecast) {
	f.autoregression.project(f.adjusted, f)
	offset := 0
	for _, season := range m.seasons {
		for i := range f.Mean {
			f.Mean[i] += f.season[offset+(n+i)%season]
		}
		offset += season
	}
}
