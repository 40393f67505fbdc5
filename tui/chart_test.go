package tui

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"
	"github.com/muesli/termenv"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// chartStart is 2026-03-02T11:58:00Z.
const chartStart window.Time = 1772452680000

// seasonFocus is a season with noise, a spike and a gap, its one-step forecasts
// with intervals, and a forecast of the next steps.
func seasonFocus(steps, ahead int, step window.Duration) *stream.Focus {
	rng := rand.New(rand.NewPCG(7, 11))
	season := func(i int) float64 { return 120 + 40*math.Sin(2*math.Pi*float64(i)/24) }
	f := &stream.Focus{Topic: "trips", Step: step, Level: 90}
	for i := range steps {
		p := stream.Point{At: chartStart.Add(window.Duration(i) * step), Actual: season(i) + 5*rng.NormFloat64()}
		p.Forecast, p.Low, p.High = math.NaN(), math.NaN(), math.NaN()
		if i >= 10 {
			p.Forecast = season(i) + 2*rng.NormFloat64()
			p.Low, p.High = p.Forecast-14, p.Forecast+14
		}
		switch i {
		case steps * 2 / 3:
			p.Actual += 45
		case steps / 3, steps/3 + 1:
			p.Actual = math.NaN()
		}
		f.Points = append(f.Points, p)
	}
	for i := range ahead {
		v := season(steps + i)
		spread := 14 * math.Sqrt(float64(i+1))
		f.Ahead = append(f.Ahead, stream.Point{
			At: chartStart.Add(window.Duration(steps+i) * step), Actual: math.NaN(),
			Forecast: v, Low: v - spread, High: v + spread,
		})
	}
	end := chartStart.Add(window.Duration(steps) * step)
	for i := range 3 {
		start := end.Add(window.Duration(i) * step)
		f.Open = append(f.Open, stream.OpenWindow{Span: window.Span{Start: start, End: start.Add(step)}, Count: 3, Mean: season(steps)})
	}
	return f
}

// seasonMarks are a watermark and a now that suit a seasonFocus.
func seasonMarks(f *stream.Focus) (watermark, now window.Time) {
	watermark = f.Open[0].Start.Add(4_000)
	return watermark, watermark.Add(3 * f.Step)
}

func TestChart(t *testing.T) {
	for _, c := range []struct {
		name          string
		steps         int
		width, height int
		opt           chartOptions
	}{
		{"60x12", 40, 60, 12, chartOptions{}},
		{"100x20", 72, 100, 20, chartOptions{}},
		{"160x30", 200, 160, 30, chartOptions{}},
		{"ascii", 72, 100, 20, chartOptions{ASCII: true}},
		{"log", 72, 100, 20, chartOptions{Log: true}},
		{"zoomed", 72, 100, 20, chartOptions{Zoom: 1}},
		{"zone", 72, 60, 8, chartOptions{Zone: time.FixedZone("IST", 19800)}},
		{"low", 60, 70, 7, chartOptions{}},
		{"low-log", 60, 70, 7, chartOptions{Log: true}},
		{"smallest", 20, 20, 5, chartOptions{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := seasonFocus(c.steps, 12, 10_000)
			watermark, now := seasonMarks(f)
			got := drawChart(f, watermark, now, c.width, c.height, newStyles(termenv.Ascii), c.opt)
			checkFrame(t, got, c.width, c.height)
			golden.RequireEqual(t, []byte(got))
		})
	}
}

// checkFrame fails unless frame is exactly height lines of at most width cells.
func checkFrame(t *testing.T, frame string, width, height int) {
	t.Helper()
	lines := strings.Split(frame, "\n")
	if len(lines) != max(height, 1) {
		t.Fatalf("%d lines at %dx%d:\n%s", len(lines), width, height, frame)
	}
	for _, line := range lines {
		if w := ansi.StringWidth(line); w > width {
			t.Fatalf("a line of %d cells at %dx%d: %q", w, width, height, line)
		}
	}
}

func TestChartColour(t *testing.T) {
	f := seasonFocus(72, 12, 10_000)
	watermark, now := seasonMarks(f)
	bare := drawChart(f, watermark, now, 100, 20, newStyles(termenv.Ascii), chartOptions{})
	if strings.ContainsRune(bare, '\x1b') {
		t.Error("escape sequences without colours")
	}
	coloured := drawChart(f, watermark, now, 100, 20, newStyles(termenv.TrueColor), chartOptions{})
	if coloured == bare {
		t.Error("no colours")
	}
	if got := ansi.Strip(coloured); got != bare {
		t.Errorf("colours change what is drawn:\n%s", got)
	}
	if !strings.Contains(bare, "◆") {
		t.Error("the spike is marked by colour alone")
	}
}

