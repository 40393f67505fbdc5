// Package tui is the screen: it takes pictures of a run, draws them in a
// terminal, and hands keys back as interests. It knows the run by
// stream.Control alone.
package tui

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/term"
	"github.com/muesli/termenv"

	"github.com/oriel-stream/oriel/stream"
)

// Config is everything the screen needs.
type Config struct {
	// Control is the run that is watched.
	Control stream.Control
	// In and Out are the terminal; without In no keys are read.
	In  io.Reader
	Out io.Writer
	// Title is the command's name, for the header.
	Title string
	// Profile is the colours that may be used; with termenv.Ascii no style
	// writes an escape sequence. The zero value is true colour.
	Profile termenv.Profile
	// ClusterColor marks the header, so that nobody takes one cluster for
	// another: a number from 0 to 255 or #rrggbb; empty for none.
	ClusterColor string
	// ASCII draws without Unicode.
	ASCII bool
	// Now is the wall clock.
	Now func() time.Time
	// Local is the zone of local times; nil is UTC.
	Local *time.Location
}

// CrashError is a panic of the screen. The terminal has been restored.
type CrashError struct {
	// Value is what was panicked with, Trace the stack, for a log.
	Value any
	Trace []byte
}

func (e *CrashError) Error() string { return fmt.Sprintf("the screen failed: %v", e.Value) }

// Run shows the screen until a person quits (nil), ctx is done (its cause), the
// terminal fails, or the screen itself does (a *CrashError). The terminal is
// restored in every case. The run goes on: whoever started it ends it.
func Run(ctx context.Context, cfg Config) error {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	out := shareTerminal(cfg.Out)
	u := newUI(inner, cfg, out)
	// Signals are the caller's; panics are caught where they happen.
	_, err := tea.NewProgram(u, tea.WithInput(cfg.In), tea.WithOutput(out), tea.WithAltScreen(),
		tea.WithReportFocus(), tea.WithoutSignalHandler(), tea.WithFPS(60)).Run()
	return u.end(ctx, err)
}

// end is what is left to do when the terminal has been restored.
func (u *ui) end(ctx context.Context, err error) error {
	switch {
	case u.crash != nil:
		return u.crash
	case err != nil:
		return fmt.Errorf("the screen: %w", err)
	case u.leave:
		if _, err := io.WriteString(u.out, u.view+"\n"); err != nil {
			return fmt.Errorf("leaving the last screen: %w", err)
		}
		return nil
	}
	return context.Cause(ctx)
}

// sharedWriter serialises the renderer's writes with those of the clipboard.
type sharedWriter struct {
	mu  sync.Mutex
	out io.Writer
}

func (s *sharedWriter) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Write(b)
}

// sharedTerminal is a sharedWriter that is still a file: bubbletea asks for
// its descriptor to learn the size of the screen.
type sharedTerminal struct {
	term.File
	shared sharedWriter
}

func (s *sharedTerminal) Write(b []byte) (int, error) { return s.shared.Write(b) }

func shareTerminal(out io.Writer) io.Writer {
	if f, ok := out.(term.File); ok {
		return &sharedTerminal{File: f, shared: sharedWriter{out: f}}
	}
	return &sharedWriter{out: out}
}
