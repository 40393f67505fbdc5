package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/tui/noquery"
)

// env is everything the program sees of the operating system. This file is the
// only one that touches package os; a linter holds that. Tests put their own
// env in its place.
type env struct {
	args           []string
	stdin          io.Reader
	stdout, stderr io.Writer
	// stdinRedirected says that stdin is not the terminal at which a person types,
	// and openTerminal opens that.
	stdinRedirected bool
	openTerminal    func() (io.ReadCloser, error)
	// stdoutIsTerminal and stderrIsTerminal say that a person is looking.
	stdoutIsTerminal, stderrIsTerminal bool
	// stderrWidth is the number of columns of a terminal on stderr.
	stderrWidth int
	getenv      func(string) string
	// environ is the whole environment, as NAME=VALUE.
	environ func() []string
	now     func() time.Time
	// completionTimeout bounds how long a shell waits for the names of topics or
	// groups.
	completionTimeout time.Duration
	// open opens a file for reading, create one for writing; "-" is stdin and
	// stdout.
	open     func(path string) (io.ReadCloser, error)
	create   func(path string) (io.WriteCloser, error)
	readFile func(path string) ([]byte, error)
	// sameFile says that two paths name one file, which need not be there yet.
	sameFile func(a, b string) bool
	// scratch makes a file that is gone when it is closed.
	scratch func() (scratchFile, error)
	// appendTo opens a file for writing at its end.
	appendTo func(path string) (io.WriteCloser, error)
	// log has what say says; nil for none.
	log *logFile
	// saveCrash writes a trace to a temporary file and returns its name.
	saveCrash func(trace []byte) (string, error)
	// prompt asks a person at the terminal for a secret, which is not echoed.
	prompt func(ctx context.Context, question string) (string, error)
	// interruptible returns a context that SIGINT and SIGTERM cancel with
	// errInterrupted.
	interruptible func(context.Context) (context.Context, context.CancelFunc)
}

// scratchFile is a temporary file.
type scratchFile interface {
	io.ReadWriteSeeker
	io.Closer
}

// errInterrupted is the cause of a context that a signal cancelled.
var errInterrupted = errors.New("interrupted")

// system is the real env. It ignores SIGPIPE, so that writing to a closed
// stdout is an error that ends the run in order and not a sudden death.
func system() *env {
	noquery.Restore()
	signal.Ignore(syscall.SIGPIPE)
	e := &env{
		args: os.Args[1:], stdin: os.Stdin, stdout: stdoutFile{os.Stdout}, stderr: os.Stderr,
		stdinRedirected:  !term.IsTerminal(int(os.Stdin.Fd())),
		openTerminal:     func() (io.ReadCloser, error) { return os.Open(terminalDevice) },
		stdoutIsTerminal: term.IsTerminal(int(os.Stdout.Fd())),
		stderrIsTerminal: term.IsTerminal(int(os.Stderr.Fd())),
		stderrWidth:      80,
		getenv:           os.Getenv, environ: os.Environ, now: time.Now, completionTimeout: time.Second, readFile: os.ReadFile, sameFile: sameFile,
		scratch: newScratch, saveCrash: saveCrash, prompt: askSecret, interruptible: interruptible,
	}
	if w, _, err := term.GetSize(int(os.Stderr.Fd())); err == nil {
		e.stderrWidth = w
	}
	e.open = func(path string) (io.ReadCloser, error) {
		if path == "-" {
			return io.NopCloser(e.stdin), nil
		}
		return openFile(path)
	}
	e.create = func(path string) (io.WriteCloser, error) {
		if path == "-" {
			return unclosed{e.stdout}, nil
		}
		return os.Create(path)
	}
	e.appendTo = appendTo
	return e
}

// openFile opens a file for reading, and no directory: reading that fails later,
// where nobody knows any more which flag named it.
func openFile(path string) (io.ReadCloser, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err == nil && info.IsDir() {
		_ = file.Close()
		return nil, &os.PathError{Op: "open", Path: path, Err: syscall.EISDIR}
	}
	return file, nil
}

// sameFile follows links, and knows a file that is there by what the system calls
// it, so that neither a relative path nor a second name hides it.
func sameFile(a, b string) bool {
	fileA, errA := os.Stat(a)
	fileB, errB := os.Stat(b)
	if errA == nil && errB == nil {
		return os.SameFile(fileA, fileB)
	}
	return errA != nil && errB != nil && realPath(a) == realPath(b)
}

