package main

import (
	"fmt"
	"strings"
	"testing"
)

// TestClockOfLag: the clock of a lag is of those records that have one, and a time
// that no clock tells is not one that is missing.
func TestClockOfLag(t *testing.T) {
	t.Parallel()
	record := func(offset int, clock string) string {
		return fmt.Sprintf(`{"topic":"t","partition":0,"offset":%d,%s"payload":"{\"t\":%d,\"v\":1}"}`+"\n", offset, clock, epoch+int64(offset))
	}
	appended := fmt.Sprintf(`"ts":%d,"tstype":"logappend",`, epoch+50)
	replayed := func(input string, more ...string) outcome {
		return orielWith(t, strings.NewReader(input), append(strings.Fields("replay --input - -w 10s -m none --time t --value v"), more...)...)
	}
	for name, c := range map[string]struct{ input, want string }{
		"all":   {record(0, appended) + record(1, appended), `"lag_ms":{"min":49,"mean":49.5,"max":50},"lag_clock":"append"`},
		"one":   {record(0, appended) + record(1, ""), `"lag_ms":{"min":50,"mean":50,"max":50},"lag_clock":"append"`},
		"wrong": {record(0, appended) + record(1, `"ts":400000000000000,`), `"lag_ms":{"min":50,"mean":50,"max":50},"lag_clock":"append"`},
		"none":  {record(0, "") + record(1, ""), `"lag_ms":null,"lag_clock":null`},
	} {
		if got := replayed(c.input); got.code != exitDone || !strings.Contains(got.stdout, c.want) {
			t.Errorf("%s: exit code %d, %s, want %s", name, got.code, got.stdout, c.want)
		}
	}
	got := replayed(record(0, "")+record(1, `"ts":400000000000000,`)+record(2, appended), "--time-domain", "processing", "--rejects", "-", "-o", "none")
	if !strings.Contains(got.stdout, `"reason":"no_time","topic":"t","partition":0,"offset":0`) || !strings.Contains(got.stdout, `"reason":"bad_time","topic":"t","partition":0,"offset":1`) ||
		strings.Count(got.stdout, fmt.Sprintf(`"event_ms":%d`, epoch/1000)) != 2 {
		t.Errorf("exit code %d: %s%s", got.code, got.stdout, got.stderr)
	}
}
