package tui

import (
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/muesli/termenv"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// storyNow is 2026-03-01T12:00:34.100Z.
const storyNow window.Time = 1772366434100

const (
	sec = 1000
	// watermarkAt is where sensors/3 holds the watermark.
	watermarkAt = storyNow - 9100
)

// story is the demo's story in one picture: 24 keys on 4 partitions, sensors/3
// silent, a sensor that is a day ahead, and an anomaly on s-004.
func story() *stream.Snapshot {
	s := &stream.Snapshot{
		At: storyNow, State: stream.Running,
		Topics: []string{"sensors"}, Cluster: "127.0.0.1:9092",
		Specs:  []window.Spec{{Size: 10 * sec, Hop: 1 * sec, Step: 1 * sec}, {Size: 60 * sec, Hop: 60 * sec, Step: 1 * sec}},
		Series: []string{"temp"}, OutOfOrderness: 2 * sec,
		Watermark: watermarkAt,
		Hold: stream.Hold{
			Kind: stream.HoldQuiet, ID: window.PartitionID{Topic: "sensors", Partition: 3},
			Behind: 6700, IdleIn: 22 * sec,
		},
		Rate:    200.4,
		Totals:  stream.Summary{Records: 41123, InTime: 40100, PartlyLate: 3, Windows: 2210, Lines: 2210},
		Lag:     stream.LagView{Known: true, P50: 212, P99: 1240, Max: 1930, History: storyLag()},
		Ledger:  storyLedger(),
		Workers: 8,
	}
	s.Totals.ForecastsMade, s.Totals.ForecastsFail = 2196, 14
	s.Totals.Rejects[stream.Malformed] = 4
	s.Totals.Rejects[stream.Future] = 3
	s.Totals.Rejects[stream.Late] = 12
	for p := range int32(4) {
		v := stream.PartitionView{
			ID: window.PartitionID{Topic: "sensors", Partition: p}, Next: 10280 + int64(p), LogEnd: 10281 + 2*int64(p),
			Newest: storyNow - 300, Watermark: storyNow - 2300, Records: 10280, Rejected: int64(5 + p),
		}
		if p == 3 {
			v.Next, v.LogEnd, v.Newest, v.Watermark, v.QuietFor = 9811, 9811, watermarkAt+2000, watermarkAt, 8200
		}
		s.Partitions = append(s.Partitions, v)
	}
	for i := range 24 {
		s.Keys = append(s.Keys, storyKey(i))
	}
	s.Focus = storyFocus()
	return s
}

func storyLag() []stream.LagPoint {
	var points []stream.LagPoint
	for i := range 120 {
		wave := window.Duration(60 * math.Sin(float64(i)/9))
		points = append(points, stream.LagPoint{
			At: storyNow - window.Time(120-i)*sec, P50: 210 + wave, P99: 1200 + 3*wave, Max: 1800 + 2*wave,
		})
	}
	return points
}

func storyKey(i int) stream.KeyView {
	k := stream.KeyView{Topic: "sensors", Key: window.Key{Bytes: fmt.Sprintf("s-%03d", i+1)}, Series: "temp", Windows: int64(90 - i%7)}
	for j := range 32 {
		k.Recent = append(k.Recent, 20+3*math.Sin(float64(i+j)/5))
	}
	k.Last = closedAt(watermarkAt-400, 20+3*math.Sin(float64(i+31)/5))
	k.Last.Lag.Sum += window.Duration(i * 700)
	k.MASE, k.Coverage, k.LastAnomaly = 0.62+float64(i%5)/10, 0.94, window.MinTime
	if i == 22 {
		k.MASE = math.NaN()
	}
	k.Newest = stream.NoPoint()
	if i == 3 || i == 10 { // the charted one and another stand outside
		k.Newest = stream.Point{Actual: 31, Low: 19, High: 21}
		k.Anomalies, k.LastAnomaly = int64(i), k.Last.End-window.Time(10-i)*sec
	}
	return k
}

func closedAt(end window.Time, mean float64) stream.ClosedWindow {
	end -= end % sec
	return stream.ClosedWindow{
		Span: window.Span{Start: end - 10*sec, End: end}, Count: 83, Mean: mean, Min: mean - 0.6, Max: mean + 0.7,
		Lag: window.Lag{Count: 83, Sum: 83 * 231}, Model: "auto", Next: mean, NextLow: mean - 0.5, NextHigh: mean + 0.5,
	}
}

func storyFocus() *stream.Focus {
	f := &stream.Focus{
		Topic: "sensors", Key: window.Key{Bytes: "s-004"}, Series: "temp", Step: sec, Level: 95, By: "aci",
		Score: stream.Score{Model: "auto", Resolved: 5, Judged: 5, Covered: 5, MAE: 0.11, N: 500, Coverage: 0.948, MASE: 0.83, Surprise: 0.2},
		Models: []stream.ModelView{
			{Name: "naive", MASE: 1, Resolved: 4210, Used: 12},
			{Name: "drift", MASE: 1.1402, Resolved: 4210},
			{Name: "ses", MASE: 0.8331, Resolved: 4210, Used: 702},
			{Name: "holt", MASE: 0.9417, Resolved: 4210, Used: 128},
			{Name: "damped", MASE: math.NaN()},
		},
	}
	last := watermarkAt - watermarkAt%sec
	for i := range 60 {
		at := last - window.Time(60-i)*sec
		v := 21 + 2*math.Sin(float64(i)/8)
		p := stream.Point{At: at, Actual: v, Forecast: v - 0.1, Low: v - 0.7, High: v + 0.6}
		if i == 57 {
			p.Actual += 6 // the anomaly
			p.Anomaly = true
		}
		f.Points = append(f.Points, p)
		w := closedAt(at+sec, v)
		w.Final = i < 40
		if i == 58 {
			w.Late = 2
		}
		if i == 57 {
			w.Surprise, w.Anomaly = 3.31, true
		}
		f.Closed = append(f.Closed, w)
	}
	for i := range 9 {
		end := last + window.Time(i+1)*sec
		f.Open = append(f.Open, stream.OpenWindow{Span: window.Span{Start: end - 10*sec, End: end}, Count: int64(76 - 8*i), Mean: 21.4})
	}
	for i := range 5 {
		v := 21 + 2*math.Sin(float64(60+i)/8)
		w := 0.6 + 0.2*float64(i)
		f.Ahead = append(f.Ahead, stream.Point{At: last + window.Time(i)*sec, Actual: math.NaN(), Forecast: v, Low: v - w, High: v + w})
	}
	return f
}

func storyLedger() []stream.LedgerEntry {
	id := func(p int32) window.PartitionID { return window.PartitionID{Topic: "sensors", Partition: p} }
	return []stream.LedgerEntry{
		{At: storyNow - 9000, ID: id(0), Offset: 9900, Reason: stream.Malformed, Key: window.Key{Bytes: "s-009"}, Payload: `{"sensor":"s-009","te`},
		{At: storyNow - 4000, ID: id(2), Offset: 10101, Reason: stream.Late, EventTime: storyNow - 9800, HasEventTime: true, Key: window.Key{Bytes: "s-007"}, Payload: `{"sensor":"s-007"}`, Lost: 4, Of: 10, Watermark: storyNow - 5300},
		{At: storyNow - 1000, ID: id(1), Offset: 5123, Reason: stream.Future, EventTime: storyNow - 1000 + 24*3600*sec - 200, HasEventTime: true, Key: window.Key{Bytes: "s-002"}, Payload: `{"sensor":"s-002","temp":18.2}`, Lost: 10, Of: 10},
	}
}

// run is a run that shows what a test puts into it.
type run struct {
	mu       sync.Mutex
	snap     *stream.Snapshot
	interest []stream.Interest
	// inspected is what was said of records.
	inspected []bool
}

func (r *run) Snapshot() *stream.Snapshot {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.snap
}

func (r *run) SetInterest(i stream.Interest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.interest = append(r.interest, i)
}

func (r *run) Inspect(on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inspected = append(r.inspected, on)
}

// asked is the newest interest.
func (r *run) asked(t *testing.T) stream.Interest {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.interest) == 0 {
		t.Fatal("nothing was asked for")
	}
	return r.interest[len(r.interest)-1]
}

