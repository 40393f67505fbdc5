package window

import (
	"fmt"
	"slices"
	"testing"
)

// TestEmptyWindows: keys that had records lately have panes of count 0, for
// History windows, and never behind the end of the input. What the panes are
// in every other case the oracle says.
func TestEmptyWindows(t *testing.T) {
	late := []Time{1, 65, 12} // 12 comes when W = 65
	tests := map[string]struct {
		cfg   PartitionConfig
		times []Time
		want  []string
	}{
		"a gap longer than the history": {
			PartitionConfig{History: 2},
			[]Time{1, 45, 46, 75},
			[]string{"0-10 1", "10-20 0", "20-30 0", "40-50 2", "50-60 0", "60-70 0", "70-80 1"},
		},
		"a gap within it": {
			PartitionConfig{History: 3},
			[]Time{1, 41, 51},
			[]string{"0-10 1", "10-20 0", "20-30 0", "30-40 0", "40-50 1", "50-60 1"},
		},
		"no history": {PartitionConfig{}, []Time{1, 41}, []string{"0-10 1", "40-50 1"}},
		"hopping": {
			PartitionConfig{Specs: []Spec{{Size: 10, Hop: 5}}, History: 2},
			[]Time{1, 26},
			[]string{"-5-5 1", "0-10 1", "5-15 0", "10-20 0", "20-30 1", "25-35 1"},
		},
		"a late record in an empty window": {
			PartitionConfig{History: 3, AllowedLateness: 50},
			late,
			[]string{"0-10 1", "10-20 0", "20-30 0", "30-40 0", "10-20 1 revision 1 late 1 final", "60-70 1"},
		},
		"final contents": {
			PartitionConfig{History: 3, AllowedLateness: 50, Emit: EmitFinal},
			late,
			[]string{"0-10 1 final", "10-20 1 late 1 final", "20-30 0 final", "30-40 0 final", "60-70 1 final"},
		},
		"behind the end": {
			PartitionConfig{History: 2, EmptyAtEnd: true},
			[]Time{1, 15},
			[]string{"0-10 1", "10-20 1", "20-30 0", "30-40 0"},
		},
		"provisional contents": {
			PartitionConfig{History: 3, AllowedLateness: 50, Emit: EmitUpdates},
			late,
			[]string{"0-10 1", "10-20 0", "20-30 0", "30-40 0", "10-20 1 revision 1 late 1", "60-70 1"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			cfg := test.cfg
			cfg.Empty = true
			if cfg.Specs == nil {
				cfg.Specs = []Spec{{Size: 10, Hop: 10}}
			}
			log := partitionLog{fromBeginning: true}
			for i, at := range test.times {
				log.records = append(log.records, logged{time: at, at: Place{Offset: int64(i)}})
			}
			logs := []partitionLog{log}
			var got []string
			r := newRig(t, cfg, logs)
			for range sequential(logs) {
				r.next(0)
				r.report(0)
			}
			for _, p := range r.panes {
				if !p.Hidden {
					got = append(got, inShort(p, cfg.AllowedLateness > 0))
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("panes %q, want %q", got, test.want)
			}
			r.checkDone()
		})
	}
}

func inShort(p *Pane, lateness bool) string {
	s := fmt.Sprintf("%d-%d %d", p.Start, p.End, p.Count)
	if p.Revision > 0 {
		s += fmt.Sprint(" revision ", p.Revision)
	}
	if p.Late > 0 {
		s += fmt.Sprint(" late ", p.Late)
	}
	if p.Final && lateness {
		s += " final"
	}
	return s
}

// A key of one topic is not missing in another.
func TestEmptyWindowsOfTopics(t *testing.T) {
	cfg := PartitionConfig{Specs: []Spec{{Size: 10, Hop: 10}}, Empty: true, History: 5}
	logs := make([]partitionLog, 2)
	for part, times := range [][]Time{{1, 15, 35}, {2, 27, 31}} {
		logs[part].id, logs[part].fromBeginning = PartitionID{Topic: fmt.Sprint("t", part)}, true
		for i, at := range times {
			logs[part].records = append(logs[part].records, logged{part: int32(part), key: []byte("k"), time: at, at: Place{Offset: int64(i)}})
		}
	}
	r := newRig(t, cfg, logs)
	for _, part := range roundRobin(logs) {
		r.next(part)
		r.report(part)
	}
	var got []string
	for _, p := range r.panes {
		got = append(got, p.Topic+" "+inShort(p, false))
	}
	want := []string{
		"t0 0-10 1", "t1 0-10 1", "t0 10-20 1", "t1 10-20 0", "t0 20-30 0", "t1 20-30 1", "t0 30-40 1", "t1 30-40 1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("panes %q, want %q", got, want)
	}
}