// valueChart draws the values, a second apart.
func valueChart(values []float64, opt chartOptions) string {
	f := &stream.Focus{Step: 1000}
	for i, v := range values {
		f.Points = append(f.Points, stream.Point{
			At: chartStart.Add(window.Duration(i) * 1000), Actual: v,
			Forecast: math.NaN(), Low: math.NaN(), High: math.NaN(),
		})
	}
	return drawChart(f, window.MinTime, window.MinTime, 60, 14, newStyles(termenv.Ascii), opt)
}

func TestChartFewValues(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		name   string
		values []float64
		opt    chartOptions
		want   []string
	}{
		{"none", nil, chartOptions{}, []string{"waiting for the first window to close"}},
		{"no value", []float64{nan, nan}, chartOptions{}, []string{"no window in view has a value"}},
		{"one", []float64{5}, chartOptions{}, []string{"5.0 ┤●", "6.0 ┤", "4.0 ┤"}},
		{"constant", []float64{5, 5, 5}, chartOptions{}, []string{"5.0 ┤────────────────●"}},
		{"zero", []float64{0, 0}, chartOptions{}, []string{"  0 ┤────────●"}},
		{"lone value", []float64{1, nan, 2, nan, 1}, chartOptions{}, []string{"1.00 ┤•                               ●", "2.00 ┤                •"}},
		{"negative", []float64{-3, -1}, chartOptions{}, []string{"-1.0 ┤", "-3.0 ┤"}},
		{"huge", []float64{-1e300, 1e300}, chartOptions{}, []string{" 1e300 ┤", "-1e300 ┤"}},
		{"largest", []float64{-math.MaxFloat64, math.MaxFloat64}, chartOptions{}, []string{" 1e307 ┤", "-1e307 ┤"}},
		{"tiny", []float64{1e-300, 3e-300}, chartOptions{}, []string{" 1e-300 ┤", " 3e-300 ┤"}},
		{"smallest", []float64{0, math.SmallestNonzeroFloat64}, chartOptions{}, []string{"●"}},
		{"infinite", []float64{1, inf, 2}, chartOptions{}, []string{"1.00 ┤", "2.00 ┤"}},
		{"far from zero", []float64{1e9, 1e9 + 2}, chartOptions{}, []string{"…00000.0 ┤", "…00002.0 ┤"}},
		{"thousands", []float64{0, 125_000}, chartOptions{}, []string{"  100k ┤", "   50k ┤"}},
		{"log", []float64{1, 1000}, chartOptions{Log: true}, []string{" 1 ┤", " 10 ┤", " 100 ┤", "1000 ┤", "log scale"}},
		{"log of many decades", []float64{1e-300, 1e300}, chartOptions{Log: true}, []string{"log scale", "●"}},
		{"log of a narrow range", []float64{100, 300}, chartOptions{Log: true}, []string{"300 ┤", "200 ┤", "100 ┤"}},
		{"log of zero", []float64{0, 1000}, chartOptions{Log: true}, []string{"not log: values ≤ 0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := valueChart(c.values, c.opt)
			checkFrame(t, got, 60, 14)
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("no %q in\n%s", want, got)
				}
			}
		})
	}
}

func TestChartMarks(t *testing.T) {
	f := seasonFocus(30, 4, 1000)
	f.Open = nil
	last := chartStart.Add(29_000)
	for _, c := range []struct {
		name           string
		watermark, now window.Time
		want           string // on the time axis, at its end
	}{
		{"unknown", window.MinTime, window.MinTime, "──"},
		{"apart", last.Add(1000), last.Add(9000), "─W─"},
		{"together", last.Add(2000), last.Add(2000), "─W─now"},
		{"the watermark is ahead", last.Add(9000), last.Add(1000), "now─"},
		{"now is far away", last.Add(1000), last.Add(99_000_000), "now▶"},
		{"both are far away", last.Add(88_000_000), last.Add(99_000_000), "─W▶┬now▶"},
		{"the end of time", window.MaxTime, last.Add(1000), "─W▶"},
		{"before everything", chartStart.Add(-1000), last.Add(1000), "└◀W─"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := drawChart(f, c.watermark, c.now, 60, 12, newStyles(termenv.Ascii), chartOptions{})
			axis := strings.Split(got, "\n")[10]
			if !strings.Contains(axis, c.want) {
				t.Errorf("no %q on the axis of\n%s", c.want, got)
			}
		})
	}
}

