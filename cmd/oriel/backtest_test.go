package main

import (
	"encoding/json"
	"maps"
	"math"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// rankedGroup is what a ranking is of: a key, or all of them.
type rankedGroup struct {
	Of        string
	Topic     string
	Key       string // as JSON
	KeyBase64 string
	Series    string
	Size, Hop int64
}

// rankedLine is what is read of a line of backtest.
type rankedLine struct {
	Of        string          `json:"of"`
	Keys      int             `json:"keys"`
	Topic     string          `json:"topic"`
	Key       json.RawMessage `json:"key"`
	KeyBase64 string          `json:"key_base64"`
	Series    string          `json:"series"`
	Size      int64           `json:"size_ms"`
	Hop       int64           `json:"hop_ms"`
	Rank      int             `json:"rank"`
	Model     string          `json:"model"`
	MASE      *float64        `json:"mase"`
	MAE       *float64        `json:"mae"`
	Intervals []struct {
		Level     float64  `json:"level"`
		Coverage  *float64 `json:"coverage"`
		Width     *float64 `json:"width"`
		Unbounded int64    `json:"unbounded"`
	} `json:"intervals"`
	Checked   int64  `json:"checked"`
	Forecasts int64  `json:"forecasts"`
	TooFew    int64  `json:"too_few"`
	Failed    int64  `json:"failed"`
	BestOf    int    `json:"best_of"`
	Use       string `json:"use"`
}

func (l *rankedLine) group() rankedGroup {
	return rankedGroup{Of: l.Of, Topic: l.Topic, Key: string(l.Key), KeyBase64: l.KeyBase64, Series: l.Series, Size: l.Size, Hop: l.Hop}
}

func ranked(t *testing.T, args ...string) []rankedLine {
	t.Helper()
	got := oriel(t, append([]string{"backtest", "-o", "json"}, args...)...)
	if got.code != exitDone {
		t.Fatalf("%+v", got)
	}
	var lines []rankedLine
	for _, text := range got.lines() {
		var l rankedLine
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		lines = append(lines, l)
	}
	return lines
}

// backtestCommands are backtests, by name, with flags that replay has as well.
var backtestCommands = map[string][]string{
	"steps":      {"--value", "temp", "--value", "load.cpu", "--level", "80,95", "--horizon", "3"},
	"counted":    {"--value", "none", "--key", "site", "--step", "500ms", "-w", "20s/3s"},
	"aggregates": {"--value", "temp", "--key", "site", "--forecast-input", "aggregates", "--history", "12", "--horizon", "4"},
	"empty":      {"--value", "load.cpu", "--empty", "--history", "4", "--forecast-of", "sum", "--season", "3"},
}

var backtestModels = []string{"naive", "holt", "auto"}

// replayedScore is how a model did on a key, or on all, by the lines of a
// replay with it alone.
type replayedScore struct {
	checked, covered, forecasts, tooFew int64
	missed                              float64
}

func replayedScores(t *testing.T, args ...string) map[rankedGroup]*replayedScore {
	t.Helper()
	got := oriel(t, append([]string{"replay"}, args...)...)
	if got.code != exitDone {
		t.Fatalf("%+v", got)
	}
	scores := map[rankedGroup]*replayedScore{}
	for _, text := range got.lines() {
		var l struct {
			rankedLine
			Forecast struct{ Error string } `json:"forecast"`
			Score    struct {
				Resolved, Covered int64
				MAE               float64
			} `json:"score"`
		}
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatal(err)
		}
		l.Of = "key"
		all := rankedGroup{Of: "all", Series: l.Series, Size: l.Size, Hop: l.Hop}
		for _, group := range []rankedGroup{l.group(), all} {
			s := scores[group]
			if s == nil {
				s = &replayedScore{}
				scores[group] = s
			}
			s.checked += l.Score.Resolved
			s.covered += l.Score.Covered
			s.missed += l.Score.MAE * float64(l.Score.Resolved)
			switch l.Forecast.Error {
			case "":
				s.forecasts++
			case "too few":
				s.tooFew++
			}
		}
	}
	return scores
}

// TestBacktestIsReplay: every model is judged as a replay with it alone judges
// it.
func TestBacktestIsReplay(t *testing.T) {
	addr := newBroker(t).ListenAddrs()[0]
	produceMixed(t, addr, "mixed")
	for name, flags := range backtestCommands {
		t.Run(name, func(t *testing.T) {
			args := slices.Concat([]string{"mixed", "-b", addr}, mixedFlags, flags)
			byModel := map[string]map[rankedGroup]*replayedScore{}
			trying := slices.Concat(args, []string{"--by", "key"})
			for _, m := range backtestModels {
				byModel[m] = replayedScores(t, slices.Concat(args, []string{"-m", m})...)
				trying = append(trying, "-m", m)
			}
			lines := ranked(t, trying...)
			for i := range lines {
				checkRanked(t, &lines[i], byModel[lines[i].Model][lines[i].group()])
			}
			checkRanks(t, lines)
			if want := len(backtestModels) * len(byModel["naive"]); len(lines) != want {
				t.Errorf("%d lines, want %d", len(lines), want)
			}
		})
	}
}

