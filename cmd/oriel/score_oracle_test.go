package main

import (
	"cmp"
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/oriel-stream/oriel/model"
)

// The scores by definition: from the forecasts as they were printed and from the
// records. Everything is looked up in lists and computed anew for every line.

// scoredLine is what is read of a printed line.
type scoredLine struct {
	core
	Forecast struct {
		Model, Error, Origin string
		Mean                 []float64
		Members              []string
		Intervals            []struct {
			Level        float64
			By           string
			Lower, Upper []*float64
		}
	} `json:"forecast"`
	Score map[string]any `json:"score"`
	text  string
}

func (l *scoredLine) identity() identity {
	id := identity{spec: hopping{l.Size, l.Hop}, start: l.Start, topic: l.Topic, series: l.Series, null: l.Key == nil}
	if l.Key != nil {
		id.key = *l.Key
	}
	return id
}

// scoreTrial is a trial with forecasts.
type scoreTrial struct {
	trial
	step    int64
	horizon int
	levels  []float64
	anomaly float64
	model   string
	// measure is --forecast-of, aggregates --forecast-input aggregates.
	measure    string
	aggregates bool
}

func randomScoreTrial(seed uint64) scoreTrial {
	rng := rand.New(rand.NewPCG(seed, 21))
	pick := func(from ...int64) int64 { return from[rng.IntN(len(from))] }
	tr := scoreTrial{
		trial: trial{rule: rule{
			origin: pick(0, 3, -2), outOfOrderness: pick(0, 2, 9), lateness: pick(0, 0, 7), maxFuture: 300_000,
			series: []string{"v"}, emit: "on-time", history: pick(3, 30, 30), payloadTime: true, empty: rng.IntN(3) == 0,
		}},
		step: pick(1, 2, 3, 5), horizon: int(pick(1, 2, 3, 6)), anomaly: 1 + 0.5*rng.Float64(),
		levels:  [][]float64{{95}, {80, 50}, {90}}[rng.IntN(3)],
		model:   []string{"naive", "ses", "holt", "auto", "auto"}[rng.IntN(5)],
		measure: []string{"mean", "mean", "mean", "sum", "count", "last", "max"}[rng.IntN(7)], aggregates: rng.IntN(4) == 0,
	}
	if rng.IntN(3) == 0 {
		tr.emit = "final"
	}
	size := tr.step * pick(2, 3, 5, 8, 12)
	tr.specs = []hopping{{size, max(size/12, 1+rng.Int64N(size))}}
	if rng.IntN(2) == 0 {
		tr.specs[0].hop = max(size/12, min(size, tr.step*pick(1, 2)))
	}
	if other := (hopping{2 * size, tr.step}); rng.IntN(3) == 0 && other.size/other.hop < 20 {
		tr.specs = append(tr.specs, other)
	}
	tr.feedSteadily(rng)
	return tr
}

// feedSteadily fills one or two partitions with records of two keys, with a
// silence now and then that is longer than some histories.
func (tr *scoreTrial) feedSteadily(rng *rand.Rand) {
	keys := []string{"a", "b"}
	for p := range 1 + rng.IntN(2) {
		tr.parts = append(tr.parts, place{topic: "t", partition: p, fromBeginning: true})
		tr.starts = append(tr.starts, 0)
		now, offset := int64(1_000_000), int64(0)
		walk := [2]float64{}
		for range 500 {
			now += rng.Int64N(3)
			if rng.IntN(200) == 0 {
				now += 4 * tr.specs[0].size
			}
			k := rng.IntN(2)
			walk[k] += math.Round(8*rng.NormFloat64()) / 8
			x := fed{part: p, offset: offset, time: now - rng.Int64N(6), key: &keys[k], values: []float64{walk[k]}}
			if rng.IntN(60) == 0 {
				x.values[0] += 400
			}
			x.stamp = x.time
			tr.feed = append(tr.feed, x)
			offset++
		}
		tr.logEnds = append(tr.logEnds, offset)
	}
}