// A mark in view is a line over the whole height, whose column is that of its
// name.
func TestChartMarkColumn(t *testing.T) {
	f := seasonFocus(30, 4, 1000)
	got := drawChart(f, chartStart.Add(31_000), window.MinTime, 60, 12, newStyles(termenv.Ascii), chartOptions{})
	lines := strings.Split(got, "\n")
	x := slices.Index([]rune(lines[10]), 'W')
	crossed := 0
	for _, line := range lines[1:10] {
		if cells := []rune(line); x < len(cells) && cells[x] == '║' {
			crossed++
		}
	}
	if crossed < 8 {
		t.Errorf("the line under W is in %d of 9 rows:\n%s", crossed, got)
	}
}

func TestChartBandIsClamped(t *testing.T) {
	f := &stream.Focus{Step: 1000}
	for i := range 20 {
		v := float64(100 + i)
		f.Points = append(f.Points, stream.Point{At: chartStart.Add(window.Duration(i) * 1000), Actual: v, Forecast: v, Low: v - 1, High: v + 1})
	}
	calm := drawChart(f, window.MinTime, window.MinTime, 60, 20, newStyles(termenv.Ascii), chartOptions{})
	if strings.ContainsAny(calm, "▲▼") {
		t.Errorf("an arrow, though all is in view:\n%s", calm)
	}
	for _, bound := range []float64{1e6, 1e300, math.Inf(1)} {
		f.Points[9].High = bound
		got := drawChart(f, window.MinTime, window.MinTime, 60, 20, newStyles(termenv.Ascii), chartOptions{})
		if !strings.Contains(got, "▲") || strings.Contains(got, "▼") {
			t.Errorf("no arrow up for a bound of %g:\n%s", bound, got)
		}
		if !strings.Contains(got, "100 ┤") || !strings.Contains(got, "120 ┤") {
			t.Errorf("a bound of %g flattens the rest:\n%s", bound, got)
		}
	}
	f.Points[9].Low = math.Inf(-1)
	got := drawChart(f, window.MinTime, window.MinTime, 60, 20, newStyles(termenv.Ascii), chartOptions{})
	if strings.ContainsAny(got, "▲▼") {
		t.Errorf("an interval without bounds is drawn:\n%s", got)
	}
}

// The plot starts in the same column whatever the values are.
func TestChartDoesNotMoveSideways(t *testing.T) {
	for _, v := range []float64{0, 1, -123456.7, 1e-9, 1e15, -1e300} {
		for line := range strings.SplitSeq(valueChart([]float64{v, v + 1, v * 2}, chartOptions{}), "\n") {
			if x := slices.IndexFunc([]rune(line), func(r rune) bool { return r == '┤' || r == '└' }); x > 0 && x != labelWidth+1 {
				t.Errorf("with %g the axis is in column %d: %s", v, x, line)
			}
		}
	}
}

// The ends of windows that wait are on the time axis, each in its column; those
// of another spec are not.
func TestChartOpenWindows(t *testing.T) {
	f := seasonFocus(30, 4, 1000)
	watermark := chartStart.Add(30_500)
	f.Open = []stream.OpenWindow{
		{Span: window.Span{End: watermark.Add(2000)}},
		{Span: window.Span{End: watermark.Add(4000)}},
		{Span: window.Span{End: watermark.Add(3000)}, Spec: 1},
		{Span: window.Span{End: window.MaxTime}},
	}
	// Two columns a second from 11:58:00, of which those of a tick are overdrawn.
	got := drawChart(f, watermark, window.MinTime, 90, 12, newStyles(termenv.Ascii), chartOptions{})
	if axis := strings.Split(got, "\n")[10]; !strings.Contains(axis, "W───○───○") || strings.Count(axis, "○") != 2 {
		t.Errorf("open windows end elsewhere:\n%s", got)
	}
}

