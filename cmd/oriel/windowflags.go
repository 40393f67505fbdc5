package main

import (
	"github.com/spf13/pflag"

	"github.com/oriel-stream/oriel/window"
)

// windowFlags say which windows to compute and when they close.
type windowFlags struct {
	windows         []string
	origin          duration
	domain, emit    choice
	outOfOrderness  duration
	allowedLateness duration
	maxFuture       duration
	idleTimeout     duration
	empty           bool
	history         int
}

func (f *windowFlags) add(fs *pflag.FlagSet, live bool) {
	f.addOnTime(fs)
	f.addAllowedLateness(fs)
	emit := "when lines come: on-time (at the end; once more when final, if late records changed it) or final (once)"
	if live {
		f.emit = newChoice("on-time", "final", "updates")
		emit += ", or updates (on time, and whenever late records have changed it)"
	}
	fs.Var(&f.emit, "emit", emit)
	if live {
		fs.Var(&f.idleTimeout, "idle-timeout",
			"how long a partition may have nothing new before the watermark stops waiting for it")
	}
}

func (f *windowFlags) addAllowedLateness(fs *pflag.FlagSet) {
	fs.Var(&f.allowedLateness, "allowed-lateness", "how long after its end, in event time, a window still accepts records that come late")
}

// addOnTime adds the flags that have a say in what windows hold on time.
func (f *windowFlags) addOnTime(fs *pflag.FlagSet) {
	f.addSpecs(fs)
	f.outOfOrderness = 2000
	fs.Var(&f.outOfOrderness, "out-of-orderness",
		"how far behind the newest event time of its partition a record may come")
	fs.Var(&f.domain, "time-domain", "time by which records are put into windows: event, or processing for when they arrived")
	fs.BoolVar(&f.empty, "empty", false, "windows without records too, for keys that had some in the last --history windows")
	fs.IntVar(&f.history, "history", f.history, "how many windows back --empty and --forecast-input aggregates look")
}

// addSpecs adds the flags that say which windows there are and which event times
// are believed.
func (f *windowFlags) addSpecs(fs *pflag.FlagSet) {
	f.maxFuture, f.history = 300_000, 30
	f.domain, f.emit = newChoice("event", "processing"), newChoice("on-time", "final")
	if f.idleTimeout == 0 {
		f.idleTimeout = 30_000
	}
	fs.StringArrayVarP(&f.windows, "window", "w", []string{"10s/1s"},
		"windows as SIZE (tumbling) or SIZE/HOP (hopping); repeatable")
	fs.Var(&f.origin, "origin", "alignment of windows relative to the epoch")
	fs.Var(&f.maxFuture, "max-future",
		"how far an event time in the payload may be ahead of the Kafka timestamp, and a create time ahead of those before it")
}

// maxHistory bounds --history: with --empty each key has a line for each of
// them when it falls silent.
const maxHistory = 10_000

var emits = map[string]window.Emit{"on-time": window.EmitOnTime, "final": window.EmitFinal, "updates": window.EmitUpdates}

// processing says that windows are of processing time, which knows nothing of
// out-of-orderness, lateness, idleness or the future.
func (f *windowFlags) processing() bool { return f.domain.value == "processing" }

// config checks the flags and returns what the windows need. step is the
// --step of the forecaster; negative for none, 0 for the default.
func (f *windowFlags) config(step window.Duration) (window.PartitionConfig, error) {
	cfg := window.PartitionConfig{
		OutOfOrderness:  window.Duration(f.outOfOrderness),
		AllowedLateness: window.Duration(f.allowedLateness),
		Emit:            emits[f.emit.value],
		Empty:           f.empty,
		History:         f.history,
		MaxFuture:       window.Duration(f.maxFuture),
		IdleTimeout:     window.Duration(f.idleTimeout),
	}
	if f.processing() {
		cfg.OutOfOrderness, cfg.AllowedLateness = 0, 0
	}
	err := f.checkTimes()
	if err == nil {
		cfg.Specs, err = f.parseWindows(step)
	}
	return cfg, err
}

// checkTimes refuses lengths that are out of range.
func (f *windowFlags) checkTimes() error {
	for _, limit := range []struct {
		flag string
		d    duration
	}{{"out-of-orderness", f.outOfOrderness}, {"allowed-lateness", f.allowedLateness}, {"max-future", f.maxFuture}, {"idle-timeout", f.idleTimeout}} {
		if limit.d < 0 {
			return usagef("--%s %v is negative: use 0s or more", limit.flag, limit.d.std())
		}
	}
	if f.idleTimeout == 0 {
		return usagef("--idle-timeout 0s would call every partition idle at once: use for example 30s")
	}
	if f.history < 1 || f.history > maxHistory {
		return usagef("--history %d is out of range: use 1 to %d", f.history, maxHistory)
	}
	return nil
}

// parseWindows returns the windows of --window, of steps as config has them.
func (f *windowFlags) parseWindows(step window.Duration) ([]window.Spec, error) {
	var specs []window.Spec
	seen := make(map[window.Spec]string)
	for _, text := range f.windows {
		spec, err := window.ParseSpec(text)
		if err != nil {
			return nil, usagef("--%w", err)
		}
		if before, ok := seen[spec]; ok {
			return nil, usagef("--window %s and --window %s are the same: give each window once", before, text)
		}
		seen[spec] = text
		spec.Origin = window.Duration(f.origin)
		switch {
		case step == 0:
			spec.Step = window.DefaultStep(spec.Size, spec.Hop)
		case step > 0:
			spec.Step = step
		}
		if err := spec.Validate(); err != nil {
			return nil, usagef("--window %s: %w", text, err)
		}
		specs = append(specs, spec)
	}
	return specs, nil
}
