package main

import (
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/oriel-stream/oriel/model"
	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// modelFlags say what to forecast from each window.
type modelFlags struct {
	model         string
	horizon       int
	step          duration
	levels        string
	seasons       string
	workers       int
	anomaly       float64
	forecastOf    choice
	forecastInput choice
	// external is of models outside this process.
	external externalFlags
}

func (f *modelFlags) add(fs *pflag.FlagSet) {
	f.addSteps(fs)
	f.addAhead(fs)
	fs.Float64Var(&f.anomaly, "anomaly", defaultAnomaly, "surprise from which a window is an anomaly: 3 is one step in a thousand")
	f.external.add(fs)
}

const defaultAnomaly = 3

// addAhead adds the flags that say how far to forecast, and how certain.
func (f *modelFlags) addAhead(fs *pflag.FlagSet) {
	fs.IntVar(&f.horizon, "horizon", 5, "steps ahead")
	fs.StringVar(&f.levels, "level", "95", "levels of the prediction intervals in percent, as in 80,95")
	fs.IntVar(&f.workers, "workers", runtime.GOMAXPROCS(0), "forecasts made at a time; of an external model also its processes, or connections")
}

// addSteps adds the flags that have a say in the steps of windows.
func (f *modelFlags) addSteps(fs *pflag.FlagSet) {
	fs.StringVarP(&f.model, "model", "m", "auto",
		"forecaster: "+strings.Join(modelNames(), ", ")+" or none; parameters as in holt:beta=0.1; exec:COMMAND or http://HOST/v2/models/NAME for one of your own")
	f.addSeries(fs)
}

// addSeries adds the flags that say what a model is given.
func (f *modelFlags) addSeries(fs *pflag.FlagSet) {
	fs.StringVar(&f.seasons, "season", "", "lengths of the seasons in steps, as in 24 or 24,168 (default: none)")
	f.forecastOf, f.forecastInput = newChoice(stream.MeasureNames()...), newChoice("steps", "aggregates", "raw")
	fs.Var(&f.forecastOf, "forecast-of", "what of the records in a step is forecast: mean, sum, count, last or max; their number where records are counted")
	fs.Var(&f.forecastInput, "forecast-input", "what a model is given: the steps of the window, or the aggregates of the last --history windows as steps of one hop; an external model also the raw records of the window")
	fs.Var((*positive)(&f.step), "step", "length of a step; must divide the window (default: the hop, or a multiple of it that makes at most 60 steps; else a tenth of the window)")
}

func modelNames() []string {
	var names []string
	for _, m := range model.Models() {
		names = append(names, m.Name)
	}
	return names
}

// none says that nothing is forecast.
func (f *modelFlags) none() bool { return f.model == "none" }

// ofAggregates says that whole windows are what is forecast from.
func (f *modelFlags) ofAggregates() bool { return f.forecastInput.value == "aggregates" }

// windowStep is the step the windows need: negative for none, 0 for the
// default.
func (f *modelFlags) windowStep() window.Duration {
	if f.none() || f.ofAggregates() {
		return -1
	}
	return window.Duration(f.step)
}

// maxHorizon bounds --horizon: a line carries three numbers for every step; and
// maxWorkers --workers: a program runs as often.
const (
	maxHorizon = 1000
	maxWorkers = 1024
)

// forecasts checks the flags; nil for none.
func (f *modelFlags) forecasts() (*stream.Forecasts, error) {
	m, err := f.forecaster()
	if err == nil {
		err = f.checkWorkers()
	}
	switch {
	case err != nil:
		return nil, err
	case !(f.anomaly > 0):
		return nil, usagef("--anomaly %v is not positive: use for example 3, which is one step in a thousand", f.anomaly)
	case f.horizon < 1 || f.horizon > maxHorizon:
		return nil, usagef("--horizon %d is out of range: use 1 to %d", f.horizon, maxHorizon)
	}
	levels, err := parseLevels(f.levels)
	if err != nil || f.none() {
		return nil, err
	}
	forecasts := &stream.Forecasts{Model: m, Horizon: f.horizon, Levels: levels, Anomaly: f.anomaly}
	switch f.forecastInput.value {
	case "aggregates":
		forecasts.Input = stream.InputAggregates
	case "raw":
		forecasts.Input = stream.InputRaw
	}
	return forecasts, nil
}

func (f *modelFlags) checkWorkers() error {
	if f.workers < 1 || f.workers > maxWorkers {
		return usagef("--workers %d is out of range: use 1 to %d", f.workers, maxWorkers)
	}
	return nil
}

// measure is --forecast-of.
func (f *modelFlags) measure() stream.Measure { return stream.MeasureNamed(f.forecastOf.value) }

// checkMeasure refuses a measure that records without a value do not have. The
// mean is the default, and gives way.
func (f *modelFlags) checkMeasure(series []string) error {
	m := f.measure()
	if f.none() || len(series) > 0 || m == stream.MeasureMean || m == stream.MeasureCount {
		return nil
	}
	return usagef("--forecast-of %s needs numbers, and records are counted: name a field with --value, or use --forecast-of count", m)
}

// forecaster checks --model and --step; nil for none and for an external one.
func (f *modelFlags) forecaster() (model.Forecaster, error) {
	switch {
	case f.forecastInput.value == "raw" && !f.isExternal():
		return nil, usagef("--forecast-input raw needs an external model, as in -m exec:'python3 model.py': use steps or aggregates")
	case f.step > 0 && f.ofAggregates():
		return nil, usagef("--step %v does not go with --forecast-input aggregates, where a step is the hop of the window: leave one out", f.step.std())
	}
	if f.none() || f.isExternal() {
		return nil, nil
	}
	seasons, err := parseSeasons(f.seasons)
	if err != nil {
		return nil, err
	}
	m, err := model.Parse(f.model, seasons)
	if err != nil {
		return nil, usagef("%w (--model%s)", err, meant(f.model))
	}
	return m, nil
}

// meant says which model a mistyped name is a slip or two away from.
func meant(spec string) string {
	name, _, _ := strings.Cut(spec, ":")
	for _, known := range modelNames() {
		if n := stream.Slips(name, known, 1+max(1, len(name)/3)); n > 0 && n <= max(1, len(name)/3) {
			return "; did you mean " + known + "?"
		}
	}
	return ""
}

// maxSeason bounds --season: no window has more steps.
const maxSeason = 1_000_000

// parseSeasons reads the lengths of seasons; the shortest comes first.
func parseSeasons(s string) ([]int, error) {
	if s == "" {
		return nil, nil
	}
	var seasons []int
	for part := range strings.SplitSeq(s, ",") {
		season, err := strconv.Atoi(strings.TrimSpace(part))
		switch {
		case err != nil || season < 2 || season > maxSeason:
			return nil, usagef("--season %q: %q is no number of steps from 2 to %d: use for example 24 or 24,168", s, part, maxSeason)
		case slices.Contains(seasons, season):
			return nil, usagef("--season %q has %d twice", s, season)
		}
		seasons = append(seasons, season)
	}
	slices.Sort(seasons)
	return seasons, nil
}

func parseLevels(s string) ([]float64, error) {
	var levels []float64
	for part := range strings.SplitSeq(s, ",") {
		level, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || !(level > 0 && level < 100) {
			return nil, usagef("--level %q: %q is no percentage between 0 and 100: use for example 95 or 80,95", s, part)
		}
		if slices.Contains(levels, level) {
			return nil, usagef("--level %q has %v twice", s, level)
		}
		levels = append(levels, level)
	}
	return levels, nil
}
