package window

import (
	"math"
	"testing"
)

func TestTimeSaturates(t *testing.T) {
	const longest, shortest = Duration(math.MaxInt64), Duration(math.MinInt64)
	for _, test := range []struct {
		name      string
		got, want Time
	}{
		{"add", Time(5).Add(3), 8},
		{"add a negative", Time(5).Add(-8), -3},
		{"sub", Time(5).Sub(8), -3},
		{"add beyond the end", MaxTime.Add(1), MaxTime},
		{"add far beyond the end", Time(1).Add(longest), MaxTime},
		{"add up to the end", Time(0).Add(longest), MaxTime},
		{"add from the beginning", MinTime.Add(longest), -1},
		{"sub beyond the beginning", MinTime.Sub(1), MinTime},
		{"sub far beyond the beginning", Time(-2).Sub(longest), MinTime},
		{"sub the shortest", Time(0).Sub(shortest), MaxTime},
		{"sub the shortest from a negative", Time(-9).Sub(shortest), MaxTime - 9},
		{"add the shortest", Time(-1).Add(shortest), MinTime},
	} {
		if test.got != test.want {
			t.Errorf("%s: %d, want %d", test.name, test.got, test.want)
		}
	}
}

func TestTimeFormat(t *testing.T) {
	for _, test := range []struct {
		t       Time
		isEvent bool
		want    string
	}{
		{MinEventTime, true, "0001-01-01T00:00:00.000Z"},
		{MinEventTime - 1, false, "0000-12-31T23:59:59.999Z"},
		{-62135596800000 + 1, true, "0001-01-01T00:00:00.001Z"},
		{-1, true, "1969-12-31T23:59:59.999Z"},
		{0, true, "1970-01-01T00:00:00.000Z"},
		{1795327200123, true, "2026-11-22T06:00:00.123Z"},
		{MaxEventTime, true, "9999-12-31T23:59:59.999Z"},
		{MaxEventTime + 1, false, "10000-01-01T00:00:00.000Z"},
		{MinTime, false, "unknown"},
		{MaxTime, false, "the end of time"},
	} {
		if got := test.t.String(); got != test.want {
			t.Errorf("%d is written %s, want %s", int64(test.t), got, test.want)
		}
		if test.t.IsEventTime() != test.isEvent {
			t.Errorf("%v: IsEventTime is %v", test.t, !test.isEvent)
		}
	}
}

func TestDurationFormat(t *testing.T) {
	for d, want := range map[Duration]string{
		0: "0s", 1: "1ms", -1: "-1ms", 1500: "1.5s", 90_000: "1m30s", 3_600_000: "1h", 600_000: "10m", 5_400_000: "1h30m", 3_601_000: "1h0m1s", -60_000: "-1m",
		9_223_372_036_854:  "2562047h47m16.854s",
		9_223_372_036_855:  "106751d23h47m16.855s",
		-9_223_372_036_855: "-106751d23h47m16.855s",
		math.MinInt64:      "-9223372036854775808ms",
	} {
		if got := d.String(); got != want {
			t.Errorf("%d is written %s, want %s", int64(d), got, want)
		}
	}
}

func TestFloorDiv(t *testing.T) {
	for _, test := range []struct{ a, b, want int64 }{
		{7, 7, 1}, {6, 7, 0}, {0, 7, 0}, {-1, 7, -1}, {-7, 7, -1}, {-8, 7, -2}, {math.MinInt64, 1, math.MinInt64},
	} {
		if got := floorDiv(test.a, test.b); got != test.want {
			t.Errorf("floorDiv(%d, %d) = %d, want %d", test.a, test.b, got, test.want)
		}
	}
}

func TestNames(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{ByWatermark.String(), "watermark"},
		{ByEndOfInput.String(), "end_of_input"},
		{ByIdleClock.String(), "idle_clock"},
		{Complete.String(), ""},
		{IncompleteStart.String(), "start"},
		{IncompleteEnd.String(), "end"},
		{(IncompleteStart | IncompleteEnd).String(), "both"},
		{ClockArrival.String(), "arrival"},
		{ClockAppend.String(), "append"},
		{ClockCreate.String(), "create"},
		{Clock(0).String(), ""},
		{(ClockAppend | ClockCreate).String(), "mixed"},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
}
