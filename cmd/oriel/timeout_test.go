package main

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/oriel-stream/oriel/stream"
)

// TestTimeoutBoundsOpening: --timeout counts from the beginning, also while
// nobody answers. Without it a mute broker is another error, after five seconds,
// and a pipe that nobody closes has no end, whatever came of it.
func TestTimeoutBoundsOpening(t *testing.T) {
	t.Parallel()
	mute, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mute.Close() })
	silent, hush := io.Pipe()
	t.Cleanup(func() { hush.Close() })
	open, leave := io.Pipe()
	t.Cleanup(func() { leave.Close() })
	for _, c := range []struct {
		name  string
		stdin io.Reader
		args  []string
		words string
	}{
		{"a mute broker", strings.NewReader(""), []string{"replay", "t", "-b", mute.Addr().String()}, mute.Addr().String() + " gave its first record"},
		{"a silent pipe", silent, []string{"replay", "--input", "-"}, "stdin ended"},
		{"an open pipe", io.MultiReader(strings.NewReader(envelopeLine(epoch, "1")), open), []string{"replay", "--input", "-"}, "stdin ended"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := orielWith(t, c.stdin, append(c.args, "--timeout", "200ms")...)
			want := outcome{
				code:   exitIncomplete,
				stderr: "oriel: the time limit was reached before " + c.words + ": raise --timeout 200ms\n",
			}
			if got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		})
	}
}

// TestTimeoutCountsOpening: what opening has used of --timeout, reading has not.
func TestTimeoutCountsOpening(t *testing.T) {
	t.Parallel()
	o := &lineOptions{input: "-"}
	cfg := stream.Config{Timeout: time.Second}
	e := testEnv(strings.NewReader(envelopeLine(epoch, "1")), io.Discard, io.Discard)
	clock := time.UnixMilli(epoch)
	e.now = func() time.Time {
		clock = clock.Add(300 * time.Millisecond)
		return clock
	}
	r, _, err := o.prepare(t.Context(), e, nil, &cfg)
	if err != nil {
		t.Fatal(err)
	}
	r.close()
	if cfg.Timeout != 700*time.Millisecond {
		t.Errorf("%v are left of 1s, want 700ms", cfg.Timeout)
	}
}