// realPath is where a file will be that is not there yet.
func realPath(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		return filepath.Join(dir, filepath.Base(path))
	}
	return path
}

// appendTo opens a file for writing behind its last line, which is ended if a full
// disk or a lost machine has left a part of it only.
func appendTo(path string) (io.WriteCloser, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	if isTorn(path, file) {
		if _, err := file.WriteString("\n"); err != nil {
			return nil, errors.Join(err, file.Close())
		}
	}
	return file, nil
}

// isTorn says that an open file ends in the middle of a line. One that cannot be
// read is taken to be whole.
func isTorn(path string, file *os.File) bool {
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return false
	}
	reading, err := os.Open(path)
	if err != nil {
		return false
	}
	last := make([]byte, 1)
	_, err = reading.ReadAt(last, info.Size()-1)
	return errors.Join(err, reading.Close()) == nil && last[0] != '\n'
}

// unclosed is a writer that outlives whoever writes to it.
type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }

// tempFile removes itself when closed.
type tempFile struct{ *os.File }

func newScratch() (scratchFile, error) {
	f, err := os.CreateTemp("", "oriel-*")
	if err != nil {
		return nil, err
	}
	return tempFile{f}, nil
}

func (f tempFile) Close() error {
	return errors.Join(f.File.Close(), os.Remove(f.Name()))
}

func saveCrash(trace []byte) (string, error) {
	f, err := os.CreateTemp("", "oriel-crash-*.log")
	if err != nil {
		return "", err
	}
	_, err = f.Write(trace)
	return f.Name(), errors.Join(err, f.Close())
}

// terminalDevice is the terminal also where stdin and stderr are redirected.
const terminalDevice = "/dev/tty"

// askSecret gives the terminal back as it was, also if ctx ends before the answer.
func askSecret(ctx context.Context, question string) (string, error) {
	tty, err := os.OpenFile(terminalDevice, os.O_RDWR, 0)
	if err != nil {
		return "", errNoTerminal
	}
	state, err := term.GetState(int(tty.Fd()))
	if err != nil {
		return "", errors.Join(errNoTerminal, tty.Close())
	}
	if _, err := io.WriteString(tty, question); err != nil {
		return "", errors.Join(err, tty.Close())
	}
	type answer struct {
		text []byte
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		text, err := term.ReadPassword(int(tty.Fd()))
		answers <- answer{text, err}
	}()
	select {
	case a := <-answers:
		_, err := io.WriteString(tty, "\n")
		return string(a.text), errors.Join(a.err, err, tty.Close())
	case <-ctx.Done():
		// Whoever waits for a line cannot be told; the process is about to end.
		return "", errors.Join(context.Cause(ctx), term.Restore(int(tty.Fd()), state))
	}
}

func interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-signals:
			cancel(errInterrupted)
			// A second signal ends the process the hard way.
			signal.Reset(os.Interrupt, syscall.SIGTERM)
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		cancel(nil)
		signal.Stop(signals)
		<-done
	}
}

// errReaderGone is why nothing can be written to stdout any more where that is a
// pipe: it ends a run in order. Other pipes, of --sink or a broker, are not meant.
var errReaderGone = errors.New("the reader of stdout has gone")

// stdoutFile is stdout as the system has it.
type stdoutFile struct{ *os.File }

func (f stdoutFile) Write(p []byte) (int, error) {
	n, err := f.File.Write(p)
	return n, whyGone(err)
}

// WriteString is what io.WriteString calls.
func (f stdoutFile) WriteString(s string) (int, error) {
	n, err := f.File.WriteString(s)
	return n, whyGone(err)
}

func whyGone(err error) error {
	if errors.Is(err, syscall.EPIPE) {
		return fmt.Errorf("%w: %w", errReaderGone, err)
	}
	return err
}

// say tells the person at the terminal something in a line. That it could not
// be told is no error of the run.
func (e *env) say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	_, _ = io.WriteString(e.stderr, legible("oriel: "+text+"\n"))
	e.log.note(text)
}

// sayNotice says a notice that has words.
func (e *env) sayNotice(n stream.Notice) {
	if n.Text != "" {
		e.say("%s", n.Text)
	}
}

// legible is a text without what a terminal would obey: it may quote records and
// names that came from outside.
func legible(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return utf8.RuneError
		}
		return r
	}, text)
}

// exit ends the process.
func exit(code int) { os.Exit(code) }
