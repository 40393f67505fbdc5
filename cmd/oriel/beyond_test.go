package main

import (
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
)

// TestOffsetsBeyondTheLog are no error, and said: a digit too many is nothing to
// wonder about for an hour.
func TestOffsetsBeyondTheLog(t *testing.T) {
	t.Parallel()
	addr := newBroker(t, kfake.SeedTopics(2, "t")).ListenAddrs()[0]
	first, second := number(epoch, "k", "1"), number(epoch, "k", "2")
	second.partition = 1
	newClient(t, addr).produce("t", first, second, second)
	for args, want := range map[string]string{
		"--from 1000":            "--from 1000 is beyond the end of t/0, t/1: nothing is read there\n",
		"--from 0=2,1=2":         "--from 2 is beyond the end of t/0: nothing is read there\n",
		"--to 0=1,1=3":           "--to 3 is beyond the end of t/1: reading stops at the end as it is now\n",
		"--from 0=0,1=2 --to 1":  "--from 2 is behind --to 1: nothing is read of t/1\n",
		"--from 0=1,1=2 --to -0": "",
		"--from 0 --to 0=1,1=2":  "",
		"--from +1000 --to @0":   "",
	} {
		got := oriel(t, append(strings.Fields("replay t -m none -o none --format number -b "+addr), strings.Fields(args)...)...)
		var said []string
		for line := range strings.Lines(got.stderr) {
			if strings.HasPrefix(line, "oriel: --") {
				said = append(said, strings.TrimPrefix(line, "oriel: "))
			}
		}
		if all := strings.Join(said, ""); got.code != exitDone || all != want {
			t.Errorf("%s: exit code %d, %q, want %q", args, got.code, all, want)
		}
	}
	peek := oriel(t, "peek", "t", "-b", addr, "--from", "9", "--partitions", "1")
	if want := "--from 9 is beyond the end of t/1: nothing is read there"; !strings.Contains(peek.stderr, want) {
		t.Errorf("%q is not in: %s", want, peek.stderr)
	}
}
