package main

import (
	"github.com/oriel-stream/oriel/stream"
)

// notice returns where to say what is wrong during a run, and what has happened:
// on the screen, if there is one, else on stderr.
func (o *lineOptions) notice(e *env) func(stream.Notice) {
	return func(n stream.Notice) {
		if o.board == nil {
			o.progress.above(func() { e.sayNotice(n) })
			return
		}
		o.board.Tell(n)
		if n.Text != "" {
			e.log.note(n.Text)
		}
	}
}

// tell returns where to say what has happened.
func (o *lineOptions) tell(e *env) func(text string) {
	notice := o.notice(e)
	return func(text string) { notice(stream.Notice{Text: text}) }
}

// isSilent says that nobody wants to hear what happens: --quiet speaks of stderr,
// not of the screen.
func (o *lineOptions) isSilent() bool { return o.quiet && o.board == nil }

// tellAll says what has happened.
func (o *lineOptions) tellAll(e *env, notes []string) {
	if o.isSilent() {
		return
	}
	for _, note := range notes {
		o.tell(e)(note)
	}
}