func checkRanked(t *testing.T, l *rankedLine, want *replayedScore) {
	t.Helper()
	if want == nil {
		t.Fatalf("no window of %+v was replayed", l.group())
	}
	got := replayedScore{checked: l.Checked, covered: want.covered, forecasts: l.Forecasts, tooFew: l.TooFew, missed: want.missed}
	if got != *want || l.Failed != 0 {
		t.Errorf("%s on %+v: %+v, %d failed, want %+v", l.Model, l.group(), got, l.Failed, *want)
	}
	if l.Checked == 0 {
		if l.MAE != nil || l.Intervals[0].Coverage != nil {
			t.Errorf("%s on %+v has numbers of nothing: %+v", l.Model, l.group(), l)
		}
		return
	}
	mae := want.missed / float64(want.checked)
	if l.MAE == nil || math.Abs(*l.MAE-mae) > 1e-9*mae {
		t.Errorf("%s on %+v: MAE %v, want %v", l.Model, l.group(), l.MAE, mae)
	}
	if v := l.Intervals[0]; v.Coverage == nil || math.Abs(*v.Coverage*float64(l.Checked)-float64(want.covered)) > 1e-6 {
		t.Errorf("%s on %+v: %+v, want %d of %d", l.Model, l.group(), v, want.covered, want.checked)
	}
	if l.Model == "naive" && *l.MAE > 0 && *l.MASE != 1 {
		t.Errorf("naive on %+v has a MASE of %v", l.group(), *l.MASE)
	}
}

// checkRanks: a ranking is by MASE, and counts on how many keys a model is best.
func checkRanks(t *testing.T, lines []rankedLine) {
	t.Helper()
	type counted struct {
		group rankedGroup
		model string
	}
	best, keys, checked := map[counted]int{}, map[rankedGroup]int{}, int64(0)
	for i, l := range lines {
		all := rankedGroup{Of: "all", Series: l.Series, Size: l.Size, Hop: l.Hop}
		if l.Of == "key" && l.Rank == 1 {
			keys[all]++
			if l.Checked > 0 {
				best[counted{all, l.Model}]++
			}
		}
		if l.Of == "all" && (l.Keys != keys[all] || l.BestOf != best[counted{all, l.Model}] || (l.Use != "") != (l.Rank == 1)) {
			t.Errorf("%+v, of %d keys, the best of %d", l, keys[all], best[counted{all, l.Model}])
		}
		checked += l.Checked
		if l.Rank == 1 {
			continue
		}
		before := lines[i-1]
		if before.Rank != l.Rank-1 || before.group() != l.group() || before.MASE != nil && l.MASE != nil && *before.MASE > *l.MASE {
			t.Errorf("%+v stands before %+v", before, l)
		}
	}
	if checked < 2000 {
		t.Errorf("%d forecasts were checked: that shows too little", checked)
	}
}

// costs are what is not the same twice.
var costs = regexp.MustCompile(`,"cost_us":(null|[0-9.e-]+)}`)

// TestBacktestDoesNotDependOnWorkers, nor on cores.
func TestBacktestDoesNotDependOnWorkers(t *testing.T) {
	addr := newBroker(t).ListenAddrs()[0]
	produceMixed(t, addr, "mixed")
	for name, flags := range backtestCommands {
		t.Run(name, func(t *testing.T) {
			var want string
			for _, c := range []struct{ procs, workers int }{{1, 1}, {1, 7}, {8, 2}, {8, 40}} {
				args := slices.Concat([]string{"backtest", "mixed", "-b", addr, "-o", "json", "--by", "key", "--workers", strconv.Itoa(c.workers)}, mixedFlags, flags)
				before := runtime.GOMAXPROCS(c.procs)
				got := oriel(t, args...)
				runtime.GOMAXPROCS(before)
				text := costs.ReplaceAllString(got.stdout, "}")
				if want == "" {
					want = text
				}
				if diff := cmp.Diff(want, text); diff != "" {
					t.Errorf("%d workers on %d cores:\n%s", c.workers, c.procs, diff)
				}
				if got.code != exitDone || strings.Count(got.stdout, "\n") < 20 || strings.Contains(text, "cost_us") {
					t.Errorf("%+v", got)
				}
			}
		})
	}
}

