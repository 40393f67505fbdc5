package window

import (
	"math/rand/v2"
	"testing"
)

func TestParseSpec(t *testing.T) {
	const day = 24 * 60 * 60 * 1000
	for s, want := range map[string]Spec{
		"10s":     {Size: 10_000, Hop: 10_000},
		"10s/10s": {Size: 10_000, Hop: 10_000},
		"10s/1s":  {Size: 10_000, Hop: 1000},
		"10s/3s":  {Size: 10_000, Hop: 3000},
		"1ms":     {Size: 1, Hop: 1},
		"7d/1d":   {Size: 7 * day, Hop: day},
		"1d12h":   {Size: day + day/2, Hop: day + day/2},
	} {
		got, err := ParseSpec(s)
		if err != nil || got != want {
			t.Errorf("%q is read as %+v, %v; want %+v", s, got, err, want)
		}
		if again, err := ParseSpec(got.String()); err != nil || again != got {
			t.Errorf("%q is written %q, which is read as %+v, %v", s, got, again, err)
		}
	}
}

// A refusal names the value, the rule and an example.
func TestParseSpecRefuses(t *testing.T) {
	for s, want := range map[string]string{
		"10s/0s":    `window "10s/0s": the hop 0s is not positive: use SIZE or SIZE/HOP, for example 10s or 10s/1s`,
		"10s/-1s":   `window "10s/-1s": the hop -1s is not positive: use SIZE or SIZE/HOP, for example 10s or 10s/1s`,
		"10s/20s":   `window "10s/20s": the hop 20s is longer than the size 10s and would skip records: use a hop of at most 10s, or 10s alone for tumbling windows`,
		"-5s":       `window "-5s": the size -5s is not positive: use SIZE or SIZE/HOP, for example 10s or 10s/1s`,
		"0s":        `window "0s": the size 0s is not positive: use SIZE or SIZE/HOP, for example 10s or 10s/1s`,
		"10s/3s/1s": `window "10s/3s/1s" has 3 parts: use SIZE or SIZE/HOP, for example 10s or 10s/1s`,
		"banana":    `window "banana": "banana" is not a duration: use for example 500ms, 10s, 5m, 1h30m or 7d; use SIZE or SIZE/HOP, for example 10s or 10s/1s`,
		"":          `window "": "" is not a duration: use for example 500ms, 10s, 5m, 1h30m or 7d; use SIZE or SIZE/HOP, for example 10s or 10s/1s`,
		"10s/":      `window "10s/": "" is not a duration: use for example 500ms, 10s, 5m, 1h30m or 7d; use SIZE or SIZE/HOP, for example 10s or 10s/1s`,
		"/1s":       `window "/1s": "" is not a duration: use for example 500ms, 10s, 5m, 1h30m or 7d; use SIZE or SIZE/HOP, for example 10s or 10s/1s`,
		"1.5ms":     `window "1.5ms": duration "1.5ms" is finer than 1ms, the unit of time here; use SIZE or SIZE/HOP, for example 10s or 10s/1s`,
	} {
		got, err := ParseSpec(s)
		if err == nil || err.Error() != want {
			t.Errorf("%q is read as %+v, error\n%v\nwant\n%s", s, got, err, want)
		}
	}
}