// A span of steps keeps its columns while the chart scrolls by whole columns.
func TestTimelineIsStable(t *testing.T) {
	f := seasonFocus(300, 0, 1000)
	before := newTimeline(f, nil, 100, 0)
	for i := range f.Points {
		f.Points[i].At = f.Points[i].At.Add(4000) // two steps a column
	}
	after := newTimeline(f, nil, 100, 0)
	for at := chartStart.Add(250_000); at < chartStart.Add(290_000); at++ {
		if b, a := before.column(at), after.column(at); b-a != 2 {
			t.Fatalf("%v moved from column %d to %d", at, b, a)
		}
	}
}

func TestTimelineZoom(t *testing.T) {
	f := seasonFocus(400, 0, 1000)
	shown := func(zoom int) window.Duration {
		l := newTimeline(f, nil, 100, zoom)
		return window.Duration(l.start(100) - l.start(0))
	}
	for _, c := range []struct {
		zoom int
		want window.Duration
	}{
		{0, 200_000},
		{1, 100_000},
		{2, 50_000},
		{-1, 400_000},
		{-2, 400_000}, // there is no more to show
		{-9, 400_000},
		{9, 12_500},
	} {
		if got := shown(c.zoom); got != c.want {
			t.Errorf("zoom %d shows %v, want %v", c.zoom, got, c.want)
		}
	}
}

func TestTimelineTicks(t *testing.T) {
	for _, step := range []window.Duration{1, 7, 250, 1000, 10_000, 60_000, 3_600_000, 86_400_000, 31_536_000_000} {
		for _, columns := range []int{50, 91, 150, 300} {
			f := seasonFocus(120, 0, step)
			l := newTimeline(f, nil, columns, 0)
			ticks := l.ticks(time.UTC)
			if len(ticks) < 1 || len(ticks) > 6 {
				t.Errorf("%d ticks for steps of %v in %d columns", len(ticks), step, columns)
			}
			for i, tick := range ticks {
				if i > 0 && tick.column-ticks[i-1].column < len(tick.label)+2 {
					t.Errorf("ticks of %v in %d columns touch: %v", step, columns, ticks)
				}
			}
		}
	}
}

// Whatever shares a column, its smallest and its largest value are drawn.
func TestChartKeepsExtremes(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 150 {
		f := &stream.Focus{Step: 1000}
		for i := range 20 + rng.IntN(400) {
			p := stream.Point{At: chartStart.Add(window.Duration(i) * 1000), Actual: rng.NormFloat64()}
			p.Forecast, p.Low, p.High = math.NaN(), math.NaN(), math.NaN()
			switch rng.IntN(12) {
			case 0:
				p.Actual *= 100
			case 1:
				p.Actual = math.NaN()
			}
			f.Points = append(f.Points, p)
		}
		width, height := 20+rng.IntN(120), 5+rng.IntN(25)
		c := newCanvas(width, height, false)
		ch := newChart(c, f, window.MinTime, window.MinTime, chartOptions{Zoom: rng.IntN(7) - 4})
		ch.draw()
		for _, p := range f.Points {
			x := ch.times.column(p.At)
			if math.IsNaN(p.Actual) || x < 0 {
				continue
			}
			if low, high := ch.actual[x].low, ch.actual[x].high; p.Actual < low || p.Actual > high {
				t.Fatalf("%v is not in [%v, %v] of its column", p.Actual, low, high)
			}
			for _, v := range []float64{ch.actual[x].low, ch.actual[x].high} {
				row, beyond := ch.values.row(v)
				if glyph := c.at(ch.left+x, ch.y(row)); glyph == 0 || beyond != 0 {
					t.Fatalf("nothing is drawn for %v in column %d:\n%s", v, x, c.render(newStyles(termenv.Ascii)))
				}
			}
		}
	}
}

// A missing value takes nothing from its neighbours and is not bridged.
func TestChartLeavesGaps(t *testing.T) {
	nan := math.NaN()
	f := &stream.Focus{Step: 1000}
	for i, v := range []float64{1, 2, nan, nan, 2, 1} {
		f.Points = append(f.Points, stream.Point{At: chartStart.Add(window.Duration(i) * 1000), Actual: v, Forecast: nan, Low: nan, High: nan})
	}
	ch := newChart(newCanvas(60, 14, false), f, window.MinTime, window.MinTime, chartOptions{})
	ch.draw()
	empty := func(x int) bool {
		for row := range ch.rows {
			if ch.at(ch.left+x, ch.y(row)) != 0 {
				return false
			}
		}
		return true
	}
	for second, want := range []bool{false, false, true, true, false, false} {
		if got := empty(ch.times.column(f.Points[second].At)); got != want {
			t.Errorf("second %d: empty is %v, want %v", second, got, want)
		}
	}
}

