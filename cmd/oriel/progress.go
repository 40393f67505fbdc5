package main

import (
	"context"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/oriel-stream/oriel/stream"
)

// showProgress draws a bar of the offsets read on stderr until the returned
// function is called, which removes it.
func showProgress(ctx context.Context, e *env, p *stream.Progress, what string) (hide func()) {
	bar := progressbar.NewOptions64(-1,
		progressbar.OptionSetWriter(e.stderr),
		progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(),
		progressbar.OptionSetItsString("records"),
		progressbar.OptionShowIts(),
		progressbar.OptionSetWidth(max(10, min(40, e.stderrWidth-60))),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionThrottle(100*time.Millisecond),
	)
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if total := p.Total.Load(); total > 0 && bar.GetMax64() != total {
					bar.ChangeMax64(total)
				}
				_ = bar.Set64(p.Offsets.Load()) // a bar that cannot be drawn is no error of the run
			}
		}
	}()
	return func() {
		cancel()
		<-done
		_ = bar.Finish()
	}
}