func (tr *scoreTrial) replay(t *testing.T, seed uint64, model string, workers int) []*scoredLine {
	t.Helper()
	args := tr.args()
	args = slices.DeleteFunc(args, func(a string) bool { return a == "-m" || a == "none" })
	levels := make([]string, len(tr.levels))
	for i, l := range tr.levels {
		levels[i] = strconv.FormatFloat(l, 'g', -1, 64)
	}
	args = append(args, "-m", model, "--horizon", strconv.Itoa(tr.horizon), "--level", strings.Join(levels, ","),
		"--anomaly", strconv.FormatFloat(tr.anomaly, 'g', -1, 64), "--workers", strconv.Itoa(workers))
	args = append(args, "--forecast-of", tr.measure)
	if tr.aggregates {
		args = append(args, "--forecast-input", "aggregates")
	} else {
		args = append(args, "--step", ms(tr.step))
	}
	got := orielWith(t, strings.NewReader(tr.envelope(rand.New(rand.NewPCG(seed, 2)))), args...)
	if got.code != exitDone {
		t.Fatalf("seed %d, %v: exit code %d: %s", seed, args, got.code, got.stderr)
	}
	var lines []*scoredLine
	for _, text := range got.lines() {
		l := &scoredLine{text: text}
		if err := json.Unmarshal([]byte(text), l); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, l)
	}
	return lines
}

// onTime are the records of every window that were in time for it.
func (tr *scoreTrial) onTime() map[identity][]counted {
	o, windows := told{rejects: map[string]int{}}, map[identity][]counted{}
	for part := range tr.parts {
		o.read(tr.rule, part, ofPart(tr.feed, part), windows)
	}
	for id := range windows {
		windows[id] = slices.DeleteFunc(windows[id], func(c counted) bool { return !c.onTime })
	}
	return windows
}

// value is what is forecast of the records from one time to another; NaN without
// any.
func (tr *scoreTrial) value(records []counted, from, to int64) float64 {
	n, sum, greatest, last := 0.0, 0.0, math.Inf(-1), counted{}
	for _, r := range records {
		if r.at < from || r.at >= to {
			continue
		}
		if n == 0 || cmp.Or(cmp.Compare(r.at, last.at), r.part-last.part, cmp.Compare(r.offset, last.offset)) > 0 {
			last = r
		}
		n++
		sum += r.value // exact: values are multiples of 1/8
		greatest = max(greatest, r.value)
	}
	switch {
	case n == 0:
		return math.NaN()
	case tr.measure == "sum":
		return sum
	case tr.measure == "count":
		return n
	case tr.measure == "last":
		return last.value
	case tr.measure == "max":
		return greatest
	}
	return sum / n
}

// stepOf is the length of the steps that are forecast from a window.
func (tr *scoreTrial) stepOf(l *scoredLine) int64 {
	if tr.aggregates {
		return l.Hop
	}
	return tr.step
}

// truth is the value of a step in the window that ends it.
func (tr *scoreTrial) truth(l *scoredLine, records []counted, from, to int64) float64 {
	if tr.aggregates {
		return tr.value(records, l.Start, l.End)
	}
	return tr.value(records, max(from, l.Start), to)
}

// naive is the forecast of the naive model from a window: what was last.
func (j *judge) naive(l *scoredLine, records []counted) float64 {
	nothing := j.tr.measure == "sum" || j.tr.measure == "count" // is a number, too
	if j.tr.aggregates {
		v := j.tr.value(records, l.Start, l.End)
		switch {
		case !math.IsNaN(v):
			j.last = v
		case nothing:
			return 0
		}
		return j.last
	}
	for to := l.End; to > l.Start; to -= j.tr.step {
		v := j.tr.value(records, to-j.tr.step, to)
		switch {
		case !math.IsNaN(v):
			return v
		case nothing:
			return 0
		}
	}
	return math.NaN()
}

