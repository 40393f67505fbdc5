package main

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/oriel-stream/oriel/stream"
)

// progressBar is the last line on stderr while a bounded run reads: how many of
// its offsets are behind. A nil one shows nothing.
type progressBar struct {
	env    *env
	what   string
	cancel context.CancelFunc
	done   chan struct{}

	mu  sync.Mutex
	bar *progressbar.ProgressBar // nil until the range is known
}

// redrawEvery is how often the bar moves.
const redrawEvery = 100 * time.Millisecond

// showProgress draws a bar until hide is called.
func showProgress(ctx context.Context, e *env, p *stream.Progress, topics []string) *progressBar {
	ctx, cancel := context.WithCancel(ctx)
	b := &progressBar{env: e, what: barTitle(topics), cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(b.done)
		tick := time.NewTicker(redrawEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				b.draw(p.Offsets.Load(), p.Total.Load())
			}
		}
	}()
	return b
}

// hide removes the bar.
func (b *progressBar) hide() {
	if b == nil {
		return
	}
	b.cancel()
	<-b.done
	b.clear()
}

// above lets say write what is to stay above the bar.
func (b *progressBar) above(say func()) {
	if b == nil {
		say()
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clear()
	say()
}

func (b *progressBar) clear() {
	if b.bar != nil {
		_ = b.bar.Clear() // a bar that cannot be drawn is no error of the run
	}
}

func (b *progressBar) draw(offsets, total int64) {
	if total == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bar == nil || b.bar.GetMax64() != total {
		b.clear()
		b.bar = progressbar.NewOptions64(total, barOptions(b.env, b.what, total)...)
	}
	_ = b.bar.Set64(min(offsets, total-1)) // the last step would end the line
}

// barOptions lay the bar out so that it fits into the terminal: a line that
// wraps cannot be redrawn. Where there is little room the counts are left out,
// and then the title.
func barOptions(e *env, what string, total int64) []progressbar.Option {
	const (
		frame     = len(" 100% ||  [9h59m59s]")
		rate      = len("(/, 9999999 offsets/s)")
		leastBar  = 10
		widestBar = 40
	)
	options := []progressbar.Option{progressbar.OptionSetWriter(e.stderr), progressbar.OptionUseANSICodes(true), progressbar.OptionSetElapsedTime(false)}
	room := e.stderrWidth - 1 - frame
	if room-len(what) >= leastBar {
		room -= len(what)
		options = append(options, progressbar.OptionSetDescription(what))
	}
	if counts := rate + 2*len(strconv.FormatInt(total, 10)); room-counts >= leastBar {
		room -= counts
		options = append(options, progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString("offsets"))
	}
	return append(options, progressbar.OptionSetWidth(max(1, min(widestBar, room))))
}

// barTitle names what is read in a few letters.
func barTitle(topics []string) string {
	const widest = 20
	switch {
	case len(topics) == 0:
		return "input"
	case len(topics) > 1:
		return count(int64(len(topics)), "topic")
	case len(topics[0]) > widest:
		return topics[0][:widest-3] + "..."
	default:
		return topics[0]
	}
}
