package main

import (
	"slices"
	"strings"
	"testing"
)

// TestWarmUpPrintsTheRest: what a replay prints that warms up is the end of what
// the replay of everything prints, byte for byte, and says more than one from
// the same offset that does not: its windows have their first records, too.
func TestWarmUpPrintsTheRest(t *testing.T) {
	t.Parallel()
	addr := loaded(t, 20_000)
	for _, flags := range []string{
		"-w 10s/1s", "-w 2s --key site", "-w 3s/1s --key none --allowed-lateness 5s", "-w 3s/1s --allowed-lateness 2s --emit final",
		"-w 5s/1s -m holt --horizon 2", "-w 2s --time-domain processing",
	} {
		all := oriel(t, append(strings.Fields("replay sensors --time ts --value temp -m none "+flags), "-b", addr)...).lines()
		for _, from := range []string{"+2000", "0=1000,1=2500,2=2000,3=0", "-900"} {
			warm := oriel(t, append(strings.Fields("replay sensors --time ts --value temp -m none --warmup 1h --from "+from+" "+flags), "-b", addr)...)
			got := warm.lines()
			if warm.code != exitDone || len(got) == 0 || len(got) >= len(all) {
				t.Fatalf("%s, from %s: exit code %d, %d lines of %d: %s", flags, from, warm.code, len(got), len(all), warm.stderr)
			}
			if !slices.Equal(got, all[len(all)-len(got):]) {
				t.Errorf("%s, from %s: the lines are not the last of all", flags, from)
			}
			cold := oriel(t, append(strings.Fields("replay sensors --time ts --value temp -m none --from "+from+" "+flags), "-b", addr)...).lines()
			if strings.Contains(got[0], `"incomplete":"start"`) || !strings.Contains(cold[0], `"incomplete":"start"`) && !strings.Contains(from, "3=0") {
				t.Errorf("%s, from %s: it begins with\n%s\nand without a warm-up with\n%s", flags, from, got[0], cold[0])
			}
			for _, command := range []string{"replay", "replay -X max.partition.fetch.bytes=3000"} {
				again := oriel(t, append(strings.Fields(command+" sensors --time ts --value temp -m none --warmup 1h --from "+from+" "+flags), "-b", addr)...)
				if again.stdout != warm.stdout {
					t.Errorf("%s, from %s: another run prints something else", flags, from)
				}
			}
		}
	}
}

// TestWarmUpFromTheEnd: a tail from the end knows what came before.
func TestWarmUpFromTheEnd(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 1, number(epoch, "k", "1"), number(epoch+5000, "k", "2"), number(epoch+10_000, "k", "4"), number(epoch+11_000, "k", "8"))
	c := newClient(t, addr)
	r := start(t, "tail", "t", "-b", addr, "-w", "10s", "--out-of-orderness", "0s", "-m", "none", "--warmup", "3650d", "--timeout", "20s", "--limit", "1")
	r.awaitNotice("value: the payload")
	c.produce("t", number(epoch+12_000, "k", "16"), number(epoch+20_000, "k", "32"))
	lines := parse(t, r.awaitLines(1)...)
	if code := r.wait(); code != exitDone || lines[0].Start != epoch+10_000 || lines[0].Sum != 4+8+16 {
		t.Errorf("exit code %d, %+v", code, lines)
	}
}

// TestWarmUpOfNothing: where there is nothing further back everything is printed.
func TestWarmUpOfNothing(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 2, number(epoch, "k", "1"), number(epoch+15_000, "k", "2"))
	for _, from := range []string{"start", "0", "@" + "0"} {
		got := oriel(t, "replay", "t", "-b", addr, "-w", "10s", "-m", "none", "--quiet", "--warmup", "1h", "--from", from)
		if len(got.lines()) != 2 || got.code != exitDone {
			t.Errorf("from %s: %+v", from, got)
		}
	}
}
