package window

import "testing"

func TestParseDuration(t *testing.T) {
	for s, want := range map[string]Duration{
		"0":       0,
		"0s":      0,
		"1ms":     1,
		"250ms":   250,
		"2000us":  2,
		"90s":     90_000,
		"1h30m":   5_400_000,
		"-5s":     -5000,
		"7d":      7 * day,
		"1d12h":   day + day/2,
		"-1d12h":  -day - day/2,
		"1.5d":    day + day/2,
		"0.7d":    day / 10 * 7, // in binary floating point 60479999.99999999
		"0.1d":    day / 10,
		"0.001d":  86_400,
		"36500d":  36500 * day,
		".5d":     day / 2,
		"2.d":     2 * day,
		"106752d": 106752 * day, // beyond the range of time.Duration
	} {
		got, err := ParseDuration(s)
		if err != nil || got != want {
			t.Errorf("%q is read as %d ms, %v; want %d ms", s, got, err, want)
		}
	}
}

func TestParseDurationRefuses(t *testing.T) {
	notOne := ` is not a duration: use for example 500ms, 10s, 5m, 1h30m or 7d`
	for s, want := range map[string]string{
		"":            `""` + notOne,
		"banana":      `"banana"` + notOne,
		"10":          `"10"` + notOne,
		"d":           `"d"` + notOne,
		"-":           `"-"` + notOne,
		"--5s":        `"--5s"` + notOne,
		"1d-5s":       `"1d-5s"` + notOne,
		"1h2d":        `"1h2d"` + notOne,
		"1dd":         `"1dd"` + notOne,
		"1e3d":        `"1e3d"` + notOne,
		"infd":        `"infd"` + notOne,
		"3652060d":    `"3652060d"` + notOne, // more than the years there are
		".d":          `".d"` + notOne,
		"1.5h2d":      `"1.5h2d"` + notOne,
		"1.5m3d":      `"1.5m3d"` + notOne,
		"1.ms5d":      `"1.ms5d"` + notOne,
		".5h1h1d":     `".5h1h1d"` + notOne,
		"3652059d1ms": `duration "3652059d1ms" is longer than the years 1 to 9999`,
		"1.2.3d":      `"1.2.3d"` + notOne,
		"1_0d":        `"1_0d"` + notOne,
		"1.5ms":       `duration "1.5ms" is finer than 1ms, the unit of time here`,
		"1500us":      `duration "1500us" is finer than 1ms, the unit of time here`,
		"1d1ns":       `duration "1d1ns" is finer than 1ms, the unit of time here`,
		"0.00000001d": `duration "0.00000001d" is finer than 1ms, the unit of time here`,
	} {
		got, err := ParseDuration(s)
		if err == nil || err.Error() != want {
			t.Errorf("%q is read as %v, error %v; want %s", s, got, err, want)
		}
	}
}

// FuzzParseDuration: what is read and written is read as the same again, as far
// as there are years.
func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"10s", "1d12h", "-0.7d", "1.5ms", "0", "106752d", "9999999h", "1h2d", "d", "-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDuration(s)
		if err != nil {
			return
		}
		again, err := ParseDuration(d.String())
		if err != nil || again != d {
			t.Fatalf("%q is %v, which is read as %v, %v", s, d, again, err)
		}
	})
}

// TestDurationAsAFlag: what is printed is what a flag takes.
func TestDurationAsAFlag(t *testing.T) {
	for d, want := range map[Duration]string{
		0: "0s", 1: "1ms", 28_439: "28.439s", 10_000: "10s", 60_000: "1m", 600_000: "10m", 90_000: "1m30s",
		3_652_058*day + 1500: "3652058d1.5s", -110_000 * day: "-110000d", 9_223_372_036_855: "106751d23h47m16.855s",
		3_600_000: "1h", 36_000_000: "10h", 5_400_000: "1h30m", 3_601_000: "1h0m1s", 864_000_000: "240h",
	} {
		got := d.String()
		if back, err := ParseDuration(got); got != want || back != d || err != nil {
			t.Errorf("%d is %s, want %s; read again it is %d, %v", d, got, want, back, err)
		}
	}
}
