package main

import (
	"fmt"
	"iter"

	"github.com/dustin/go-humanize"
	"github.com/pbnjay/memory"
	"github.com/spf13/pflag"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// boundFlags bound what the windows of a run hold.
type boundFlags struct {
	maxKeys   int
	maxMemory byteSize
	maxDrift  duration
}

func (f *boundFlags) add(fs *pflag.FlagSet) {
	fs.IntVar(&f.maxKeys, "max-keys", 100_000, "keys that may hold open windows at a time, divided among the partitions; records of others are rejected")
	fs.Var((*positive)(&f.maxDrift), "max-drift",
		"how far ahead of the slowest partition, in event time, another is read (default: ten times the window, at least 10m)")
}

func (f *boundFlags) addMemory(fs *pflag.FlagSet) {
	f.maxMemory = defaultMaxMemory()
	fs.Var(&f.maxMemory, "max-memory", "bytes that open windows, and an --input from a pipe, may hold; beyond it a live command rejects new keys and any other ends (default: half the machine's)")
	fs.Lookup("max-memory").DefValue = "" // the help is the same on every machine
}

// defaultMaxMemory is half of the machine's memory; where that is unknown, half
// of a small one's.
func defaultMaxMemory() byteSize {
	const small = 2 << 30
	total := memory.TotalMemory()
	if total == 0 {
		total = small
	}
	return byteSize(total / 2)
}

const minMaxDrift = 600_000 // ms

// bound checks the flags and completes the config with them.
func (f *boundFlags) bound(cfg *stream.Config) error {
	if f.maxKeys < 1 {
		return usagef("--max-keys %d is too few: use 1 or more", f.maxKeys)
	}
	cfg.MaxKeys, cfg.MaxMemory, cfg.MaxDrift = f.maxKeys, int64(f.maxMemory), window.Duration(f.maxDrift)
	if f.maxDrift == 0 {
		cfg.MaxDrift = minMaxDrift
		for _, s := range cfg.Window.Specs {
			cfg.MaxDrift = max(cfg.MaxDrift, 10*s.Size)
		}
	}
	return f.fits(&cfg.Window)
}

// fits refuses windows of which not even one key would fit into the memory.
func (f *boundFlags) fits(cfg *window.PartitionConfig) error {
	for _, s := range cfg.Specs {
		one := *cfg
		one.Specs = []window.Spec{s}
		need := one.KeyBytes()
		if need <= int64(f.maxMemory) {
			continue
		}
		return usagef("--window %s holds %s slices, %s, for each key, and --max-memory is %s: %sraise --max-memory to %s",
			s, humanize.Comma(s.Slices(*cfg)), atLeast(need), &f.maxMemory, nearest(one, int64(f.maxMemory)), atLeast(need))
	}
	return nil
}

// nearest is the flag to change so that a window fits, and its value: the
// shortest hop of the same size, else the shortest step, else the most allowed
// lateness or out-of-orderness. Empty if no flag alone would do.
func nearest(cfg window.PartitionConfig, limit int64) string {
	s := cfg.Specs[0]
	most := max(1, limit/cfg.SliceBytes())
	fits := func(s window.Spec) bool {
		cfg.Specs = []window.Spec{s}
		return cfg.KeyBytes() <= limit
	}
	byDefault := s.Step == window.DefaultStep(s.Size, s.Hop)
	for n := range divisors(int64(s.Size), min(int64(s.Size/s.Hop), most)) {
		with := s
		if with.Hop = s.Size / window.Duration(n); byDefault {
			with.Step = window.DefaultStep(with.Size, with.Hop)
		}
		if fits(with) {
			return "use --window " + with.String() + ", or "
		}
	}
	for n := range divisors(int64(s.Size), most) {
		with := s
		with.Step = s.Size / window.Duration(n)
		if !byDefault && fits(with) {
			return "use --step " + with.Step.String() + ", or "
		}
	}
	held := s.Size + s.Hop + cfg.OutOfOrderness + cfg.AllowedLateness
	width := held / window.Duration(s.Slices(cfg)+1) // or more
	late := window.Duration(most)*width - (held - cfg.AllowedLateness)
	switch bound := late + cfg.OutOfOrderness; {
	case late >= 0 && cfg.AllowedLateness > 0:
		return "use --allowed-lateness " + late.String() + ", or "
	case bound >= 0 && cfg.AllowedLateness == 0:
		return "use --out-of-orderness " + bound.String() + ", or "
	}
	return ""
}

// divisors are those of n that are at most limit, the greatest first.
func divisors(n, limit int64) iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for d := limit; d > 0; d-- {
			if n%d == 0 && !yield(d) {
				return
			}
		}
	}
}

// fewKeys is how many keys should fit without a word.
const fewKeys = 1000

// tight says how many keys fit if these are few; empty if they are many.
func (f *boundFlags) tight(cfg *window.PartitionConfig) string {
	need := cfg.KeyBytes()
	fit := int64(f.maxMemory) / need
	if fit >= int64(min(fewKeys, f.maxKeys)) {
		return ""
	}
	return fmt.Sprintf("a key that has records all the time takes up to %s: --max-memory %s is enough for about %d",
		atLeast(need), &f.maxMemory, fit)
}