// randomFocus is a focus with anything in it that its types can hold.
func randomFocus(rng *rand.Rand) *stream.Focus {
	value := func() float64 {
		odd := [...]float64{
			math.NaN(), math.Inf(1), math.Inf(-1), 0, math.MaxFloat64, -math.MaxFloat64,
			math.SmallestNonzeroFloat64, 1e300, -1e300, 1e-300,
		}
		switch rng.IntN(4) {
		case 0:
			return odd[rng.IntN(len(odd))]
		case 1:
			return 1e9 + rng.Float64()
		}
		return rng.NormFloat64() * math.Pow(10, float64(rng.IntN(9)))
	}
	instant := func(i int, step window.Duration) window.Time {
		switch rng.IntN(40) {
		case 0:
			return window.Time(rng.Uint64())
		case 1:
			return [...]window.Time{window.MinTime, window.MaxTime, 0, window.MinEventTime, window.MaxEventTime}[rng.IntN(5)]
		}
		return chartStart.Add(window.Duration(i) * step)
	}
	steps := [...]window.Duration{0, -1, 1, 250, 1000, 60_000, 86_400_000, math.MaxInt64, math.MinInt64}
	f := &stream.Focus{Step: steps[rng.IntN(len(steps))], Level: value()}
	points := func(from, n int) (p []stream.Point) {
		for i := range n {
			p = append(p, stream.Point{At: instant(from+i, f.Step), Actual: value(), Forecast: value(), Low: value(), High: value()})
		}
		return p
	}
	n := rng.IntN(80)
	f.Points, f.Ahead = points(0, n), points(n, rng.IntN(30))
	for i := range rng.IntN(5) {
		f.Open = append(f.Open, stream.OpenWindow{Span: window.Span{End: instant(n+i, f.Step)}, Mean: value(), Spec: rng.IntN(2)})
	}
	return f
}

func TestChartFitsWhateverIsInIt(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	st := newStyles(termenv.TrueColor)
	for range 1500 {
		f := randomFocus(rng)
		marks := [...]window.Time{window.MinTime, window.MaxTime, chartStart, chartStart.Add(window.Duration(rng.IntN(100_000))), window.Time(rng.Uint64())}
		watermark, now := marks[rng.IntN(len(marks))], marks[rng.IntN(len(marks))]
		width, height := rng.IntN(130), rng.IntN(40)
		opt := chartOptions{ASCII: rng.IntN(2) == 0, Zoom: rng.IntN(40) - 20, Log: rng.IntN(2) == 0}
		got := drawChart(f, watermark, now, width, height, st, opt)
		checkFrame(t, got, width, height)
		if again := drawChart(f, watermark, now, width, height, st, opt); again != got {
			t.Fatalf("two charts of one focus differ:\n%s\n%s", got, again)
		}
		if opt.ASCII && strings.ContainsFunc(got, func(r rune) bool { return r > '~' || r == '?' }) {
			t.Fatalf("a glyph without a stand-in in ASCII:\n%s", got)
		}
	}
}

func TestChartAtEverySmallSize(t *testing.T) {
	f := seasonFocus(40, 5, 1000)
	watermark, now := seasonMarks(f)
	for width := range 45 {
		for height := range 14 {
			for _, focus := range []*stream.Focus{nil, {}, f} {
				checkFrame(t, drawChart(focus, watermark, now, width, height, newStyles(termenv.Ascii), chartOptions{}), width, height)
			}
		}
	}
}

func BenchmarkChart(b *testing.B) {
	f := seasonFocus(300, 12, 1000)
	watermark, now := seasonMarks(f)
	for _, c := range []struct {
		name    string
		profile termenv.Profile
	}{{"plain", termenv.Ascii}, {"colour", termenv.ANSI256}} {
		b.Run(c.name, func(b *testing.B) {
			st := newStyles(c.profile)
			b.ReportAllocs()
			for b.Loop() {
				drawChart(f, watermark, now, 120, 20, st, chartOptions{})
			}
		})
	}
}
