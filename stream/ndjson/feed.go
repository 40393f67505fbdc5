package ndjson

import (
	"context"
	"io"
)

// chunkSize is how much is read at once.
const chunkSize = 64 << 10

// feed hands out an input in chunks.
type feed interface {
	// next returns the next chunk, valid until the next call; io.EOF at the
	// end; the cause of ctx when it is done.
	next(ctx context.Context) ([]byte, error)
}

// fileFeed reads a file, which answers at once.
type fileFeed struct {
	r   io.Reader
	buf []byte
	err error // what the last read said beside its bytes
}

func newFileFeed(r io.Reader) *fileFeed { return &fileFeed{r: r, buf: make([]byte, chunkSize)} }

func (f *fileFeed) next(ctx context.Context) ([]byte, error) {
	for f.err == nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		var n int
		n, f.err = f.r.Read(f.buf)
		if n > 0 {
			return f.buf[:n], nil
		}
	}
	return nil, f.err
}

// pipeFeed reads what may keep silent: each read is a goroutine of its own, so
// that a context can end the wait. A read that is still waiting then cannot be
// interrupted; it ends with its next byte, or when the input is closed.
type pipeFeed struct {
	file    *fileFeed
	reading bool
	done    chan pipeRead
}

type pipeRead struct {
	chunk []byte
	err   error
}

func newPipeFeed(r io.Reader) *pipeFeed {
	return &pipeFeed{file: newFileFeed(r), done: make(chan pipeRead, 1)}
}

func (f *pipeFeed) next(ctx context.Context) ([]byte, error) {
	if !f.reading {
		f.reading = true
		go func() {
			chunk, err := f.file.next(context.WithoutCancel(ctx))
			f.done <- pipeRead{chunk, err}
		}()
	}
	select {
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case r := <-f.done:
		f.reading = false
		return r.chunk, r.err
	}
}
