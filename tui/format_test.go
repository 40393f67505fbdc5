package tui

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/oriel-stream/oriel/window"
)

func TestDuration(t *testing.T) {
	for d, want := range map[window.Duration]string{
		0: "0s", 210: "210ms", 999: "999ms", 1000: "1s", 2400: "2.4s", 59_999: "59.9s", 185_000: "3m05s",
		7_500_000: "2h05m", 273_600_000: "3d04h", -2400: "-2.4s", math.MinInt64: "-∞",
	} {
		if got := duration(d); got != want {
			t.Errorf("duration(%d) = %q, want %q", int64(d), got, want)
		}
	}
}

func TestSetting(t *testing.T) {
	for d, want := range map[window.Duration]string{
		0: "0s", 1: "1ms", 500: "500ms", 10_000: "10s", 60_000: "1m", 90_000: "1m30s", 3_600_000: "1h", 5_400_000: "1h30m",
		3_630_000: "1h0m30s", 86_400_000: "1d", 7 * 86_400_000: "7d", 36 * 3_600_000: "36h",
	} {
		if got := setting(d); got != want {
			t.Errorf("setting(%d) = %q, want %q", int64(d), got, want)
		}
	}
}

func TestNumber(t *testing.T) {
	for _, tc := range []struct {
		v    float64
		want string
	}{
		{0, "0.00"},
		{21.456, "21.46"},
		{-3, "-3.00"},
		{0.25, "0.2500"},
		{123.45, "123.5"},
		{54321, "54321"},
		{1.5e9, "1.500G"},
		{1e-7, "1.00e-07"},
		{math.NaN(), "–"},
		{math.Inf(1), "∞"},
		{math.Inf(-1), "-∞"},
		{-1234567, "-1234567"},
		{-9_999_999.6, "-10.000M"},
		{-9_999_999.4, "-9999999"},
		{-123_456_789, "-123.46M"},
		{123_456_789, "123.457M"},
		{-999_999_999, "-1.000G"},
		{999_700_000, "999.700M"},
		{-7.5e14, "-750.00T"},
		{1e15, "1.00e+15"},
		{-0.00012, "-1.2e-04"},
		{5.15e307, "5.2e+307"},
		{-math.MaxFloat64, "-2e+308"},
		{-math.SmallestNonzeroFloat64, "-5e-324"},
		{-999_999.9, "-1000000"},
		{-999.96, "-1000.0"},
	} {
		got := number(tc.v)
		if got != tc.want {
			t.Errorf("number(%v) = %q, want %q", tc.v, got, tc.want)
		}
		if width(got) > numberCells {
			t.Errorf("number(%v) = %q takes %d cells, a column has %d", tc.v, got, width(got), numberCells)
		}
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int64]string{
		-1: "–", 0: "0", 950: "950", 1000: "1,000", 123_045: "123,045", 1_234_567: "1.23M", 5e9: "5.00G", math.MaxInt64: "9.22e+18",
	} {
		if got := count(n); got != want {
			t.Errorf("count(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestCountIn(t *testing.T) {
	for _, tc := range []struct {
		n     int64
		cells int
		want  string
	}{
		{9999, 5, "9,999"},
		{12_345, 6, "12,345"},
		{12_345, 5, "12.3k"},
		{99_960, 5, "100k"},
		{142_900, 6, "142.9k"},
		{811_811, 5, "812k"},
		{999_600, 4, "1.0M"},
		{123_456_789, 6, "123.5M"},
		{123_456_789, 5, "123M"},
		{math.MaxInt64, 5, "9.22E"},
		{-1, 4, "–"},
		{999_960, 6, "1.00M"},
	} {
		if got := countIn(tc.n, tc.cells); got != tc.want || width(got) > tc.cells {
			t.Errorf("countIn(%d, %d) = %q, want %q", tc.n, tc.cells, got, tc.want)
		}
	}
}

// TestCutNames: what tells names apart stays.
func TestCutNames(t *testing.T) {
	for _, tc := range []struct{ got, want string }{
		{middle("customer-000000000042 load", 15), "custome…42 load"},
		{middle("short", 5), "short"},
		{middle("zürich-größte-straße", 8), "züri…aße"},
		{middle("東京東京東京", 7), "東…東京"},
		{middle("abc", 2), "a…"},
		{nameEnd("orders-enriched/12@1234567", 18), "orders…/12@1234567"},
		{nameEnd("a-topic-with-a-long-name/3", 12), "a-topic-w…/3"},
		{nameEnd("orders/3", 8), "orders/3"},
		{nameEnd("orders/123456789", 5), "orders/123456789"},
	} {
		if tc.got != tc.want {
			t.Errorf("%q, want %q", tc.got, tc.want)
		}
	}
}

func TestClock(t *testing.T) {
	utc := clock{now: storyNow}
	local := clock{zone: inLocal, local: time.FixedZone("CET", 3600), now: storyNow}
	past := clock{zone: ago, now: storyNow}
	for _, tc := range []struct {
		c    clock
		t    window.Time
		d    digits
		want string
	}{
		{utc, storyNow, tenths, "12:00:34.1"},
		{utc, storyNow, millis, "12:00:34.100"},
		{local, storyNow, seconds, "13:00:34"},
		{past, storyNow - 2400, tenths, "2.4s ago"},
		{past, storyNow + 2400, tenths, "in 2.4s"},
		{utc, storyNow - 24*3600*sec, seconds, "2026-02-28 12:00:34"},
		{utc, window.MinTime, tenths, "unknown"},
		{past, window.MaxTime, tenths, "the end"},
	} {
		if got := tc.c.at(tc.t, tc.d); got != tc.want {
			t.Errorf("at(%v) = %q, want %q", tc.t, got, tc.want)
		}
	}
}

// TestClockInFewCells: the date goes first, and never half of it.
func TestClockInFewCells(t *testing.T) {
	utc, past := clock{now: storyNow}, clock{zone: ago, now: storyNow}
	yesterday := storyNow - 24*3600*sec
	for _, tc := range []struct {
		got, want string
	}{
		{utc.within(yesterday, seconds, 19), "2026-02-28 12:00:34"},
		{utc.within(yesterday, seconds, 18), "12:00:34"},
		{utc.within(storyNow, tenths, 8), "12:00:34.1"},
		{past.within(yesterday, seconds, 3), "1d00h ago"},
		{utc.within(window.MinTime, seconds, 3), "unknown"},
		{utc.beside(yesterday).at(yesterday-sec, seconds), "12:00:33"},
		{utc.beside(yesterday).at(storyNow, seconds), "2026-03-01 12:00:34"},
		{utc.beside(window.MinTime).at(yesterday, seconds), "2026-02-28 12:00:34"},
	} {
		if tc.got != tc.want {
			t.Errorf("got %q, want %q", tc.got, tc.want)
		}
	}
}

func TestWrap(t *testing.T) {
	got := wrap("one key too many for --max-keys or --max-memory", 22)
	want := []string{"one key too many for", "--max-keys or", "--max-memory"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := wrap("überlänge", 4); !slices.Equal(got, []string{"überlänge"}) {
		t.Errorf("a long word became %q", got)
	}
}
