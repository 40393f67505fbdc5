package tui

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/exp/teatest"
	"github.com/muesli/termenv"

	"github.com/oriel-stream/oriel/stream"
)

func config(in io.Reader, out io.Writer, control stream.Control) Config {
	return Config{
		Control: control, In: in, Out: out, Title: "demo", Profile: termenv.Ascii,
		Now: func() time.Time { return time.UnixMilli(int64(storyNow)) },
	}
}

// TestProgram starts the screen, resizes it and quits.
func TestProgram(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	u := newUI(ctx, config(nil, nil, &run{snap: story()}), io.Discard)
	tm := teatest.NewTestModel(t, u, teatest.WithInitialTermSize(80, 24))
	shows := func(what string) {
		t.Helper()
		teatest.WaitFor(t, tm.Output(), func(b []byte) bool { return bytes.Contains(b, []byte(what)) })
	}
	shows("held by sensors/3")
	tm.Send(tea.WindowSizeMsg{Width: 120, Height: 40})
	shows("Partitions 4")
	tm.Type("q")
	tm.WaitFinished(t, teatest.WithFinalTimeout(5*time.Second))
}

// TestQuit holds that both ways to quit restore the terminal and are no error.
func TestQuit(t *testing.T) {
	for _, keys := range []string{"q", "Q", "\x03"} {
		var out lockedBuffer
		if err := Run(t.Context(), config(strings.NewReader(keys), &out, &run{snap: story()})); err != nil {
			t.Errorf("%q: %v", keys, err)
		}
		if s := out.String(); !strings.Contains(s, "\x1b[?1049h") || !strings.Contains(s, "\x1b[?1049l") {
			t.Errorf("%q: the alternate screen was not entered and left: %q", keys, s)
		}
	}
}

// TestLeavesLastScreen holds that Q prints the screen once more, and q does not.
func TestLeavesLastScreen(t *testing.T) {
	for key, want := range map[string]bool{"q": false, "Q": true} {
		s := large(t)
		_, cmd := s.Update(keyMsg(key))
		if _, ok := cmd().(tea.QuitMsg); !ok {
			t.Fatalf("%s does not quit", key)
		}
		if err := s.end(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if got := s.out.String() == s.View()+"\n"; got != want {
			t.Errorf("%s left %q", key, s.out.String())
		}
	}
}

var errStop = errors.New("stop")

// TestRunEndsWithContext holds that the context ends the screen in order.
func TestRunEndsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	in, keyboard := io.Pipe()
	defer keyboard.Close()
	var out lockedBuffer
	control := &cancelling{run: run{snap: story()}, cancel: func() { cancel(errStop) }}
	err := Run(ctx, config(in, &out, control))
	keyboard.Close()
	if !errors.Is(err, errStop) {
		t.Errorf("got %v, want the context's cause", err)
	}
	if !strings.Contains(out.String(), "\x1b[?1049l") {
		t.Error("the alternate screen was not left")
	}
}

// cancelling ends the context when it is asked for a picture.
type cancelling struct {
	run
	cancel func()
}

func (c *cancelling) Snapshot() *stream.Snapshot {
	c.cancel()
	return c.run.Snapshot()
}

// TestPanic holds that a panic ends the screen in order, with a trace.
func TestPanic(t *testing.T) {
	var out lockedBuffer
	in, keyboard := io.Pipe()
	defer keyboard.Close()
	err := Run(t.Context(), config(in, &out, &run{snap: nil}))
	var crash *CrashError
	if !errors.As(err, &crash) || !bytes.Contains(crash.Trace, []byte("update.go")) {
		t.Fatalf("got %v, want a *CrashError with a trace", err)
	}
	if !strings.Contains(out.String(), "\x1b[?1049l") {
		t.Error("the alternate screen was not left")
	}
}