// judge is what the oracle knows of one key and spec.
type judge struct {
	tr *scoreTrial
	// past are the lines since the key began anew, with the naive forecast from
	// each; last is the value of the newest window with records.
	past   []*scoredLine
	naives map[*scoredLine]float64
	last   float64
	// knew says of the lines for which leads 30 errors were known when they came.
	knew map[*scoredLine][]bool
	// errors are all errors by lead, rates the miss rates by lead and level.
	// scores are the errors in units of the spread before each.
	errors [][]float64
	scores [][]float64
	spread []float64
	rates  [][]float64
	// steps are all resolved ones: the error, the naive one, the verdict.
	steps [][3]float64
	// alone are the forecasts of auto's candidates by themselves; sums the
	// weighted errors of each and of naive, and how many they are.
	alone map[string]map[identity]*scoredLine
	sums  map[string]*[3]float64
}

func newJudge(tr *scoreTrial, alone map[string]map[identity]*scoredLine) *judge {
	j := &judge{tr: tr, naives: map[*scoredLine]float64{}, knew: map[*scoredLine][]bool{}, alone: alone, sums: map[string]*[3]float64{}}
	j.errors, j.scores, j.spread = make([][]float64, tr.horizon), make([][]float64, tr.horizon), make([]float64, tr.horizon)
	for range tr.horizon {
		rates := []float64{}
		for _, l := range tr.levels {
			rates = append(rates, (100-l)/100)
		}
		j.rates = append(j.rates, rates)
	}
	return j
}

// window is how many errors of a lead count.
func (j *judge) window() int { return max(500, (1000+j.tr.horizon-1)/j.tr.horizon) }

func (j *judge) recent(lead int) []float64 { return j.newest(j.errors[lead]) }

// newest are those that count, by size.
func (j *judge) newest(y []float64) []float64 {
	return slices.Sorted(slices.Values(y[max(0, len(y)-j.window()):]))
}

// score notes how large the newest error of a lead is beside those before: as
// their mean, the newer the more, outliers no more than the largest of nine
// tenths. The first 30 are compared with themselves.
func (j *judge) score(lead int) {
	all, most := j.errors[lead], j.unit(lead)
	unscored := all[len(all)-1:]
	if len(all) < 30 {
		return
	}
	if len(all) == 30 {
		unscored = all
		for _, e := range all {
			j.spread[lead] += min(e, most) / 30
		}
	}
	for _, e := range unscored {
		score := 0.0
		if e > 0 {
			score = float64(math.Nextafter32(float32(min(e/j.spread[lead], math.MaxFloat32)), math.MaxFloat32)) // up
		}
		j.scores[lead] = append(j.scores[lead], score)
	}
	if len(all) > 30 {
		j.spread[lead] += float64(0.02 * (min(unscored[0], most) - j.spread[lead]))
	}
}

// unit is what nine tenths of the errors of a lead do not exceed.
func (j *judge) unit(lead int) float64 {
	sorted := j.recent(lead)
	for _, u := range []float64{sorted[(9*len(sorted)+9)/10-1], sorted[len(sorted)-1]} {
		if u > 0 {
			return u
		}
	}
	return 1
}

// resolve returns the score of a line, whose window has these records on time.
func (j *judge) resolve(l *scoredLine, records []counted) map[string]any {
	resolved, covered, judged, missed, surprise := 0, 0, 0, 0.0, math.NaN()
	told := map[int64]bool{}
	for lead := range j.tr.horizon {
		for _, f := range j.past {
			if lead >= len(f.Forecast.Mean) {
				continue
			}
			from := f.End + int64(lead)*j.tr.stepOf(l)
			to := from + j.tr.stepOf(l)
			truth := j.tr.truth(l, records, from, to)
			if to <= l.End-l.Hop || to > l.End || math.IsNaN(truth) {
				continue
			}
			e := math.Abs(truth - f.Forecast.Mean[lead])
			if !told[to] {
				told[to] = true
				if s := j.surprise(lead, e); math.IsNaN(surprise) || s > surprise {
					surprise = s
				}
			}
			resolved++
			missed += e
			switch j.learn(f, lead, truth) {
			case 1:
				covered++
				judged++
			case 0:
				judged++
			}
		}
	}
	score := map[string]any{"resolved": resolved, "covered": covered, "mae": missed / float64(resolved), "surprise": surprise}
	if resolved > 0 && judged == 0 {
		score["covered"] = math.NaN()
	}
	score["anomaly"] = surprise >= j.tr.anomaly
	j.overall(score)
	return score
}

