package tui

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain looks for goroutines left behind. teatest never ends the one that
// waits for an interrupt.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/charmbracelet/x/exp/teatest.NewTestModel.func2"))
}
