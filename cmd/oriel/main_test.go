package main

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"
)

// promptExit is the GORACE of our processes: built with the race detector they
// would sleep for a second when they end.
const promptExit = "atexit_sleep_ms=0"

// TestMain makes the program itself a command: in scripts and in exec.Command
// "oriel" is this test binary, which then runs main.
func TestMain(m *testing.M) {
	testscript.Main(leakless{m}, map[string]func(){"oriel": main})
}

// leakless fails tests that leave goroutines behind. One of kfake's is not ours to
// wait for: it heard the beginning of a TLS handshake, takes that for a size and
// makes room for 369 MB, before it looks again whether its connection is still
// there; those of open connections have another one beside it. All others have
// patience to end: goleak itself looks for half a second only, in which a busy
// machine may not have come to them.
type leakless struct{ m *testing.M }

func (l leakless) Run() int {
	code := l.m.Run()
	if code != 0 {
		return code
	}
	const ignored = "github.com/twmb/franz-go/pkg/kfake.(*clientConn).read.func1"
	for deadline := time.Now().Add(patience); ; {
		err := goleak.Find(goleak.IgnoreAnyFunction(ignored))
		if err == nil {
			return 0
		}
		if time.Now().After(deadline) {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
}