// overall adds what a score says of the newest 500 resolved steps.
func (j *judge) overall(score map[string]any) {
	newest := j.steps[max(0, len(j.steps)-500):]
	var missed, naive, inside, judged float64
	for _, s := range newest {
		missed += s[0]
		naive += s[1]
		if s[2] >= 0 {
			judged++
			inside += s[2]
		}
	}
	score["n"], score["coverage"], score["mase"] = len(newest), inside/judged, missed/naive
	if naive == 0 {
		score["mase"] = math.NaN()
	}
}

// learn notes that a forecast missed a truth; 1 if it was inside the interval of
// the first level, 0 if it was outside, -1 if there was none.
func (j *judge) learn(f *scoredLine, lead int, truth float64) (verdict float64) {
	verdict = -1
	for i, v := range f.Forecast.Intervals {
		inside := (v.Lower[lead] == nil || *v.Lower[lead] <= truth) && (v.Upper[lead] == nil || *v.Upper[lead] >= truth)
		err := 1.0
		if inside {
			err = 0
		}
		if i == 0 {
			verdict = 1 - err
		}
		if v.By == "aci" && j.knew[f][lead] {
			j.rates[lead][i] += 0.005 * ((100-j.tr.levels[i])/100 - err)
		}
	}
	naive := j.naives[f]
	for name, forecasts := range j.alone {
		if own := forecasts[f.identity()]; own != nil && lead < len(own.Forecast.Mean) {
			if j.sums[name] == nil {
				j.sums[name] = new([3]float64)
			}
			s := j.sums[name]
			s[0] = s[0]*(1-1.0/500) + math.Abs(truth-own.Forecast.Mean[lead])
			s[1] = s[1]*(1-1.0/500) + math.Abs(truth-naive)
			s[2]++
		}
	}
	e := math.Abs(truth - f.Forecast.Mean[lead])
	j.errors[lead] = append(j.errors[lead], e)
	j.score(lead)
	j.steps = append(j.steps, [3]float64{e, math.Abs(truth - naive), verdict})
	return verdict
}

// surprise is the p-value of an error, of all leads of which 30 errors are known.
func (j *judge) surprise(lead int, e float64) float64 {
	if len(j.errors[lead]) < 30 {
		return math.NaN()
	}
	n, atLeast := 1.0, 1.0
	for other := range j.errors {
		if len(j.errors[other]) < 30 {
			continue
		}
		least := e
		if other != lead {
			least = e / j.unit(lead) * j.unit(other)
		}
		for _, x := range j.recent(other) {
			n++
			if x >= least {
				atLeast++
			}
		}
	}
	return -math.Log10(atLeast / n)
}

// learnt says that intervals are made of errors, those of the leads of which 30
// are known.
func (j *judge) learnt() bool {
	return slices.ContainsFunc(j.errors, func(e []float64) bool { return len(e) >= 30 })
}

// checkIntervals compares the intervals that errors make.
func (j *judge) checkIntervals(t *testing.T, seed uint64, l *scoredLine) {
	t.Helper()
	for i, v := range l.Forecast.Intervals {
		if by := v.By; (by == "aci") != j.learnt() {
			t.Fatalf("seed %d: intervals by %s, with errors %v: %s", seed, by, j.errors, l.text)
		}
		for lead := range l.Forecast.Mean {
			if v.By != "aci" || len(j.errors[lead]) < 30 {
				continue
			}
			sorted, rate := j.newest(j.scores[lead]), j.rates[lead][i]
			width := math.Inf(1)
			switch rank := int(math.Ceil((1 - rate) * float64(len(sorted)+1))); {
			case rate <= 1/float64(j.window()+1):
			case rank <= 0:
				width = 0
			default:
				width = min(sorted[min(rank, len(sorted))-1]*j.spread[lead], slices.Max(j.recent(lead)))
			}
			m := l.Forecast.Mean[lead]
			if !sameBound(v.Lower[lead], m-width) || !sameBound(v.Upper[lead], m+width) {
				t.Fatalf("seed %d: lead %d: want a width of %v: %s", seed, lead, width, l.text)
			}
		}
	}
}

