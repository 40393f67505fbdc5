package main

import (
	"fmt"

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
	fs.IntVar(&f.maxKeys, "max-keys", 100_000, "keys that may hold open windows at a time, divided among the partitions")
	fs.Var(&f.maxDrift, "max-drift",
		"how far ahead of the slowest partition, in event time, another is read (default: ten times the window, at least 10m)")
}

func (f *boundFlags) addMemory(fs *pflag.FlagSet) {
	f.maxMemory = defaultMaxMemory()
	fs.Var(&f.maxMemory, "max-memory", "bytes that open windows, and an --input from a pipe, may hold (default: half the machine's)")
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
	switch {
	case f.maxKeys < 1:
		return usagef("--max-keys %d is too few: use 1 or more", f.maxKeys)
	case f.maxDrift < 0:
		return usagef("--max-drift %v is negative: use for example 10m", f.maxDrift.std())
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
		return usagef("--window %s holds %s slices, %s, for each key, and --max-memory is %s: use %s, or raise --max-memory to %s",
			s, humanize.Comma(s.Slices(*cfg)), humanize.IBytes(uint64(need)), &f.maxMemory,
			nearest(one, int64(f.maxMemory)), humanize.IBytes(uint64(need)))
	}
	return nil
}

// nearest is the shortest hop of a window, and step with it, that fits.
func nearest(cfg window.PartitionConfig, limit int64) string {
	s := cfg.Specs[0]
	most := min(int64(s.Size/s.Hop), limit/cfg.SliceBytes())
	for n := most; n > 0; n-- {
		if int64(s.Size)%n != 0 {
			continue
		}
		cfg.Specs = []window.Spec{{Size: s.Size, Hop: s.Size / window.Duration(n)}}
		if cfg.KeyBytes() <= limit {
			return "--window " + cfg.Specs[0].String()
		}
	}
	return "a smaller --allowed-lateness or --out-of-orderness, a longer --step"
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
		humanize.IBytes(uint64(need)), &f.maxMemory, fit)
}