// TestNaiveByDefinition: that the last value goes on is easily checked. With
// aggregates everything it takes is printed: the value of a window is what was
// forecast for it before.
func TestNaiveByDefinition(t *testing.T) {
	addr := newBroker(t).ListenAddrs()[0]
	produceMixed(t, addr, "mixed")
	flags := []string{
		"mixed", "-b", addr, "--time", "ts", "--value", "temp", "--key", "site", "-w", "4s/1s", "--quiet",
		"--forecast-input", "aggregates", "--forecast-of", "max", "--horizon", "3", "-m", "naive",
	}
	got := oriel(t, append([]string{"replay"}, flags...)...)
	largest := map[string]map[int64]float64{}
	for _, text := range got.lines() {
		var l core
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatal(err)
		}
		if largest[*l.Key] == nil {
			largest[*l.Key] = map[int64]float64{}
		}
		largest[*l.Key][l.End] = l.Max
	}
	missed, checked := 0.0, int64(0)
	for _, windows := range largest {
		first := slices.Min(slices.Collect(maps.Keys(windows)))
		for end, truth := range windows {
			for lead := int64(1); lead <= 3; lead++ {
				// The first window of a key is too few to forecast from.
				if forecast, ok := windows[end-lead*1000]; ok && end-lead*1000 != first {
					missed += math.Abs(truth - forecast)
					checked++
				}
			}
		}
	}
	lines := ranked(t, flags...)
	if len(lines) != 1 || lines[0].Checked != checked || math.Abs(*lines[0].MAE-missed/float64(checked)) > 1e-9 || checked < 300 {
		t.Errorf("%+v, want %d checked and %v", lines, checked, missed/float64(checked))
	}
}

// TestUseShowsNoSecrets: the command that uses the winner is printed, and may be
// kept.
func TestUseShowsNoSecrets(t *testing.T) {
	e := testEnv(strings.NewReader(""), nil, nil)
	root := newRoot(e)
	cmd, _, err := root.Find([]string{"backtest"})
	if err != nil {
		t.Fatal(err)
	}
	args := []string{
		"-X", "sasl.password=s3cret", "-X", "sasl.username=me", "-X", "ssl.key.password=env:PASS", "--schema-registry", "http://me:s3cret@host:8081",
		"--key", "it's", "--profile", "none", "--from", "5", "-b", "a:1,b:2", "-o", "json", "--workers", "2", "--partitions", "0,2-5",
	}
	if err := cmd.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	o := &backtestOptions{}
	r := &stream.Ranking{Spec: window.Spec{Size: 60_000, Hop: 10_000}, Models: []stream.RankedModel{{Model: "holt", Resolved: 1}}}
	want := `oriel tail 'a*' -w 1m/10s -m holt -b a:1,b:2 --key 'it'\''s' --partitions 0,2-5 --profile none ` +
		`-X 'sasl.password=***' -X sasl.username=me -X ssl.key.password=env:PASS --schema-registry http://me:xxxxx@host:8081`
	if got := o.use(cmd, []string{"a*"}, r); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if got := o.use(cmd, []string{"a"}, &stream.Ranking{Models: []stream.RankedModel{{Model: "holt"}}}); got != "" {
		t.Errorf("%q although nothing was checked", got)
	}
}

// TestBacktestOfAPart: what could not be covered is exit code 4, and what was
// read is ranked.
func TestBacktestOfAPart(t *testing.T) {
	cluster, c := losing(t)
	c.deleteRecords("t", 40)
	addr := cluster.ListenAddrs()[0]
	lost := oriel(t, "backtest", "t", "-b", addr, "--from", "10", "-w", "10s", "-m", "naive", "--format", "number")
	checkLoss(t, lost, 4, "60 records from 1 partition", "t/0: lost 30 offsets, 10 to 39")
	if !strings.Contains(lost.stdout, "value, windows of 10s: 6 of 1 key\n") || !strings.Contains(lost.stdout, "use the best: oriel tail t -w 10s -m naive ") {
		t.Errorf("ranked:\n%s", lost.stdout)
	}
	got := oriel(t, "backtest", "nosuch", "-b", addr)
	if got.code != exitUsage {
		t.Errorf("%+v", got)
	}
	if got = oriel(t, "backtest", "t", "-b", "127.0.0.1:1"); got.code != exitConnection {
		t.Errorf("%+v", got)
	}
}

// TestBacktestWithin a range, of memory and of event time.
func TestBacktestWithin(t *testing.T) {
	addr := newBroker(t).ListenAddrs()[0]
	produceMixed(t, addr, "mixed")
	args := slices.Concat([]string{"backtest", "mixed", "-b", addr, "--value", "temp", "-o", "json"}, mixedFlags)
	got := oriel(t, slices.Concat(args, []string{"--max-memory", "1MB", "-w", "10s/100ms", "--horizon", "20"})...)
	if got.code != exitIncomplete || !strings.Contains(got.stderr, "raise --max-memory") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	whole := oriel(t, args...)
	between := oriel(t, slices.Concat(args, []string{"--between", "1795327210000,1795327230000"})...)
	if between.code != exitDone || len(between.lines()) != len(whole.lines()) || between.stdout == whole.stdout {
		t.Errorf("%+v of %+v", between, whole)
	}
}
