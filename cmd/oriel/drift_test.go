package main

import (
	"strings"
	"testing"
)

// driftingTopic has partitions whose event times run apart by months: one in a
// hurry, one that stays behind and leaps to the other's end, one of which no
// time can be read, and one without records.
func driftingTopic(t *testing.T) string {
	t.Helper()
	const each, minute = 1500, 60_000
	var messages []message
	for i := range int64(each) {
		hurry := number(epoch+100*minute*i, "hurry", "1")
		behind := number(epoch+minute/30*i, "behind", "2")
		if i > each*9/10 {
			behind.timestamp += 100 * minute * each
		}
		behind.partition = 1
		messages = append(messages, hurry, behind, message{partition: 2, timestamp: -1, payload: []byte("4")})
	}
	return brokerWith(t, 4, messages...)
}

// TestMaxDriftOfATopic changes no byte, however small the drift and the fetches
// are.
func TestMaxDriftOfATopic(t *testing.T) {
	t.Parallel()
	addr := driftingTopic(t)
	args := []string{"replay", "t", "-b", addr, "-w", "1h", "-m", "none", "--format", "number", "--max-future", "365d", "--quiet"}
	want := oriel(t, append(args, "--max-drift", "3650d")...)
	if want.code != exitDone || len(want.lines()) < 1000 {
		t.Fatalf("exit code %d, %d lines: %s", want.code, len(want.lines()), want.stderr)
	}
	for _, flags := range []string{
		"", "--max-drift 1ms", "--max-drift 1h -X max.partition.fetch.bytes=500", "--max-drift 10m -X fetch.max.bytes=1000",
	} {
		got := oriel(t, append(args, strings.Fields(flags)...)...)
		if got.code != exitDone || got.stderr != want.stderr {
			t.Errorf("%q: exit code %d: %s", flags, got.code, got.stderr)
		}
		same(t, flags, printed{stdout: got.stdout}, printed{stdout: want.stdout})
	}
}

// TestMaxDriftOfATail: a partition that is held back goes on when the slow one
// is idle.
func TestMaxDriftOfATail(t *testing.T) {
	t.Parallel()
	addr := driftingTopic(t)
	r := start(t, "tail", "t", "-b", addr, "-w", "1h", "-m", "none", "--format", "number", "--max-future", "365d",
		"--from", "start", "--max-drift", "10m", "--idle-timeout", "200ms", "-X", "max.partition.fetch.bytes=500", "--limit", "1400")
	if code := r.wait(); code != exitDone || strings.Count(r.stdout.String(), "\n") != 1400 {
		t.Errorf("exit code %d, %d lines: %s", code, strings.Count(r.stdout.String(), "\n"), r.stderr)
	}
}