func sameBound(got *float64, want float64) bool {
	if got == nil {
		return math.IsInf(want, 0)
	}
	return *got == want
}

// remember notes a line whose forecast may come true.
func (j *judge) remember(l *scoredLine, records []counted) {
	j.past, j.naives[l] = append(j.past, l), j.naive(l, records)
	for _, e := range j.errors {
		j.knew[l] = append(j.knew[l], len(e) >= 30)
	}
}

// checkChoice compares what auto forecast with the forecast of the model that
// has done best.
func (j *judge) checkChoice(t *testing.T, seed uint64, l *scoredLine, candidates []string) (chosen bool) {
	t.Helper()
	best, least := "", math.Inf(1)
	for _, name := range candidates {
		s, own := j.sums[name], j.alone[name][l.identity()]
		if s == nil || s[2] < 30 || own == nil || own.Forecast.Error != "" {
			continue
		}
		e := s[0] / s[1]
		if s[0] == 0 {
			e = 0
		}
		if best == "" || e < least {
			best, least = name, e
		}
	}
	if best == "" {
		return false
	}
	if !slices.Equal(l.Forecast.Members, []string{best}) || !slices.Equal(l.Forecast.Mean, j.alone[best][l.identity()].Forecast.Mean) {
		t.Fatalf("seed %d: %s has done best (%v): %s", seed, best, least, l.text)
	}
	return true
}

// checkScore compares a printed score.
func checkScore(t *testing.T, seed uint64, l *scoredLine, want map[string]any) {
	t.Helper()
	for name, w := range want {
		got := l.Score[name]
		switch w := w.(type) {
		case bool:
			if got != w {
				t.Fatalf("seed %d: %s is %v, want %v: %s", seed, name, got, w, l.text)
			}
		case int:
			if got != float64(w) {
				t.Fatalf("seed %d: %s is %v, want %v: %s", seed, name, got, w, l.text)
			}
		case float64:
			tolerance := 1e-9 * math.Max(1, math.Abs(w))
			if name == "surprise" {
				tolerance = 6e-5
			}
			is, ok := got.(float64)
			if ok == math.IsNaN(w) || ok && !(math.Abs(is-w) <= tolerance) {
				t.Fatalf("seed %d: %s is %v, want %v: %s", seed, name, got, w, l.text)
			}
		}
	}
}

// unknown is the score of a line for which there is nothing to say.
func unknown() map[string]any {
	nan := math.NaN()
	return map[string]any{
		"resolved": 0, "covered": 0, "mae": nan, "n": 0, "coverage": nan, "mase": nan, "surprise": nan, "anomaly": false,
	}
}

// candidatesOfAuto are the names of the models that auto chooses among, in the
// order of its preference.
func candidatesOfAuto(t *testing.T) (names []string) {
	t.Helper()
	auto, err := model.Parse("auto", nil)
	if err != nil {
		t.Fatal(err)
	}
	y := make([]float64, 200)
	for i := range y {
		y[i] = math.Sin(float64(i)) + float64(i%7)
	}
	var f model.Forecast
	if err := auto.Forecast(y, 1, &f); err != nil {
		t.Fatal(err)
	}
	for _, c := range f.Candidates {
		names = append(names, c.Name)
	}
	return names
}

// seenScores counts what the trials showed.
type seenScores struct{ lines, resolved, aci, anomalies, chosen, anew, repeated, elsewhere, aggregates int }

