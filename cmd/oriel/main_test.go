package main

import (
	"fmt"
	"os"
	"testing"

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
// there; those of open connections have another one beside it.
type leakless struct{ m *testing.M }

func (l leakless) Run() int {
	code := l.m.Run()
	if code != 0 {
		return code
	}
	const kfake = "github.com/twmb/franz-go/pkg/kfake."
	if err := goleak.Find(goleak.IgnoreAnyFunction(kfake + "(*clientConn).read.func1")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
