package external

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/oriel-stream/oriel/model"
)

// What external models can fail beyond what any forecast can.
const (
	// Unavailable: it was not asked, because the calls before all failed.
	Unavailable model.Lost = "unavailable"
	// Unreachable: no connection, or one that broke.
	Unreachable model.Lost = "unreachable"
	// Crashed: the program ended before it answered, or did not start.
	Crashed model.Lost = "crashed"
	// Refused: the model answered with an error.
	Refused model.Lost = "refused"
	// TooLarge: the answer is longer than any forecast could be.
	TooLarge model.Lost = "too large"
	// Malformed: the answer is no JSON, or has no forecast in it.
	Malformed model.Lost = "malformed"
	// WrongID: the answer is to another question.
	WrongID model.Lost = "wrong id"
	// WrongShape: there are more or fewer numbers than asked for.
	WrongShape model.Lost = "wrong shape"
	// NotFinite: a number is missing, NaN or infinite.
	NotFinite model.Lost = "not finite"
)

// failure is a Lost with the details that a person needs to mend it.
type failure struct {
	model.Lost
	detail string
	// down says that the model did not work at all, rather than with this
	// question: it makes the breaker open.
	down bool
	// mute says that it is down and was a program that had the time to start.
	mute bool
}

func (f *failure) Error() string { return string(f.Lost) + ": " + f.detail }

func failed(why model.Lost, format string, args ...any) *failure {
	return &failure{Lost: why, detail: fmt.Sprintf(format, args...)}
}

// broken is failed of a model that does not work at all.
func broken(why model.Lost, format string, args ...any) *failure {
	f := failed(why, format, args...)
	f.down = true
	return f
}

// repeated is f of another call that failed together with the first: the breaker
// counts both as one.
func (f *failure) repeated() *failure {
	again := *f
	again.down, again.mute = false, false
	return &again
}

// hasTime says that a call that begins at now has at least half of its timeout:
// windows that close together share a deadline, and what begins shortly before
// it says nothing about the model if it is not answered.
func hasTime(ctx context.Context, now time.Time, timeout time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return !ok || deadline.Sub(now) >= timeout/2
}

// ended is the failure of a call that was given up: by its deadline or because
// the run was over. hadTime is what hasTime said when it began.
func ended(ctx context.Context, hadTime bool) *failure {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return failed(model.LostInterrupted, "the run has ended")
	}
	f := failed(model.LostTimeout, "no answer before the deadline (--model-timeout)")
	f.down = hadTime
	return f
}

// neverAnswered is the failure of a call to a program that has not answered since
// it was started, for as long as is allowed.
func neverAnswered(allowed time.Duration) *failure {
	f := broken(model.LostTimeout, "no answer within %v of its start", allowed)
	f.mute = true
	return f
}

// maxDetail bounds what is shown of something that came from a model.
const maxDetail = 200

// excerpt is the beginning of something that came from a model, on one line and
// without anything that a terminal would obey.
func excerpt(text []byte) string {
	cut := len(text) > maxDetail
	if cut {
		text = text[:maxDetail]
	}
	shown := make([]rune, 0, len(text))
	for _, r := range string(text) {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			r = ' '
		}
		shown = append(shown, r)
	}
	if cut {
		return string(shown) + "…"
	}
	return string(shown)
}