// TestScoresAgainstOracle compares scores, intervals and the choice of auto with
// their definitions, over random windows, steps, lateness and silences.
func TestScoresAgainstOracle(t *testing.T) {
	t.Parallel()
	var seen seenScores
	candidates := candidatesOfAuto(t)
	for seed := range uint64(40) {
		tr := randomScoreTrial(seed)
		seen.check(t, seed, &tr, candidates)
	}
	if seen.lines < 10_000 || min(seen.aci, seen.chosen) < 1000 || min(seen.anomalies, seen.repeated, seen.elsewhere, seen.aggregates) < 100 || seen.anew < 20 {
		t.Errorf("%+v: the trials show too little", seen)
	}
}

func (seen *seenScores) check(t *testing.T, seed uint64, tr *scoreTrial, candidates []string) {
	t.Helper()
	lines := tr.replay(t, seed, tr.model, 1)
	alone := map[string]map[identity]*scoredLine{}
	if tr.model == "auto" {
		for _, name := range candidates {
			alone[name] = map[identity]*scoredLine{}
			for _, l := range tr.replay(t, seed, name, 1) {
				if alone[name][l.identity()] == nil {
					alone[name][l.identity()] = l
				}
			}
		}
	}
	for i, l := range tr.replay(t, seed, tr.model, 7) {
		if l.text != lines[i].text {
			t.Fatalf("seed %d: with seven workers line %d is another:\n%s\n%s", seed, i, lines[i].text, l.text)
		}
	}
	onTime, first := tr.onTime(), map[identity]*scoredLine{}
	judges, ends := map[identity]*judge{}, map[identity]int64{}
	slices.SortStableFunc(lines, func(a, b *scoredLine) int { return int(a.End - b.End) })
	for _, l := range lines {
		seen.lines++
		id := l.identity()
		if f := first[id]; f != nil { // a later line
			seen.repeated++
			if !sameForecast(f, l) {
				t.Fatalf("seed %d: a later line has another forecast or score:\n%s\n%s", seed, f.text, l.text)
			}
			continue
		}
		first[id] = l
		of := id
		of.start = 0
		records := onTime[id]
		switch j := judges[of]; {
		case len(records) > 0:
			if j == nil || l.End-ends[of] > tr.history*l.Hop {
				if j != nil {
					seen.anew++
				}
				j = newJudge(tr, alone)
				judges[of] = j
			}
			ends[of] = l.End
			score := j.resolve(l, records)
			checkScore(t, seed, l, score)
			j.checkIntervals(t, seed, l)
			if tr.model == "auto" && l.Forecast.Error == "" && j.checkChoice(t, seed, l, candidates) {
				seen.chosen++
			}
			j.remember(l, records)
			seen.note(tr, l)
		case j != nil && l.Count == 0 && (tr.emit == "on-time" || tr.lateness == 0):
			score := unknown()
			j.overall(score)
			checkScore(t, seed, l, score)
			if l.Forecast.Error == "" { // from the windows before
				j.checkIntervals(t, seed, l)
				if tr.model == "auto" {
					j.checkChoice(t, seed, l, candidates)
				}
				j.remember(l, nil)
			}
		default:
			checkScore(t, seed, l, unknown())
		}
	}
}

func (seen *seenScores) note(tr *scoreTrial, l *scoredLine) {
	seen.resolved += int(l.Score["resolved"].(float64))
	if len(l.Forecast.Intervals) > 0 && l.Forecast.Intervals[0].By == "aci" {
		seen.aci++
	}
	if l.Score["anomaly"] == true {
		seen.anomalies++
	}
	switch {
	case tr.aggregates:
		seen.aggregates++
	case l.Hop%tr.step != 0 && tr.step%l.Hop != 0:
		seen.elsewhere++
	}
}

// sameForecast compares the forecasts and the scores of two lines.
func sameForecast(a, b *scoredLine) bool {
	_, x, _ := strings.Cut(a.text, `"forecast":`)
	_, y, _ := strings.Cut(b.text, `"forecast":`)
	return x == y
}
