package model

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Info describes a model.
type Info struct {
	Name   string
	Params []Param
	// MinLength is the least number of steps it forecasts from, with no
	// parameter fixed; a model that needs seasons needs as many more as
	// MinSeasons of its longest one have.
	MinLength int
	// MinSeasons is how many whole seasons it needs to have seen; 0 if it needs
	// no season.
	MinSeasons int
	// Cost is about what a forecast from n steps costs, counted in passes over
	// them: "15 n" is fifteen. p is the order of an autoregression.
	Cost string
	// Source is where its formulas come from.
	Source string
	// Summary is what it does, in a line.
	Summary string
}

// Param describes a parameter that may be fixed instead of estimated or left
// at its default.
type Param struct {
	Name     string
	Min, Max float64 // inclusive; both 0 if it has words
	// Whole says that it is a whole number.
	Whole bool
	// Words are the values of a parameter that is no number, the default first.
	Words   []string
	Summary string
}

// parse reads a value. That of a word is its index.
func (p Param) parse(text string) (float64, error) {
	if p.Words != nil {
		i := slices.Index(p.Words, text)
		if i < 0 {
			return 0, fmt.Errorf("%s=%q is unknown; known: %s", p.Name, text, strings.Join(p.Words, ", "))
		}
		return float64(i), nil
	}
	v, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%s=%q is not a number; allowed is %v to %v", p.Name, text, p.Min, p.Max)
	case !(v >= p.Min && v <= p.Max): // also true of NaN
		return 0, fmt.Errorf("%s=%v is out of range; allowed is %v to %v", p.Name, v, p.Min, p.Max)
	case p.Whole && v != math.Trunc(v):
		return 0, fmt.Errorf("%s=%v is no whole number; allowed is %v to %v", p.Name, v, p.Min, p.Max)
	}
	return v, nil
}

// format writes a value as parse reads it.
func (p Param) format(v float64) string {
	if p.Words != nil {
		return p.Words[int(v)]
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// entry is a model in the registry. build makes it under the name that the
// Forecaster is to report, with the parameters that are fixed, each one known
// and within its range.
type entry struct {
	Info
	build func(name string, fixed settings, seasons []int) (Forecaster, error)
}

// registry is the one list of models, in the order in which they are shown.
var registry = []entry{
	autoEntry, naiveEntry, snaiveEntry, meanEntry, driftEntry, olsEntry, sesEntry, holtEntry, dampedEntry,
	hwEntry, thetaEntry, combEntry, arEntry, decompEntry,
}

// Models describes all models. The caller owns the result.
func Models() []Info {
	infos := make([]Info, len(registry))
	for i, e := range registry {
		infos[i] = e.Info
		infos[i].Params = slices.Clone(e.Params)
		for k, p := range infos[i].Params {
			infos[i].Params[k].Words = slices.Clone(p.Words)
		}
		infos[i].MinLength = e.minLength()
	}
	return infos
}

// minLength is what Info says of it.
func (e entry) minLength() int {
	var seasons []int
	if e.MinSeasons > 0 {
		seasons = []int{anySeason}
	}
	f, err := e.build(e.Name, nil, seasons)
	if err != nil {
		return 0 // no model refuses to be built without parameters
	}
	return f.MinLength() - e.MinSeasons*anySeason
}

// anySeason is a season like any other.
const anySeason = 12

// Parse returns the model of a specification: a name, and after a colon the
// parameters to fix, such as "holt" or "holt:alpha=0.5,beta=0.1". seasons are
// the lengths of the seasons of its series in steps, each above 1, the shortest
// first; models without a season ignore them. An error names what is wrong and
// what is allowed.
func Parse(spec string, seasons []int) (Forecaster, error) {
	name, list, hasList := strings.Cut(spec, ":")
	e, err := find(name)
	if err != nil {
		return nil, err
	}
	var fixed settings
	if hasList {
		if fixed, err = e.parseParams(list); err != nil {
			return nil, fmt.Errorf("model %q: %w", spec, err)
		}
	}
	f, err := e.build(e.specification(fixed), fixed, seasons)
	if err != nil {
		return nil, fmt.Errorf("model %q: %w", spec, err)
	}
	return f, nil
}

func find(name string) (entry, error) {
	known := make([]string, len(registry))
	for i, e := range registry {
		if e.Name == name {
			return e, nil
		}
		known[i] = e.Name
	}
	return entry{}, fmt.Errorf("unknown model %q; known: %s", name, strings.Join(known, ", "))
}

// settings are the parameters that a specification fixes; a word is its index.
type settings map[string]float64

// narrow sets both bounds to the parameter's value if it is fixed.
func (s settings) narrow(param string, low, high *float64) {
	if v, ok := s[param]; ok {
		*low, *high = v, v
	}
}

func (e entry) parseParams(list string) (settings, error) {
	if len(e.Params) == 0 {
		return nil, fmt.Errorf("%s has no parameters, not %q", e.Name, list)
	}
	fixed := settings{}
	for setting := range strings.SplitSeq(list, ",") {
		name, text, _ := strings.Cut(setting, "=")
		p, err := e.param(name)
		if err != nil {
			return nil, err
		}
		if _, twice := fixed[name]; twice {
			return nil, fmt.Errorf("%s is given twice", name)
		}
		if fixed[name], err = p.parse(text); err != nil {
			return nil, err
		}
	}
	return fixed, nil
}

func (e entry) param(name string) (Param, error) {
	known := make([]string, len(e.Params))
	for i, p := range e.Params {
		if p.Name == name {
			return p, nil
		}
		known[i] = p.Name
	}
	return Param{}, fmt.Errorf("unknown parameter %q; known: %s", name, strings.Join(known, ", "))
}

// specification writes a model as Parse reads it, its parameters in the order
// of the registry.
func (e entry) specification(fixed settings) string {
	var list []string
	for _, p := range e.Params {
		if v, ok := fixed[p.Name]; ok {
			list = append(list, p.Name+"="+p.format(v))
		}
	}
	if list == nil {
		return e.Name
	}
	return e.Name + ":" + strings.Join(list, ",")
}