// screen is a ui under test, with a clock of its own.
type screen struct {
	*ui
	run *run
	at  time.Time
	out *lockedBuffer
}

func newScreen(t testing.TB, profile termenv.Profile, w, h int, snap *stream.Snapshot) *screen {
	t.Helper()
	s := &screen{run: &run{snap: snap}, at: time.UnixMilli(int64(storyNow)), out: &lockedBuffer{}}
	s.ui = newUI(t.Context(), Config{
		Control: s.run, Title: "demo", Profile: profile,
		Now: func() time.Time { return s.at }, Local: time.FixedZone("CET", 3600),
	}, s.out)
	s.Update(tea.WindowSizeMsg{Width: w, Height: h})
	if snap != nil {
		s.Update(picture{snap})
	}
	return s
}

// press sends keys by their names.
func (s *screen) press(keys ...string) {
	for _, k := range keys {
		s.Update(keyMsg(k))
	}
}

func keyMsg(name string) tea.KeyMsg {
	special := map[string]tea.KeyType{
		"tab": tea.KeyTab, "shift+tab": tea.KeyShiftTab, "esc": tea.KeyEsc, "enter": tea.KeyEnter,
		"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight,
		"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "backspace": tea.KeyBackspace,
		"ctrl+c": tea.KeyCtrlC, "ctrl+z": tea.KeyCtrlZ, "ctrl+u": tea.KeyCtrlU,
	}
	if t, ok := special[name]; ok {
		return tea.KeyMsg{Type: t}
	}
	if name == " " {
		return tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}}
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  []byte
}

func (l *lockedBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b = append(l.b, b...)
	return len(b), nil
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.b)
}