func TestConfigRefuses(t *testing.T) {
	ok := PartitionConfig{Specs: []Spec{{Size: 10_000, Hop: 1000, Step: 1000}}, Series: []string{"v"}, OutOfOrderness: 2000, MaxFuture: 1, IdleTimeout: 1}
	if err := ok.Validate(); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*PartitionConfig){
		"window 10s/1s: the step 3s does not divide the size 10s: use for example a step of 1s": func(c *PartitionConfig) { c.Specs = []Spec{{Size: 10_000, Hop: 1000, Step: 3000}} },
		"window 10s/1s: the step -1s does not divide the size 10s: use for example a step of 1s": func(c *PartitionConfig) {
			c.Specs = []Spec{{Size: 10_000, Hop: 1000, Step: -1000}}
		},
		"window 10s/1s is given twice: give each window once":                              func(c *PartitionConfig) { c.Specs = append(c.Specs, c.Specs[0]) },
		`series "v" is given twice: give one of the two another name, for example v2=PATH`: func(c *PartitionConfig) { c.Series = []string{"v", "w", "v"} },
		"the out-of-orderness -1ms is negative: use 0s or more":                            func(c *PartitionConfig) { c.OutOfOrderness = -1 },
		"the max-future -1s is negative: use 0s or more":                                   func(c *PartitionConfig) { c.MaxFuture = -1000 },
		"the idle-timeout 0s is not positive: use for example 30s":                         func(c *PartitionConfig) { c.IdleTimeout = 0 },
	} {
		c := ok
		change(&c)
		if err := c.Validate(); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestDefaultStep(t *testing.T) {
	const minute, hour = 60_000, 3_600_000
	for _, test := range []struct{ size, hop, want Duration }{
		{10_000, 1000, 1000},
		{10_000, 10_000, 1000},
		{hour, minute, minute},
		{hour, 1000, minute},
		{60_000, 100, 1000},
		{24 * hour, minute, 24 * minute},
		{10_000, 5000, 5000}, // two steps: the hop is the smallest multiple of itself
		{10_000, 3000, 1000}, // no multiple of the hop divides the size
		{61_000, 1000, 6100}, // only the size itself would
		{12, 8, 1},
		{25, 25, 1}, // a tenth is no whole number; 1 ms is nearer to 2.5 than 5 is
		{7, 7, 1},
		{2, 2, 1},
		{1, 1, 1},
		{1009, 1009, 1009}, // a prime: 1009 steps would be too many
		{601, 601, 601},
		{599, 599, 1},
		{Duration(MaxEventTime - MinEventTime + 1), 1, Duration(MaxEventTime-MinEventTime+1) / 60}, // at once
	} {
		if got := DefaultStep(test.size, test.hop); got != test.want {
			t.Errorf("DefaultStep(%v, %v) = %v, want %v", test.size, test.hop, got, test.want)
		}
	}
}

func TestDefaultStepDividesTheSize(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 6))
	for range 20_000 {
		size := 1 + below(rng, Duration(pick(rng, 100, 10_000, 100_000_000)))
		hop := 1 + below(rng, size)
		step := DefaultStep(size, hop)
		if err := (Spec{Size: size, Hop: hop, Step: step}).Validate(); err != nil || step <= 0 {
			t.Fatalf("DefaultStep(%d, %d) = %d: %v", size, hop, step, err)
		}
		// Where the definition gives a step, that is it.
		for n := min(60, size/hop); n >= 2 && hop < size; n-- {
			if size%n == 0 && size/n%hop == 0 {
				if step != size/n {
					t.Fatalf("DefaultStep(%d, %d) = %d, want %d", size, hop, step, size/n)
				}
				break
			}
		}
	}
}

// The numbers of windows and the windows agree with the definition at every
// edge, at extreme times and for sizes as long as there are event times.
func TestWindowsOf(t *testing.T) {
	ages := Duration(MaxEventTime - MinEventTime)
	for _, s := range []Spec{
		{Size: 10, Hop: 10},
		{Size: 10, Hop: 3, Origin: -7},
		{Size: 7, Hop: 7, Origin: 1000},
		{Size: 5000, Hop: 1000, Origin: -100},
		{Size: 1, Hop: 1},
		{Size: ages, Hop: ages / 9},
		{Size: ages, Hop: ages, Origin: -ages},
		{Size: ages, Hop: ages - 1, Origin: ages},
	} {
		for _, at := range []Time{MinEventTime, MinEventTime + 1, -5001, -1, 0, 1, 6, 7, 9, 10, 4999, 5000, MaxEventTime - 1, MaxEventTime} {
			first, last := s.windowsOf(at)
			want := spansOf(s, at)
			if last-first+1 != int64(len(want)) || s.Span(first) != want[len(want)-1] || s.Span(last) != want[0] {
				t.Errorf("%v at %v: windows %d to %d are %v to %v, want %v", s, at, first, last, s.Span(first), s.Span(last), want)
			}
			if end := s.Span(s.lastEnded(at)).End; end > at || end.Add(s.Hop) <= at {
				t.Errorf("%v at %v: the last window that ended is said to have ended at %v", s, at, end)
			}
		}
	}
}
